"""Exercises of part 1: what is in the ratings."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from workshop.datasets import Ratings, load_movielens, random_split, temporal_split
from workshop.exercises.answers import Mistake, choose_pair, compare, find_title, read_one, read_share
from workshop.exercises.exercise import exercise


@cache
def movielens() -> Ratings:
    """Return the ratings that ship with the workshop."""
    return load_movielens()


@cache
def random_rows() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return training and test rows of the random split, ``train`` and ``test`` in the notebooks."""
    return random_split(movielens().frame)


@cache
def by_time() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return each user's older and newest ratings, ``old`` and ``new`` in the notebooks."""
    return temporal_split(movielens().frame)


@cache
def movies() -> pd.DataFrame:
    """Return title, standard deviation and number of ratings of each movie, the most rated first."""
    spread = movielens().frame.groupby("item")["rating"].agg(["std", "count"])
    return spread.join(movielens().items["title"]).sort_values("count", ascending=False, kind="stable")


@exercise("1.2")
def judge_most_divisive(most_divisive: Any) -> None:
    """The title of the movie with at least 50 ratings whose ratings differ most."""
    named, spread = read_one(most_divisive, "one title"), movies()
    if isinstance(named, int | np.integer) and named in spread.index:
        raise Mistake(f"{named} is the number of {spread.loc[named, 'title']!r}; the question asks for a title")
    title = find_title(named, spread["title"])
    often = spread[spread["count"] >= 50].set_index("title")
    if title == often["std"].idxmax():
        return
    here = spread[spread["title"] == title]
    if (n := int(here["count"].max())) < 50:
        raise Mistake(f"{title!r} has only {n} rating{'s' * (n != 1)}; keep movies with 50 or more, then compare")
    if title == often["std"].idxmin():
        raise Mistake(f"people agree on {title!r} more than on any other: you took the smallest deviation")
    if title == often["count"].idxmax():
        raise Mistake(f"{title!r} is the most rated movie; the question is on which one ratings differ most")
    wider = (often["std"] > here["std"].max()).sum()
    verb = "movie with 50 ratings or more has" if wider == 1 else "movies with 50 ratings or more have"
    raise Mistake(f"{wider} {verb} a larger standard deviation than {title!r}")


# What the solution of 1.4 finds: RMSE on validation rows; a row per user shrinkage, a column per item shrinkage.
SHRINKAGE_ERRORS = pd.DataFrame(
    [
        [0.9092, 0.9048, 0.9037, 0.9071, 0.9140],
        [0.9091, 0.9048, 0.9036, 0.9070, 0.9139],
        [0.9092, 0.9048, 0.9036, 0.9069, 0.9137],
        [0.9097, 0.9053, 0.9040, 0.9072, 0.9139],
        [0.9115, 0.9071, 0.9057, 0.9087, 0.9152],
    ],
    index=pd.Index([1, 2, 5, 10, 20], name="user_shrinkage"),
    columns=pd.Index([1, 2, 5, 10, 20], name="item_shrinkage"),
)


@exercise("1.4")
def judge_best_shrinkage(best_shrinkage: Any) -> str:
    """Shrinkage of users and of movies, chosen on validation rows cut from the training rows by time."""
    # Rows drawn at random ask for an item shrinkage of 2, and so do the test rows: who got it may well have done right.
    errors = SHRINKAGE_ERRORS.copy()
    errors.loc[:10, 2] = errors.loc[:10, 5]
    known = {(1, 1): "is best on the rows it learned from, which always ask for less shrinkage; keep some rows aside"}
    _, item = choose_pair(best_shrinkage, errors, known, within=0.0005)
    return "(So say rows drawn at random. Cut by time, the validation rows prefer 5 for movies.)" if item == 2 else ""
