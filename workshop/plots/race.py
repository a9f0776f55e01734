"""A race of strategies: best value so far, against trials and against time; and who worked when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from workshop.plots.style import (
    BLACK,
    GREY,
    MARKERS,
    PALE,
    PINK,
    RED,
    SKY,
    STRATEGY_COLOURS,
    STRATEGY_MARKERS,
    describe,
    new_axes,
)

OTHERS = (RED, PINK, BLACK, SKY)  # of curves that are no strategy: no strategy has these


def best_so_far(values, direction: str = "maximize") -> np.ndarray:
    """The best of the values up to each one, shaped as `values` (..., n_trials); a NaN (failed trial) changes nothing.

    Examples
    --------
    >>> best_so_far([0.70, 0.75, 0.72]).tolist()
    [0.7, 0.75, 0.75]
    """
    best = {"maximize": np.fmax, "minimize": np.fmin}
    if direction not in best:
        raise ValueError(f"direction={direction!r} is unknown; use 'minimize' or 'maximize'")
    return best[direction].accumulate(np.asarray(values, dtype=float), axis=-1)


def best_at(times, values, at, direction: str = "maximize") -> np.ndarray:
    """The best value finished by each moment in `at` (m,), of one study; NaN before the first trial ends.

    Parameters
    ----------
    times : (n_trials,) array
        When each trial ended, in seconds, in any order.
    values : (n_trials,) array
        Their values.
    at : (m,) array
        The moments asked about, in seconds.

    Examples
    --------
    >>> best_at([20, 10], [0.75, 0.70], at=[5, 10, 30]).tolist()
    [nan, 0.7, 0.75]
    """
    order = np.argsort(times, kind="stable")
    best = best_so_far(np.asarray(values, dtype=float)[order], direction)
    n_done = np.searchsorted(np.asarray(times, dtype=float)[order], at, side="right")
    return np.r_[np.nan, best][n_done]


def _look(name, number):
    """Colour and marker of a curve: its strategy's own, or else one that no strategy has."""
    if name in STRATEGY_COLOURS:
        return STRATEGY_COLOURS[name], STRATEGY_MARKERS[name]
    return OTHERS[number % len(OTHERS)], MARKERS[3 + number % 5]


def plot_race(
    curves: Mapping,
    x=None,
    *,
    xlabel: str = "Trials",
    ylabel: str = "Best AUC so far",
    unit: str = "seeds",
    ax: Axes | None = None,
) -> Axes:
    """Each strategy's best value so far: the median of its runs as a line, the middle half of them as a band.

    Parameters
    ----------
    curves : mapping of str to (n_runs, n) array
        Best value so far of each run, as `best_so_far` or `best_at` gives it. "grid", "random" and "bayesian" have
        their own colours. A single run has no band.
    x : (n,) array, optional
        Position of each column: trials from 1 on if not given, or seconds.

    Examples
    --------
    >>> ax = plot_race({"random": np.array([[0.70, 0.74], [0.72, 0.72]])})
    >>> ax.get_lines()[0].get_ydata().tolist()
    [0.71, 0.73]
    """
    ax = new_axes(ax, height=5)
    story = []
    for number, (name, runs) in enumerate(curves.items()):
        runs = np.atleast_2d(np.asarray(runs, dtype=float))
        position = np.arange(1, runs.shape[1] + 1) if x is None else np.asarray(x, dtype=float)
        known = np.isfinite(runs).all(axis=0)  # until the slowest run has a value there is no median
        low, median, high = np.quantile(runs[:, known], [0.25, 0.5, 0.75], axis=0)
        colour, marker = _look(name, number)
        if len(runs) > 1:
            ax.fill_between(position[known], low, high, color=colour, alpha=0.18, lw=0, step="post")
        every = max(1, known.sum() // 8)
        ax.plot(position[known], median, color=colour, marker=marker, markevery=every, label=name, ds="steps-post")
        story.append(f"{name} {median[-1]:.4f}")
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.legend(loc="lower right")
    return describe(ax, f"{ylabel} against {xlabel.lower()}, median over {unit}; at the end: {', '.join(story)}.")


def plot_jobs(history: Sequence, *, direction: str = "maximize", ax: Axes | None = None) -> Axes:
    """Who worked when: a bar a trial, from its start to its end, a row a worker; the best trial in another colour.

    Parameters
    ----------
    history : History
        Of a finished study; a trial goes to the first worker that is free when it starts.
    direction : {"maximize", "minimize"}
        Which values are better.

    Examples
    --------
    >>> from workshop.tuning import Trial
    >>> history = [Trial(k, {}, "complete", 0.7, seconds=s, started=0.0) for k, s in enumerate([3.0, 5.0])]
    >>> [float(bar.get_width()) for bar in plot_jobs(history).patches]
    [3.0, 5.0]
    """
    trials = sorted((trial for trial in history if trial.seconds is not None), key=lambda trial: trial.started)
    if not trials:
        raise ValueError(f"history={history!r} has no finished trial; draw a study that has run")
    free, rows = [], []  # when each worker is free again; the worker of each trial
    for trial in trials:
        worker = next((w for w, end in enumerate(free) if end <= trial.started + 1e-9), len(free))
        free[worker : worker + 1] = [trial.started + trial.seconds]
        rows.append(worker)
    ax = new_axes(ax, height=1.6 + 0.45 * len(free))
    sign = 1 if direction == "maximize" else -1
    best = max((t for t in trials if t.value is not None), key=lambda t: sign * t.value, default=None)
    for trial, row in zip(trials, rows, strict=True):
        colour, ink = (STRATEGY_COLOURS["bayesian"], "white") if trial is best else (PALE, "black")
        ax.barh(row, trial.seconds, left=trial.started, height=0.85, color=colour, edgecolor=GREY)
        centre = trial.started + trial.seconds / 2
        ax.text(centre, row, trial.number, ha="center", va="center", fontsize=12, color=ink, clip_on=True)
    ax.set(xlabel="Seconds", ylabel="Worker", yticks=range(len(free)), yticklabels=range(1, len(free) + 1))
    ax.invert_yaxis()
    ax.grid(False)
    found = "" if best is None else f"; the best is trial {best.number}"
    return describe(ax, f"{len(trials)} jobs on {len(free)} workers, done after {max(free):.0f} seconds{found}.")
