"""Evidence for part 1: baselines, shrinkage, and three ways to split."""

from functools import cache

import numpy as np
import pandas as pd

from benchmarks.evidence.claims import Claim, Users, above, below, unproven, within
from benchmarks.evidence.judged import biases, error, ratings, split
from workshop.models import BiasRegressor

PART = "01_data_exploration"


@cache
def means() -> dict[str, np.ndarray]:
    """Return what each baseline of section 7 predicts for the rows of the random split."""
    train, test = split("random")
    mean = train["rating"].mean()
    by = {side: train.groupby(side)["rating"].agg(["mean", "count"]) for side in ("item", "user")}
    shrunk = {
        side: (by[side]["mean"] - mean) * by[side]["count"] / (by[side]["count"] + n) for side, n in SHRINK.items()
    }
    return {
        "global": np.full(len(test), mean),
        "raw": test["item"].map(by["item"]["mean"]).fillna(mean).to_numpy(),
        "movie": mean + test["item"].map(shrunk["item"]).fillna(0).to_numpy(),
        "user": mean + test["user"].map(shrunk["user"]).fillna(0).to_numpy(),
        "both": biases("random"),
    }


SHRINK = {"item": 3, "user": 5}


def difference(one: str, other: str) -> Users:
    """Return the RMSE of one baseline minus that of another, on the random split."""
    return Users(lambda: error("random", means()[one]) - error("random", means()[other]))


@cache
def mood_gain(name: str) -> np.ndarray:
    """Return by how much the mood of the day lowers the RMSE on a split; the same users are drawn for every split."""
    learn, judge = split(name)
    missed = learn["rating"] - BiasRegressor().fit(learn[["user", "item"]], learn["rating"]).predict(
        learn[["user", "item"]]
    )
    per_day = missed.groupby([learn["user"], learn["timestamp"].dt.date]).agg(["sum", "count"])
    days = pd.MultiIndex.from_arrays([judge["user"], judge["timestamp"].dt.date])
    mood = (per_day["sum"] / (per_day["count"] + 5)).reindex(days).fillna(0).to_numpy()
    everybody = ratings().users.index.to_numpy()
    return error(name, biases(name), everybody) - error(name, biases(name) + mood, everybody)


def harder() -> np.ndarray:
    """Return the RMSE of the biases by time minus that on the random split."""
    everybody = ratings().users.index.to_numpy()
    return error("by time", biases("by time"), everybody) - error("random", biases("random"), everybody)


def rounding() -> np.ndarray:
    """Return by how much the error rises when predictions are rounded to half stars."""
    return error("random", np.round(2 * means()["both"]) / 2) - error("random", means()["both"])


SAID = (
    "The raw movie mean brings 1.060 down to 1.001 stars, shrinking to 0.980; the user's mean reaches 0.967, "
    "and both together 0.889."
)

CLAIMS = [
    Claim("1.raw", PART, SAID, "RMSE, raw movie mean minus global mean", difference("raw", "global"), below(0), True),
    Claim("1.shrink", PART, SAID, "RMSE, shrunk movie mean minus raw", difference("movie", "raw"), below(0), True),
    Claim("1.user", PART, SAID, "RMSE, user's mean minus global mean", difference("user", "global"), below(0), True),
    Claim("1.both", PART, SAID, "RMSE, both biases minus user's mean", difference("both", "user"), below(0), True),
    Claim(
        "1.mood-random",
        PART,
        "On the random split the mood seems worth 0.015 stars.",
        "gain of the mood, stars",
        Users(lambda: mood_gain("random")),
        above(0),
        True,
    ),
    Claim(
        "1.rounding",
        PART,
        "The error rises: a prediction of 3.7 says 'between 3.5 and 4', and rounding throws that away.",
        "RMSE, rounded minus as predicted",
        Users(rounding),
        above(0),
        True,
    ),
    Claim(
        "1.mood-time",
        PART,
        "By time it is worth 0.007, with other users perhaps nothing.",
        "gain of the mood by time, stars",
        Users(lambda: mood_gain("by time")),
        unproven(),
        True,
    ),
    Claim(
        "1.mood-session",
        PART,
        "By session it is worth exactly nothing",
        "gain of the mood by session, stars",
        Users(lambda: mood_gain("by session")),
        within(0, 0),
        True,
    ),
    Claim(
        "1.remember",
        PART,
        "a gain of 0.015 stars by random split was none by session",
        "gain on the random split minus gain by session, stars",
        Users(lambda: mood_gain("random") - mood_gain("by session")),
        above(0),
        True,
    ),
    Claim(
        "1.other-rows",
        PART,
        "compare models on one split, not splits by one model",
        "RMSE of the biases, by time minus random",
        Users(harder),
        unproven(),
        True,
    ),
]
