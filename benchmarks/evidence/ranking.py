"""Evidence for lists and for people who sign up: sections 8 and 9 of part 2, section 10 of part 3."""

from functools import cache

import numpy as np
import pandas as pd

from benchmarks.evidence.claims import Claim, Exact, Users, above, below, mean_of_users, unproven, within
from benchmarks.evidence.judged import gap, quality_by_user, ratings, split
from benchmarks.evidence.part2 import PART as CLUSTERS
from benchmarks.evidence.part2 import recommender
from benchmarks.evidence.part3 import PART as MACHINES
from benchmarks.evidence.part3 import fitted
from workshop.evaluation import evaluate_ranking, recommend_by_prediction
from workshop.metrics import rmse
from workshop.models import EASE, KMeansRecommender, Popularity


@cache
def lists(kind: str, everybody: bool = True, name: str = "by time") -> pd.DataFrame:
    """Return precision and NDCG by user of one kind of lists, for everybody or for the users of part 3 (a fifth)."""
    old, new = split(name)
    judge = new if everybody else new[new["user"] % 5 == 0]
    if kind in ("machine", "repaired"):
        offered = old["item"].unique() if kind == "machine" else old["item"].value_counts().index[:500]
        return quality_by_user(recommend_by_prediction(fitted(name, "twenty"), old, offered), old, judge)
    if kind == "k-means":
        return quality_by_user(recommender(name).recommend, old, judge)
    model = {"EASE": EASE, "popularity": Popularity}[kind]().fit(old, old["rating"])
    return quality_by_user(model.recommend, old, judge)


def better(one: str, other: str, everybody: bool = True, name: str = "by time", measure: str = "precision") -> Users:
    """Return the precision (or NDCG) of one kind of lists minus that of another."""
    return Users(lambda: gap(lists(one, everybody, name), lists(other, everybody, name), measure))


def covered() -> float:
    """Return the coverage of k-means over that of popularity."""
    old, new = split("by time")
    models = recommender("by time"), Popularity().fit(old)
    ours, popular = (evaluate_ranking(model.recommend, old, new)["coverage"] for model in models)
    return ours / popular


@cache
def newcomers(first: bool) -> pd.DataFrame:
    """Return each new user's error (stars) once 0, 1, 2, 5 and 10 of their ratings are known.

    The 60 users of the notebook, or everybody: 60 at a time are hidden, and a model is trained without them.
    """
    frame = ratings().frame
    users = np.random.default_rng(0).permutation(frame["user"].unique())
    groups = np.split(users, range(60, len(users), 60))
    if first:
        groups = [np.random.default_rng(0).choice(frame["user"].unique(), 60, replace=False)]
    found = {}
    for hidden in groups:
        known = frame[~frame["user"].isin(hidden)]
        model = KMeansRecommender(ratings().items, n_clusterings=2).fit(known, known["rating"])
        for user, own in frame[frame["user"].isin(hidden)].sort_values("timestamp").groupby("user"):
            told, later = own.iloc[:10], own.iloc[10:]
            found[user] = {
                n: rmse(later["rating"], model.predict_new(told["item"][:n], told["rating"][:n], later["item"]))
                for n in (0, 1, 2, 5, 10)
            }
    return pd.DataFrame(found).T


def fall(start: int, end: int, *, first: bool = False) -> Users:
    """Return by how much the error of newcomers falls between two numbers of ratings known."""

    def of():
        table = newcomers(first)
        return mean_of_users((table[start] - table[end]).to_numpy(), table.index.to_numpy())

    return Users(of)


LISTS = (
    "Of a hundred suggestions, four were later rated four stars or more; with plain popularity, between two and three."
)
FINDS = "The machine finds fewer good suggestions than a list of popular movies that knows nothing of the user"

CLAIMS = [
    Claim(
        "2.lists",
        CLUSTERS,
        LISTS,
        "precision, k-means minus popularity",
        better("k-means", "popularity"),
        above(0),
    ),
    Claim(
        "2.ndcg",
        CLUSTERS,
        LISTS,
        "NDCG, k-means minus popularity",
        better("k-means", "popularity", measure="ndcg"),
        above(0),
    ),
    Claim(
        "2.coverage",
        CLUSTERS,
        "The lists cover three times as many movies as popularity does",
        "coverage, k-means over popularity",
        Exact(covered),
        within(2.8, 3.5),
    ),
    Claim(
        "2.sixty",
        CLUSTERS,
        "With only sixty users a single step may be chance, the first above all",
        "fall with the first rating, 60 users",
        fall(0, 1, first=True),
        unproven(),
    ),
    Claim(
        "2.ten",
        CLUSTERS,
        "the fall from five ratings to ten is clear",
        "fall from 5 ratings to 10, 60 users",
        fall(5, 10, first=True),
        above(0),
    ),
    Claim(
        "2.everybody",
        CLUSTERS,
        "So ask newcomers for a few ratings at once",
        "fall from 0 to 5 ratings, all users",
        fall(0, 5),
        above(0),
    ),
    Claim(
        "3.lists",
        MACHINES,
        FINDS,
        "precision, machine minus popularity, 125 users",
        better("machine", "popularity", everybody=False),
        below(0),
    ),
    Claim(
        "3.lists-all",
        MACHINES,
        FINDS,
        "precision, machine minus popularity, all users",
        better("machine", "popularity"),
        below(0),
    ),
    Claim(
        "3.lists-session",
        MACHINES,
        "the machine is last again",
        "precision by session, machine minus popularity, all users",
        better("machine", "popularity", name="by session"),
        below(0),
    ),
    Claim(
        "3.ease",
        MACHINES,
        "EASE finds the most",
        "precision, EASE minus popularity, 125 users",
        better("EASE", "popularity", everybody=False),
        above(0),
    ),
    Claim(
        "3.ease-all",
        MACHINES,
        "EASE finds the most",
        "precision, EASE minus popularity, all users",
        better("EASE", "popularity"),
        above(0),
    ),
    Claim(
        "3.ease-session",
        MACHINES,
        "but EASE's lead over popularity may be chance",
        "precision by session, EASE minus popularity, all users",
        better("EASE", "popularity", name="by session"),
        unproven(),
    ),
    Claim(
        "3.repaired",
        MACHINES,
        "Better than the whole catalogue",
        "precision, 500 movies minus all, 125 users",
        better("repaired", "machine", everybody=False),
        above(0),
    ),
    Claim(
        "3.repaired-all",
        MACHINES,
        "Better than the whole catalogue",
        "precision, 500 movies minus all, all users",
        better("repaired", "machine"),
        above(0),
    ),
    Claim(
        "3.behind",
        MACHINES,
        "and no better than popularity",
        "precision, 500 movies minus popularity, 125 users",
        better("repaired", "popularity", everybody=False),
        below(0.005),
    ),
    Claim(
        "3.behind-all",
        MACHINES,
        "and no better than popularity",
        "precision, 500 movies minus popularity, all users",
        better("repaired", "popularity"),
        below(0.005),
    ),
]
