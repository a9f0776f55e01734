"""A client that runs nothing, botocore's own view of the service, and requests to begin with."""

import copy
import time

import pytest

pytest.importorskip("botocore.session")
import shapes
from good_requests import FINISHED
from workshop.sagemaker import LocalSageMaker, training_job_definition

ETA = {"Name": "eta", "MinValue": "0.01", "MaxValue": "0.5", "ScalingType": "Logarithmic"}
DEPTH = {"Name": "max_depth", "MinValue": "1", "MaxValue": "8"}
STATIC = {"objective": "binary:logistic", "num_round": "3", "tree_method": "hist", "max_bin": "32"}
PATIENCE = 60  # seconds
collect_ignore = ["shapes.py", "good_requests.py", "bad_requests.py"]  # read by the tests, no tests themselves


@pytest.fixture(scope="session")
def model():
    return shapes.service_model("sagemaker")


@pytest.fixture(scope="session")
def cloud():
    return shapes.real_client("sagemaker")


@pytest.fixture
def idle(tmp_path, monkeypatch):
    """A client whose jobs stay in progress: nobody runs them."""
    monkeypatch.setattr("workshop.sagemaker.client.run", lambda *args: None)
    return LocalSageMaker(tmp_path / "idle")


@pytest.fixture(scope="session")
def a_request():
    """A function that makes a good request; keywords go into its HyperParameterTuningJobConfig."""

    def make(name="films", *, algorithm="xgboost", static=STATIC, ranges=None, warm=None, **config):
        job = {
            "Strategy": "Random",
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:auc"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 1},
            "ParameterRanges": ranges or {"ContinuousParameterRanges": [ETA], "IntegerParameterRanges": [DEPTH]},
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
def conforms(model):
    """A function (answer, operation) that checks an answer."""
    return lambda answer, operation: shapes.conforms(answer, model, operation)


@pytest.fixture(scope="session")
def wait():
    """A function that waits for a job's end and returns its description."""

    def until_done(client, name="films", *, active=("InProgress", "Stopping")):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
            if found["HyperParameterTuningJobStatus"] not in active:
                return found
            time.sleep(0.02)
        raise AssertionError(f"still {found['HyperParameterTuningJobStatus']} after {PATIENCE} seconds")

    return until_done


@pytest.fixture
def with_jobs(idle, a_request):
    """A client with one job in progress and one that is completed."""
    for name in ("taken", FINISHED):
        idle.create_hyper_parameter_tuning_job(**a_request(name))
    idle._jobs.update(2, status="Completed")
    return idle
