"""A client of SageMaker that runs nothing, and a request to begin with."""

import copy

import pytest

pytest.importorskip("botocore.session")
from pieces import DEPTH, ETA, STATIC, continuous, integer, limits, objective

from workshop import cloud
from workshop.cloud.sagemaker import SageMaker
from workshop.cloud.service import answer_with, new_client
from workshop.cloud.tuning_job import TuningJob

collect_ignore = ["pieces.py"]  # read by the tests, no test itself


@pytest.fixture
def service(monkeypatch):
    """SageMaker, whose jobs stay in progress: nobody runs them."""
    monkeypatch.setattr(TuningJob, "run", lambda self: None)
    return SageMaker({cloud.MOVIELENS_URI: None, "s3://mine": None})


@pytest.fixture
def idle(service):
    """A client of that service."""
    return answer_with(new_client("sagemaker"), service)


@pytest.fixture(scope="session")
def a_request():
    """A function that makes a good request; other keywords than these go into its HyperParameterTuningJobConfig."""

    def make(name="films", *, algorithm="xgboost", static=STATIC, ranges=None, warm=(), definition=(), **config):
        job = objective("validation:auc", "Maximize") | limits() | {"Strategy": "Random", "RandomSeed": 0}
        job["ParameterRanges"] = ranges or continuous(ETA | {"ScalingType": "Logarithmic"}) | integer(DEPTH)
        request = {
            "HyperParameterTuningJobName": name,
            "HyperParameterTuningJobConfig": job | config,
            "TrainingJobDefinition": cloud.training_job_definition(algorithm, static) | dict(definition),
        }
        if warm:
            kind, *parents = warm
            parents = [{"HyperParameterTuningJobName": parent} for parent in parents]
            request["WarmStartConfig"] = {"ParentHyperParameterTuningJobs": parents, "WarmStartType": kind}
        return copy.deepcopy(request)

    return make
