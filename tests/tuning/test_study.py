"""A study by hand: ask, report, tell."""

import math

import numpy as np
import pytest
from studies import SPACE, After

from workshop.tuning import (
    History,
    MedianRule,
    RandomSearch,
    Study,
    Trial,
    tune,
)


def test_ask_and_tell_build_the_history():
    study = Study(SPACE, RandomSearch())
    first, second = study.ask(), study.ask()
    assert (first.number, second.number, first.state) == (0, 1, "running")
    told = study.tell(second, 2)
    assert told == study.history[1] and told.state == "complete" and told.value == 2.0
    assert [t.state for t in study.history] == ["running", "complete"]
    assert "1 running, 1 complete" in repr(study)


def test_report_says_when_to_stop():
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


def test_outcomes_may_be_told_at_the_end_and_advice_be_ignored():
    study = Study(SPACE, RandomSearch(), stopping=After(0))
    for told, outcome in [
        ({"values": [3.0, 2.0]}, ("complete", 2.0, (3.0, 2.0), None)),
        ({"value": 1.5, "values": [3.0, 2.0]}, ("complete", 1.5, (3.0, 2.0), None)),
        ({"values": [3.0, 2.5], "stopped": True}, ("stopped", 2.5, (3.0, 2.5), None)),
        ({"error": OSError("no disk")}, ("failed", None, (), "OSError: no disk")),
        ({"error": "out of memory"}, ("failed", None, (), "out of memory")),
        ({"value": math.nan}, ("failed", None, (), "the objective returned nan")),
    ]:
        trial = study.tell(study.ask(), **told)
        assert (trial.state, trial.value, trial.values, trial.error) == outcome
    study.report(failed := study.ask(), 1.0)
    assert study.tell(failed, error="out of memory").values == (1.0,)


def test_an_earlier_step_begins_again_from_there():
    study = Study(SPACE, RandomSearch())
    trial = study.ask()
    for step, value in ((1, 3.0), (2, 2.0), (1, 4.0), (2, 5.0)):
        study.report(trial, value, step=step)
    assert study.tell(trial).values == (4.0, 5.0)


def test_wrong_reports_and_tells_are_refused_and_change_nothing():
    study, other = Study(SPACE, RandomSearch()), Study(SPACE, RandomSearch(), seed=1)
    trial = study.ask()
    study.report(trial, 3.0)
    for act in (study.tell, study.report):
        for wrong in (0, None, {"x": 1.0}, SPACE):
            with pytest.raises(TypeError, match="give what ask returned"):
                act(wrong, 1.0)
        for wrong in ("0.3", 1j, [1.0], np.array([1.0, 2.0])):
            with pytest.raises(TypeError, match=r"value=.* is not a number"):
                act(trial, wrong)
        for unknown in (other.ask(), other.ask(), Trial(7, trial.config)):
            with pytest.raises(ValueError, match="was not asked of this study"):
                act(unknown, 1.0)
    for wrong in (0, -1, 1.5, True, "2", 3, 10):
        with pytest.raises(ValueError, match=f"step={wrong!r}"):
            study.report(trial, 2.0, step=wrong)
    with pytest.raises(ValueError, match="nan at step 2"):
        study.report(trial, math.nan)
    for nothing in ({"value": 1.0, "error": "both"}, {"stopped": True, "values": ()}):
        with pytest.raises(TypeError, match="either a value or an error"):
            study.tell(trial, **nothing)
    assert [t.values for t in study.history] == [(3.0,)] and study.history[0].state == "running"
    study.tell(trial, 1.0)
    for act in (study.tell, study.report):
        with pytest.raises(ValueError, match=r"trial 0 is told already \(complete\)"):
            act(trial, 2.0)
    assert study.best.value == 1.0


def test_strategies_see_values_to_minimise_and_cannot_change_the_study():
    seen = []

    class Spy:
        def propose(self, space, history, rng):
            seen.append(history)
            return space.sample(rng)

    study = tune(lambda config: 5.0, SPACE, Spy(), 3, direction="maximize", progress=False)
    assert [t.value for t in seen[2]] == [-5.0, -5.0] and isinstance(seen[2], History)
    assert [t.value for t in study.history] == [5.0, 5.0, 5.0]
