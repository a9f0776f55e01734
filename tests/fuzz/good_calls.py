"""A good call of every public function and of every method that a learner calls: what the fuzzer starts from."""

import functools
import tempfile
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workshop import datasets as d
from workshop import exercises, metrics, shipped


@dataclass(frozen=True)
class Good:
    """A call that works.

    Parameters
    ----------
    name : str
        Of the public function or class that it tests.
    call : callable
        The function itself, or one that calls it.
    keep : tuple of str
        Arguments that stay as they are: functions of the caller's own, sizes that would only cost time.
    kinds : bool
        Whether values of another kind are tried as well, not only odd ones of the same kind.
    also : tuple of exceptions
        Documented ones beside ValueError and TypeError.
    fails : bool
        The call is good in form, but what it asks for may not be there.
    """

    name: str
    call: Callable
    arguments: Callable
    keep: tuple = ()
    kinds: bool = True
    also: tuple = ()
    fails: bool = False


CALLS = []


def good(function, *, name=None, call=None, keep=(), kinds=True, also=(), fails=False, **arguments):
    """Add a call; every argument is a value, or (in a lambda) made anew for each call."""

    def make():
        return {k: v() if isinstance(v, Fresh) else v for k, v in arguments.items()}

    CALLS.append(
        Good(
            name or f"{function.__module__}.{function.__qualname__}",
            call or function,
            make,
            keep,
            kinds,
            also,
            fails,
        )
    )


class Fresh:
    """A value made anew for every call."""

    def __init__(self, make):
        self.make = make

    def __call__(self):
        return self.make()


def frame(n=18):
    """Ratings of 3 users and 6 items."""
    return pd.DataFrame(
        {
            "user": np.repeat([1, 2, 3], 6)[:n],
            "item": np.tile([10, 20, 30, 40, 50, 60], 3)[:n],
            "rating": (np.arange(18) * 7 % 10 / 2 + 0.5)[:n],
            "timestamp": pd.to_datetime(1_000_000_000 + 86_400 * (np.arange(18) * 5 % 18)[:n], unit="s").astype(
                "datetime64[s]"
            ),
        }
    )


def items():
    return pd.DataFrame(
        {
            "title": [f"Movie {i}" for i in range(6)],
            "year": pd.array([1990, 1995, 2000, 2005, 2010, None], "Int64"),
            "genres": [("Drama",), ("Comedy",), ("Drama", "Crime"), ("Crime",), ("Comedy", "Crime"), ()],
        },
        index=pd.Index([10, 20, 30, 40, 50, 60], name="item"),
    )


def users():
    return pd.DataFrame(index=pd.Index([1, 2, 3], name="user"))


def pairs():
    return frame()[["user", "item"]].to_numpy()


def stars():
    return frame()["rating"].to_numpy()


FRAME, ITEMS, USERS = Fresh(frame), Fresh(items), Fresh(users)


@functools.cache
def ratings():
    return d.synthetic_ratings(400, n_users=20, n_items=40)


# Data.
good(
    d.Ratings,
    frame=FRAME,
    items=ITEMS,
    users=USERS,
    name_="tiny",
    name=None,
    call=lambda frame, items, users, name_: d.Ratings(frame, items, users, name_),
)
good(d.random_split, frame=FRAME, test_size=0.3, seed=0)
good(d.temporal_split, frame=FRAME, test_size=0.3)
good(d.session_split, frame=FRAME, pause_hours=1.0)
good(d.synthetic_ratings, n_ratings=60, n_users=10, n_items=20, rank=2, seed=0)
good(d.load_movielens, path=Fresh(shipped.shipped_folder), also=(OSError,))
good(
    d.fetch_movielens,
    release="ml-100k",
    folder=Fresh(tempfile.mkdtemp),
    url="file:///there/is/no/such.zip",
    progress=False,
    also=(OSError,),
    fails=True,
)
good(shipped.shipped_folder)
good(shipped.verify_shipped, folder=Fresh(shipped.shipped_folder), also=(OSError,), kinds=False)

# Metrics.
TRUE, GUESS = np.array([1.0, 2.0, 3.0]), np.array([1.5, 2.0, 2.5])
CLASS, CHANCE = np.array([0, 1, 1, 0]), np.array([0.1, 0.8, 0.6, 0.4])
good(metrics.rmse, y_true=TRUE, y_pred=GUESS)
good(metrics.mae, y_true=TRUE, y_pred=GUESS)
good(metrics.accuracy, y_true=CLASS, y_pred=CHANCE, threshold=0.5)
good(metrics.auc, y_true=CLASS, score=CHANCE)
good(metrics.log_loss, y_true=CLASS, probability=CHANCE)
for function in (metrics.precision_at, metrics.recall_at, metrics.ndcg_at):
    good(function, recommended=[10, 20, 30], relevant=[20, 40], n=2)
good(metrics.reciprocal_rank, recommended=[10, 20, 30], relevant=[20, 40])
good(metrics.coverage, recommended_lists=[[10, 20], [20, 30]], catalogue=[10, 20, 30, 40])
