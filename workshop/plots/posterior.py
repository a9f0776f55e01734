"""Bayesian search step by step: what it believes after k trials, and where it looks next.

A step is `history[:k]` looked at again, so it can be drawn forwards, backwards, or on its own; of any study, with one
hyperparameter or two.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from workshop.plots.style import BLACK, BLUE, GREY, ORANGE, RED, describe, new_panels, plain
from workshop.tuning import Categorical, Study


@dataclass(frozen=True)
class SearchStep:
    """What a strategy believed after some trials, over a space of d = 1 or 2 numbers.

    Attributes
    ----------
    names, axes, log : tuples of d
        The hyperparameters, the values looked at of each in its own unit, and whether its scale is logarithmic.
    low, mean, high, acquisition : arrays with one dimension per hyperparameter
        In the objective's unit: the most likely value, and the ends of a band of two standard deviations either way.
        Then the acquisition, which has no unit.
    tried, values : (k, d) array, (k,) array
        The configs of the complete trials, and their values.
    next_config : (d,) array or None
        What was tried next.
    """

    names: tuple[str, ...]
    axes: tuple[np.ndarray, ...]
    log: tuple[bool, ...]
    low: np.ndarray
    mean: np.ndarray
    high: np.ndarray
    acquisition: np.ndarray
    tried: np.ndarray
    values: np.ndarray
    next_config: np.ndarray | None

    @property
    def std(self) -> np.ndarray:
        """The uncertainty: a quarter of the width of the band."""
        return (self.high - self.low) / 4


def step_at(study: Study, k: int) -> SearchStep:
    """Return what the study's `BayesianSearch` believed after its first `k` trials, and what it tried next.

    The study is of one or two numbers; at least one of the first k trials must be complete.

    Examples
    --------
    >>> from workshop.tuning import BayesianSearch, Float, Space, tune
    >>> space, strategy = Space({"x": Float(0, 1)}), BayesianSearch(n_initial=2)
    >>> study = tune(lambda config: (config["x"] - 0.3) ** 2, space, strategy, 6, progress=False)
    >>> step = step_at(study, 5)
    >>> step.tried.shape, bool((step.low <= step.mean).all() and (step.mean <= step.high).all())
    ((5, 1), True)
    """
    if not hasattr(study.strategy, "believe"):
        raise ValueError(f"strategy is {type(study.strategy).__name__}, which has no belief; give BayesianSearch()")
    space, names = study.space, tuple(study.space)
    if len(names) > 2 or any(isinstance(parameter, Categorical) for parameter in space.values()):
        raise ValueError(f"space has {list(names)}; a step is drawn for one or two numbers")
    if not 1 <= k <= len(study.history) or not study.history[:k].complete:
        raise ValueError(f"k={k} leaves no complete trial; give 1 to {len(study.history)}")
    past, following = study.history[:k], study.history[k : k + 1]
    sign = 1 if study.direction == "minimize" else -1  # strategies minimise
    belief = study.strategy.believe(space, study.minimised[:k])
    evenly = [space.decode(np.full(len(names), u)) for u in np.linspace(0, 1, 300 if len(names) == 1 else 60)]
    axes = tuple(np.unique([config[name] for config in evenly]) for name in names)  # an Int has few values
    cells = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(names)).tolist()
    configs = [dict(zip(names, cell, strict=True)) for cell in cells]
    shape = [len(axis) for axis in axes]
    log = tuple(parameter.log is True for parameter in space.values())
    band = [sign * end.reshape(shape) for end in belief.band(configs)]
    low, mean, high = band if sign == 1 else reversed(band)
    acquisition = belief.promise(configs).reshape(shape)
    tried = np.array([[trial.config[name] for name in names] for trial in past.complete], dtype=float)
    values = np.array([trial.value for trial in past.complete])
    next_config = np.array([following[0].config[name] for name in names], float) if len(following) else None
    return SearchStep(names, axes, log, low, mean, high, acquisition, tried, values, next_config)


def _draw_belief(ax, step, truth, ylabel):
    (x,), (name,) = step.axes, step.names
    ax.fill_between(x, step.low, step.high, color=BLUE, alpha=0.18, lw=0, label="95% band")
    if truth is not None:
        ax.plot(*truth, color=GREY, ls="--", label="truth")
    ax.plot(x, step.mean, color=BLUE, label="belief")
    ax.plot(step.tried[:, 0], step.values, "o", color=BLACK, ms=9, label="trials", zorder=5)
    count = "1 trial" if len(step.values) == 1 else f"{len(step.values)} trials"
    said = f"Belief about {name} after {count}, widest band {4 * step.std.max():.3g}."
    if step.next_config is not None:
        (following,) = step.next_config
        ax.axvline(following, color=RED, ls=":", label="next trial")
        ax.plot(following, np.interp(following, x, step.mean), "v", color=RED, ms=13, zorder=6)
        said += f" Next: {name} = {following:.3g}."
    ax.set(xscale="log" if step.log[0] else "linear", ylabel=plain(ylabel), title=f"After {count}")
    describe(ax, said)


def _draw_acquisition(ax, step, label):
    (x,), (name,) = step.axes, step.names
    floor, top = min(0.0, step.acquisition.min()), step.acquisition.max()
    ax.fill_between(x, floor, step.acquisition, color=ORANGE, alpha=0.6, lw=0)
    ax.plot(x, step.acquisition, color=ORANGE)
    if step.next_config is not None:
        ax.axvline(step.next_config[0], color=RED, ls=":")
    scale, unit = ("log", " (log)") if step.log[0] else ("linear", "")
    ax.set(xlabel=plain(name + unit), ylabel=plain(label), yticks=[], xscale=scale)
    ax.set_ylim(floor, top + 0.1 * (top - floor) or 1)
    peak = x[step.acquisition.argmax()]
    there = step.next_config is not None and abs(x - step.next_config[0]).argmin() in abs(x - peak).argsort()[:3]
    describe(ax, f"{label}: highest {'there' if there else f'at {name} = {peak:.3g}'}.")


def plot_surfaces(step: SearchStep) -> np.ndarray:
    """Return Axes (3,) with belief, uncertainty and acquisition of a step with two hyperparameters, as maps.

    The trials so far are white dots, the next one is a triangle.

    Examples
    --------
    >>> from workshop.tuning import BayesianSearch, Float, Space, tune
    >>> space, strategy = Space({"a": Float(0, 1), "b": Float(0, 1)}), BayesianSearch(n_initial=2)
    >>> study = tune(lambda config: config["a"] - config["b"], space, strategy, 4, progress=False)
    >>> [ax.get_title(loc="left") or ax.get_title() for ax in plot_surfaces(step_at(study, 3))]
    ['Belief', 'Uncertainty', 'Acquisition']
    """
    axes = new_panels(1, 3, width=11, height=5, sharey=True)[0]
    maps = ("Belief", step.mean, "viridis"), ("Uncertainty", step.std, "magma")
    for ax, (title, values, colours) in zip(axes, (*maps, ("Acquisition", step.acquisition, "cividis")), strict=True):
        image = ax.pcolormesh(*step.axes, values.T, cmap=colours, shading="nearest", rasterized=True)
        ends = [values.min(), values.max()] if np.ptp(values) > 0.0005 else [values.mean()]
        bar = ax.figure.colorbar(image, ax=ax, location="bottom", ticks=ends, format="%.3f")
        sides = ("left", "right") if len(ends) == 2 else ("center",)
        for tick, side in zip(bar.ax.get_xticklabels(), sides, strict=True):
            tick.set_horizontalalignment(side)  # towards the middle, not into the next bar's
        ax.plot(*step.tried.T, "o", color="white", mec=BLACK, ms=8)
        if step.next_config is not None:
            ax.plot(*step.next_config, "v", color=RED, mec="white", ms=15, mew=2)
        ax.set(xlabel=plain(step.names[0]), title=title)
        ax.set(xscale="log" if step.log[0] else "linear", yscale="log" if step.log[1] else "linear")
        ax.grid(False)
        top = np.unravel_index(values.argmax(), values.shape)
        place = ", ".join(f"{name} = {axis[i]:.3g}" for name, axis, i in zip(step.names, step.axes, top, strict=True))
        ranges = f"from {values.min():.3g} to {values.max():.3g}, highest at {place}"
        describe(ax, f"Map of the {title}: {ranges if len(ends) == 2 else f'{ends[0]:.3g} everywhere'}.")
    axes[0].set_ylabel(plain(step.names[1]))
    return axes


class BeliefFigure:
    """One figure drawn again and again, a belief above its acquisition, in which nothing jumps between steps.

    The belief is a line in a band of two standard deviations. pyplot, and so `show`, does not know of the figure.

    Parameters
    ----------
    study : Study
        Of one number, with a `BayesianSearch`.
    truth : pair of (n,) arrays, optional
        Hyperparameter and true value, dashed, where it is known.
    ylabel, label : str
        What the objective and the acquisition are.

    Examples
    --------
    >>> from workshop.tuning import BayesianSearch, Float, Space, tune
    >>> space, strategy = Space({"x": Float(0, 1)}), BayesianSearch(n_initial=2)
    >>> study = tune(lambda config: (config["x"] - 0.3) ** 2, space, strategy, 4, progress=False)
    >>> BeliefFigure(study).draw_step(4).shape
    (2,)
    """

    def __init__(
        self,
        study: Study,
        *,
        truth: tuple[np.ndarray, np.ndarray] | None = None,
        ylabel: str = "Objective",
        label: str = "Acquisition",
    ):
        if len(study.space) != 1:
            raise ValueError(f"space has {list(study.space)}; this figure shows one hyperparameter")
        self.study, self.truth, self.ylabel, self.label = study, truth, ylabel, label
        self.figure = Figure(figsize=(10, 5.6), dpi=80, layout="constrained")
        FigureCanvasAgg(self.figure)
        self.axes = self.figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [3, 1]})
        values = np.array([t.value for t in study.history.complete] + ([] if truth is None else list(truth[1])))
        margin = (0.35 if truth is None else 0.08) * np.ptp(values) or 1  # without a truth nobody knows how far to look
        self._limits = values.min() - margin, values.max() + margin

    def draw_step(self, k: int) -> np.ndarray:
        """Return the Axes (2,) with the belief after `k` trials, the strategy's own acquisition, and the next trial."""
        step = step_at(self.study, k)
        for ax in self.axes:
            ax.clear()
        _draw_belief(self.axes[0], step, self.truth, self.ylabel)
        self.axes[0].set_ylim(self._limits)
        self.axes[0].legend(loc="lower center", bbox_to_anchor=(0.6, 1), ncols=5, borderaxespad=0, fontsize=12)
        _draw_acquisition(self.axes[1], step, self.label)
        if self.figure.get_layout_engine() is not None:  # a new layout would make the Axes jump, and takes long
            self.figure.draw_without_rendering()
            self.figure.set_layout_engine("none")
        return self.axes
