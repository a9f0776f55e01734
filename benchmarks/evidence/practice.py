"""Evidence for section 6 of part 4: how many hyperparameters, on which scale; and for jobs on two workers."""

from functools import cache

import numpy as np

from benchmarks.evidence.claims import Claim, Exact, Seeds, above, below, estimate, within
from benchmarks.evidence.race import RACE_SPACE, objective, quick
from workshop.distributed import DistributedAUC
from workshop.tuning import BayesianSearch, Float, Int, RandomSearch, Space, tune

PART = "04_hyperparameter_tuning"
KNOBS = {
    **RACE_SPACE,
    "reg_lambda": Float(0.001, 1000, log=True),
    "subsample": Float(0.05, 1),
    "reg_alpha": Float(0.001, 1000, log=True),
    "max_delta_step": Float(0.01, 10, log=True),
}
SCALES = {"linear": False, "auto": "auto", "log": True}
STRATEGIES = {"random": RandomSearch(), "bayesian": BayesianSearch(n_initial=4)}


@cache
def best_of_16(n: int, seed: int) -> float:
    """Return the best AUC of 16 random trials over the first n hyperparameters."""
    space = Space(dict(list(KNOBS.items())[:n]))
    return tune(quick, space, RandomSearch(), 16, seed=1000 + seed, direction="maximize", progress=False).best.value


def numbers(one: int, other: int) -> Seeds:
    """Return the best of 16 with some hyperparameters minus that with others."""
    return Seeds(lambda seed: best_of_16(one, seed) - best_of_16(other, seed))


@cache
def on_scale(scale: str, strategy: str, seed: int) -> float:
    """Return the best AUC of eight trials of two hyperparameters on a scale."""
    log = SCALES[scale]
    space = Space({"eta": Float(0.00001, 1, log=log), "min_child_weight": Float(0.01, 1000, log=log)})
    return tune(quick, space, STRATEGIES[strategy], 8, seed=seed, direction="maximize", progress=False).best.value


def scales(one: str, other: str, strategy: str) -> Seeds:
    """Return the best on one scale minus that on another."""
    return Seeds(lambda seed: on_scale(one, strategy, seed) - on_scale(other, strategy, seed), 24)


@cache
def reports() -> tuple:
    """Return what both workers report of twelve random configs (12, 2), and the AUC of all rows (12,)."""
    space = Space({"eta": Float(0.01, 1, log=True), "max_depth": Int(1, 8)})
    own, joint = (DistributedAUC(objective(), n_workers=2, metric=metric) for metric in ("own", "joint"))
    study = tune(joint, space, RandomSearch(), 12, direction="maximize", progress=False)
    both = [[report.value for report in sorted(own.reports(dict(trial.config)))] for trial in study.history]
    return np.array(both), np.array([trial.value for trial in study.history])


def best_wins() -> float:
    """Return the exact chance that the best config wins when a coin decides who reports last, over all 4,096 ways."""
    both, joint = reports()
    coins = (np.arange(2**12)[:, None] >> np.arange(12)) & 1
    seen = np.where(coins == 0, both[:, 0], both[:, 1])
    return float(np.mean(seen.argmax(axis=1) == joint.argmax()))


BOTH = "appendix_distributed_training"
RUIN = "most hyperparameters can ruin a model and few can save it"

CLAIMS = [
    Claim(
        "4.one-knob",
        PART,
        "With `eta` alone, 0.7555: too few.",
        "best of 16, two hyperparameters minus one",
        numbers(2, 1),
        above(0),
    ),
    Claim(
        "4.five-knobs",
        PART,
        "over 16 repeats five end level with two",
        "best of 16, five hyperparameters minus two",
        numbers(5, 2),
        within(-0.003, 0.003),
    ),
    Claim("4.seven-knobs", PART, RUIN, "best of 16, seven hyperparameters minus two", numbers(7, 2), below(0)),
    Claim(
        "4.log-random",
        PART,
        "over 24 seeds the gap is 0.03, plus or minus 0.03",
        "AUC of 8 random trials, log minus linear",
        scales("log", "linear", "random"),
        estimate(0.02, 0.04),
    ),
    Claim(
        "4.log-bayes",
        PART,
        "Bayesian search, too, is better on log scales (0.755 against 0.748), by 0.006 over 24 seeds",
        "AUC of 8 Bayesian trials, log minus linear",
        scales("log", "linear", "bayesian"),
        above(0),
    ),
    Claim(
        "4.auto",
        PART,
        "over 24 seeds it ends 0.007 below log",
        "AUC of 8 Bayesian trials, auto minus log",
        scales("auto", "log", "bayesian"),
        below(0),
    ),
    Claim(
        "4.auto-random",
        PART,
        'For random search `"auto"` draws a scale for each trial, and ends level with log',
        "AUC of 8 random trials, auto minus log",
        scales("auto", "log", "random"),
        within(-0.006, 0.006),
    ),
    Claim(
        "d.best-wins",
        BOTH,
        "The best config wins 3% of the tunings.",
        "chance that it wins, all 4,096 coins",
        Exact(best_wins),
        estimate(0.015, 0.045),
    ),
    Claim(
        "d.gap",
        BOTH,
        "A gap of 0.04 is many times what separates good configs.",
        "largest gap over the range of the best four",
        Exact(lambda: np.ptp(reports()[0], axis=1).max() / np.ptp(np.sort(reports()[1])[-4:])),
        above(5),
    ),
]
