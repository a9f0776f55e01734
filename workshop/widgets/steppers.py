"""Steppers: the pictures of a subject, drawn by its plot function for every choice, and flipped through in the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from workshop.plots.animation import Animation, animate
from workshop.plots.layouts import plot_grid_against_random
from workshop.plots.posterior import plot_surfaces, step_at
from workshop.plots.race import plot_race
from workshop.plots.redraw import BeliefFigure
from workshop.plots.scales import plot_scales


def posterior_stepper(
    study, *, first: int = 1, truth=None, ylabel: str = "Objective", label: str = "Acquisition", name: str | None = None
) -> Animation:
    """Bayesian search trial by trial: belief and acquisition after each of them; of one hyperparameter or two.

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
    name : str, optional
        What the pictures show together.

    Examples
    --------
    >>> from workshop.tuning import BayesianSearch, Float, Space, tune
    >>> space, strategy = Space({"x": Float(0, 1)}), BayesianSearch(n_initial=2)
    >>> study = tune(lambda config: (config["x"] - 0.3) ** 2, space, strategy, 4, progress=False)
    >>> posterior_stepper(study, first=2).controls
    {'trials': ['2', '3', '4']}
    """
    counts = range(first, len(study.history) + 1)
    name = name or f"Bayesian search over {' and '.join(study.space)}, trial by trial"
    if len(study.space) == 1:
        figure = BeliefFigure(study, truth=truth, ylabel=ylabel, label=label)
        return animate(figure.draw_step, {"trials": counts}, name=name)
    return animate(lambda k: plot_surfaces(step_at(study, k)), {"trials": counts}, name=name)


def layout_stepper(budgets: Sequence[int] = (4, 9, 16, 25, 36, 49, 64), *, seed: int = 0) -> Animation:
    """Grid against random layout, with its projections and the best value found, for each budget (square numbers).

    Examples
    --------
    >>> layout_stepper([4, 9])
    Grid and random search with the same budget
    """

    def draw(n):
        axes = plot_grid_against_random(n, seed=seed)
        axes[0].figure.set_layout_engine(
            "constrained", rect=(0, 0, 1, 0.91)
        )  # room for the two lines above the projections
        return axes

    return animate(
        draw,
        {"trials each": budgets},
        name="Grid and random search with the same budget",
        start=[1 if len(budgets) > 1 else 0],
    )


def scale_stepper(
    x, y, *, budgets: Sequence[int] = (3, 5, 7, 9, 12, 16), xlabel: str = "eta", ylabel: str = "AUC"
) -> Animation:
    """Where each budget lands on a linear and on a logarithmic scale, and what it finds there.

    Parameters
    ----------
    x, y : (m,) arrays
        The curve: a positive hyperparameter, ascending, and the objective (higher is better).
    budgets : sequence of int
        Numbers of trials, spread evenly from the lowest to the highest x.

    Examples
    --------
    >>> scale_stepper([0.01, 0.1, 1.0], [0.70, 0.76, 0.72], budgets=[3, 5])
    The same budget on a linear and on a logarithmic scale
    """
    low, high = min(x), max(x)
    return animate(
        lambda n: plot_scales(
            np.linspace(low, high, n), np.geomspace(low, high, n), x, y, xlabel=xlabel, ylabel=ylabel
        ),
        {"trials": budgets},
        name="The same budget on a linear and on a logarithmic scale",
    )


def race_stepper(
    races: Mapping[str, Mapping], *, x: Mapping | None = None, control="jobs in parallel", ylim=None, **labels
) -> Animation:
    """The race of the strategies under each condition, such as 1, 4 and 16 jobs in parallel, on the same axes.

    Parameters
    ----------
    races : mapping of condition to curves
        Each as `plot_race` takes it: strategy -> (n_runs, n) best values so far.
    x : mapping of condition to (n,) array, optional
        Position of each column; trials from 1 on if not given.
    control : str
        What the conditions are.
    ylim : pair of float, optional
        Ends of the vertical axis; all values if not given.
    **labels
        Passed on to `plot_race`: xlabel, ylabel, unit.

    Examples
    --------
    >>> runs = np.array([[0.70, 0.74], [0.72, 0.72]])
    >>> race_stepper({"1": {"random": runs}, "2": {"random": runs - 0.01}}).controls
    {'jobs in parallel': ['1', '2']}
    """
    everything = np.concatenate([np.ravel(runs) for curves in races.values() for runs in curves.values()])
    worst, best = np.nanmin(everything), np.nanmax(everything)
    margin = 0.05 * (best - worst) or 1
    ylim = (worst - margin, best + margin) if ylim is None else ylim

    def draw(condition):
        ax = plot_race(races[condition], None if x is None else x[condition], **labels)
        ax.set(ylim=ylim, title=f"{condition} {control}")
        if x is not None:
            ax.set_xlim(0, max(map(np.max, x.values())))
        return ax

    return animate(draw, {control: list(races)}, name=f"The race of the strategies by {control}", seconds=1.6)
