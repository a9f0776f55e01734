"""You against the optimizer: find the top of a hidden curve before random and Bayesian search do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from workshop.plots.style import STRATEGY_COLOURS, STRATEGY_MARKERS
from workshop.tuning.parameter import whole
from workshop.widgets.in_page import InPage
from workshop.widgets.live import COLOURS

N_CELLS = 401
ROUNDS = ((13, 9), (35, 9), (3, 9), (17, 9), (36, 9), (10, 30))  # seed and roughness of each hidden function


def hidden_function(seed: int | list[int], roughness: float = 9.0) -> Callable:
    """Return a curve with several hills, a function of x (n,) in [0, 1] to values (n,); its range depends on the seed.

    Parameters
    ----------
    seed : int or list of int
        Another seed, another curve.
    roughness : float
        One over the length scale: about 9 for three hills, 30 for ten.

    Examples
    --------
    >>> hidden_function(0)(np.array([0.0, 0.5, 1.0])).shape
    (3,)
    """
    rng = np.random.default_rng([whole("seed", one, 0) for one in (seed if isinstance(seed, list) else [seed])])
    frequency, phase = rng.normal(scale=roughness, size=20), rng.uniform(0, 2 * np.pi, size=20)
    bottom, height = rng.uniform(-50, 50), rng.uniform(20, 90)

    def wave(x):
        return np.cos(np.multiply.outer(np.asarray(x, dtype=float), frequency) + phase).sum(-1)

    low, high = (limit(wave(np.linspace(0, 1, N_CELLS))) for limit in (np.min, np.max))
    return lambda x: bottom + height * (wave(x) - low) / (high - low)


def game(objectives: Sequence[Callable] | None = None, *, budget: int = 8, seed: int = 0) -> InPage:
    """Return a game of one round per objective: click or type where to look; then the truth is unveiled.

    Random and Bayesian search play with the same budget on the same curve. After a round the player steps through the
    trials of each, and sees the belief that they lead to and where it would look next. A score says how far the best
    value lies between bottom (0) and top (100) of the curve.

    Parameters
    ----------
    objectives : sequence of callables, optional
        Each from x (n,) in [0, 1] to values (n,), higher is better; if not given, five hidden functions on which
        remembering pays, and a rough one on which it does not.
    budget : int
        Trials of each player.
    seed : int
        Of the random player.

    Examples
    --------
    >>> game(budget=3)
    You against the optimizer: 6 rounds of 3 trials
    """
    budget, seed = whole("budget", budget, 1), whole("seed", seed, 0)
    objectives = objectives or [hidden_function(*each) for each in ROUNDS]
    rng, x = np.random.default_rng(seed), np.linspace(0, 1, N_CELLS)
    rounds = []
    for number, objective in enumerate(objectives):
        truth = np.asarray(objective(x), dtype=float)
        if truth.shape != x.shape or not np.isfinite(truth).all():
            raise ValueError(f"objective {number} must turn x {x.shape} into as many finite values, not {truth.shape}")
        margin = 0.3 * np.ptp(truth) or 1  # a frame that does not give the top away
        limits = [truth.min() - margin, truth.max() + margin]
        rounds.append(
            {"truth": truth.round(4).tolist(), "limits": limits, "random": rng.random(budget).round(3).tolist()}
        )
    strategies = ("random", "bayesian")
    return InPage(
        "game.js",
        {
            "rounds": rounds,
            "budget": budget,
            "colours": COLOURS | {"you": "var(--ink)"} | {name: STRATEGY_COLOURS[name] for name in strategies},
            "marks": {"you": "D"} | {name: STRATEGY_MARKERS[name] for name in strategies},
        },
        static='<p class="note">Run this cell to play.</p>',
        name=f"You against the optimizer: {len(rounds)} rounds of {budget} trials",
        uses=("gp.js", "picture.js"),
    )
