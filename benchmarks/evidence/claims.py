"""What a row of evidence is: a sentence, how its effect is measured, and the rule by which the sentence holds.

An effect is measured in one of three ways. ``Seeds``: the same comparison with new seeds, at least 16; the interval is
Student's for the mean. ``Users``: on one set of judged rows, whose *users* are drawn anew (ratings of one user are not
independent); the interval holds the middle 95% of the draws. ``Exact``: a count, or a formula; no interval.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy import stats

N_DRAWS = 1000


class Effect(NamedTuple):
    """An estimate and its 95% interval; both ends are the estimate itself where the effect is exact."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class Seeds:
    """An effect that chance has a part in: `of(seed)` is its size in one repetition."""

    of: Callable[[int], float]
    n: int = 16

    def __str__(self) -> str:
        return f"{self.n} seeds"

    def effect(self, values: list[float]) -> Effect:
        """Return the mean of the repetitions, with Student's interval."""
        mean, error = float(np.mean(values)), stats.sem(values) if np.ptp(values) else 0.0
        margin = float(stats.t.ppf(0.975, len(values) - 1) * error)
        return Effect(mean, mean - margin, mean + margin)


@dataclass(frozen=True)
class Spread(Seeds):
    """How much something changes with the seed: its standard deviation over seeds."""

    def effect(self, values: list[float]) -> Effect:
        """Return the standard deviation, with the chi-square interval."""
        spread, degrees = float(np.std(values, ddof=1)), len(values) - 1
        low, high = (spread * float(np.sqrt(degrees / stats.chi2.ppf(p, degrees))) for p in (0.975, 0.025))
        return Effect(spread, low, high)


@dataclass(frozen=True)
class Users:
    """An effect on given rows: `of()` is its size (first), and its size for every draw of users."""

    of: Callable[[], np.ndarray]

    def __str__(self) -> str:
        return f"users drawn {N_DRAWS:,} times"

    def summary(self) -> list[float]:
        """Return the effect on the rows as they are, and the ends of the middle 95% of the draws."""
        values = np.asarray(self.of(), dtype=float)
        return [float(values[0]), *map(float, np.quantile(values[1:], [0.025, 0.975]))]

    def effect(self, values: list[float]) -> Effect:
        """Return what was summed up."""
        return Effect(*values)


@dataclass(frozen=True)
class Exact:
    """An effect without chance: `of()` is a count, a formula, or the same for everybody who runs it."""

    of: Callable[[], float]

    def __str__(self) -> str:
        return "exact"

    def summary(self) -> list[float]:
        """Return the number, in a list."""
        return [float(self.of())]

    def effect(self, values: list[float]) -> Effect:
        """Return the number; there is nothing around it."""
        return Effect(values[0], values[0], values[0])


class Rule(NamedTuple):
    """When a sentence holds: a few words for the table, and a test of the effect."""

    words: str
    holds: Callable[[Effect], bool]


def above(limit: float) -> Rule:
    """Return the rule that the whole interval lies above `limit`."""
    return Rule(f"> {limit:g}", lambda effect: effect.low > limit)


def below(limit: float) -> Rule:
    """Return the rule that the whole interval lies below `limit`."""
    return Rule(f"< {limit:g}", lambda effect: effect.high < limit)


def within(low: float, high: float) -> Rule:
    """Return the rule that the whole interval lies between two numbers: as good as equal, for instance."""
    return Rule(f"{low:g} to {high:g}", lambda effect: low <= effect.low and effect.high <= high)


def estimate(low: float, high: float) -> Rule:
    """Return the rule that the estimate lies between two numbers: a figure that a sentence states, or rounds."""
    return Rule(f"estimate {low:g} to {high:g}", lambda effect: low <= effect.estimate <= high)


def unproven(around: float = 0) -> Rule:
    """Return the rule that the interval holds `around`: a sentence that says "this may be chance"."""
    return Rule(f"interval holds {around:g}", lambda effect: effect.low <= around <= effect.high)


@dataclass(frozen=True)
class Claim:
    """A row of the table.

    Parameters
    ----------
    name : str
        Short, for the command line; its part before the first dot is that of its notebook.
    notebook : str
        Stem of the notebook's file.
    sentence : str
        A sentence, or a part of one, as it stands there; spaces and line breaks are alike.
    what : str
        What was measured, with its unit.
    measure : Seeds, Users or Exact
    rule : Rule
    quick : bool
        True if it takes a second or two: then the test suite measures it as well.
    """

    name: str
    notebook: str
    sentence: str
    what: str
    measure: Seeds | Users | Exact
    rule: Rule
    quick: bool = False

    @property
    def n_units(self) -> int:
        """In how many pieces it is measured, and remembered: seeds one by one, all else at once."""
        return self.measure.n if isinstance(self.measure, Seeds) else 1


@cache
def _drawn(n_users, n_draws):
    counts = np.random.default_rng(0).multinomial(n_users, np.full(n_users, 1 / n_users), size=n_draws)
    return np.vstack([np.ones(n_users, int), counts])  # once each at first: the rows as they are


def users_drawn(users: np.ndarray, among: np.ndarray | None = None, n_draws: int = N_DRAWS) -> tuple:
    """Return the place (n,) of each row's user, and how often each user counts (n_draws + 1, n_users).

    Users are drawn among those of `among`, or else of the rows; two sets of rows with the same `among` are drawn alike.
    """
    found = np.unique(users if among is None else among)
    return np.searchsorted(found, users), _drawn(len(found), n_draws)


def mean_of_users(values: np.ndarray, users: np.ndarray, among: np.ndarray | None = None) -> np.ndarray:
    """Return the mean of `values` (n,), a number for each row: as it is, then with users drawn anew."""
    of_row, drawn = users_drawn(users, among)
    sums, counts = (np.bincount(of_row, weights, drawn.shape[1]) for weights in (values, np.ones(len(values))))
    return (drawn @ sums) / (drawn @ counts)


def rmse_of_users(
    ratings: np.ndarray, predicted: np.ndarray, users: np.ndarray, among: np.ndarray | None = None
) -> np.ndarray:
    """Return the RMSE (stars) of predictions: as it is, then with users drawn anew, the same draws every time."""
    return np.sqrt(mean_of_users((ratings - predicted) ** 2, users, among))


def auc_of_users(liked: np.ndarray, score: np.ndarray, users: np.ndarray) -> np.ndarray:
    """Return the AUC of scores: as it is, then with users drawn anew.

    A row that was drawn c times counts c times: the AUC is the weighted share of pairs in the right order.
    """
    values, place = np.unique(score, return_inverse=True)
    liked = np.asarray(liked, bool)
    of_row, drawn = users_drawn(users)
    found = []
    for of_user in drawn:
        counts = of_user[of_row]
        good = np.bincount(place[liked], counts[liked], len(values))
        other = np.bincount(place[~liked], counts[~liked], len(values))
        below = np.cumsum(other) - other / 2
        found.append(good @ below / (good.sum() * other.sum()))
    return np.array(found)
