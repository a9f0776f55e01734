"""Requests as botocore and the service see them: what is accepted, and that what is refused changes nothing."""

import copy
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

pytest.importorskip("botocore.session")
from botocore.exceptions import ClientError, ParamValidationError
from botocore.stub import Stubber
from botocore.validate import ParamValidator
from shapes import changed, leaves

from workshop.sagemaker import LocalSageMaker, training_job_definition
from workshop.sagemaker.algorithms import ALGORITHMS, find_algorithm
from workshop.sagemaker.plans import plan
from workshop.sagemaker.ranges import as_space
from workshop.sagemaker.state import Jobs
from workshop.tuning import Categorical, Float, Int

SOURCE = "s3://movielens/small"
CREATE = "create_hyper_parameter_tuning_job"
BAD, LIMIT = "ValidationException", "ResourceLimitExceeded"
ETA = {"Name": "eta", "MinValue": "0.01", "MaxValue": "0.5"}
DEPTH = {"Name": "max_depth", "MinValue": "1", "MaxValue": "8"}
SUBSAMPLE = {"Name": "subsample", "MinValue": "0.5", "MaxValue": "0.99", "ScalingType": "ReverseLogarithmic"}
BINARY = {"objective": "binary:logistic", "num_round": "3"}
FM = {"feature_dim": "8482", "num_factors": "8", "predictor_type": "binary_classifier"}
KM = {"feature_dim": "19", "k": "5"}
FINISHED = "parent"  # a completed tuning job, there when bad requests are sent


def continuous(*entries):
    return {"ContinuousParameterRanges": list(entries)}


def integer(*entries):
    return {"IntegerParameterRanges": list(entries)}


def categorical(**values):
    return {"CategoricalParameterRanges": [{"Name": name, "Values": texts} for name, texts in values.items()]}


def limits(**changes):
    return {"ResourceLimits": {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 1} | changes}


def objective(name, kind):
    return {"HyperParameterTuningJobObjective": {"MetricName": name, "Type": kind}}


def hyperband(**resources):
    return {"Strategy": "Hyperband", "StrategyConfig": {"HyperbandStrategyConfig": resources}}


GRID = categorical(eta=["0.1", "0.3"], max_depth=["2", "4", "8"])
EPOCHS = integer({"Name": "epochs", "MinValue": "1", "MaxValue": "5"})
INIT = categorical(init_method=["random", "kmeans++"])
GOOD = [
    {},
    {"Strategy": "Bayesian"} | limits(MaxRuntimeInSeconds=3600),
    {"Strategy": "Grid", "ranges": GRID, "ResourceLimits": {"MaxParallelTrainingJobs": 10}},
    {"Strategy": "Grid", "ranges": GRID} | limits(MaxNumberOfTrainingJobs=6),
    hyperband(MinResource=1, MaxResource=9),
    {"ranges": EPOCHS, "algorithm": "factorization-machines", "static": FM}
    | objective("test:binary_f_beta", "Maximize"),
    {"Strategy": "Hyperband", "algorithm": "factorization-machines", "static": FM | {"epochs": "9"}}
    | {"ranges": continuous({"Name": "linear_lr", "MinValue": "1e-4", "MaxValue": "0.1", "ScalingType": "Logarithmic"})}
    | objective("test:binary_classification_cross_entropy", "Minimize"),
    {"ranges": INIT, "algorithm": "kmeans", "static": KM} | objective("test:msd", "Minimize"),
    {"ranges": INIT, "algorithm": "kmeans", "static": KM | {"extra_center_factor": "auto"}}
    | objective("test:ssd", "Minimize"),
    {"ranges": continuous(SUBSAMPLE)},
    {"ranges": continuous(ETA | {"ScalingType": "Auto"}) | integer(DEPTH | {"ScalingType": "Logarithmic"})},
    {"ranges": continuous(ETA | {"ScalingType": "Linear"}) | categorical(max_depth=["2", "9"])},
    {"TrainingJobEarlyStoppingType": "Auto", "TuningJobCompletionCriteria": {"TargetObjectiveMetricValue": 0.75}},
    {"TuningJobCompletionCriteria": {"ConvergenceDetected": {"CompleteOnConvergence": "Enabled"}}}
    | {"ResourceLimits": {"MaxParallelTrainingJobs": 10}},
    {"TuningJobCompletionCriteria": {"BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 3}}},
    {"ResourceLimits": {"MaxParallelTrainingJobs": 1, "MaxRuntimeInSeconds": 120}},
    limits(MaxNumberOfTrainingJobs=750, MaxParallelTrainingJobs=10),
    {"static": {"num_round": "1"}} | objective("validation:rmse", "Minimize"),
    {"static": {"objective": "reg:tweedie", "tweedie_variance_power": "1.5", "rate_drop": "0.1", "num_round": "1"}}
    | objective("validation:mae", "Minimize"),
    {"RandomSeed": 0, "name": "a" * 32},
]


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
    import json

    assert json.loads(sent[0].body) == request
    assert sent[0].headers["X-Amz-Target"] == b"SageMaker.CreateHyperParameterTuningJob"


def reply():
    from botocore.awsrequest import AWSResponse

    class Raw:
        def stream(self):
            yield b'{"HyperParameterTuningJobArn": "arn"}'

    return AWSResponse("https://sagemaker", 200, {}, Raw())


WRONG_TYPES = {
    "string": (7, None, ["x"]),
    "boolean": ("true", 1),
    "integer": ("20", 2.5, None),
    "float": ("0.7", None),
    "structure": ("x", []),
    "list": ("x", {}),
    "map": ("x", []),
}


def full(a_request):
    """A good request in which most members are there."""
    request = a_request(
        TrainingJobEarlyStoppingType="Auto",
        TuningJobCompletionCriteria={
            "TargetObjectiveMetricValue": 0.9,
            "BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 5},
        },
        ranges=continuous(ETA) | integer(DEPTH) | categorical(gamma=["0", "1"]),
        warm=("IdenticalDataAndAlgorithm", FINISHED),
    )
    return request | {"Tags": [{"Key": "course", "Value": "four"}]}


def wrong_types(request, shape):
    for path, inner in leaves(shape, request):
        for value in WRONG_TYPES[inner.type_name]:
            yield changed(request, path, value), ParamValidationError
        if inner.type_name == "structure":
            yield changed(request, (*path, "Surprise"), "x"), ParamValidationError
        for name in getattr(inner, "required_members", ()):
            yield changed(request, (*path, name), ...), ParamValidationError
    for name in ("HyperParameterTuningJobName", "HyperParameterTuningJobConfig"):
        yield changed(request, (name,), ...), ParamValidationError


def beyond_limits(request, shape):
    for path, inner in leaves(shape, request):
        limit = inner.metadata
        if inner.type_name == "string" and "pattern" in limit and limit["pattern"] not in (".*", ".+"):
            yield changed(request, path, "& " * 15), BAD
        if inner.type_name == "string" and "enum" in limit:
            yield changed(request, path, "Sideways"), BAD
        if inner.type_name == "string" and limit.get("max", 10**6) < 3000:
            yield changed(request, path, "a" * (limit["max"] + 1)), BAD
        if limit.get("min", 0) > 0:
            if inner.type_name == "integer":
                yield changed(request, path, limit["min"] - 1), ParamValidationError
            if inner.type_name == "string":
                yield changed(request, path, ""), ParamValidationError
            if inner.type_name == "list":
                yield changed(request, path, []), ParamValidationError


def wrong_configs():
    """What only the service can know of a HyperParameterTuningJobConfig: arguments of `a_request`, and exceptions."""
    for low, high in (("0.5", "0.1"), ("0.3", "0.3"), ("-0.1", "0.5"), ("0.1", "1.1"), ("a", "0.5"), ("", "0.5")):
        yield {"ranges": continuous(ETA | {"MinValue": low, "MaxValue": high})}, BAD
    for low, high in (("0.1", "nan"), ("inf", "inf"), ("0.1", "0,5"), (" 0.1", "0.5"), ("1_0", "20")):
        yield {"ranges": continuous(ETA | {"MinValue": low, "MaxValue": high})}, BAD
    for low, high in (("8", "1"), ("4", "4"), ("-1", "4"), ("1.5", "4"), ("1", "4.0"), ("1e0", "4"), ("", "")):
        yield {"ranges": integer(DEPTH | {"MinValue": low, "MaxValue": high})}, BAD
    for scale, entry in (("Logarithmic", {"MinValue": "0"}), ("ReverseLogarithmic", {"MaxValue": "1"})):
        yield {"ranges": continuous(ETA | {"ScalingType": scale} | entry)}, BAD
    yield {"ranges": continuous({"Name": "alpha", "MinValue": "0", "MaxValue": "2", "ScalingType": "Logarithmic"})}, BAD
    reverse = {"Name": "alpha", "MinValue": "0", "MaxValue": "1.0", "ScalingType": "ReverseLogarithmic"}
    yield {"ranges": continuous(reverse)}, BAD
    yield {"ranges": integer(DEPTH | {"ScalingType": "ReverseLogarithmic"})}, BAD
    yield {"ranges": integer(DEPTH | {"MinValue": "0", "ScalingType": "Logarithmic"})}, BAD
    for ranges in (integer(ETA), continuous(DEPTH), continuous(ETA, ETA), continuous(ETA) | categorical(eta=["0.1"])):
        yield {"ranges": ranges}, BAD
    yield {"ranges": continuous(*[ETA] * 31)}, BAD
    names = [name for name in ALGORITHMS["xgboost"].tunable() if name != "num_round"]
    yield {"ranges": continuous(*[ETA] * 20) | categorical(**{name: ["1"] for name in names})}, BAD
    for lists in ({"ContinuousParameterRanges": []}, {"AutoParameters": [{"Name": "eta", "ValueHint": "0.1"}]}):
        yield {"ranges": lists}, BAD
    for values in ([""], ["2", "2"], ["two"], ["2", "-1"], ["2.5"]):
        yield {"ranges": categorical(max_depth=values)}, BAD
    for name in ("learning_rate", "ETA", "", "objective", "rate_drop", "max_bin", "tree_method", "seed", "nthread"):
        yield {"ranges": continuous(ETA | {"Name": name})}, BAD
        yield {"ranges": categorical(**{name: ["1"]})}, BAD
    for name in ("k", "feature_dim", "local_lloyd_tol"):
        metric = objective("test:msd", "Minimize")
        yield {"algorithm": "kmeans", "static": KM, "ranges": categorical(**{name: ["1", "2"]})} | metric, BAD
    for name in ("num_factors", "predictor_type", "clip_gradient", "bias_init_sigma"):
        metric = objective("test:rmse", "Minimize")
        ranges = continuous(ETA | {"Name": name})
        yield {"algorithm": "factorization-machines", "static": FM, "ranges": ranges} | metric, BAD
    yield {"ResourceLimits": {"MaxParallelTrainingJobs": 1}}, BAD
    yield limits(MaxParallelTrainingJobs=3), BAD
    yield limits(MaxNumberOfTrainingJobs=751), LIMIT
    yield limits(MaxNumberOfTrainingJobs=20, MaxParallelTrainingJobs=11), LIMIT
    for seconds in (15_768_001, 10**8):
        yield limits(MaxRuntimeInSeconds=seconds), BAD
    for seconds in (119, 0):
        yield limits(MaxRuntimeInSeconds=seconds), ParamValidationError
    yield {"ranges": integer(DEPTH | {"MaxValue": "3"})} | limits(MaxNumberOfTrainingJobs=4), BAD
    yield {"Strategy": "Grid"}, BAD
    for n_jobs in (1, 5, 7):
        yield {"Strategy": "Grid", "ranges": GRID} | limits(MaxNumberOfTrainingJobs=n_jobs), BAD
    many = [str(k) for k in range(30)]
    huge = categorical(max_depth=many, gamma=many)
    yield {"Strategy": "Grid", "ranges": huge, "ResourceLimits": {"MaxParallelTrainingJobs": 1}}, LIMIT
    yield {"Strategy": "Grid", "ranges": categorical(max_depth=[*many, "30"])}, BAD
    yield {"Strategy": "Hyperband"}, BAD
    yield hyperband(MinResource=2), BAD
    yield hyperband(MinResource=5, MaxResource=4), BAD
    yield hyperband(MaxResource=20_001), BAD
    yield hyperband(MaxResource=0), ParamValidationError
    yield hyperband(MaxResource=9) | {"TrainingJobEarlyStoppingType": "Auto"}, BAD
    for strategy in ("Random", "Bayesian"):
        yield hyperband(MaxResource=9) | {"Strategy": strategy}, BAD
    for name, kind in (
        ("validation:auc", "Minimize"),
        ("validation:rmse", "Maximize"),
        ("validation:ndcg", "Maximize"),
        ("auc", "Maximize"),
        ("test:rmse", "Minimize"),
        ("Validation:AUC", "Maximize"),
    ):
        yield objective(name, kind), BAD
    for criteria in ({"TargetObjectiveMetricValue": float("nan")}, {"TargetObjectiveMetricValue": float("inf")}):
        yield {"TuningJobCompletionCriteria": criteria}, BAD
    few = {"BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 2}}
    yield {"TuningJobCompletionCriteria": few}, ParamValidationError
    yield {"RandomSeed": -1}, ParamValidationError
    for name in ("films_2", "-films", "films-", "films 2", "a" * 33, "é"):
        yield {"name": name}, BAD
    for name in ("taken", "TAKEN"):
        yield {"name": name}, "ResourceInUse"


def wrong_static():
    for name, texts in {
        "num_round": ("0", "-1", "2.5", "", "many", "1e2"),
        "objective": ("binary:magic", "reg:linear", "", "rank:ndcg"),
        "booster": ("gblinear", "tree"),
        "subsample": ("0", "1.01", "nan"),
        "colsample_bytree": ("0", "2"),
        "max_bin": ("1", "256.0"),
        "rate_drop": ("-0.1", "1.1"),
        "tweedie_variance_power": ("1", "2"),
        "seed": ("0.5", str(2**31)),
        "eta": ("0.1",),  # has a range, too
        "nthread": ("2",),  # of the service, and not run here
        "max_deph": ("3",),
    }.items():
        for text in texts:
            yield {"static": BINARY | {name: text}}, BAD
    yield {"static": {"objective": "binary:logistic"}}, BAD
    yield {"static": BINARY | {f"_{k}": "x" for k in range(99)}}, BAD
    yield {"static": BINARY | {f"_{k}": "x" for k in range(101)}}, BAD
    for missing in FM:
        static = {name: text for name, text in FM.items() if name != missing}
        metric = objective("test:binary_f_beta", "Maximize")
        yield {"algorithm": "factorization-machines", "static": static, "ranges": EPOCHS} | metric, BAD
    for missing in KM:
        static = {name: text for name, text in KM.items() if name != missing}
        yield {"algorithm": "kmeans", "static": static, "ranges": INIT} | objective("test:msd", "Minimize"), BAD


def wrong_definitions(request):
    image = ("TrainingJobDefinition", "AlgorithmSpecification")
    for value in (
        {"TrainingInputMode": "File"},
        {"TrainingInputMode": "File", "TrainingImage": "x/xgboost:1", "AlgorithmName": "xgboost"},
        {"TrainingInputMode": "File", "TrainingImage": "x/linear-learner:1"},
        {"TrainingInputMode": "File", "TrainingImage": ""},
        {"TrainingInputMode": "File", "AlgorithmName": "blazingtext"},
        {"TrainingInputMode": "File", "TrainingImage": "x/xgboost:1", "MetricDefinitions": []},
    ):
        yield changed(request, image, value), BAD
    place = ("TrainingJobDefinition", "InputDataConfig")
    train, validation = request["TrainingJobDefinition"]["InputDataConfig"]
    for channels in (
        [train],
        [validation],
        [train, train],
        [train, validation, changed(train, ("ChannelName",), "test")],
        [train, changed(validation, ("DataSource", "S3DataSource", "S3Uri"), f"{SOURCE}/test")],
        [train, changed(validation, ("DataSource", "S3DataSource", "S3Uri"), f"{SOURCE}/train")],
        [train, changed(validation, ("DataSource", "S3DataSource", "S3Uri"), "s3://elsewhere/validation")],
        [train, changed(validation, ("DataSource", "S3DataSource", "S3Uri"), "movielens/small/validation")],
        [changed(train, ("DataSource",), {}), validation],
    ):
        yield changed(request, place, channels), BAD
    yield changed(request, place, ...), BAD
    resources = ("TrainingJobDefinition", "ResourceConfig")
    yield changed(request, resources, ...), BAD
    yield changed(request, resources, {"InstanceType": "ml.m5.large", "InstanceCount": 1}), BAD
    yield changed(request, (*resources, "InstanceCount"), 0), BAD
    yield changed(request, ("TrainingJobDefinition", "HyperParameterTuningResourceConfig"), {}), BAD
    yield changed(request, ("TrainingJobDefinition", "EnableManagedSpotTraining"), True), BAD
    stop = ("TrainingJobDefinition", "StoppingCondition")
    yield changed(request, stop, {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60}), BAD
    spot = changed(request, ("TrainingJobDefinition", "EnableManagedSpotTraining"), True)
    yield changed(spot, stop, {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 59}), BAD
    yield changed(request, ("TrainingJobDefinition",), ...), BAD
    yield changed(request, ("TrainingJobDefinitions",), [request["TrainingJobDefinition"]]), BAD
    yield changed(request, ("Autotune",), {"Mode": "Enabled"}), BAD
    config = request["HyperParameterTuningJobConfig"]
    for name, value in (
        ("TuningObjective", config["HyperParameterTuningJobObjective"]),
        ("HyperParameterRanges", config["ParameterRanges"]),
    ):
        yield changed(request, ("TrainingJobDefinition", name), value), BAD
    for name in ("HyperParameterTuningJobObjective", "ParameterRanges"):
        yield changed(request, ("HyperParameterTuningJobConfig", name), ...), BAD
    tags = [{"Key": str(k), "Value": "x"} for k in range(51)]
    yield changed(request, ("Tags",), tags), BAD


def wrong_warm_starts():
    same, other = "IdenticalDataAndAlgorithm", "TransferLearning"
    yield {"warm": (same,)}, ParamValidationError
    for parents in (("nobody",), ("taken",), (FINISHED, FINISHED), (FINISHED, "Parent"), (FINISHED, "nobody")):
        for kind in (same, other):
            yield {"warm": (kind, *parents)}, BAD
    yield {"warm": (same, *"abcdef")}, BAD
    warm = {"warm": (same, FINISHED)}
    yield warm | hyperband(MaxResource=9), BAD
    yield warm | {"Strategy": "Grid", "ranges": GRID, "static": BINARY} | limits(MaxNumberOfTrainingJobs=6), BAD
    yield warm | objective("validation:error", "Minimize"), BAD
    yield warm | {"static": BINARY}, BAD  # the parent had tree_method and max_bin, too
    yield warm | {"ranges": continuous(ETA) | categorical(max_depth=["2", "3"])}, BAD
    yield (
        {"warm": (other, FINISHED), "algorithm": "kmeans", "static": KM, "ranges": INIT}
        | objective("test:msd", "Minimize"),
        BAD,
    )


def wrong_calls():
    missing, unknown = ParamValidationError, "ResourceNotFound"
    named = (
        "describe_hyper_parameter_tuning_job",
        "list_training_jobs_for_hyper_parameter_tuning_job",
        "stop_hyper_parameter_tuning_job",
        "delete_hyper_parameter_tuning_job",
    )
    for method in named:
        yield method, {"HyperParameterTuningJobName": "nobody"}, unknown
        yield method, {"HyperParameterTuningJobName": "no body"}, BAD
        yield method, {"HyperParameterTuningJobName": "a" * 33}, BAD
        yield method, {"HyperParameterTuningJobName": 5}, missing
        yield method, {"HyperParameterTuningJobName": ""}, missing
        yield method, {}, missing
        yield method, {"Name": "taken"}, missing
    yield "delete_hyper_parameter_tuning_job", {"HyperParameterTuningJobName": "taken"}, BAD
    yield "stop_hyper_parameter_tuning_job", {"HyperParameterTuningJobName": FINISHED}, BAD
    for name in ("taken-001-00000000", "nobody", "taken"):
        yield "describe_training_job", {"TrainingJobName": name}, unknown
    yield "describe_training_job", {}, missing
    for method, name in (
        ("list_hyper_parameter_tuning_jobs", {}),
        ("list_training_jobs_for_hyper_parameter_tuning_job", {"HyperParameterTuningJobName": "taken"}),
    ):
        for token in ("x", "-1", "99"):
            yield method, name | {"NextToken": token}, BAD
        yield method, name | {"MaxResults": 101}, BAD
        yield method, name | {"MaxResults": 0}, missing
        for key in ("SortBy", "SortOrder", "StatusEquals"):
            yield method, name | {key: "Whatever"}, BAD
    yield "list_hyper_parameter_tuning_jobs", {"CreationTimeAfter": "yesterday or so"}, missing


def content(client):
    with closing(sqlite3.connect(client._jobs.path)) as db:
        return list(db.iterdump())


@pytest.fixture
def with_jobs(idle, a_request):
    """A client with one job in progress and one that is completed."""
    for name in ("taken", FINISHED):
        idle.create_hyper_parameter_tuning_job(**a_request(name))
    idle._jobs.update(2, status="Completed")
    return idle


def refused(client, method, request, expected):
    """The error that the call gives, which has to be the expected one."""
    before = content(client)
    with pytest.raises(ClientError if isinstance(expected, str) else expected) as caught:
        getattr(client, method)(**copy.deepcopy(request))
    if isinstance(expected, str):
        assert caught.value.response["Error"]["Code"] == expected, (method, request, caught.value)
        assert type(caught.value) is client.exceptions.from_code(expected)
        assert len(caught.value.response["Error"]["Message"]) > 15
    assert content(client) == before, (method, request)
    return caught.value


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


def test_a_taken_name_is_resource_in_use(with_jobs, a_request):
    with pytest.raises(with_jobs.exceptions.ResourceInUse, match="already exists"):
        with_jobs.create_hyper_parameter_tuning_job(**a_request("taken"))


def test_no_more_than_100_tuning_jobs_at_once(idle, a_request):
    for k in range(100):
        idle._jobs.add(f"job{k}", a_request(f"job{k}"), SOURCE)
    with pytest.raises(idle.exceptions.ResourceLimitExceeded, match="100 tuning jobs are in progress"):
        idle.create_hyper_parameter_tuning_job(**a_request())


def warm_child(a_request, n_extra):
    """A parent with `n_extra` static hyperparameters, and a child that gives each another value."""
    extra = ["alpha", "gamma", "lambda", "seed", "base_score", "min_child_weight", "skip_drop", "rate_drop", "one_drop"]
    extra = [*extra, "max_leaves", "scale_pos_weight"][:n_extra]
    static = [BINARY | {name: text for name in extra} for text in ("1", "1")]
    static[1] |= {name: "0" if name in ("skip_drop", "rate_drop", "one_drop") else "2" for name in extra}
    return a_request(FINISHED, static=static[0]), a_request(static=static[1], warm=("TransferLearning", FINISHED))


@pytest.mark.parametrize(("n_changes", "accepted"), [(10, True), (11, False)])
def test_a_warm_start_allows_ten_changes_of_static_values(idle, a_request, n_changes, accepted):
    parent, child = warm_child(a_request, n_changes)
    idle.create_hyper_parameter_tuning_job(**parent)
    idle._jobs.update(1, status="Completed")
    if accepted:
        idle.create_hyper_parameter_tuning_job(**child)
    else:
        assert "11 values became static" in str(refused(idle, CREATE, child, BAD))


def test_identical_means_the_same_image_and_data(tmp_path, monkeypatch, a_request):
    monkeypatch.setattr("workshop.sagemaker.client.run", lambda *args: None)
    client = LocalSageMaker(tmp_path, datasets={SOURCE: None, "s3://mine": None})
    client.create_hyper_parameter_tuning_job(**a_request(FINISHED))
    client._jobs.update(1, status="Stopped")
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
                refused(client, CREATE, request, BAD)


@pytest.mark.parametrize(
    ("scale", "log"), [("Auto", "auto"), ("Linear", False), ("Logarithmic", True), ("ReverseLogarithmic", "reverse")]
)
def test_scales(scale, log):
    xgboost = ALGORITHMS["xgboost"]
    assert dict(as_space(xgboost, continuous(ETA | {"ScalingType": scale}))) == {"eta": Float(0.01, 0.5, log=log)}
    if log != "reverse":
        assert dict(as_space(xgboost, integer(DEPTH | {"ScalingType": scale}))) == {"max_depth": Int(1, 8, log=log)}


def test_a_plan_holds_what_was_asked_for(a_request):
    found = plan(a_request(**GOOD[2] | {"RandomSeed": 7}), [SOURCE])
    assert (found.n_jobs, found.n_parallel, found.seed, found.metric) == (6, 6, 7, "auc")
    assert dict(found.space)["eta"] == Categorical(["0.1", "0.3"])
    inferred = plan(a_request(**GOOD[6]), [SOURCE])
    assert (inferred.resources, inferred.direction) == ((1, 9), "minimize")
    seeds = {
        plan(changed(a_request(name), ("HyperParameterTuningJobConfig", "RandomSeed"), ...), [SOURCE]).seed
        for name in ("a", "b")
    }
    assert len(seeds) == 2


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
            assert algorithm.parse(name, str(value)) == value
        if parameter.tuning is not None and parameter.kind != "categorical":
            assert parameter.limits.low <= parameter.tuning.low < parameter.tuning.high <= parameter.limits.high
    assert not algorithm.elsewhere & algorithm.hyperparameters.keys()
    assert set(algorithm.required) <= algorithm.hyperparameters.keys()


def test_lists_are_filtered_sorted_and_cut_into_pages(idle, a_request):
    for name in ("beta", "Alpha", "gamma"):
        idle.create_hyper_parameter_tuning_job(**a_request(name))
    idle._jobs.update(3, status="Failed", reason="because")

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


def test_a_job_of_other_data_fails_when_nobody_has_them(tmp_path, monkeypatch, a_request):
    monkeypatch.setattr("workshop.sagemaker.client.run", lambda *args: None)
    client = LocalSageMaker(tmp_path, datasets={"s3://mine": None})
    definition = training_job_definition("xgboost", BINARY, "s3://mine")
    client.create_hyper_parameter_tuning_job(**a_request() | {"TrainingJobDefinition": definition})
    found = LocalSageMaker(tmp_path).describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="films")
    assert found["HyperParameterTuningJobStatus"] == "Failed"
    assert found["FailureReason"] == "no data at s3://mine; hand it to LocalSageMaker(datasets=...)"


def test_a_folder_that_is_something_else_is_left_as_it_is(tmp_path):
    (tmp_path / "jobs.sqlite").write_text("not a database, but quite a long text " * 100)
    with pytest.raises(OSError, match="name a file of this client"):
        LocalSageMaker(tmp_path)
    with pytest.raises(OSError):
        Jobs(tmp_path / "jobs.sqlite")


def test_without_botocore_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "botocore.session", None)
    with pytest.raises(ImportError, match=r"pip install 'recommender-workshop\[cloud\]'"):
        LocalSageMaker()
