"""Amazon Personalize: solutions, each a plan, and their versions, each trained in a process beside this one.

A solution and a version are kept as what the service says of them in full, a dict. Shorter answers are cut from it by
botocore, which knows what each answer holds. Times are seconds since 1970.

The process that trains (`main`, at the end) sets a tenth of the users aside. Tuning sees the others only: a job trains
on the older 90% of each one's events and is measured on the newest 10%. The final model learns from all events of the
training users, and is measured on the newest 10% of the events of those set aside, having been shown the older 90%.
"""

import json
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workshop.cloud.recipes import Plan, measure, plans
from workshop.cloud.service import Refused, Service, as_text, page
from workshop.datasets import Ratings, load_movielens, temporal_split
from workshop.tuning import BayesianSearch, Start, tune

HERE = "arn:aws:personalize:local:000000000000"
MOVIELENS_ARN = f"{HERE}:dataset-group/movielens-small"
PENDING, IN_PROGRESS, ACTIVE, FAILED = "CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE", "CREATE FAILED"
FLAGS = {"performHPO": False, "performAutoML": False, "performAutoTraining": False}
TEST_SHARE = 0.1  # of the users
MIN_USERS, MIN_EVENTS = 25, 1000


class Personalize(Service):
    """Amazon Personalize, from a solution to its metrics; imports, campaigns and automatic training are not offered.

    Versions are trained one after the other, each in a process of its own that ends with this one. `datasets` says what
    the ARN of a dataset group stands for; None stands for the ratings that ship.
    """

    broken_rule = "InvalidInputException"

    def __init__(self, datasets: Mapping[str, Ratings | None] | None = None):
        self._datasets = {MOVIELENS_ARN: None} if datasets is None else dict(datasets)
        self._solutions: dict[str, dict] = {}
        self._versions: dict[str, dict] = {}
        self._last: threading.Thread | None = None

    def create_solution(self, request: dict) -> dict:
        """Return the solutionArn; nothing is trained yet."""
        find("dataset group", request["datasetGroupArn"], self._datasets)
        try:
            plans(request)
        except LookupError as error:
            raise Refused("ResourceNotFoundException", str(error)) from error
        arn = f"{HERE}:solution/{request['name']}"
        solution = FLAGS | request | made() | {"solutionArn": arn, "status": ACTIVE}
        if self._solutions.setdefault(arn, solution) is not solution:
            raise Refused("ResourceAlreadyExistsException", f"there is a solution {arn}; choose another name")
        return solution

    def describe_solution(self, request: dict) -> dict:
        """Return the solution: what was asked for, and its latest version."""
        solution = dict(find("solution", request["solutionArn"], self._solutions))
        for version in self._versions_of(solution["solutionArn"]):
            solution["latestSolutionVersion"] = version
            if solution["performAutoML"] and version["status"] == ACTIVE:
                solution["autoMLResult"] = {"bestRecipeArn": version["recipeArn"]}
        return {"solution": solution}

    def list_solutions(self, request: dict) -> dict:
        """Return a page of solutions."""
        group, known = request.get("datasetGroupArn"), self._solutions.values()
        return listed("solutions", [s for s in known if group in (None, s["datasetGroupArn"])], request)

    def create_solution_version(self, request: dict) -> dict:
        """Return the solutionVersionArn; training has begun, or waits for its turn."""
        solution = find("solution", request["solutionArn"], self._solutions)
        mode, name = request.get("trainingMode", "FULL"), request.get("name")
        if mode != "FULL":
            raise ValueError(f"trainingMode is {mode!r}; these recipes are trained in mode 'FULL'")
        if name is not None and name in [version.get("name") for version in self._versions_of(request["solutionArn"])]:
            raise Refused("ResourceAlreadyExistsException", f"there is a version named {name}; choose another name")
        ratings = find("dataset group", solution["datasetGroupArn"], self._datasets) or load_movielens()
        arn = f"{solution['solutionArn']}/{uuid.uuid4().hex[:8]}"
        asked = {key: value for key, value in solution.items() if key not in ("name", "performAutoTraining")}
        version = asked | request | made() | {"solutionVersionArn": arn, "status": PENDING}
        self._versions[arn] = version | {"trainingMode": mode, "trainingType": "MANUAL"}
        call = (self._last, self._versions[arn], ratings.frame)
        self._last = threading.Thread(target=train_after, args=call, daemon=True)
        self._last.start()
        return {"solutionVersionArn": arn}

    def describe_solution_version(self, request: dict) -> dict:
        """Return the solution version: its status and, once ACTIVE, what tuning found."""
        return {"solutionVersion": dict(find("solution version", request["solutionVersionArn"], self._versions))}

    def list_solution_versions(self, request: dict) -> dict:
        """Return a page of versions, of one solution or of all."""
        if "solutionArn" in request:
            find("solution", request["solutionArn"], self._solutions)
        return listed("solutionVersions", self._versions_of(request.get("solutionArn")), request)

    def get_solution_metrics(self, request: dict) -> dict:
        """Return the metrics, measured on the newest tenth of the events of users held out from training."""
        version = dict(find("solution version", request["solutionVersionArn"], self._versions))
        if version["status"] in (PENDING, IN_PROGRESS):
            raise Refused("ResourceInUseException", f"the version is {version['status']}; wait until it is done")
        if version["status"] == FAILED:
            raise ValueError(f"there are no metrics, for this version failed: {version['failureReason']}")
        return version

    def _versions_of(self, solution_arn: str | None) -> list[dict]:
        return [dict(v) for v in list(self._versions.values()) if solution_arn in (None, v["solutionArn"])]


def find(kind: str, arn: str, known: Mapping) -> Any:
    """Return what has this name."""
    if arn not in known:
        raise Refused("ResourceNotFoundException", f"there is no {kind} {arn}; there are {', '.join(known) or 'none'}")
    return known[arn]


def made() -> dict:
    """Return the times of what is made now."""
    return {"creationDateTime": time.time(), "lastUpdatedDateTime": time.time()}


def listed(name: str, entries: list, request: dict) -> dict:
    """Return the page of entries that a request asks for."""
    try:
        return page(name, entries, request, size=100, names=("nextToken", "maxResults"))
    except ValueError as error:
        raise Refused("InvalidNextTokenException", str(error)) from error


def train_after(previous: threading.Thread | None, version: dict, events: pd.DataFrame) -> None:
    """Train a version, once the one before is done, in a process of its own, and keep what came of it."""
    if previous is not None:
        previous.join()
    started = time.time()
    version.update(status=IN_PROGRESS, lastUpdatedDateTime=started)
    outcome = run_trainer(version, events)
    status = FAILED if "failureReason" in outcome else ACTIVE
    hours = (time.time() - started) / 3600
    version.update(outcome, status=status, trainingHours=hours, lastUpdatedDateTime=time.time())


def run_trainer(request: dict, events: pd.DataFrame) -> dict:
    """Return what the process that trains answers; a dict with failureReason alone if it comes to an early end.

    The process gets the request and the events in one line. The pipe stays open behind it: when this process ends,
    however it ends, so does the pipe, and with it the trainer. Ctrl-C here does not reach it.
    """
    one_thread = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    paths = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")]
    table = {name: events[name].tolist() for name in ("user", "item", "rating")}
    table["timestamp"] = events["timestamp"].astype("datetime64[s]").astype("int64").tolist()
    trainer = subprocess.Popen(
        [sys.executable, "-c", "from workshop.cloud import personalize; personalize.main()"],
        env=os.environ | one_thread | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
    )
    said = [""]
    try:
        with trainer:
            print(json.dumps([request, table]), file=trainer.stdin, flush=True)
            said = trainer.stdout.read().splitlines() or said  # type: ignore[union-attr]
        return json.loads(said[-1])
    except (OSError, ValueError):
        return {"failureReason": f"the trainer ended with exit code {trainer.wait()}. {said[-1]}".strip()}


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


def end_after(wait: Callable) -> None:
    """Let this process end when the function `wait` comes back, whatever it is doing then."""
    threading.Thread(target=lambda: (wait(), os._exit(1)), daemon=True).start()


def main() -> None:
    """Train what the line on standard input asks for and print the outcome; end early when whoever wrote it is gone."""
    request, table = json.loads(sys.stdin.readline())
    end_after(lambda: os.read(0, 1))
    events = pd.DataFrame(table)
    events["timestamp"] = pd.to_datetime(events["timestamp"], unit="s")
    try:
        outcome = train(request, events)
    except Exception as error:
        outcome = {"failureReason": f"{type(error).__name__}: {error}"}
    print("\n" + json.dumps(outcome), flush=True)
