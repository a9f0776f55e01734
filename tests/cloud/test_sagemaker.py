"""Requests to SageMaker: what is accepted, what is refused and changes nothing, and what the rules make of them."""

import copy
from datetime import UTC, datetime, timedelta

import pytest

pytest.importorskip("botocore.session")
from pieces import (
    CREATE,
    DEPTH,
    ETA,
    IDENTICAL,
    STATIC,
    TRANSFER,
    asked,
    categorical,
    continuous,
    ends,
    hyperband,
    integer,
    limits,
    objective,
    refused,
)

from workshop.cloud import MOVIELENS_URI, training_job_definition
from workshop.cloud.algorithms import ALGORITHMS, Data
from workshop.cloud.service import as_ranges
from workshop.cloud.tuning_job import as_job, find_algorithm
from workshop.tuning import Categorical, Float, Int

BAD = "ValidationException"
BINARY = {"objective": "binary:logistic", "num_round": "3"}
FM = {"feature_dim": "8482", "num_factors": "8", "predictor_type": "binary_classifier"}
KM = {"feature_dim": "19", "k": "5"}
GRID = {"Strategy": "Grid", "ranges": categorical(eta=["0.1", "0.3"], max_depth=["2", "4", "8"])}
LINEAR = continuous({"Name": "linear_lr", "MinValue": "1e-4", "MaxValue": "0.1"})
MACHINE = {"algorithm": "factorization-machines", "static": FM, "ranges": LINEAR}
MACHINE |= objective("test:binary_f_beta", "Maximize")
INIT = categorical(init_method=["random", "kmeans++"])
CLUSTERS = {"algorithm": "kmeans", "static": KM, "ranges": INIT} | objective("test:ssd", "Minimize")
CONVERGENCE = {"ConvergenceDetected": {"CompleteOnConvergence": "Enabled"}}
ENDLESS = {"ResourceLimits": {"MaxParallelTrainingJobs": 1}}
MOVED = training_job_definition("xgboost", STATIC, "s3://mine")
NEWER = {"AlgorithmSpecification": {"TrainingImage": "x/sagemaker-xgboost:1.7-1", "TrainingInputMode": "File"}}
WARM = {"warm": (IDENTICAL, "parent")}
GOOD = [
    {"Strategy": "Bayesian"} | limits(MaxRuntimeInSeconds=3600),
    GRID | {"ResourceLimits": {"MaxParallelTrainingJobs": 10}},
    GRID | limits(6),
    MACHINE | {"Strategy": "Hyperband", "static": FM | {"epochs": "9"}},
    CLUSTERS | {"static": KM | {"extra_center_factor": "auto"}},
    {"ranges": continuous(ends({"Name": "subsample"}, "0.5", "0.99", ScalingType="ReverseLogarithmic"))},
    {"ranges": continuous(ETA | {"ScalingType": "Linear"}) | categorical(max_depth=["2", "9"])},
    ENDLESS | {"TuningJobCompletionCriteria": CONVERGENCE},
    {"ResourceLimits": {"MaxParallelTrainingJobs": 1, "MaxRuntimeInSeconds": 120}},
    limits(750, 10),
    {"static": BINARY | {"_tuning_objective_metric": "validation:auc"}},  # as the package sagemaker writes it
    {"static": {"objective": "reg:tweedie", "tweedie_variance_power": "1.5", "rate_drop": "0.1", "num_round": "1"}}
    | objective("validation:mae", "Minimize"),
    {"name": "a" * 32, "TrainingJobEarlyStoppingType": "Auto"},
    {"warm": (TRANSFER, "parent"), "definition": MOVED},
    {"warm": (TRANSFER, "parent"), "definition": NEWER},
]


@pytest.fixture
def with_jobs(idle, service, a_request):
    """A client that knows one job in progress, taken, and one that is completed, parent."""
    for name in ("taken", "parent"):
        idle.create_hyper_parameter_tuning_job(**a_request(name))
    service._jobs["parent"].end("Completed")
    return idle


@pytest.mark.parametrize("config", GOOD, ids=range(len(GOOD)))
def test_accepted_requests_come_back_in_the_answers(with_jobs, a_request, config):
    client, request = with_jobs, a_request(**config)
    client.create_hyper_parameter_tuning_job(**copy.deepcopy(request))
    name = request["HyperParameterTuningJobName"]
    found = asked(client, "describe_hyper_parameter_tuning_job", HyperParameterTuningJobName=name)
    assert found["HyperParameterTuningJobStatus"] == "InProgress"
    assert found["HyperParameterTuningJobConfig"] == request["HyperParameterTuningJobConfig"]
    told, given = found["TrainingJobDefinition"], request["TrainingJobDefinition"]
    assert told["StaticHyperParameters"].items() >= given["StaticHyperParameters"].items()
    assert told["InputDataConfig"] == given["InputDataConfig"]
    (listed,) = asked(client, "list_hyper_parameter_tuning_jobs", NameContains=name)["HyperParameterTuningJobSummaries"]
    assert listed["HyperParameterTuningJobArn"] == found["HyperParameterTuningJobArn"]
    jobs = client.list_training_jobs_for_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    assert jobs["TrainingJobSummaries"] == []


def without(texts, name):
    return {key: text for key, text in texts.items() if key != name}


def reads(*parts):
    """A definition whose channels, a name and an address each, are these."""
    source = lambda uri: {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}} if uri else {}}  # noqa: E731
    return {"definition": {"InputDataConfig": [{"ChannelName": name} | source(uri) for name, uri in parts]}}


TRAIN, VALIDATION = ("train", f"{MOVIELENS_URI}/train"), ("validation", f"{MOVIELENS_URI}/validation")
# What a rule of the service says, and configs that break it, as keywords of `a_request`.
REFUSED = {
    "as a string": [
        *({"ranges": continuous(ends(ETA, *both))} for both in (("-0.1", "0.5"), ("0.1", "1.1"), ("", "0.5"))),
        *({"ranges": categorical(max_depth=["2", text])} for text in ("", "-1", "2.5")),
        *(
            {"static": BINARY | {name: text}}
            for name, texts in {  # beyond the limits of the guide
                "num_round": "0 2.5",
                "objective": "binary:magic rank:ndcg",
                "booster": "gblinear",
                "subsample": "0 1.01",
                "max_bin": "1",
                "rate_drop": "-0.1 1.1",
                "tweedie_variance_power": "1 2",
                "seed": "0.5 2147483648",
            }.items()
            for text in texts.split()
        ),
    ],
    "has two ranges": [{"ranges": continuous(ETA, ETA)}, {"ranges": continuous(ETA) | categorical(eta=["0.1"])}],
    "MinValue must be below MaxValue": [
        {"ranges": continuous(ends(ETA, "0.3", "0.3"))},
        {"ranges": integer(ends(DEPTH, "8", "1"))},
    ],
    "it needs a MinValue above 0": [
        {"ranges": continuous(ends(ETA, "0", "0.5", ScalingType="Logarithmic"))},
        {"ranges": integer(ends(DEPTH, "0", "4", ScalingType="Logarithmic"))},
    ],
    "all are below 1": [
        {"ranges": continuous(ends(ETA, "0", "1", ScalingType="ReverseLogarithmic"))},
        {"ranges": integer(DEPTH | {"ScalingType": "ReverseLogarithmic"})},
    ],
    "move it to the continuous ranges": [{"ranges": integer(ends(ETA, "0", "1"))}],
    "move it to the integer ranges": [{"ranges": continuous(DEPTH)}],
    "is not tunable; give it one fixed": [
        *({"ranges": continuous(ETA | {"Name": name})} for name in ("learning_rate", "ETA", "rate_drop", "")),
        {"ranges": categorical(objective=["binary:logistic", "reg:squarederror"])},
        CLUSTERS | {"ranges": categorical(k=["1", "2"])},
        MACHINE | {"ranges": continuous(ETA | {"Name": "num_factors"})},
    ],
    "nothing to tune": [{"ranges": continuous()}],
    "a fixed value and a range": [{"static": BINARY | {"eta": "0.1"}}],
    "is not a hyperparameter of xgboost": [{"static": BINARY | {name: "3"}} for name in ("max_deph", "nthread")],
    "add it to StaticHyperParameters": [
        {"static": {"objective": "binary:logistic"}},
        *(MACHINE | {"static": without(FM, name)} for name in FM),
        *(CLUSTERS | {"static": without(KM, name)} for name in KM),
    ],
    "; xgboost has validation:auc": [objective(name, "Maximize") for name in ("validation:ndcg", "auc", "test:rmse")],
    "the Type must be Maximize": [objective("validation:auc", "Minimize")],
    "the Type must be Minimize": [objective("validation:rmse", "Maximize")],
    "MaxNumberOfTrainingJobs is missing": [ENDLESS],
    "give at most MaxNumberOfTrainingJobs, 2": [limits(2, 3)],
    "have enough combinations of hyperparameter ranges": [{"ranges": integer(ends(DEPTH, "1", "3"))} | limits(4)],
    "Strategy Grid takes CategoricalParameterRanges only; max_depth has a MinValue": [{"Strategy": "Grid"}],
    "the grid has 6: leave it out": [GRID | limits(5), GRID | limits(7)],
    "MaxResource parameter is not provided and could not be inferred": [hyperband(MinResource=2)],
    "give at least MinResource, 5": [hyperband(MinResource=5, MaxResource=4)],
    "TrainingJobEarlyStoppingType must be Off": [hyperband(MaxResource=9) | {"TrainingJobEarlyStoppingType": "Auto"}],
    "HyperbandStrategyConfig is for Strategy Hyperband": [hyperband(MaxResource=9) | {"Strategy": "Random"}],
    "AutoParameters is not offered here": [{"ranges": {"AutoParameters": [{"Name": "eta", "ValueHint": "0.1"}]}}],
    "end TrainingImage with xgboost, factorization-machines, kmeans": [
        {"definition": {"AlgorithmSpecification": {"TrainingInputMode": "File"} | image}}
        for image in ({}, {"TrainingImage": "x/linear-learner:1"}, {"AlgorithmName": "blazingtext"})
    ],
    "xgboost reads train from": [
        reads(TRAIN),
        reads(TRAIN, VALIDATION, ("test", f"{MOVIELENS_URI}/test")),
        reads(TRAIN, ("validation", TRAIN[1])),
        reads(TRAIN, ("validation", "s3://elsewhere/validation")),
        reads(("train", ""), VALIDATION),
    ],
    "there is no tuning job 'nobody' to start from": [{"warm": (TRANSFER, "parent", "nobody")}],
    "tuning job taken is InProgress; a parent must be Completed or Stopped": [{"warm": (IDENTICAL, "taken")}],
    "a warm start needs Bayesian or Random": [WARM | GRID | limits(6), WARM | hyperband(MaxResource=9)],
    "parent tuned auc of xgboost; tune the same here": [
        WARM | objective("validation:error", "Minimize"),
        CLUSTERS | {"warm": (TRANSFER, "parent")},
    ],
    "parent had other hyperparameters": [WARM | {"static": BINARY}],
    "image or data differ from those of parent": [WARM | {"definition": MOVED}, WARM | {"definition": NEWER}],
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_breaks_a_rule_is_refused_in_words_that_help_and_changes_nothing(with_jobs, a_request, words):
    for config in REFUSED[words]:
        refused(with_jobs, CREATE, a_request(**config), BAD, words)


def test_parts_of_a_request_that_are_not_offered_are_refused(with_jobs, a_request):
    request = a_request()
    many = {"TrainingJobDefinitions": [request["TrainingJobDefinition"]]}
    refused(with_jobs, CREATE, request | {"Autotune": {"Mode": "Enabled"}}, BAD, "Autotune is not offered here")
    refused(with_jobs, CREATE, request | many, BAD, "TrainingJobDefinitions is not offered here")
    del request["TrainingJobDefinition"]
    refused(with_jobs, CREATE, request, BAD, "TrainingJobDefinition is missing")
    for name in ("taken", "TAKEN"):
        refused(with_jobs, CREATE, a_request(name), "ResourceInUse", f"with the name, {name}, already exists")


def test_calls_about_what_is_not_there_are_refused(with_jobs):
    client, by_name = with_jobs, lambda name: {"HyperParameterTuningJobName": name}
    training_jobs = "list_training_jobs_for_hyper_parameter_tuning_job"
    for method in ("describe_hyper_parameter_tuning_job", training_jobs, "stop_hyper_parameter_tuning_job"):
        refused(client, method, by_name("nobody"), "ResourceNotFound", "can't find a tuning job with the name nobody")
    refused(client, "stop_hyper_parameter_tuning_job", by_name("parent"), BAD, "the tuning job is Completed")
    for name in ("taken-001-00000000", "taken"):
        refused(client, "describe_training_job", {"TrainingJobName": name}, "ResourceNotFound", "no training job taken")
    for method, name in (("list_hyper_parameter_tuning_jobs", {}), (training_jobs, by_name("taken"))):
        refused(client, method, name | {"NextToken": "99"}, BAD, "give the one of the previous answer")


@pytest.mark.parametrize(
    ("scale", "log"), [("Auto", "auto"), ("Linear", False), ("Logarithmic", True), ("ReverseLogarithmic", "reverse")]
)
def test_scales(scale, log):
    known = ALGORITHMS["xgboost"].hyperparameters
    found = as_ranges("xgboost", known, continuous(ETA | {"ScalingType": scale}))
    assert found == {"eta": Float(0.01, 0.5, log=log)}
    assert as_ranges("xgboost", known, continuous(ETA), scale=scale) == found, "what is taken where none is named"
    if log != "reverse":
        found = as_ranges("xgboost", known, integer(DEPTH | {"ScalingType": scale}))
        assert found == {"max_depth": Int(1, 8, log=log)}


def test_a_job_holds_what_was_asked_for(a_request):
    grid, inferred = (as_job(a_request(**GOOD[k]), {MOVIELENS_URI: Data()}, None) for k in (1, 3))
    assert (grid.n_jobs, grid.metric, grid.sign) == (6, "auc", -1)
    assert dict(grid.space)["eta"] == Categorical([0.1, 0.3])
    assert (inferred.strategy.min_steps, inferred.strategy.max_steps) == (1, 9)


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


def test_lists_are_filtered_sorted_and_cut_into_pages(idle, service, a_request):
    for name in ("beta", "Alpha", "gamma"):
        idle.create_hyper_parameter_tuning_job(**a_request(name))
    service._jobs["gamma"].end("Failed", "because")

    def names(**request):
        listed = idle.list_hyper_parameter_tuning_jobs(**request)["HyperParameterTuningJobSummaries"]
        return [job["HyperParameterTuningJobName"] for job in listed]

    assert names() == ["Alpha", "beta", "gamma"]
    assert names(SortBy="CreationTime") == ["beta", "Alpha", "gamma"]
    assert names(SortBy="Status", SortOrder="Descending")[-1] == "gamma"
    assert names(NameContains="A", StatusEquals="InProgress") == ["Alpha", "beta"]
    assert names(CreationTimeAfter=datetime.now(UTC) + timedelta(hours=1)) == []
    assert len(names(CreationTimeAfter="2020-01-01", LastModifiedTimeBefore=datetime.now(UTC))) == 3
    first = idle.list_hyper_parameter_tuning_jobs(MaxResults=2)
    assert names(NextToken=first["NextToken"]) == ["gamma"]
