from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest

from workshop.plots.race import best_at, best_so_far, plot_jobs, plot_race
from workshop.plots.style import STRATEGY_COLOURS
from workshop.tuning import RandomSearch, Space, Trial
from workshop.tuning.parallel import SimulatedClock
from workshop.tuning.space import Float
from workshop.tuning.study import tune


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_best_so_far_in_both_directions_and_past_failures():
    values = [[3.0, np.nan, 5.0, 4.0], [np.nan, 1.0, 0.0, 2.0]]
    np.testing.assert_array_equal(best_so_far(values), [[3, 3, 5, 5], [np.nan, 1, 1, 2]])
    np.testing.assert_array_equal(best_so_far(values, "minimize"), [[3, 3, 3, 3], [np.nan, 1, 0, 0]])
    with pytest.raises(ValueError, match="direction='up'"):
        best_so_far(values, "up")


def test_best_at_counts_what_has_ended_by_then():
    found = best_at([30, 10, 20], [5.0, 1.0, 3.0], at=[9.9, 10, 25, 30, 99])
    np.testing.assert_array_equal(found, [np.nan, 1, 3, 5, 5])


def test_the_race_shows_median_and_middle_half():
    runs = np.array([[1.0, 2.0], [2.0, 3.0], [3.0, 10.0], [4.0, 4.0], [5.0, 5.0]])
    ax = plot_race({"random": runs, "bayesian": runs + 1})
    line = ax.get_lines()[0]
    assert line.get_ydata().tolist() == [3, 4] and line.get_color() == STRATEGY_COLOURS["random"]
    band = ax.collections[0].get_datalim(ax.transData)
    assert (band.y0, band.y1) == (2, 5)
    assert "random 4.0000, bayesian 5.0000" in ax.get_label()


def test_no_median_before_every_run_has_a_value():
    ax = plot_race({"random": [[np.nan, 1.0, 2.0], [1.0, 1.0, 3.0]]}, x=[10, 20, 30], xlabel="Seconds")
    assert ax.get_lines()[0].get_xdata().tolist() == [20, 30]


@pytest.mark.parametrize("n_workers", [1, 3, 7])
def test_no_worker_has_two_jobs_at_once(n_workers):
    clock = SimulatedClock(lambda config: 5 + 20 * config["x"])
    space = Space({"x": Float(0, 1)})
    study = tune(lambda c: c["x"], space, RandomSearch(), 20, max_parallel=n_workers, executor=clock, progress=False)
    bars = plot_jobs(study.history).patches
    assert len(bars) == 20
    rows = {}
    for bar in bars:
        rows.setdefault(bar.get_y(), []).append((bar.get_x(), bar.get_x() + bar.get_width()))
    assert len(rows) == n_workers
    for spans in rows.values():
        spans.sort()
        assert all(end <= start + 1e-6 for (_, end), (start, _) in pairwise(spans))


def test_a_study_that_has_not_run_has_no_jobs():
    with pytest.raises(ValueError, match="no finished trial"):
        plot_jobs([Trial(0, {})])
