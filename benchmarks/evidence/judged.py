"""The ratings and the rows that judge: loaded once, and shared by the rows of evidence."""

from functools import cache

import numpy as np
import pandas as pd

from benchmarks.evidence.claims import mean_of_users, rmse_of_users
from workshop.datasets import Ratings, load_movielens, random_split, session_split, temporal_split
from workshop.metrics import ndcg_at, precision_at
from workshop.models import BiasRegressor

PAIR = ["user", "item"]


@cache
def ratings() -> Ratings:
    """Return the ratings that ship."""
    return load_movielens()


@cache
def split(name: str, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return training and judged rows: of the random split, by time, by session, or of validation."""
    frame = ratings().frame
    if name == "validation":  # as parts 2 and 3 choose: a random part of the training rows
        return random_split(random_split(frame)[0], seed=1 + seed)
    return random_split(frame, seed=seed) if name == "random" else SPLITS[name](frame)


SPLITS = {"by time": temporal_split, "by session": session_split}


@cache
def biases(name: str, seed: int = 0) -> np.ndarray:
    """Return what the biases predict for the judged rows of a split."""
    learn, judge = split(name, seed)
    return BiasRegressor().fit(learn[PAIR], learn["rating"]).predict(judge[PAIR])


def error(name: str, predicted: np.ndarray, among: np.ndarray | None = None) -> np.ndarray:
    """Return the RMSE (stars) on the judged rows of a split: as they are, then with users drawn anew."""
    judge = split(name)[1]
    return rmse_of_users(judge["rating"].to_numpy(), predicted, judge["user"].to_numpy(), among)


def quality_by_user(recommend, train: pd.DataFrame, judge: pd.DataFrame, n: int = 10) -> pd.DataFrame:
    """Return precision and NDCG of the first `n` for every user who liked one of the judged movies."""
    liked = judge[judge["rating"] >= 4].groupby("user")["item"].agg(list)
    lists = {user: np.asarray(recommend(user, n)) for user in liked.index}
    return pd.DataFrame(
        {
            "precision": [precision_at(lists[user], items, n) for user, items in liked.items()],
            "ndcg": [ndcg_at(lists[user], items, n) for user, items in liked.items()],
        },
        index=liked.index,
    )


def gap(one: pd.DataFrame, other: pd.DataFrame, measure: str) -> np.ndarray:
    """Return by how much the lists of one are better than another's: for the users, then with users drawn anew."""
    return mean_of_users((one[measure] - other[measure]).to_numpy(), one.index.to_numpy())
