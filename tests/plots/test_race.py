from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest

from workshop.plots.race import (
    best_at,
    best_by_second,
    best_by_trial,
    best_so_far,
    outcomes,
    plot_jobs,
    plot_race,
    plot_races,
)
from workshop.plots.style import STRATEGY_COLOURS, use_style
from workshop.tuning import RandomSearch, Space, Trial, tune
from workshop.tuning.parallel import SimulatedClock
from workshop.tuning.space import Float

SPACE = Space({"x": Float(0, 1)})


@pytest.fixture(autouse=True)
def close_figures():
    with plt.rc_context():
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


def racing(direction, n_runs=3, max_parallel=2):
    """Studies on a simulated clock; the objective fails for a quarter of the configs."""

    def objective(config):
        if config["x"] < 0.25:
            raise ValueError("too small")
        return config["x"]

    settings = {"direction": direction, "max_parallel": max_parallel, "progress": False}
    return [
        tune(
            objective, SPACE, RandomSearch(), 12, seed=seed, executor=SimulatedClock(lambda c: 10 + c["x"]), **settings
        )
        for seed in range(n_runs)
    ]


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


def test_races_share_their_axes_and_one_legend():
    runs = np.array([[0.70, 0.74], [0.72, 0.72]])
    x = {"one": [10, 20], "two": [5, 15]}
    axes = plot_races({"one": {"grid": runs, "random": runs}, "two": {"grid": runs}}, x, ylim=(0.6, 0.8), xscale="log")
    assert [ax.get_ylim() for ax in axes] == [(0.6, 0.8)] * 2
    assert [ax.get_xscale() for ax in axes] == ["log"] * 2
    assert [len(ax.get_lines()) for ax in axes] == [2, 1]
    assert [ax.get_lines()[0].get_xdata().tolist() for ax in axes] == [[10, 20], [5, 15]]
    assert [text.get_text() for text in axes[0].figure.legends[0].texts] == ["grid", "random"]
    assert axes[1].get_label().startswith("two: Best AUC so far against trials")


def test_races_are_told_apart_by_title_in_the_style_of_the_workshop_too():
    use_style()
    axes = plot_races({"1": {"grid": [[1.0, 2.0]]}, "5": {"grid": [[1.0, 2.0]]}}, control="at once")
    assert [ax.get_title(loc="left") for ax in axes] == ["1 at once", "5 at once"]
    assert axes[1].get_label().startswith("5 at once: ")


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
