"""The tables that the checks compute with: the same as in the notebooks, loaded once and never changed."""

from functools import cache

import pandas as pd

from workshop.datasets import Ratings, load_movielens, random_split, temporal_split
from workshop.models import BiasRegressor

__all__ = ["by_time", "fitted_biases", "movielens", "random_rows", "validation_rows"]


@cache
def movielens() -> Ratings:
    """The ratings that ship with the workshop."""
    return load_movielens()


@cache
def random_rows() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Training and test rows of the random split, ``train`` and ``test`` in the notebooks."""
    return random_split(movielens().frame)


@cache
def validation_rows() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The training rows cut once more at random, ``learn`` and ``valid`` in parts 2 and 3."""
    return random_split(random_rows()[0], seed=1)


@cache
def by_time() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Each user's older and newest ratings, ``old`` and ``new`` in the notebooks."""
    return temporal_split(movielens().frame)


@cache
def fitted_biases() -> BiasRegressor:
    """The baseline of part 1, fitted on the training rows of the random split."""
    train, _ = random_rows()
    return BiasRegressor().fit(train[["user", "item"]], train["rating"])
