"""Evidence for the appendix on early stopping: rules against seconds, and a warm start."""

from dataclasses import replace
from functools import cache

import numpy as np

from benchmarks.evidence.claims import Claim, Seeds, above, estimate, unproven, within
from benchmarks.evidence.judged import ratings
from workshop.objectives import LikedAUC
from workshop.tuning import (
    BayesianSearch,
    Float,
    Hyperband,
    Int,
    MedianRule,
    RandomSearch,
    SimulatedClock,
    Space,
    WarmStart,
    analysis,
    tune,
)

PART = "appendix_early_stopping"
SPACE = Space(
    {
        "eta": Float(0.01, 1, log=True),
        "max_depth": Int(1, 8),
        "min_child_weight": Float(0.1, 100, log=True),
        "subsample": Float(0.3, 1),
    }
)
WIDE = Space(
    {"eta": Float(0.0003, 1, log=True), "max_depth": Int(1, 8), "min_child_weight": Float(0.1, 1000, log=True)}
)
CONTESTANTS = {
    "random": (RandomSearch(), None),
    "median": (RandomSearch(), MedianRule()),
    "hyperband": (Hyperband(27), None),
    "bayesian": (BayesianSearch(), MedianRule()),
}


@cache
def objective() -> LikedAUC:
    """Return the objective of the appendix, judged on 3,000 rows."""
    liked = LikedAUC(ratings(), n_train=2000)
    liked.valid = liked.valid.sample(3000, random_state=0)
    return liked


@cache
def full(seed: int):
    """Return twenty random trials that run to their end."""
    settings = {"seed": seed, "direction": "maximize", "progress": False}
    return tune(rounds, SPACE, RandomSearch(), 20, executor=SimulatedClock(lambda c: c["max_depth"]), **settings)


def rounds(config):
    """Yield the AUC after each of 27 rounds."""
    return objective().report({**config, "num_round": 27})


def spent(study) -> float:
    """Return the seconds of training of a study."""
    return sum(trial.seconds for trial in study.history if trial.seconds is not None)


@cache
def raced(name: str, seed: int) -> float:
    """Return the best AUC within the seconds of twenty full random trials of the same seed."""
    if name == "random":
        return full(seed).best.value
    strategy, rule = CONTESTANTS[name]
    budget = spent(full(seed))
    limits = {"n_trials": 200, "until": lambda study: spent(study) >= budget, "seed": seed}
    clock = SimulatedClock(lambda c: c["max_depth"])
    settings = {"stopping": rule, "executor": clock, "direction": "maximize", "progress": False}
    done = tune(rounds, SPACE, strategy, **limits, **settings).history.complete
    in_time = [trial.value for trial in done if trial.started + trial.seconds <= budget]
    return max(in_time)


def gap(one: str, other: str) -> Seeds:
    """Return the best AUC in time of one contestant minus that of another."""
    return Seeds(lambda seed: raced(one, seed) - raced(other, seed))


def agreement(step: int, seed: int) -> float:
    """Return the rank correlation of the values of twenty trials after a round with those at the end."""
    values = np.array([trial.values for trial in full(seed).history])
    ranks = values.argsort(axis=0).argsort(axis=0)
    return float(np.corrcoef(ranks[:, step - 1], ranks[:, -1])[0, 1])


@cache
def halves() -> tuple[LikedAUC, LikedAUC]:
    """Return the objectives of even and of odd users."""
    frame = ratings().frame
    even = frame["user"] % 2 == 0
    ours, theirs = (LikedAUC(replace(ratings(), frame=frame[rows]), n_train=1000) for rows in (even, ~even))
    return ours, theirs


@cache
def warm(kind: str, seed: int) -> np.ndarray:
    """Return the best AUC after each of 8 trials: cold, or with a parent of 15 trials, new with every seed."""
    ours, theirs = halves()
    settings = {"direction": "maximize", "progress": False}
    parents = {"identical": ours, "other": theirs}
    start = BayesianSearch()
    if kind in parents:
        parent = tune(parents[kind], WIDE, BayesianSearch(), 15, seed=100 + seed, **settings)
        start = WarmStart(BayesianSearch(), [parent], transfer=kind == "other")
    return analysis.best_by_trial([tune(ours, WIDE, start, 8, seed=seed, **settings)])[0]


def ahead(kind: str, trial: int) -> Seeds:
    """Return how far a warm search is ahead of a cold one after some trials."""
    return Seeds(lambda seed: warm(kind, seed)[trial - 1] - warm("cold", seed)[trial - 1])


BEGIN = "Over 16 seeds, each with a parent of its own, neither parent makes the first trial clearly better"

CLAIMS = [
    Claim("e.warm-first", PART, BEGIN, "AUC after 1 trial, same data minus cold", ahead("identical", 1), unproven()),
    Claim("e.warm-other", PART, BEGIN, "AUC after 1 trial, other users minus cold", ahead("other", 1), unproven()),
    Claim(
        "e.warm-last",
        PART,
        "after eight trials hardly anything is left",
        "AUC after 8 trials, identical data minus cold",
        ahead("identical", 8),
        estimate(-0.001, 0.004),
    ),
    Claim(
        "e.agree-1",
        PART,
        "The first round says nothing",
        "rank correlation after 1 round",
        Seeds(lambda s: agreement(1, s)),
        within(-0.35, 0.35),
    ),
    Claim(
        "e.agree-18",
        PART,
        "Agreement then grows",
        "rank correlation, after 18 rounds minus after 3",
        Seeds(lambda s: agreement(18, s) - agreement(3, s)),
        above(0),
    ),
    Claim(
        "e.bayes",
        PART,
        "Bayesian search with the median rule",
        "best AUC in time, Bayesian with rule minus random",
        gap("bayesian", "random"),
        above(0),
    ),
    Claim(
        "e.median",
        PART,
        "The random search that stops",
        "best AUC in time, random with rule minus without",
        gap("median", "random"),
        unproven(),
    ),
    Claim(
        "e.hyperband",
        PART,
        "slightly behind them",
        "best AUC in time, Hyperband minus random",
        gap("hyperband", "random"),
        within(-0.006, 0.003),
    ),
]
