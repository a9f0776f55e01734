"""Steppers: the pictures of a subject, drawn by its plot function for every choice, and flipped through in the page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from workshop.plots.layouts import plot_grid_against_random, plot_scales
from workshop.plots.posterior import BeliefFigure, plot_surfaces, step_at
from workshop.tuning import Study
from workshop.tuning.parameter import whole
from workshop.widgets.in_page import Animation, animate


def posterior_stepper(
    study: Study,
    *,
    first: int = 1,
    truth: tuple[np.ndarray, np.ndarray] | None = None,
    ylabel: str = "Objective",
    label: str = "Acquisition",
) -> Animation:
    """Return Bayesian search trial by trial: belief and acquisition after each of them; of one hyperparameter or two.

    Parameters
    ----------
    study : Study
        Finished, of one or two numbers, with a `BayesianSearch`.
    first : int
        How many trials the first picture has.
    truth : pair of (n,) arrays, optional
        Hyperparameter and true value where it is known (one hyperparameter only).
    ylabel, label : str
        What the objective and the acquisition are.

    Examples
    --------
    >>> from workshop.tuning import BayesianSearch, Float, Space, tune
    >>> space, strategy = Space({"x": Float(0, 1)}), BayesianSearch(n_initial=2)
    >>> study = tune(lambda config: (config["x"] - 0.3) ** 2, space, strategy, 4, progress=False)
    >>> posterior_stepper(study, first=2).controls
    {'trials': ['2', '3', '4']}
    """
    counts = range(first, len(study.history) + 1)
    name = f"Bayesian search over {' and '.join(study.space)}, trial by trial"
    if len(study.space) == 1:
        figure = BeliefFigure(study, truth=truth, ylabel=ylabel, label=label)
        return animate(figure.draw_step, {"trials": counts}, name=name)
    return animate(lambda k: plot_surfaces(step_at(study, k)), {"trials": counts}, name=name)


def layout_stepper(budgets: Sequence[int] = (4, 9, 16, 25, 36, 49, 64), *, seed: int = 0) -> Animation:
    """Return grid against random layout, with projections and best values, for each budget (square numbers).

    Examples
    --------
    >>> layout_stepper([4, 9])
    Grid and random search with the same budget
    """

    def draw(n):
        axes = plot_grid_against_random(n, seed=seed)
        above = {"rect": (0, 0, 1, 0.91)}  # room for the two lines above the projections
        axes[0].figure.set_layout_engine("constrained", **above)
        return axes

    name = "Grid and random search with the same budget"
    return animate(draw, {"trials each": budgets}, name=name)


def scale_stepper(x: ArrayLike, y: ArrayLike, *, budgets: Sequence[int] = (3, 5, 7, 9, 12, 16)) -> Animation:
    """Return where each budget lands on a linear and on a logarithmic scale, and what it finds there.

    Parameters
    ----------
    x, y : (m,) arrays
        The curve: eta, ascending, and the objective, an AUC.
    budgets : sequence of int
        Numbers of trials, spread evenly from the lowest to the highest x.

    Examples
    --------
    >>> scale_stepper([0.01, 0.1, 1.0], [0.70, 0.76, 0.72], budgets=[3, 5])
    The same budget on a linear and on a logarithmic scale
    """
    if not len(np.atleast_1d(x)):
        raise ValueError("x is empty; give the values of eta at which the curve is known")
    budgets = [whole("budgets", n, 1) for n in budgets]
    ends = np.min(x), np.max(x)

    def draw(n):
        return plot_scales(np.linspace(*ends, n), np.geomspace(*ends, n), x, y)

    return animate(draw, {"trials": budgets}, name="The same budget on a linear and on a logarithmic scale")
