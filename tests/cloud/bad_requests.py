"""Requests to SageMaker that are refused, each with the exception that it has to get."""

from botocore.exceptions import ParamValidationError
from good_requests import (
    BINARY,
    DEPTH,
    EPOCHS,
    ETA,
    FINISHED,
    FM,
    GRID,
    INIT,
    KM,
    SOURCE,
    categorical,
    continuous,
    hyperband,
    integer,
    limits,
    objective,
)
from shapes import changed

BAD = "ValidationException"


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
    for seconds in (15_768_001, 10**8):
        yield limits(MaxRuntimeInSeconds=seconds), BAD
    for seconds in (119, 0):
        yield limits(MaxRuntimeInSeconds=seconds), ParamValidationError
    yield {"ranges": integer(DEPTH | {"MaxValue": "3"})} | limits(MaxNumberOfTrainingJobs=4), BAD
    yield {"Strategy": "Grid"}, BAD
    for n_jobs in (1, 5, 7):
        yield {"Strategy": "Grid", "ranges": GRID} | limits(MaxNumberOfTrainingJobs=n_jobs), BAD
    yield {"Strategy": "Hyperband"}, BAD
    yield hyperband(MinResource=2), BAD
    yield hyperband(MinResource=5, MaxResource=4), BAD
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
        {"TrainingInputMode": "File", "TrainingImage": "x/linear-learner:1"},
        {"TrainingInputMode": "File", "TrainingImage": ""},
        {"TrainingInputMode": "File", "AlgorithmName": "blazingtext"},
    ):
        yield changed(request, image, value), BAD
    place = ("TrainingJobDefinition", "InputDataConfig")
    train, validation = request["TrainingJobDefinition"]["InputDataConfig"]
    for channels in (
        [train],
        [validation],
        [train, validation, changed(train, ("ChannelName",), "test")],
        [train, changed(validation, ("DataSource", "S3DataSource", "S3Uri"), f"{SOURCE}/test")],
        [train, changed(validation, ("DataSource", "S3DataSource", "S3Uri"), f"{SOURCE}/train")],
        [train, changed(validation, ("DataSource", "S3DataSource", "S3Uri"), "s3://elsewhere/validation")],
        [train, changed(validation, ("DataSource", "S3DataSource", "S3Uri"), "movielens/small/validation")],
        [changed(train, ("DataSource",), {}), validation],
    ):
        yield changed(request, place, channels), BAD
    yield changed(request, place, ...), BAD
    yield changed(request, ("TrainingJobDefinition",), ...), BAD
    yield changed(request, ("TrainingJobDefinitions",), [request["TrainingJobDefinition"]]), BAD
    yield changed(request, ("Autotune",), {"Mode": "Enabled"}), BAD
    for name in ("HyperParameterTuningJobObjective", "ParameterRanges"):
        yield changed(request, ("HyperParameterTuningJobConfig", name), ...), BAD
    tags = [{"Key": str(k), "Value": "x"} for k in range(51)]
    yield changed(request, ("Tags",), tags), BAD


def wrong_warm_starts():
    same, other = "IdenticalDataAndAlgorithm", "TransferLearning"
    yield {"warm": (same,)}, ParamValidationError
    for parents in (("nobody",), ("taken",), (FINISHED, "nobody")):
        for kind in (same, other):
            yield {"warm": (kind, *parents)}, BAD
    yield {"warm": (same, *"abcdef")}, BAD
    warm = {"warm": (same, FINISHED)}
    yield warm | hyperband(MaxResource=9), BAD
    yield warm | {"Strategy": "Grid", "ranges": GRID, "static": BINARY} | limits(MaxNumberOfTrainingJobs=6), BAD
    yield warm | objective("validation:error", "Minimize"), BAD
    yield warm | {"static": BINARY}, BAD  # the parent had tree_method and max_bin, too
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
    )
    for method in named:
        yield method, {"HyperParameterTuningJobName": "nobody"}, unknown
        yield method, {"HyperParameterTuningJobName": "no body"}, BAD
        yield method, {"HyperParameterTuningJobName": "a" * 33}, BAD
        yield method, {"HyperParameterTuningJobName": 5}, missing
        yield method, {"HyperParameterTuningJobName": ""}, missing
        yield method, {}, missing
        yield method, {"Name": "taken"}, missing
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
