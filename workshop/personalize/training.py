"""The trainer: a process of its own that trains the versions waiting in a state file, one after the other, and ends.

It outlives the notebook that started it, as training in the cloud does. One trainer at a time works on a file, and a
version's jobs run side by side in at most as many processes as the machine has cores, so that several versions started
at once are trained in turn. Run as ``python -m workshop.personalize.training STATE_FILE``.
"""

import os
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context, parent_process

import numpy as np
import pandas as pd

from workshop.aws import as_text
from workshop.datasets import temporal_split
from workshop.personalize.plans import Plan, plans
from workshop.personalize.recipes import measure
from workshop.personalize.state import State
from workshop.tuning import BayesianSearch, tune

TEST_SHARE = 0.1  # of the users
MIN_USERS, MIN_EVENTS = 25, 1000


@dataclass(frozen=True)
class TrainingJob:
    """The metric of a config: trained on the older events of all training users, measured on their newer ones."""

    plan: Plan
    metric: str
    older: pd.DataFrame
    newer: pd.DataFrame

    def __call__(self, config):
        """The metric, in [0, 1]: higher is better."""
        model = self.plan.recipe.train(self.plan.fixed | config, self.plan.features, self.older)
        return measure(model, self.older, self.newer)[self.metric]


@dataclass(frozen=True)
class DefaultsFirst:
    """A strategy whose first trial is the recipe's defaults, so that tuning does not end below them unawares."""

    defaults: dict
    then: BayesianSearch

    def propose(self, space, history, rng):
        """The defaults where the space has them; then what `then` proposes."""
        config = {name: self.defaults[name] for name in space}
        if len(history) == 0:
            try:
                return space.validate(config)
            except ValueError:  # a range without the default
                pass
        return self.then.propose(space, history, rng)


def train(request, events):
    """What comes of a CreateSolution request: a dict with recipe_arn, tuned (dict of str, or None) and metrics.

    A tenth of the users is set aside. Tuning sees the others only: a job trains on the older 90% of each one's events
    and is measured on the newest 10%. The final model learns from all events of the training users, and is measured on
    the newest 10% of the events of those set aside, having been shown the older 90%.

    Parameters
    ----------
    request : dict
        As `plans` takes it.
    events : DataFrame
        Columns user, item, rating and timestamp.
    """
    candidates, metric = plans(request)
    events = enough(events[events["rating"] >= candidates[0].threshold])
    users = np.unique(events["user"])
    tested = np.random.default_rng(0).choice(users, max(1, round(TEST_SHARE * len(users))), replace=False)
    is_test = events["user"].isin(tested)
    training, (shown, hidden) = events[~is_test], temporal_split(events[is_test])
    older, newer = temporal_split(training)
    jobs = [TrainingJob(plan, metric, older, newer) for plan in candidates]
    best = jobs[0] if len(jobs) == 1 else max(jobs, key=lambda job: job({}))
    plan = best.plan
    config = plan.fixed | (tuned_config(best) if plan.space else {})
    model = plan.recipe.train(config, plan.features, training)
    return {
        "recipe_arn": plan.recipe.arn,
        "tuned": {name: as_text(value) for name, value in config.items()} if plan.space else None,
        "metrics": measure(model, shown, hidden),
    }


def tuned_config(job):
    """The best config, a dict, that the plan's jobs find."""
    plan = job.plan
    strategy = DefaultsFirst(plan.recipe.defaults(), BayesianSearch(n_initial=4))
    n_parallel = min(plan.n_parallel, os.cpu_count() or 1)
    context = get_context("fork" if sys.platform == "linux" else "spawn")  # this process has one thread: a fork is safe
    pool = partial(ProcessPoolExecutor, mp_context=context, initializer=end_with_parent)
    study = tune(
        job,
        plan.space,
        strategy,
        plan.n_jobs,
        direction="maximize",
        max_parallel=n_parallel,
        executor=pool if n_parallel > 1 else None,
        progress=False,
    )
    return dict(study.best.config)


def end_with_parent():
    """Let this process end when the one that started it does, even if that was killed."""
    threading.Thread(target=lambda: (parent_process().join(), os._exit(1)), daemon=True).start()


def enough(events):
    """The events, if the service would train on so few; ValueError otherwise."""
    many = (events.groupby("user").size() >= 2).sum()
    if len(events) < MIN_EVENTS or many < MIN_USERS:
        raise ValueError(
            f"the data set has {len(events)} events and {many} users with two or more; "
            f"at least {MIN_EVENTS} events and {MIN_USERS} such users are needed"
        )
    return events


def main(path):
    """Train what waits in the state file at `path`, until nothing does, or another trainer is at work."""
    state = State(path)
    if not state.begin_work(patience=2):
        return
    while (version := state.next_version()) is not None:
        arn, request, events = version
        started = time.monotonic()
        try:
            outcome = train(request, events)
        except Exception as error:
            state.fail(arn, f"{type(error).__name__}: {error}")
        else:
            state.finish(arn, outcome, hours=(time.monotonic() - started) / 3600)


if __name__ == "__main__":
    main(sys.argv[1])
