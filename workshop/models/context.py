"""Putting it together: several models, each an expert, and the one that fits the context answers.

The *context* of a (user, item) pair is the cluster of the user's taste, or the genres of the movie. `ModelPerContext`
trains one copy of a model for each, on its ratings alone, and one on all ratings for whoever belongs to none. An expert
knows its group better but has fewer ratings to learn from: whether that pays is to be measured, not assumed
(``benchmarks/recommenders.py`` does).
"""

from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from workshop.datasets.ratings import check_table, genre_table
from workshop.models.base import Column, RatingRegressor, Table, check_range, positions
from workshop.models.baseline import BiasRegressor
from workshop.models.kmeans import KMeansRecommender


class ModelPerContext(RatingRegressor):
    """Predicts with the expert of the pair's group: the mean of the experts if it has several groups.

    A pair of no group (a user who never rated, a movie without genre), or of groups too small to have an expert, gets
    the prediction of a model of all ratings.

    Parameters
    ----------
    estimator : estimator on (user, item) ids, optional
        Copied for each group; otherwise `BiasRegressor`.
    items : DataFrame indexed by item id, optional
        As in `KMeansRecommender`; needed for genres. Without it, clusters are those of the view ``ratings`` instead of
        ``taste``.
    by : {"cluster", "genre"}
        What a group is: a cluster of users, or a genre of movies.
    n_clusters : int
    min_ratings : int
        Training rows that a group needs to get an expert, at least 1.
    random_state : int, RandomState or None
        For the clusters.

    Attributes
    ----------
    experts_ : dict of group -> fitted estimator
    everyone_ : fitted estimator
        Trained on all ratings.
    labels_ : dict of user id -> cluster, if groups are clusters
    genres_ : DataFrame of shape (n_items, n_genres), if groups are genres

    Examples
    --------
    >>> X, y = [[1, 10], [1, 20], [2, 10], [2, 20]], [5, 1, 1, 5]
    >>> model = ModelPerContext(BiasRegressor(0, 0), n_clusters=2, min_ratings=1).fit(X, y)
    >>> model.predict([[1, 10], [2, 10]]), model.everyone_.predict([[1, 10], [2, 10]])
    (array([5., 1.]), array([3., 3.]))
    >>> model.sign_up(3, [10], [5]) == model.labels_[1]
    True
    >>> model.predict([[3, 10]]), model.recommend(3)
    (array([5.]), array([20]))
    """

    def __init__(
        self,
        estimator: Any = None,
        items: pd.DataFrame | None = None,
        by: str = "cluster",
        n_clusters: int = 8,
        min_ratings: int = 100,
        random_state: int = 0,
    ):
        self.estimator = estimator
        self.items = items
        self.by = by
        self.n_clusters = n_clusters
        self.min_ratings = min_ratings
        self.random_state = random_state

    def fit(self, X: Table, y: Column) -> Self:
        """Return the fitted model; X (n, 2) user and item ids, y (n,) ratings, n at least 1."""
        check_range(1, whole=True, min_ratings=self.min_ratings, n_clusters=self.n_clusters)
        if self.by not in ("cluster", "genre"):
            raise ValueError(f"by is {self.by!r}; choose 'cluster' or 'genre'")
        users, items, y = self._learn_ids(X, y)
        pairs = pd.DataFrame({"user": self.users_[users], "item": self.items_[items]})
        if self.by == "genre":
            check_table("items", self.items, "genres")
            self.genres_ = genre_table(pd.DataFrame(self.items)).sort_index()
        else:
            clusters = KMeansRecommender(self.items, self.n_clusters, n_clusterings=1, random_state=self.random_state)
            self.clusters_, self.view_ = clusters.fit(pairs, y), "ratings" if self.items is None else "taste"
            labels = clusters.user_labels_[self.view_][:, 0]
            self.labels_ = dict(zip(self.users_.tolist(), labels.tolist(), strict=True))
        self.sign_ups_: dict[int | str, np.ndarray] = {}
        estimator = BiasRegressor() if self.estimator is None else self.estimator
        self.everyone_ = clone(estimator).fit(pairs, y)
        groups = self._groups(pairs)
        large = np.flatnonzero(groups.sum(axis=0) >= self.min_ratings)
        self.experts_ = {int(g): clone(estimator).fit(pairs[groups[:, g]], y[groups[:, g]]) for g in large}
        return self

    def _groups(self, pairs):
        """To which groups each pair belongs, bool of shape (n, n_groups)."""
        if self.by == "genre":
            item = positions(pairs["item"], self.genres_.index)
            return (self.genres_.to_numpy()[item] == 1) & (item >= 0)[:, None]
        cluster = np.array([self.labels_.get(user, -1) for user in pairs["user"].tolist()])
        return cluster[:, None] == np.arange(self.n_clusters)

    def predict(self, X: Table) -> np.ndarray:
        """Return ratings (n,), in stars, for X of shape (n, 2); unseen ids as the experts handle them."""
        check_is_fitted(self)
        users, items, _ = self._read(X)
        positions(users[:1], self.users_), positions(items[:1], self.items_)  # refuses ids of another type
        pairs = pd.DataFrame({"user": users, "item": items})
        groups, total, n_experts = self._groups(pairs), np.zeros(len(pairs)), np.zeros(len(pairs))
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
        seen = super().seen_items(user)
        return self.sign_ups_.get(user, seen)

    def sign_up(self, user: int | str, items: Column, ratings: Column) -> int:
        """Return the cluster of a new user, found from a few ratings, and remember it; training is not repeated.

        It is that of the nearest centre. From now on `predict` asks the expert of that group, and `recommend` leaves
        out `items`.

        Raises
        ------
        ValueError
            If the user was seen in training, or groups are genres: those are the movie's, whoever asks.
        """
        if self._position(user) >= 0:
            raise ValueError(f"user {user} has ratings in training; sign_up is for new users")
        if self.by == "genre":
            raise ValueError("by is 'genre', which needs no sign_up: genres are those of the movie, whoever asks")
        self.labels_[user] = int(self.clusters_.place(items, ratings)[self.view_][0])
        found = positions(items, self.items_)
        self.sign_ups_[user] = np.sort(found[found >= 0])
        return self.labels_[user]
