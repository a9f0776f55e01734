"""An objective that reports, rules that stop it, and what came of a study: for the tests of the tuning."""

import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import pytest

from workshop.tuning import BayesianSearch, Float, Hyperband, Int, MedianRule, RandomSearch, Space

SPACE = Space({"x": Float(-2, 2), "k": Int(1, 9)})
RULES = [(RandomSearch(), MedianRule(2)), (Hyperband(9), None), (BayesianSearch(n_initial=4), MedianRule(2))]
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs fork and signals")


def curve(config):
    """Nine steps down to (x - 1)^2."""
    for step in range(1, 10):
        yield (config["x"] - 1) ** 2 + config["k"] / step**2


def outcomes(study):
    return [(t.number, dict(t.config), t.state, t.value, t.error, t.values) for t in study.history]


forks = partial(
    ProcessPoolExecutor, mp_context=None if sys.platform == "win32" else multiprocessing.get_context("fork")
)


PATIENCE_SECONDS = 300  # how long anything is waited for: no test takes as long, unless it hangs


def wait_until(condition):
    """Return once `condition()` holds: how long that takes decides nothing, but an end has to come."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, f"not so within {PATIENCE_SECONDS} seconds"
        time.sleep(0.01)


class After:
    """A rule that stops every trial whose k is above 4 once it has reported so many steps."""

    def __init__(self, steps):
        self.steps = steps

    def stop(self, history, trial):
        assert history[trial.number] == trial and trial.state == "running"
        return trial.config["k"] > 4 and len(trial.values) >= self.steps
