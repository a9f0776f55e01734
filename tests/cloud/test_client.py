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

from workshop import cloud
from workshop.cloud.service import Hyperparameter, answer_with, new_client, page, violations
from workshop.tuning import Categorical, Float, Int

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


def python(code, **environment):
    command = [sys.executable, "-c", textwrap.dedent(code)]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True)


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
    done = python(code, **ODD, **files)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_without_botocore_the_message_says_what_to_install():
    done = python("import sys; sys.modules['botocore'] = None; from workshop import cloud; cloud.client('sagemaker')")
    assert "ImportError: workshop.cloud needs boto3: pip install 'recommender-workshop[cloud]'" in done.stderr


@pytest.mark.parametrize("name", ["personalize", "sagemaker"])
def test_a_client_that_a_user_made_is_answered_without_network_and_account(monkeypatch, name):
    def refuse(*args, **kwargs):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    for variable in [variable for variable in os.environ if variable.startswith("AWS_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")  # or botocore itself looks for a machine of the cloud
    client = botocore.session.Session().create_client(name, region_name="eu-central-1")
    assert cloud.answer(client) is client
    answer = client.list_solutions() if name == "personalize" else client.list_hyper_parameter_tuning_jobs()
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert answer["ResponseMetadata"]["RetryAttempts"] == 0


def test_paginators_walk_through_all_pages_of_a_client_that_keeps_what_it_has_when_answered_twice():
    client = cloud.client("personalize")
    for name in "abcde":
        recipe = "arn:aws:personalize:::recipe/aws-sims"
        client.create_solution(name=name, datasetGroupArn=cloud.MOVIELENS_ARN, recipeArn=recipe)
    pages = list(cloud.answer(client).get_paginator("list_solutions").paginate(PaginationConfig={"PageSize": 2}))
    assert [[solution["name"] for solution in p["solutions"]] for p in pages] == [["a", "b"], ["c", "d"], ["e"]]
    assert client.list_solutions(datasetGroupArn=cloud.MOVIELENS_ARN + "-2")["solutions"] == []
    assert len(list(client.get_paginator("list_solutions").paginate(PaginationConfig={"PageSize": 5}))) == 1
    assert cloud.client("personalize").list_solutions()["solutions"] == [], "each client begins with nothing"


@pytest.mark.parametrize("token", ["x", "-1", "4", "", "²"])
def test_a_token_that_no_page_gave_is_refused(token):
    with pytest.raises(ValueError, match="give the one of the previous answer"):
        page("jobs", ["a", "b", "c"], {"NextToken": token}, size=10)


def test_other_clients_are_refused():
    with pytest.raises(ValueError, match=r"name='s3' is not answered here; give one of personalize, sagemaker"):
        cloud.client("s3")
    with pytest.raises(ValueError, match="client is one for s3"):
        cloud.answer(new_client("s3"))
    with pytest.raises(TypeError, match="is not a client of boto3 or botocore"):
        cloud.answer("sagemaker")


def test_exceptions_have_the_classes_of_the_service():
    client = cloud.client("sagemaker")
    with pytest.raises(client.exceptions.ResourceNotFound, match="can't find a tuning job") as caught:
        client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="films")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    with pytest.raises(ParamValidationError, match="Missing required parameter"):
        client.describe_hyper_parameter_tuning_job()
    words = r"not offered here; offered are create_hyper.*, describe_training_job"
    with pytest.raises(ClientError, match=words) as caught:
        client.list_endpoints()
    assert caught.value.response["Error"]["Code"] == "UnknownOperationException"


def test_a_service_is_any_function_whose_answer_botocore_reads_and_whose_faults_are_not_hidden():
    asked = []
    client = answer_with(new_client("sagemaker"), lambda *call: asked.append(call) or {"CreationTime": 0, "Odd": 1})
    answer = client.describe_training_job(TrainingJobName="a")
    assert asked == [("DescribeTrainingJob", {"TrainingJobName": "a"})]
    assert answer["CreationTime"] == datetime.fromtimestamp(0, UTC)
    assert "Odd" not in answer, "what the service does not answer is left out"
    with pytest.raises(ZeroDivisionError):
        answer_with(new_client("personalize"), lambda *call: 1 / 0).list_solutions()


def test_values_of_numpy_pass(idle, a_request):
    criteria = {"TargetObjectiveMetricValue": np.float64(0.7)}
    idle.create_hyper_parameter_tuning_job(**a_request(TuningJobCompletionCriteria=criteria))
    found = idle.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="films")
    assert found["HyperParameterTuningJobConfig"]["TuningJobCompletionCriteria"] == {"TargetObjectiveMetricValue": 0.7}


CONFIG = "HyperParameterTuningJobConfig"


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({CONFIG: {"ResourceLimits": {"MaxRuntimeInSeconds": 10**9}}}, "1000000000; give at most 15768000"),
        ({CONFIG: {"Strategy": "Sideways"}}, "'Sideways'; give one of Bayesian, Random, Hyperband, Grid"),
        ({"HyperParameterTuningJobName": "films_2"}, "'films_2'; it has to match the pattern [a-zA-Z0-9]"),
        ({"Tags": [{"Key": "k", "Value": "v"}] * 51}, "; give at most 50"),
        ({"Tags": [{"Key": "k" * 129, "Value": "v"}]}, "; give at most 128"),
        ({"TrainingJobDefinition": {"StaticHyperParameters": {"k" * 257: "v"}}}, "; give at most 256"),
        ({"TrainingJobDefinition": {"StaticHyperParameters": {"key": "v" * 2501}}}, "; give at most 2500"),
    ],
)
def test_a_limit_that_botocore_leaves_to_the_service_is_told_in_words(request_, said):
    shape = new_client("sagemaker").meta.service_model.operation_model("CreateHyperParameterTuningJob").input_shape
    (problem,) = violations(request_, shape)
    assert said in problem


def test_a_service_refuses_what_passes_such_a_limit_with_its_own_exception(idle, a_request):
    with pytest.raises(ClientError, match="it has to match the pattern") as caught:
        idle.create_hyper_parameter_tuning_job(**a_request("films_2"))
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    client = cloud.client("personalize")
    with pytest.raises(client.exceptions.InvalidInputException, match="solutionArn is 'nobody'; it has to match"):
        client.describe_solution(solutionArn="nobody")


@pytest.mark.parametrize(
    ("limits", "accepted", "bad"),
    [
        (Int(1, 512), {"55": 55, "512": 512}, ["0", "513", "-3", "4.5", "many", "", "1_0", "True", " 4", "+2", "0x10"]),
        (Int(1, 40), {"1": 1}, ["2.0", "1e1", "4 ", "４", "²"]),
        (Float(0, 1), {"1e-1": 0.1, "0": 0, "0.7": 0.7}, ["1.01", "-0.1", "nan", "inf", "half", "", "0,5", " 0.1"]),
        (Categorical([True, False]), {"True": True, "false": False}, ["1", "yes", "", "none"]),
        (Categorical(["gbtree", "dart"]), {"dart": "dart"}, ["Dart", "tree", ""]),
    ],
)
def test_a_string_stands_for_a_value_within_the_limits_or_is_refused(limits, accepted, bad):
    parameter = Hyperparameter(None, limits)
    assert {text: parameter.parse("x", text) for text in accepted} == accepted
    for text in bad:
        with pytest.raises(ValueError, match=r"x is .*; give .* as a string"):
            parameter.parse("x", text)
