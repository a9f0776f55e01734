"""Trials by hyperparameter."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from workshop.plots.knobs import plot_knobs, thirds
from workshop.plots.style import alternative_text
from workshop.tuning import Categorical, Float, Int, RandomSearch, Space, tune

SPACE = Space({"eta": Float(0.01, 1, log=True), "depth": Int(1, 9), "mode": Categorical(["skipgram", "cbow"])})


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
    plt.close("all")


def test_ticks_of_a_log_scale_are_plain_numbers():
    space = Space({"weight": Float(0.1, 1000, log=True)})
    table = pd.DataFrame({"weight": [0.1, 1000.0], "FinalObjectiveValue": [0.5, 0.7]})
    assert [tick.get_text() for tick in plot_knobs(table, space)[0].get_xticklabels()] == ["0.1", "10", "1000"]
    plt.close("all")


def test_failed_trials_are_left_out_and_the_lowest_can_be_the_best(table):
    table.loc[table.index[0], "FinalObjectiveValue"] = np.nan
    axes = plot_knobs(table, Space({"eta": SPACE["eta"]}), best="min")
    assert len(axes[0].collections[0].get_offsets()) == 39
    assert axes[0].collections[-1].get_offsets()[0][1] == table["FinalObjectiveValue"].min()
    plt.close("all")


def test_bars_are_means_of_thirds(table):
    ax = plot_knobs(table, Space({"eta": SPACE["eta"]}))[0]
    ordered = table.sort_values("eta")
    for bar, rows in zip(ax.collections[1:4], (slice(0, 14), slice(14, 27), slice(27, 40)), strict=True):
        (left, height), (right, _) = bar.get_segments()[0]
        assert height == pytest.approx(ordered["FinalObjectiveValue"].iloc[rows].mean())
        assert [left, right] == pytest.approx(ordered["eta"].iloc[rows].iloc[[0, -1]].tolist())
    plt.close("all")


@pytest.mark.parametrize("n", [3, 10, 31])
def test_thirds_are_as_large_as_can_be_and_in_order(n):
    x = np.random.default_rng(n).random(n)
    low, middle, high = thirds(x)
    assert (low + 0 + middle + high == 1).all() and max(low.sum(), middle.sum(), high.sum()) <= n // 3 + 1
    assert x[low].max() < x[middle].min() <= x[middle].max() < x[high].min()


@pytest.mark.parametrize(
    ("arguments", "message"), [({"best": "most"}, "best='most'"), ({"value": "AUC"}, "no column 'AUC'")]
)
def test_bad_arguments_are_named(table, arguments, message):
    with pytest.raises(ValueError, match=message):
        plot_knobs(table, SPACE, **arguments)
    assert isinstance(table, pd.DataFrame) and not plt.get_fignums()
