"""Scores: one dot per model or per run, one line per curve, and what each hyperparameter did to them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from workshop.plots.style import (
    BLACK,
    BLUE,
    GREY,
    RED,
    STRATEGY_COLOURS,
    coloured,
    describe,
    name_rows,
    new_axes,
    new_panels,
    numbers,
    plain,
)
from workshop.tuning.analysis import thirds


def plot_scores(
    scores: Mapping[str, float],
    *,
    label: str,
    baseline: str | None = None,
    smaller_is_better: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Return Axes with the score of each model as a dot and a number, drawn top to bottom; the best one in red.

    `label` says what the score is, with its unit; a line is drawn through the score of the `baseline`.

    Examples
    --------
    >>> plot_scores({"global mean": 1.06, "biases": 0.889}, label="error (stars)").get_label()
    'error (stars): global mean 1.060, biases 0.889; best: biases.'
    """
    if not isinstance(scores, Mapping):
        raise TypeError(f"scores is {type(scores).__name__}; give a dict of name and score")
    if not scores:
        raise ValueError("scores is empty; give at least one name and its score")
    if baseline is not None and baseline not in scores:
        raise ValueError(f"baseline={baseline!r} is not one of the scores: {', '.join(scores)}")
    ax = new_axes(ax, height=1.4 + 0.55 * len(scores))
    best = (min if smaller_is_better else max)(scores, key=lambda name: scores[name])
    colours = [RED if name == best else BLUE for name in scores]
    rows = range(len(scores))
    if baseline is not None:
        ax.axvline(scores[baseline], color=GREY, linewidth=1.5, linestyle="--")
    ax.scatter(list(scores.values()), rows, s=120, color=colours, zorder=3)
    for row, (value, colour) in enumerate(zip(scores.values(), colours, strict=True)):
        _write(ax, f"{value:.3f}", value, row, (12, 0), colour, ha="left", va="center")
    name_rows(ax, scores, label)
    ax.margins(x=0.15)
    listed = ", ".join(f"{name} {value:.3f}" for name, value in scores.items())
    return describe(ax, f"{label}: {listed}; best: {best}.")


def plot_spread(
    runs: Mapping[str, ArrayLike], *, xlabel: str, log: bool = False, decimals: int = 4, ax: Axes | None = None
) -> Axes:
    """Return Axes with the results of repeated experiments, a row each: runs as dots, the median a bar and a number.

    Results (n,) are positive where `log` makes the axis logarithmic.

    Examples
    --------
    >>> ax = plot_spread({"one at a time": [1.0, 2.0, 6.0], "all at once": [3.0, 4.0]}, xlabel="Error", decimals=1)
    >>> [text.get_text() for text in ax.texts]
    ['2.0', '3.5']
    """
    ax = new_axes(ax, height=1.4 + 0.7 * len(runs))
    said = []
    for row, (name, results, colour, marker) in enumerate(coloured(runs)):
        values = numbers(f"runs[{name!r}]", results)
        height = row + 0.3 * (np.arange(len(values)) % 3 - 1) * (len(values) > 3)
        ax.scatter(values, height, s=60, color=colour, marker=marker, alpha=0.6, linewidths=0)
        ax.vlines(np.median(values), row - 0.42, row + 0.42, color=BLACK, lw=3)
        text = _written(np.median(values), decimals)
        ax.annotate(text, (1.01, row), xycoords=("axes fraction", "data"), va="center", color=colour)
        said.append(f"{name} {text}")
    ax.set_xscale("log" if log else "linear")
    name_rows(ax, runs, xlabel)
    return describe(ax, f"{xlabel}, median of {', '.join(said)}.")


def plot_top_share(pools: Mapping[str, ArrayLike], *, ax: Axes | None = None) -> Axes:
    """Return Axes with the AUC of every trial of some pools as a dot, a row each, the top 5% of each pool in colour.

    Examples
    --------
    >>> ax = plot_top_share({"log scales": np.arange(100.0)})
    >>> len(ax.collections[1].get_offsets())  # the coloured ones
    5
    """
    ax = new_axes(ax, height=1.8 + 1.1 * len(pools))
    said = []
    for row, (name, pool, colour, _) in enumerate(coloured(pools)):
        values = np.sort(numbers(f"pools[{name!r}]", pool))
        height = row + 0.55 * (np.random.default_rng(row).random(len(values)) - 0.5)
        n_top = max(1, round(0.05 * len(values)))
        ax.scatter(values[:-n_top], height[:-n_top], s=14, color=GREY, alpha=0.5, linewidths=0)
        ax.scatter(values[-n_top:], height[-n_top:], s=34, color=colour, linewidths=0)
        ax.vlines(values[-n_top], row - 0.42, row + 0.42, color=colour)
        said.append(f"{name} from {values[-n_top]:.3f} to {values[-1]:.3f}")
    name_rows(ax, pools, "AUC")
    return describe(ax, f"AUC of the top 5% of trials: {', '.join(said)}.")


def plot_curves(
    curves: Mapping[str, pd.Series],
    *,
    xlabel: str,
    ylabel: str,
    mark: str | None = None,
    decimals: int = 3,
    ax: Axes | None = None,
) -> Axes:
    """Return Axes with one line per curve, named at its right end; on request the lowest point of one is marked.

    Each is a Series, indexed by what stands on the horizontal axis. `mark` names the one whose lowest point gets a ring
    and a number.

    Examples
    --------
    >>> plot_curves({"test": pd.Series([3.0, 1.0, 2.0])}, xlabel="epoch", ylabel="error", mark="test").get_label()
    'error against epoch: test from 3.000 to 2.000, lowest 1.000 at 1.'
    """
    if not curves:
        raise ValueError("curves is empty; give at least one name and its values")
    if mark is not None and mark not in curves:
        raise ValueError(f"mark={mark!r} is not one of the curves: {', '.join(curves)}")
    ax = new_axes(ax)
    said = []
    for name, curve, colour, marker in coloured(curves):
        if not isinstance(curve, pd.Series):
            raise TypeError(f"curves[{name!r}] is {type(curve).__name__}; give a Series, with x as its index")
        numbers(f"curves[{name!r}]", curve)
        ax.plot(curve.index, curve, color=colour, marker=marker if len(curve) <= 30 else None)
        ends = f"{name} from {_written(curve.iloc[0], decimals)} to {_written(curve.iloc[-1], decimals)}"
        if name == mark:
            best = curve.idxmin()
            ax.scatter(best, curve[best], s=220, facecolors="none", edgecolors=colour, linewidths=2.5, zorder=3)
            lowest = _written(curve[best], decimals)
            _write(ax, lowest, best, curve[best], (0, -28), colour)
            ends += f", lowest {lowest} at {best}"
        said.append(ends)
    ax.margins(y=0.18)
    if all(np.issubdtype(curve.index.dtype, np.integer) for curve in curves.values()):
        ax.locator_params(axis="x", integer=True)
    heights = _apart([curve.iloc[-1] for curve in curves.values()], 0.08 * np.diff(ax.get_ylim())[0])
    for (name, curve, colour, _), height in zip(coloured(curves), heights, strict=True):
        _write(ax, plain(name), curve.index[-1], height, (12, 0), colour, ha="left", va="center")
    ax.set(xlabel=plain(xlabel), ylabel=plain(ylabel))
    return describe(ax, f"{ylabel} against {xlabel}: {'; '.join(said)}.")


def plot_knobs(table: pd.DataFrame, space: Mapping, *, ylabel: str = "Value", columns: int = 3) -> np.ndarray:
    """Return Axes (m,), a panel per hyperparameter: each trial a dot, the mean of each third of the trials a bar.

    As all others vary at the same time, the bars say what a hyperparameter does on average over the others. Bars on one
    level: it hardly matters, in this range.

    Parameters
    ----------
    table : DataFrame
        The trials as ``study.to_frame()`` gives them; the highest ``FinalObjectiveValue`` is ringed.
    space : mapping of str to Float, Int or Categorical
        What is drawn, and on which scale.
    columns : int
        Panels side by side.

    Examples
    --------
    >>> from workshop.tuning import Float, Space
    >>> table = pd.DataFrame({"eta": [0.1, 0.2, 0.3], "FinalObjectiveValue": [0.7, 0.9, 0.8]})
    >>> plot_knobs(table, Space({"eta": Float(0.1, 1, log=True)}))[0].get_xscale()
    'log'
    """
    value = "FinalObjectiveValue"
    if columns < 1:
        raise ValueError(f"columns={columns!r} panels side by side cannot be drawn; give at least 1")
    missing = [name for name in [*space, value] if name not in table]
    if missing:
        raise ValueError(f"table has no column {missing[0]!r}; give study.to_frame()")
    rows = -(-len(space) // columns)
    axes = new_panels(rows, columns, width=4 * columns, height=3.3 * rows, sharey=True).ravel()
    table = table.dropna(subset=[value])
    numbers(f"table[{value!r}]", table[value])
    top = table.loc[table[value].idxmax()]
    for ax, (name, parameter) in zip(axes, space.items(), strict=False):
        _draw_knob(ax, table[name], table[value], parameter)
        place = _places([top[name]], parameter)
        ax.scatter(place, [top[value]], s=170, facecolors="none", edgecolors=RED, lw=2.5, zorder=4)
        ax.set_xlabel(plain(name))
        ax.set_ylabel(plain(ylabel) if ax.get_subplotspec().is_first_col() else "")
    for ax in axes[len(space) :]:
        ax.remove()
    numeric = {name for name in space if pd.api.types.is_number(top[name]) and not pd.api.types.is_bool(top[name])}
    story = ", ".join(f"{name} {top[name]:.3g}" if name in numeric else f"{name} {top[name]}" for name in space)
    describe(axes[0], f"{len(table)} trials, {ylabel} by hyperparameter; the best, {top[value]:.3f}, has {story}.")
    return axes[: len(space)]


def _draw_knob(ax, tried, values, parameter):
    choices, x, y = getattr(parameter, "choices", None), _places(tried, parameter), values.to_numpy(dtype=float)
    ax.scatter(x, y, s=34, color=GREY, alpha=0.7, linewidths=0)
    parts, wider = ([x == place for place in range(len(choices))], 0.3) if choices else (thirds(x), 0)
    for part in filter(np.any, parts):
        ends = x[part].min() - wider, x[part].max() + wider
        ax.hlines(y[part].mean(), *ends, color=STRATEGY_COLOURS["random"], lw=4)
    if choices:
        ax.set_xticks(range(len(choices)), list(map(plain, choices)))
        ax.set_xlim(-0.6, len(choices) - 0.4)
    elif parameter.log is True:
        ax.set_xscale("log")
        ticks = np.geomspace(parameter.low, parameter.high, 3)
        ax.set_xticks(ticks, [f"{float(f'{tick:.2g}'):g}" for tick in ticks])
        ax.minorticks_off()


def _places(values, parameter):
    """Return where values stand on the axis (n,): numbers at themselves, choices at 0, 1, 2 and so on."""
    choices = getattr(parameter, "choices", None)
    return np.array([list(choices).index(value) if choices else value for value in values], dtype=float)


def _written(value, decimals):
    if decimals < 0:
        raise ValueError(f"decimals={decimals!r} must be 0 or more")
    return f"{value:.{int(decimals)}f}"


def _write(ax, text, x, y, offset, colour, *, ha="center", va="baseline"):
    ax.annotate(text, (x, y), xytext=offset, textcoords="offset points", ha=ha, va=va, color=colour)


def _apart(values, gap):
    """Return the values, in their order, moved up where two are closer than `gap`."""
    placed = np.array(values, dtype=float)
    order = np.argsort(placed, kind="stable")
    for below, above in pairwise(order):
        placed[above] = max(placed[above], placed[below] + gap)
    return placed
