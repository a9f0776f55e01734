"""Linear or logarithmic: where the same budget lands, and what it finds there."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from workshop.plots.style import BLUE, GREY, RED, describe, new_axes


def per_decade(values) -> pd.Series:
    """How many of the values lie in each power of ten, indexed by "0.01 to 0.1" and the like, empty ones included.

    Examples
    --------
    >>> per_decade([0.005, 0.5, 0.6]).to_dict()
    {'0.001 to 0.01': 1, '0.01 to 0.1': 0, '0.1 to 1': 2}
    """
    values = np.asarray(values, dtype=float)
    if values.size == 0 or not (values > 0).all():
        raise ValueError(f"values must be positive to have a power of ten, got {values}")
    decade = np.floor(np.log10(values) + 1e-9).astype(int)
    decade[(values == values.max()) & np.isclose(values, 10.0**decade) & (decade > decade.min())] -= 1
    counts = {
        f"{10.0**d:g} to {10.0 ** (d + 1):g}": int((decade == d).sum()) for d in range(decade.min(), decade.max() + 1)
    }
    return pd.Series(counts, name="trials")


def plot_scales(linear, logarithmic, x, y, *, xlabel: str = "eta", ylabel: str = "AUC", ax: Axes | None = None) -> Axes:
    """The same number of trials on both scales, under the curve they are meant to find the top of.

    Parameters
    ----------
    linear, logarithmic : (n,) arrays
        The values tried with even steps of the value, and with even steps of its logarithm; both positive.
    x, y : (m,) arrays
        The curve: hyperparameter and objective (higher is better).

    Examples
    --------
    >>> ax = plot_scales([0.1, 0.55, 1.0], [0.01, 0.1, 1.0], [0.01, 0.1, 1.0], [0.70, 0.76, 0.70])
    >>> ax.get_xscale()
    'log'
    """
    ax = new_axes(ax, height=5)
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    ax.plot(x, y, color=GREY, lw=3)
    base, span = y.min(), y.max() - y.min()
    rows = [("linear grid", linear, RED, "s", 0.14), ("log grid", logarithmic, BLUE, "o", 0.32)]
    found = {}
    for name, tried, colour, marker, below in rows:
        tried = np.asarray(tried, dtype=float)
        height = np.interp(np.log(tried), np.log(x), y)
        found[name] = height.max()
        level = base - below * span
        ax.vlines(tried, level, height, color=colour, lw=1, alpha=0.45)
        ax.plot(tried, np.full(len(tried), level), marker, color=colour, label=f"{name}: best {height.max():.3f}")
        ax.plot(tried[height.argmax()], height.max(), marker, color=colour, ms=15, mec="black", mew=1.5)
    ax.set(xscale="log", xlabel=f"{xlabel} (logarithmic axis)", ylabel=ylabel)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
    best = " and ".join(f"{name} {value:.3f}" for name, value in found.items())
    return describe(ax, f"{len(tried)} values of {xlabel} on each scale, under the curve of {ylabel}; best: {best}.")
