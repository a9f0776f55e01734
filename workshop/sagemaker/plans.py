"""From a CreateHyperParameterTuningJob request to a plan in values; and what is wrong with the request, if anything is.

Every rule here is written in the service's documentation or its model, or was seen in its answers. Two are stricter, so
that what is accepted here is accepted there: MaxParallelTrainingJobs may not exceed MaxNumberOfTrainingJobs, and the
channel that the metric is measured on must be given.
"""

import math
import zlib
from dataclasses import dataclass

from workshop.sagemaker.algorithms import Algorithm, find_algorithm
from workshop.sagemaker.ranges import as_config, as_space
from workshop.tuning import Space

MAX_JOBS, MAX_PARALLEL = 750, 10
MAX_STATIC_AND_TUNED, MAX_RESOURCE = 100, 20_000
EPOCHS = ("epochs", "numepochs", "n-epochs", "n_epochs", "num_epochs")  # what MaxResource is inferred from
QUOTA = (
    "The account-level service limit 'Maximum number of {0} per hyperparameter tuning job' is {1} Training Jobs, and "
    "{2} were requested; give a lower {3}"
)


class LimitExceeded(ValueError):
    """Raised for what the service would allow another account."""


@dataclass(frozen=True)
class Plan:
    """What a request asks for, in values."""

    algorithm: Algorithm
    metric: str
    direction: str
    static: dict
    space: Space
    strategy: str
    resources: tuple | None  # the fewest and the most steps of a job under Hyperband
    n_jobs: int
    n_parallel: int
    max_seconds: float  # of the tuning job
    max_job_seconds: float  # of each training job
    stops_early: bool
    criteria: dict
    seed: int
    source: str  # the address of the data set, without what follows its last slash

    @property
    def sign(self):
        """1 if lower values of the metric are better, else -1."""
        return 1 if self.direction == "minimize" else -1


def plan(request, sources):
    """The `Plan` of a CreateHyperParameterTuningJob request, a dict as the service takes it.

    Raises ValueError, naming the field and the remedy; `LimitExceeded` for a quota.

    Parameters
    ----------
    request : dict
    sources : iterable of str
        The addresses of the data sets there are, such as ``s3://movielens/small``.
    """
    check_offered(request)
    config, definition = request["HyperParameterTuningJobConfig"], request["TrainingJobDefinition"]
    algorithm = find_algorithm(definition["AlgorithmSpecification"])
    metric, direction = as_objective(algorithm, config["HyperParameterTuningJobObjective"])
    space = as_space(algorithm, config["ParameterRanges"])
    static = as_static(algorithm, definition.get("StaticHyperParameters", {}), space)
    check_definition(definition)
    strategy = config["Strategy"]
    n_jobs, n_parallel, max_seconds = as_limits(config, space)
    return Plan(
        algorithm=algorithm,
        metric=metric,
        direction=direction,
        static=static,
        space=space,
        strategy=strategy,
        resources=as_resources(config, static),
        n_jobs=n_jobs,
        n_parallel=n_parallel,
        max_seconds=max_seconds,
        max_job_seconds=definition["StoppingCondition"].get("MaxRuntimeInSeconds", 86_400),
        stops_early=config.get("TrainingJobEarlyStoppingType", "Off") == "Auto",
        criteria=as_criteria(config.get("TuningJobCompletionCriteria", {})),
        seed=config.get("RandomSeed", zlib.crc32(request["HyperParameterTuningJobName"].encode())),
        source=as_source(algorithm, definition.get("InputDataConfig", ()), sources),
    )


def check_offered(request):
    """Refuse what is not offered here, and a request without what every tuning job needs."""
    for name in ("Autotune", "TrainingJobDefinitions"):
        if name in request:
            raise ValueError(f"{name} is not offered here; give one TrainingJobDefinition, with ranges of your own")
    if "TrainingJobDefinition" not in request:
        raise ValueError("TrainingJobDefinition is missing; it says what is trained")
    for name in ("HyperParameterTuningJobObjective", "ParameterRanges"):
        if name not in request["HyperParameterTuningJobConfig"]:
            raise ValueError(f"HyperParameterTuningJobConfig has no {name}; add it")
    for name in ("TuningObjective", "HyperParameterRanges"):
        if name in request["TrainingJobDefinition"]:
            raise ValueError(f"{name} is for TrainingJobDefinitions; state it in HyperParameterTuningJobConfig")


def as_objective(algorithm, objective):
    """The metric without its channel, and the direction in which tuning moves it."""
    name, kind = objective["MetricName"], objective["Type"]
    if name not in algorithm.metrics:
        raise ValueError(f"MetricName {name!r} is no metric of {algorithm.name}; give {', '.join(algorithm.metrics)}")
    if kind != algorithm.metrics[name]:
        raise ValueError(f"{name} is better the other way round; the Type must be {algorithm.metrics[name]}")
    return name.split(":")[1], {"Maximize": "maximize", "Minimize": "minimize"}[kind]


def as_static(algorithm, texts, space):
    """The static hyperparameters in values, a dict."""
    if both := sorted(texts.keys() & space.keys()):
        raise ValueError(f"{both[0]} has a value in StaticHyperParameters and a range; keep one of both")
    if len(texts) + len(space) > MAX_STATIC_AND_TUNED:
        raise ValueError(f"there are {len(texts) + len(space)} hyperparameters; give at most {MAX_STATIC_AND_TUNED}")
    static = as_config(algorithm, texts)
    if missing := [name for name in algorithm.required if name not in static and name not in space]:
        raise ValueError(f"{algorithm.name} needs {', '.join(missing)}; add it to StaticHyperParameters")
    return static


def check_definition(definition):
    """Refuse a training job that the service could not start."""
    kinds = ("ResourceConfig", "HyperParameterTuningResourceConfig")
    if sum(kind in definition for kind in kinds) != 1:
        raise ValueError(f"give either {' or '.join(kinds)}, not both")
    resources = definition.get("ResourceConfig", {})
    if "ResourceConfig" in definition and "InstanceGroups" not in resources:
        missing = [n for n in ("InstanceType", "InstanceCount", "VolumeSizeInGB") if not resources.get(n)]
        if missing:
            raise ValueError(f"ResourceConfig has no {', '.join(missing)}; add it, as a number of at least 1")
    stop = definition["StoppingCondition"]
    spot, wait = definition.get("EnableManagedSpotTraining", False), stop.get("MaxWaitTimeInSeconds")
    if spot != (wait is not None):
        raise ValueError("MaxWaitTimeInSeconds goes with EnableManagedSpotTraining; give both or neither")
    if spot and wait < stop.get("MaxRuntimeInSeconds", 86_400):
        raise ValueError(f"MaxWaitTimeInSeconds is {wait}; give at least MaxRuntimeInSeconds")


def as_limits(config, space):
    """The number of training jobs, how many at once, and the seconds the tuning job may take."""
    limits, criteria = config["ResourceLimits"], config.get("TuningJobCompletionCriteria")
    n_jobs, n_parallel = limits.get("MaxNumberOfTrainingJobs"), limits["MaxParallelTrainingJobs"]
    max_seconds = limits.get("MaxRuntimeInSeconds", math.inf)
    if config["Strategy"] == "Grid":
        if numbers := [name for name, parameter in space.items() if not hasattr(parameter, "choices")]:
            raise ValueError(f"Strategy Grid takes CategoricalParameterRanges only; {numbers[0]} has a MinValue")
        if n_jobs not in (None, space.n_configs):
            raise ValueError(f"MaxNumberOfTrainingJobs is {n_jobs}; the grid has {space.n_configs}: leave it out")
        n_jobs = space.n_configs
    elif n_jobs is None and max_seconds == math.inf and not criteria:
        raise ValueError("MaxNumberOfTrainingJobs is missing; without it, MaxRuntimeInSeconds must end the tuning job")
    elif n_jobs is not None and n_jobs > space.n_configs:
        raise ValueError(
            "You don't have enough combinations of hyperparameter ranges. The total number of hyperparameter "
            f"combinations for the provided ranges, {space.n_configs}, must be equal to or greater than "
            f"MaxNumberOfTrainingJobs, {n_jobs}. Provide additional ranges"
        )
    if n_jobs is None:
        n_jobs = min(MAX_JOBS, space.n_configs)
    if "MaxNumberOfTrainingJobs" in limits and n_parallel > n_jobs:
        raise ValueError(f"MaxParallelTrainingJobs is {n_parallel}; give at most MaxNumberOfTrainingJobs, {n_jobs}")
    for name, kind, most, wanted in (
        ("MaxNumberOfTrainingJobs", "training jobs", MAX_JOBS, n_jobs),
        ("MaxParallelTrainingJobs", "parallel training jobs", MAX_PARALLEL, n_parallel),
    ):
        if wanted > most:
            raise LimitExceeded(QUOTA.format(kind, most, wanted, name))
    return n_jobs, min(n_parallel, n_jobs), max_seconds


def as_resources(config, static):
    """The fewest and most steps of a training job under Hyperband, or None."""
    given = config.get("StrategyConfig", {}).get("HyperbandStrategyConfig")
    if config["Strategy"] != "Hyperband":
        if given is not None:
            raise ValueError(f"HyperbandStrategyConfig is for Strategy Hyperband; it is {config['Strategy']}")
        return None
    if config.get("TrainingJobEarlyStoppingType", "Off") != "Off":
        raise ValueError("Hyperband stops jobs by itself; TrainingJobEarlyStoppingType must be Off")
    given = given or {}
    inferred = (static[name] for name in EPOCHS if name in static)
    low, high = given.get("MinResource", 1), given.get("MaxResource") or next(inferred, None)
    if high is None:
        raise ValueError(
            "MaxResource parameter is not provided and could not be inferred from provided static hyperparameters of "
            "TrainingJobDefinition; give it in HyperbandStrategyConfig"
        )
    if not low <= high <= MAX_RESOURCE:
        raise ValueError(f"MaxResource is {high}; give MinResource, {low}, to {MAX_RESOURCE}")
    return low, high


def as_criteria(criteria):
    """The completion criteria, a dict with any of target, patience and converged."""
    found = {}
    if (target := criteria.get("TargetObjectiveMetricValue")) is not None:
        if not math.isfinite(target):
            raise ValueError(f"TargetObjectiveMetricValue is {target}; give a finite number")
        found["target"] = target
    if "MaxNumberOfTrainingJobsNotImproving" in criteria.get("BestObjectiveNotImproving", {}):
        found["patience"] = criteria["BestObjectiveNotImproving"]["MaxNumberOfTrainingJobsNotImproving"]
    if criteria.get("ConvergenceDetected", {}).get("CompleteOnConvergence") == "Enabled":
        found["converged"] = True
    return found


def as_source(algorithm, channels, sources):
    """The address of the data set that both channels read from."""
    roles = dict(zip(algorithm.channels, ("train", "validation"), strict=True))
    used = {}
    for channel in channels:
        name, source = channel["ChannelName"], channel["DataSource"].get("S3DataSource")
        if name in used or name not in roles:
            raise ValueError(f"channel {name!r} is unknown or there twice; {algorithm.name} has {', '.join(roles)}")
        if source is None:
            raise ValueError(f"channel {name!r} has no S3DataSource; files and data sets of other kinds are not here")
        known = {f"{address}/{roles[name]}": address for address in sources}
        if (uri := source["S3Uri"].rstrip("/")) not in known:
            raise ValueError(
                f'No S3 objects found under S3 URL "{uri}" given in input data source; for channel {name!r} there is '
                f"{', '.join(known)}"
            )
        used[name] = known[uri]
    if missing := [name for name in roles if name not in used]:
        raise ValueError(f"InputDataConfig has no channel {', '.join(missing)}; {algorithm.name} needs it")
    if len(set(used.values())) > 1:
        raise ValueError(f"the channels read from {', '.join(used.values())}; let both read from one data set")
    return used[algorithm.channels[0]]
