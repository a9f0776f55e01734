"""Running a tuning job: its plan as a call of `tune`, in a thread of its own, until a criterion or somebody ends it."""

import time
import warnings
from dataclasses import replace
from functools import partial

import numpy as np

from workshop.aws import as_text
from workshop.sagemaker.state import COMPLETED, FAILED, STOPPED, STOPPING
from workshop.tuning import BayesianSearch, GridSearch, History, Hyperband, MedianRule, RandomSearch, WarmStart, tune

CHECK_SECONDS = 0.1  # how often the file is asked whether somebody wants the job to stop
LITTLE = 0.01  # an improvement by less is none
MIN_CONVERGED, N_PLACES = 10, 500
ALL_FAILED = "All training jobs failed. Please take a look at the training jobs failures to get more details."


def run(jobs, job, data):
    """Run a tuning job to its end, unless somebody else does; the outcome is in its file.

    Parameters
    ----------
    jobs : Jobs
    job : Job
    data : Data
        What the job's source stands for.
    """
    lock = job.lock
    if not lock.take():
        return
    try:
        if jobs.status(job.number) in (COMPLETED, STOPPED, FAILED):  # since the caller looked
            return
        status, reason = Run(jobs, job, data).outcome()
        jobs.update(job.number, status=status, reason=reason, ended=time.time())
    except Exception as error:
        if not job.folder.exists():  # a temporary one, gone with its client
            return
        if "shutdown" not in str(error):  # of Python: then the job stays as it is, and the next client goes on with it
            jobs.update(job.number, status=FAILED, reason=f"{type(error).__name__}: {error}"[:1024], ended=time.time())
    finally:
        lock.release()


class Run:
    """One run of a job: the objective, the strategy, the stopping rule and the end, as `tune` takes them."""

    def __init__(self, jobs, job, data):
        self.jobs, self.job, self.plan, self.data = jobs, job, job.plan, data
        self.strategy, self.rule = as_strategy(self.plan), None
        if self.plan.strategy == "Hyperband":
            self.rule = self.strategy
        elif self.plan.stops_early:
            self.rule = MedianRule()
        if parents := job.request.get("WarmStartConfig"):
            known = [jobs.job(p["HyperParameterTuningJobName"]) for p in parents["ParentHyperParameterTuningJobs"]]
            histories = [as_parent(parent) for parent in known if parent is not None]
            transfer = parents["WarmStartType"] == "TransferLearning"
            self.strategy = WarmStart(self.strategy, histories, transfer=transfer)
        self.asked_at, self.wanted, self.first_seen = 0.0, False, {}

    def outcome(self):
        """The status of the job at its end, and the reason if it failed."""
        getattr(self.data, self.plan.algorithm.table)  # loaded once, before several trials want it
        self.deadline = time.monotonic() + self.plan.max_seconds - self.job.history.seconds
        if self.job.began is None:
            self.jobs.update(self.job.number, began=time.time())
        # (tune warns when all trials failed; here the job's status and reason say so)
        warnings.filterwarnings("ignore", "all .* trials failed", RuntimeWarning, module=r"workshop\.sagemaker")
        study = tune(
            self.train,
            self.plan.space,
            self.strategy,
            self.plan.n_jobs,
            direction=self.plan.direction,
            seed=self.plan.seed,
            max_parallel=self.plan.n_parallel,
            storage=self.job.study_path,
            progress=False,
            stopping=self,
            until=self.is_over,
        )
        if self.is_stopping():
            return STOPPED, None
        if len(study.history) > 0 and len(study.history.failed) == len(study.history):
            return FAILED, f"{ALL_FAILED} The first: {study.history[0].error}"[:1024]
        return COMPLETED, None

    def train(self, config):
        """The metric after each round or epoch of one training job, a generator."""
        tuned = {name: self.plan.algorithm.parse(name, as_text(value)) for name, value in config.items()}
        return self.plan.algorithm.train(self.plan.static | tuned, self.data, self.plan.metric)

    def stop(self, history, trial):
        """Whether to stop a trial now: the job's end has come, or the trial's own, or the rule says so."""
        age = time.monotonic() - self.first_seen.setdefault(trial.number, time.monotonic())
        if age > self.plan.max_job_seconds or time.monotonic() > self.deadline or self.is_stopping():
            return True
        return self.rule is not None and self.rule.stop(history, trial)

    def is_over(self, study):
        """Whether no further training job is to start."""
        if time.monotonic() > self.deadline or self.is_stopping():
            return True
        if self.plan.criteria.get("converged") and has_converged(self.plan.space, study.minimised):
            self.jobs.update(self.job.number, converged=time.time())
            return True
        return is_reached(self.plan, study.history)

    def is_stopping(self):
        """Whether somebody asked for the job to stop; the file is read every so often."""
        if not self.wanted and time.monotonic() > self.asked_at + CHECK_SECONDS:
            self.asked_at = time.monotonic()
            self.wanted = self.jobs.status(self.job.number) == STOPPING
        return self.wanted


def as_strategy(plan):
    """The strategy of a plan, as `tune` takes it."""
    makers = {"Bayesian": BayesianSearch, "Random": RandomSearch, "Grid": GridSearch}
    if plan.strategy == "Hyperband":
        makers["Hyperband"] = partial(Hyperband, plan.resources[1], plan.resources[0])
    return makers[plan.strategy]()


def as_parent(job):
    """What a parent job found: a History to be minimised, each config with the static hyperparameters beside the tuned.

    A static value stands there as a child's range would hold it: text if it is categorical, else a number.
    """
    wish = job.plan
    kinds = wish.algorithm.hyperparameters
    static = {name: as_text(v) if kinds[name].kind == "categorical" else v for name, v in wish.static.items()}
    whole = (replace(trial, config=static | dict(trial.config)) for trial in job.history)
    return History(whole if wish.sign == 1 else (trial.negated() for trial in whole))


def not_improving(values, sign):
    """How many of the last values (of complete trials, in order) did not better the best before by 1% or more.

    Parameters
    ----------
    values : sequence of float
    sign : {1, -1}
        -1 if higher is better.

    Examples
    --------
    >>> not_improving([0.70, 0.75, 0.751, 0.74], sign=-1)
    2
    """
    best, count = None, 0
    for value in values:
        if best is None or sign * (best - value) >= LITTLE * abs(best):
            count = 0
        else:
            count += 1
        best = value if best is None else min(best, value, key=lambda v: sign * v)
    return count


def is_reached(plan, history):
    """Whether a completion criterion other than convergence is met."""
    values = [trial.value for trial in history.complete]
    target, patience = plan.criteria.get("target"), plan.criteria.get("patience")
    if target is not None and any(plan.sign * value <= plan.sign * target for value in values):
        return True
    return patience is not None and not_improving(values, plan.sign) >= patience


def has_converged(space, history):
    """Whether a better value by 1% is unlikely anywhere: a Gaussian process's 95% band does not reach so far.

    The service does not publish its own test. `history` is to be minimised.
    """
    values = [trial.value for trial in history.complete]
    if len(values) < MIN_CONVERGED:
        return False
    rng = np.random.default_rng([0, len(history)])
    low, _, _ = BayesianSearch().believe(space, history).band([space.sample(rng) for _ in range(N_PLACES)])
    return bool(min(values) - low.min() < LITTLE * abs(min(values)))
