"""One figure drawn again and again: nothing jumps between steps, and only what changes is drawn anew."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import partial

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from workshop.plots.posterior import plot_acquisition, plot_posterior, step_at
from workshop.plots.style import ORANGE, RED, alternative_text, describe
from workshop.tuning import History, expected_improvement, lower_confidence_bound, probability_of_improvement


def uncertainty(mean, std, best):
    """How little is known (m,): the standard deviation of the belief itself.

    Examples
    --------
    >>> uncertainty([0.0, 0.0], np.array([0.1, 0.2]), 0.0)
    array([0.1, 0.2])
    """
    return std


# Name -> the acquisition with a given exploration weight, in standard deviations of the bent values.
LEAST_KNOWN = "where is least known?"
QUESTIONS = {
    LEAST_KNOWN: lambda weight: uncertainty,
    "confidence bound (kappa)": lambda weight: partial(lower_confidence_bound, kappa=weight),
    "expected improvement (xi)": lambda weight: partial(expected_improvement, xi=weight),
    "probability of improvement (xi)": lambda weight: partial(probability_of_improvement, xi=weight),
}


def limits(*values) -> tuple[float, float]:
    """Lower and upper end of an axis that holds all of the arrays, with a margin of a third.

    Examples
    --------
    >>> limits([0.0, 1.0], [2.0])
    (-0.7, 2.7)
    """
    values = np.concatenate([np.ravel(some) for some in values])
    margin = 0.35 * np.ptp(values) or 1
    return float(values.min() - margin), float(values.max() + margin)


class BeliefFigure:
    """A belief above its acquisition, on a figure that stays; pyplot does not know of it, so `show` leaves it alone.

    Parameters
    ----------
    study : Study
        Of one number, with a `BayesianSearch`.
    truth : pair of (n,) arrays, optional
        Hyperparameter and true value where it is known.
    ylabel, label : str
        What the objective and the acquisition are.

    Examples
    --------
    >>> from workshop.tuning import BayesianSearch, Float, Space, tune
    >>> space, strategy = Space({"x": Float(0, 1)}), BayesianSearch(n_initial=2)
    >>> study = tune(lambda config: (config["x"] - 0.3) ** 2, space, strategy, 4, progress=False)
    >>> picture, text = BeliefFigure(study).picture(4, LEAST_KNOWN, 0.0)
    >>> picture[1:4], text[:14]
    (b'PNG', 'After 4 trials')
    """

    def __init__(self, study, *, truth=None, ylabel: str = "Objective", label: str = "Acquisition"):
        if len(study.space) != 1:
            raise ValueError(f"space has {list(study.space)}; this figure shows one hyperparameter")
        self.study, self.truth, self.ylabel, self.label = study, truth, ylabel, label
        self.figure = Figure(figsize=(10, 5.6), dpi=80, layout="constrained")
        FigureCanvasAgg(self.figure)
        self.axes = self.figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [3, 1]})
        values = [trial.value for trial in study.history.complete]
        self._limits = limits(values, [] if truth is None else truth[1])
        self._steps, self._beliefs, self._shown = {}, {}, None

    def draw_step(self, k: int):
        """The Axes (2,) with the belief after `k` trials, the strategy's own acquisition, and what was tried next."""
        step = self._draw_belief(k)
        plot_acquisition(step, label=self.label, ax=self.axes[1])
        return self._settled()

    def draw_question(self, k: int, question: str, weight: float):
        """The Axes (2,) with the belief after `k` trials and what another acquisition would try next.

        `question` is one of `QUESTIONS`, `weight` (0 or more) how much it explores.
        """
        step = self._draw_belief(k, known_next=False)
        above, below = self.axes
        (curve,) = below.plot(step.axes[0], np.zeros(len(step.axes[0])), color=ORANGE, lw=3)
        self._moving = [curve, *(ax.axvline(step.axes[0][0], color=RED, ls=":") for ax in self.axes)]
        for artist in self._moving:
            artist.set_animated(True)  # left out of what is drawn, until it is asked for or saved
        below.set(xlabel=step.names[0], ylabel="Promise", yticks=[], ylim=(-0.05, 1.1), xscale=above.get_xscale())
        self._move(k, question, weight)
        return self._settled()

    def picture(self, k: int, question: str, weight: float) -> tuple[bytes, str]:
        """What `draw_question` draws as a PNG file, and its alternative text; quick as long as `k` stays the same."""
        canvas = self.figure.canvas
        if k != self._shown:
            self.draw_question(k, question, weight)
            canvas.draw()
            self._still, self._shown = canvas.copy_from_bbox(self.figure.bbox), k
        canvas.restore_region(self._still)
        self._move(k, question, weight)
        for artist in self._moving:
            artist.axes.draw_artist(artist)
        file = io.BytesIO()
        Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3]).save(file, "png", compress_level=1)
        return file.getvalue(), alternative_text(self.figure)

    def promise(self, k: int, question: str, weight: float) -> tuple[np.ndarray, np.ndarray]:
        """Values looked at (m,), and what each promises after `k` trials (m,), scaled to 0 to 1."""
        if k not in self._beliefs:
            space, sign = self.study.space, 1 if self.study.direction == "minimize" else -1  # strategies minimise
            past = [t if t.value is None else replace(t, value=sign * t.value) for t in self.study.history[:k]]
            belief = self.study.strategy.believe(space, History(past))
            x = self._step(k).axes[0]
            configs = [{name: value for name in space} for value in x.tolist()]
            self._beliefs[k] = x, *belief.gp.predict(belief.space.encode_all(configs)), belief.best
        x, mean, std, best = self._beliefs[k]
        promise = QUESTIONS[question](weight)(mean, std, best)
        return x, (promise - promise.min()) / (np.ptp(promise) or 1)

    def _step(self, k):
        if k not in self._steps:
            self._steps[k] = step_at(self.study, k)
        return self._steps[k]

    def _draw_belief(self, k, known_next=True):
        for ax in self.axes:
            ax.clear()
        self._shown = None
        step = self._step(k) if known_next else replace(self._step(k), next_config=None)
        above = plot_posterior(step, truth=self.truth, ylabel=self.ylabel, ax=self.axes[0])
        above.set(xlabel="", ylim=self._limits)
        above.legend(loc="lower center", bbox_to_anchor=(0.6, 1), ncols=5, borderaxespad=0, fontsize=12)
        return step

    def _move(self, k, question, weight):
        x, promise = self.promise(k, question, weight)
        curve, *next_trial = self._moving
        curve.set_data(x, promise)
        top = x[promise.argmax()]
        for line in next_trial:
            line.set_xdata([top, top])
        asked = question if question == LEAST_KNOWN else f"{question} = {weight:g}"
        describe(self.axes[0], f"After {k} trials, {asked}: next trial at {next(iter(self.study.space))} = {top:.3g}.")

    def _settled(self):
        """The Axes, in the places they had the first time: a new layout would make them jump, and takes long."""
        if self.figure.get_layout_engine() is not None:
            self.figure.draw_without_rendering()
            self.figure.set_layout_engine("none")
        return self.axes
