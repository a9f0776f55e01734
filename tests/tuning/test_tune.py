"""`tune`, the loop over a study: what objectives answer, how it ends, Ctrl-C."""

import decimal
import fractions
import math
import os
import pickle
import signal
import sys
import threading
import time

import numpy as np
import pytest
from studies import KINDS, NINE, PATIENCE_SECONDS, SPACE, bowl, curve, outcomes

from workshop.tuning import (
    BayesianSearch,
    Exhausted,
    Float,
    GridSearch,
    Int,
    Interrupted,
    MedianRule,
    RandomSearch,
    SimulatedClock,
    Space,
    Study,
    tune,
)

# What an objective answers


def fails():
    raise ZeroDivisionError("no \ud800 luck")


def reports(*values, returns=None):
    for value in values:
        yield value() if callable(value) else value
    return returns


class Awkward(decimal.Decimal):
    pass


ANSWERS = [  # the error, or the value, that comes of each, and what it has reported
    (math.nan, "returned nan"),
    (-math.inf, "returned -inf"),
    (None, "None"),
    ("0.5", "'0.5'"),
    (10**400, "OverflowError"),
    (fails, "ZeroDivisionError: no \\ud800 luck"),
    (lambda: reports(1.0, math.nan, 0.25), "reported nan at step 2", 1.0),
    (lambda: reports(1.0, fails), "ZeroDivisionError: no \\ud800 luck", 1.0),
    (lambda: reports(1.0, returns=0.5), "yields and returns 0.5", 1.0),
    (lambda: reports(1.0, "0.5", 0.25), "'0.5' is not a number", 1.0),
    (reports, "the objective yielded nothing"),
    (lambda: reports(1.0, 0.25), 0.25, 1.0, 0.25),
    (np.array(0.5), 0.5),
    (np.float32(0.5), 0.5),
    (fractions.Fraction(1, 2), 0.5),
    (decimal.Decimal("0.5"), 0.5),
    (Awkward("0.5"), 0.5),
    (np.bool_(1), 1.0),
]


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
@pytest.mark.parametrize(
    ("max_parallel", "executor"), [(1, None), (3, None), (3, SimulatedClock(1))], ids=["here", "threads", "clock"]
)
def test_one_number_in_any_form_is_a_value_and_anything_else_fails_its_trial_only(max_parallel, executor, direction):
    def objective(config):
        answer = ANSWERS[config["k"]][0]
        return answer() if callable(answer) else answer

    space = Space({"k": Int(0, len(ANSWERS) - 1)})
    settings = {"direction": direction, "max_parallel": max_parallel, "executor": executor, "progress": False}
    study = tune(objective, space, GridSearch(99), 99, **settings)
    assert len(study.history) == len(ANSWERS)
    for trial, (_, found, *reported) in zip(study.history, ANSWERS, strict=True):
        assert trial.values == tuple(reported) and type(trial.value) in (float, type(None))
        assert found in trial.error if isinstance(found, str) else trial.value == found
    assert study.best.value == (0.25 if direction == "minimize" else 1.0)


@pytest.mark.parametrize("max_parallel", [1, 3])
def test_values_are_kept_and_the_last_one_is_the_value(max_parallel):
    study = tune(curve, SPACE, RandomSearch(), 6, max_parallel=max_parallel, progress=False)
    for trial in study.history:
        assert trial.values == tuple(curve(trial.config)) and trial.value == trial.values[-1]
        assert trial.state == "complete" and pickle.loads(pickle.dumps(trial)) == trial
    plain = tune(lambda c: list(curve(c))[-1], SPACE, RandomSearch(), 6, progress=False)
    assert [(t.value, t.values) for t in plain.history] == [(t.value, ()) for t in study.history]


@pytest.mark.parametrize("strategy", [RandomSearch(), BayesianSearch(n_initial=2)], ids=repr)
def test_a_study_of_failures_only_goes_on_and_says_why_it_has_no_best(strategy):
    with pytest.raises(ValueError, match="tell a value first"):
        _ = Study(SPACE, strategy).best
    with pytest.warns(RuntimeWarning, match="all 5 trials failed; the first: ZeroDivisionError"):
        study = tune(lambda config: 1 / 0, KINDS, strategy, 5, progress=False)
    assert len(study.history.failed) == 5 and study.to_frame()["FinalObjectiveValue"].isna().all()
    with pytest.raises(ValueError, match="trial 0 failed: ZeroDivisionError"):
        _ = study.best


def test_the_objective_gets_a_dict_of_its_own():
    def greedy(config):
        assert type(config) is dict
        return config.pop("x")

    study = tune(greedy, SPACE, RandomSearch(), 3, progress=False)
    assert len(study.history.complete) == 3 and all("x" in t.config for t in study.history)


# The loop


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"space": {"x": Float(0, 1)}}, TypeError, "space="),
        ({"strategy": "random"}, TypeError, "strategy='random'"),
        ({"strategy": RandomSearch}, TypeError, "strategy="),
        ({"direction": "max"}, ValueError, "direction='max'"),
        ({"seed": -1}, ValueError, "seed=-1"),
        ({"seed": 0.5}, ValueError, "seed=0.5"),
        ({"seed": None}, ValueError, "seed=None"),
        ({"objective": 3}, TypeError, "objective=3"),
        ({"until": 10}, TypeError, "until=10"),
        ({"stopping": 3}, TypeError, "stopping=3 has no stop"),
        ({"stopping": MedianRule}, TypeError, "stopping="),
        ({"n_trials": 0}, ValueError, "n_trials=0"),
        ({"n_trials": 2.5}, ValueError, "n_trials=2.5"),
        ({"max_parallel": 0}, ValueError, "max_parallel=0"),
        ({"max_parallel": True}, ValueError, "max_parallel=True"),
        ({"executor": lambda n: 3}, TypeError, "executor="),
        ({"executor": "threads"}, TypeError, "executor='threads'"),
        *[({"executor": SimulatedClock(s)}, ValueError, f"{s}.* is not a duration") for s in (-1, math.nan, math.inf)],
    ],
)
def test_wrong_arguments_are_named(change, error, text):
    arguments = {"objective": bowl, "space": SPACE, "strategy": RandomSearch(), "n_trials": 2, "progress": False}
    with pytest.raises(error, match=text):
        tune(**(arguments | change))


def test_a_strategy_cannot_propose_what_the_space_does_not_hold():
    class Wrong:
        def propose(self, space, history, rng):
            return {"x": 7.0, "k": 1}

    with pytest.raises(ValueError, match=r"x: 7\.0"):
        tune(bowl, SPACE, Wrong(), 2, progress=False)


def test_an_exhausted_strategy_ends_quietly():
    study = tune(bowl, SPACE, GridSearch(3), 100, max_parallel=4, progress=False)
    assert len(study.history) == len(study.history.complete) == 9
    with pytest.raises(Exhausted):
        study.ask()


def test_the_time_limit_lets_running_trials_end(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def objective(config):
        now[0] += 30  # seconds
        return 1.0

    study = tune(objective, SPACE, RandomSearch(), 1000, until=lambda s: s.now() >= 100, progress=False)
    assert [(t.state, t.started, t.seconds) for t in study.history] == [("complete", s, 30) for s in (0, 30, 60, 90)]


@pytest.mark.parametrize("max_parallel", [1, 2])
def test_until_ends_a_study_and_lets_running_trials_end(max_parallel):
    until = lambda study: len(study.history.complete) >= 4  # noqa: E731
    study = tune(curve, SPACE, RandomSearch(), 50, until=until, max_parallel=max_parallel, progress=False)
    assert 4 <= len(study.history) < 4 + max_parallel and not study.history.running


def test_until_is_asked_before_the_first_trial(tmp_path):
    settings = {"storage": tmp_path / "study.sqlite", "progress": False}
    tune(curve, SPACE, RandomSearch(), 3, **settings)
    good = lambda study: bool(study.history.complete) and study.best.value < 10  # noqa: E731
    assert len(tune(curve, SPACE, RandomSearch(), 9, until=good, **settings).history) == 3


def test_the_bar_shows_the_best_value_and_failures(capsys):
    tune(lambda config: 1 / max(0, config["k"] - 6), NINE, GridSearch(9), 9, direction="maximize")
    shown = capsys.readouterr().err
    assert "9/9" in shown and "best 1" in shown and "6 failed" in shown
    tune(bowl, SPACE, RandomSearch(), 2, progress=False)
    assert capsys.readouterr().err == ""


@pytest.fixture
def ctrl_c():
    """An event that is set when Ctrl-C has come, also where the tests run in the background, which ignores it."""
    came = threading.Event()

    def handler(number, frame):
        came.set()
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, handler)
    yield came
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("max_parallel", [1, 3])
def test_ctrl_c_keeps_what_is_done_and_the_rest_is_resumed(tmp_path, max_parallel, ctrl_c):
    def objective(config):
        calls.append(config)
        if len(calls) == 6 and interrupting:
            signal.raise_signal(signal.SIGINT) if max_parallel == 1 else os.kill(os.getpid(), signal.SIGINT)
            assert ctrl_c.wait(PATIENCE_SECONDS)
        return bowl(config)

    calls, interrupting = [], True
    settings = {"max_parallel": max_parallel, "storage": tmp_path / "study.sqlite", "progress": False}
    with pytest.raises(Interrupted, match=r"interrupted after .* of 12 trials.* call tune again") as interrupted:
        tune(objective, SPACE, BayesianSearch(n_initial=4), 12, **settings)
    study = interrupted.value.study
    done = study.history.complete
    assert isinstance(interrupted.value, KeyboardInterrupt) and f"after {len(done)} of" in str(interrupted.value)
    assert 3 <= len(done) <= 8 and len(study.history.running) >= 1
    interrupting = False
    resumed = tune(objective, SPACE, BayesianSearch(n_initial=4), 12, **settings)  # while the first is still there
    assert [resumed.history[t.number] for t in done] == list(done)
    assert [resumed.history[t.number].config for t in study.history] == [t.config for t in study.history]
    assert len(resumed.history.complete) == 12
    if max_parallel == 1:
        whole = tune(bowl, SPACE, BayesianSearch(n_initial=4), 12, progress=False)
        assert outcomes(resumed) == outcomes(whole)


def test_asking_and_telling_go_through_the_past_trials_only_once():
    """What is counted does not depend on the machine: the calls of Python's functions."""
    study, called = tune(bowl, SPACE, RandomSearch(), 1000, progress=False), []
    sys.setprofile(lambda frame, event, argument: called.append(frame.f_code) if event == "call" else None)
    try:
        study.tell(study.ask(), 1.0)
    finally:
        sys.setprofile(None)
    assert 0 < len(called) < 2000


@pytest.mark.parametrize("max_parallel", [1, 2])
def test_objectives_run_here_one_at_a_time_and_in_threads_otherwise(max_parallel):
    here = lambda config: threading.current_thread() is threading.main_thread()  # noqa: E731
    study = tune(here, SPACE, RandomSearch(), 4, max_parallel=max_parallel, progress=False)
    assert [trial.value for trial in study.history] == [max_parallel == 1] * 4


@pytest.mark.usefixtures("ctrl_c")
def test_an_interrupted_study_in_memory_runs_what_was_cut_off_and_no_more():
    def objective(config):
        calls.append(config)
        if len(calls) == 4:
            signal.raise_signal(signal.SIGINT)
        return bowl(config)

    calls = []
    with pytest.raises(Interrupted, match=r"after 3 of 6 trials.* 1 cut off .* give tune a storage") as interrupted:
        tune(objective, SPACE, RandomSearch(), 6, progress=False)
    study = interrupted.value.study
    assert study.n_ended == 3 and interrupted.value._render_traceback_() == [str(interrupted.value)]
    while study.n_ended < 6:
        study.tell(study.ask(), 1.0)
    assert [t.number for t in study.history] == list(range(6)) and not study.history.running
    assert [t.config for t in study.history] == [
        t.config for t in tune(bowl, SPACE, RandomSearch(), 6, progress=False).history
    ]
