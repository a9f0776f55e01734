"""Searches as they ran: best value so far, who worked when, and trials that were stopped before their end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from workshop.plots.style import (
    BLACK,
    BLUE,
    GREY,
    MARKERS,
    PALE,
    RED,
    SKY,
    STRATEGY_COLOURS,
    STRATEGY_MARKERS,
    describe,
    new_axes,
    new_panels,
    plain,
)
from workshop.tuning import Trial
from workshop.tuning.parameter import one_of

OTHERS = (RED, SKY, BLACK)  # of curves that are not a strategy's: no strategy has these


def _look(name, number):
    """Return colour, marker and line of a curve: its strategy's (dashed with a "+"), or some that no strategy has."""
    strategy, plus, _ = name.partition(" + ")
    if strategy in STRATEGY_COLOURS:
        return STRATEGY_COLOURS[strategy], STRATEGY_MARKERS[strategy], "--" if plus else "-"
    return OTHERS[number % len(OTHERS)], MARKERS[4 + number % 4], "-"


def plot_race(
    curves: Mapping[str, ArrayLike],
    x: ArrayLike | None = None,
    *,
    xlabel: str = "Trials",
    ylabel: str = "Best AUC so far",
    unit: str = "seeds",
    ax: Axes | None = None,
) -> Axes:
    """Return Axes with each strategy's best value so far: the median of its runs a line, the middle half a band.

    Parameters
    ----------
    curves : mapping of str to (n_runs, n) array
        Best value so far of each run, as `workshop.tuning.analysis` gives it. Strategies have their own colours;
        "random + median rule" is dashed. A single run has no band.
    x : (n,) array, optional
        Position of each column: trials from 1 on if not given, or seconds.
    unit : str
        What the runs differ in, for the description.

    Examples
    --------
    >>> ax = plot_race({"random": np.array([[0.70, 0.74], [0.72, 0.72]])})
    >>> ax.get_lines()[0].get_ydata().tolist()
    [0.71, 0.73]
    """
    ax = new_axes(ax, height=5)
    said = []
    for number, (name, values) in enumerate(curves.items()):
        runs = np.atleast_2d(np.asarray(values, dtype=float))
        if runs.ndim != 2 or not runs.size or not np.isfinite(runs[:, -1]).all():
            raise ValueError(f"curves has {name!r} of shape {runs.shape}; give one row per run, with values at the end")
        position = np.arange(1, runs.shape[1] + 1) if x is None else np.asarray(x, dtype=float)
        known = np.isfinite(runs).all(axis=0)  # until the slowest run has a value there is no median
        low, median, high = np.quantile(runs[:, known], [0.25, 0.5, 0.75], axis=0)
        colour, marker, line = _look(name, number)
        if len(runs) > 1:
            ax.fill_between(position[known], low, high, color=colour, alpha=0.18, lw=0, step="post")
        look = {"color": colour, "marker": marker, "markevery": max(1, known.sum() // 8), "ds": "steps-post"}
        ax.plot(position[known], median, line, label=plain(name), **look)
        said.append(f"{name} {median[-1]:.4f}")
    ax.set(xlabel=plain(xlabel), ylabel=plain(ylabel))
    ax.legend(loc="lower right")
    return describe(ax, f"{ylabel} against {xlabel.lower()}, median over {unit}; at the end: {', '.join(said)}.")


def plot_races(
    races: Mapping[str, Mapping],
    x: Mapping | None = None,
    *,
    control: str = "",
    xscale: str = "linear",
    ylim: tuple[float, float] | None = None,
    xlabel: str = "Trials",
    ylabel: str = "Best AUC so far",
) -> np.ndarray:
    """Return Axes (n,): the race under each condition side by side, on the same scales, as `plot_race` draws it.

    The condition is the title, with `control` behind it; `x` has the positions of each condition's columns.

    Examples
    --------
    >>> runs = np.array([[0.70, 0.74], [0.72, 0.72]])
    >>> axes = plot_races({"1": {"random": runs}, "5": {"random": runs}}, control="at once")
    >>> [ax.get_label().split(":")[0] for ax in axes]
    ['1 at once', '5 at once']
    """
    one_of("xscale", xscale, ("linear", "log"))
    axes = new_panels(1, len(races), width=3 + 3.4 * len(races), height=5, sharex=True, sharey=True)[0]
    for ax, (condition, curves) in zip(axes, races.items(), strict=True):
        plot_race(curves, None if x is None else x[condition], xlabel=xlabel, ylabel=ylabel, ax=ax)
        title = f"{condition} {control}".strip()
        ax.set_title(plain(title))
        describe(ax, f"{title}: {ax.get_label()}")
        ax.get_legend().remove()
        ax.label_outer()
    axes[0].set(ylim=ylim, xscale=xscale)
    handles, labels = axes[0].get_legend_handles_labels()
    axes[0].figure.legend(handles, labels, loc="outside upper center", ncols=len(labels))
    return axes


def plot_jobs(history: Sequence[Trial], *, direction: str = "maximize", ax: Axes | None = None) -> Axes:
    """Return Axes with who worked when: one bar per trial, one row per worker; the best trial in another colour.

    The `history` is that of a finished study; a trial goes to the first worker that is free when it starts.

    Examples
    --------
    >>> history = [Trial(k, {}, "complete", 0.7, seconds=s, started=0.0) for k, s in enumerate([3.0, 5.0])]
    >>> [float(bar.get_width()) for bar in plot_jobs(history).patches]
    [3.0, 5.0]
    """
    finished = [trial for trial in history if trial.seconds is not None]
    if not finished:
        raise ValueError(f"history={history!r} has no finished trial; draw a study that has run")
    free: list[float] = []  # when each worker is free again
    bars = []  # trial, its worker, start and length of each
    for trial, start, seconds in sorted(((t, t.started or 0.0, t.seconds or 0.0) for t in finished), key=itemgetter(1)):
        worker = next((w for w, end in enumerate(free) if end <= start + 1e-9), len(free))
        free[worker : worker + 1] = [start + seconds]
        bars.append((trial, worker, start, seconds))
    ax = new_axes(ax, height=1.6 + 0.45 * len(free))
    sign = 1 if direction == "maximize" else -1
    values = {trial.number: sign * trial.value for trial in finished if trial.value is not None}
    best = max(values, key=lambda number: values[number], default=None)
    for trial, row, start, seconds in bars:
        colour, ink = (STRATEGY_COLOURS["bayesian"], "white") if trial.number == best else (PALE, "black")
        ax.barh(row, seconds, left=start, height=0.85, color=colour, edgecolor=GREY)
        look: dict = {"ha": "center", "va": "center", "fontsize": 12, "clip_on": True}
        ax.text(start + seconds / 2, row, str(trial.number), color=ink, **look)
    ax.set(xlabel="Seconds", ylabel="Worker", yticks=range(len(free)), yticklabels=range(1, len(free) + 1))
    ax.invert_yaxis()
    ax.grid(False)
    found = "" if best is None else f"; the best is trial {best}"
    return describe(ax, f"{len(bars)} jobs on {len(free)} workers, done after {max(free):.0f} seconds{found}.")


def plot_learning_curves(history: Sequence[Trial], *, mark: Sequence[int] = (), ax: Axes | None = None) -> Axes:
    """Return Axes with the values that each trial reported: complete trials dark, stopped ones pale to their end.

    Trials that never reported are left out; those with a number in `mark`, at most three, have colours of their own.

    Examples
    --------
    >>> trials = [Trial(0, {}, "complete", 0.7, values=(0.6, 0.7)), Trial(1, {}, "stopped", 0.5, values=(0.5,))]
    >>> plot_learning_curves(trials).get_label()
    'Validation AUC by step of 2 trials, 1 of them stopped early.'
    """
    if len(mark) > len(OTHERS):
        raise ValueError(f"mark={mark!r} names {len(mark)} trials; at most {len(OTHERS)} have a colour of their own")
    ax = new_axes(ax, height=5)
    reported = [trial for trial in history if trial.values]
    colours = dict(zip(mark, OTHERS, strict=False))
    for trial in sorted(reported, key=lambda trial: (trial.number in colours, trial.state != "stopped")):
        steps, stopped = np.arange(1, len(trial.values) + 1), trial.state == "stopped"
        marked = trial.number in colours
        colour = colours.get(trial.number, GREY if stopped else BLUE)
        alpha, width = (1.0, 3) if marked else (0.5 if stopped else 0.8, 1.2)
        ax.plot(steps, trial.values, color=colour, alpha=alpha, lw=width)
        if stopped:
            ax.plot(steps[-1], trial.values[-1], "x", color=colour, ms=7, mew=2)
        if marked:
            ax.annotate(f" trial {trial.number}", (steps[-1], trial.values[-1]), color=colour, va="center", fontsize=13)
    n_stopped = sum(trial.state == "stopped" for trial in reported)
    for label, colour, marker in (("to the end", BLUE, ""), ("stopped", GREY, "x"))[: 1 + bool(n_stopped)]:
        ax.plot([], [], color=colour, marker=marker, label=label)
    ax.legend(loc="lower right")
    ax.set(xlabel="Step", ylabel="Validation AUC")
    return describe(ax, f"Validation AUC by step of {len(reported)} trials, {n_stopped} of them stopped early.")


def plot_median_rule(history: Sequence[Trial], trial: Trial, steps: Sequence[int]) -> np.ndarray:
    """Return Axes (n_steps,): at each of `steps` the earlier trials' running averages, their median, and the verdict.

    `history` are earlier trials, ended, with values to be maximised; `trial` is judged at steps that it has reported.

    Examples
    --------
    >>> earlier = [Trial(k, {}, "complete", v, values=(0.5, v)) for k, v in enumerate([0.6, 0.7, 0.8])]
    >>> axes = plot_median_rule(earlier, Trial(3, {}, values=(0.55, 0.58)), [1, 2])
    >>> axes[1].get_label()
    'Step 2: 0.5800 against a median of 0.6000 of 3 trials: stop.'
    """
    if not steps or not 1 <= min(steps) <= max(steps) <= len(trial.values):
        raise ValueError(f"steps={steps!r}: the trial has reported {len(trial.values)} values; give steps up to there")
    axes = new_panels(1, len(steps), width=4.2 * len(steps), height=4.5, sharey=True)[0]
    for step, ax in zip(steps, axes, strict=True):
        earlier = [other.values[:step] for other in history if len(other.values) >= step]
        averages = [np.mean(values) for values in earlier]
        median, value = np.median(averages), trial.values[step - 1]
        for values in earlier:
            ax.plot(range(1, step + 1), values, color=PALE, lw=1.2, zorder=1)
        ax.plot([step] * len(averages), averages, "o", color=BLUE, alpha=0.6, label="running averages")
        ax.axhline(median, color=BLUE, ls="--", lw=2, label="their median")
        ax.plot(range(1, step + 1), trial.values[:step], color=RED, marker="s", label=f"trial {trial.number}")
        verdict = "stop" if value < median else "go on"
        ax.set(title=f"step {step}: {verdict}", xlabel="Step", xlim=(0.5, max(steps) + 0.5))
        ax.locator_params(axis="x", integer=True)
        describe(ax, f"Step {step}: {value:.4f} against a median of {median:.4f} of {len(averages)} trials: {verdict}.")
    axes[0].set_ylabel("AUC")
    axes[-1].legend(loc="lower right", fontsize=12)
    return axes


def plot_brackets(brackets: Sequence[Sequence[tuple[int, int]]], *, ax: Axes | None = None) -> Axes:
    """Return Axes with `Hyperband.brackets` side by side: one row per rung, as wide as there are trials in it.

    Examples
    --------
    >>> from workshop.tuning import Hyperband
    >>> ax = plot_brackets(Hyperband(9).brackets)
    >>> len(ax.patches), ax.get_label()
    (6, '3 brackets; they begin with 9, 5, 3 trials and judge first at step 1, 3, 9.')
    """
    if not brackets or not all(brackets) or any(len(rung) != 2 for bracket in brackets for rung in bracket):
        raise ValueError(f"brackets={brackets!r} must hold one bracket or more, each of one (trials, step) or more")
    ax = new_axes(ax, height=4.5)
    steps = sorted({step for bracket in brackets for _, step in bracket})
    widest, left, ticks = max(bracket[0][0] for bracket in brackets), 0.0, []
    for bracket in brackets:
        width = max(bracket[0][0], widest / 8)
        ticks.append(left + width / 2)
        for n, step in bracket:
            row, colour = steps.index(step), BLUE if step == steps[-1] else SKY
            ax.barh(row, n, left=ticks[-1] - n / 2, height=0.72, color=colour, edgecolor="white")
            ax.annotate(str(n), (ticks[-1] + n / 2, row), (4, 0), textcoords="offset points", va="center", fontsize=14)
        left += width + widest / 8
    ax.set(xticks=ticks, xticklabels=range(1, len(brackets) + 1), xlabel="Bracket", ylabel="Judged at step")
    ax.set(yticks=range(len(steps)), yticklabels=steps, xlim=(-widest / 20, left))
    ax.grid(False)
    first, at = (", ".join(str(bracket[0][i]) for bracket in brackets) for i in (0, 1))
    return describe(ax, f"{len(brackets)} brackets; they begin with {first} trials and judge first at step {at}.")
