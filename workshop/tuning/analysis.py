"""What finished trials say: the best so far, how runs ended, what a budget of grid or random trials buys.

Numbers only; `workshop.plots` draws them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isqrt
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from workshop.tuning.history import DIRECTIONS
from workshop.tuning.parameter import as_numbers, one_of, whole
from workshop.tuning.study import Study


def best_so_far(values: ArrayLike, direction: str = "maximize") -> np.ndarray:
    """Return the best of the values up to each one, shaped as `values` (..., n_trials); NaN is a failed trial.

    Examples
    --------
    >>> best_so_far([0.70, float("nan"), 0.75, 0.72]).tolist()
    [0.7, 0.7, 0.75, 0.75]
    """
    one_of("direction", direction, DIRECTIONS)
    best = np.fmin if direction == "minimize" else np.fmax  # these two pass over NaN
    return best.accumulate(np.asarray(values, dtype=float), axis=-1)


def best_at(times: ArrayLike, values: ArrayLike, at: ArrayLike, direction: str = "maximize") -> np.ndarray:
    """Return the best value that one study had by each moment of `at` (m,), in seconds; NaN before a trial ended.

    `times`, `values` (n_trials,) say when each trial ended, in any order, and its value.

    Examples
    --------
    >>> best_at([20, 10], [0.75, 0.70], at=[5, 10, 30]).tolist()
    [nan, 0.7, 0.75]
    """
    times, values = np.asarray(times, dtype=float), np.asarray(values, dtype=float)
    if times.ndim != 1 or times.shape != values.shape:
        raise ValueError(f"times {times.shape} and values {values.shape} must both be (n_trials,), one per trial")
    order = np.argsort(times, kind="stable")
    best = best_so_far(values[order], direction)
    n_ended = np.searchsorted(times[order], at, side="right")
    return np.r_[np.nan, best][n_ended]


def best_by_trial(studies: Sequence[Study]) -> np.ndarray:
    """Return the best value up to each trial of studies with equally many trials, (n_studies, n_trials).

    Examples
    --------
    >>> from workshop.tuning import Float, GridSearch, Space, tune
    >>> study = tune(lambda config: config["x"], Space({"x": Float(0, 1)}), GridSearch(3), 3, progress=False)
    >>> best_by_trial([study]).tolist()
    [[0.0, 0.0, 0.0]]
    """
    return np.stack([best_so_far(_values(study), study.direction) for study in studies])


def best_by_second(studies: Sequence[Study], seconds: ArrayLike) -> np.ndarray:
    """Return the best value of each study by each moment of `seconds` (m,), (n_studies, m); NaN before the first.

    Examples
    --------
    >>> from workshop.tuning import Float, GridSearch, SimulatedClock, Space, tune
    >>> clock, space = SimulatedClock(60), Space({"x": Float(0, 1)})
    >>> study = tune(lambda config: -config["x"], space, GridSearch(3), 3, executor=clock, progress=False)
    >>> best_by_second([study], [30, 60, 180]).tolist()
    [[nan, -0.0, -1.0]]
    """
    return np.stack([best_at(_ends(study), _values(study), seconds, study.direction) for study in _studies(studies)])


def outcomes(studies: Mapping[str, Sequence[Study]]) -> pd.DataFrame:
    """Return how the runs of each strategy ended: their number; worst, median and best value; median of the seconds.

    Examples
    --------
    >>> from workshop.tuning import Float, GridSearch, SimulatedClock, Space, tune
    >>> clock, space = SimulatedClock(60), Space({"x": Float(0, 1)})
    >>> study = tune(lambda config: config["x"], space, GridSearch(3), 3, executor=clock, progress=False)
    >>> outcomes({"grid": [study]}).loc["grid"].to_dict()
    {'runs': 1.0, 'worst': 0.0, 'median': 0.0, 'best': 0.0, 'seconds': 180.0}
    """
    rows = {}
    for name, runs in studies.items():
        _studies(runs)
        values = np.array([run.best.value for run in runs], dtype=float)
        ends = values.min(), values.max()
        best, worst = ends if runs[0].direction == "minimize" else ends[::-1]
        seconds = np.median([_ends(run).max() for run in runs])
        rows[name] = {"runs": len(runs), "worst": worst, "median": np.median(values), "best": best, "seconds": seconds}
    return pd.DataFrame.from_dict(rows, orient="index")


def _studies(studies):
    if not len(studies) or not all(isinstance(study, Study) for study in studies):
        raise ValueError(f"studies={studies!r} must be one study or more, in a list; `tune` returns one")
    return studies


def _values(study):
    return np.array([np.nan if trial.value is None else trial.value for trial in study.history])


def _ends(study):
    return np.array([trial.started + trial.seconds for trial in study.history])


def best_of_quantiles(values: ArrayLike, n: int, quantiles: ArrayLike) -> np.ndarray:
    """Return quantiles (m,) of the best of n trials drawn from a pool without putting back; higher is better.

    Of all ways to draw n of the N `values`, the share whose best is at most the k-th smallest is C(k, n) / C(N, n):
    draw by draw, the product of (k - i) / (N - i) over i < n. Bergstra and Bengio (2012, section 2.2) cut their pool
    into N / n parts and show the quartiles of their bests; this is the mean over all such cuts.

    Examples
    --------
    >>> best_of_quantiles([1, 2, 3, 4], 2, [0.1, 0.5, 0.9]).tolist()
    [2.0, 3.0, 4.0]
    """
    pool, n = _pool(np.sort(values), n)
    drawn, k = np.arange(n), np.arange(n, len(pool) + 1)[:, None]
    at_most = np.prod((k - drawn) / (len(pool) - drawn), axis=1)
    return pool[n - 1 + np.searchsorted(at_most, np.asarray(quantiles) - 1e-12).clip(max=len(k) - 1)]


def chance_to_reach(values: ArrayLike, target: float, n: int) -> float:
    """Return the probability, in [0, 1], that the best of n trials drawn from a pool reaches the target.

    1 - C(N - r, n) / C(N, n), where r of the N values reach it; higher values are better.

    Examples
    --------
    >>> round(chance_to_reach([1, 2, 3, 4], 4, 2), 3)
    0.5
    """
    pool, n = _pool(values, n)
    drawn, n_below = np.arange(n), (pool < target).sum()
    return float(1 - np.prod(np.maximum(n_below - drawn, 0) / (len(pool) - drawn)))


def trials_to_reach(values: ArrayLike, target: float, chance: float) -> int | None:
    """Return the least number of trials, drawn from a pool, whose best reaches the target with this chance.

    None if no trial of the pool reaches it; `chance` is in (0, 1].

    Examples
    --------
    >>> trials_to_reach(range(10_000), 9_500, 0.95)
    59
    """
    if not 0 < chance <= 1:
        raise ValueError(f"chance={chance} is not a probability to reach; give a number above 0, at most 1")
    pool, _ = _pool(values, 1)
    if pool.max() < target:
        return None
    return next(n for n in range(1, len(pool) + 1) if chance_to_reach(pool, target, n) >= chance - 1e-12)


def _pool(values, n):
    """Return a pool of values (N,) and how many are drawn of it, from 1 to N."""
    values, n = as_numbers("values", values), whole("n", n, 1)
    if n > len(values):
        raise ValueError(f"n={n} trials cannot be drawn from a pool of {len(values)}; take 1 to {len(values)}")
    return values, n


def curse_table() -> pd.DataFrame:
    """Return the number of configs of grids: 2, 3, 5 and 10 values (rows) of each of 2 to 5 hyperparameters (columns).

    Examples
    --------
    >>> curse_table().loc[10].tolist()
    [100, 1000, 10000, 100000]
    """
    rows, columns = pd.Index([2, 3, 5, 10], name="values of each"), pd.Index([2, 3, 4, 5], name="hyperparameters")
    return pd.DataFrame([[n**d for d in columns] for n in rows], rows, columns)


def training_hours(n_jobs: Any, *, minutes_per_job: float, max_parallel: int = 1) -> Any:
    """Return the hours until `n_jobs` jobs have run in rounds of `max_parallel`; shaped as `n_jobs` (int or table).

    Examples
    --------
    >>> training_hours(625, minutes_per_job=10, max_parallel=4)
    26.166666666666668
    """
    if minutes_per_job <= 0 or max_parallel < 1:
        raise ValueError(f"minutes_per_job={minutes_per_job} must be above 0, max_parallel={max_parallel} at least 1")
    return -(-n_jobs // max_parallel) * minutes_per_job / 60


def hill(x: ArrayLike, top: ArrayLike = 0.33) -> np.ndarray:
    """Return the height of a narrow hill in [0, 1] with its top of 1 at `top`; shaped as `x`.

    Examples
    --------
    >>> hill([0.33, 1.0]).round(3).tolist()
    [1.0, 0.0]
    """
    return np.exp(-(((np.asarray(x) - top) / 0.12) ** 2))


def grid_layout(n: int) -> np.ndarray:
    """Return a square grid (n, 2) in the unit square, each point in the middle of its cell.

    Examples
    --------
    >>> grid_layout(4).tolist()
    [[0.25, 0.25], [0.25, 0.75], [0.75, 0.25], [0.75, 0.75]]
    """
    n = whole("n", n, 1)
    if isqrt(n) ** 2 != n:
        raise ValueError(f"n={n} is not a square number; a grid of two hyperparameters needs one, such as 9 or 16")
    ticks = (np.arange(isqrt(n)) + 0.5) / isqrt(n)
    return np.stack(np.meshgrid(ticks, ticks, indexing="ij"), axis=-1).reshape(n, 2)


def best_of_layouts(n: int) -> pd.DataFrame:
    """Return the best value that a grid and n random trials find on each of 1,000 hills, which stand anywhere.

    Examples
    --------
    >>> best_of_layouts(9).mean().round(1).to_dict()
    {'grid': 0.6, 'random': 0.8}
    """
    n, rng = whole("n", n, 1), np.random.default_rng(0)
    tops, grid, random = rng.random((1000, 1)), grid_layout(n)[:, 0], rng.random((1000, n))
    return pd.DataFrame({"grid": hill(grid, tops).max(axis=1), "random": hill(random, tops).max(axis=1)})


def thirds(x: ArrayLike) -> list[np.ndarray]:
    """Return which of the values (n,) are in their lower, middle and upper third: three arrays (n,) of bool.

    Examples
    --------
    >>> [np.flatnonzero(part).tolist() for part in thirds([0.3, 0.1, 9.0, 0.2, 5.0, 7.0])]
    [[1, 3], [0, 4], [2, 5]]
    """
    x = np.asarray(x, dtype=float)
    rank = np.argsort(np.argsort(x, kind="stable"), kind="stable")
    return [rank * 3 // max(1, len(x)) == part for part in range(3)]
