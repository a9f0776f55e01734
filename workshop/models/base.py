"""What every recommender here shares: reading (user, item) ids, and leaving out what a user has rated.

A fitted recommender numbers its users and items 0, 1, 2, ... ("positions") in the order of their ids; an id it has
never seen has position -1, and each model says what it predicts then.
"""

import math
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from workshop.datasets.ratings import Ratings, check_numbers

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
    >>> model = Popularity().fit([[7, 10], [7, 20], [5, 20]])
    >>> model.users_, model.predict([[5, 10], [5, 99]]), model.item_scores(5)
    (array([5, 7]), array([0.5, 0. ]), array([0.5, 1. ]))
    >>> model.recommend(5), model.seen_items(5)
    (array([10]), array([1]))
    """

    def predict(self, X: Table) -> np.ndarray:
        """Return ratings (stars) or scores (n,), for X of shape (n, 2); the class says what an unseen id gets."""
        check_is_fitted(self)
        users, items, _ = self._read(X)
        return self._predict(positions(users, self.users_), positions(items, self.items_))

    def recommend(self, user: int | str, n: int = 10) -> np.ndarray:
        """Return the ids, shape (at most n,), of the best items for a user, best first, none rated in training.

        For a user never seen in training the ranking is the model's for a stranger. Equal scores are ordered by
        id. Raises ValueError if `n` is below 1.
        """
        check_range(1, whole=True, n=n)
        return self._best(self.item_scores(user), self.seen_items(user), n)

    def item_scores(self, user: int | str) -> np.ndarray:
        """Return scores, shape (n_items,), that rank `items_` for a user: here, what `predict` says of each."""
        return self._predict(np.full(len(self.items_), self._position(user)), np.arange(len(self.items_)))

    def seen_items(self, user: int | str) -> np.ndarray:
        """Return the positions in `items_`, shape (n_seen,), of what a user rated in training, none for a stranger."""
        position = self._position(user)
        return np.sort(self.seen_[[position]].indices).astype(int) if position >= 0 else np.array([], dtype=int)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = tags.input_tags.string = True  # ids are names, not quantities
        return tags

    def _position(self, user):
        """Position of one user, -1 for a stranger."""
        check_is_fitted(self)
        if np.ndim(user):
            raise TypeError(f"user is {user!r}; give one id, a whole number or a text")
        return int(positions([user], self.users_)[0])

    def _best(self, scores, without, n):
        """Ids of the n highest scores (n_items,), leaving out the items at the positions `without`."""
        rest = np.delete(np.arange(len(self.items_)), without)
        return self.items_[rest[np.argsort(-scores[rest], kind="stable")[: int(n)]]]

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
        if isinstance(X, Ratings):
            raise TypeError("X is Ratings; give its table of ratings, .frame")
        if not isinstance(X, pd.DataFrame | np.ndarray):
            X = np.array(X, dtype=object)  # so that every id keeps its type
        if X.ndim != 2:
            raise ValueError(f"Expected 2D array, got {X.ndim}D array of shape {X.shape}. Reshape your data to (n, 2)")
        if isinstance(X, np.ndarray) and X.dtype.kind == "c":
            raise ValueError("Complex data not supported: ids are whole numbers or text")
        if not len(X):
            raise ValueError(f"Found array with 0 sample(s) (shape={X.shape}) while a minimum of 1 is required.")
        if isinstance(X, pd.DataFrame) and {"user", "item"} <= set(X.columns):
            columns = [X["user"], X["item"]]  # of two dimensions if a name is there twice, which is refused below
            if reset:
                self.n_features_in_ = 2
        else:
            validate_data(self, X, skip_check_array=True, reset=reset)  # as many columns, of the same names, as in fit
            if X.shape[1] < 2:
                found = f"{X.shape[1]} feature(s) (shape={X.shape}) while a minimum of 2 is required"
                raise ValueError(f"X has {found}: a column of user ids and one of item ids")
            columns = [X.iloc[:, k] if isinstance(X, pd.DataFrame) else X[:, k] for k in (0, 1)]
        users, items = (check_ids(name, column) for name, column in zip(("user", "item"), columns, strict=True))
        if y is None and reset and self.__sklearn_tags__().target_tags.required:
            raise ValueError(f"{type(self).__name__} requires y to be passed, but the target y is None: give ratings")
        if y is not None:
            y = check_numbers("y", column_or_1d(y, warn=True))
            if len(y) != len(X):
                raise ValueError(f"X and y have inconsistent numbers of rows: {len(X)} and {len(y)}")
        return users, items, y


class RatingRegressor(RegressorMixin, Recommender):
    """Base class of the recommenders that predict ratings in stars."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True  # two columns of ids cannot explain a table of measurements
        return tags


def check_range(
    low: float, high: float = math.inf, *, ends: bool = True, whole: bool = False, finite: bool = True, **values: float
) -> None:
    """Raise ValueError unless every value is a number from `low` to `high`, or above `low`, if not `ends`.

    If `whole`, 10 and 10.0 pass and 10.5 does not. Infinity passes only if not `finite`, True and False never do.

    Examples
    --------
    >>> check_range(1, whole=True, n_epochs=0)
    Traceback (most recent call last):
    ValueError: n_epochs is 0; give a whole number of 1 or more
    """
    wanted = f"above {low}" if not ends else f"of {low} or more" if high == math.inf else f"from {low} to {high}"
    for name, value in values.items():
        number = isinstance(value, Real) and not isinstance(value, bool) and not (whole and value % 1)
        if not number or not (low <= value <= high if ends else low < value) or (finite and math.isinf(value)):
            raise ValueError(f"{name} is {value!r}; give a {'whole ' * whole}number {wanted}")


def check_ids(name: str, values: object) -> np.ndarray:
    """Return the ids as int64 or as text, shape (n,), or raise an error that says which of them is not an id.

    An id is a whole number or a text. Numbers and texts are never turned into each other, and floats beyond 2^53 are
    refused: there neighbouring whole numbers are one and the same float.

    Examples
    --------
    >>> check_ids("user", [3, 2**60 + 1]).tolist(), check_ids("user", ["b", "a"]).tolist()
    ([3, 1152921504606846977], ['b', 'a'])
    >>> check_ids("user", [1, "1"])
    Traceback (most recent call last):
    TypeError: user holds 1 and '1'; give all ids as whole numbers, or all as text
    """
    if np.ma.is_masked(values):
        raise ValueError(f"{name} has masked entries; leave those rows out: {name}[~{name}.mask]")
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"{name} has shape {array.shape}; give one id per row, shape (n,)")
    if array.dtype.kind in "UO" and not (isinstance(values, np.ndarray) and array.dtype.kind == "U"):
        array = _from_objects(name, np.asarray(values, dtype=object))  # a list of 1 and "a" would be two texts
    kind = array.dtype.kind
    if not array.size:
        return array if kind == "U" else array.astype(np.int64)  # an empty list is made of floats
    if kind not in "iufU":
        raise TypeError(f"{name} holds {array[0]!r}; ids are whole numbers or text")
    if kind == "f":
        if not np.isfinite(array).all():
            raise ValueError(f"{name} holds NaN or infinity (inf); drop those rows")
        if (array != np.floor(array)).any():
            raise ValueError(f"{name} holds the id {array[array != np.floor(array)][0]}; ids are whole numbers or text")
        if (np.abs(array) > 2**53).any():
            large = f"{name} holds {np.abs(array).max():.0f} as a float, which cannot be told from its neighbours"
            raise ValueError(f"{large}; read that column as int64 or as text")
    if kind == "u" and array.max() > np.iinfo(np.int64).max:
        raise ValueError(f"{name} holds {array.max()}, beyond 2^63 - 1; give such ids as text: .astype(str)")
    return array if kind == "U" else array.astype(np.int64)


def _from_objects(name, array):
    """The same ids as an array of numbers or of texts; refuses what is missing, mixed, or neither."""
    if pd.isna(array).any():
        raise ValueError(f"{name} holds {array[pd.isna(array)][0]} (NaN, missing); drop those rows")
    text = np.array([isinstance(value, str) for value in array], dtype=bool)
    odd = [value for value in array[~text] if not isinstance(value, Real) or isinstance(value, bool)]
    if odd:
        raise TypeError(f"{name} holds {odd[0]!r}; the argument must be a string or a number: ids are one or the other")
    if text.any() and not text.all():
        one, other = array[~text][0], array[text][0]
        raise TypeError(f"{name} holds {one!r} and {other!r}; give all ids as whole numbers, or all as text")
    return array.astype(str) if text.any() else np.array(array.tolist(), dtype=None if array.size else int)


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
    """Return a sparse users x items matrix of `values` (n,) at positions (n,), summed where a pair occurs twice.

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
