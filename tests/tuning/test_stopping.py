"""The median rule and Hyperband, against the same computed by hand."""

import pickle
import statistics
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workshop.tuning import (
    BayesianSearch,
    Float,
    History,
    Hyperband,
    MedianRule,
    RandomSearch,
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


def test_the_median_rule_by_hand():
    """Averages up to step 2: 4, 6 and 9; the third trial was stopped there. At step 3: 3 and 5, of two trials."""
    history = History([ended(0, 5, 3, 1), ended(1, 8, 4, 3), ended(2, 10, 8, state="stopped")])
    rule = MedianRule(min_trials=2)
    assert not rule.stop(history, running(3, 20, 6)) and rule.stop(history, running(3, 20, 6.001))
    assert not rule.stop(history, running(3, 0, 0, 4)) and rule.stop(history, running(3, 0, 0, 4.001))
    assert not MedianRule(min_trials=3).stop(history, running(3, 0, 0, 9)), "only two came to step 3"
    assert not rule.stop(history, running(3, 0, 0, 0, 99)), "nobody came to step 4"
    assert MedianRule(min_trials=2, min_steps=2).stop(history, running(3, 0, 7))
    assert not MedianRule(min_trials=2, min_steps=3).stop(history, running(3, 0, 7))


def test_failed_and_running_trials_judge_nobody():
    failed = Trial(0, {"x": 0.5}, "failed", error="out of memory", values=(1.0, 1.0))
    assert not MedianRule(min_trials=1).stop(History([failed, running(1, 1.0, 1.0)]), running(2, 5.0))


curves = st.lists(st.lists(st.integers(-9, 9), min_size=1, max_size=6), min_size=0, max_size=8)


@given(curves, st.lists(st.integers(-9, 9), min_size=1, max_size=6), st.integers(1, 4), st.integers(1, 4))
def test_the_median_rule_is_what_the_sentence_says(others, values, min_trials, min_steps):
    averages = []
    for other in others:
        if len(other) >= len(values):
            averages.append(sum(other[: len(values)]) / len(values))
    expected = len(values) >= min_steps and len(averages) >= min_trials and values[-1] > statistics.median(averages)
    history = History(ended(number, *other) for number, other in enumerate(others))
    assert MedianRule(min_trials, min_steps).stop(history, running(len(others), *values)) is expected


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


def test_a_rung_by_hand():
    """The first bracket of R = 9 judges at steps 1 and 3: the best of up to five, the best two of six to eight."""
    values = [0.5, 0.6, 0.4, 0.7, 0.41, 0.42, 0.45, 0.1, 0.2]
    goes_on = [True, False, True, False, False, False, False, True, True]
    history, strategy = [], Hyperband(9)
    for number, value in enumerate(values):
        trial = running(number, value)
        assert strategy.stop(History([*history, trial]), trial) is not goes_on[number], number
        history.append(ended(number, value, value, value) if goes_on[number] else ended(number, value, state="stopped"))
    for values, stop in (((0.6, 0.6), False), ((0.6, 0.6, 0.6), True), ((0.9,) * 9, False)):
        assert strategy.stop(History([*history[:8], running(8, *values)]), running(8, *values)) is stop
    other = running(9, 0.9)  # of the second bracket, judged at step 3 only, and not against the first one's
    assert not strategy.stop(History([*history, other]), other)
    other = running(9, 0.9, 0.9, 0.9)
    assert not strategy.stop(History([*history, other]), other)


def test_of_equal_trials_one_in_eta_goes_on():
    """Every third of equal trials goes on from a rung, and so every ninth from the next one."""
    study = tune(lambda c: (0.5 for _ in range(9)), SPACE, Hyperband(9), 9, progress=False)
    assert [len(t.values) for t in study.history] == [9, 1, 1, 1, 1, 3, 1, 1, 3]


def test_a_better_trial_goes_on_past_equal_ones():
    """Four trials of five learn nothing in the first round: the fifth is better than all that went on before it."""
    values = [0.5, 0.5, 0.5, 0.5, 0.4]
    history, strategy = [], Hyperband(9)
    for number, value in enumerate(values):
        trial = running(number, value)
        stopped = strategy.stop(History([*history, trial]), trial)
        assert stopped is (number in (1, 2, 3))
        history.append(ended(number, value, state="stopped") if stopped else ended(number, *[value] * 9))


@pytest.mark.parametrize(("max_steps", "eta"), [(27, 3), (16, 2), (16, 4)])
def test_about_one_in_eta_goes_on(max_steps, eta):
    strategy = Hyperband(max_steps, eta=eta)
    cycle = sum(bracket[0][0] for bracket in strategy.brackets)
    study = tune(lambda c: (c["x"] for _ in range(max_steps)), SPACE, strategy, 4 * cycle, progress=False)
    for place, bracket in enumerate(strategy.brackets):
        steps = np.array([len(t.values) for t in study.history if strategy.bracket_of(t.number) == place])
        came = [(steps >= step).sum() for _, step in bracket]
        for before, after in pairwise(came):
            assert abs(after - before / eta) <= 3 * np.sqrt(before / eta) + 1


def test_the_best_value_of_an_ordered_race_is_never_stopped():
    """Where every step ranks the trials as the last one does, all who beat those before them run to the end."""
    study = tune(lambda c: (c["x"] + 1 / step for step in range(1, 28)), SPACE, Hyperband(27), 60, progress=False)
    best = np.inf
    for trial in study.history:
        if trial.config["x"] < best:
            best = trial.config["x"]
            assert trial.state == "complete"
    assert study.best.config["x"] == best and len(study.history.stopped) > 30


def test_hyperband_takes_any_strategy_inside():
    inner = BayesianSearch(n_initial=3)
    study = tune(
        lambda c: (c["x"] + 1 / step for step in range(1, 28)),
        SPACE,
        Hyperband(27, strategy=inner),
        8,
        seed=4,
        progress=False,
    )
    for trial in study.history:
        rng = np.random.default_rng([4, trial.number])
        assert inner.propose(SPACE, study.history[: trial.number], rng) == dict(trial.config)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: MedianRule(0), "min_trials=0"),
        (lambda: MedianRule(min_steps=0), "min_steps=0"),
        (lambda: Hyperband(0), "max_steps=0"),
        (lambda: Hyperband(9, 10), "max_steps=9 must be .* at least 10"),
        (lambda: Hyperband(9, eta=1), "eta=1"),
        (lambda: Hyperband(9.5), "max_steps=9.5"),
    ],
)
def test_wrong_numbers_are_named(make, text):
    with pytest.raises(ValueError, match=text):
        make()


def test_a_strategy_inside_must_be_one():
    with pytest.raises(TypeError, match="has no propose"):
        Hyperband(9, strategy=RandomSearch)


@pytest.mark.parametrize("rule", [MedianRule(), Hyperband(27), Hyperband(27, strategy=BayesianSearch())], ids=repr)
def test_rules_compare_and_pickle_by_their_parameters(rule):
    assert pickle.loads(pickle.dumps(rule)) == rule and hash(pickle.loads(pickle.dumps(rule))) == hash(rule)


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
