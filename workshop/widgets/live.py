"""What the page computes under the learner's hand: a belief, k-means from any start, the size of a grid, a game."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from workshop.plots.models import plot_clusters
from workshop.plots.style import BLUE, CYCLE, GREY, ORANGE, RED, SKY, STRATEGY_COLOURS, STRATEGY_MARKERS, numbers
from workshop.tuning.analysis import curse_table
from workshop.tuning.parameter import whole
from workshop.widgets.in_page import InPage, still

# Those of `workshop.plots.posterior`; in a dark theme the belief is lighter, or a back row would not see it.
COLOURS = {"belief": f"light-dark({BLUE}, {SKY})", "truth": GREY, "promise": ORANGE, "next": RED}
MAX_CENTRES, MAX_POINTS = 6, 5_000  # told apart by colour and shape; drawn within a frame
N_CELLS = 401
ROUNDS = ((13, 9), (35, 9), (3, 9), (17, 9), (36, 9), (10, 30))  # seed and roughness of each hidden function
QUESTIONS = ("expected improvement", "probability of improvement", "confidence bound", "uncertainty")


def live_belief(
    trials: Sequence[tuple[float, float]] = (),
    *,
    truth: tuple[np.ndarray, np.ndarray] | None = None,
    question: str | None = None,
    length_scale: float | None = None,
    xlabel: str = "x",
    ylabel: str = "Objective, higher is better",
) -> InPage:
    """Return a belief to play with: trials, length scale, noise and kernel are the learner's, and what is asked of it.

    Values are believed on the scale of the picture: before any trial the 95% of the belief reach from the lowest value
    to the highest (-2 and 2, if no function is hidden). The length scale is a share of the width.

    Parameters
    ----------
    trials : sequence of (x, value)
        Those that stand there first.
    truth : pair of (n,) arrays, optional
        x, ascending, and value of a function that is hidden until asked for; it then gives the values of all trials.
        Without it x goes from 0 to 1 and values are what the learner says, from -2 to 2.
    question : str, optional
        The acquisition that is asked first: "expected improvement", "probability of improvement", "confidence bound"
        or "uncertainty". Without it nothing is asked, only believed.
    length_scale : float, optional
        Fitted to the trials if not given.

    Examples
    --------
    >>> live_belief([(0.2, 1.0), (0.7, -0.5)])
    A belief to play with: 2 trials to begin with
    """
    xs, ys = (np.asarray(end, dtype=float) for end in ([[0, 1], [-2, 2]] if truth is None else truth))
    points = np.asarray(list(trials), dtype=float).reshape(-1, 2)
    if xs.ndim != 1 or xs.shape != ys.shape or not (np.diff(xs) > 0).all() or len(xs) < 2 or not np.isfinite(ys).all():
        raise ValueError(
            f"truth must be x (n,), ascending, and finite values (n,) of it, not {xs.shape} and {ys.shape}"
        )
    if not ((points[:, 0] >= xs[0]) & (points[:, 0] <= xs[-1]) & np.isfinite(points[:, 1])).all():
        raise ValueError(
            f"trials={list(trials)!r} must be pairs of an x from {xs[0]:g} to {xs[-1]:g} and a finite value"
        )
    if question is not None and question not in QUESTIONS:
        raise ValueError(f"question={question!r} must be one of {list(QUESTIONS)}, or None")
    if length_scale is not None and not 0.03 <= length_scale <= 2:
        raise ValueError(f"length_scale={length_scale!r} must be from 0.03 to 2, a share of the width")
    known = np.concatenate([ys, points[:, 1]])
    low, high = known.min(), known.max()
    margin = (0.06 if truth is not None else 0.2) * (high - low) or 1.0
    data = {
        "trials": points.tolist(),
        "truth": None if truth is None else [xs.tolist(), ys.tolist()],
        "x": [xs[0], xs[-1]],
        "y": [low - margin, high + margin],
        "middle": (low + high) / 2,
        "spread": (high - low) / 4 or 1.0,
        "question": question is not None,
        "xlabel": xlabel,
        "ylabel": ylabel,
        "colours": COLOURS,
        "start": {
            "kernel": "Matérn 5/2",
            "scale": length_scale or 0.2,
            "fitted": length_scale is None,
            "noise": 0.0,
            "question": question or "uncertainty",
            "weight": 0.0,
            "draws": question is None,
            "truth": False,
        },
    }
    name = f"A belief to play with: {len(points)} trials to begin with"
    static = '<p class="note">Run this cell to use it.</p>'
    return InPage("live.js", data, static=static, name=name, uses=("gp.js", "picture.js"))


def live_kmeans(
    points: ArrayLike,
    n_clusters: int = 3,
    *,
    centers: ArrayLike | None = None,
    xlabel: str = "x",
    ylabel: str = "y",
) -> InPage:
    """Return k-means to play with: the learner drags the centres, then assigns and moves until nothing changes.

    The page computes as `workshop.models.kmeans.lloyd_steps` does: of several equally near centres the first is taken,
    and a centre without points stays where it is. Runs that end above the best one are seen as such.

    Parameters
    ----------
    points : array_like of shape (n, 2)
        At most 5,000. A unit is drawn as long on both axes, because k-means measures it so.
    n_clusters : int
        Number of centres to begin with, from 1 to 6.
    centers : array_like of shape (n_clusters, 2), optional
        Where they start; at the first points if not given.
    xlabel, ylabel : str
        Units belong to the labels.

    Examples
    --------
    >>> live_kmeans([[0, 0], [1, 0], [9, 1], [9, 2]], n_clusters=2)
    k-means to play with: 4 points, 2 centres to begin with
    """
    X, k = numbers("points", points, shape=(None, 2)), whole("n_clusters", n_clusters, 1)
    if len(X) > MAX_POINTS:
        raise ValueError(f"points has {len(X)} rows; give at most {MAX_POINTS}, drawn at random, say")
    if k > min(MAX_CENTRES, len(X)):
        raise ValueError(f"n_clusters={k} must be at most {MAX_CENTRES}, and not above the number of points, {len(X)}")
    start = X[:k] if centers is None else numbers("centers", centers, shape=(None, 2))
    if len(start) != k:
        raise ValueError(f"centers has {len(start)} rows but n_clusters={k}; give both the same")
    shown = np.vstack([X, start])
    if np.abs(shown).max() > 1e100:
        raise ValueError(f"points reach from {shown.min():g} to {shown.max():g}; divide them by a large number first")
    middle, spread = (shown.max(axis=0) + shown.min(axis=0)) / 2, np.ptp(shown, axis=0)
    half = 0.55 * max(spread[1], spread[0] / 1.2) or 1.0  # of the height; the width is 1.2 of it
    x, y = (np.array([-1.2, 1.2]) * half + middle[0], np.array([-1, 1]) * half + middle[1])
    labels: dict = {"xlabel": xlabel, "ylabel": ylabel}
    data = {
        "points": X.tolist(),
        "centers": start.tolist(),
        "x": x.tolist(),
        "y": y.tolist(),
        "colours": CYCLE[:MAX_CENTRES],
        **labels,
    }
    picture = still(plot_clusters(X, centers=start, title="Before the first step", **labels))
    static = f'{picture}<p class="note">Run this cell to use it.</p>'
    name = f"k-means to play with: {len(X)} points, {k} centres to begin with"
    return InPage("kmeans.js", data, static=static, name=name, uses=("lloyd.js", "picture.js"))


def curse_explorer() -> InPage:
    """Return a calculator with the exact numbers: jobs of a grid, rounds, hours and days, for what the learner sets.

    Examples
    --------
    >>> curse_explorer()
    The curse of dimensionality: jobs of a grid, and hours
    """
    fields = [
        {"key": "values", "name": "values of each", "value": 10, "max": 100},
        {"key": "hyperparameters", "name": "hyperparameters", "value": 4, "max": 20},
        {"key": "minutes", "name": "minutes per job", "value": 10, "max": 10_000},
        {"key": "parallel", "name": "jobs in parallel", "value": 1, "max": 10_000},
    ]
    table = curse_table()
    head = "".join(f'<th scope="col">{n} hyper&shy;para&shy;meters</th>' for n in table.columns)
    body = "".join(
        f'<tr><th scope="row">{n} values of each</th>{"".join(f"<td>{jobs:,} jobs</td>" for jobs in row)}</tr>'
        for n, row in zip(table.index, table.to_numpy(), strict=True)
    )
    return InPage(
        "curse.js",
        {"fields": fields, "rows": table.index.tolist(), "columns": table.columns.tolist()},
        static=f"<table><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>",
        name="The curse of dimensionality: jobs of a grid, and hours",
    )


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
