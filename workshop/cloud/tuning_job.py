"""A tuning job of SageMaker: what its request asks for, in values, and running it as a call of `tune`."""

import math
import time
import warnings
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from workshop import tuning
from workshop.cloud.algorithms import ALGORITHMS, Algorithm, Data
from workshop.cloud.service import as_ranges, as_space, parse_all
from workshop.tuning import History, Space, Study, Trial

IN_PROGRESS, STOPPING, STOPPED = "InProgress", "Stopping", "Stopped"
COMPLETED, FAILED = "Completed", "Failed"
MAX_JOBS = 750
EPOCHS = ("epochs", "numepochs", "n-epochs", "n_epochs", "num_epochs")  # what MaxResource is inferred from
LITTLE = 0.01  # an improvement by less is none
MIN_CONVERGED, N_PLACES = 10, 500
ALL_FAILED = "All training jobs failed. Please take a look at the training jobs failures to get more details."


@dataclass
class TuningJob:
    """A tuning job: its request in values, and how far it has come; times in seconds since 1970, 0 if not come yet."""

    request: dict
    algorithm: Algorithm
    metric: str  # without its channel
    static: dict
    space: Space
    strategy: Any
    rule: Any  # which training jobs are stopped early, or None
    n_jobs: int
    data: Data
    parents: list["TuningJob"] = field(default_factory=list)
    study: Study | None = None
    created: float = field(default_factory=time.time)
    began: float = 0.0
    ended: float = 0.0
    converged: float = 0.0
    is_stopped: bool = False  # whether somebody wants it to stop
    outcome: str = ""  # its status once it has ended
    reason: str = ""
    first_seen: dict = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the request calls it."""
        return self.request["HyperParameterTuningJobName"]

    @property
    def status(self) -> str:
        """How it stands, in the word of the service."""
        return self.outcome or (STOPPING if self.is_stopped else IN_PROGRESS)

    @property
    def config(self) -> dict:
        """The request's HyperParameterTuningJobConfig."""
        return self.request["HyperParameterTuningJobConfig"]

    @property
    def sign(self) -> int:
        """1 if lower values of the metric are better, else -1."""
        return 1 if self.config["HyperParameterTuningJobObjective"]["Type"] == "Minimize" else -1

    @property
    def history(self) -> History:
        """Its training jobs so far, as trials; the values are as they were reported."""
        return History() if self.study is None else self.study.history

    def run(self) -> None:
        """Run it to its end: `status` and `reason` say how it ended."""
        # The status and the reason of the job say so; a warning in this thread would be read by nobody.
        warnings.filterwarnings("ignore", "all .* trials failed", RuntimeWarning, module=r"workshop\.cloud")
        try:
            getattr(self.data, self.algorithm.table)  # loaded once, before several training jobs want it
            self.began = time.time()
            limits = self.config["ResourceLimits"]
            study = tuning.tune(
                self.train,
                self.space,
                self.warm_strategy(),
                self.n_jobs,
                direction="minimize" if self.sign == 1 else "maximize",
                seed=self.config.get("RandomSeed", zlib.crc32(self.name.encode())),
                max_parallel=min(limits["MaxParallelTrainingJobs"], self.n_jobs),
                progress=False,
                stopping=self,
                until=self.is_over,
            )
            if self.is_stopped:
                self.end(STOPPED)
            elif len(study.history.failed) == len(study.history) > 0:
                self.end(FAILED, f"{ALL_FAILED} The first: {study.history[0].error}")
            else:
                self.end(COMPLETED)
        except Exception as error:
            self.end(FAILED, f"{type(error).__name__}: {error}")

    def end(self, status: str, reason: str = "") -> None:
        """Keep how it ended."""
        self.reason, self.ended, self.outcome = reason[:1024], time.time(), status

    def train(self, config: Mapping) -> Iterator[float]:
        """Return the metric after each round or epoch of one training job, one by one."""
        return self.algorithm.train(self.static | dict(config), self.data, self.metric)

    def is_ending(self) -> bool:
        """Return whether somebody stopped it, or its time is over."""
        seconds = self.config["ResourceLimits"].get("MaxRuntimeInSeconds", math.inf)
        return self.is_stopped or time.time() - self.began > seconds

    def stop(self, history: History, trial: Trial) -> bool:
        """Return whether to stop a training job now: the end has come for all, or for this one, or the rule says so."""
        age = time.monotonic() - self.first_seen.setdefault(trial.number, time.monotonic())
        longest = self.request["TrainingJobDefinition"]["StoppingCondition"].get("MaxRuntimeInSeconds", 86_400)
        return self.is_ending() or age > longest or (self.rule is not None and self.rule.stop(history, trial))

    def is_over(self, study: Study) -> bool:
        """Return whether no further training job is to start."""
        self.study = study  # here it is seen for the first time, before its first trial
        criteria = self.config.get("TuningJobCompletionCriteria", {})
        target = criteria.get("TargetObjectiveMetricValue", -self.sign * math.inf)
        patience = criteria.get("BestObjectiveNotImproving", {}).get("MaxNumberOfTrainingJobsNotImproving", math.inf)
        if criteria.get("ConvergenceDetected", {}).get("CompleteOnConvergence") == "Enabled" and not self.converged:
            self.converged = time.time() if has_converged(self.space, study.minimised) else 0.0
        is_reached = any(self.sign * trial.value <= self.sign * target for trial in study.history.complete)
        return self.is_ending() or is_reached or self.converged > 0 or self.n_not_improving() >= patience

    def n_not_improving(self) -> int:
        """Return how many of the last completed training jobs did not better the best before by 1% or more."""
        best, count = math.inf, 0
        for value in (self.sign * trial.value for trial in self.history.complete):
            count = 0 if best == math.inf or best - value >= LITTLE * abs(best) else count + 1
            best = min(best, value)
        return count

    def warm_strategy(self) -> Any:
        """Return the strategy, begun with what the parents found; a cold one if nothing of theirs is in its ranges."""
        found = tuple(parent.as_parent() for parent in self.parents if parent.history.complete)
        if not found:
            return self.strategy
        kind = self.request["WarmStartConfig"]["WarmStartType"]
        warm = tuning.WarmStart(self.strategy, found, transfer=kind == "TransferLearning")
        try:
            warm.known(self.space, History())
        except ValueError:
            return self.strategy
        return warm

    def as_parent(self) -> History:
        """Return what it found, to be minimised, each config with the static hyperparameters beside the tuned ones."""
        whole = (replace(trial, config=self.static | dict(trial.config)) for trial in self.history)
        return History(whole if self.sign == 1 else (trial.negated() for trial in whole))


def as_job(request: dict, datasets: Mapping[str, Data], find: Any) -> TuningJob:
    """Return the `TuningJob` of a CreateHyperParameterTuningJob request, not yet run.

    ValueError, naming the field and the remedy, for what the service would not accept, or is not offered here.
    `datasets` has data by address, such as ``s3://movielens/small``; `find` returns the job of a name, or None.
    """
    config, definition = request["HyperParameterTuningJobConfig"], request.get("TrainingJobDefinition", {})
    ranges = dict(config.get("ParameterRanges", {}))
    for name, given in (
        ("Autotune", "Autotune" in request),
        ("TrainingJobDefinitions", "TrainingJobDefinitions" in request),
        ("AutoParameters", ranges.pop("AutoParameters", [])),
    ):
        if given:
            raise ValueError(f"{name} is not offered here; give one TrainingJobDefinition, with ranges of your own")
    if not definition:
        raise ValueError("TrainingJobDefinition is missing; it says what is trained")
    algorithm = find_algorithm(definition["AlgorithmSpecification"])
    texts = {name: v for name, v in definition.get("StaticHyperParameters", {}).items() if not name.startswith("_")}
    static = parse_all(algorithm.name, algorithm.hyperparameters, texts)
    space = as_space(as_ranges(algorithm.name, algorithm.hyperparameters, ranges, scale="Auto"), static)
    if missing := [name for name in algorithm.required if name not in static and name not in space]:
        raise ValueError(f"{algorithm.name} needs {', '.join(missing)}; add it to StaticHyperParameters")
    objective, directions = config.get("HyperParameterTuningJobObjective", {}), algorithm.directions()
    if (metric := objective.get("MetricName")) not in directions:
        raise ValueError(f"MetricName is {metric!r}; {algorithm.name} has {', '.join(directions)}")
    if objective["Type"] != directions[metric]:
        raise ValueError(f"{metric} is better the other way round; the Type must be {directions[metric]}")
    strategy, rule = as_strategy(config, static)
    n_jobs, data = as_number(config, space), as_data(algorithm, definition.get("InputDataConfig", ()), datasets)
    job = TuningJob(request, algorithm, metric.split(":")[1], static, space, strategy, rule, n_jobs, data)
    if "WarmStartConfig" in request:
        parents = request["WarmStartConfig"]["ParentHyperParameterTuningJobs"]
        job.parents = [as_parent(job, parent.get("HyperParameterTuningJobName", ""), find) for parent in parents]
    return job


def find_algorithm(specification: Mapping) -> Algorithm:
    """Return the `Algorithm` of a request's AlgorithmSpecification: ".../sagemaker-xgboost:1.7-1" is xgboost."""
    given = specification.get("TrainingImage") or specification.get("AlgorithmName", "")
    name = given.rsplit("/", 1)[-1].split(":")[0].removeprefix("sagemaker-")
    if name not in ALGORITHMS:
        raise ValueError(f"no algorithm {given!r} runs here; end TrainingImage with {', '.join(ALGORITHMS)}")
    return ALGORITHMS[name]


def as_strategy(config: Mapping, static: Mapping) -> tuple[Any, Any]:
    """Return the strategy, as `tune` takes it, and the rule by which it stops training jobs, or None."""
    name, early = config["Strategy"], config.get("TrainingJobEarlyStoppingType", "Off") == "Auto"
    given = config.get("StrategyConfig", {}).get("HyperbandStrategyConfig", {})
    if name != "Hyperband":
        if given:
            raise ValueError(f"HyperbandStrategyConfig is for Strategy Hyperband; it is {name}")
        strategies = {"Bayesian": tuning.BayesianSearch, "Random": tuning.RandomSearch, "Grid": tuning.GridSearch}
        return strategies[name](), tuning.MedianRule() if early else None
    if early:
        raise ValueError("Hyperband stops jobs by itself; TrainingJobEarlyStoppingType must be Off")
    inferred = next((static[name] for name in EPOCHS if name in static), None)
    low, high = given.get("MinResource", 1), given.get("MaxResource", inferred)
    if high is None:
        raise ValueError(
            "MaxResource parameter is not provided and could not be inferred from provided static hyperparameters of "
            "TrainingJobDefinition; give it in HyperbandStrategyConfig"
        )
    if low > high:
        raise ValueError(f"MaxResource is {high}; give at least MinResource, {low}")
    hyperband = tuning.Hyperband(high, low)
    return hyperband, hyperband


def as_number(config: Mapping, space: Space) -> int:
    """Return how many training jobs there are at most."""
    limits = config["ResourceLimits"]
    n_jobs, n_parallel = limits.get("MaxNumberOfTrainingJobs"), limits["MaxParallelTrainingJobs"]
    if config["Strategy"] == "Grid":
        if numbers := [name for name, parameter in space.items() if not hasattr(parameter, "choices")]:
            raise ValueError(f"Strategy Grid takes CategoricalParameterRanges only; {numbers[0]} has a MinValue")
        if n_jobs not in (None, space.n_configs):
            raise ValueError(f"MaxNumberOfTrainingJobs is {n_jobs}; the grid has {space.n_configs}: leave it out")
    elif n_jobs is None and "MaxRuntimeInSeconds" not in limits and not config.get("TuningJobCompletionCriteria"):
        raise ValueError("MaxNumberOfTrainingJobs is missing; without it, MaxRuntimeInSeconds must end the tuning job")
    elif n_jobs is not None and n_jobs > space.n_configs:
        raise ValueError(
            "You don't have enough combinations of hyperparameter ranges. The total number of hyperparameter "
            f"combinations for the provided ranges, {space.n_configs}, must be equal to or greater than "
            f"MaxNumberOfTrainingJobs, {n_jobs}. Provide additional ranges"
        )
    if n_jobs is not None and n_parallel > n_jobs:
        raise ValueError(f"MaxParallelTrainingJobs is {n_parallel}; give at most MaxNumberOfTrainingJobs, {n_jobs}")
    return int(n_jobs or min(MAX_JOBS, space.n_configs))


def as_data(algorithm: Algorithm, channels: Iterable[Mapping], datasets: Mapping[str, Data]) -> Data:
    """Return the data that both channels read from."""
    found = {c["ChannelName"]: c["DataSource"].get("S3DataSource", {}).get("S3Uri", "").rstrip("/") for c in channels}
    train, judge = algorithm.channels
    for address, data in datasets.items():
        if found == {train: f"{address}/train", judge: f"{address}/validation"}:
            return data
    known = " or ".join(datasets)
    reads = f"{algorithm.name} reads {train} from .../train and {judge} from .../validation below {known}"
    raise ValueError(f"InputDataConfig has the channels {found}; {reads}")


def as_parent(job: TuningJob, name: str, find: Any) -> TuningJob:
    """Return the parent of this name; ValueError unless `job` may start from it."""
    parent, request = find(name), job.request
    if job.config["Strategy"] not in ("Bayesian", "Random"):
        raise ValueError(f"Strategy is {job.config['Strategy']}; a warm start needs Bayesian or Random")
    if parent is None:
        raise ValueError(f"there is no tuning job {name!r} to start from; list_hyper_parameter_tuning_jobs() tells")
    if parent.status not in (COMPLETED, STOPPED):
        raise ValueError(f"tuning job {name} is {parent.status}; a parent must be {COMPLETED} or {STOPPED}")
    if (job.algorithm.name, job.metric) != (parent.algorithm.name, parent.metric):
        raise ValueError(f"{name} tuned {parent.metric} of {parent.algorithm.name}; tune the same here")
    if wrong := (job.static.keys() | job.space.keys()) ^ (parent.static.keys() | parent.space.keys()):
        names = ", ".join(sorted(wrong))
        raise ValueError(f"{name} had other hyperparameters, static or tuned: {names} differ; give just the same here")
    if request["WarmStartConfig"]["WarmStartType"] == "IdenticalDataAndAlgorithm":
        new, old = request["TrainingJobDefinition"], parent.request["TrainingJobDefinition"]
        image, data = "AlgorithmSpecification", "InputDataConfig"
        if (new[image].get("TrainingImage"), new[data]) != (old[image].get("TrainingImage"), old[data]):
            raise ValueError(f"image or data differ from those of {name}; keep both, or use TransferLearning")
    return parent


def has_converged(space: Space, history: History) -> bool:
    """Return whether a better value by 1% is unlikely anywhere: a Gaussian process's 95% band does not reach so far.

    The service does not publish its own test. `history` is to be minimised.
    """
    values = [trial.value for trial in history.complete]
    if len(values) < MIN_CONVERGED:
        return False
    rng = np.random.default_rng([0, len(history)])
    low, _, _ = tuning.BayesianSearch().believe(space, history).band([space.sample(rng) for _ in range(N_PLACES)])
    return bool(min(values) - low.min() < LITTLE * abs(min(values)))
