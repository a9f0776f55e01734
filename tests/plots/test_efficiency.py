"""The best of n trials, against all ways to draw them."""

from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from workshop.plots.efficiency import (
    best_of_quantiles,
    chance_to_reach,
    plot_efficiency,
    plot_spread,
    plot_top_share,
    trials_to_reach,
)
from workshop.plots.style import alternative_text

POOL = [0.3, 0.1, 0.9, 0.4, 0.4, 0.7, 0.2]


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


def test_a_large_pool_gives_the_formula_of_independent_trials():
    assert chance_to_reach(np.arange(100_000), 95_000, 60) == pytest.approx(1 - 0.95**60, abs=1e-4)


def test_trials_to_reach_is_the_first_number_whose_chance_suffices():
    assert trials_to_reach(POOL, 0.9, 1.0) == 7 and trials_to_reach(POOL, 0.05, 1.0) == 1
    n = trials_to_reach(POOL, 0.4, 0.95)
    assert chance_to_reach(POOL, 0.4, n) >= 0.95 > chance_to_reach(POOL, 0.4, n - 1)
    assert trials_to_reach(POOL, 0.91, 0.5) is None
    with pytest.raises(ValueError, match=r"chance=1.5 is no probability"):
        trials_to_reach(POOL, 0.4, 1.5)


@pytest.mark.parametrize(("values", "n"), [(POOL, 0), (POOL, 8), ([0.1, np.nan], 1), ([[1.0]], 1)])
def test_impossible_draws_are_refused(values, n):
    with pytest.raises(ValueError, match=r"n=\d trials cannot be drawn|must be finite"):
        best_of_quantiles(values, n, [0.5])
    with pytest.raises(ValueError, match=r"n=\d trials cannot be drawn|must be finite"):
        chance_to_reach(values, 0.5, n)


def test_the_curve_says_after_how_many_trials_a_target_is_matched():
    pool = np.random.default_rng(0).random(200)
    ax = plot_efficiency(pool, {"low": 0.6, "never": 2.0}, up_to=16)
    median = [best_of_quantiles(pool, n, [0.5])[0] for n in range(1, 17)]
    np.testing.assert_array_equal(ax.get_lines()[0].get_ydata(), median)
    first = 1 + next(k for k, value in enumerate(median) if value >= 0.6)
    assert f"low (0.6) matched by {first} trials; never (2) matched by none" in alternative_text(ax.figure)
    plt.close(ax.figure)


def test_the_top_share_is_coloured():
    pools = {"a": np.random.default_rng(1).random(80), "b": np.arange(40.0)}
    ax = plot_top_share(pools, share=0.1)
    tops = ax.collections[1].get_offsets(), ax.collections[4].get_offsets()
    np.testing.assert_array_equal(tops[0][:, 0], np.sort(pools["a"])[-8:])
    np.testing.assert_array_equal(tops[1][:, 0], [36, 37, 38, 39])
    assert "b from 36.000 to 39.000" in alternative_text(ax.figure)
    plt.close(ax.figure)


def test_every_run_is_a_dot_and_the_median_is_written():
    ax = plot_spread({"x": [3.0, 1.0, 2.0, 10.0], "y": [5.0]}, xlabel="Error", log=True, decimals=2)
    np.testing.assert_array_equal(ax.collections[0].get_offsets()[:, 0], [3, 1, 2, 10])
    assert [text.get_text() for text in ax.texts] == ["2.50", "5.00"] and ax.get_xscale() == "log"
    assert alternative_text(ax.figure) == "Error, median of x 2.50, y 5.00."
    plt.close(ax.figure)
