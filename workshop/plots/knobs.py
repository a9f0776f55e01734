"""What did each hyperparameter do? The trials of a random search, once for each of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from workshop.plots.style import GREY, RED, STRATEGY_COLOURS, describe, new_axes


def plot_knobs(
    table: pd.DataFrame,
    space: Mapping,
    *,
    value: str = "FinalObjectiveValue",
    ylabel: str = "Value",
    best: str = "max",
    columns: int = 3,
) -> np.ndarray:
    """A panel a hyperparameter, an array (m,) of Axes: each trial a dot, the mean of each third of the trials a bar.

    As all others vary at the same time, the bars say what a hyperparameter does on average over the others. Bars on one
    level: it hardly matters, in this range.

    Parameters
    ----------
    table : DataFrame
        A row a trial: its hyperparameters and its value, as ``study.to_frame()`` gives it.
    space : mapping of str to Float, Int or Categorical
        What is drawn, and on which scale.
    value : str
        Column of the values.
    best : {"max", "min"}
        Which trial is ringed.
    columns : int
        Panels side by side.

    Examples
    --------
    >>> from workshop.tuning import Float, Space
    >>> table = pd.DataFrame({"eta": [0.1, 0.2, 0.3], "FinalObjectiveValue": [0.7, 0.9, 0.8]})
    >>> plot_knobs(table, Space({"eta": Float(0.1, 1, log=True)}))[0].get_xscale()
    'log'
    """
    if best not in ("max", "min"):
        raise ValueError(f"best={best!r} is unknown; use 'max' or 'min'")
    if columns < 1:
        raise ValueError(f"columns={columns!r} panels side by side cannot be drawn; give at least 1")
    missing = [name for name in [*space, value] if name not in table]
    if missing:
        raise ValueError(f"table has no column {missing[0]!r}; give study.to_frame()")
    rows = -(-len(space) // columns)
    figure = new_axes(width=4 * columns, height=3.3 * rows).figure
    figure.clear()
    axes = figure.subplots(rows, columns, squeeze=False, sharey=True).ravel()
    table = table.dropna(subset=[value])
    top = table.loc[table[value].idxmax() if best == "max" else table[value].idxmin()]
    for ax, (name, parameter) in zip(axes, space.items(), strict=False):
        _panel(ax, table[name], table[value], parameter)
        ax.scatter(
            [_where(top[name], parameter)], [top[value]], s=170, facecolors="none", edgecolors=RED, lw=2.5, zorder=4
        )
        ax.set_xlabel(name)
        ax.set_ylabel(ylabel if ax.get_subplotspec().is_first_col() else "")
    for ax in axes[len(space) :]:
        ax.remove()
    story = ", ".join(f"{name} {top[name]:.3g}" if _is_number(top[name]) else f"{name} {top[name]}" for name in space)
    describe(axes[0], f"{len(table)} trials, {ylabel} by hyperparameter; the best, {top[value]:.3f}, has {story}.")
    return axes[: len(space)]


def _panel(ax, tried, values, parameter):
    choices = getattr(parameter, "choices", None)
    x, y = np.array([_where(each, parameter) for each in tried], dtype=float), values.to_numpy(dtype=float)
    ax.scatter(x, y, s=34, color=GREY, alpha=0.7, linewidths=0)
    parts = [x == place for place in range(len(choices))] if choices else thirds(x)
    for part in parts:
        if part.any():
            left, right = (x[part].min() - 0.3, x[part].max() + 0.3) if choices else (x[part].min(), x[part].max())
            ax.hlines(y[part].mean(), left, right, color=STRATEGY_COLOURS["random"], lw=4)
    if choices:
        ax.set_xticks(range(len(choices)), [str(choice) for choice in choices])
        ax.set_xlim(-0.6, len(choices) - 0.4)
    elif parameter.log is True:
        ax.set_xscale("log")
        ticks = np.geomspace(parameter.low, parameter.high, 3)
        ax.set_xticks(ticks, [f"{float(f'{tick:.2g}'):g}" for tick in ticks])
        ax.minorticks_off()


def thirds(x) -> list[np.ndarray]:
    """Which of the values (n,) are in the lower, the middle and the upper third of them: three arrays (n,) of bool.

    Examples
    --------
    >>> [np.flatnonzero(part).tolist() for part in thirds([0.3, 0.1, 9.0, 0.2, 5.0, 7.0])]
    [[1, 3], [0, 4], [2, 5]]
    """
    x = np.asarray(x, dtype=float)
    place = np.empty(len(x), int)
    place[np.argsort(x, kind="stable")] = np.arange(len(x)) * 3 // max(1, len(x))
    return [place == k for k in range(3)]


def _where(value, parameter):
    choices = getattr(parameter, "choices", None)
    return list(choices).index(value) if choices else value


def _is_number(value):
    return isinstance(value, (int, float, np.number)) and not isinstance(value, (bool, np.bool_))
