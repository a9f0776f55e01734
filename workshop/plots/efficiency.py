"""How good is the best of n random trials? From one pool of trials, for every n, exactly.

After the random experiment efficiency curve of Bergstra and Bengio (2012), section 2.2, figures 2, 5 and 6.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from scipy.special import gammaln

from workshop.plots.style import BLACK, CYCLE, GREY, MARKERS, ORANGE, RED, STRATEGY_COLOURS, describe, new_axes


def best_of_quantiles(values, n: int, quantiles) -> np.ndarray:
    """Quantiles (m,) of the best of n trials drawn from a pool without putting back; higher values are better.

    Of all ways to draw n of N trials, the share whose best is at most the k-th smallest is C(k, n) / C(N, n). The paper
    cuts its pool into N / n parts and shows the quartiles of their bests; this is the mean over all such cuts.

    Parameters
    ----------
    values : (N,) array
        One value a trial of the pool.
    n : int
        From 1 to N.
    quantiles : (m,) array
        In [0, 1].

    Examples
    --------
    >>> best_of_quantiles([1, 2, 3, 4], 2, [0.1, 0.5, 0.9]).tolist()
    [2.0, 3.0, 4.0]
    """
    values = np.sort(_pool(values, n))
    k = np.arange(n, len(values) + 1)
    at_most = np.exp(_log_choose(k, n) - _log_choose(len(values), n))
    return values[n - 1 + np.searchsorted(at_most, np.asarray(quantiles) - 1e-12).clip(max=len(k) - 1)]


def chance_to_reach(values, target: float, n: int) -> float:
    """Probability, in [0, 1], that the best of n trials drawn from a pool reaches the target; higher is better.

    1 - C(N - m, n) / C(N, n), where m of the N values reach it.

    Examples
    --------
    >>> round(chance_to_reach([1, 2, 3, 4], 4, 2), 3)
    0.5
    """
    values = _pool(values, n)
    missing = int((values < target).sum())
    return 0.0 if missing == len(values) else float(1 - np.exp(_log_choose(missing, n) - _log_choose(len(values), n)))


def trials_to_reach(values, target: float, chance: float) -> int | None:
    """The smallest number of trials, drawn from a pool, whose best reaches the target with this chance.

    None if no trial of the pool reaches it.

    Parameters
    ----------
    values : (N,) array
        Higher is better.
    target : float
    chance : float
        In (0, 1].

    Examples
    --------
    >>> trials_to_reach(range(10_000), 9_500, 0.95)
    59
    """
    if not 0 < chance <= 1:
        raise ValueError(f"chance={chance} is no probability to reach; give a number above 0, at most 1")
    if np.max(_pool(values, 1)) < target:
        return None
    return next(n for n in range(1, len(values) + 1) if chance_to_reach(values, target, n) >= chance - 1e-12)


def plot_efficiency(
    values, targets: Mapping[str, float], *, up_to: int = 64, ylabel: str = "Best AUC", ax: Axes | None = None
) -> Axes:
    """The best of n random trials for growing n: median, middle half and middle nine tenths, and lines to compare with.

    Parameters
    ----------
    values : (N,) array
        The pool, higher is better.
    targets : mapping of str to float
        Heights of horizontal lines, and what they are; where the median reaches one, a dot says after how many trials.
    up_to : int
        Largest n, at most N.

    Examples
    --------
    >>> ax = plot_efficiency(np.arange(100), {"a grid of nine": 80}, up_to=10)
    >>> ax.get_lines()[0].get_ydata()[[0, -1]].tolist()
    [49.0, 93.0]
    """
    ax = new_axes(ax, height=5)
    n = np.arange(1, up_to + 1)
    bands = np.array([best_of_quantiles(values, k, [0.05, 0.25, 0.5, 0.75, 0.95]) for k in n])
    colour, said = STRATEGY_COLOURS["random"], []
    ax.plot(n, bands[:, 2], color=colour, label="random search: median,\nmiddle half, middle nine tenths")
    ax.fill_between(n, bands[:, 1], bands[:, 3], color=colour, alpha=0.3, lw=0)
    ax.fill_between(n, bands[:, 0], bands[:, 4], color=colour, alpha=0.13, lw=0)
    for (name, target), ink, dash in zip(targets.items(), (ORANGE, RED, BLACK), ("--", "-.", ":"), strict=False):
        ax.axhline(target, color=ink, ls=dash, label=name)
        reached = np.flatnonzero(bands[:, 2] >= target)
        if len(reached):
            ax.plot(n[reached[0]], bands[reached[0], 2], "o", color=ink, mec=BLACK, ms=11, zorder=3)
        said.append(f"{name} ({target:.4g}) matched by " + (f"{n[reached[0]]} trials" if len(reached) else "none"))
    ax.set(xscale="log", xlabel="Random trials", ylabel=ylabel)
    ticks = [k for k in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512) if k <= up_to]
    ax.set_xticks(ticks, ticks)
    ax.minorticks_off()
    ax.legend(loc="lower right")
    ends = f"from {bands[0, 2]:.4g} with 1 to {bands[-1, 2]:.4g} with {up_to}"
    return describe(ax, f"{ylabel} of random trials, median {ends}; {'; '.join(said)}.")


def plot_top_share(
    pools: Mapping[str, np.ndarray], *, share: float = 0.05, xlabel="AUC", ax: Axes | None = None
) -> Axes:
    """Every trial of some pools as a dot, a row a pool, the best share of each in colour: how good are "the top 5%"?

    Parameters
    ----------
    pools : mapping of str to (n,) array
        Name of each pool and the values of its trials, higher is better.
    share : float
        In (0, 1).

    Examples
    --------
    >>> ax = plot_top_share({"log scales": np.arange(100.0)})
    >>> len(ax.collections[1].get_offsets())  # the coloured ones
    5
    """
    if not 0 < share <= 1:
        raise ValueError(f"share={share} is a share of the values; give a number above 0, up to 1")
    ax = new_axes(ax, height=1.8 + 1.1 * len(pools))
    said = []
    for row, ((name, values), colour) in enumerate(zip(pools.items(), CYCLE, strict=False)):
        values = np.sort(np.asarray(values, dtype=float))
        height = row + 0.55 * (np.random.default_rng(row).random(len(values)) - 0.5)
        n_top = round(share * len(values))
        ax.scatter(values[:-n_top], height[:-n_top], s=14, color=GREY, alpha=0.5, linewidths=0)
        ax.scatter(values[-n_top:], height[-n_top:], s=34, color=colour, linewidths=0)
        ax.vlines(values[-n_top], row - 0.42, row + 0.42, color=colour)
        said.append(f"{name} from {values[-n_top]:.3f} to {values[-1]:.3f}")
    ax.set(yticks=range(len(pools)), yticklabels=list(pools), xlabel=xlabel)
    ax.set_ylim(len(pools) - 0.5, -0.5)
    return describe(ax, f"{xlabel} of the top {share:.0%} of trials: {', '.join(said)}.")


def plot_spread(
    runs: Mapping[str, np.ndarray], *, xlabel: str, log: bool = False, decimals: int = 4, ax: Axes | None = None
) -> Axes:
    """Results of repeated experiments, a row each: every run a dot, the median a bar with its number.

    Parameters
    ----------
    runs : mapping of str to (n,) array
        Name of each experiment and the results of its runs.
    log : bool
        Whether the axis is logarithmic; the results are then positive.
    decimals : int
        Of the numbers.

    Examples
    --------
    >>> ax = plot_spread({"one at a time": [1.0, 2.0, 6.0], "all at once": [3.0, 4.0]}, xlabel="Error", decimals=1)
    >>> [text.get_text() for text in ax.texts]
    ['2.0', '3.5']
    """
    ax = new_axes(ax, height=1.4 + 0.7 * len(runs))
    said = []
    for row, ((name, values), colour, marker) in enumerate(zip(runs.items(), CYCLE, MARKERS, strict=False)):
        values = np.asarray(values, dtype=float)
        height = row + 0.3 * (np.arange(len(values)) % 3 - 1) * (len(values) > 3)
        ax.scatter(values, height, s=60, color=colour, marker=marker, alpha=0.6, linewidths=0)
        ax.vlines(np.median(values), row - 0.42, row + 0.42, color=BLACK, lw=3)
        text = f"{np.median(values):.{decimals}f}"
        ax.annotate(text, (1.01, row), xycoords=("axes fraction", "data"), va="center", color=colour)
        said.append(f"{name} {text}")
    ax.set(yticks=range(len(runs)), yticklabels=list(runs), xlabel=xlabel, xscale="log" if log else "linear")
    ax.set_ylim(len(runs) - 0.5, -0.5)
    return describe(ax, f"{xlabel}, median of {', '.join(said)}.")


def _log_choose(n, k):
    """Logarithm of the number of ways to choose k of n, -inf where n < k."""
    n = np.asarray(n, dtype=float)
    known = n >= k
    n = np.where(known, n, k)
    return np.where(known, gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1), -np.inf)


def _pool(values, n):
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or not np.isfinite(values).all():
        raise ValueError(f"values of shape {values.shape} must be finite numbers in a row; leave failed trials out")
    if not 1 <= n <= len(values):
        raise ValueError(f"n={n} trials cannot be drawn from a pool of {len(values)}; take 1 to {len(values)}")
    return values
