"""Trials that need not run to their end: learning curves, the median rule at one step, and Hyperband's brackets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from workshop.plots.style import BLACK, BLUE, GREY, PALE, RED, SKY, describe, new_axes, plt


def plot_curves(history: Sequence, *, mark=(), ylabel: str = "Validation AUC", ax: Axes | None = None) -> Axes:
    """The values each trial reported, step by step: complete trials dark, stopped ones pale up to where they ended.

    Parameters
    ----------
    history : History
        Of trials that report; those that never did are left out.
    mark : sequence of int
        Numbers of trials to draw in colours of their own, at most three.

    Examples
    --------
    >>> from workshop.tuning import Trial
    >>> trials = [Trial(0, {}, "complete", 0.7, values=(0.6, 0.7)), Trial(1, {}, "stopped", 0.5, values=(0.5,))]
    >>> plot_curves(trials).get_label()
    'Validation AUC by step of 2 trials, 1 of them stopped early.'
    """
    ax = new_axes(ax, height=5)
    reported = [trial for trial in history if trial.values]
    colours = dict(zip(mark, (RED, SKY, BLACK), strict=False))
    for trial in sorted(reported, key=lambda trial: (trial.number in colours, trial.state != "stopped")):
        steps, stopped = np.arange(1, len(trial.values) + 1), trial.state == "stopped"
        colour = colours.get(trial.number, GREY if stopped else BLUE)
        alpha = 1.0 if trial.number in colours else 0.5 if stopped else 0.8
        width = 3 if trial.number in colours else 1.2
        ax.plot(steps, trial.values, color=colour, alpha=alpha, lw=width)
        if stopped:
            ax.plot(steps[-1], trial.values[-1], "x", color=colour, ms=7, mew=2)
        if trial.number in colours:
            ax.annotate(f" trial {trial.number}", (steps[-1], trial.values[-1]), color=colour, va="center", fontsize=13)
    n_stopped = sum(trial.state == "stopped" for trial in reported)
    for label, colour, marker in (("to the end", BLUE, ""), ("stopped", GREY, "x"))[: 1 + bool(n_stopped)]:
        ax.plot([], [], color=colour, marker=marker, label=label)
    ax.legend(loc="lower right")
    ax.set(xlabel="Step", ylabel=ylabel)
    return describe(ax, f"{ylabel} by step of {len(reported)} trials, {n_stopped} of them stopped early.")


def plot_median_rule(history: Sequence, trial, steps: Sequence[int], *, ylabel: str = "AUC") -> Figure:
    """A panel for each of `steps`: earlier trials' running averages, their median, and the value that is judged.

    Parameters
    ----------
    history : History
        Earlier trials, ended, as they were told: values to be maximised.
    trial : Trial
        The one that is judged; it has reported at least as many values as the largest step.
    steps : sequence of int
        From 1.

    Examples
    --------
    >>> from workshop.tuning import Trial
    >>> earlier = [Trial(k, {}, "complete", v, values=(0.5, v)) for k, v in enumerate([0.6, 0.7, 0.8])]
    >>> figure = plot_median_rule(earlier, Trial(3, {}, values=(0.55, 0.58)), [1, 2])
    >>> figure.axes[1].get_label()
    'Step 2: 0.5800 against a median of 0.6000 of 3 trials: stop.'
    """
    figure, axes = plt.subplots(1, len(steps), figsize=(4.2 * len(steps), 4.5), sharey=True, squeeze=False)
    for step, ax in zip(steps, axes[0], strict=True):
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
        ax.xaxis.get_major_locator().set_params(integer=True)
        text = f"Step {step}: {value:.4f} against a median of {median:.4f} of {len(averages)} trials: {verdict}."
        describe(ax, text)
    axes[0, 0].set_ylabel(ylabel)
    axes[0, -1].legend(loc="lower right", fontsize=12)
    return figure


def plot_brackets(brackets: Sequence, *, ax: Axes | None = None) -> Axes:
    """Hyperband's brackets side by side: a row a rung, as wide as there are trials in it.

    Parameters
    ----------
    brackets : sequence of sequences of (trials, step)
        As `Hyperband.brackets` gives them.

    Examples
    --------
    >>> from workshop.tuning import Hyperband
    >>> ax = plot_brackets(Hyperband(9).brackets)
    >>> len(ax.patches), ax.get_label()
    (6, '3 brackets; they begin with 9, 5, 3 trials and judge first at step 1, 3, 9.')
    """
    ax = new_axes(ax, height=4.5)
    steps = sorted({step for bracket in brackets for _, step in bracket})
    widest, left = max(bracket[0][0] for bracket in brackets), 0.0
    ticks = []
    for bracket in brackets:
        centre = left + max(bracket[0][0], widest / 8) / 2
        ticks.append(centre)
        for n, step in bracket:
            is_end = step == steps[-1]
            row = steps.index(step)
            ax.barh(row, n, left=centre - n / 2, height=0.72, color=BLUE if is_end else SKY, edgecolor="white")
            ax.annotate(n, (centre + n / 2, row), (4, 0), textcoords="offset points", va="center", fontsize=14)
        left = centre + max(bracket[0][0], widest / 8) / 2 + widest / 8
    ax.set(xticks=ticks, xticklabels=range(1, len(brackets) + 1), xlabel="Bracket", ylabel="Judged at step")
    ax.set(yticks=range(len(steps)), yticklabels=steps, xlim=(-widest / 20, left))
    ax.grid(False)
    first = ", ".join(str(bracket[0][0]) for bracket in brackets)
    at = ", ".join(str(bracket[0][1]) for bracket in brackets)
    return describe(ax, f"{len(brackets)} brackets; they begin with {first} trials and judge first at step {at}.")
