"""What every recommender here shares: reading (user, item) ids, and leaving out what a user has rated.

A fitted recommender numbers its users and items 0, 1, 2, ... ("positions") in the order of their ids; an id it has
never seen has position -1, and each model says what it predicts then.
"""

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

__all__ = ["RatingRegressor", "Recommender", "user_item_matrix"]


class Recommender(BaseEstimator):
    """Base class of the models on ids; a subclass writes `fit` and `_predict` (on positions).

    Input `X` has shape (n, 2): user ids and item ids, whole numbers. Of a DataFrame the columns ``user`` and
    ``item`` are taken wherever they stand; without such names, and of an array, the first two columns are.
    Further columns (a timestamp, say) are ignored.

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

    def predict(self, X):
        """Ratings (stars) or scores, shape (n,), for X of shape (n, 2); the class says what an unseen id gets.

        Examples
        --------
        >>> from workshop.models import Popularity
        >>> Popularity().fit([[1, 10], [1, 20], [2, 20]]).predict([[2, 10], [2, 99]])
        array([0.5, 0. ])
        """
        return self._predict(*self._find_ids(X))

    def recommend(self, user, n=10):
        """Ids, shape (at most n,), of the best items for a user, best first, none rated by the user in training.

        For a user never seen in training the ranking is the model's for a stranger. Equal scores are ordered by
        id. Raises ValueError if `n` is below 1.

        Examples
        --------
        >>> from workshop.models import Popularity
        >>> Popularity().fit([[1, 10], [1, 20], [2, 20]]).recommend(2)
        array([10])
        """
        if n < 1:
            raise ValueError(f"n is {n}; ask for one recommendation or more")
        scores = self.item_scores(user)
        unseen = np.delete(np.arange(len(self.items_)), self.seen_items(user))
        return self.items_[unseen[highest(scores[unseen], n)]]

    def item_scores(self, user):
        """Scores, shape (n_items,), that rank `items_` for a user: here, the predicted ratings.

        Examples
        --------
        >>> from workshop.models import Popularity
        >>> Popularity().fit([[1, 10], [1, 20], [2, 20]]).item_scores(2)
        array([0.5, 1. ])
        """
        check_is_fitted(self)
        position = positions([user], self.users_)
        return self._predict(np.repeat(position, len(self.items_)), np.arange(len(self.items_)))

    def seen_items(self, user):
        """Positions in `items_`, shape (n_seen,), of what a user rated in training (empty for a stranger).

        Examples
        --------
        >>> from workshop.models import Popularity
        >>> Popularity().fit([[1, 10], [1, 20], [2, 20]]).seen_items(2)
        array([1])
        """
        check_is_fitted(self)
        position = positions([user], self.users_)[0]
        if position < 0:
            return np.array([], dtype=int)
        return np.sort(self.seen_.indices[self.seen_.indptr[position] : self.seen_.indptr[position + 1]]).astype(int)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = True  # ids are names, not quantities
        return tags

    def _learn_ids(self, X, y="no_validation", *, more_items=()):
        """Set `users_`, `items_` and `seen_`; return positions (users, items), shape (n,) each, and y as float."""
        users, items, y = self._read(X, y, reset=True)
        self.users_ = np.unique(users)
        self.items_ = np.union1d(items, np.asarray(more_items, dtype=items.dtype))
        users, items = positions(users, self.users_), positions(items, self.items_)
        self.seen_ = user_item_matrix(users, items, np.ones(len(users)), (len(self.users_), len(self.items_)))
        return users, items, y

    def _find_ids(self, X):
        """Positions (users, items), shape (n,) each, -1 where unseen in training."""
        check_is_fitted(self)
        users, items, _ = self._read(X, "no_validation", reset=False)
        return positions(users, self.users_), positions(items, self.items_)

    def _read(self, X, y, *, reset):
        if hasattr(X, "columns") and {"user", "item"} <= set(X.columns):
            X = X[["user", "item"]].to_numpy()
        checked = validate_data(self, X, y, reset=reset, **({} if isinstance(y, str) else {"y_numeric": True}))
        X, y = (checked, None) if isinstance(y, str) else checked
        if X.shape[1] < 2:
            raise ValueError(
                f"X has {X.shape[1]} feature(s) (shape={X.shape}) while a minimum of 2 is required: "
                "a column of user ids and one of item ids"
            )
        ids = X[:, :2]
        if not np.array_equal(ids, np.floor(ids)):
            odd = ids[ids != np.floor(ids)][0]
            raise ValueError(f"X holds the id {odd}; user and item ids are whole numbers")
        ids = ids.astype(np.int64)
        return ids[:, 0], ids[:, 1], None if y is None else y.astype(float)


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


def highest(scores, n):
    """Places, shape (at most n,), of the `n` highest scores, the highest first; of equal scores the first comes first.

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


def positions(ids, known):
    """Where each id stands in the sorted array `known`, shape (n,), or -1 where it is missing."""
    ids, known = np.asarray(ids), np.asarray(known)
    if len(known) == 0:
        return np.full(ids.shape, -1)
    found = np.searchsorted(known, ids).clip(max=len(known) - 1)
    return np.where(known[found] == ids, found, -1)


def user_item_matrix(users, items, values, shape):
    """Sparse users x items matrix of `values`, summed where a pair occurs twice.

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
