"""What is computed of finished trials, against counting by hand and all ways to draw."""

from itertools import combinations

import numpy as np
import pytest

from workshop.tuning import Float, RandomSearch, SimulatedClock, Space, tune
from workshop.tuning.analysis import (
    best_by_second,
    best_by_trial,
    best_of_quantiles,
    best_so_far,
    chance_to_reach,
    curse_table,
    grid_layout,
    outcomes,
    thirds,
    training_hours,
    trials_to_reach,
)

POOL = [0.3, 0.1, 0.9, 0.4, 0.4, 0.7, 0.2]


def test_best_so_far_in_both_directions_and_past_failures():
    values = [[3.0, np.nan, 5.0, 4.0], [np.nan, 1.0, 0.0, 2.0]]
    np.testing.assert_array_equal(best_so_far(values), [[3, 3, 5, 5], [np.nan, 1, 1, 2]])
    np.testing.assert_array_equal(best_so_far(values, "minimize"), [[3, 3, 3, 3], [np.nan, 1, 0, 0]])


def racing(direction):
    """Three studies on a simulated clock; the objective fails for a quarter of the configs."""

    def objective(config):
        if config["x"] < 0.25:
            raise ValueError("too small")
        return config["x"]

    space, settings = Space({"x": Float(0, 1)}), {"direction": direction, "max_parallel": 2, "progress": False}
    clocks = [SimulatedClock(lambda config: 10 + config["x"]) for _ in range(3)]
    return [tune(objective, space, RandomSearch(), 12, seed=s, executor=c, **settings) for s, c in enumerate(clocks)]


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_best_of_studies_by_trial_and_by_second_is_what_counting_by_hand_gives(direction):
    better = {"minimize": min, "maximize": max}[direction]
    studies = racing(direction)
    seconds = [5.0, 31.0, 45.5, 1000.0]
    by_trial, by_second = best_by_trial(studies), best_by_second(studies, seconds)
    assert by_trial.shape == (3, 12) and by_second.shape == (3, 4)
    for study, trials, moments in zip(studies, by_trial, by_second, strict=True):
        complete = [t for t in study.history if t.state == "complete"]
        assert len(complete) < 12
        for k in range(12):
            told = [t.value for t in complete if t.number <= k]
            np.testing.assert_equal(trials[k], better(told) if told else np.nan)
        for moment, found in zip(seconds, moments, strict=True):
            told = [t.value for t in complete if t.started + t.seconds <= moment]
            np.testing.assert_equal(found, better(told) if told else np.nan)


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_outcomes_name_the_worst_and_the_best_run_and_when_it_ended(direction):
    studies = racing(direction)
    row = outcomes({"random": studies}).loc["random"]
    ends = sorted(study.best.value for study in studies)
    worst, best = (ends[0], ends[-1]) if direction == "maximize" else (ends[-1], ends[0])
    assert row[["runs", "worst", "median", "best"]].tolist() == [3, worst, ends[1], best]
    last = sorted(max(t.started + t.seconds for t in study.history) for study in studies)
    assert row["seconds"] == last[1]


@pytest.mark.parametrize("n", [1, 2, 4, 7])
def test_quantiles_are_those_of_all_ways_to_draw(n):
    bests = np.sort([max(drawn) for drawn in combinations(POOL, n)])
    for quantile in (0.0, 0.1, 0.25, 0.5, 0.75, 0.99, 1.0):
        expected = np.quantile(bests, quantile, method="inverted_cdf")
        assert best_of_quantiles(POOL, n, [quantile])[0] == expected


@pytest.mark.parametrize("n", [1, 3, 7])
@pytest.mark.parametrize("target", [0.05, 0.4, 0.8, 0.9, 1.0])
def test_chance_is_counted_over_all_ways_to_draw(n, target):
    bests = np.array([max(drawn) for drawn in combinations(POOL, n)])
    assert chance_to_reach(POOL, target, n) == pytest.approx(np.mean(bests >= target))


def test_trials_to_reach_is_the_first_number_whose_chance_suffices():
    assert trials_to_reach(POOL, 0.9, 1.0) == 7 and trials_to_reach(POOL, 0.05, 1.0) == 1
    n = trials_to_reach(POOL, 0.4, 0.95)
    assert chance_to_reach(POOL, 0.4, n) >= 0.95 > chance_to_reach(POOL, 0.4, n - 1)
    assert trials_to_reach(POOL, 0.91, 0.5) is None


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: best_so_far([1.0], "up"), "direction='up'"),
        (lambda: best_of_quantiles(POOL, 0, [0.5]), "n=0 must be a whole number of at least 1"),
        (lambda: chance_to_reach(POOL, 0.5, 8), "n=8 trials cannot be drawn from a pool of 7"),
        (lambda: best_of_quantiles([0.1, np.nan], 1, [0.5]), "values must be some finite numbers"),
        (lambda: chance_to_reach([[1.0]], 0.5, 1), "values must be some finite numbers in a row"),
        (lambda: trials_to_reach(POOL, 0.4, 1.5), r"chance=1.5 is not a probability"),
        (lambda: training_hours(10, minutes_per_job=0), "minutes_per_job=0"),
        (lambda: grid_layout(8), "n=8 is not a square number"),
        (lambda: grid_layout(-4), "n=-4 must be a whole number of at least 1"),
    ],
)
def test_wrong_arguments_are_named(make, text):
    with pytest.raises(ValueError, match=text):
        make()


def test_the_table_is_the_known_one():
    assert curse_table().to_numpy().tolist() == [
        [4, 8, 16, 32],
        [9, 27, 81, 243],
        [25, 125, 625, 3125],
        [100, 1000, 10_000, 100_000],
    ]


@pytest.mark.parametrize("n", [3, 10, 31])
def test_thirds_are_as_large_as_can_be_and_in_order(n):
    x = np.random.default_rng(n).random(n)
    low, middle, high = thirds(x)
    assert (low + 0 + middle + high == 1).all() and max(low.sum(), middle.sum(), high.sum()) <= n // 3 + 1
    assert x[low].max() < x[middle].min() <= x[middle].max() < x[high].min()
