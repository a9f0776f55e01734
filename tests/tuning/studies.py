"""Spaces, objectives, rules, and what came of a study: what the tests of the tuning have in common."""

import hashlib
import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial

import numpy as np
import pytest

from workshop.tuning import (
    BayesianSearch,
    Categorical,
    Float,
    History,
    Hyperband,
    Int,
    MedianRule,
    RandomSearch,
    Space,
    Study,
    Trial,
    tune,
)

SPACE = Space({"x": Float(-2, 2), "k": Int(1, 9)})
NINE = Space({"k": Int(1, 9)})
ALONG_K = Space({"x": Float(1, 1), "k": Int(1, 9)})
KINDS = Space(dict(SPACE) | {"kind": Categorical(["a", 1, True, None, 1.5])})
RULES = [(RandomSearch(), MedianRule(2)), (Hyperband(9), None), (BayesianSearch(n_initial=4), MedianRule(2))]

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs fork and signals")
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


def bowl(config):
    return (config["x"] - 1) ** 2 + 0.1 * config["k"]


CONFIGS = [SPACE.sample(np.random.default_rng(seed)) for seed in range(12)]
PARENT = History(Trial(number, config, "complete", bowl(config)) for number, config in enumerate(CONFIGS))


def holed(config):
    """A bowl that fails for one k: failures have to be stored too."""
    if config["k"] == 9:
        raise ValueError("nine")
    return bowl(config)


def curve(config):
    """Nine steps down to (x - 1)^2."""
    for step in range(1, 10):
        yield (config["x"] - 1) ** 2 + config["k"] / step**2


class After:
    """A rule that stops every trial whose k is above 4 once it has reported so many steps."""

    def __init__(self, steps):
        self.steps = steps

    def stop(self, history, trial):
        assert history[trial.number] == trial and trial.state == "running"
        return trial.config["k"] > 4 and len(trial.values) >= self.steps


def study_of(path, **change):
    return Study(**({"space": KINDS, "strategy": RandomSearch(), "storage": path} | change))


def stored(path, **change):
    tune(holed, KINDS, RandomSearch(), 4, storage=path, progress=False, **change)
    return path


def outcomes(study):
    return [(t.number, dict(t.config), t.state, t.value, t.error, t.values) for t in study.history]


@contextmanager
def unchanged(path):
    """Check that a file and its folder are what they were."""
    before = hashlib.sha256(path.read_bytes()).hexdigest(), sorted(path.parent.iterdir())
    yield
    assert (hashlib.sha256(path.read_bytes()).hexdigest(), sorted(path.parent.iterdir())) == before
