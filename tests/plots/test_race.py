"""Races, jobs and stopped trials as they are drawn."""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import to_rgba

from workshop.plots.race import (
    OTHERS,
    plot_brackets,
    plot_jobs,
    plot_learning_curves,
    plot_median_rule,
    plot_race,
    plot_races,
)
from workshop.plots.style import GREY, STRATEGY_COLOURS, use_style
from workshop.tuning import Float, History, Hyperband, RandomSearch, SimulatedClock, Space, Trial, tune

HISTORY = History(
    [
        Trial(0, {}, "complete", 0.75, values=(0.6, 0.7, 0.75)),
        Trial(1, {}, "stopped", 0.62, values=(0.61, 0.62)),
        Trial(2, {}, "complete", 0.8, values=(0.7, 0.78, 0.8)),
        Trial(3, {}, "failed", error="out of memory"),
        Trial(4, {}, "complete", 0.5),
    ]
)


def test_the_race_shows_median_and_middle_half():
    runs = np.array([[1.0, 2.0], [2.0, 3.0], [3.0, 10.0], [4.0, 4.0], [5.0, 5.0]])
    ax = plot_race({"random": runs, "bayesian": runs + 1})
    line = ax.get_lines()[0]
    assert line.get_ydata().tolist() == [3, 4] and line.get_color() == STRATEGY_COLOURS["random"]
    band = ax.collections[0].get_datalim(ax.transData)
    assert (band.y0, band.y1) == (2, 5)
    assert "random 4.0000, bayesian 5.0000" in ax.get_label()
    late = plot_race({"random": [[np.nan, 1.0, 2.0], [1.0, 1.0, 3.0]]}, x=[10, 20, 30], xlabel="Seconds")
    assert late.get_lines()[0].get_xdata().tolist() == [20, 30], "no median before every run has a value"


def test_a_strategy_with_a_rule_keeps_its_colour_and_is_dashed():
    ax = plot_race({"random": [0.7, 0.8], "random + median rule": [0.7, 0.9], "hyperband": [0.6, 0.9]})
    looks = [(line.get_color(), line.get_linestyle()) for line in ax.get_lines()]
    random, hyperband = STRATEGY_COLOURS["random"], STRATEGY_COLOURS["hyperband"]
    assert looks == [(random, "-"), (random, "--"), (hyperband, "-")]


def test_races_share_their_axes_and_one_legend_and_are_told_apart_by_title():
    use_style()
    runs = np.array([[0.70, 0.74], [0.72, 0.72]])
    x = {"one": [10, 20], "two": [5, 15]}
    races, scales = (
        {"one": {"grid": runs, "random": runs}, "two": {"grid": runs}},
        {"ylim": (0.6, 0.8), "xscale": "log"},
    )
    axes = plot_races(races, x, control="at once", **scales)
    assert [ax.get_ylim() for ax in axes] == [(0.6, 0.8)] * 2
    assert [ax.get_xscale() for ax in axes] == ["log"] * 2
    assert [len(ax.get_lines()) for ax in axes] == [2, 1]
    assert [ax.get_lines()[0].get_xdata().tolist() for ax in axes] == [[10, 20], [5, 15]]
    assert [text.get_text() for text in axes[0].figure.legends[0].texts] == ["grid", "random"]
    assert [ax.get_title(loc="left") for ax in axes] == ["one at once", "two at once"]
    assert axes[1].get_label().startswith("two at once: Best AUC so far against trials")


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


def test_marked_curves_have_colours_and_names_stopped_ones_end_in_a_cross():
    ax = plot_learning_curves(HISTORY, mark=[2, 0])
    drawn = {tuple(line.get_ydata()): to_rgba(line.get_color()) for line in ax.get_lines() if len(line.get_ydata()) > 1}
    assert drawn == {
        (0.6, 0.7, 0.75): to_rgba(OTHERS[1]),
        (0.7, 0.78, 0.8): to_rgba(OTHERS[0]),
        (0.61, 0.62): to_rgba(GREY),
    }
    crosses = [line for line in ax.get_lines() if line.get_marker() == "x" and len(line.get_xdata())]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in crosses] == [(2, 0.62)]
    assert [text.get_text().strip() for text in ax.texts] == ["trial 0", "trial 2"]
    assert "3 trials, 1 of them" in ax.get_label()


def test_the_median_rule_is_drawn_as_it_decides():
    trial = Trial(5, {}, values=(0.64, 0.65, 0.77))
    axes = plot_median_rule(HISTORY, trial, [1, 2, 3])
    medians = [np.median([0.6, 0.61, 0.7]), np.median([0.65, 0.615, 0.74]), np.median([2.05 / 3, 2.28 / 3])]
    for ax, median, verdict in zip(axes, medians, ["go on", "go on", "go on"], strict=True):
        (line,) = [line for line in ax.get_lines() if line.get_linestyle() == "--"]
        assert line.get_ydata()[0] == pytest.approx(median) and verdict in ax.get_title(loc="left") + ax.get_title()
    assert plot_median_rule(HISTORY, Trial(5, {}, values=(0.605,)), [1])[0].get_label().endswith("stop.")


def test_every_rung_is_as_wide_as_its_trials():
    brackets = Hyperband(27).brackets
    ax = plot_brackets(brackets)
    assert [round(bar.get_width()) for bar in ax.patches] == [n for bracket in brackets for n, _ in bracket]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["1", "3", "9", "27"]
