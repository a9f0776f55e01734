"""k-means collaborative filtering: people who are alike, and movies that are alike, err alike.

The textbook recipe, the mean rating of a movie in the user's cluster, is worse than no clusters at all: it forgets
how generous the user is and trusts the mean of two ratings. Here clusters only correct the `BiasRegressor`:

    rating = mean + b_user + b_movie                                                        (biases)
           + user_weight * average over clusterings of r(cluster of the user, movie)        (people like you)
           + item_weight * average over clusterings of r(user, cluster of the movie)        (movies like this)

where r(group, thing) = sum of the residuals there / (their number + shrinkage). One clustering depends on the luck of
its start, and on what is called alike; so several *views* of users and movies are clustered several times each.

| symbol | name         | shape             | meaning                                        |
|--------|--------------|-------------------|------------------------------------------------|
| R      | `residuals`  | (n_users, n_items)| rating minus biases where rated, otherwise 0    |
| S      | `seen_`      | (n_users, n_items)| 1 where rated, otherwise 0                      |
| G      | `genres_`    | (n_items, n_genres)| 1 where the movie is of the genre              |
"""

from typing import Self

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.preprocessing import normalize
from sklearn.utils import check_random_state
from sklearn.utils.extmath import randomized_svd
from sklearn.utils.validation import check_is_fitted

from workshop.datasets.columns import check_numbers, check_table
from workshop.models.base import Column, Table, check_range, positions, user_item_matrix
from workshop.models.baseline import BiasRegressor, shrunk_means
from workshop.models.views import demographic_view, genre_table, taste_view, year_view

__all__ = ["KMeansRecommender"]


class KMeansRecommender(BiasRegressor):
    """Predicts ratings from biases corrected by clusters of users and of movies; for an unseen id, the biases alone.

    Users are clustered on up to five views: ``taste`` (mean residual a genre; needs `items`), ``ratings`` (residuals,
    reduced by SVD), ``watched`` (what they rated at all, reduced by SVD), ``liked`` (what they rated above the mean,
    on the same axes) and ``demographics`` (needs `users`); movies on ``genres and year`` (needs `items`), ``audience``
    (who rated them, reduced by SVD) and ``both``. The defaults were chosen on MovieLens small, on a tenth of the
    training rows held out for it.

    Parameters
    ----------
    items : DataFrame indexed by item id, optional
        Columns ``genres`` (tuples of str), ``year`` and ``title``, as in `Ratings.items`.
    users : DataFrame indexed by user id, optional
        Columns ``age`` (years), ``gender``, ``occupation``, as in `Ratings.users`; without columns it is ignored.
    n_user_clusters, n_item_clusters : int
        Clusters a clustering (fewer if there are fewer distinct rows).
    n_clusterings : int
        Clusterings a view, from different starts.
    user_weight, item_weight : float
        Factor on each average. More than 1 makes up for shrinkage that hits each view by itself.
    shrinkage : float
        Weight of the zero that each correction starts from, as a number of ratings.
    n_axes : int
        Dimensions that an SVD keeps.
    user_shrinkage, item_shrinkage, n_sweeps
        As in `BiasRegressor`.
    random_state : int, RandomState or None
        For SVD and k-means.

    Attributes
    ----------
    user_labels_, item_labels_ : dict of view -> ndarray of int, shape (n_users or n_items, n_clusterings)
    user_kmeans_ : dict of view -> list of fitted `KMeans`
    genres_ : DataFrame of shape (n_items, n_genres), or None
    taste_ : DataFrame of shape (n_users, n_genres)
        The view ``taste``, in stars, if there are `items`.

    Examples
    --------
    >>> X, y = [[1, 10], [1, 20], [2, 10], [2, 20], [3, 10]], [5, 1, 5, 1, 5]
    >>> model = KMeansRecommender(n_user_clusters=2, n_item_clusters=2).fit(X, y)
    >>> bool(model.predict([[3, 10]]) > model.predict([[3, 20]]))
    True
    >>> model.recommend(3)
    array([20])
    """

    def __init__(
        self,
        items: pd.DataFrame | None = None,
        users: pd.DataFrame | None = None,
        n_user_clusters: int = 16,
        n_item_clusters: int = 64,
        n_clusterings: int = 8,
        user_weight: float = 1.25,
        item_weight: float = 1.75,
        shrinkage: float = 5.0,
        n_axes: int = 20,
        user_shrinkage: float = 5.0,
        item_shrinkage: float = 5.0,
        n_sweeps: int = 15,
        random_state: int = 0,
    ):
        super().__init__(user_shrinkage, item_shrinkage, n_sweeps)
        self.items = items
        self.users = users
        self.n_user_clusters = n_user_clusters
        self.n_item_clusters = n_item_clusters
        self.n_clusterings = n_clusterings
        self.user_weight = user_weight
        self.item_weight = item_weight
        self.shrinkage = shrinkage
        self.n_axes = n_axes
        self.random_state = random_state

    def fit(self, X: Table, y: Column) -> Self:
        """Return the fitted model; X (n, 2) user and item ids, y (n,) ratings, n at least 1."""
        self._check_parameters()
        rng = check_random_state(self.random_state)
        users, items, y = self._learn_ids(X, y, more_items=() if self.items is None else self.items.index)
        self._fit_positions(users, items, y)
        residual = y - self._sum_of_biases(users, items)
        residuals = user_item_matrix(users, items, residual, self.seen_.shape)
        liked = user_item_matrix(users, items, y > self.mean_, self.seen_.shape)

        self.genres_ = None if self.items is None else genre_table(self.items).reindex(self.items_, fill_value=0)
        self.rating_axes_ = _axes(residuals, self.n_axes, rng)
        self.watched_axes_ = _axes(normalize(self.seen_), self.n_axes, rng)
        user_views = self._user_views(residuals, self.seen_, liked)
        if self.genres_ is not None:
            self.taste_ = pd.DataFrame(user_views["taste"], index=self.users_, columns=self.genres_.columns)
        if self.users is not None and len(self.users.columns):
            positions(self.users.index[:1], self.users_)  # refuses a table whose ids are of another type
            user_views["demographics"] = demographic_view(self.users.reindex(self.users_))
        self.user_kmeans_, self.user_labels_ = self._cluster(user_views, self.n_user_clusters, rng)
        _, self.item_labels_ = self._cluster(self._item_views(rng), self.n_item_clusters, rng)

        self.user_tables_, self.item_tables_, self.liked_tables_ = {}, {}, {}
        for view, labels in self.user_labels_.items():
            groups = [_membership(column) for column in labels.T]
            self.user_tables_[view] = [self._shrunk(g.T @ residuals, g.T @ self.seen_) for g in groups]
            self.liked_tables_[view] = [(g.T @ liked).toarray() / g.sum(axis=0)[:, None] for g in groups]
        for view, labels in self.item_labels_.items():
            groups = [_membership(column) for column in labels.T]
            self.item_tables_[view] = [self._shrunk(residuals @ g, self.seen_ @ g) for g in groups]
        return self

    def _predict(self, users, items):
        rating = self._sum_of_biases(users, items)
        known = (users >= 0) & (items >= 0)
        u, i = users[known], items[known]
        by_people = [t[c[u], i] for t, c in _pairs(self.user_tables_, self.user_labels_)]
        by_movies = [t[u, c[i]] for t, c in _pairs(self.item_tables_, self.item_labels_)]
        rating[known] += self.user_weight * np.mean(by_people, axis=0) + self.item_weight * np.mean(by_movies, axis=0)
        return np.clip(rating, *self.range_)

    def item_scores(self, user: int | str) -> np.ndarray:
        """Scores, shape (n_items,), in [0, 1]: share of the user's clusters who liked the item (rated above the mean).

        Only the views ``watched`` and ``liked`` count here: people who choose alike. Predicted ratings instead would
        put movies first that a handful of people adored. A stranger gets the average of all clusters.

        Examples
        --------
        >>> X, y = [[1, 10], [1, 20], [2, 10], [2, 20], [3, 10]], [5, 1, 5, 1, 5]
        >>> KMeansRecommender(n_user_clusters=1).fit(X, y).item_scores(3)
        array([1., 0.])
        """
        check_is_fitted(self)
        position = positions([user], self.users_)[0]
        if position < 0:
            return np.mean([table.mean(axis=0) for table in self.liked_tables_["liked"]], axis=0)
        return self._share_who_liked({view: labels[position] for view, labels in self.user_labels_.items()})

    def place(self, items: Column, ratings: Column) -> dict[str, np.ndarray]:
        """Clusters of a new user: a dict of view -> labels, shape (n_clusterings,); the model stays as it is.

        Parameters
        ----------
        items : array_like of shape (m,)
            Item ids; those unknown to the model are left out. None at all is allowed.
        ratings : array_like of shape (m,)

        Examples
        --------
        >>> X, y = [[1, 10], [1, 20], [2, 10], [2, 20], [3, 10]], [5, 1, 1, 5, 5]
        >>> model = KMeansRecommender(n_user_clusters=2, n_clusterings=1).fit(X, y)
        >>> bool(model.place([10, 20], [4, 1])["ratings"][0] == model.user_labels_["ratings"][0, 0])
        True
        """
        tables, _ = self._new_user(items, ratings)
        return self._place(tables)

    def predict_new(self, items: Column, ratings: Column, candidates: Column) -> np.ndarray:
        """Ratings of shape (n,), in stars, that a new user would give to `candidates`, after a few ratings.

        Parameters
        ----------
        items, ratings : array_like of shape (m,)
            As in `place`.
        candidates : array_like of shape (n,)
            Item ids; an unknown one gets the mean plus the user's bias.

        Examples
        --------
        >>> X, y = [[1, 10], [1, 20], [2, 10], [2, 20], [3, 10]], [5, 1, 5, 1, 5]
        >>> model = KMeansRecommender(n_user_clusters=2).fit(X, y)
        >>> model.predict_new([20], [3], [10]).round() >= model.predict_new([20], [1], [10]).round()
        array([ True])
        """
        tables, bias = self._new_user(items, ratings)
        residuals, seen, _ = tables
        labels = self._place(tables)
        candidates = positions(candidates, self.items_)
        rating = bias + self._sum_of_biases(np.full(len(candidates), -1), candidates)
        known = candidates >= 0
        by_people = [self._mean_rows(self.user_tables_[view], row)[candidates[known]] for view, row in labels.items()]
        by_movies = []
        for column in np.column_stack(list(self.item_labels_.values())).T:
            group = _membership(column)
            by_movies.append(self._shrunk(residuals @ group, seen @ group)[0, column[candidates[known]]])
        rating[known] += self.user_weight * np.mean(by_people, axis=0) + self.item_weight * np.mean(by_movies, axis=0)
        return np.clip(rating, *self.range_)

    def recommend_new(self, items: Column, ratings: Column, n: int = 10) -> np.ndarray:
        """Ids, shape (at most n,), for a new user after a few ratings, best first, never one of `items`.

        Examples
        --------
        >>> X, y = [[1, 10], [1, 20], [2, 10], [2, 20], [3, 10]], [5, 1, 5, 1, 5]
        >>> KMeansRecommender(n_user_clusters=2).fit(X, y).recommend_new([20], [3])
        array([10])
        """
        check_range(1, n=n)
        known = positions(items, self.items_)
        return self._best(self._share_who_liked(self.place(items, ratings)), known[known >= 0], n)

    def _check_parameters(self):
        counts = ("n_user_clusters", "n_item_clusters", "n_clusterings", "n_axes")
        check_range(1, **{name: getattr(self, name) for name in counts})
        check_range(0, ends=False, shrinkage=self.shrinkage)
        if self.items is not None:
            check_table("items", self.items, "genres", "year")

    def _user_views(self, residuals, seen, liked):
        """Tables, one a view, with a row for each row of the sparse (users, n_items) arrays."""
        views = {
            "ratings": normalize(residuals @ self.rating_axes_),
            "watched": normalize(normalize(seen) @ self.watched_axes_),
            "liked": normalize(normalize(liked) @ self.watched_axes_),
        }
        if self.genres_ is not None:
            views = {"taste": taste_view(residuals, seen, self.genres_.to_numpy())} | views
        return views

    def _item_views(self, rng):
        audience = normalize(self.seen_.T)
        audience = normalize(audience @ _axes(audience, self.n_axes, rng))
        if self.genres_ is None:
            return {"audience": audience}
        content = np.hstack([normalize(self.genres_), year_view(self.items["year"].reindex(self.items_))])
        return {"genres and year": content, "audience": audience, "both": np.hstack([content, audience])}

    def _cluster(self, views, n_clusters, rng):
        """Fitted k-means and labels, dicts of view -> list of n_clusterings and view -> (rows, n_clusterings)."""
        kmeans = {}
        for view, table in views.items():
            table = np.round(table, 6)
            k = min(n_clusters, len(np.unique(table, axis=0)))
            # Movies ten years older and younger than a third are exactly as far from it, and somebody who liked nothing
            # is as far from everybody. Then the last bit of a product decides, which is not the same on every
            # processor, and k-means carries it on. A shift by some hundred-thousandths leaves no ties.
            table += np.random.default_rng(0).normal(scale=1e-5, size=table.shape)
            seeds = rng.randint(2**31 - 1, size=self.n_clusterings)
            kmeans[view] = [KMeans(k, n_init=1, random_state=seed).fit(table) for seed in seeds]
        return kmeans, {view: np.column_stack([k.labels_ for k in fits]) for view, fits in kmeans.items()}

    def _shrunk(self, sums, counts):
        return sums.toarray() / (counts.toarray() + self.shrinkage)

    def _new_user(self, items, ratings):
        """Residuals, seen and liked, sparse (1, n_items) each, and the bias of a user who is not in the model."""
        check_is_fitted(self)
        ratings, found = check_numbers("ratings", ratings), positions(items, self.items_)
        if found.shape != ratings.shape:
            raise ValueError(
                f"items has shape {found.shape}, ratings {ratings.shape}; give one rating for each item id"
            )
        items, ratings = found[found >= 0], ratings[found >= 0]
        nobody = np.zeros(len(items), dtype=int)
        left = ratings - self._sum_of_biases(nobody - 1, items)
        bias = shrunk_means(nobody, left, 1, self.user_shrinkage)[0]
        rows = (left - bias, nobody + 1, ratings > self.mean_)
        return [user_item_matrix(nobody, items, values, (1, len(self.items_))) for values in rows], bias

    def _place(self, tables):
        views = self._user_views(*tables)
        return {v: np.array([k.predict(table)[0] for k in self.user_kmeans_[v]]) for v, table in views.items()}

    def _share_who_liked(self, labels):
        """Mean over the clusterings that rank, shape (n_items,), given one user's labels a view."""
        return np.mean([self._mean_rows(self.liked_tables_[v], labels[v]) for v in ("watched", "liked")], axis=0)

    @staticmethod
    def _mean_rows(tables, labels):
        return np.mean([table[label] for table, label in zip(tables, labels, strict=True)], axis=0)


def _axes(table, n_axes, rng):
    """The leading right singular vectors, shape (n_columns, at most n_axes), of a sparse table."""
    return randomized_svd(table, min(n_axes, *table.shape), random_state=rng)[2].T


def _membership(labels):
    """Sparse (n, k) array with a 1 at each row's cluster."""
    return user_item_matrix(np.arange(len(labels)), labels, np.ones(len(labels)), (len(labels), labels.max() + 1))


def _pairs(tables, labels):
    """(table, labels) of every clustering of every view."""
    return [pair for view in tables for pair in zip(tables[view], labels[view].T, strict=True)]
