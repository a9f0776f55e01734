"""A race of strategies: best value so far, against trials and against time; and who worked when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from workshop.plots.style import (
    BLACK,
    GREY,
    MARKERS,
    PALE,
    RED,
    SKY,
    STRATEGY_COLOURS,
    STRATEGY_MARKERS,
    describe,
    new_axes,
)

OTHERS = (RED, SKY, BLACK)  # of curves that are no strategy: no strategy has these


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


def best_by_trial(studies: Sequence) -> np.ndarray:
    """The best value up to each trial of studies with the same number of trials, (n_studies, n_trials).

    Examples
    --------
    >>> from workshop.tuning import Float, GridSearch, Space, tune
    >>> study = tune(lambda config: config["x"], Space({"x": Float(0, 1)}), GridSearch(3), 3, progress=False)
    >>> best_by_trial([study]).tolist()
    [[0.0, 0.0, 0.0]]
    """
    return np.stack([best_so_far(_values(study), study.direction) for study in studies])


def best_by_second(studies: Sequence, seconds) -> np.ndarray:
    """The best value that each study has by each of the moments `seconds` (m,), (n_studies, m); NaN before the first.

    Examples
    --------
    >>> from workshop.tuning import Float, GridSearch, SimulatedClock, Space, tune
    >>> clock, space = SimulatedClock(60), Space({"x": Float(0, 1)})
    >>> study = tune(lambda config: -config["x"], space, GridSearch(3), 3, executor=clock, progress=False)
    >>> best_by_second([study], [30, 60, 180]).tolist()
    [[nan, -0.0, -1.0]]
    """
    return np.stack([best_at(_ends(study), _values(study), seconds, study.direction) for study in studies])


def outcomes(studies: Mapping[str, Sequence]) -> pd.DataFrame:
    """How the runs of each strategy ended: number of runs; worst, median and best value; median seconds they took.

    Examples
    --------
    >>> from workshop.tuning import Float, GridSearch, SimulatedClock, Space, tune
    >>> clock, space = SimulatedClock(60), Space({"x": Float(0, 1)})
    >>> study = tune(lambda config: config["x"], space, GridSearch(3), 3, executor=clock, progress=False)
    >>> outcomes({"grid": [study]}).loc["grid"].to_dict()
    {'runs': 1.0, 'worst': 0.0, 'median': 0.0, 'best': 0.0, 'seconds': 180.0}
    """
    rows = {}
    for name, runs in studies.items():
        worst_first = sorted((run.best.value for run in runs), reverse=runs[0].direction == "minimize")
        worst, median, best = worst_first[0], np.median(worst_first), worst_first[-1]
        seconds = np.median([_ends(run).max() for run in runs])
        rows[name] = {"runs": len(runs), "worst": worst, "median": median, "best": best, "seconds": seconds}
    return pd.DataFrame.from_dict(rows, orient="index")


def _values(study):
    """The value of each trial of a finished study, NaN where it failed; (n_trials,)."""
    return np.array([np.nan if trial.value is None else trial.value for trial in study.history])


def _ends(study):
    """The second at which each trial ended, (n_trials,)."""
    return np.array([trial.started + trial.seconds for trial in study.history])


def _look(name, number):
    """Colour, marker and line of a curve: its strategy's own (dashed with a "+"), or one that no strategy has."""
    strategy, plus, _ = name.partition(" + ")
    if strategy in STRATEGY_COLOURS:
        return STRATEGY_COLOURS[strategy], STRATEGY_MARKERS[strategy], "--" if plus else "-"
    return OTHERS[number % len(OTHERS)], MARKERS[4 + number % 4], "-"


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
        Best value so far of each run, as `best_so_far` or `best_at` gives it. "grid", "random", "bayesian" and
        "hyperband" have their own colours; "random + median rule" is dashed. A single run has no band.
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
        colour, marker, line = _look(name, number)
        if len(runs) > 1:
            ax.fill_between(position[known], low, high, color=colour, alpha=0.18, lw=0, step="post")
        every = max(1, known.sum() // 8)
        ax.plot(
            position[known], median, line, color=colour, marker=marker, markevery=every, label=name, ds="steps-post"
        )
        story.append(f"{name} {median[-1]:.4f}")
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.legend(loc="lower right")
    return describe(ax, f"{ylabel} against {xlabel.lower()}, median over {unit}; at the end: {', '.join(story)}.")


def plot_races(
    races: Mapping[str, Mapping],
    x: Mapping | None = None,
    *,
    control: str = "",
    xscale: str = "linear",
    ylim=None,
    xlabel: str = "Trials",
    ylabel: str = "Best AUC so far",
    axes=None,
) -> np.ndarray:
    """The race under each condition side by side, on the same axes, as `plot_race` draws it; the Axes, an array.

    Parameters
    ----------
    races : mapping of condition to curves
        Each as `plot_race` takes it; the condition is the title.
    x : mapping of condition to (n,) array, optional
        Position of each column; trials from 1 on if not given.
    control : str
        What the conditions are; stands behind each in the title.
    xscale : {"linear", "log"}
        Of the horizontal axis.
    ylim : pair of float, optional
        Ends of the vertical axis.

    Examples
    --------
    >>> runs = np.array([[0.70, 0.74], [0.72, 0.72]])
    >>> axes = plot_races({"1": {"random": runs}, "5": {"random": runs}}, control="at once")
    >>> [ax.get_label().split(":")[0] for ax in axes]
    ['1 at once', '5 at once']
    """
    if axes is None:
        figure = new_axes(width=3 + 3.4 * len(races), height=5).figure
        figure.clear()
        axes = figure.subplots(1, len(races), sharex=True, sharey=True, squeeze=False)[0]
    for ax, (condition, curves) in zip(axes, races.items(), strict=True):
        plot_race(curves, None if x is None else x[condition], xlabel=xlabel, ylabel=ylabel, ax=ax)
        title = f"{condition} {control}".strip()
        ax.set_title(title)
        describe(ax, f"{title}: {ax.get_label()}")
        ax.get_legend().remove()
        ax.label_outer()
    axes[0].set(ylim=ylim, xscale=xscale)
    handles, labels = axes[0].get_legend_handles_labels()
    axes[0].figure.legend(handles, labels, loc="outside upper center", ncols=len(labels))
    return axes


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
