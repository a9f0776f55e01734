"""Objectives that report step by step: what is kept of it, by hand, in simulated time and in a file."""

import math
import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest
from reporting import RULES, SPACE, After, curve, outcomes

from workshop.tuning import (
    Float,
    GridSearch,
    History,
    Int,
    MedianRule,
    RandomSearch,
    SimulatedClock,
    Space,
    Study,
    Trial,
    tune,
)

# What is reported


@pytest.mark.parametrize("max_parallel", [1, 3])
def test_values_are_kept_and_the_last_one_is_the_value(max_parallel):
    study = tune(curve, SPACE, RandomSearch(), 6, max_parallel=max_parallel, progress=False)
    for trial in study.history:
        assert trial.values == tuple(curve(trial.config)) and trial.value == trial.values[-1]
        assert trial.state == "complete" and pickle.loads(pickle.dumps(trial)) == trial
    plain = tune(lambda c: list(curve(c))[-1], SPACE, RandomSearch(), 6, progress=False)
    assert [t.value for t in plain.history] == [t.value for t in study.history]
    assert [t.values for t in plain.history] == [()] * 6


def awkward(config):
    yield 1.0
    if config["k"] == 1:
        yield math.nan
    if config["k"] == 2:
        raise ZeroDivisionError("at step 2")
    if config["k"] == 3:
        return 0.5
    if config["k"] == 4:
        yield "0.5"
    yield 0.25


@pytest.mark.parametrize("executor", [None, SimulatedClock(1), ThreadPoolExecutor], ids=["here", "clock", "threads"])
def test_what_goes_wrong_on_the_way_fails_the_trial_and_keeps_its_values(executor):
    study = tune(awkward, Space({"k": Int(1, 5)}), GridSearch(5), 5, executor=executor, progress=False)
    assert [t.state for t in study.history] == ["failed"] * 4 + ["complete"]
    texts = [
        "reported nan at step 2",
        "ZeroDivisionError: at step 2",
        "yields and returns 0.5",
        "'0.5' is not a number",
    ]
    assert all(text in t.error for text, t in zip(texts, study.history, strict=False))
    assert [t.values for t in study.history] == [(1.0,)] * 4 + [(1.0, 0.25)]


def test_an_objective_that_yields_nothing_has_failed():
    with pytest.warns(RuntimeWarning, match="the objective yielded nothing"):
        study = tune(lambda config: (v for v in ()), SPACE, RandomSearch(), 1, progress=False)
    assert "yielded nothing" in study.history[0].error


def test_a_stopped_objective_can_tidy_up():
    tidied = []

    def objective(config):
        try:
            yield from curve(config)
        finally:
            tidied.append(config["k"])

    study = tune(objective, Space(dict(SPACE) | {"k": Int(5, 9)}), RandomSearch(), 3, stopping=After(2), progress=False)
    assert tidied == [t.config["k"] for t in study.history.stopped] and len(tidied) == 3


# By hand


def test_report_by_hand_says_when_to_stop():
    study = Study(SPACE, RandomSearch(), stopping=MedianRule(1), direction="maximize")
    first, second = study.ask(), study.ask()
    assert [study.report(first, value) for value in (0.5, 0.7)] == [False, False]
    assert study.history[0].values == (0.5, 0.7) and study.history[0].state == "running"
    assert study.tell(first) == study.history[0] and study.best.value == 0.7
    assert not study.report(second, 0.5) and study.report(second, 0.55)  # 0.6 is the average of the first so far
    told = study.tell(second, stopped=True)
    assert (told.state, told.value, told.values) == ("stopped", 0.55, (0.5, 0.55))
    assert study.history.stopped == History([told]) and second.number not in [t.number for t in study.history.complete]
    assert study.best.number == 0 and "1 stopped" in repr(study)
    assert list(study.to_frame()["FinalObjectiveValue"].isna()) == [False, True]


def test_values_can_be_told_at_the_end_and_advice_be_ignored():
    study = Study(SPACE, RandomSearch(), stopping=After(0))
    assert study.tell(study.ask(), values=[3.0, 2.0]).value == 2.0
    assert study.tell(study.ask(), 1.5, values=[3.0, 2.0]).value == 1.5
    stopped = study.tell(study.ask(), values=[3.0, 2.5], stopped=True)
    assert (stopped.state, stopped.value) == ("stopped", 2.5)
    failed = study.ask()
    study.report(failed, 1.0)
    assert study.tell(failed, error="out of memory").values == (1.0,)


def test_wrong_reports_are_refused_and_change_nothing():
    study = Study(SPACE, RandomSearch())
    trial = study.ask()
    for wrong, error, text in ((math.nan, ValueError, "nan at step 1"), ("1", TypeError, "not a number")):
        with pytest.raises(error, match=text):
            study.report(trial, wrong)
    with pytest.raises(TypeError, match="either a value or an error"):
        study.tell(trial, stopped=True)
    with pytest.raises(ValueError, match="was not asked"):
        study.report(Trial(5, trial.config), 1.0)
    assert study.history == History([trial])
    study.tell(trial, 1.0)
    with pytest.raises(ValueError, match="told already"):
        study.report(trial, 1.0)


def test_an_earlier_step_begins_again_from_there():
    study = Study(SPACE, RandomSearch())
    trial = study.ask()
    for step, value in ((1, 3.0), (2, 2.0), (1, 4.0), (2, 5.0)):
        study.report(trial, value, step=step)
    assert study.tell(trial).values == (4.0, 5.0)


# Simulated time


def test_simulated_seconds_depend_on_the_steps_done():
    clock = SimulatedClock(lambda config: config["k"])
    study = tune(curve, SPACE, RandomSearch(), 20, stopping=After(3), max_parallel=4, executor=clock, progress=False)
    assert study.history.stopped and study.history.complete
    for trial in study.history:
        assert trial.seconds == pytest.approx(len(trial.values) * trial.config["k"])
    assert clock.now() == max(t.started + t.seconds for t in study.history)


def test_simulated_trials_know_what_others_have_reported_by_then():
    seen = {}

    class Spy:
        def stop(self, history, trial):
            seen[trial.number, len(trial.values)] = [len(t.values) for t in history]
            return False

    clock = SimulatedClock(lambda config: config["k"])
    study = tune(curve, Space({"x": Float(0, 0), "k": Int(1, 3)}), GridSearch(3), 3, max_parallel=3,
                 stopping=Spy(), executor=clock, progress=False)  # fmt: skip
    for (number, step), lengths in seen.items():
        now = step * study.history[number].config["k"]
        for other, length in zip(study.history, lengths, strict=True):
            done = min(9, now / other.config["k"])
            assert done - 1 <= length <= done  # a step that ends this moment may be told before or after


# The file


@pytest.mark.slow
def test_a_resumed_study_equals_an_uninterrupted_one(tmp_path):
    for name, (strategy, rule) in enumerate(RULES):
        path = tmp_path / f"{name}.sqlite"
        whole = tune(curve, SPACE, strategy, 12, stopping=rule, progress=False)
        for n_trials in (2, 5, 12):
            study = tune(curve, SPACE, strategy, n_trials, stopping=rule, storage=path, progress=False)
        assert outcomes(study) == outcomes(whole)
        assert Study(SPACE, strategy, storage=path).history == study.history


def test_values_reported_survive_reading_the_file_again_and_are_stored_when_told(tmp_path):
    path = tmp_path / "study.sqlite"
    one, two = (Study(SPACE, RandomSearch(), storage=path) for _ in range(2))
    first = one.ask()
    one.report(first, 3.0)
    two.tell(two.ask(), 1.0)
    second = one.ask()  # reads what the other study has stored
    assert one.history[0].values == (3.0,) and second.number == 2
    one.report(first, 2.0)
    assert Study(SPACE, RandomSearch(), storage=path).history[0].values == ()
    one.tell(first, stopped=True)
    assert Study(SPACE, RandomSearch(), storage=path).history[0] == one.history[0]
    assert one.history[0].values == (3.0, 2.0)
    one.close()
    two.close()


def test_an_orphan_begins_anew(tmp_path):
    path = tmp_path / "study.sqlite"
    study = Study(SPACE, RandomSearch(), storage=path)
    study.report(study.ask(), 3.0)
    study.close()
    assert study.ask().values == () and study.history[0].values == ()
    study.close()
