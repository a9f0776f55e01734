"""The median rule and Hyperband, against the same computed by hand."""

import statistics

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workshop.tuning import (
    BayesianSearch,
    Float,
    History,
    Hyperband,
    MedianRule,
    Space,
    Trial,
    tune,
)

SPACE = Space({"x": Float(0, 1)})


def ended(number, *values, state="complete"):
    return Trial(number, {"x": 0.5}, state, values[-1], values=values)


def running(number, *values):
    return Trial(number, {"x": 0.5}, values=values)


# The median rule


CURVE = st.lists(st.integers(-9, 9), min_size=1, max_size=6)
STATES = st.sampled_from(["complete", "complete", "stopped", "failed", "running"])


@given(st.lists(st.tuples(CURVE, STATES), max_size=8), CURVE, st.integers(1, 4), st.integers(1, 4))
@example([([5, 3, 1], "complete"), ([8, 4, 3], "complete"), ([10, 8], "stopped")], [20, 6], 3, 2)  # averages 4, 6, 9
def test_the_median_rule_is_what_the_sentence_says(others, values, min_trials, min_steps):
    n, history, averages = len(values), [], []
    for number, (other, state) in enumerate(others):
        value = other[-1] if state in ("complete", "stopped") else None
        history.append(Trial(number, {"x": 0.5}, state, value, values=other))
        if value is not None and len(other) >= n:
            averages.append(sum(other[:n]) / n)
    expected = n >= min_steps and len(averages) >= min_trials and values[-1] > statistics.median(averages)
    stopped = MedianRule(min_trials, min_steps).stop(History(history), running(len(others), *values))
    assert stopped is expected


# Hyperband


def test_the_brackets_are_those_of_table_1():
    """Li et al. (2018), table 1: n_i and r_i for R = 81, eta = 3."""
    assert Hyperband(81).brackets == (
        ((81, 1), (27, 3), (9, 9), (3, 27), (1, 81)),
        ((34, 3), (11, 9), (3, 27), (1, 81)),
        ((15, 9), (5, 27), (1, 81)),
        ((8, 27), (2, 81)),
        ((5, 81),),
    )


@given(st.integers(1, 2000), st.integers(1, 50), st.integers(2, 5))
def test_the_brackets_of_any_size(max_steps, min_steps, eta):
    if min_steps > max_steps:
        with pytest.raises(ValueError, match="max_steps="):
            Hyperband(max_steps, min_steps, eta)
        return
    brackets = Hyperband(max_steps, min_steps, eta).brackets
    n_brackets = len(brackets)
    assert min_steps * eta ** (n_brackets - 1) <= max_steps < min_steps * eta**n_brackets
    for s, bracket in zip(reversed(range(n_brackets)), brackets, strict=True):
        assert len(bracket) == s + 1 and bracket[-1][1] == max_steps
        assert bracket[0][0] == int(np.ceil(np.float64(n_brackets * eta**s) / (s + 1)))  # algorithm 1, line 3
        assert all(n == bracket[0][0] // eta**i for i, (n, _) in enumerate(bracket))
        assert all(abs(step - max_steps / eta ** (s - i)) <= 0.5 for i, (_, step) in enumerate(bracket))
        assert bracket[0][1] >= min_steps


def test_trials_fill_the_brackets_in_turn_and_again():
    places = [Hyperband(9).bracket_of(number) for number in range(34)]
    assert places == ([0] * 9 + [1] * 5 + [2] * 3) * 2


@pytest.mark.parametrize(
    ("values", "goes_on"),
    [
        # The best of up to five goes on from the first rung, the best two of six to eight, the best three of nine.
        ([0.5, 0.6, 0.4, 0.7, 0.41, 0.42, 0.45, 0.1, 0.2], [0, 2, 7, 8]),
        # Four of five learn nothing in the first round: the fifth is better than all that went on before it.
        ([0.5, 0.5, 0.5, 0.5, 0.4], [0, 4]),
    ],
)
def test_a_rung_by_hand(values, goes_on):
    history, strategy = [], Hyperband(9)
    for number, value in enumerate(values):
        trial = running(number, value)
        assert strategy.stop(History([*history, trial]), trial) is (number not in goes_on), number
        steps, state = (9, "complete") if number in goes_on else (1, "stopped")
        history.append(ended(number, *[value] * steps, state=state))
    if len(values) == 9:  # the second rung judges at step 3, the end is no rung
        for later, stop in (((0.6, 0.6), False), ((0.6, 0.6, 0.6), True), ((0.9,) * 9, False)):
            assert strategy.stop(History([*history[:8], running(8, *later)]), running(8, *later)) is stop
    for other in (running(9, 0.9), running(9, 0.9, 0.9, 0.9)):  # of another bracket, judged at 3, against its own
        assert not strategy.stop(History([*history, other]), other)


def test_of_equal_trials_one_in_eta_goes_on():
    """Every third of equal trials goes on from a rung, and so every ninth from the next one."""
    study = tune(lambda c: (0.5 for _ in range(9)), SPACE, Hyperband(9), 9, progress=False)
    assert [len(t.values) for t in study.history] == [9, 1, 1, 1, 1, 3, 1, 1, 3]


def test_the_best_value_of_an_ordered_race_is_never_stopped():
    """Where every step ranks the trials as the last one does, all who beat those before them run to the end."""
    study = tune(lambda c: (c["x"] + 1 / step for step in range(1, 28)), SPACE, Hyperband(27), 60, progress=False)
    best = np.inf
    for trial in study.history:
        if trial.config["x"] < best:
            best = trial.config["x"]
            assert trial.state == "complete"
    assert study.best.config["x"] == best and len(study.history.stopped) > 30


# What a Bayesian strategy makes of stopped trials


def believed(*stopped):
    """The value expected at x = 0.8 after four complete trials on a line, and stopped ones there."""
    complete = [Trial(k, {"x": x}, "complete", x) for k, x in enumerate([0.0, 0.2, 0.4, 0.6])]
    given_up = [Trial(4 + k, {"x": 0.8}, "stopped", value, values=(value,)) for k, value in enumerate(stopped)]
    return BayesianSearch().believe(SPACE, History([*complete, *given_up])).band([{"x": 0.8}])[1][0]


def test_a_stopped_trial_counts_as_its_value_but_never_as_a_good_one():
    assert believed(-5.0) == believed(0.0) == believed(0.3), "no better than the median of the complete ones"
    assert believed(0.3) < believed(0.5) < believed(0.6), "its own value between median and worst"
    assert believed(0.6) == believed(40.0), "no worse than the worst: it is no final value"


def test_an_early_value_does_not_draw_a_search_to_a_bad_place():
    """Values rise on the way: those of bad trials, stopped at step 1, are lower than where good ones end, by 4."""

    def objective(config):
        for step in range(1, 6):
            yield (config["x"] - 0.7) ** 2 + step

    class Bad:
        def stop(self, history, trial):
            return trial.config["x"] < 0.5

    study = tune(objective, SPACE, BayesianSearch(n_initial=6), 20, stopping=Bad(), progress=False)
    assert len([t for t in study.history[:6] if t.state == "stopped"]) >= 2
    assert sum(t.config["x"] < 0.5 for t in study.history[6:]) <= 3 and abs(study.best.config["x"] - 0.7) < 0.02
