"""Good requests to the local services."""

import functools
import tempfile
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from good_calls import Fresh, good
from workshop.personalize import EXAMPLE, MOVIELENS_ARN, LocalPersonalize
from workshop.sagemaker import LocalSageMaker, training_job_definition


@functools.cache
def client(service):
    return service()


def request(service, operation, **arguments):
    """The answer of a local service; its own exceptions are documented."""
    try:
        return getattr(client(service), operation)(**arguments)
    except (BotoCoreError, ClientError) as error:
        raise ValueError(str(error)) from error


SOLUTION = {"name": "films", "datasetGroupArn": MOVIELENS_ARN, **EXAMPLE}
SOLUTION_ARN = "arn:aws:personalize:local:000000000000:solution/films"
for operation, arguments in {
    "create_solution": SOLUTION,
    "describe_solution": {"solutionArn": SOLUTION_ARN},
    "list_solutions": {"maxResults": 10},
    "delete_solution": {"solutionArn": SOLUTION_ARN},
    "create_solution_version": {"solutionArn": SOLUTION_ARN + "-unknown", "trainingMode": "FULL"},
    "describe_solution_version": {"solutionVersionArn": SOLUTION_ARN + "/1"},
    "list_solution_versions": {"solutionArn": SOLUTION_ARN, "maxResults": 10},
    "get_solution_metrics": {"solutionVersionArn": SOLUTION_ARN + "/1"},
}.items():
    keep = ("name_",) if operation == "create_solution" else ()
    call = functools.partial(request, LocalPersonalize, operation)
    if "name" in arguments:
        arguments = {**arguments, "name_": arguments["name"]}
        del arguments["name"]
        call = functools.partial(lambda name_, **rest: request(LocalPersonalize, "create_solution", name=name_, **rest))
    good(LocalPersonalize, call=call, keep=keep, fails=True, **arguments)
good(
    LocalPersonalize,
    call=lambda path: LocalPersonalize(path),
    path=Fresh(lambda: Path(tempfile.mkdtemp(), "p.sqlite")),
    also=(OSError,),
)
good(training_job_definition, algorithm="xgboost", hyperparameters={"num_round": "2"}, source="s3://movielens/small")
for operation, arguments in {
    "create_hyper_parameter_tuning_job": {
        "HyperParameterTuningJobName": "fuzz",
        "HyperParameterTuningJobConfig": {
            "Strategy": "Random",
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:auc"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 0, "MaxParallelTrainingJobs": 1},
            "ParameterRanges": {"ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.9"}]},
        },
        "TrainingJobDefinition": training_job_definition("xgboost", {"num_round": "2"}),
    },
    "describe_hyper_parameter_tuning_job": {"HyperParameterTuningJobName": "fuzz"},
    "list_hyper_parameter_tuning_jobs": {"MaxResults": 10, "NameContains": "f", "SortOrder": "Ascending"},
    "list_training_jobs_for_hyper_parameter_tuning_job": {"HyperParameterTuningJobName": "fuzz", "MaxResults": 3},
    "describe_training_job": {"TrainingJobName": "fuzz-001"},
    "stop_hyper_parameter_tuning_job": {"HyperParameterTuningJobName": "fuzz"},
    "delete_hyper_parameter_tuning_job": {"HyperParameterTuningJobName": "fuzz"},
}.items():
    good(LocalSageMaker, call=functools.partial(request, LocalSageMaker, operation), fails=True, **arguments)
good(LocalSageMaker, call=lambda job: request(LocalSageMaker, "analytics", name=job), job="fuzz", fails=True)
