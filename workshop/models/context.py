"""Putting it together: several models, each an expert, and the one that fits the context answers.

A *context* says which groups a (user, item) pair belongs to: the cluster of the user's taste, or the genres of the
movie. `ModelPerContext` trains one copy of a model for each group, on the ratings of that group alone, and one on all
ratings for whoever belongs to none. An expert knows its group better but has fewer ratings to learn from: whether
that pays is to be measured, not assumed (``benchmarks/recommenders.py`` does).
"""

from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, clone
from sklearn.utils.validation import check_is_fitted

from workshop.datasets.ratings import check_table, genre_table
from workshop.models.base import Column, RatingRegressor, Table, check_ids, check_range, positions
from workshop.models.baseline import BiasRegressor
from workshop.models.kmeans import KMeansRecommender


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

    Examples
    --------
    >>> X, y = [[1, 10], [1, 20], [2, 10], [2, 20]], [5, 1, 1, 5]
    >>> context = UserClusters(n_clusters=2).fit(X, y)
    >>> context.groups([1, 2, 3], [20, 20, 20]).sum(axis=1)
    array([1, 1, 0])
    >>> context.sign_up(3, [10, 20], [4, 2]) == context.labels_[1]
    True
    """

    def __init__(self, items: pd.DataFrame | None = None, n_clusters: int = 8, random_state: Any = 0):
        self.items = items
        self.n_clusters = n_clusters
        self.random_state = random_state

    def fit(self, X: Table, y: Column) -> Self:
        """Return the context, its clusters learned from X (n, 2) user and item ids and ratings y (n,)."""
        self.view_ = "ratings" if self.items is None else "taste"
        model = KMeansRecommender(self.items, self.n_clusters, n_clusterings=1, random_state=self.random_state)
        self.clustering_ = model.fit(X, y)
        labels = model.user_labels_[self.view_][:, 0]
        self.labels_ = dict(zip(model.users_.tolist(), labels.tolist(), strict=True))
        self.n_groups_, self.n_features_in_ = labels.max() + 1, model.n_features_in_
        return self

    def groups(self, users: Column, items: Column) -> np.ndarray:
        """Return the membership, bool of shape (n, n_groups), of pairs of ids (n,): one group for a known user."""
        check_is_fitted(self)
        labels = np.array([self.labels_.get(user, -1) for user in check_ids("users", users).tolist()], dtype=int)
        return labels[:, None] == np.arange(self.n_groups_)

    def sign_up(self, user: int | str, items: Column, ratings: Column) -> int:
        """Return the cluster in which a new user is remembered, given a few ratings: that of the nearest centre."""
        check_is_fitted(self)
        self.clustering_._position(user)  # refuses an id of another type
        self.labels_[user] = int(self.clustering_.place(items, ratings)[self.view_][0])
        return self.labels_[user]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags = KMeansRecommender().__sklearn_tags__().input_tags
        tags.target_tags.required = True
        return tags


class MovieGenres(BaseEstimator):
    """A context: the groups of a pair are the genres of its movie; a movie without genre has none.

    Parameters
    ----------
    items : DataFrame indexed by item id
        With the column ``genres``.

    Examples
    --------
    >>> items = pd.DataFrame({"genres": [("Drama", "War"), ("Comedy",)]}, index=[7, 8])
    >>> MovieGenres(items).fit([], []).groups([1, 1, 1], [7, 8, 9]).astype(int)
    array([[0, 1, 1],
           [1, 0, 0],
           [0, 0, 0]])
    """

    def __init__(self, items: pd.DataFrame):
        self.items = items

    def fit(self, X: Table, y: Column) -> Self:
        """Return the context; ratings are not used, genres are given."""
        check_table("items", self.items, "genres")
        if self.items.empty:
            raise ValueError("items has no rows; give a row for each movie")
        self.genres_ = genre_table(self.items).sort_index()
        return self

    def groups(self, users: Column, items: Column) -> np.ndarray:
        """Return the membership, bool of shape (n, n_groups), of pairs of ids (n,): a group for each genre."""
        check_is_fitted(self)
        item = positions(items, self.genres_.index)
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
    >>> model.sign_up(3, [10], [5]) == model.context_.labels_[1]
    True
    >>> model.predict([[3, 10]]), model.recommend(3)
    (array([5.]), array([20]))
    """

    def __init__(self, estimator: Any = None, context: Any = None, min_ratings: int = 100):
        self.estimator = estimator
        self.context = context
        self.min_ratings = min_ratings

    def fit(self, X: Table, y: Column) -> Self:
        """Return the fitted model; X (n, 2) user and item ids, y (n,) ratings, n at least 1."""
        check_range(1, whole=True, min_ratings=self.min_ratings)
        users, items, y = self._learn_ids(X, y)
        pairs = pd.DataFrame({"user": self.users_[users], "item": self.items_[items]})
        estimator = BiasRegressor() if self.estimator is None else self.estimator
        self.context_ = clone(UserClusters() if self.context is None else self.context).fit(pairs, y)
        self.sign_ups_: dict[int | str, np.ndarray] = {}
        self.everyone_ = clone(estimator).fit(pairs, y)
        groups = self.context_.groups(pairs["user"], pairs["item"])
        large = np.flatnonzero(groups.sum(axis=0) >= self.min_ratings)
        self.experts_ = {int(g): clone(estimator).fit(pairs[groups[:, g]], y[groups[:, g]]) for g in large}
        return self

    def predict(self, X: Table) -> np.ndarray:
        """Return ratings (n,), in stars, for X of shape (n, 2); unseen ids as the experts handle them."""
        check_is_fitted(self)
        users, items, _ = self._read(X)
        pairs, groups = pd.DataFrame({"user": users, "item": items}), self.context_.groups(users, items)
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
        """Return predicted ratings (n_items,) of `items_` for a user, signed up ones included."""
        self._position(user)  # refuses an id of another type
        return self.predict(pd.DataFrame({"user": user, "item": self.items_}))

    def seen_items(self, user: int | str) -> np.ndarray:
        """Return positions in `items_` (n_seen,) of what a user rated in training or at sign-up."""
        return self.sign_ups_[user] if user in self.sign_ups_ else super().seen_items(user)

    def sign_up(self, user: int | str, items: Column, ratings: Column) -> int:
        """Return the group of a new user, found from a few ratings, and remember it; training is not repeated.

        From now on `predict` asks the expert of that group, and `recommend` leaves out `items`.

        Raises
        ------
        ValueError
            If the user was seen in training.
        AttributeError
            If the context needs no sign-up: genres are those of the movie, whoever asks.
        """
        if self._position(user) >= 0:
            raise ValueError(f"user {user} has ratings in training; sign_up is for new users")
        group = self.context_.sign_up(user, items, ratings)
        found = positions(items, self.items_)
        self.sign_ups_[user] = np.sort(found[found >= 0])
        return group
