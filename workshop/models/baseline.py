"""Models that know no taste: what any recommender has to beat."""

from typing import Self

import numpy as np

from workshop.models.base import Column, RatingRegressor, Recommender, Table, check_range

__all__ = ["BiasRegressor", "GlobalMean", "Popularity"]

N_SWEEPS = 15  # settle MovieLens to a thousandth of a star


class GlobalMean(RatingRegressor):
    """Predicts the mean training rating for everybody and everything, unseen ids included.

    Attributes
    ----------
    mean_ : float
        In stars.

    Examples
    --------
    >>> GlobalMean().fit([[1, 10], [2, 10]], [3, 5]).predict([[7, 7]])
    array([4.])
    """

    def fit(self, X: Table, y: Column) -> Self:
        """Return the fitted model; X (n, 2) user and item ids, y (n,) ratings, n at least 1."""
        _, _, y = self._learn_ids(X, y)
        self.mean_ = y.mean()
        return self

    def _predict(self, users, items):
        return np.full(len(users), self.mean_)


class BiasRegressor(RatingRegressor):
    """Predicts mean + how generous the user is + how good the movie is, kept within the training range.

    The biases minimise ``sum (y - mean - b_user - b_item)^2 + user_shrinkage * |b_user|^2 + item_shrinkage *
    |b_item|^2`` (Koren, Bell and Volinsky 2009, equation 3 and the objective below it, with a penalty a side),
    by solving for one side with the other held fixed, in turns. Few ratings leave a bias near 0.

    Parameters
    ----------
    user_shrinkage, item_shrinkage : float
        Weight of the zero that each bias starts from, as a number of ratings; 0 or more.

    Attributes
    ----------
    mean_ : float
    user_bias_, item_bias_ : ndarray of shape (n_users,), (n_items,)
        In stars. An id unseen in training has bias 0.

    Examples
    --------
    >>> model = BiasRegressor(user_shrinkage=0, item_shrinkage=0).fit([[1, 10], [1, 20], [2, 10]], [5, 4, 3])
    >>> model.predict([[1, 10], [2, 10], [99, 99]]).round(2)
    array([5., 3., 4.])
    """

    def __init__(self, user_shrinkage: float = 5.0, item_shrinkage: float = 3.0):
        self.user_shrinkage = user_shrinkage
        self.item_shrinkage = item_shrinkage

    def fit(self, X: Table, y: Column) -> Self:
        """Return the fitted model; X (n, 2) user and item ids, y (n,) ratings, n at least 1."""
        self._fit_positions(*self._learn_ids(X, y))
        return self

    def _fit_positions(self, users, items, y):
        check_range(0, user_shrinkage=self.user_shrinkage, item_shrinkage=self.item_shrinkage)
        self.mean_, self.range_ = y.mean(), (y.min(), y.max())
        self.user_bias_, self.item_bias_ = np.zeros(len(self.users_)), np.zeros(len(self.items_))
        left = y - self.mean_
        for _ in range(N_SWEEPS):
            self.item_bias_ = shrunk_means(items, left - self.user_bias_[users], len(self.items_), self.item_shrinkage)
            self.user_bias_ = shrunk_means(users, left - self.item_bias_[items], len(self.users_), self.user_shrinkage)

    def _predict(self, users, items):
        return np.clip(self._sum_of_biases(users, items), *self.range_)

    def _sum_of_biases(self, users, items):
        user_bias = np.where(users >= 0, self.user_bias_[users], 0)
        item_bias = np.where(items >= 0, self.item_bias_[items], 0)
        return self.mean_ + user_bias + item_bias


class Popularity(Recommender):
    """Scores an item by the share of training users who rated it, 0 if unseen: the same list for everybody.

    Attributes
    ----------
    popularity_ : ndarray of shape (n_items,)
        In [0, 1].

    Examples
    --------
    >>> Popularity().fit([[1, 10], [1, 20], [2, 20]]).predict([[2, 10], [2, 20], [2, 99]])
    array([0.5, 1. , 0. ])
    """

    def fit(self, X: Table, y: Column | None = None) -> Self:
        """Return the fitted model; X (n, 2) user and item ids; ratings are not used."""
        self._learn_ids(X)
        self.popularity_ = (self.seen_ > 0).mean(axis=0)
        return self

    def _predict(self, users, items):
        return np.where(items >= 0, self.popularity_[items], 0.0)


def shrunk_means(groups: np.ndarray, values: np.ndarray, n_groups: int, shrinkage: float) -> np.ndarray:
    """Return the mean of `values` in each group, shape (n_groups,), pulled to 0 as by `shrinkage` further zeros.

    Examples
    --------
    >>> shrunk_means(np.array([0, 0, 2]), np.array([1.0, 3.0, 2.0]), 3, 1)
    array([1.33333333, 0.        , 1.        ])
    """
    sums = np.bincount(groups, values, n_groups)
    counts = np.bincount(groups, minlength=n_groups) + shrinkage
    return np.divide(sums, counts, out=np.zeros(n_groups), where=counts > 0)
