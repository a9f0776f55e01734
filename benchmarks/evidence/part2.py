"""Evidence for part 2: clusters that predict, lists, and people who sign up."""

from functools import cache
from itertools import product

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans

from benchmarks.evidence.claims import (
    Claim,
    Exact,
    Seeds,
    Users,
    above,
    below,
    estimate,
    within,
)
from benchmarks.evidence.judged import biases, error, ratings, split
from workshop.metrics import rmse
from workshop.models import BiasRegressor, KMeansRecommender
from workshop.models.profiles import genre_tastes

PART = "02_kmeans_collaborative_filtering"
KS, SHRINKAGES = [2, 4, 8, 16, 32], [2, 5, 10, 20, 50]


@cache
def tastes(seed: int) -> pd.DataFrame:
    """Return the taste of each user, from the rows that validation split `seed` learns from."""
    return genre_tastes(split("validation", seed)[0], ratings().items)


def textbook() -> np.ndarray:
    """Return the RMSE of eight clusters' means minus that of the biases, on the validation rows."""
    learn, valid = split("validation")
    cluster = pd.Series(KMeans(8, n_init=4, random_state=0).fit_predict(tastes(0)), tastes(0).index)
    means = learn.groupby([learn["user"].map(cluster), "item"])["rating"].mean()
    keys = pd.MultiIndex.from_arrays([valid["user"].map(cluster), valid["item"]])
    own = valid["user"].map(learn.groupby("user")["rating"].mean())
    told = means.reindex(keys).fillna(pd.Series(own.to_numpy(), keys)).to_numpy()
    return error("validation", told) - error("validation", biases("validation"))


@cache
def grids(seed: int) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray, float]:
    """Return errors on a validation split: of one cut and of 16, by k and shrinkage; of 1, 2, ... cuts; of none.

    The 16 cuts start from seeds of their own; with another `seed` they start elsewhere, and other rows are judged.
    """
    learn, valid = split("validation", seed)
    expected = biases("validation", seed)
    residual = (learn["rating"] - BiasRegressor().fit(learn, learn["rating"]).predict(learn)).to_numpy()
    items, found = pd.factorize(pd.concat([learn["item"], valid["item"]]))
    of_learn, of_valid, n_items = items[: len(learn)], items[len(learn) :], len(found)
    one, averaged = (pd.DataFrame(index=KS, columns=SHRINKAGES, dtype=float) for _ in range(2))
    by_number = np.array([])
    for k in KS:
        sums = np.zeros((len(SHRINKAGES), 16, len(valid)))
        for start in range(16):
            cut = pd.Series(
                KMeans(k, n_init=1, random_state=100 * seed + start).fit_predict(tastes(seed)), tastes(seed).index
            )
            places = (learn["user"].map(cut) * n_items + of_learn).to_numpy()
            total, count = (np.bincount(places, w, k * n_items) for w in (residual, np.ones(len(learn))))
            wanted = (valid["user"].map(cut) * n_items + of_valid).to_numpy()
            for row, shrinkage in enumerate(SHRINKAGES):
                sums[row, start] = total[wanted] / (count[wanted] + shrinkage)
        for row, shrinkage in enumerate(SHRINKAGES):
            one.loc[k, shrinkage] = rmse(valid["rating"], expected + sums[row, 0])
            averaged.loc[k, shrinkage] = rmse(valid["rating"], expected + sums[row].mean(axis=0))
        if k == 8:
            means = np.cumsum(sums[SHRINKAGES.index(10)], axis=0) / np.arange(1, 17)[:, None]
            by_number = np.array([rmse(valid["rating"], expected + mean) for mean in means])
    return one, averaged, by_number, rmse(valid["rating"], expected)


def best(table: pd.DataFrame) -> tuple[int, int]:
    """Return the k and the shrinkage with the smallest error."""
    return min(product(KS, SHRINKAGES), key=lambda place: table.loc[place])


@cache
def recommender(name: str) -> KMeansRecommender:
    """Return the whole recommender, fitted on the training rows of a split."""
    learn = split(name)[0]
    return KMeansRecommender(ratings().items).fit(learn, learn["rating"])


@cache
def corrected(name: str, people: int, movies: int) -> np.ndarray:
    """Return the RMSE on a split with the corrections of people, of movies, or of both."""
    model, judge = recommender(name), split(name)[1]
    weights = model.user_weight, model.item_weight
    model.set_params(user_weight=weights[0] * people, item_weight=weights[1] * movies)
    found = error(name, model.predict(judge))
    model.set_params(user_weight=weights[0], item_weight=weights[1])
    return found


def plain(name: str) -> np.ndarray:
    """Return the RMSE of the biases on a split."""
    return error(name, biases(name))


def by_count(column: str) -> float:
    """Return the share of a column's variance that lies between three clusters of unscaled columns."""
    plain = split("validation")[0].groupby("user")["rating"].agg(["count", "mean"])
    cut = KMeans(3, n_init=4, random_state=0).fit_predict(plain)
    return float(plain.groupby(cut)[column].transform("mean").var() / plain[column].var())


PEOPLE = "People alone take the biases from 0.889 to 0.88 stars, movies alone to 0.86, both together to 0.85."
ORDER = "Split by time, the order is the same."

CLAIMS = [
    Claim(
        "2.textbook",
        PART,
        "Clearly *worse* than no clusters at all",
        "RMSE, cluster means minus biases",
        Users(textbook),
        above(0),
        True,
    ),
    Claim(
        "2.single",
        PART,
        "With little shrinkage (5) every k is *worse* than that",
        "RMSE with shrinkage 5, smallest over k, minus biases",
        Seeds(lambda s: grids(s)[0][5].min() - grids(s)[3]),
        above(0),
    ),
    Claim(
        "2.people",
        PART,
        PEOPLE,
        "RMSE, people minus biases, random split",
        Users(lambda: corrected("random", 1, 0) - plain("random")),
        below(0),
    ),
    Claim(
        "2.movies",
        PART,
        PEOPLE,
        "RMSE, movies minus people, random split",
        Users(lambda: corrected("random", 0, 1) - corrected("random", 1, 0)),
        below(0),
    ),
    Claim(
        "2.both",
        PART,
        PEOPLE,
        "RMSE, both minus movies, random split",
        Users(lambda: corrected("random", 1, 1) - corrected("random", 0, 1)),
        below(0),
    ),
    Claim(
        "2.time-people",
        PART,
        ORDER,
        "RMSE, people minus biases, by time",
        Users(lambda: corrected("by time", 1, 0) - plain("by time")),
        below(0),
    ),
    Claim(
        "2.time-movies",
        PART,
        ORDER,
        "RMSE, movies minus people, by time",
        Users(lambda: corrected("by time", 0, 1) - corrected("by time", 1, 0)),
        below(0),
    ),
    Claim(
        "2.time-both",
        PART,
        ORDER,
        "RMSE, both minus movies, by time",
        Users(lambda: corrected("by time", 1, 1) - corrected("by time", 0, 1)),
        below(0),
    ),
    Claim(
        "2.session",
        PART,
        ORDER,
        "RMSE, both minus biases, by session",
        Users(lambda: corrected("by session", 1, 1) - plain("by session")),
        below(0),
    ),
    Claim(
        "2.textbook-two",
        PART,
        "A cluster *mean* loses to the biases",
        "RMSE, cluster means minus biases",
        Users(textbook),
        above(0),
        True,
    ),
    Claim(
        "2.remember",
        PART,
        "a shrunk cluster *correction*, averaged over many clusterings, beats them",
        "RMSE, best average minus biases",
        Seeds(lambda s: grids(s)[1].min(axis=None) - grids(s)[3]),
        below(0),
    ),
    Claim(
        "2.unit",
        PART,
        "borders are vertical",
        "share of variance between clusters: of the mean rating",
        Exact(lambda: by_count("mean")),
        estimate(0, 0.05),
        True,
    ),
    Claim(
        "2.plain",
        PART,
        "What is plain is that too little shrinkage loses, whatever k.",
        "RMSE with shrinkage 5, smallest over k, minus biases",
        Seeds(lambda s: grids(s)[0][5].min() - grids(s)[3]),
        above(0),
    ),
    Claim(
        "2.which-k",
        PART,
        "With other rows another k wins",
        "share of repetitions in which another k than 8 wins, shrinkage 20",
        Seeds(lambda s: float(grids(s)[0][20].idxmin() != 8)),
        above(0.2),
    ),
    Claim(
        "2.average",
        PART,
        "Sixteen cuts are better than one",
        "RMSE, 16 cuts averaged minus one (k 8, shrinkage 10)",
        Seeds(lambda s: grids(s)[2][15] - grids(s)[2][0]),
        below(0),
    ),
    Claim(
        "2.border",
        PART,
        "Somebody near a border is placed badly by one cut, and better by the average of several.",
        "RMSE, four cuts averaged minus one",
        Seeds(lambda s: grids(s)[2][3] - grids(s)[2][0]),
        below(0),
    ),
    Claim(
        "2.second",
        PART,
        "about half of that comes with the second cut",
        "gain of the second cut minus half of the gain of 16",
        Seeds(lambda s: (grids(s)[2][0] - grids(s)[2][1]) - (grids(s)[2][0] - grids(s)[2][15]) / 2),
        within(-0.001, 0.001),
    ),
    Claim(
        "2.gains",
        PART,
        "The average also beats the best single cut of the grid.",
        "RMSE, best single cut of the grid minus 16 cuts (k 8, shrinkage 10)",
        Seeds(lambda s: grids(s)[0].min(axis=None) - grids(s)[2][15]),
        above(0),
    ),
    Claim(
        "2.pair",
        PART,
        "With other rows another pair may win by a hair",
        "share of repetitions in which another pair than 16 and 5 wins",
        Seeds(lambda s: float(best(grids(s)[1]) != (16, 5))),
        above(0.2),
    ),
    Claim(
        "2.hair",
        PART,
        "With other rows another pair may win by a hair",
        "RMSE of 16 clusters and shrinkage 5 minus the best of the grid",
        Seeds(lambda s: grids(s)[1].loc[16, 5] - grids(s)[1].min(axis=None)),
        within(0, 0.001),
    ),
]
