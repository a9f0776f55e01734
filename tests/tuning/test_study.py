import decimal
import fractions
import math
import os
import signal
import sys
import threading
import time

import numpy as np
import pytest
from reporting import PATIENCE_SECONDS, outcomes

from workshop.tuning import (
    BayesianSearch,
    Categorical,
    Exhausted,
    Float,
    GridSearch,
    History,
    Int,
    Interrupted,
    MedianRule,
    RandomSearch,
    Space,
    Study,
    Trial,
    tune,
)

SPACE = Space({"x": Float(-2, 2), "k": Int(1, 9), "kind": Categorical(["a", 1, True, None])})


def bowl(config):
    return (config["x"] - 1) ** 2 + 0.1 * config["k"]


def test_ask_and_tell_build_the_history():
    study = Study(SPACE, RandomSearch())
    first, second = study.ask(), study.ask()
    assert (first.number, second.number, first.state) == (0, 1, "running")
    told = study.tell(second, 2)
    assert told == study.history[1] and told.state == "complete" and told.value == 2.0
    assert [t.state for t in study.history] == ["running", "complete"]
    assert "1 running, 1 complete" in repr(study)


def test_a_proposal_depends_on_seed_number_and_history_only():
    study = tune(bowl, SPACE, BayesianSearch(n_initial=4), 7, seed=3, progress=False)
    for k, trial in enumerate(study.history):
        rng = np.random.default_rng([3, k])
        assert BayesianSearch(n_initial=4).propose(SPACE, study.history[:k], rng) == dict(trial.config)


@pytest.mark.parametrize("strategy", [GridSearch(3), RandomSearch(), BayesianSearch(n_initial=3)], ids=repr)
def test_maximising_is_minimising_with_the_sign_changed(strategy):
    low = tune(bowl, SPACE, strategy, 7, progress=False)
    high = tune(lambda config: -bowl(config), SPACE, strategy, 7, direction="maximize", progress=False)
    assert [t.config for t in low.history] == [t.config for t in high.history]
    assert [t.value for t in low.history] == [-t.value for t in high.history]
    assert low.best.number == high.best.number == min(low.history, key=lambda t: t.value).number
    assert (high.to_frame()["FinalObjectiveValue"] == -low.to_frame()["FinalObjectiveValue"]).all()


def test_strategies_see_values_to_minimise_and_cannot_change_the_study():
    seen = []

    class Spy:
        def propose(self, space, history, rng):
            seen.append(history)
            return space.sample(rng)

    study = tune(lambda config: 5.0, SPACE, Spy(), 3, direction="maximize", progress=False)
    assert [t.value for t in seen[2]] == [-5.0, -5.0] and isinstance(seen[2], History)
    assert [t.value for t in study.history] == [5.0, 5.0, 5.0]


def failing(config):
    if config["k"] == 1:
        return math.nan
    if config["k"] == 2:
        return -math.inf
    if config["k"] == 3:
        raise ZeroDivisionError("no \ud800 luck")
    if config["k"] == 4:
        return None
    if config["k"] == 5:
        return "0.5"
    if config["k"] == 6:
        return 10**400
    return np.float32(config["k"])


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
@pytest.mark.parametrize("max_parallel", [1, 3])
def test_a_failing_objective_fails_its_trial_only(direction, max_parallel):
    space = Space({"k": Int(1, 9)})
    study = tune(failing, space, GridSearch(9), 9, direction=direction, max_parallel=max_parallel, progress=False)
    assert [t.state for t in study.history] == ["failed"] * 6 + ["complete"] * 3
    errors = [t.error for t in study.history.failed]
    expected = ["returned nan", "returned -inf", "ZeroDivisionError: no \\ud800 luck", "None", "'0.5'", "OverflowError"]
    for error, text in zip(errors, expected, strict=True):
        assert text in error
    assert study.best.value == (7 if direction == "minimize" else 9)


@pytest.mark.parametrize("strategy", [RandomSearch(), BayesianSearch(n_initial=2)], ids=repr)
def test_a_study_of_failures_only_goes_on_and_says_why_it_has_no_best(strategy):
    with pytest.warns(RuntimeWarning, match="all 5 trials failed; the first: ZeroDivisionError"):
        study = tune(lambda config: 1 / 0, SPACE, strategy, 5, progress=False)
    assert len(study.history.failed) == 5 and study.to_frame()["FinalObjectiveValue"].isna().all()
    with pytest.raises(ValueError, match="trial 0 failed: ZeroDivisionError"):
        _ = study.best


def test_a_failure_can_be_told_by_hand():
    study = Study(SPACE, RandomSearch())
    assert study.tell(study.ask(), error=OSError("no disk")).error == "OSError: no disk"
    assert study.tell(study.ask(), error="out of memory").error == "out of memory"
    assert study.tell(study.ask(), math.nan).state == "failed"
    with pytest.raises(ValueError, match="tell a value first"):
        _ = Study(SPACE, RandomSearch()).best


def test_wrong_tells_are_refused_and_change_nothing():
    study, other = Study(SPACE, RandomSearch()), Study(SPACE, RandomSearch(), seed=1)
    trial = study.ask()
    for wrong in (0, None, {"x": 1.0}, SPACE):
        with pytest.raises(TypeError, match="give what ask returned"):
            study.tell(wrong, 1.0)
    for wrong in ("0.3", None, 1j, [1.0], np.array([1.0, 2.0])):
        with pytest.raises(TypeError, match="value="):
            study.tell(trial, wrong)
    with pytest.raises(TypeError, match="either a value or an error"):
        study.tell(trial, 1.0, error="both")
    for unknown in (other.ask(), other.ask(), Trial(7, trial.config)):
        with pytest.raises(ValueError, match="was not asked of this study"):
            study.tell(unknown, 1.0)
    assert study.history == History([trial])
    study.tell(trial, 1.0)
    with pytest.raises(ValueError, match=r"trial 0 is told already \(complete\)"):
        study.tell(trial, 2.0)
    assert study.best.value == 1.0


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
    ],
)
def test_wrong_arguments_are_named(change, error, text):
    arguments = {"objective": bowl, "space": SPACE, "strategy": RandomSearch(), "n_trials": 2, "progress": False}
    with pytest.raises(error, match=text):
        tune(**(arguments | change))


def test_a_strategy_cannot_propose_what_the_space_does_not_hold():
    class Wrong:
        def propose(self, space, history, rng):
            return {"x": 7.0, "k": 1, "kind": "a"}

    with pytest.raises(ValueError, match=r"x: 7\.0"):
        tune(bowl, SPACE, Wrong(), 2, progress=False)


def test_the_objective_gets_a_dict_of_its_own():
    def greedy(config):
        assert type(config) is dict
        return config.pop("x")

    study = tune(greedy, SPACE, RandomSearch(), 3, progress=False)
    assert len(study.history.complete) == 3 and all("x" in t.config for t in study.history)


def test_an_exhausted_strategy_ends_quietly():
    study = tune(bowl, Space({"x": Float(-2, 2), "k": Int(1, 3)}), GridSearch(3), 100, max_parallel=4, progress=False)
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


def test_the_bar_shows_the_best_value_and_failures(capsys):
    tune(failing, Space({"k": Int(1, 9)}), GridSearch(9), 9)
    shown = capsys.readouterr().err
    assert "9/9" in shown and "best 7" in shown and "6 failed" in shown
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


def test_objectives_run_where_the_documentation_says():
    places = []
    tune(lambda c: places.append(threading.current_thread()) or 1.0, SPACE, RandomSearch(), 4, progress=False)
    assert set(places) == {threading.main_thread()}
    places.clear()
    tune(lambda c: places.append(threading.current_thread()) or 1.0, SPACE, RandomSearch(), 4, max_parallel=2)
    assert threading.main_thread() not in places and len(places) == 4


class Awkward(decimal.Decimal):
    pass


@pytest.mark.parametrize(
    "value",
    [np.array(0.5), np.float32(0.5), decimal.Decimal("0.5"), Awkward("0.5"), fractions.Fraction(1, 2), np.bool_(1)],
    ids=repr,
)
def test_one_number_or_truth_value_in_any_form_is_a_value(value):
    study = tune(lambda config: value, SPACE, RandomSearch(), 1, progress=False)
    assert study.best.value == float(value) and type(study.best.value) is float


@pytest.mark.parametrize("wrong", [0, -1, 1.5, True, "2", 3, 10])
def test_a_step_that_is_not_the_next_or_an_earlier_one_is_refused(wrong):
    study = Study(SPACE, RandomSearch())
    trial = study.ask()
    study.report(trial, 3.0, step=1)
    with pytest.raises(ValueError, match=f"step={wrong!r}"):
        study.report(trial, 2.0, step=wrong)
    assert study.history[0].values == (3.0,)


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
