"""Requests as botocore and the service see them: what is accepted, and that what is refused changes nothing."""

import copy
import json

import pytest

pytest.importorskip("botocore.session")
from bad_requests import (
    beyond_limits,
    full,
    refused,
    wrong_calls,
    wrong_configs,
    wrong_definitions,
    wrong_static,
    wrong_types,
    wrong_warm_starts,
)
from botocore.stub import Stubber
from botocore.validate import ParamValidator
from good_requests import CREATE, ETA, GOOD, continuous, limits, objective


@pytest.mark.parametrize("config", GOOD, ids=range(len(GOOD)))
def test_accepted_requests_and_their_answers_pass_through_the_real_client(idle, cloud, a_request, conforms, config):
    request = a_request(**config)
    name = {"HyperParameterTuningJobName": request["HyperParameterTuningJobName"]}
    calls = [(CREATE, "CreateHyperParameterTuningJob", request)]
    calls += [("describe_hyper_parameter_tuning_job", "DescribeHyperParameterTuningJob", name)]
    calls += [("list_hyper_parameter_tuning_jobs", "ListHyperParameterTuningJobs", {})]
    list_training = "list_training_jobs_for_hyper_parameter_tuning_job"
    calls += [(list_training, "ListTrainingJobsForHyperParameterTuningJob", name)]
    for method, operation, arguments in calls:
        answer = getattr(idle, method)(**copy.deepcopy(arguments))
        conforms(answer, operation)
        with Stubber(cloud) as stub:
            stub.add_response(method, answer, arguments)
            assert getattr(cloud, method)(**arguments) == answer
        if method.startswith("describe"):
            assert answer.items() >= request.items()
            assert answer["HyperParameterTuningJobStatus"] == "InProgress"


def test_the_real_client_sends_just_this(cloud, a_request):
    sent = []
    cloud.meta.events.register("before-send.sagemaker.*", lambda request, **_: sent.append(request) or reply())
    request = a_request(**GOOD[6])
    cloud.create_hyper_parameter_tuning_job(**request)
    assert json.loads(sent[0].body) == request
    assert sent[0].headers["X-Amz-Target"] == b"SageMaker.CreateHyperParameterTuningJob"


def reply():
    from botocore.awsrequest import AWSResponse

    class Raw:
        def stream(self):
            yield b'{"HyperParameterTuningJobArn": "arn"}'

    return AWSResponse("https://sagemaker", 200, {}, Raw())


@pytest.mark.slow
def test_bad_requests_get_the_right_exception_and_change_nothing(with_jobs, model, a_request):
    shape = model.operation_model("CreateHyperParameterTuningJob").input_shape
    request = full(a_request)
    cases = [*wrong_types(request, shape), *beyond_limits(request, shape), *wrong_definitions(a_request())]
    for configs in (wrong_configs(), wrong_static(), wrong_warm_starts()):
        cases += [(a_request(**config), expected) for config, expected in configs]
    calls = [(CREATE, case, expected) for case, expected in cases] + list(wrong_calls())
    for method, case, expected in calls:
        refused(with_jobs, method, case, expected)
    assert len(calls) >= 400
    by_service = [case for case, expected in cases if isinstance(expected, str)]
    assert len(by_service) >= 200


def test_botocore_itself_refuses_what_is_refused_before_sending(with_jobs, cloud, model, a_request):
    shape = model.operation_model("CreateHyperParameterTuningJob").input_shape
    n = 0
    for case, expected in wrong_types(full(a_request), shape):
        with pytest.raises(expected) as there:
            cloud.create_hyper_parameter_tuning_job(**case)
        with pytest.raises(expected) as here:
            with_jobs.create_hyper_parameter_tuning_job(**case)
        assert str(here.value) == str(there.value)
        n += 1
    assert n > 100


def test_what_only_the_service_refuses_passes_botocore(model, a_request):
    shape = model.operation_model("CreateHyperParameterTuningJob").input_shape
    for configs in (wrong_configs(), wrong_static(), wrong_warm_starts()):
        for config, expected in configs:
            if isinstance(expected, str):
                assert not ParamValidator().validate(a_request(**config), shape).has_errors(), config


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"ranges": continuous(ETA | {"MinValue": "0", "ScalingType": "Logarithmic"})}, "give a MinValue above 0"),
        ({"ranges": continuous(ETA | {"Name": "rate_drop"})}, "rate_drop of xgboost is not tunable; give it one value"),
        (objective("validation:auc", "Minimize"), "the Type must be Maximize"),
        ({"static": {}}, "xgboost needs num_round; add it to StaticHyperParameters"),
        ({"Strategy": "Hyperband"}, "MaxResource parameter is not provided and could not be inferred"),
        (limits(MaxNumberOfTrainingJobs=800), "limit 'Maximum number of training jobs per hyperparameter tuning job'"),
        ({"warm": ("TransferLearning", "taken")}, "tuning job taken is InProgress; a parent must be Completed"),
    ],
)
def test_messages_say_what_helps(with_jobs, a_request, config, words):
    with pytest.raises(with_jobs.exceptions.ClientError, match=words):
        with_jobs.create_hyper_parameter_tuning_job(**a_request(**config))
