"""Scores, curves, spreads and hyperparameters as they are drawn."""

import numpy as np
import pandas as pd
import pytest

from workshop.plots.scores import plot_curves, plot_knobs, plot_scores, plot_spread, plot_top_share
from workshop.plots.style import alternative_text
from workshop.tuning import Categorical, Float, Int, RandomSearch, Space, tune

SPACE = Space({"eta": Float(0.01, 1, log=True), "depth": Int(1, 9), "mode": Categorical(["skipgram", "cbow"])})


def test_scores_mark_the_best_by_either_order():
    scores = {"a": 0.2, "b": 0.4}
    assert "best: a" in plot_scores(scores, label="error").get_label()
    assert "best: b" in plot_scores(scores, label="gain", smaller_is_better=False).get_label()


def test_curves_mark_the_lowest_point_and_keep_names_apart():
    a, b = pd.Series([3.0, 1.0, 2.0]), pd.Series([3.0, 2.5, 2.001])
    ax = plot_curves({"a": a, "b": b}, xlabel="x", ylabel="y", mark="a")
    ring = ax.collections[0].get_offsets()
    np.testing.assert_array_equal(ring, [[1, 1.0]])
    heights = {text.get_text(): text.xy[1] for text in ax.texts}
    assert abs(heights["a"] - heights["b"]) > 0.08 * 2


def test_the_top_share_is_coloured():
    pools = {"a": np.random.default_rng(1).random(80), "b": np.arange(40.0), "few": [3.0, 1.0, 2.0]}
    ax = plot_top_share(pools)
    tops = [ax.collections[place].get_offsets()[:, 0].tolist() for place in (1, 4, 7)]
    assert tops == [np.sort(pools["a"])[-4:].tolist(), [38, 39], [3]], "one in twenty, and at least the best"
    assert "b from 38.000 to 39.000" in alternative_text(ax.figure)


def test_every_run_is_a_dot_and_the_median_is_written():
    ax = plot_spread({"x": [3.0, 1.0, 2.0, 10.0], "y": [5.0]}, xlabel="Error", log=True, decimals=2)
    np.testing.assert_array_equal(ax.collections[0].get_offsets()[:, 0], [3, 1, 2, 10])
    assert [text.get_text() for text in ax.texts] == ["2.50", "5.00"] and ax.get_xscale() == "log"
    assert alternative_text(ax.figure) == "Error, median of x 2.50, y 5.00."


@pytest.fixture
def table():
    def value(config):
        return -((np.log10(config["eta"]) + 1) ** 2) + (config["mode"] == "cbow")

    return tune(value, SPACE, RandomSearch(), 40, direction="maximize", progress=False).to_frame()


def test_each_trial_is_a_dot_in_each_panel(table):
    axes = plot_knobs(table, SPACE, ylabel="AUC", columns=2)
    assert [ax.get_xlabel() for ax in axes] == ["eta", "depth", "mode"]
    assert [ax.get_xscale() for ax in axes] == ["log", "linear", "linear"]
    drawn = axes[0].collections[0].get_offsets()
    np.testing.assert_allclose(drawn, table[["eta", "FinalObjectiveValue"]])
    modes = axes[2].collections[0].get_offsets()[:, 0]
    np.testing.assert_array_equal(modes, (table["mode"] == "cbow").astype(float))
    best = table.iloc[0]
    np.testing.assert_allclose(axes[1].collections[-1].get_offsets()[0], [best["depth"], best["FinalObjectiveValue"]])
    assert f"depth {best['depth']}, mode cbow" in alternative_text(axes[0].figure)
    means = [bar.get_segments()[0][0][1] for bar in axes[2].collections[1:3]]
    assert means == pytest.approx(table.groupby("mode")["FinalObjectiveValue"].mean()[["skipgram", "cbow"]].tolist())


def test_ticks_of_a_log_scale_are_plain_numbers():
    space = Space({"weight": Float(0.1, 1000, log=True)})
    table = pd.DataFrame({"weight": [0.1, 1000.0], "FinalObjectiveValue": [0.5, 0.7]})
    assert [tick.get_text() for tick in plot_knobs(table, space)[0].get_xticklabels()] == ["0.1", "10", "1000"]


def test_bars_are_means_of_thirds_of_the_trials_that_have_a_value(table):
    table.loc[table.index[0], "FinalObjectiveValue"] = np.nan  # a failed trial
    ax = plot_knobs(table, Space({"eta": SPACE["eta"]}))[0]
    ordered = table.dropna(subset="FinalObjectiveValue").sort_values("eta")
    assert len(ax.collections[0].get_offsets()) == len(ordered) == 39
    assert ax.collections[-1].get_offsets()[0][1] == table["FinalObjectiveValue"].max()
    for number, bar in enumerate(ax.collections[1:4]):
        (left, height), (right, _) = bar.get_segments()[0]
        third = ordered.iloc[13 * number : 13 * number + 13]
        assert height == pytest.approx(third["FinalObjectiveValue"].mean())
        assert [left, right] == pytest.approx(third["eta"].iloc[[0, -1]].tolist())
