"""Ratings: load what ships, read any official MovieLens release, fetch one, split them.

>>> from workshop.datasets import load_movielens, random_split
>>> ratings = load_movielens()
>>> train, test = random_split(ratings.frame, test_size=0.1, seed=0)
>>> len(train), len(test)
(90004, 10000)
"""

from workshop.datasets.movielens import RELEASES, fetch_movielens, load_movielens
from workshop.datasets.ratings import Ratings, random_split, session_split, temporal_split

__all__ = [
    "RELEASES",
    "Ratings",
    "fetch_movielens",
    "load_movielens",
    "random_split",
    "session_split",
    "temporal_split",
]
