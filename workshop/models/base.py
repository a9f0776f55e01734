"""What every recommender here shares: reading (user, item) ids, and leaving out what a user has rated.

A fitted recommender numbers its users and items 0, 1, 2, ... ("positions") in the order of their ids; an id it has
never seen has position -1, and each model says what it predicts then.
"""

import math
from numbers import Real
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from workshop.datasets.columns import check_ids, check_numbers, check_table

__all__ = [
    "Column",
    "RatingRegressor",
    "Recommender",
    "ages",
    "check_range",
    "highest",
    "in_time",
    "positions",
    "user_item_matrix",
]

Table = Any  # a DataFrame, or what NumPy takes for an array, with one row per rating
Column = Any  # a Series, or what NumPy takes for an array of shape (n,)


class Recommender(BaseEstimator):
    """Base class of the models on ids; a subclass writes `fit` and `_predict` (on positions).

    Input `X` has one row per rating: user id and item id, whole numbers or texts. Of a DataFrame the columns ``user``
    and ``item`` are taken wherever they stand; without such names, and of an array, the first two columns are.
    Further columns are ignored, but for ``timestamp`` by the models that read events in order.

    Attributes
    ----------
    users_, items_ : ndarray of shape (n_users,), (n_items,)
        Known ids in increasing order.
    seen_ : csr_array of shape (n_users, n_items)
        How often a user rated an item in training (0 or 1, unless a row was given twice).

    Examples
    --------
    >>> from workshop.models import Popularity
    >>> Popularity().fit([[7, 10], [7, 20], [5, 20]]).users_
    array([5, 7])
    """

    def predict(self, X: Table) -> np.ndarray:
        """Return ratings (stars) or scores, shape (n,), for X of shape (n, 2); the class says what an unseen id gets.

        Examples
        --------
        >>> from workshop.models import Popularity
        >>> Popularity().fit([[1, 10], [1, 20], [2, 20]]).predict([[2, 10], [2, 99]])
        array([0.5, 0. ])
        """
        check_is_fitted(self)
        users, items, _ = self._read(X)
        return self._predict(positions(users, self.users_), positions(items, self.items_))

    def recommend(self, user: int | str, n: int = 10) -> np.ndarray:
        """Return the ids, shape (at most n,), of the best items for a user, best first, none rated in training.

        For a user never seen in training the ranking is the model's for a stranger. Equal scores are ordered by
        id. Raises ValueError if `n` is below 1.

        Examples
        --------
        >>> from workshop.models import Popularity
        >>> Popularity().fit([[1, 10], [1, 20], [2, 20]]).recommend(2)
        array([10])
        """
        check_range(1, n=n)
        return self._best(self.item_scores(user), self.seen_items(user), n)

    def item_scores(self, user: int | str) -> np.ndarray:
        """Return scores, shape (n_items,), that rank `items_` for a user: here, the predicted ratings.

        Examples
        --------
        >>> from workshop.models import Popularity
        >>> Popularity().fit([[1, 10], [1, 20], [2, 20]]).item_scores(2)
        array([0.5, 1. ])
        """
        check_is_fitted(self)
        position = positions([user], self.users_)
        return self._predict(np.repeat(position, len(self.items_)), np.arange(len(self.items_)))

    def seen_items(self, user: int | str) -> np.ndarray:
        """Return the positions in `items_`, shape (n_seen,), of what a user rated in training, none for a stranger.

        Examples
        --------
        >>> from workshop.models import Popularity
        >>> Popularity().fit([[1, 10], [1, 20], [2, 20]]).seen_items(2)
        array([1])
        """
        check_is_fitted(self)
        position = positions([user], self.users_)[0]
        return np.sort(self.seen_[[position]].indices).astype(int) if position >= 0 else np.array([], dtype=int)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = tags.input_tags.string = True  # ids are names, not quantities
        return tags

    def _best(self, scores, without, n):
        """Ids of the n highest scores (n_items,), leaving out the items at the positions `without`."""
        rest = np.delete(np.arange(len(self.items_)), without)
        return self.items_[rest[highest(scores[rest], int(n))]]

    def _learn_ids(self, X, y=None, *, more_items=()):
        """Set `users_`, `items_` and `seen_`; return positions (users, items), shape (n,) each, and y as float."""
        users, items, y = self._read(X, y, reset=True)
        more_items = check_ids("items", more_items)
        positions(more_items[:1], items[:1])  # refuses ids of two types
        self.users_, self.items_ = np.unique(users), np.union1d(items, more_items)
        users, items = positions(users, self.users_), positions(items, self.items_)
        self.seen_ = user_item_matrix(users, items, np.ones(len(users)), (len(self.users_), len(self.items_)))
        return users, items, y

    def _read(self, X, y=None, *, reset=False):
        """User ids and item ids, each column checked by itself, and y as float or None; shape (n,) each."""
        if sp.issparse(X):
            raise TypeError("X is sparse; give a table with one row per rating: user id, item id")
        if not hasattr(X, "iloc"):
            X = X if isinstance(X, np.ndarray) else np.array(X, dtype=object)  # so that every id keeps its type
        if X.ndim != 2:
            raise ValueError(
                f"Expected 2D array, got {X.ndim}D array: X has shape {X.shape}. Reshape your data to (n, 2)"
            )
        if getattr(X, "dtype", None) is not None and X.dtype.kind == "c":
            raise ValueError("Complex data not supported: ids are whole numbers or text")
        if not len(X):
            raise ValueError(f"Found array with 0 sample(s) (shape={X.shape}) while a minimum of 1 is required.")
        if hasattr(X, "iloc") and {"user", "item"} <= set(X.columns):
            check_table("X", X, "user", "item")
            columns = X["user"], X["item"]
            if reset:
                self.n_features_in_ = 2
        else:
            validate_data(self, X, skip_check_array=True, reset=reset)  # as many columns, of the same names, as in fit
            if X.shape[1] < 2:
                raise ValueError(
                    f"X has {X.shape[1]} feature(s) (shape={X.shape}) while a minimum of 2 is required: "
                    "a column of user ids and one of item ids"
                )
            columns = X.iloc[:, :2].items() if hasattr(X, "iloc") else enumerate(X[:, :2].T)
            columns = [column for _, column in columns]
        users, items = (check_ids(name, column) for name, column in zip(("user", "item"), columns, strict=True))
        if y is None and reset and self.__sklearn_tags__().target_tags.required:
            raise ValueError(
                f"{type(self).__name__} requires y to be passed, but the target y is None: give the ratings"
            )
        if y is not None:
            y = check_numbers("y", column_or_1d(y, warn=True))
            if len(y) != len(X):
                raise ValueError(f"X and y have inconsistent numbers of rows: {len(X)} and {len(y)}")
        return users, items, y


class RatingRegressor(RegressorMixin, Recommender):
    """Base class of the recommenders that predict ratings in stars.

    Examples
    --------
    >>> from workshop.models import GlobalMean
    >>> GlobalMean().fit([[1, 10], [2, 10]], [3, 5]).score([[1, 10], [2, 10]], [3, 5])  # R^2
    0.0
    """

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True  # two columns of ids cannot explain a table of measurements
        return tags


def check_range(low: float, high: float = math.inf, *, ends: bool = True, **values: float) -> None:
    """Raise ValueError unless every value is a number from `low` to `high`, or above `low`, if not `ends`.

    Examples
    --------
    >>> check_range(1, n_epochs=0)
    Traceback (most recent call last):
    ValueError: n_epochs is 0; give a number of 1 or more
    """
    for name, value in values.items():
        number = isinstance(value, Real) and not isinstance(value, bool)
        if not number or not (low <= value <= high if ends else low < value):
            wanted = f"of {low} or more" if high == math.inf else f"from {low} to {high}"
            raise ValueError(f"{name} is {value!r}; give a number " + (wanted if ends else f"above {low}"))


def highest(scores: np.ndarray, n: int) -> np.ndarray:
    """Return the places, shape (at most n,), of the `n` highest scores, best first; of equal scores the first leads.

    ``np.argsort(-scores, kind="stable")[:n]``, but only those that may be among the first n are sorted.

    Examples
    --------
    >>> highest(np.array([1.0, 3.0, 2.0, 3.0, 2.0]), 3)
    array([1, 3, 2])
    """
    falling = -scores
    if n < len(falling):
        last = np.partition(falling, n - 1)[n - 1]
        candidates = np.flatnonzero(~(falling > last))  # a NaN is not above the last one either
        return candidates[np.argsort(falling[candidates], kind="stable")[:n]]
    return np.argsort(falling, kind="stable")


def positions(ids: Column, known: Column) -> np.ndarray:
    """Return where each id stands in the sorted array `known`, shape (n,), or -1 where it is missing.

    Raises TypeError if one side is text and the other numbers: then nothing would be found.

    Examples
    --------
    >>> positions([20, 15], np.array([10, 20]))
    array([ 1, -1])
    """
    wanted, there = check_ids("id", ids), np.asarray(known)
    if there.dtype.kind == "O":
        there = check_ids("id", there)
    if len(there) == 0 or len(wanted) == 0:
        return np.full(wanted.shape, -1)
    if (wanted.dtype.kind == "U") != (there.dtype.kind == "U"):
        asked, such = wanted[0].item(), there[0].item()
        raise TypeError(f"id {asked!r} is of another type than those known, such as {such!r}; give ids of that type")
    found = np.searchsorted(there, wanted).clip(max=len(there) - 1)
    return np.where(there[found] == wanted, found, -1)


def user_item_matrix(users: Column, items: Column, values: Column, shape: tuple[int, int]) -> sp.csr_array:
    """Return a sparse users x items matrix of `values`, summed where a pair occurs twice.

    Parameters
    ----------
    users, items : ndarray of int, shape (n,)
        Positions.
    values : ndarray of shape (n,)
    shape : (n_users, n_items)

    Examples
    --------
    >>> user_item_matrix([0, 1], [2, 0], [4.0, 5.0], (2, 3)).toarray()
    array([[0., 0., 4.],
           [5., 0., 0.]])
    """
    cells = np.asarray(users, dtype=np.int32), np.asarray(items, dtype=np.int32)  # scikit-learn takes no wider ones
    return sp.csr_array(sp.coo_array((np.asarray(values, dtype=float), cells), shape=shape))


def in_time(X: Table, users: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the order (n,) of the rows by user and then in time, and their times (n,) in that order, in seconds.

    Without a column ``timestamp`` in X all times are 0 and a user's rows keep their order.

    Examples
    --------
    >>> import pandas as pd
    >>> in_time(pd.DataFrame({"timestamp": [30, 10, 20]}), np.array([1, 1, 0]))
    (array([2, 1, 0]), array([20., 10., 30.]))
    """
    times = np.zeros(len(users))
    if hasattr(X, "columns") and "timestamp" in X.columns:
        stamps = X["timestamp"].to_numpy().astype("datetime64[s]")
        if np.isnat(stamps).any():
            raise ValueError("timestamp holds NaT (missing); drop those rows")
        times = stamps.astype(float)
    order = np.lexsort((np.arange(len(users)), times, users))
    return order, times[order]


def ages(X: Table, users: np.ndarray) -> np.ndarray:
    """Return how many later events each event's user had, shape (n,); as `in_time` orders them.

    Examples
    --------
    >>> ages([], np.array([0, 0, 1, 0]))
    array([2, 1, 0, 0])
    """
    order, _ = in_time(X, users)
    last = np.cumsum(np.bincount(users)) - 1
    age = np.empty(len(users), dtype=int)
    age[order] = last[users[order]] - np.arange(len(users))
    return age
