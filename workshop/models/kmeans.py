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

k-means itself is scikit-learn's; `lloyd_steps`, at the end, is k-means by hand, one step at a time, to be looked at.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.cluster import KMeans
from sklearn.preprocessing import normalize
from sklearn.utils import check_random_state
from sklearn.utils.extmath import randomized_svd
from sklearn.utils.validation import check_is_fitted

from workshop.datasets.ratings import check_numbers, check_table, genre_table
from workshop.models.base import Column, Table, check_range, positions, user_item_matrix
from workshop.models.baseline import BiasRegressor, shrunk_means

N_AXES = 20  # that an SVD keeps
TASTE_SHRINKAGE = 5.0  # of the mean residual in a genre, as a number of ratings
YEARS = 40.0  # so many are as far apart as two movies of one genre each


@dataclass(eq=False, repr=False)  # writes the constructor, which only stores
class KMeansRecommender(BiasRegressor):
    """Predicts ratings from biases corrected by clusters of users and of movies; for an unseen id, the biases alone.

    Users are clustered on up to four views: ``taste`` (mean residual a genre; needs `items`), ``ratings`` (residuals,
    reduced by SVD), ``watched`` (what they rated at all, reduced by SVD) and ``liked`` (what they rated above the mean,
    on the same axes); movies on ``genres and year`` (needs `items`), ``audience`` (who rated them, reduced by SVD) and
    ``both``. The defaults were chosen on MovieLens small, on a tenth of the training rows held out for it.

    Parameters
    ----------
    items : DataFrame indexed by item id, optional
        Columns ``genres`` (tuples of str), ``year`` and ``title``, as in `Ratings.items`.
    n_user_clusters, n_item_clusters : int
        Clusters a clustering (fewer if there are fewer distinct rows).
    n_clusterings : int
        Clusterings a view, from different starts.
    user_weight, item_weight : float
        Factor on each average. More than 1 makes up for shrinkage that hits each view by itself.
    shrinkage : float
        Weight of the zero that each correction starts from, as a number of ratings; above 0.
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
    >>> model.recommend(3), model.item_scores(3)
    (array([20]), array([1., 0.]))
    >>> model.recommend_new([20], [3]), model.place([20], [3])["ratings"].shape
    (array([10]), (8,))
    >>> model.predict_new([20], [3], [10]).round() >= model.predict_new([20], [1], [10]).round()
    array([ True])
    """

    user_shrinkage = item_shrinkage = 5.0  # of the biases

    items: pd.DataFrame | None = None
    n_user_clusters: int = 16
    n_item_clusters: int = 64
    n_clusterings: int = 8
    user_weight: float = 1.25
    item_weight: float = 1.75
    shrinkage: float = 5.0
    random_state: int = 0

    def fit(self, X: Table, y: Column) -> Self:
        """Return the fitted model; X (n, 2) user and item ids, y (n,) ratings, n at least 1."""
        counts = ("n_user_clusters", "n_item_clusters", "n_clusterings")
        check_range(1, whole=True, **{name: getattr(self, name) for name in counts})
        check_range(0, ends=False, shrinkage=self.shrinkage)
        check_range(-1e6, 1e6, user_weight=self.user_weight, item_weight=self.item_weight)
        if self.items is not None:
            check_table("items", self.items, "genres", "year")
        rng = check_random_state(self.random_state)
        users, items, y = self._learn_ids(X, y, more_items=() if self.items is None else self.items.index)
        self._fit_positions(users, items, y)
        residual = y - self._sum_of_biases(users, items)
        residuals = user_item_matrix(users, items, residual, self.seen_.shape)
        liked = user_item_matrix(users, items, y > self.mean_, self.seen_.shape)

        self.genres_ = None if self.items is None else genre_table(self.items).reindex(self.items_, fill_value=0)
        self.rating_axes_ = _axes(residuals, rng)
        self.watched_axes_ = _axes(normalize(self.seen_), rng)
        user_views = self._user_views(residuals, self.seen_, liked)
        if self.genres_ is not None:
            self.taste_ = pd.DataFrame(user_views["taste"], index=self.users_, columns=self.genres_.columns)
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
        """Return scores, shape (n_items,), in [0, 1]: which share of the user's clusters liked each item.

        Liked means: rated above the mean. Only the views ``watched`` and ``liked`` count here: people who choose alike.
        Predicted ratings instead would put movies first that a handful of people adored. A stranger gets the average
        of all clusters.
        """
        position = self._position(user)
        if position < 0:
            return np.mean([table.mean(axis=0) for table in self.liked_tables_["liked"]], axis=0)
        return self._share_who_liked({view: labels[position] for view, labels in self.user_labels_.items()})

    def place(self, items: Column, ratings: Column) -> dict[str, np.ndarray]:
        """Return the clusters of a new user, a dict of view -> labels (n_clusterings,), after m ratings of `items`.

        Items unknown to the model are left out; there may be none at all. The model stays as it is.
        """
        return self._place(self._new_user(items, ratings)[0])

    def predict_new(self, items: Column, ratings: Column, candidates: Column) -> np.ndarray:
        """Return the ratings (n,), in stars, that a new user (see `place`) would give to `candidates`, n item ids.

        An unknown candidate gets the mean plus the user's bias.
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
        """Return ids, shape (at most n,), for a new user (see `place`), best first, never one of `items`."""
        check_range(1, whole=True, n=n)
        known = positions(items, self.items_)
        return self._best(self._share_who_liked(self.place(items, ratings)), known[known >= 0], n)

    def _user_views(self, residuals, seen, liked):
        """Tables, one a view, with a row for each row of the sparse (users, n_items) arrays."""
        views = {
            "ratings": normalize(residuals @ self.rating_axes_),
            "watched": normalize(normalize(seen) @ self.watched_axes_),
            "liked": normalize(normalize(liked) @ self.watched_axes_),
        }
        if self.genres_ is not None:
            genres = self.genres_.to_numpy()
            views = {"taste": (residuals @ genres) / (seen @ genres + TASTE_SHRINKAGE)} | views
        return views

    def _item_views(self, rng):
        audience = normalize(self.seen_.T)
        audience = normalize(audience @ _axes(audience, rng))
        if self.genres_ is None:
            return {"audience": audience}
        years = pd.to_numeric(self.items["year"].reindex(self.items_)).astype(float)
        years = years.fillna(years.median()).fillna(1990).clip(lower=1930)  # so that silent films are no continent
        content = np.hstack([normalize(self.genres_), ((years - 1990) / YEARS).to_numpy()[:, None]])
        return {"genres and year": content, "audience": audience, "both": np.hstack([content, audience])}

    def _cluster(self, views, n_clusters, rng):
        """Fitted k-means and labels, dicts of view -> list of n_clusterings and view -> (rows, n_clusterings)."""
        kmeans = {}
        for view, table in views.items():
            table = np.round(table, 6)
            k = min(int(n_clusters), len(np.unique(table, axis=0)))
            # Movies ten years older and younger than a third are exactly as far from it, and somebody who liked nothing
            # is as far from everybody. Then the last bit of a product decides, which is not the same on every
            # processor, and k-means carries it on. A shift by some hundred-thousandths leaves no ties.
            table += np.random.default_rng(0).normal(scale=1e-5, size=table.shape)
            seeds = rng.randint(2**31 - 1, size=int(self.n_clusterings))
            kmeans[view] = [KMeans(k, n_init=1, random_state=seed).fit(table) for seed in seeds]
        return kmeans, {view: np.column_stack([k.labels_ for k in fits]) for view, fits in kmeans.items()}

    def _shrunk(self, sums, counts):
        return sums.toarray() / (counts.toarray() + self.shrinkage)

    def _new_user(self, items, ratings):
        """Residuals, seen and liked, sparse (1, n_items) each, and the bias of a user who is not in the model."""
        check_is_fitted(self)
        ratings, found = check_numbers("ratings", ratings), positions(items, self.items_)
        if found.shape != ratings.shape:
            raise ValueError(f"items has shape {found.shape}, ratings {ratings.shape}; give one rating for each item")
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


def _axes(table, rng):
    """The leading right singular vectors, shape (n_columns, at most N_AXES), of a sparse table."""
    return randomized_svd(table, min(N_AXES, *table.shape), random_state=rng)[2].T


def _membership(labels):
    """Sparse (n, k) array with a 1 at each row's cluster."""
    return user_item_matrix(np.arange(len(labels)), labels, np.ones(len(labels)), (len(labels), labels.max() + 1))


def _pairs(tables, labels):
    """(table, labels) of every clustering of every view."""
    return [pair for view in tables for pair in zip(tables[view], labels[view].T, strict=True)]


def lloyd_steps(
    X: ArrayLike, centers: ArrayLike, max_steps: int = 300
) -> Iterator[tuple[np.ndarray, np.ndarray, float]]:
    """Yield (labels, centers, inertia) once per step, until no label changes (Lloyd 1982, method I).

    Each step *assigns* the points to the centres shown, and then *moves* every centre to the mean of its points:
    the next step shows the moved ones. Inertia, the sum of squared distances to the own centre, never grows.

    `X` (n, d) are the points, `centers` (k, d) is where the centres start. Of several centres equally near the first
    wins; a centre without points stays where it is. ValueError for arrays that are empty, hold NaN, or do not fit.

    Examples
    --------
    >>> for labels, centers, inertia in lloyd_steps([[0], [1], [9]], [[0], [1]]):
    ...     print(labels, centers.ravel().round(1), round(inertia, 1))
    [0 1 1] [0. 1.] 64.0
    [0 0 1] [0. 5.] 17.0
    [0 0 1] [0.5 9. ] 0.5
    """
    points, now = _points("X", X), _points("centers", centers)
    if points.shape[1] != now.shape[1]:
        raise ValueError(f"X has {points.shape[1]} columns but centers has {now.shape[1]}; give both the same")
    check_range(1, whole=True, max_steps=max_steps)
    previous = None
    for _ in range(int(max_steps)):
        distances = ((points[:, None, :] - now[None, :, :]) ** 2).sum(axis=2)  # squared, (n, k)
        labels = distances.argmin(axis=1)  # assign
        yield labels, now.copy(), float(distances.min(axis=1).sum())
        if previous is not None and np.array_equal(labels, previous):
            return
        previous = labels
        for j in np.unique(labels):  # move
            now[j] = points[labels == j].mean(axis=0)


def _points(name, array):
    points = np.array(array, dtype=float)
    if points.ndim != 2 or points.size == 0 or not np.isfinite(points).all():
        raise ValueError(f"{name} has shape {points.shape}; give a table (rows, columns), not empty, without NaN")
    return points
