"""You against the optimizer: find the top of a hidden curve before random and Bayesian search do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from workshop.plots.style import BLACK, GREY, STRATEGY_COLOURS
from workshop.tuning import BayesianSearch, Float, RandomSearch, Space, tune
from workshop.widgets.in_page import InPage

N_CELLS = 401


def hidden_function(seed: int | list[int]) -> Callable:
    """Return a smooth curve with several hills, a function of x (n,) in [0, 1] to values (n,) between 0 and 1.

    Examples
    --------
    >>> hidden_function(0)(np.array([0.0, 0.5, 1.0])).shape
    (3,)
    """
    rng = np.random.default_rng(seed)
    frequency, phase = rng.normal(scale=14, size=20), rng.uniform(0, 2 * np.pi, size=20)

    def wave(x):
        return np.cos(np.multiply.outer(np.asarray(x, dtype=float), frequency) + phase).sum(-1)

    low, high = (limit(wave(np.linspace(0, 1, N_CELLS))) for limit in (np.min, np.max))
    return lambda x: (wave(x) - low) / (high - low)


def game(objectives: Sequence[Callable] | None = None, *, budget: int = 10, seed: int = 0) -> InPage:
    """Return a game of one round per objective: click or type where to look; then the truth is unveiled.

    Random and Bayesian search play the same budget on the same curve; the highest value wins. Scores are kept in the
    learner's browser when asked to, and can be taken away as a CSV file.

    Parameters
    ----------
    objectives : sequence of callables, optional
        Each from x (n,) in [0, 1] to values (n,), higher is better; five hidden functions if not given.
    budget : int
        Trials of each player.
    seed : int
        Of the hidden functions and of the strategies.

    Examples
    --------
    >>> game(budget=3)
    You against the optimizer: 5 rounds of 3 trials
    """
    if budget < 1:
        raise ValueError(f"budget={budget} must be at least 1")
    objectives = objectives or [hidden_function([seed, k]) for k in range(5)]
    x = np.linspace(0, 1, N_CELLS)
    rounds = []
    for number, objective in enumerate(objectives):
        truth = np.asarray(objective(x), dtype=float)
        if truth.shape != x.shape or not np.isfinite(truth).all():
            raise ValueError(f"objective {number} must turn x {x.shape} into as many finite values, not {truth.shape}")
        plays = {name: _play(x, truth, strategy, budget, seed + number) for name, strategy in _players(budget).items()}
        margin = 0.3 * np.ptp(truth) or 1  # a frame that does not give the top away
        limits = [truth.min() - margin, truth.max() + margin]
        rounds.append({"truth": truth.round(4).tolist(), "limits": limits, "plays": plays})
    colours = {"you": BLACK, "truth": GREY} | {name: STRATEGY_COLOURS[name] for name in _players(budget)}
    return InPage(
        "game.js",
        {"rounds": rounds, "budget": budget, "colours": colours},
        static='<p class="note">Run this cell to play.</p>',
        name=f"You against the optimizer: {len(rounds)} rounds of {budget} trials",
    )


def _players(budget):
    return {"random": RandomSearch(), "bayesian": BayesianSearch(n_initial=min(3, budget))}


def _play(x, truth, strategy, budget, seed):
    """The trials of a strategy on a curve, in order, as [[x, value], ...]."""
    study = tune(
        lambda config: float(np.interp(config["x"], x, truth)),
        Space({"x": Float(0, 1)}),
        strategy,
        budget,
        direction="maximize",
        seed=seed,
        progress=False,
    )
    return [[round(trial.config["x"], 4), round(trial.value, 4)] for trial in study.history]
