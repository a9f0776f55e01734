"""Putting it together: several models, each an expert, and the one that fits the context answers.

A *context* says which groups a (user, item) pair belongs to: the cluster of the user's taste, or the genres of the
movie. `ModelPerContext` trains one copy of a model a group, on the ratings of that group alone, and one on all
ratings for whoever belongs to none. An expert knows its group better but has fewer ratings to learn from: whether
that pays is to be measured, not assumed (``benchmarks/recommenders.py`` does).
"""

from typing import Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, clone
from sklearn.utils.validation import check_is_fitted

from workshop.datasets.columns import check_table
from workshop.models.base import Column, RatingRegressor, Table, positions
from workshop.models.baseline import BiasRegressor
from workshop.models.kmeans import KMeansRecommender
from workshop.models.views import genre_table

__all__ = ["ModelPerContext", "MovieGenres", "UserClusters"]


class UserClusters(BaseEstimator):
    """A context: the group of a pair is the cluster of its user's taste; a user who never rated has none.

    Parameters
    ----------
    items : DataFrame, optional
        As in `KMeansRecommender`; without it, clusters are those of the view ``ratings`` instead of ``taste``.
    n_clusters : int
    random_state : int, RandomState or None

    Attributes
    ----------
    labels_ : dict of user id -> cluster
    n_groups_ : int

    Examples
    --------
    >>> X, y = [[1, 10], [1, 20], [2, 10], [2, 20]], [5, 1, 1, 5]
    >>> context = UserClusters(n_clusters=2).fit(X, y)
    >>> context.groups(np.array([[1, 20], [2, 20], [3, 20]])).sum(axis=1)
    array([1, 1, 0])
    """

    def __init__(self, items=None, n_clusters=8, random_state=0):
        self.items = items
        self.n_clusters = n_clusters
        self.random_state = random_state

    def fit(self, X: Table, y: Column) -> Self:
        """Return the context, its clusters learned from X (n, 2) user and item ids and ratings y (n,)."""
        self.view_ = "ratings" if self.items is None else "taste"
        self.clustering_ = KMeansRecommender(
            self.items, None, self.n_clusters, n_clusterings=1, random_state=self.random_state
        ).fit(X, y)
        self.n_features_in_ = self.clustering_.n_features_in_
        labels = self.clustering_.user_labels_[self.view_][:, 0]
        self.labels_ = dict(zip(self.clustering_.users_.tolist(), labels.tolist(), strict=True))
        self.n_groups_ = labels.max() + 1
        return self

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = tags.input_tags.string = True  # ids are names, not quantities
        tags.target_tags.required = True
        return tags

    def groups(self, X: Table) -> np.ndarray:
        """Membership, bool of shape (n, n_groups), of the pairs X (n, 2): one group a known user."""
        check_is_fitted(self)
        labels = np.array([self.labels_.get(user, -1) for user in pd.DataFrame(X).iloc[:, 0].tolist()])
        return labels[:, None] == np.arange(self.n_groups_)

    def sign_up(self, user: int | str, items: Column, ratings: Column) -> int:
        """Cluster (int) in which a new user is remembered, given a few ratings: those of the nearest centre.

        Examples
        --------
        >>> X, y = [[1, 10], [1, 20], [2, 10], [2, 20]], [5, 1, 1, 5]
        >>> context = UserClusters(n_clusters=2).fit(X, y)
        >>> context.sign_up(3, [10, 20], [4, 2]) == context.labels_[1]
        True
        """
        check_is_fitted(self)
        positions([user], self.clustering_.users_)  # refuses an id of another type
        self.labels_[user] = int(self.clustering_.place(items, ratings)[self.view_][0])
        return self.labels_[user]


class MovieGenres(BaseEstimator):
    """A context: the groups of a pair are the genres of its movie; a movie without genre has none.

    Parameters
    ----------
    items : DataFrame indexed by item id
        With the column ``genres`` (tuples of str).

    Attributes
    ----------
    genres_ : DataFrame of shape (n_items, n_groups)

    Examples
    --------
    >>> items = pd.DataFrame({"genres": [("Drama", "War"), ("Comedy",)]}, index=[7, 8])
    >>> MovieGenres(items).fit([], []).groups(np.array([[1, 7], [1, 8], [1, 9]])).astype(int)
    array([[0, 1, 1],
           [1, 0, 0],
           [0, 0, 0]])
    """

    def __init__(self, items):
        self.items = items

    def fit(self, X: Table, y: Column) -> Self:
        """Return the context; ratings are not used, genres are given."""
        check_table("items", self.items, "genres")
        if self.items.empty:
            raise ValueError("items has no rows; give a row for each movie")
        self.genres_ = genre_table(self.items).sort_index()
        return self

    def groups(self, X: Table) -> np.ndarray:
        """Membership, bool of shape (n, n_groups), of the pairs X (n, 2): a group a genre of the movie."""
        check_is_fitted(self)
        item = positions(pd.DataFrame(X).iloc[:, 1], self.genres_.index)
        return (self.genres_.to_numpy()[item] == 1) & (item >= 0)[:, None]


class ModelPerContext(RatingRegressor):
    """Predicts with the expert of the pair's group: the mean of the experts if it has several groups.

    A pair of no group, or of groups too small to have an expert, gets the prediction of a model of all ratings.

    Parameters
    ----------
    estimator : estimator on (user, item) ids, optional
        Copied for each group; otherwise `BiasRegressor`.
    context : UserClusters or MovieGenres, optional
        Copied and fitted; otherwise ``UserClusters()``.
    min_ratings : int
        Training rows that a group needs to get an expert, at least 1.

    Attributes
    ----------
    experts_ : dict of group -> fitted estimator
    everyone_ : fitted estimator
        Trained on all ratings.
    context_ : fitted context

    Examples
    --------
    >>> X, y = [[1, 10], [1, 20], [2, 10], [2, 20]], [5, 1, 1, 5]
    >>> model = ModelPerContext(BiasRegressor(0, 0), UserClusters(n_clusters=2), min_ratings=1).fit(X, y)
    >>> model.predict([[1, 10], [2, 10]]), model.everyone_.predict([[1, 10], [2, 10]])
    (array([5., 1.]), array([3., 3.]))
    """

    def __init__(self, estimator=None, context=None, min_ratings=100):
        self.estimator = estimator
        self.context = context
        self.min_ratings = min_ratings

    def fit(self, X: Table, y: Column) -> Self:
        """Return the fitted model; X (n, 2) user and item ids, y (n,) ratings, n at least 1."""
        if self.min_ratings < 1:
            raise ValueError(f"min_ratings is {self.min_ratings}; an expert needs one rating or more")
        users, items, y = self._learn_ids(X, y)
        pairs = pd.DataFrame({"user": self.users_[users], "item": self.items_[items]})
        estimator = BiasRegressor() if self.estimator is None else self.estimator
        self.context_ = clone(UserClusters() if self.context is None else self.context).fit(pairs, y)
        self.sign_ups_: dict[int | str, np.ndarray] = {}
        self.everyone_ = clone(estimator).fit(pairs, y)
        groups = self.context_.groups(pairs)
        large = np.flatnonzero(groups.sum(axis=0) >= self.min_ratings)
        self.experts_ = {int(g): clone(estimator).fit(pairs[groups[:, g]], y[groups[:, g]]) for g in large}
        return self

    def predict(self, X: Table) -> np.ndarray:
        """Ratings of shape (n,), in stars, for X of shape (n, 2); unseen ids as the experts handle them.

        Examples
        --------
        >>> ModelPerContext().fit([[1, 10], [2, 10]], [5, 3]).predict([[3, 10]])
        array([4.])
        """
        check_is_fitted(self)
        users, items, _ = self._read(X)
        return self._predict_ids(users, items)

    def _predict_ids(self, users, items):
        pairs = pd.DataFrame({"user": users, "item": items})
        groups = self.context_.groups(pairs)
        total, n_experts = np.zeros(len(pairs)), np.zeros(len(pairs))
        for group, expert in self.experts_.items():
            rows = groups[:, group]
            if rows.any():
                total[rows] += expert.predict(pairs[rows])
                n_experts += rows
        alone = n_experts == 0
        if alone.any():
            total[alone] = self.everyone_.predict(pairs[alone])
        return total / np.maximum(n_experts, 1)

    def item_scores(self, user: int | str) -> np.ndarray:
        """Predicted ratings, shape (n_items,), of `items_` for a user, signed up ones included.

        Examples
        --------
        >>> ModelPerContext().fit([[1, 10], [2, 10]], [5, 3]).item_scores(3)
        array([4.])
        """
        check_is_fitted(self)
        positions([user], self.users_)  # refuses an id of another type
        return self._predict_ids(user, self.items_)

    def seen_items(self, user: int | str) -> np.ndarray:
        """Positions in `items_`, shape (n_seen,), of what a user rated in training or at sign-up.

        Examples
        --------
        >>> ModelPerContext().fit([[1, 10], [2, 20]], [5, 3]).seen_items(2)
        array([1])
        """
        return self.sign_ups_[user] if user in self.sign_ups_ else super().seen_items(user)

    def sign_up(self, user: int | str, items: Column, ratings: Column) -> int:
        """Remember a new user's group, found from a few ratings, and return it; training is not repeated.

        From now on `predict` asks the expert of that group, and `recommend` leaves out `items`.

        Parameters
        ----------
        user : int
            An id not seen in training.
        items, ratings : array_like of shape (m,)

        Raises
        ------
        ValueError
            If the user was seen in training.
        AttributeError
            If the context needs no sign-up: genres are those of the movie, whoever asks.

        Examples
        --------
        >>> X, y = [[1, 10], [1, 20], [2, 10], [2, 20]], [5, 1, 1, 5]
        >>> model = ModelPerContext(BiasRegressor(0, 0), UserClusters(n_clusters=2), min_ratings=1).fit(X, y)
        >>> model.sign_up(3, [10], [5]) == model.context_.labels_[1]
        True
        >>> model.predict([[3, 10]]), model.recommend(3)
        (array([5.]), array([20]))
        """
        check_is_fitted(self)
        if positions([user], self.users_)[0] >= 0:
            raise ValueError(f"user {user} has ratings in training; sign_up is for new users")
        group = self.context_.sign_up(user, items, ratings)
        found = positions(items, self.items_)
        self.sign_ups_[user] = np.sort(found[found >= 0])
        return group
