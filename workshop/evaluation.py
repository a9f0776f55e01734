"""Measuring lists of recommendations on ratings that the model has not seen.

The test split is for the last line of a report. Whatever is *chosen* (a penalty, a number of clusters, a weight) is
chosen on validation rows: a further split of the training rows.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from workshop.datasets.ratings import check_table
from workshop.metrics import coverage, ndcg_at, precision_at, recall_at, reciprocal_rank
from workshop.models.base import check_ids, check_range, positions


def evaluate_ranking(
    recommend: Callable[[int | str, int], np.ndarray],
    train: pd.DataFrame,
    test: pd.DataFrame,
    *,
    n: int = 10,
    liked: float = 4.0,
    catalogue: ArrayLike | None = None,
) -> dict[str, float]:
    """Return the mean quality of top-`n` lists, a dict: users, precision, recall, ndcg, reciprocal_rank, coverage.

    The mean is over users who liked at least one of their test items. Only items that the user has not rated in
    training may be recommended, and what the user liked in the test rows is relevant; a good movie that the user
    never came across counts as a miss, for every model alike.

    Parameters
    ----------
    recommend : callable (user, n) -> array of at most n item ids
        For example ``model.recommend`` of a model fitted on `train`.
    train, test : DataFrame
        Columns ``user``, ``item`` and ``rating`` (stars), as of `workshop.datasets.temporal_split`.
    liked : float
        A test rating from here upwards (stars) makes an item relevant.
    catalogue : array_like of shape (n_items,), optional
        All item ids, for the coverage; otherwise those of `train` and `test`.

    Raises
    ------
    ValueError
        If no test rating reaches `liked`, a pair is in train and test, or an item already rated was recommended.

    Examples
    --------
    >>> train = pd.DataFrame({"user": [1, 1, 2], "item": [10, 20, 20], "rating": [4.0, 3.0, 5.0]})
    >>> test = pd.DataFrame({"user": [2], "item": [10], "rating": [4.5]})
    >>> from workshop.models import Popularity
    >>> evaluate_ranking(Popularity().fit(train).recommend, train, test, n=1)
    {'users': 1, 'precision': 1.0, 'recall': 1.0, 'ndcg': 1.0, 'reciprocal_rank': 1.0, 'coverage': 0.5}
    """
    if not callable(recommend):
        raise TypeError(f"recommend is {type(recommend).__name__}; give a function, such as model.recommend")
    check_table("train", train, "user", "item")
    check_table("test", test, "user", "item", "rating")
    check_range(1, whole=True, n=n)
    both = pd.MultiIndex.from_frame(test[["user", "item"]]).isin(pd.MultiIndex.from_frame(train[["user", "item"]]))
    if both.any():
        user, item = test[["user", "item"]][both].iloc[0]
        raise ValueError(f"test holds user {user} with item {item}, as train does; no pair may be in both")
    relevant = test[test["rating"] >= liked].groupby("user")["item"].agg(list)
    if relevant.empty:
        raise ValueError(f"no test rating reaches liked={liked}; lower it or give other test rows")
    seen = train.groupby("user")["item"].agg(set)
    lists = {user: np.asarray(recommend(user, n)) for user in relevant.index}
    for user, items in lists.items():
        rated = seen.get(user, set()).intersection(items.tolist())
        if rated:
            raise ValueError(f"user {user} was recommended item {min(rated)}, rated in train; leave rated items out")
    pairs = [(lists[user], items) for user, items in relevant.items()]
    return {
        "users": len(relevant),
        "precision": float(np.mean([precision_at(*pair, n) for pair in pairs])),
        "recall": float(np.mean([recall_at(*pair, n) for pair in pairs])),
        "ndcg": float(np.mean([ndcg_at(*pair, n) for pair in pairs])),
        "reciprocal_rank": float(np.mean([reciprocal_rank(*pair) for pair in pairs])),
        "coverage": coverage(lists.values(), pd.concat([train, test])["item"] if catalogue is None else catalogue),
    }


def recommend_by_prediction(
    predict: Callable[[pd.DataFrame], np.ndarray], train: pd.DataFrame, catalogue: ArrayLike
) -> Callable[[int | str, int], np.ndarray]:
    """Return a function (user, n) -> item ids that recommends what a rating model predicts the highest ratings for.

    That it recommends badly is worth seeing (Cremonesi, Koren and Turrin 2010): it asks how much somebody would like
    a movie after choosing it, not whether they would choose it.

    `predict` takes a table with the columns user and item. What a user has in `train` is left out; `catalogue`
    (n_items,) holds the ids of all items, repeated or not: of equal predictions, the first in this order wins.

    Examples
    --------
    >>> from workshop.models import BiasRegressor
    >>> train = pd.DataFrame({"user": [1, 1, 2], "item": [10, 20, 30], "rating": [4, 3, 5]})
    >>> model = BiasRegressor().fit(train, train["rating"])
    >>> recommend_by_prediction(model.predict, train, [10, 20, 30])(2, n=10)
    array([10, 20])
    """
    check_table("train", train, "user", "item")
    offered = pd.unique(check_ids("catalogue", catalogue))  # an item once, however often it was rated
    users, items = (check_ids(f"train[{name!r}]", train[name]) for name in ("user", "item"))
    positions(items[:1], offered[:1])  # refuses ids of another type
    seen = pd.Series(items).groupby(users).agg(list)

    def recommend(user, n):
        positions([user], users[:1])
        check_range(1, whole=True, n=n)
        unseen = offered[~np.isin(offered, seen.get(user, []))]
        if not len(unseen):
            return unseen
        return unseen[np.argsort(-predict(pd.DataFrame({"user": user, "item": unseen})), kind="stable")[: int(n)]]

    return recommend
