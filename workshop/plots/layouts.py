"""Before a search: what a grid costs, what a grid and random trials see, on which scale, and how many trials it takes.

The layouts are after figure 1 of Bergstra and Bengio (2012), Random Search for Hyper-Parameter Optimization; the curve
of efficiency after their section 2.2, figures 2, 5 and 6.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from workshop.datasets.ratings import generator
from workshop.plots.style import (
    BLACK,
    BLUE,
    GREY,
    ORANGE,
    PALE,
    RED,
    STRATEGY_COLOURS,
    STRATEGY_MARKERS,
    coloured,
    describe,
    new_axes,
    new_panels,
    numbers,
    plain,
)
from workshop.tuning.analysis import best_of_quantiles, grid_layout, hill, training_hours

PERIODS = {"a working day": 8, "a month": 730, "a year": 8760}  # hours


def plot_curse(
    table: pd.DataFrame, *, minutes_per_job: float = 10, max_parallel: int = 1, ax: Axes | None = None
) -> Axes:
    """Return Axes with hours of training (log scale) against the number of hyperparameters, one line per row.

    `table` holds the numbers of jobs, as `curse_table` gives them.

    Examples
    --------
    >>> from workshop.tuning.analysis import curse_table
    >>> ax = plot_curse(curse_table())
    >>> ax.get_yscale(), len(ax.get_lines()) - len(PERIODS)
    ('log', 4)
    """
    numbers("table", table, shape=(None, None))
    ax = new_axes(ax, height=5)
    hours = training_hours(table, minutes_per_job=minutes_per_job, max_parallel=max_parallel)
    for n, line, colour, marker in coloured(dict(hours[::-1].iterrows())):
        ax.plot(line.index, line, marker=marker, color=colour, label=f"{n} values of each")
    left, right = min(table.columns), max(table.columns)
    for name, period in PERIODS.items():
        ax.axhline(period, color=GREY, ls="--", lw=1.5)
        ax.text(right + 0.15, period, name, color="#555555", fontsize=14, va="center")
    ax.set(yscale="log", xlabel="Number of hyperparameters", ylabel="Hours of training", xticks=list(table.columns))
    ax.set_title(f"{minutes_per_job:g} minutes a job, {max_parallel} at a time")
    ax.set_xlim(left - 0.1, right + 0.1)
    ax.legend(loc="upper left", frameon=True, framealpha=1, edgecolor="white")
    largest = f"the largest, {table.to_numpy().max():,} jobs, takes {hours.to_numpy().max():,.0f} hours"
    return describe(ax, f"Hours of training against number of hyperparameters, a line a grid: {largest}.")


def plot_grid_against_random(n: int = 9, *, seed: int = 0) -> np.ndarray:
    """Return Axes (2,): a grid of n trials beside n at random, above and beside each what either hyperparameter does.

    The first hyperparameter matters (a hill), the second hardly does; their sum is the objective, higher is better.

    Examples
    --------
    >>> len(plot_grid_against_random(9))
    2
    """
    axes = new_panels(1, 2, width=11, height=6)[0]
    _draw_layout(axes[0], grid_layout(n), "grid")
    _draw_layout(axes[1], generator(seed).random((n, 2)), "random")
    return axes


def _second(x):
    """Return the effect (n,) of the hyperparameter that hardly matters, at x (n,) in [0, 1]: between 0 and 0.05."""
    return 0.05 * np.sin(np.pi * x)


def _draw_layout(ax, points, strategy):
    """Draw points (n, 2) in the unit square, and the two effects at their projections in Axes above and beside."""
    colour, marker, name = STRATEGY_COLOURS[strategy], STRATEGY_MARKERS[strategy], strategy.capitalize()
    (x, y), fine = points.T, np.linspace(0, 1, 400)
    total = hill(x) + _second(y)
    n_first, n_second = (len(np.unique(column.round(12))) for column in (x, y))
    ax.plot(x, y, marker, color=colour, ms=11, mec=BLACK)
    ax.plot(*points[total.argmax()], marker, color=colour, ms=17, mec=BLACK, mew=2.5)
    ax.set(xlim=(0, 1), ylim=(0, 1), xlabel="Important hyperparameter", ylabel="Unimportant", xticks=[], yticks=[])
    ax.vlines(x, y, 1, color=PALE, lw=1.2, zorder=0)
    ax.hlines(y, x, 1, color=PALE, lw=1.2, zorder=0)
    top, side = ax.inset_axes([0, 1.04, 1, 0.32]), ax.inset_axes([1.04, 0, 0.32, 1])
    top.plot(fine, hill(fine), color=GREY)
    top.vlines(x, 0, hill(x), color=colour, lw=1.5)
    top.plot(x, hill(x), marker, color=colour, mec=BLACK)
    side.plot(_second(fine), fine, color=GREY)
    side.hlines(y, 0, _second(y), color=colour, lw=1.5)
    side.plot(_second(y), y, marker, color=colour, mec=BLACK)
    ceiling = 1.15 * hill(fine).max()
    top.set(xlim=(0, 1), ylim=(0, ceiling), xticks=[], yticks=[])
    side.set(ylim=(0, 1), xlim=(0, ceiling), xticks=[], yticks=[])
    for each in (ax, top, side):
        each.grid(False)
    top.set_title(f"{name}: {len(points)} trials, {n_first} values\nthat matter, best {total.max():.2f}")
    values = f"{n_first} distinct values of the important hyperparameter, {n_second} of the unimportant one"
    describe(ax, f"{name} layout of {len(points)} trials: {values}, best value {total.max():.2f}.")


def plot_grid_scores(scores: pd.DataFrame, *, title: str = "", ax: Axes | None = None) -> Axes:
    """Return Axes with the accuracy of each combination of two hyperparameters as a map of numbers, the best framed.

    `scores` has one row per value of the first, one column per value of the second, their names on index and columns.

    Examples
    --------
    >>> scores = pd.DataFrame([[0.6, 0.7], [0.5, 0.6]], index=pd.Index([1, 10], name="C"), columns=[0.1, 1.0])
    >>> plot_grid_scores(scores).texts[1].get_text()
    '.700'
    """
    ax = new_axes(ax, width=7, height=5)
    values = numbers("scores", scores, shape=(None, None))
    low, high = values.min(), values.max()
    colours = ax.imshow(values, cmap="viridis", aspect="auto", origin="lower", vmin=low, vmax=high)
    for (i, j), value in np.ndenumerate(values):
        ink = "white" if value < (low + high) / 2 else "black"
        ax.text(j, i, f"{value:.3f}".removeprefix("0"), ha="center", va="center", fontsize=15, color=ink)
    i, j = np.unravel_index(values.argmax(), values.shape)
    ax.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, fill=False, ec=RED, lw=4))
    first, second = scores.index.name, scores.columns.name
    ax.set(xlabel=plain(second or ""), ylabel=plain(first or ""), title=plain(title))
    ax.set_xticks(range(values.shape[1]), [_short(value) for value in scores.columns])
    ax.set_yticks(range(values.shape[0]), [_short(value) for value in scores.index])
    ax.grid(False)
    ax.figure.colorbar(colours, ax=ax, label="Accuracy")
    best = f"{first} = {scores.index[i]:.3g}, {second} = {scores.columns[j]:.3g}"
    return describe(ax, f"Accuracy of {values.size} combinations, {low:.3f} to {high:.3f}; best at {best}.")


def _short(value):
    """Return the value as text with three digits and no exponent."""
    return np.format_float_positional(value, precision=3, fractional=False, trim="-")


def plot_scales(
    linear: ArrayLike, logarithmic: ArrayLike, x: ArrayLike, y: ArrayLike, *, ax: Axes | None = None
) -> Axes:
    """Return Axes with equally many trials on both scales, under the curve they are meant to find the top of.

    `linear` and `logarithmic` (n,) are the values tried, with even steps of the value and of its logarithm; `x`, `y`
    (m,) are the curve: the hyperparameter eta, and the objective, an AUC.

    Examples
    --------
    >>> ax = plot_scales([0.1, 0.55, 1.0], [0.01, 0.1, 1.0], [0.01, 0.1, 1.0], [0.70, 0.76, 0.70])
    >>> ax.get_xscale()
    'log'
    """
    ax = new_axes(ax, height=5)
    x = numbers("x", x)
    y = numbers("y", y, shape=(len(x),))
    ax.plot(x, y, color=GREY, lw=3)
    base, span, found = y.min(), y.max() - y.min(), []
    linear, logarithmic = numbers("linear", linear), numbers("logarithmic", logarithmic)
    rows = [("linear grid", linear, RED, "s", 0.14), ("log grid", logarithmic, BLUE, "o", 0.32)]
    for name, values, colour, marker, below in rows:
        height, level = np.interp(np.log(values), np.log(x), y), base - below * span
        ax.vlines(values, level, height, color=colour, lw=1, alpha=0.45)
        ax.plot(values, np.full(len(values), level), marker, color=colour, label=f"{name}: best {height.max():.3f}")
        ax.plot(values[height.argmax()], height.max(), marker, color=colour, ms=15, mec="black", mew=1.5)
        found.append(f"{name} {height.max():.3f}")
    ax.set(xscale="log", xlabel="eta (logarithmic axis)", ylabel="AUC")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
    both = f"{len(values)} values of eta on each scale, under the curve of AUC"
    return describe(ax, f"{both}; best: {' and '.join(found)}.")


def plot_efficiency(values: ArrayLike, targets: Mapping[str, float], *, ax: Axes | None = None) -> Axes:
    """Return Axes with the best of 1 to 64 random trials, median, middle half and nine tenths, and lines to compare.

    Parameters
    ----------
    values : (N,) array
        A pool: the AUC of random trials.
    targets : mapping of str to float
        Heights of at most three horizontal lines; where the median reaches one, a dot says after how many trials.

    Examples
    --------
    >>> ax = plot_efficiency(np.arange(100), {"a grid of nine": 80})
    >>> ax.get_lines()[0].get_ydata()[[0, 9]].tolist()
    [49.0, 93.0]
    """
    if len(targets) > 3:
        raise ValueError(f"targets names {len(targets)} lines; at most 3 can be told apart")
    ax = new_axes(ax, height=5)
    pool = numbers("values", values)
    n = np.arange(1, min(64, len(pool)) + 1)
    bands = np.array([best_of_quantiles(pool, int(k), [0.05, 0.25, 0.5, 0.75, 0.95]) for k in n])
    colour, said = STRATEGY_COLOURS["random"], []
    ax.plot(n, bands[:, 2], color=colour, label="random search: median,\nmiddle half, middle nine tenths")
    ax.fill_between(n, bands[:, 1], bands[:, 3], color=colour, alpha=0.3, lw=0)
    ax.fill_between(n, bands[:, 0], bands[:, 4], color=colour, alpha=0.13, lw=0)
    for (name, target), ink, dash in zip(targets.items(), (ORANGE, RED, BLACK), ("--", "-.", ":"), strict=False):
        ax.axhline(target, color=ink, ls=dash, label=plain(name))
        reached = np.flatnonzero(bands[:, 2] >= target)
        if len(reached):
            ax.plot(n[reached[0]], bands[reached[0], 2], "o", color=ink, mec=BLACK, ms=11, zorder=3)
        said.append(f"{name} ({target:.4g}) matched by " + (f"{n[reached[0]]} trials" if len(reached) else "none"))
    ax.set(xscale="log", xlabel="Random trials", ylabel="Best AUC")
    ticks = 2 ** np.arange(len(n).bit_length())
    ax.set_xticks(ticks, ticks)
    ax.minorticks_off()
    ax.legend(loc="lower right")
    ends = f"from {bands[0, 2]:.4g} with 1 to {bands[-1, 2]:.4g} with {n[-1]}"
    return describe(ax, f"Best AUC of random trials, median {ends}; {'; '.join(said)}.")
