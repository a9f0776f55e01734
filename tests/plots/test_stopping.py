import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba

from workshop.plots.race import plot_race
from workshop.plots.stopping import plot_brackets, plot_curves, plot_median_rule
from workshop.plots.style import BLUE, GREY, STRATEGY_COLOURS
from workshop.tuning import History, Hyperband, Trial

HISTORY = History(
    [
        Trial(0, {}, "complete", 0.75, values=(0.6, 0.7, 0.75)),
        Trial(1, {}, "stopped", 0.62, values=(0.61, 0.62)),
        Trial(2, {}, "complete", 0.8, values=(0.7, 0.78, 0.8)),
        Trial(3, {}, "failed", error="out of memory"),
        Trial(4, {}, "complete", 0.5),
    ]
)


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_stopped_curves_are_pale_and_end_where_they_were_stopped():
    ax = plot_curves(HISTORY)
    drawn = {tuple(line.get_ydata()): to_rgba(line.get_color()) for line in ax.get_lines() if len(line.get_ydata()) > 1}
    assert drawn == {
        (0.6, 0.7, 0.75): to_rgba(BLUE),
        (0.7, 0.78, 0.8): to_rgba(BLUE),
        (0.61, 0.62): to_rgba(GREY),
    }
    crosses = [line for line in ax.get_lines() if line.get_marker() == "x" and len(line.get_xdata())]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in crosses] == [(2, 0.62)]
    assert "3 trials, 1 of them" in ax.get_label()


def test_marked_trials_are_named():
    assert [text.get_text().strip() for text in plot_curves(HISTORY, mark=[2, 0]).texts] == ["trial 0", "trial 2"]


def test_the_median_rule_is_drawn_as_it_decides():
    trial = Trial(5, {}, values=(0.64, 0.65, 0.77))
    figure = plot_median_rule(HISTORY, trial, [1, 2, 3])
    medians = [np.median([0.6, 0.61, 0.7]), np.median([0.65, 0.615, 0.74]), np.median([2.05 / 3, 2.28 / 3])]
    for ax, median, verdict in zip(figure.axes, medians, ["go on", "go on", "go on"], strict=True):
        (line,) = [line for line in ax.get_lines() if line.get_linestyle() == "--"]
        assert line.get_ydata()[0] == pytest.approx(median) and verdict in ax.get_title(loc="left") + ax.get_title()
    assert plot_median_rule(HISTORY, Trial(5, {}, values=(0.605,)), [1]).axes[0].get_label().endswith("stop.")


def test_every_rung_is_as_wide_as_its_trials():
    brackets = Hyperband(27).brackets
    ax = plot_brackets(brackets)
    assert [round(bar.get_width()) for bar in ax.patches] == [n for bracket in brackets for n, _ in bracket]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["1", "3", "9", "27"]


def test_a_strategy_with_a_rule_keeps_its_colour_and_is_dashed():
    ax = plot_race({"random": [0.7, 0.8], "random + median rule": [0.7, 0.9], "hyperband": [0.6, 0.9]})
    colours = [line.get_color() for line in ax.get_lines()]
    assert colours == [STRATEGY_COLOURS[name] for name in ("random", "random", "hyperband")]
    assert [line.get_linestyle() for line in ax.get_lines()] == ["-", "--", "-"]
