"""Amazon Personalize's and SageMaker's tuning, behind botocore's own clients, without an account.

A client from here is one of botocore, the library below boto3, with its methods, exceptions, paginators and waiters.
Its requests are answered in this process, by real training on the ratings that ship. The same code runs in the cloud
once the client is ``boto3.client("sagemaker")``, and the role and the addresses are your own. And code for the cloud
that is there already runs here with one line more: ``cloud.answer(client)``.

>>> import time
>>> from workshop import cloud
>>> client = cloud.client("sagemaker")
>>> job = {
...     "Strategy": "Bayesian",
...     "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:auc"},
...     "ResourceLimits": {"MaxNumberOfTrainingJobs": 3, "MaxParallelTrainingJobs": 1},
...     "ParameterRanges": {"ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5"}]},
... }
>>> training = cloud.training_job_definition("xgboost", {"objective": "binary:logistic", "num_round": "20"})
>>> films = {"HyperParameterTuningJobName": "films"}
>>> _ = client.create_hyper_parameter_tuning_job(
...     **films, HyperParameterTuningJobConfig=job, TrainingJobDefinition=training
... )
>>> while client.describe_hyper_parameter_tuning_job(**films)["HyperParameterTuningJobStatus"] == "InProgress":
...     time.sleep(0.2)
>>> bool(cloud.analytics(client, "films")["FinalObjectiveValue"].max() > 0.74)
True
"""

from collections.abc import Mapping
from typing import Any

from workshop.cloud.personalize import MOVIELENS_ARN, Personalize
from workshop.cloud.sagemaker import MOVIELENS_URI, SageMaker, analytics, training_job_definition
from workshop.cloud.service import answer_with, new_client
from workshop.datasets import Ratings

__all__ = ["MOVIELENS_ARN", "MOVIELENS_URI", "analytics", "answer", "client", "training_job_definition"]

SERVICES = {"personalize": Personalize, "sagemaker": SageMaker}


def client(name: str, *, datasets: Mapping[str, Ratings | None] | None = None) -> Any:
    """Return a client of botocore whose requests are answered here; each one begins with nothing made.

    `name` is personalize or sagemaker; `datasets` says what an ARN of a dataset group, or an address on S3, stands for:
    by default `MOVIELENS_ARN`, or `MOVIELENS_URI`, for the ratings that ship. It reads no credentials, and no settings
    of AWS on this computer. ImportError if botocore is not installed.

    Examples
    --------
    >>> personalize = client("personalize")
    >>> recipe = "arn:aws:personalize:::recipe/aws-sims"
    >>> made = personalize.create_solution(name="films", datasetGroupArn=MOVIELENS_ARN, recipeArn=recipe)
    >>> made["solutionArn"]
    'arn:aws:personalize:local:000000000000:solution/films'
    """
    if not isinstance(name, str) or name not in SERVICES:
        raise ValueError(f"name={name!r} is not answered here; give one of {', '.join(SERVICES)}")
    return answer(new_client(name), datasets=datasets)


def answer(client: Any, *, datasets: Mapping[str, Ratings | None] | None = None) -> Any:
    """Return `client`, of boto3 or botocore, its requests answered here from now on instead of in the cloud.

    Examples
    --------
    >>> import botocore.session
    >>> mine = botocore.session.Session().create_client("sagemaker", region_name="us-east-1")
    >>> answer(mine).list_hyper_parameter_tuning_jobs()["HyperParameterTuningJobSummaries"]
    []
    """
    model = getattr(getattr(client, "meta", None), "service_model", None)
    if model is None:
        raise TypeError(f"client={client!r} is not a client of boto3 or botocore; give boto3.client('sagemaker')")
    if not isinstance(datasets, Mapping | None):
        raise TypeError(f"datasets={datasets!r} is not a mapping; give {{MOVIELENS_URI: ratings}}, say")
    if model.service_name not in SERVICES:
        raise ValueError(f"client is one for {model.service_name}; answered here are {', '.join(SERVICES)}")
    return answer_with(client, SERVICES[model.service_name](datasets))
