"""What is drawn before a search: grids, scales, hours, and how far a number of random trials gets."""

import numpy as np
import pandas as pd

from workshop.plots.layouts import (
    plot_curse,
    plot_efficiency,
    plot_grid_against_random,
    plot_grid_scores,
    plot_scales,
)
from workshop.plots.style import alternative_text
from workshop.tuning.analysis import best_of_quantiles, curse_table


def test_the_projections_hold_as_many_values_as_were_tried():
    grid, random = plot_grid_against_random(9, seed=1)
    for ax, n in ((grid, 3), (random, 9)):
        on_top = ax.child_axes[0].get_lines()[1]
        assert len(np.unique(on_top.get_xdata().round(9))) == n
        assert f"{n} distinct values of the important" in ax.get_label()


def test_the_best_of_a_grid_is_framed_at_its_place():
    index, columns = pd.Index([1.0, 10.0], name="C"), pd.Index([0.1, 1.0, 10.0], name="gamma")
    ax = plot_grid_scores(pd.DataFrame([[0.5, 0.6, 0.7], [0.5, 0.9, 0.4]], index=index, columns=columns))
    assert ax.patches[0].get_xy() == (0.5, 0.5)
    assert "best at C = 10, gamma = 1" in ax.get_label()
    assert [text.get_text() for text in ax.texts][:3] == [".500", ".600", ".700"]


def test_a_line_a_row_in_hours():
    ax = plot_curse(curse_table(), minutes_per_job=30, max_parallel=2)
    assert ax.get_lines()[0].get_ydata().tolist() == [25, 250, 2500, 25_000] and "25,000 hours" in ax.get_label()


def test_the_best_of_each_scale_is_read_off_the_curve():
    x = np.geomspace(0.001, 1, 200)
    ax = plot_scales([0.001, 0.5, 1], [0.001, 0.03, 1], x, -np.abs(np.log10(x / 0.03)))
    labels = ax.get_legend_handles_labels()[1]
    assert labels == ["linear grid: best -1.222", "log grid: best -0.001"]


def test_the_curve_says_after_how_many_trials_a_target_is_matched():
    pool = np.random.default_rng(0).random(200)
    ax = plot_efficiency(pool, {"low": 0.6, "never": 2.0})
    median = [best_of_quantiles(pool, n, [0.5])[0] for n in range(1, 65)]
    np.testing.assert_array_equal(ax.get_lines()[0].get_ydata(), median)
    first = 1 + next(k for k, value in enumerate(median) if value >= 0.6)
    assert f"low (0.6) matched by {first} trials; never (2) matched by none" in alternative_text(ax.figure)
