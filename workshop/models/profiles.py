"""What users like, and what the user clusters of a `KMeansRecommender` are like: tables for pictures, and words."""

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from workshop.datasets.ratings import as_genres, check_table
from workshop.models.base import check_ids, check_range, positions
from workshop.models.baseline import BiasRegressor
from workshop.models.kmeans import TASTE_SHRINKAGE, KMeansRecommender


def genre_tastes(rows: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Return the mean residual of each user (row) in each genre (column), in stars, shrunk towards 0.

    A residual is a rating minus what `BiasRegressor`, fitted on the same rows, predicts for it. A movie of several
    genres counts in each. What `KMeansRecommender` calls its view ``taste``, one step at a time.

    Parameters
    ----------
    rows : DataFrame
        Columns ``user``, ``item`` and ``rating`` (stars).
    items : DataFrame indexed by item id
        With the column ``genres`` (tuples of str).

    Examples
    --------
    >>> rows = pd.DataFrame({"user": [1, 1, 2, 2], "item": [7, 8, 7, 8], "rating": [5.0, 1.0, 1.0, 5.0]})
    >>> genre_tastes(rows, pd.DataFrame({"genres": [("War",), ("Comedy",)]}, index=[7, 8])).round(2).to_dict("list")
    {'Comedy': [-0.33, 0.33], 'War': [0.33, -0.33]}
    """
    check_table("rows", rows, "user", "item", "rating")
    check_table("items", items, "genres")
    positions(rows["item"][:1], check_ids("items.index", items.index))  # refuses ids of two types
    residual = rows["rating"] - BiasRegressor().fit(rows, rows["rating"]).predict(rows)
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
    return model.taste_.groupby(pd.Series(_labels(model), index=model.users_, name="cluster")).mean()


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
    taste, labels = taste_by_cluster(model), _labels(model)
    counts, liked = np.bincount(labels), model.liked_tables_["taste"][0]
    titles = pd.DataFrame(model.items)["title"].reindex(model.items_).to_numpy()
    sentences = []
    for n, row, beyond in zip(counts, taste.to_numpy(), liked - (counts @ liked) / counts.sum(), strict=True):
        likes, dislikes = (_top(pd.Series(sign * row, taste.columns), n_words) for sign in (1, -1))
        favourites = ", ".join(f'"{title}"' for title in _top(pd.Series(beyond, titles), n_words))
        words = f"{n} people who like {' and '.join(likes) or 'nothing in particular'}"
        words += f", not {' or '.join(dislikes)}" if dislikes else ""
        sentences.append(words + (f"; above all {favourites}" if favourites else ""))
    return pd.Series(sentences, taste.index, name="words")


def _labels(model):
    """Cluster (n_users,) of each user."""
    return model.user_labels_["taste"][:, 0]


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
