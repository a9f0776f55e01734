"""What did each hyperparameter do? The trials of a random search, once for each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
    """A panel a hyperparameter, an array (m,) of Axes: each trial a dot, the mean of neighbouring trials a line.

    As all others vary at the same time, a line says what a hyperparameter does on average over the others. A flat one
    hardly matters, in this range.

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
    x = np.array([_where(each, parameter) for each in tried], dtype=float)
    y = values.to_numpy(dtype=float)
    ax.scatter(x, y, s=34, color=GREY, alpha=0.7, linewidths=0)
    colour = STRATEGY_COLOURS["random"]
    if choices:
        means = [y[x == place].mean() if (x == place).any() else np.nan for place in range(len(choices))]
        ax.plot(range(len(choices)), means, "_", color=colour, ms=40, mew=3)
        ax.set_xticks(range(len(choices)), [str(choice) for choice in choices])
        ax.set_xlim(-0.6, len(choices) - 0.4)
        return
    if parameter.log is True:
        ax.set_xscale("log")
    order = np.argsort(x, kind="stable")
    ax.plot(x[order], moving_mean(y[order], max(3, len(y) // 4)), color=colour)


def moving_mean(values: Sequence, width: int) -> np.ndarray:
    """Mean (n,) of each value and its neighbours in the row: `width` in all, fewer at the ends, as many on each side.

    Examples
    --------
    >>> moving_mean([0, 3, 6, 0], 3).tolist()
    [0.0, 3.0, 3.0, 0.0]
    """
    values = np.asarray(values, dtype=float)
    half, n = width // 2, len(values)
    reach = np.minimum(half, np.minimum(np.arange(n), np.arange(n)[::-1]))
    return np.array([values[k - r : k + r + 1].mean() for k, r in enumerate(reach)])


def _where(value, parameter):
    choices = getattr(parameter, "choices", None)
    return list(choices).index(value) if choices else value


def _is_number(value):
    return isinstance(value, (int, float, np.number)) and not isinstance(value, (bool, np.bool_))
