"""Requests that are accepted, and the pieces they are made of, as arguments of the fixture `a_request`."""

SOURCE = MOVIELENS_URI = "s3://movielens/small"
CREATE = "create_hyper_parameter_tuning_job"
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
    {"static": BINARY | {"_tuning_objective_metric": "validation:auc"}},  # as the package sagemaker writes it
    {"static": {"num_round": "1"}} | objective("validation:rmse", "Minimize"),
    {"static": {"objective": "reg:tweedie", "tweedie_variance_power": "1.5", "rate_drop": "0.1", "num_round": "1"}}
    | objective("validation:mae", "Minimize"),
    {"RandomSeed": 0, "name": "a" * 32},
]
