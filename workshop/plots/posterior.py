"""Bayesian search step by step: what it believes after k trials, and where it looks next.

A step is `history[:k]` looked at again, so it can be drawn forwards, backwards, or on its own; of any study, with one
hyperparameter or two.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from matplotlib.axes import Axes

from workshop.plots.style import BLACK, BLUE, GREY, ORANGE, RED, describe, new_axes
from workshop.tuning.history import History
from workshop.tuning.space import Categorical

SURFACES = {"mean": "viridis", "std": "magma", "utility": "cividis"}


@dataclass(frozen=True)
class Step:
    """The belief of a strategy after some trials; d is 1 or 2.

    Attributes
    ----------
    names : tuple of d str
        The hyperparameters.
    axes : tuple of d arrays
        The values looked at of each, in its own unit.
    log : tuple of d bool
        Whether each is on a logarithmic scale.
    mean, low, high, std, utility : arrays with an axis a hyperparameter
        In the objective's unit: the most likely value, the ends of a band of two standard deviations either way, and
        a quarter of its width. Then the acquisition, which has no unit. Of two hyperparameters the first runs along
        the rows.
    tried : (k, d) array
        The configs of the complete trials.
    values : (k,) array
        Their values.
    next_config : (d,) array or None
        What was tried next.
    """

    names: tuple
    axes: tuple
    log: tuple
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    std: np.ndarray
    utility: np.ndarray
    tried: np.ndarray
    values: np.ndarray
    next_config: np.ndarray | None


def step_at(study, k: int, *, n_cells: int | None = None) -> Step:
    """What the study's strategy believed after its first `k` trials, and what it tried next.

    Parameters
    ----------
    study : Study
        Of one or two numbers, with a `BayesianSearch` (or any strategy with its `believe`).
    k : int
        From 1 on; at least one of the first k trials must be complete.
    n_cells : int, optional
        How many values of each hyperparameter to look at: 300, or 60 of two.

    Examples
    --------
    >>> from workshop.tuning import BayesianSearch, Float, Space
    >>> from workshop.tuning import tune
    >>> space, strategy = Space({"x": Float(0, 1)}), BayesianSearch(n_initial=2)
    >>> study = tune(lambda config: (config["x"] - 0.3) ** 2, space, strategy, 6, progress=False)
    >>> step = step_at(study, 5)
    >>> step.tried.shape, bool(step.low[0] <= step.mean[0] <= step.high[0])
    ((5, 1), True)
    """
    space, names = study.space, tuple(study.space)
    if len(names) > 2 or any(isinstance(parameter, Categorical) for parameter in space.values()):
        raise ValueError(f"space has {list(names)}; a step is drawn for one or two numbers")
    if not 1 <= k <= len(study.history) or not len(study.history[:k].complete):
        raise ValueError(f"k={k} leaves no complete trial; give 1 to {len(study.history)}")
    past = study.history[:k]
    sign = 1 if study.direction == "minimize" else -1  # strategies minimise
    flipped = History(trial if trial.value is None else replace(trial, value=sign * trial.value) for trial in past)
    belief = study.strategy.believe(space, flipped)
    fine = np.linspace(0, 1, n_cells or (300 if len(names) == 1 else 60))
    evenly = [space.decode(np.full(len(names), u)) for u in fine]
    axes = tuple(np.unique([config[name] for config in evenly]) for name in names)  # an Int has few values
    cells = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(names)).tolist()
    configs = [dict(zip(names, cell, strict=True)) for cell in cells]
    shape = [len(axis) for axis in axes]
    low, mean, high = (sign * end.reshape(shape) for end in belief.band(configs)[::sign])
    following = study.history[k : k + 1]
    return Step(
        names=names,
        axes=axes,
        log=tuple(parameter.log is True for parameter in space.values()),
        mean=mean,
        low=low,
        high=high,
        std=(high - low) / 4,
        utility=belief.promise(configs).reshape(shape),
        tried=np.array([[trial.config[name] for name in names] for trial in past.complete], dtype=float),
        values=np.array([trial.value for trial in past.complete]),
        next_config=np.array([following[0].config[name] for name in names], float) if len(following) else None,
    )


def plot_posterior(step: Step, *, truth=None, ylabel: str = "Objective", ax: Axes | None = None) -> Axes:
    """The belief about one hyperparameter: line, band of two standard deviations, trials so far, the next one.

    Parameters
    ----------
    step : Step
        Of one hyperparameter.
    truth : pair of (n,) arrays, optional
        Hyperparameter and true value, dashed, where it is known.

    Examples
    --------
    >>> x = np.linspace(0, 1, 3)
    >>> step = Step(("x",), (x,), (False,), x, x - 1, x + 1, x * 0 + 0.5, x, np.array([[0.5]]), np.array([0.5]), None)
    >>> plot_posterior(step).get_xlabel()
    'x'
    """
    ax = new_axes(ax, height=4)
    (x,) = step.axes
    ax.fill_between(x, step.low, step.high, color=BLUE, alpha=0.18, lw=0, label="95% band")
    if truth is not None:
        ax.plot(*truth, color=GREY, ls="--", label="truth")
    ax.plot(x, step.mean, color=BLUE, label="belief")
    ax.plot(step.tried[:, 0], step.values, "o", color=BLACK, ms=9, label="trials", zorder=5)
    _mark_next(step, ax)
    if step.next_config is not None:
        ax.plot(step.next_config[0], np.interp(step.next_config[0], x, step.mean), "v", color=RED, ms=13, zorder=6)
    ax.set(xlabel=_axis_label(step, 0), ylabel=ylabel, xscale="log" if step.log[0] else "linear")
    ax.set_title(f"After {len(step.values)} trials")
    sure = "" if step.next_config is None else f" Next: {step.names[0]} = {step.next_config[0]:.3g}."
    return describe(
        ax, f"Belief about {step.names[0]} after {len(step.values)} trials, widest band {4 * step.std.max():.3g}.{sure}"
    )


def plot_acquisition(step: Step, *, label: str = "Acquisition", ax: Axes | None = None) -> Axes:
    """How much each value of one hyperparameter promises; the next trial stands at the highest place.

    Examples
    --------
    >>> x = np.linspace(0, 1, 3)
    >>> step = Step(("x",), (x,), (False,), x, x - 1, x + 1, x * 0 + 0.5, x, np.array([[0.5]]), np.array([0.5]), None)
    >>> plot_acquisition(step).get_ylabel()
    'Acquisition'
    """
    ax = new_axes(ax, height=2)
    (x,) = step.axes
    floor = min(0.0, step.utility.min())
    ax.fill_between(x, floor, step.utility, color=ORANGE, alpha=0.6, lw=0)
    ax.plot(x, step.utility, color=ORANGE)
    _mark_next(step, ax)
    ax.set(xlabel=_axis_label(step, 0), ylabel=label, yticks=[], xscale="log" if step.log[0] else "linear")
    ax.set_ylim(floor, step.utility.max() + 0.1 * (step.utility.max() - floor) or 1)
    return describe(ax, f"{label}: highest at {step.names[0]} = {x[step.utility.argmax()]:.3g}.")


def plot_steps(steps, *, truth=None, ylabel: str = "Objective", label: str = "Acquisition", axes=None) -> np.ndarray:
    """Steps of one hyperparameter side by side, each belief above its acquisition; the Axes, an array (2, n_steps).

    Examples
    --------
    >>> x = np.linspace(0, 1, 3)
    >>> step = Step(("x",), (x,), (False,), x, x - 1, x + 1, x * 0 + 0.5, x, np.array([[0.5]]), np.array([0.5]), None)
    >>> plot_steps([step, step]).shape
    (2, 2)
    """
    if axes is None:
        figure = new_axes(width=2 + 3 * len(steps), height=5.5).figure
        figure.clear()
        ratios = {"height_ratios": [2.2, 1]}
        axes = figure.subplots(2, len(steps), sharex=True, sharey="row", squeeze=False, gridspec_kw=ratios)
    for column, step in enumerate(steps):
        above = plot_posterior(step, truth=truth, ylabel=ylabel, ax=axes[0, column])
        below = plot_acquisition(step, label=label, ax=axes[1, column])
        above.set_xlabel("")
        if column:
            above.set_ylabel("")
            below.set_ylabel("")
    everything = np.concatenate([step.values for step in steps] + ([] if truth is None else [truth[1]]))
    margin = 0.35 * (everything.max() - everything.min()) or 1
    axes[0, 0].set_ylim(everything.min() - margin, everything.max() + margin)
    axes[1, 0].set_ylim(top=1.1 * max(step.utility.max() for step in steps) or 1)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    axes[0, 0].figure.legend(handles, labels, loc="outside upper center", ncols=5)
    return axes


def plot_surface(step: Step, what: str = "mean", *, title: str | None = None, ax: Axes | None = None) -> Axes:
    """One quantity of a step with two hyperparameters as a map, with the trials so far and the next one.

    Parameters
    ----------
    step : Step
        Of two hyperparameters.
    what : {"mean", "std", "utility"}
        The belief, its uncertainty, or the acquisition.

    Examples
    --------
    >>> x, z = np.linspace(0, 1, 3), np.zeros((3, 3))
    >>> step = Step(("a", "b"), (x, x), (False, False), z, z, z, z, z, np.array([[0, 1]]), np.array([0.5]), None)
    >>> plot_surface(step, "std").get_ylabel()
    'b'
    """
    if what not in SURFACES:
        raise ValueError(f"what={what!r} is no part of a step; use one of {list(SURFACES)}")
    ax = new_axes(ax, width=5, height=4.5)
    values = getattr(step, what)
    colours = ax.pcolormesh(*step.axes, values.T, cmap=SURFACES[what], shading="nearest", rasterized=True)
    ax.figure.colorbar(colours, ax=ax, location="bottom", ticks=[values.min(), values.max()], format="%.3f")
    ax.plot(*step.tried.T, "o", color="white", mec=BLACK, ms=8)
    if step.next_config is not None:
        ax.plot(*step.next_config, "v", color=RED, mec="white", ms=15, mew=2)
    ax.set(xlabel=step.names[0], ylabel=step.names[1])
    ax.set(xscale="log" if step.log[0] else "linear", yscale="log" if step.log[1] else "linear")
    ax.set_title(title or what.capitalize())
    ax.grid(False)
    top = np.unravel_index(values.argmax(), values.shape)
    place = ", ".join(f"{name} = {axis[i]:.3g}" for name, axis, i in zip(step.names, step.axes, top, strict=True))
    return describe(
        ax, f"Map of the {title or what}: from {values.min():.3g} to {values.max():.3g}, highest at {place}."
    )


def plot_surfaces(step: Step, *, axes=None) -> np.ndarray:
    """Belief, uncertainty and acquisition of a step with two hyperparameters side by side; the Axes, an array (3,).

    Examples
    --------
    >>> x, z = np.linspace(0, 1, 3), np.zeros((3, 3))
    >>> step = Step(("a", "b"), (x, x), (False, False), z, z, z, z, z, np.array([[0, 1]]), np.array([0.5]), None)
    >>> len(plot_surfaces(step))
    3
    """
    if axes is None:
        figure = new_axes(width=11, height=5).figure
        figure.clear()
        axes = figure.subplots(1, 3, sharey=True)
    titles = ("Belief", "Uncertainty", "Acquisition")
    for ax, what, title in zip(axes, SURFACES, titles, strict=True):
        plot_surface(step, what, title=title, ax=ax)
    for ax in axes[1:]:
        ax.set_ylabel("")
    return np.asarray(axes)


def _mark_next(step, ax):
    if step.next_config is not None:
        ax.axvline(step.next_config[0], color=RED, ls=":", label="next trial")


def _axis_label(step, column):
    return f"{step.names[column]} (log)" if step.log[column] else step.names[column]
