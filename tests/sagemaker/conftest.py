"""A client that runs nothing, botocore's own view of the service, and requests to begin with."""

import copy
import json
import time
from datetime import datetime

import pytest

botocore_session = pytest.importorskip("botocore.session")
from botocore.parsers import create_parser  # noqa: E402
from botocore.validate import ParamValidator  # noqa: E402

from workshop.sagemaker import LocalSageMaker, training_job_definition  # noqa: E402

ETA = {"Name": "eta", "MinValue": "0.01", "MaxValue": "0.5", "ScalingType": "Logarithmic"}
DEPTH = {"Name": "max_depth", "MinValue": "1", "MaxValue": "8"}
STATIC = {"objective": "binary:logistic", "num_round": "3", "tree_method": "hist", "max_bin": "32"}
PATIENCE = 60  # seconds


@pytest.fixture(scope="session")
def model():
    return botocore_session.Session().get_service_model("sagemaker")


@pytest.fixture(scope="session")
def cloud():
    """boto3's own client; the keys are good for nothing, and nothing is sent."""
    keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
    return botocore_session.Session().create_client("sagemaker", region_name="us-east-1", **keys)


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
    """A function that checks an answer against its shape, and that it survives the service's own encoding."""

    def check(answer, operation):
        shape = model.operation_model(operation).output_shape
        report = ParamValidator().validate(answer, shape)
        assert not report.has_errors(), report.generate_report()
        body = json.dumps(answer, default=datetime.timestamp).encode()
        parsed = create_parser("json").parse({"body": body, "headers": {}, "status_code": 200}, shape)
        parsed.pop("ResponseMetadata")
        sent, back = (
            json.dumps(r, default=lambda d: round(d.timestamp(), 3), sort_keys=True) for r in (answer, parsed)
        )
        assert sent == back

    return check


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
