"""The process that trains a version of a solution of Amazon Personalize, as ``python -m workshop.cloud.trainer``.

It reads a request and events, in one line of JSON, and prints what came of them, in another. A tenth of the users is
set aside. Tuning sees the others only: a job trains on the older 90% of each one's events and is measured on the newest
10%. The final model learns from all events of the training users, and is measured on the newest 10% of the events of
those set aside, having been shown the older 90%.
"""

import json
import os
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context, parent_process
from typing import Any

import numpy as np
import pandas as pd

from workshop.cloud.recipes import Plan, measure, plans
from workshop.cloud.service import as_text
from workshop.datasets import temporal_split
from workshop.tuning import BayesianSearch, Start, tune

TEST_SHARE = 0.1  # of the users
MIN_USERS, MIN_EVENTS = 25, 1000


@dataclass(frozen=True)
class TrainingJob:
    """The metric of a config: trained on the older events of all training users, measured on their newer ones."""

    plan: Plan
    metric: str
    older: pd.DataFrame
    newer: pd.DataFrame

    def __call__(self, config: Mapping) -> float:
        """Return the metric, in [0, 1]: higher is better."""
        model = self.plan.recipe.train(self.plan.fixed | dict(config), self.plan.features, self.older)
        return measure(model, self.older, self.newer)[self.metric]


def train(request: Mapping, events: pd.DataFrame) -> dict:
    """Return what a version of a solution says once it is trained: recipeArn, metrics and, if tuned, tunedHPOParams.

    The `request` is one that `plans` takes; `events` has the columns user, item, rating and timestamp.
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
    config = best.plan.fixed | tuned_config(best)
    model = best.plan.recipe.train(config, best.plan.features, training)
    found = {"recipeArn": best.plan.recipe.arn, "metrics": measure(model, shown, hidden)}
    if best.plan.space is not None:
        found["tunedHPOParams"] = {"algorithmHyperParameters": {name: as_text(v) for name, v in config.items()}}
    return found


def tuned_config(job: TrainingJob) -> dict:
    """Return the best config that the plan's jobs find; {} if nothing is to be tuned."""
    plan = job.plan
    if plan.space is None:
        return {}
    n_parallel = min(plan.n_parallel, os.cpu_count() or 1)
    context = get_context("fork" if sys.platform == "linux" else "spawn")  # forked workers need not import again
    pool = partial(ProcessPoolExecutor, mp_context=context, initializer=end_with_parent)
    study = tune(
        job,
        plan.space,
        Start(defaults_within(plan), BayesianSearch(n_initial=4)),
        plan.n_jobs,
        direction="maximize",
        max_parallel=n_parallel,
        executor=pool if n_parallel > 1 else None,
        progress=False,
    )
    return dict(study.best.config)


def defaults_within(plan: Plan) -> list[dict]:
    """Return the recipe's defaults, to be tried first so that tuning does not end below them; none if out of range."""
    defaults = plan.recipe.defaults()
    try:
        return [plan.space.validate({name: defaults[name] for name in plan.space})]  # type: ignore[union-attr]
    except ValueError:
        return []


def enough(events: pd.DataFrame) -> pd.DataFrame:
    """Return the events, if the service would train on so few; ValueError otherwise."""
    many = (events.groupby("user").size() >= 2).sum()
    if len(events) < MIN_EVENTS or many < MIN_USERS:
        found = f"the data set has {len(events)} events and {many} users with two or more"
        raise ValueError(f"{found}; at least {MIN_EVENTS} events and {MIN_USERS} such users are needed")
    return events


def end_with_parent() -> None:
    """Let this process end when the one that started it does, even if that was killed."""
    end_after(lambda: parent_process().join())  # type: ignore[union-attr]


def end_after(wait: Any) -> None:
    """Let this process end when the function `wait` comes back, whatever it is doing then."""
    threading.Thread(target=lambda: (wait(), os._exit(1)), daemon=True).start()


def main() -> None:
    """Answer the line on standard input; end early when whoever wrote it is gone."""
    request, table = json.loads(sys.stdin.readline())
    end_after(lambda: os.read(0, 1))
    events = pd.DataFrame(table)
    events["timestamp"] = pd.to_datetime(events["timestamp"], unit="s")
    try:
        outcome = train(request, events)
    except Exception as error:
        outcome = {"failureReason": f"{type(error).__name__}: {error}"}
    print("\n" + json.dumps(outcome), flush=True)


if __name__ == "__main__":
    main()
