"""Good requests to the services behind `workshop.cloud`."""

import functools

from botocore.exceptions import BotoCoreError, ClientError
from good_calls import good

from workshop import cloud
from workshop.cloud.service import new_client

made = functools.cache(cloud.client)


def request(service, operation, **arguments):
    """The answer of a service; its own exceptions are documented."""
    try:
        return getattr(made(service), operation)(**arguments)
    except (BotoCoreError, ClientError) as error:
        raise ValueError(str(error)) from error


SOLUTION_ARN = "arn:aws:personalize:local:000000000000:solution/films"
for operation, arguments in {
    "create_solution": {
        "datasetGroupArn": cloud.MOVIELENS_ARN,
        "recipeArn": "arn:aws:personalize:::recipe/aws-hrnn",
        "performHPO": True,
        "solutionConfig": {
            "algorithmHyperParameters": {"hidden_dimension": "55"},
            "hpoConfig": {
                "algorithmHyperParameterRanges": {
                    "integerHyperParameterRanges": [{"name": "bptt", "minValue": 20, "maxValue": 40}]
                }
            },
        },
    },
    "describe_solution": {"solutionArn": SOLUTION_ARN},
    "list_solutions": {"maxResults": 10},
    "delete_solution": {"solutionArn": SOLUTION_ARN},
    "create_solution_version": {"solutionArn": SOLUTION_ARN + "-unknown", "trainingMode": "FULL"},
    "describe_solution_version": {"solutionVersionArn": SOLUTION_ARN + "/1"},
    "list_solution_versions": {"solutionArn": SOLUTION_ARN, "maxResults": 10},
    "get_solution_metrics": {"solutionVersionArn": SOLUTION_ARN + "/1"},
}.items():
    fixed = {"name": "films"} if operation == "create_solution" else {}  # as `good` itself takes a name
    good(cloud.client, call=functools.partial(request, "personalize", operation, **fixed), fails=True, **arguments)
for operation, arguments in {
    "create_hyper_parameter_tuning_job": {
        "HyperParameterTuningJobName": "fuzz",
        "HyperParameterTuningJobConfig": {
            "Strategy": "Random",
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:auc"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 0, "MaxParallelTrainingJobs": 1},
            "ParameterRanges": {"ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.9"}]},
        },
        "TrainingJobDefinition": cloud.training_job_definition("xgboost", {"num_round": "2"}),
    },
    "describe_hyper_parameter_tuning_job": {"HyperParameterTuningJobName": "fuzz"},
    "list_hyper_parameter_tuning_jobs": {"MaxResults": 10, "NameContains": "f", "SortOrder": "Ascending"},
    "list_training_jobs_for_hyper_parameter_tuning_job": {"HyperParameterTuningJobName": "fuzz", "MaxResults": 3},
    "describe_training_job": {"TrainingJobName": "fuzz-001"},
    "stop_hyper_parameter_tuning_job": {"HyperParameterTuningJobName": "fuzz"},
    "delete_hyper_parameter_tuning_job": {"HyperParameterTuningJobName": "fuzz"},
}.items():
    good(cloud.client, call=functools.partial(request, "sagemaker", operation), fails=True, **arguments)


def table(job):
    try:
        return cloud.analytics(made("sagemaker"), job)
    except (BotoCoreError, ClientError) as error:
        raise ValueError(str(error)) from error


good(cloud.analytics, call=table, job="fuzz", fails=True)
good(cloud.answer, client=new_client("sagemaker"))
good(
    cloud.training_job_definition,
    algorithm="xgboost",
    hyperparameters={"num_round": "2"},
    source="s3://movielens/small",
)
