"""Clients whose services can be looked into, some of which run nothing, and a request to begin with."""

import copy
import json
import time

import pytest

pytest.importorskip("botocore.session")
from good_requests import DEPTH, ETA, FINISHED, MOVIELENS_URI
from shapes import asked

from workshop.cloud import training_job_definition
from workshop.cloud.personalize import Personalize
from workshop.cloud.sagemaker import SageMaker
from workshop.cloud.service import answer_with, new_client
from workshop.cloud.tuning_job import TuningJob

STATIC = {"objective": "binary:logistic", "num_round": "3", "tree_method": "hist", "max_bin": "32"}
PATIENCE = 120  # seconds
collect_ignore = ["shapes.py", "good_requests.py", "bad_requests.py"]  # read by the tests, no tests themselves


def pair(service):
    """A client and the service behind it, whose content `service.content()` tells."""
    client = answer_with(new_client(service.__class__.__name__.lower()), service)
    things = [getattr(service, name) for name in ("_jobs", "_solutions", "_versions") if hasattr(service, name)]
    service.content = lambda: json.dumps([{k: getattr(v, "status", v) for k, v in kind.items()} for kind in things])
    return client, service


@pytest.fixture
def idle(monkeypatch):
    """SageMaker's client and service, whose jobs stay in progress: nobody runs them."""
    monkeypatch.setattr(TuningJob, "run", lambda self: None)
    return pair(SageMaker({MOVIELENS_URI: None, "s3://mine": None}))


@pytest.fixture
def waiting(monkeypatch):
    """Personalize's client and service, whose versions wait: nobody trains them."""
    monkeypatch.setattr("workshop.cloud.personalize.train_after", lambda *args: None)
    return pair(Personalize())


@pytest.fixture
def with_jobs(idle, a_request):
    """As `idle`, with one job in progress and one that is completed."""
    client, service = idle
    for name in ("taken", FINISHED):
        client.create_hyper_parameter_tuning_job(**a_request(name))
    service._jobs[FINISHED].end("Completed")
    return idle


@pytest.fixture(scope="session")
def a_request():
    """A function that makes a good request; keywords go into its HyperParameterTuningJobConfig."""

    def make(name="films", *, algorithm="xgboost", static=STATIC, ranges=None, warm=None, **config):
        eta = ETA | {"ScalingType": "Logarithmic"}
        job = {
            "Strategy": "Random",
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:auc"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 1},
            "ParameterRanges": ranges or {"ContinuousParameterRanges": [eta], "IntegerParameterRanges": [DEPTH]},
            "RandomSeed": 0,
        }
        request = {
            "HyperParameterTuningJobName": name,
            "HyperParameterTuningJobConfig": job | config,
            "TrainingJobDefinition": training_job_definition(algorithm, static),
        }
        if warm:
            parents = [{"HyperParameterTuningJobName": parent} for parent in warm[1:]]
            request["WarmStartConfig"] = {"ParentHyperParameterTuningJobs": parents, "WarmStartType": warm[0]}
        return copy.deepcopy(request)

    return make


@pytest.fixture(scope="session")
def wait():
    """A function that waits for a job's end and returns its description."""

    def until_done(client, name="films"):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = asked(client, "describe_hyper_parameter_tuning_job", HyperParameterTuningJobName=name)
            if found["HyperParameterTuningJobStatus"] not in ("InProgress", "Stopping"):
                return found
            time.sleep(0.02)
        raise AssertionError(f"still {found['HyperParameterTuningJobStatus']} after {PATIENCE} seconds")

    return until_done
