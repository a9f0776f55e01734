"""Requests to SageMaker: what is accepted, what is refused and changes nothing, and what the rules make of them."""

import copy
from datetime import UTC, datetime, timedelta

import pytest

pytest.importorskip("botocore.session")
from bad_requests import (
    BAD,
    full,
    wrong_calls,
    wrong_configs,
    wrong_definitions,
    wrong_static,
    wrong_warm_starts,
)
from good_requests import DEPTH, ETA, FINISHED, GOOD, MOVIELENS_URI, continuous, integer, limits, objective
from shapes import asked, beyond_limits, refused

from workshop.cloud import training_job_definition
from workshop.cloud.algorithms import ALGORITHMS, Data
from workshop.cloud.service import as_ranges
from workshop.cloud.tuning_job import as_job, find_algorithm
from workshop.tuning import Categorical, Float, Int

CREATE = "create_hyper_parameter_tuning_job"
DATA = {MOVIELENS_URI: Data()}


def job(request):
    """The tuning job of a request that has no parents."""
    return as_job(request, DATA, lambda name: None)


@pytest.mark.parametrize("config", GOOD, ids=range(len(GOOD)))
def test_accepted_requests_come_back_in_the_answers(idle, a_request, config):
    (client, _), request = idle, a_request(**config)
    client.create_hyper_parameter_tuning_job(**copy.deepcopy(request))
    name = {"HyperParameterTuningJobName": request["HyperParameterTuningJobName"]}
    found = asked(client, "describe_hyper_parameter_tuning_job", **name)
    assert found["HyperParameterTuningJobStatus"] == "InProgress"
    assert found["HyperParameterTuningJobConfig"] == request["HyperParameterTuningJobConfig"]
    told, given = found["TrainingJobDefinition"], request["TrainingJobDefinition"]
    assert told["StaticHyperParameters"].items() >= given["StaticHyperParameters"].items()
    assert told["InputDataConfig"] == given["InputDataConfig"]
    (listed,) = asked(client, "list_hyper_parameter_tuning_jobs")["HyperParameterTuningJobSummaries"]
    assert listed["HyperParameterTuningJobArn"] == found["HyperParameterTuningJobArn"]
    assert client.list_training_jobs_for_hyper_parameter_tuning_job(**name)["TrainingJobSummaries"] == []


def test_bad_requests_get_the_right_exception_and_change_nothing(with_jobs, a_request):
    client, service = with_jobs
    shape = client.meta.service_model.operation_model("CreateHyperParameterTuningJob").input_shape
    cases = [*beyond_limits(full(a_request), shape, BAD), *wrong_definitions(a_request())]
    for configs in (wrong_configs(), wrong_static(), wrong_warm_starts()):
        cases += [(a_request(**config), expected) for config, expected in configs]
    calls = [(CREATE, case, expected) for case, expected in cases] + list(wrong_calls())
    for method, case, expected in calls:
        refused(client, service.content, method, case, expected)
    assert len(calls) >= 240


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"ranges": continuous(ETA | {"MinValue": "0", "ScalingType": "Logarithmic"})}, "it needs a MinValue above 0"),
        ({"ranges": continuous(ETA | {"Name": "rate_drop"})}, "rate_drop of xgboost is not tunable; give it one fixed"),
        (objective("validation:auc", "Minimize"), "the Type must be Maximize"),
        ({"static": {}}, "xgboost needs num_round; add it to StaticHyperParameters"),
        ({"Strategy": "Hyperband"}, "MaxResource parameter is not provided and could not be inferred"),
        (limits(MaxNumberOfTrainingJobs=2, MaxParallelTrainingJobs=3), "give at most MaxNumberOfTrainingJobs, 2"),
        ({"warm": ("TransferLearning", "taken")}, "tuning job taken is InProgress; a parent must be Completed"),
    ],
)
def test_messages_say_what_helps(with_jobs, a_request, config, words):
    client, _ = with_jobs
    with pytest.raises(client.exceptions.ClientError, match=words):
        client.create_hyper_parameter_tuning_job(**a_request(**config))


def test_identical_means_the_same_image_and_data(with_jobs, a_request):
    client, service = with_jobs
    for kind, accepted in (("IdenticalDataAndAlgorithm", False), ("TransferLearning", True)):
        moved = a_request(warm=(kind, FINISHED))
        static = moved["TrainingJobDefinition"]["StaticHyperParameters"]
        moved["TrainingJobDefinition"] = training_job_definition("xgboost", static, "s3://mine")
        newer = a_request(f"newer{accepted:d}", warm=(kind, FINISHED))
        newer["TrainingJobDefinition"]["AlgorithmSpecification"]["TrainingImage"] = "x/sagemaker-xgboost:1.7-1"
        for request in (moved, newer):
            if accepted:
                client.create_hyper_parameter_tuning_job(**request)
            else:
                refused(client, service.content, CREATE, request, BAD)


@pytest.mark.parametrize(
    ("scale", "log"), [("Auto", "auto"), ("Linear", False), ("Logarithmic", True), ("ReverseLogarithmic", "reverse")]
)
def test_scales(scale, log):
    known = ALGORITHMS["xgboost"].hyperparameters
    found = as_ranges("xgboost", known, continuous(ETA | {"ScalingType": scale}))
    assert found == {"eta": Float(0.01, 0.5, log=log)}
    if log in ("auto", False):  # what a service takes for a range without a scale
        assert as_ranges("xgboost", known, continuous(ETA), scale=scale) == found
    if log != "reverse":
        found = as_ranges("xgboost", known, integer(DEPTH | {"ScalingType": scale}))
        assert found == {"max_depth": Int(1, 8, log=log)}


def test_a_job_holds_what_was_asked_for(a_request):
    found = job(a_request(**GOOD[2]))
    assert (found.n_jobs, found.metric, found.sign) == (6, "auc", -1)
    assert dict(found.space)["eta"] == Categorical([0.1, 0.3])
    inferred = job(a_request(**GOOD[6]))
    assert (inferred.strategy.min_steps, inferred.strategy.max_steps, inferred.sign) == (1, 9, 1)


@pytest.mark.parametrize(
    "image",
    ["811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:latest", "x/sagemaker-xgboost:1.7-1", "x/kmeans:1"],
)
def test_images_are_known_by_how_they_end(image):
    assert find_algorithm({"TrainingImage": image}).name in image
    assert find_algorithm({"AlgorithmName": "factorization-machines"}).required[0] == "feature_dim"


@pytest.mark.parametrize("algorithm", ALGORITHMS.values(), ids=lambda a: a.name)
def test_defaults_and_recommended_ranges_are_within_the_limits(algorithm):
    for name, parameter in algorithm.hyperparameters.items():
        for value in [parameter.default] if parameter.default not in (None, "auto") else []:
            assert parameter.parse(name, str(value)) == value
        if parameter.tuning is not None and parameter.kind != "categorical":
            assert parameter.limits.low <= parameter.tuning.low < parameter.tuning.high <= parameter.limits.high
    assert set(algorithm.required) <= algorithm.hyperparameters.keys()


def test_lists_are_filtered_sorted_and_cut_into_pages(idle, a_request):
    client, service = idle
    for name in ("beta", "Alpha", "gamma"):
        client.create_hyper_parameter_tuning_job(**a_request(name))
    service._jobs["gamma"].end("Failed", "because")

    def names(**request):
        listed = client.list_hyper_parameter_tuning_jobs(**request)["HyperParameterTuningJobSummaries"]
        return [job["HyperParameterTuningJobName"] for job in listed]

    assert names() == ["Alpha", "beta", "gamma"]
    assert names(SortBy="CreationTime") == ["beta", "Alpha", "gamma"]
    assert names(SortBy="Status", SortOrder="Descending")[-1] == "gamma"
    assert names(NameContains="A", StatusEquals="InProgress") == ["Alpha", "beta"]
    assert names(CreationTimeAfter=datetime.now(UTC) + timedelta(hours=1)) == []
    assert len(names(CreationTimeAfter="2020-01-01", LastModifiedTimeBefore=datetime.now(UTC))) == 3
    first = client.list_hyper_parameter_tuning_jobs(MaxResults=2)
    assert names(NextToken=first["NextToken"]) == ["gamma"]
