"""What user clusters are like, in tables and in words; and *putting it together*: an expert for each of them.

The *context* of a (user, item) pair is the cluster of the user's taste, or the genres of the movie. `ModelPerContext`
trains one copy of a model for each, on its ratings alone, and one on all ratings for whoever belongs to none. An expert
knows its group better but has fewer ratings to learn from: whether that pays is to be measured, not assumed
(``benchmarks/recommenders.py`` does).
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from workshop.datasets.ratings import as_genres, check_table, genre_table
from workshop.models.base import Column, RatingRegressor, Table, check_ids, check_range, positions
from workshop.models.baseline import BiasRegressor
from workshop.models.kmeans import TASTE_SHRINKAGE, KMeansRecommender


def genre_tastes(rows: pd.DataFrame, items: pd.DataFrame, bias: BiasRegressor | None = None) -> pd.DataFrame:
    """Return the mean residual of each user (row) in each genre (column), in stars, shrunk towards 0.

    A residual is a rating minus what `bias`, by default one fitted on the same rows, predicts for it. A movie of
    several genres counts in each. What `KMeansRecommender` calls its view ``taste``, one step at a time.

    `rows` has the columns ``user``, ``item`` and ``rating`` (stars), `items`, indexed by item id, ``genres``.

    Examples
    --------
    >>> rows = pd.DataFrame({"user": [1, 1, 2, 2], "item": [7, 8, 7, 8], "rating": [5.0, 1.0, 1.0, 5.0]})
    >>> genre_tastes(rows, pd.DataFrame({"genres": [("War",), ("Comedy",)]}, index=[7, 8])).round(2).to_dict("list")
    {'Comedy': [-0.33, 0.33], 'War': [0.33, -0.33]}
    """
    check_table("rows", rows, "user", "item", "rating")
    check_table("items", items, "genres")
    positions(rows["item"][:1], check_ids("items.index", items.index))  # refuses ids of two types
    residual = rows["rating"] - (bias or BiasRegressor().fit(rows, rows["rating"])).predict(rows)
    genres = items["genres"].map(as_genres).explode()
    table = rows.assign(residual=residual).join(genres, on="item").groupby(["user", "genres"])["residual"]
    table = table.agg(["sum", "count"])
    return (table["sum"] / (table["count"] + TASTE_SHRINKAGE)).unstack(fill_value=0.0)


def taste_by_cluster(model: KMeansRecommender) -> pd.DataFrame:
    """Return how each user cluster (row) likes each genre (column), on average: stars above what the biases expect.

    The clusters are those of the first clustering of the view ``taste``. Raises ValueError if the model was fitted
    without `items`.

    Examples
    --------
    >>> taste_by_cluster(_example())["War"].round(2).tolist()
    [0.28, -0.45]
    """
    check_is_fitted(model)
    if model.genres_ is None:
        raise ValueError("the model was fitted without items; give KMeansRecommender(items=ratings.items)")
    clusters = pd.Series(model.user_labels_["taste"][:, 0], index=model.users_, name="cluster")
    return model.taste_.groupby(clusters).mean()


def describe_user_clusters(model: KMeansRecommender, n_words: int = 3) -> pd.Series:
    """Return a sentence for each user cluster, as in `taste_by_cluster`: how many people, what they like and dislike.

    Named are at most `n_words` genres rated above and below what the biases expect, the most extreme first, and titles
    whose share of people who liked them exceeds that of all users the most.

    Examples
    --------
    >>> print(describe_user_clusters(_example(), n_words=1)[0])
    2 people who like War, not Comedy; above all "Platoon"
    """
    check_range(1, whole=True, n_words=n_words)
    taste = taste_by_cluster(model)
    counts, liked = np.bincount(model.user_labels_["taste"][:, 0]), model.liked_tables_["taste"][0]
    titles = pd.DataFrame(model.items)["title"].reindex(model.items_).to_numpy()
    sentences = []
    for n, row, beyond in zip(counts, taste.to_numpy(), liked - (counts @ liked) / counts.sum(), strict=True):
        likes, dislikes = (_top(pd.Series(sign * row, taste.columns), n_words) for sign in (1, -1))
        favourites = ", ".join(f'"{title}"' for title in _top(pd.Series(beyond, titles), n_words))
        words = f"{n} people who like {' and '.join(likes) or 'nothing in particular'}"
        words += f", not {' or '.join(dislikes)}" if dislikes else ""
        sentences.append(words + (f"; above all {favourites}" if favourites else ""))
    return pd.Series(sentences, taste.index, name="words")


@dataclass(eq=False, repr=False)  # writes the constructor, which only stores
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

    estimator: Any = None
    items: pd.DataFrame | None = None
    by: str = "cluster"
    n_clusters: int = 8
    min_ratings: int = 100
    random_state: int = 0

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
        groups, total, n_asked = self._groups(pairs)[:, list(self.experts_)], np.zeros(len(pairs)), np.zeros(len(pairs))
        without_expert = ~groups.any(axis=1)
        for rows, model in zip([*groups.T, without_expert], [*self.experts_.values(), self.everyone_], strict=True):
            if rows.any():
                total[rows] += model.predict(pairs[rows])
                n_asked += rows
        return total / n_asked

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


def _top(row, n):
    """Names of the at most n largest positive entries, largest first."""
    return tuple(row[row > 0].sort_values(ascending=False, kind="stable").index[: int(n)])


def _example():
    """A tiny fitted recommender, for the examples above: three people, two comedies, two films of war."""
    items = pd.DataFrame(
        {
            "title": ["Airplane!", "Tootsie", "Platoon", "Ran"],
            "year": [1980, 1982, 1986, 1985],
            "genres": [("Comedy",), ("Comedy",), ("War",), ("War",)],
        },
        index=[1, 2, 3, 4],
    )
    X = [[1, 1], [1, 2], [1, 3], [2, 1], [2, 3], [2, 4], [3, 2], [3, 3], [3, 4]]
    y = [5, 5, 1, 2, 5, 5, 1, 5, 4]
    return KMeansRecommender(items, n_user_clusters=2, n_item_clusters=2, n_clusterings=1).fit(X, y)
