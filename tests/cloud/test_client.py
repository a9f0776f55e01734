"""The client is botocore's own; ours is that nothing leaves the process, and no settings of the computer are read."""

import os
import subprocess
import sys
import textwrap
from datetime import UTC, datetime

import numpy as np
import pytest

pytest.importorskip("botocore.session")
import botocore.session
from botocore.exceptions import ClientError, ParamValidationError
from shapes import changed

from workshop import cloud
from workshop.cloud.service import answer_with, new_client, page, violations

SIMS = "arn:aws:personalize:::recipe/aws-sims"
ODD = {
    "AWS_PROFILE": "nobody",
    "AWS_DEFAULT_REGION": "not a region",
    "AWS_ENDPOINT_URL": "http://somewhere.else",
    "AWS_ENDPOINT_URL_SAGEMAKER": "http://somewhere.else",
    "AWS_RETRY_MODE": "odd",
    "AWS_MAX_ATTEMPTS": "many",
    "AWS_DEFAULTS_MODE": "odd",
    "AWS_CA_BUNDLE": "/nowhere",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "odd",
    "AWS_DATA_PATH": "/nowhere",
    "HTTPS_PROXY": "http://nowhere:1",
}


@pytest.fixture
def offline(monkeypatch):
    """No socket can be opened, and no credentials are there."""

    def refuse(*args, **kwargs):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")  # or botocore itself looks for a machine of the cloud


def test_settings_and_files_of_the_computer_do_not_matter(tmp_path):
    secret = tmp_path / "config"
    secret.write_text("not a file of settings")
    code = """
        from workshop import cloud
        for name in ("sagemaker", "personalize"):
            client = cloud.client(name)
            assert client._request_signer._credentials is None
        print(client.list_solutions()["solutions"])
    """
    files = {"AWS_CONFIG_FILE": str(secret), "AWS_SHARED_CREDENTIALS_FILE": str(secret), "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], env=os.environ | ODD | files, capture_output=True, text=True
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


@pytest.mark.parametrize("name", ["personalize", "sagemaker"])
def test_a_client_that_a_user_made_is_answered_without_network_and_account(offline, name):
    client = botocore.session.Session().create_client(name, region_name="eu-central-1")
    assert cloud.answer(client) is client
    answer = client.list_solutions() if name == "personalize" else client.list_hyper_parameter_tuning_jobs()
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert answer["ResponseMetadata"]["RetryAttempts"] == 0


def test_answering_twice_keeps_what_is_there():
    client = cloud.client("personalize")
    client.create_solution(name="films", datasetGroupArn=cloud.MOVIELENS_ARN, recipeArn=SIMS)
    assert len(cloud.answer(client).list_solutions()["solutions"]) == 1
    assert cloud.client("personalize").list_solutions()["solutions"] == [], "each client begins with nothing"


def test_other_clients_are_refused():
    with pytest.raises(ValueError, match=r"name='s3' is not answered here; give one of personalize, sagemaker"):
        cloud.client("s3")
    with pytest.raises(ValueError, match="client is one for s3"):
        cloud.answer(new_client("s3"))
    with pytest.raises(TypeError, match="is not a client of boto3 or botocore"):
        cloud.answer("sagemaker")


def test_an_operation_that_is_not_offered_says_so_and_lists_those_that_are():
    words = r"not offered here; offered are create_hyper.*, describe_training_job"
    with pytest.raises(ClientError, match=words) as caught:
        cloud.client("sagemaker").list_endpoints()
    assert caught.value.response["Error"]["Code"] == "UnknownOperationException"


def test_exceptions_have_the_classes_of_the_service():
    client = cloud.client("sagemaker")
    with pytest.raises(client.exceptions.ResourceNotFound, match="can't find a tuning job") as caught:
        client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="films")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    with pytest.raises(ParamValidationError, match="Missing required parameter"):
        client.describe_hyper_parameter_tuning_job()


def test_a_fault_in_a_service_is_not_hidden():
    def service(operation, request):
        raise ZeroDivisionError("of the service")

    with pytest.raises(ZeroDivisionError, match="of the service"):
        answer_with(new_client("personalize"), service).list_solutions()


def test_a_service_is_any_function_and_botocore_reads_its_answer():
    asked = []
    client = answer_with(new_client("sagemaker"), lambda *call: asked.append(call) or {"CreationTime": 0, "Odd": 1})
    answer = client.describe_training_job(TrainingJobName="a")
    assert asked == [("DescribeTrainingJob", {"TrainingJobName": "a"})]
    assert answer["CreationTime"] == datetime.fromtimestamp(0, UTC)
    assert "Odd" not in answer, "what the service does not answer is left out"


def test_paginators_walk_through_all_pages():
    client = cloud.client("personalize")
    for name in "abcde":
        client.create_solution(name=name, datasetGroupArn=cloud.MOVIELENS_ARN, recipeArn=SIMS)
    pages = list(client.get_paginator("list_solutions").paginate(PaginationConfig={"PageSize": 2}))
    assert [[solution["name"] for solution in p["solutions"]] for p in pages] == [["a", "b"], ["c", "d"], ["e"]]
    assert client.list_solutions(datasetGroupArn=cloud.MOVIELENS_ARN + "-2")["solutions"] == []
    assert len(list(client.get_paginator("list_solutions").paginate(PaginationConfig={"PageSize": 5}))) == 1


@pytest.mark.parametrize("token", ["x", "-1", "4", "", "²"])
def test_a_token_that_no_page_gave_is_refused(token):
    with pytest.raises(ValueError, match="give the one of the previous answer"):
        page("jobs", ["a", "b", "c"], {"NextToken": token}, size=10)


def test_values_of_numpy_pass(idle, a_request):
    client, _ = idle
    criteria = {"TargetObjectiveMetricValue": np.float64(0.7)}
    client.create_hyper_parameter_tuning_job(**a_request(TuningJobCompletionCriteria=criteria))
    found = client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="films")
    assert found["HyperParameterTuningJobConfig"]["TuningJobCompletionCriteria"] == {"TargetObjectiveMetricValue": 0.7}


def test_a_limit_that_botocore_leaves_to_the_service_is_told_in_words(a_request):
    shape = new_client("sagemaker").meta.service_model.operation_model("CreateHyperParameterTuningJob").input_shape
    seconds = ("HyperParameterTuningJobConfig", "ResourceLimits", "MaxRuntimeInSeconds")
    (said,) = violations(changed(a_request(), seconds, 10**9), shape)
    assert said == f"{'.'.join(seconds)} is 1000000000; give at most 15768000"


def test_without_botocore_the_message_says_what_to_install():
    code = "import sys; sys.modules['botocore'] = None; from workshop import cloud; cloud.client('sagemaker')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "ImportError: workshop.cloud needs boto3: pip install 'recommender-workshop[cloud]'" in done.stderr
