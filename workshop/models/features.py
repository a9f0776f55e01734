"""From a table of ratings to the sparse matrix of a factorization machine, and to what is known about its columns."""

import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from workshop.datasets.columns import check_table
from workshop.models.fields import Field


class FeatureBuilder(TransformerMixin, BaseEstimator):
    """Sparse one-hot matrix of user, movie and, on request, day; ``fields_`` describes its columns.

    Every field has one more column, the last, for what was not seen in training. No rating trains it, so a machine
    predicts from the other columns, and the Gibbs sampler draws it from what is usual in its field.

    Parameters
    ----------
    items : DataFrame, optional
        Indexed by item id, with columns ``genres`` (tuples of str) and ``year``, as in ``Ratings.items``. Describes
        each movie by its genres and by the five years of its release.
    who_rated : bool
        Describe each user by the movies rated in training, and each movie by its raters, each scaled to length 1
        (SVD++; Koren 2008, Eq. 15).
    day : bool
        A field of (user, day of ``timestamp``): the mood of a session. It uses other ratings of the same day, so it
        is known only while the session lasts.

    Attributes
    ----------
    users_, items_ : array
        Known ids, in the order of the columns.
    rated_ : csr_array (n_users + 1, n_items + 1)
        1 where a user rated an item in training.
    fields_ : list of Field
        ``user``, ``movie`` and, if asked for, ``day``: to be given to ``fit`` of a machine.

    Examples
    --------
    >>> ratings = pd.DataFrame({"user": [1, 1, 2], "item": [10, 20, 10]})
    >>> builder = FeatureBuilder().fit(ratings)
    >>> builder.transform(pd.DataFrame({"user": [2, 9], "item": [20, 10]})).toarray().astype(int)
    array([[0, 1, 0, 0, 1, 0],
           [0, 0, 1, 1, 0, 0]])
    >>> [(field.name, field.n_columns) for field in builder.fields_]
    [('user', 3), ('movie', 3)]

    To recommend, predict the unseen and sort (``machine`` being fitted to ``builder.transform(...)``)::

        unseen = builder.candidates(user)
        best = unseen.assign(rating=machine.predict(builder.transform(unseen))).nlargest(10, "rating")
    """

    def __init__(self, items=None, *, who_rated=False, day=False):
        self.items = items
        self.who_rated = who_rated
        self.day = day

    def fit(self, X, y=None):
        """This transformer, knowing the users, movies and days of the training ratings.

        Parameters
        ----------
        X : DataFrame
            Columns ``user`` and ``item``, and ``timestamp`` if ``day``.
        y : ignored
        """
        self._check(X)
        if len(X) == 0:
            raise ValueError("X has no rows; give at least one rating")
        if self.items is not None:
            check_table("items", self.items, "genres", "year")
        self.users_ = np.unique(X["user"])
        self.items_ = np.unique(X["item"] if self.items is None else np.r_[X["item"], self.items.index])
        self.days_ = np.unique(_user_day(X)) if self.day else None
        users, items = _find(X["user"], self.users_), _find(X["item"], self.items_)
        n_users, n_items = len(self.users_) + 1, len(self.items_) + 1
        rated = self.rated_ = sp.csr_array((np.ones(len(X)), (users, items)), shape=(n_users, n_items))
        rated.data[:] = 1  # also where a pair was given twice
        about_user, about_movie = {}, {}
        if self.items is not None:
            table = self.items.reindex(self.items_)
            about_movie["genre"] = _many_hot(table["genres"].map(lambda g: g if isinstance(g, tuple) else ()))
            period = (table["year"].astype(float) // 5 * 5).astype("Int64")
            about_movie["year"] = _many_hot(period.map(lambda p: () if pd.isna(p) else (p,)))
        if self.who_rated:
            about_user["has rated"], about_movie["rated by"] = _unit_rows(rated), _unit_rows(rated.T.tocsr())
        self.fields_ = [_field("user", n_users, about_user), _field("movie", n_items, about_movie)]
        if self.day:
            self.fields_.append(Field("day", len(self.days_) + 1))
        return self

    def transform(self, X):
        """Sparse matrix (n, n_columns) of ones: for each row its user, its movie and, if asked for, its day.

        Parameters
        ----------
        X : DataFrame
            As in `fit`.
        """
        check_is_fitted(self)
        self._check(X)
        found = [_find(X["user"], self.users_), _find(X["item"], self.items_)]
        if self.day:
            found.append(_find(_user_day(X), self.days_))
        widths = [field.n_columns for field in self.fields_]
        columns = np.column_stack(found).astype(np.int32)
        columns += np.r_[0, np.cumsum(widths)[:-1]].astype(np.int32)
        start = np.arange(len(X) + 1, dtype=np.int32) * np.int32(len(widths))
        ones = np.ones(columns.size, np.float32)
        return sp.csr_array((ones, columns.ravel(), start), shape=(len(X), sum(widths)))

    def candidates(self, user, timestamp=None):
        """DataFrame of one user and every item not rated in training: what a machine may recommend.

        Parameters
        ----------
        user : int
            An unseen user gets all items.
        timestamp : datetime, optional
            When the recommendation is made; needed if ``day``.

        Examples
        --------
        >>> ratings = pd.DataFrame({"user": [1, 1, 2], "item": [10, 20, 10]})
        >>> FeatureBuilder().fit(ratings).candidates(2)
           user  item
        0     2    20
        """
        check_is_fitted(self)
        if self.day and timestamp is None:
            raise ValueError("timestamp is None, but day=True; say when the recommendation is made")
        unseen = np.setdiff1d(self.items_, self.items_[self.rated_[[_find([user], self.users_)[0]]].indices])
        columns = {"user": user, "item": unseen} | ({"timestamp": pd.Timestamp(timestamp)} if self.day else {})
        return pd.DataFrame(columns)

    def _check(self, X):
        needed = ["user", "item"] + ["timestamp"] * self.day
        missing = [name for name in needed if name not in getattr(X, "columns", ())]
        if missing:
            raise ValueError(f"X lacks the column(s) {missing}; give a DataFrame with {needed}")
        if X[needed].isna().any(axis=None):
            raise ValueError(f"X holds missing values in {needed}; drop these rows")


def _find(values, known):
    """Positions (n,) of ``values`` in the sorted array ``known``; its length where they are missing."""
    values = np.asarray(values)
    at = np.minimum(np.searchsorted(known, values), len(known) - 1)
    return np.where(known[at] == values, at, len(known))


def _user_day(X):
    """One whole number (n,) for each pair of user and day (UTC)."""
    day = X["timestamp"].to_numpy().astype("datetime64[D]").astype(np.int64)
    return X["user"].to_numpy() * 100_000 + day


def _many_hot(sets):
    """Zeros and ones (n_rows, n_values): which of all occurring values each row's tuple holds."""
    exploded = sets.reset_index(drop=True).explode().dropna()
    values, column = np.unique(exploded.to_numpy(), return_inverse=True)
    return sp.csr_array((np.ones(len(column)), (exploded.index, column)), shape=(len(sets), len(values)))


def _unit_rows(matrix):
    """``matrix`` of zeros and ones with each row scaled to length 1 (or 0 if it is empty)."""
    return sp.diags_array(1 / np.sqrt(np.maximum(matrix.sum(axis=1), 1))) @ matrix


def _field(name, n_columns, parts):
    """The field whose columns all parts describe; the column of the unseen, the last, has no features."""
    if not parts:
        return Field(name, n_columns)
    for matrix in parts.values():
        matrix.resize(n_columns, matrix.shape[1])
    features = sp.hstack(list(parts.values()), format="csr")
    return Field(name, n_columns, features, {part: matrix.shape[1] for part, matrix in parts.items()})
