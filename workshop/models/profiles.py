"""What users like, and what the user clusters of a `KMeansRecommender` are like: tables for pictures, and words."""

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from workshop.datasets.columns import check_table
from workshop.models.baseline import BiasRegressor
from workshop.models.kmeans import KMeansRecommender

__all__ = ["describe_user_clusters", "genre_tastes", "taste_by_cluster"]


def genre_tastes(rows: pd.DataFrame, items: pd.DataFrame, shrinkage: float = 5.0) -> pd.DataFrame:
    """Mean residual of each user (row) in each genre (column), in stars, shrunk towards 0.

    A residual is a rating minus what `BiasRegressor`, fitted on the same rows, predicts for it. A movie of several
    genres counts in each. What `KMeansRecommender` calls its view ``taste``, one step at a time.

    Parameters
    ----------
    rows : DataFrame
        Columns ``user``, ``item`` and ``rating`` (stars).
    items : DataFrame indexed by item id
        With the column ``genres`` (tuples of str).
    shrinkage : float
        Weight of the zero that each mean starts from, as a number of ratings.

    Examples
    --------
    >>> rows = pd.DataFrame({"user": [1, 1, 2, 2], "item": [7, 8, 7, 8], "rating": [5.0, 1.0, 1.0, 5.0]})
    >>> table = genre_tastes(rows, pd.DataFrame({"genres": [("War",), ("Comedy",)]}, index=[7, 8]), shrinkage=1)
    >>> table["War"].to_dict(), table["Comedy"].to_dict()
    ({1: 1.0, 2: -1.0}, {1: -1.0, 2: 1.0})
    """
    check_table("rows", rows, "user", "item", "rating")
    check_table("items", items, "genres")
    residual = rows["rating"] - BiasRegressor().fit(rows, rows["rating"]).predict(rows)
    by_genre = rows.assign(residual=residual).join(items["genres"].explode(), on="item").groupby(["user", "genres"])
    table = by_genre["residual"].agg(["sum", "count"])
    return (table["sum"] / (table["count"] + shrinkage)).unstack(fill_value=0.0)


def taste_by_cluster(model: KMeansRecommender, view: str = "taste") -> pd.DataFrame:
    """Mean liking of each genre (columns) in each user cluster (rows): stars above what the biases expect.

    Parameters
    ----------
    model : KMeansRecommender
        Fitted, with `items`.
    view : str
        A key of ``model.user_labels_``; its first clustering is taken.

    Raises
    ------
    ValueError
        If the model was fitted without `items`, or has no such view.

    Examples
    --------
    >>> taste_by_cluster(_example())["War"].round(2).tolist()
    [0.28, -0.45]
    """
    check_is_fitted(model)
    if model.genres_ is None:
        raise ValueError("the model was fitted without items; give KMeansRecommender(items=ratings.items)")
    if view not in model.user_labels_:
        raise ValueError(f"view is {view!r}; this model has {', '.join(model.user_labels_)}")
    clusters = pd.Series(model.user_labels_[view][:, 0], index=model.users_, name="cluster")
    return model.taste_.groupby(clusters).mean()


def describe_user_clusters(model: KMeansRecommender, view: str = "taste", n_words: int = 3) -> pd.DataFrame:
    """One row a user cluster: users, mean_rating, likes, dislikes, favourites, (demographics,) and a sentence in words.

    Parameters
    ----------
    model : KMeansRecommender
        Fitted, with `items`.
    view : str
        A key of ``model.user_labels_``; its first clustering is taken.
    n_words : int
        Genres and titles a cell, at most.

    Returns
    -------
    DataFrame indexed by cluster
        ``likes`` and ``dislikes``: genres rated above and below expectation, the most extreme first (tuples of str);
        ``favourites``: titles whose share of people who liked them exceeds that of all users the most (tuple of str);
        with demographics also ``age`` (mean, years), ``gender`` and ``occupation`` (the most frequent).

    Examples
    --------
    >>> print(describe_user_clusters(_example(), n_words=1)["words"][0])
    2 people who like War, not Comedy; above all "Platoon"
    """
    taste = taste_by_cluster(model, view)
    labels = model.user_labels_[view][:, 0]
    counts = np.bincount(labels)
    liked = model.liked_tables_[view][0]
    beyond = liked - (counts @ liked) / counts.sum()
    table = pd.DataFrame(
        {
            "users": counts,
            "mean_rating": pd.Series(model.mean_ + model.user_bias_).groupby(labels).mean(),
            "likes": [_top(row, n_words) for _, row in taste.iterrows()],
            "dislikes": [_top(-row, n_words) for _, row in taste.iterrows()],
            "favourites": [_titles(model, row, n_words) for row in beyond],
        },
        index=taste.index,
    )
    if model.users is not None and len(model.users.columns):
        people = model.users.reindex(model.users_).groupby(labels)
        for column in model.users.columns:
            numeric = pd.api.types.is_numeric_dtype(model.users[column])
            table[column] = people[column].agg("mean" if numeric else lambda values: values.mode().iloc[0])
    table["words"] = [_sentence(row) for row in table.itertuples()]
    return table


def _top(row, n):
    """Names of the at most n largest positive entries, largest first."""
    return tuple(row[row > 0].sort_values(ascending=False, kind="stable").index[:n])


def _titles(model, scores, n):
    return tuple(
        model.items["title"].reindex(model.items_).set_axis(range(len(scores)))[list(_top(pd.Series(scores), n))]
    )


def _quoted(titles):
    return ", ".join(f'"{title}"' for title in titles)


def _sentence(row):
    words = f"{row.users} people who like {' and '.join(row.likes) or 'nothing in particular'}"
    words += f", not {' or '.join(row.dislikes)}" if row.dislikes else ""
    return words + (f"; above all {_quoted(row.favourites)}" if row.favourites else "")


def _example():
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
