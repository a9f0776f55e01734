"""Exercises of part 1: what is in the ratings."""

import numbers
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from workshop.datasets import Ratings, load_movielens, random_split, temporal_split
from workshop.exercises.exercise import Mistake, compare, exercise, nearest_title, only_one, read_numbers, show_value
from workshop.metrics import rmse
from workshop.models import BiasRegressor

GRID = [1, 2, 5, 10, 20]  # what the fourth exercise tries, for users and for movies


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


@exercise(
    "1.1",
    why="Liked and not liked are about equally common, so always saying 'liked' is right half of the time only.",
    hint="The mean of true and false is a share.",
    solution='liked_share = (frame["rating"] >= 4).mean()',
)
def judge_liked_share(liked_share: Any) -> None:
    """The share of ratings of four stars or more."""
    stars = movielens().frame["rating"]
    mistakes = {
        "is in percent; a share lies between 0 and 1": 100 * (stars >= 4).mean(),
        "is the number of such ratings; divide it by the number of all": (stars >= 4).sum(),
        "counts only what is above four stars; four stars is liked, too": (stars > 4).mean(),
        "counts only ratings of exactly four stars; more is liked, too": (stars == 4).mean(),
        "is the share of what was not liked": (stars < 4).mean(),
        "is the mean rating; ask of each rating whether it is four or more, and take the mean of that": stars.mean(),
    }
    compare(
        liked_share, (stars >= 4).mean(), mistakes.items(), within=0.002, what="the share of ratings from four stars up"
    )


@cache
def spread_of_movies() -> pd.DataFrame:
    """Standard deviation and number of the ratings of each movie, with its title."""
    spread = movielens().frame.groupby("item")["rating"].agg(["std", "count"])
    return spread.join(movielens().items["title"])


@exercise(
    "1.2",
    why="Without the minimum of 50 the winners would be movies with two ratings, one at each end of the scale.",
    hint='`groupby("item")["rating"].agg(["std", "count"])`, then `idxmax` among rows with a large count.',
    solution="""\
spread = frame.groupby("item")["rating"].agg(["std", "count"])
most_divisive = ratings.items.loc[spread[spread["count"] >= 50]["std"].idxmax(), "title"]""",
)
def judge_most_divisive(most_divisive: Any) -> None:
    """The title of the movie with at least 50 ratings whose ratings differ most."""
    title, titles = only_one(most_divisive, "one title"), movielens().items["title"]
    if isinstance(title, numbers.Integral) and title in titles.index:
        raise Mistake(f"{int(title)} is the number of {titles[int(title)]!r}; the question asks for a title")
    if not isinstance(title, str):
        raise Mistake(f"that is {show_value(title)}; the question asks for a title, as text")
    if not (titles == title).any():
        raise Mistake(f"there is no movie {show_value(title)} here{nearest_title(title, titles)}")
    spread = spread_of_movies()
    often = spread[spread["count"] >= 50]
    if title == often.loc[often["std"].idxmax(), "title"]:
        return
    here = spread[spread["title"] == title]
    if here["count"].max() < 50:
        n = int(here["count"].max())
        raise Mistake(f"{title!r} has only {n} rating{'s' * (n != 1)}; keep movies with 50 or more, then compare")
    if title == often.loc[often["std"].idxmin(), "title"]:
        raise Mistake(f"people agree on {title!r} more than on any other: you took the smallest deviation")
    if title == often.loc[often["count"].idxmax(), "title"]:
        raise Mistake(f"{title!r} is the most rated movie; the question is on which one ratings differ most")
    wider = (often["std"] > here["std"].max()).sum()
    raise Mistake(f"{wider} movies with 50 ratings or more have a larger standard deviation than {title!r}")


@cache
def errors_of_rounding() -> tuple[float, dict[str, float]]:
    """Return the RMSE on the test rows of predictions rounded to half stars, and what mistakes lead to."""
    train, test = random_rows()
    model = BiasRegressor().fit(train[["user", "item"]], train["rating"])
    guess, on_train = (model.predict(rows[["user", "item"]]) for rows in (test, train))
    right = rmse(test["rating"], np.round(2 * guess) / 2)
    seen = "is the error on the training rows, which the model has seen: measure on the test rows"
    return right, {
        "is the error without rounding; round the predictions first": rmse(test["rating"], guess),
        seen: rmse(train["rating"], np.round(2 * on_train) / 2),
        seen + ", and round": rmse(train["rating"], on_train),
        "comes from rounding to whole stars; the scale has half stars": rmse(test["rating"], np.round(guess)),
        "comes from rounding down; take the nearest half star": rmse(test["rating"], np.floor(2 * guess) / 2),
        "compares stars with half stars: divide by two again after rounding": rmse(test["rating"], np.round(2 * guess)),
        "comes from rounding to even stars: double first, round, then halve": rmse(
            test["rating"], np.round(guess / 2) * 2
        ),
        "is the mean of the squared errors; take the square root, as rmse does": right**2,
    }


@exercise(
    "1.3",
    why="The error rises: a prediction of 3.7 says 'between 3.5 and 4', and rounding throws that away.",
    hint="Twice the prediction, rounded, divided by two.",
    solution="""\
rounded = np.round(2 * biases.predict(test[["user", "item"]])) / 2
rounded_error = rmse(test["rating"], rounded)""",
)
def judge_rounded_error(rounded_error: Any) -> None:
    """Judge the RMSE on the test rows of predictions rounded to half stars."""
    right, mistakes = errors_of_rounding()
    what = "the RMSE of the rounded predictions on the test rows"
    compare(rounded_error, right, mistakes.items(), within=0.0005, what=what)


def bias_error(learn: pd.DataFrame, judge: pd.DataFrame, pair: tuple[float, float]) -> float:
    """RMSE on `judge` of the baseline fitted on `learn` with this pair of shrinkages."""
    model = BiasRegressor(user_shrinkage=pair[0], item_shrinkage=pair[1])
    return rmse(judge["rating"], model.fit(learn[["user", "item"]], learn["rating"]).predict(judge[["user", "item"]]))


@cache
def grid_errors(rows: str) -> dict[tuple[float, float], float]:
    """RMSE of each pair of the grid, on ``"validation"``, ``"training"`` or ``"test"`` rows of the split by time."""
    old, new = by_time()
    fit_on, choose_on = temporal_split(old)
    learn, judge = {"validation": (fit_on, choose_on), "training": (fit_on, fit_on), "test": (old, new)}[rows]
    return {(user, item): bias_error(learn, judge, (user, item)) for user in GRID for item in GRID}


@exercise(
    "1.4",
    why="You have just run a grid search; part 4 is about doing that well.",
    hint="`temporal_split(old)` splits the training ratings once more. Two loops over `[1, 2, 5, 10, 20]` will do.",
    solution="""\
fit_on, choose_on = temporal_split(old)
scores = {}
for user_shrinkage in [1, 2, 5, 10, 20]:
    for item_shrinkage in [1, 2, 5, 10, 20]:
        model = BiasRegressor(user_shrinkage=user_shrinkage, item_shrinkage=item_shrinkage)
        model.fit(fit_on[["user", "item"]], fit_on["rating"])
        predicted = model.predict(choose_on[["user", "item"]])
        scores[user_shrinkage, item_shrinkage] = rmse(choose_on["rating"], predicted)
best_shrinkage = min(scores, key=scores.get)""",
)
def judge_best_shrinkage(best_shrinkage: Any) -> None:
    """Shrinkage of users and of movies, chosen on validation rows cut from the training rows by time."""
    if isinstance(best_shrinkage, dict):
        raise Mistake("that is the table of scores; the question asks for the pair with the smallest one")
    user, item = read_numbers(best_shrinkage, 2, "two numbers: the shrinkage of users, that of movies")
    pair = user, item
    if min(pair) < 0:
        raise Mistake(f"{min(pair):g} is negative; shrinkage counts ratings, so it is 0 or more")
    old, _ = by_time()
    scores = grid_errors("validation")
    if bias_error(*temporal_split(old), pair) <= min(scores.values()) + 0.0002:
        return
    if min(grid_errors("training"), key=grid_errors("training").__getitem__) == pair:
        raise Mistake(f"({user:g}, {item:g}) is best on the rows it learned from, which always ask for less shrinkage")
    if max(scores, key=scores.__getitem__) == pair:
        raise Mistake(f"({user:g}, {item:g}) has the largest error of the grid: take the minimum")
    if min(grid_errors("test"), key=grid_errors("test").__getitem__) == pair:
        raise Mistake(
            f"({user:g}, {item:g}) is best on the test rows: cut validation rows from old and choose on those"
        )
    if bias_error(*temporal_split(old), (item, user)) <= min(scores.values()) + 0.0002:
        raise Mistake("the two are exchanged: the shrinkage of users comes first, that of movies second")
    found, best = bias_error(*temporal_split(old), pair), min(scores.values())
    raise Mistake(
        f"({user:g}, {item:g}) misses the validation rows by {found:.4f} stars; the grid has a pair at {best:.4f}"
    )
