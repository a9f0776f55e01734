"""Nine trials as a grid, nine at random: what each learns about the hyperparameter that matters.

After figure 1 of Bergstra and Bengio (2012), Random Search for Hyper-Parameter Optimization.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from workshop.plots.style import BLACK, GREY, PALE, RED, STRATEGY_COLOURS, STRATEGY_MARKERS, describe, new_axes


def grid_layout(n: int) -> np.ndarray:
    """A square grid (n, 2) in the unit square, each point in the middle of its cell; n must be a square number.

    Examples
    --------
    >>> grid_layout(4).tolist()
    [[0.25, 0.25], [0.25, 0.75], [0.75, 0.25], [0.75, 0.75]]
    """
    side = round(n**0.5)
    if side * side != n or n < 1:
        raise ValueError(f"n={n} is no square number; a grid of two hyperparameters needs one, such as 9 or 16")
    ticks = (np.arange(side) + 0.5) / side
    return np.stack(np.meshgrid(ticks, ticks, indexing="ij"), axis=-1).reshape(n, 2)


def random_layout(n: int, *, seed: int = 0) -> np.ndarray:
    """Random points (n, 2) in the unit square.

    Examples
    --------
    >>> random_layout(9).shape
    (9, 2)
    """
    return np.random.default_rng(seed).random((n, 2))


def important(x):
    """Effect (n,) of the hyperparameter that matters, at x (n,) in [0, 1]: a hill of height 1 at 0.33.

    Examples
    --------
    >>> important(np.array([0.33, 1.0])).round(3).tolist()
    [1.0, 0.0]
    """
    return np.exp(-(((x - 0.33) / 0.12) ** 2))


def unimportant(x):
    """Effect (n,) of the hyperparameter that hardly matters, at x (n,) in [0, 1]: between 0 and 0.05.

    Examples
    --------
    >>> unimportant(np.array([0.0, 0.5])).round(3).tolist()
    [0.0, 0.05]
    """
    return 0.05 * np.sin(np.pi * x)


def n_distinct(points) -> tuple[int, int]:
    """How many different values of the first and of the second hyperparameter the points (n, 2) try.

    Examples
    --------
    >>> n_distinct(grid_layout(9)), n_distinct(random_layout(9))
    ((3, 3), (9, 9))
    """
    points = np.asarray(points, dtype=float).round(12)
    return len(np.unique(points[:, 0])), len(np.unique(points[:, 1]))


def plot_layout(
    points,
    strategy: str = "grid",
    *,
    first: Callable = important,
    second: Callable = unimportant,
    ax: Axes | None = None,
) -> Axes:
    """Points in the unit square, and above and beside it what each hyperparameter alone does at the values tried.

    Parameters
    ----------
    points : (n, 2) array
        In [0, 1]: the important hyperparameter, then the unimportant one.
    strategy : {"grid", "random"}
        For its colour and its title.
    first, second : callable (n,) -> (n,)
        The objective is their sum; higher is better.

    Examples
    --------
    >>> ax = plot_layout(grid_layout(9), "grid")
    >>> len(ax.child_axes)  # the two projections
    2
    """
    ax = new_axes(ax, width=5, height=5.6)
    points = np.asarray(points, dtype=float)
    colour, marker = STRATEGY_COLOURS[strategy], STRATEGY_MARKERS[strategy]
    total = first(points[:, 0]) + second(points[:, 1])
    ax.plot(*points.T, marker, color=colour, ms=11, mec=BLACK)
    ax.plot(*points[total.argmax()], marker, color=colour, ms=17, mec=BLACK, mew=2.5)
    ax.set(xlim=(0, 1), ylim=(0, 1), xlabel="Important hyperparameter", ylabel="Unimportant", xticks=[], yticks=[])
    n_first, n_second = n_distinct(points)
    top, side = ax.inset_axes([0, 1.04, 1, 0.32]), ax.inset_axes([1.04, 0, 0.32, 1])
    fine = np.linspace(0, 1, 400)
    ceiling = 1.15 * max(first(fine).max(), second(fine).max())
    top.plot(fine, first(fine), color=GREY)
    side.plot(second(fine), fine, color=GREY)
    x, y = points.T
    ax.vlines(x, y, 1, color=PALE, lw=1.2, zorder=0)
    ax.hlines(y, x, 1, color=PALE, lw=1.2, zorder=0)
    top.vlines(x, 0, first(x), color=colour, lw=1.5)
    top.plot(x, first(x), marker, color=colour, mec=BLACK)
    side.hlines(y, 0, second(y), color=colour, lw=1.5)
    side.plot(second(y), y, marker, color=colour, mec=BLACK)
    top.set(xlim=(0, 1), ylim=(0, ceiling))
    side.set(ylim=(0, 1), xlim=(0, ceiling))
    for projection in (top, side):
        projection.set(xticks=[], yticks=[])
    for each in (ax, top, side):
        each.grid(False)
    top.set_title(
        f"{strategy.capitalize()}: {len(points)} trials, {n_first} values\nthat matter, best {total.max():.2f}"
    )
    return describe(
        ax,
        f"{strategy.capitalize()} layout of {len(points)} trials: {n_first} distinct values of the important "
        f"hyperparameter, {n_second} of the unimportant one, best value {total.max():.2f}.",
    )


def plot_grid_against_random(n: int = 9, *, seed: int = 0, axes=None) -> np.ndarray:
    """A grid and a random layout of n trials side by side, as `plot_layout` draws them; both Axes, an array (2,).

    Examples
    --------
    >>> len(plot_grid_against_random(9))
    2
    """
    if axes is None:
        figure = new_axes(width=11, height=6).figure
        figure.clear()
        axes = figure.subplots(1, 2)
    plot_layout(grid_layout(n), "grid", ax=axes[0])
    plot_layout(random_layout(n, seed=seed), "random", ax=axes[1])
    return np.asarray(axes)


def plot_grid_scores(scores: pd.DataFrame, *, label: str = "Accuracy", title: str = "", ax: Axes | None = None) -> Axes:
    """The score of each combination of two hyperparameters as a map with the numbers in it, the best in a frame.

    Parameters
    ----------
    scores : DataFrame
        A row a value of the first hyperparameter, a column a value of the second, their names on index and columns;
        higher is better.

    Examples
    --------
    >>> scores = pd.DataFrame([[0.6, 0.7], [0.5, 0.6]], index=pd.Index([1, 10], name="C"), columns=[0.1, 1.0])
    >>> plot_grid_scores(scores).texts[1].get_text()
    '.700'
    """
    ax = new_axes(ax, width=7, height=5)
    values = scores.to_numpy(dtype=float)
    low, high = np.nanmin(values), np.nanmax(values)
    colours = ax.imshow(values, cmap="viridis", aspect="auto", origin="lower", vmin=low, vmax=high)
    for (i, j), value in np.ndenumerate(values):
        ink = "white" if value < (low + high) / 2 else "black"
        ax.text(j, i, f"{value:.3f}".removeprefix("0"), ha="center", va="center", fontsize=15, color=ink)
    i, j = np.unravel_index(np.nanargmax(values), values.shape)
    ax.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, fill=False, ec=RED, lw=4))
    ax.set(xlabel=scores.columns.name, ylabel=scores.index.name, title=title)
    ax.set_xticks(range(values.shape[1]), [_short(value) for value in scores.columns])
    ax.set_yticks(range(values.shape[0]), [_short(value) for value in scores.index])
    ax.grid(False)
    ax.figure.colorbar(colours, ax=ax, label=label)
    return describe(
        ax,
        f"{label} of {values.size} combinations, {low:.3f} to {high:.3f}; best at {scores.index.name} = "
        f"{scores.index[i]:.3g}, {scores.columns.name} = {scores.columns[j]:.3g}.",
    )


def _short(value):
    """The value with three digits and no exponent."""
    return np.format_float_positional(value, precision=3, fractional=False, trim="-")


def best_of_layouts(n: int, *, n_hills: int = 1000, seed: int = 0) -> pd.DataFrame:
    """The best value each layout finds on hills put at random places; a row a hill, columns grid and random.

    The hill has the shape of `important` and stands anywhere in [0, 1], so that no layout is lucky by design.

    Examples
    --------
    >>> best_of_layouts(9).mean().round(1).to_dict()
    {'grid': 0.6, 'random': 0.8}
    """
    rng = np.random.default_rng(seed)
    shift = 0.33 - rng.random((n_hills, 1))
    grid, random = grid_layout(n)[:, 0], rng.random((n_hills, n))
    found = {"grid": important(grid + shift).max(axis=1), "random": important(random + shift).max(axis=1)}
    return pd.DataFrame(found)
