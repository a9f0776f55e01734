"""Exercises of part 1: what is in the ratings."""

from functools import cache

import numpy as np
import pandas as pd

from workshop.datasets import temporal_split
from workshop.exercises.data import by_time, fitted_biases, movielens, random_rows
from workshop.exercises.exercise import Exercise, Mistake
from workshop.exercises.reading import compare, numbers_of, read_title
from workshop.metrics import rmse
from workshop.models import BiasRegressor

__all__ = ["EXERCISES"]

GRID = [1, 2, 5, 10, 20]  # what the fourth exercise tries, for users and for movies


def judge_liked_share(liked_share):
    """The share of ratings of four stars or more."""
    stars = movielens().frame["rating"]
    mistakes = {
        "is in percent; a share lies between 0 and 1": lambda: 100 * (stars >= 4).mean(),
        "is the number of such ratings; divide it by the number of all": lambda: (stars >= 4).sum(),
        "counts only what is above four stars; four stars is liked, too": lambda: (stars > 4).mean(),
        "counts only ratings of exactly four stars; more is liked, too": lambda: (stars == 4).mean(),
        "is the share of what was not liked": lambda: (stars < 4).mean(),
        "is the mean rating; ask of each rating whether it is four or more, and take the mean of that": stars.mean,
    }
    compare(liked_share, (stars >= 4).mean(), mistakes, within=0.002, what="the share of ratings from four stars up")


@cache
def spread_of_movies() -> pd.DataFrame:
    """Standard deviation and number of the ratings of each movie, with its title."""
    spread = movielens().frame.groupby("item")["rating"].agg(["std", "count"])
    return spread.join(movielens().items["title"])


def judge_most_divisive(most_divisive):
    """The title of the movie with at least 50 ratings whose ratings differ most."""
    title = read_title(most_divisive, movielens().items["title"])
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
def errors_of_rounding() -> dict[str, float]:
    """RMSE of the baseline by what was done to its predictions, and to which rows."""
    (train, test), model = random_rows(), fitted_biases()
    predicted = model.predict(test[["user", "item"]])
    on_train = model.predict(train[["user", "item"]])
    return {
        "right": rmse(test["rating"], np.round(2 * predicted) / 2),
        "plain": rmse(test["rating"], predicted),
        "train": rmse(train["rating"], np.round(2 * on_train) / 2),
        "plain train": rmse(train["rating"], on_train),
        "whole": rmse(test["rating"], np.round(predicted)),
        "floor": rmse(test["rating"], np.floor(2 * predicted) / 2),
        "doubled": rmse(test["rating"], np.round(2 * predicted)),
        "halved": rmse(test["rating"], np.round(predicted / 2) * 2),
    }


def judge_rounded_error(rounded_error):
    """The RMSE on the test rows of predictions rounded to half stars."""
    errors = errors_of_rounding()
    on_train = "is the error on the training rows, which the model has seen: measure on the test rows"
    mistakes = {
        "is the error without rounding; round the predictions first": lambda: errors["plain"],
        on_train: lambda: errors["train"],
        on_train + ", and round": lambda: errors["plain train"],
        "comes from rounding to whole stars; the scale has half stars": lambda: errors["whole"],
        "comes from rounding down; take the nearest half star": lambda: errors["floor"],
        "compares stars with half stars: divide by two again after rounding": lambda: errors["doubled"],
        "comes from rounding to even stars: double first, round, then halve": lambda: errors["halved"],
        "is the mean of the squared errors; take the square root, as rmse does": lambda: errors["right"] ** 2,
    }
    what = "the RMSE of the rounded predictions on the test rows"
    compare(rounded_error, errors["right"], mistakes, within=0.0005, what=what)


def bias_error(learn, judge, pair) -> float:
    """RMSE on `judge` of the baseline fitted on `learn` with this pair of shrinkages."""
    model = BiasRegressor(user_shrinkage=pair[0], item_shrinkage=pair[1])
    return rmse(judge["rating"], model.fit(learn[["user", "item"]], learn["rating"]).predict(judge[["user", "item"]]))


@cache
def grid_errors(rows: str) -> dict[tuple[int, int], float]:
    """RMSE of each pair of the grid, on ``"validation"``, ``"training"`` or ``"test"`` rows of the split by time."""
    old, new = by_time()
    fit_on, choose_on = temporal_split(old)
    learn, judge = {"validation": (fit_on, choose_on), "training": (fit_on, fit_on), "test": (old, new)}[rows]
    return {(user, item): bias_error(learn, judge, (user, item)) for user in GRID for item in GRID}


def judge_best_shrinkage(best_shrinkage):
    """Shrinkage of users and of movies, chosen on validation rows cut from the training rows by time."""
    if isinstance(best_shrinkage, dict):
        raise Mistake("that is the table of scores; the question asks for the pair with the smallest one")
    user, item = pair = tuple(numbers_of(best_shrinkage, 2, "two numbers: the shrinkage of users, that of movies"))
    if min(pair) < 0:
        raise Mistake(f"{min(pair):g} is negative; shrinkage counts ratings, so it is 0 or more")
    old, _ = by_time()
    scores = grid_errors("validation")
    if bias_error(*temporal_split(old), pair) <= min(scores.values()) + 0.0002:
        return
    if min(grid_errors("training"), key=grid_errors("training").get) == pair:
        raise Mistake(f"({user:g}, {item:g}) is best on the rows it learned from, which always ask for less shrinkage")
    if max(scores, key=scores.get) == pair:
        raise Mistake(f"({user:g}, {item:g}) has the largest error of the grid: take the minimum")
    if min(grid_errors("test"), key=grid_errors("test").get) == pair:
        raise Mistake(
            f"({user:g}, {item:g}) is best on the test rows: cut validation rows from old and choose on those"
        )
    if bias_error(*temporal_split(old), (item, user)) <= min(scores.values()) + 0.0002:
        raise Mistake("the two are exchanged: the shrinkage of users comes first, that of movies second")
    found, best = bias_error(*temporal_split(old), pair), min(scores.values())
    raise Mistake(
        f"({user:g}, {item:g}) misses the validation rows by {found:.4f} stars; the grid has a pair at {best:.4f}"
    )


EXERCISES = (
    Exercise(
        number="1.1",
        judge=judge_liked_share,
        why="Liked and not liked are about equally common, so always saying 'liked' is right half of the time only.",
        hint="The mean of true and false is a share.",
        solution='liked_share = (frame["rating"] >= 4).mean()',
        answers=("liked_share",),
    ),
    Exercise(
        number="1.2",
        judge=judge_most_divisive,
        why="Without the minimum of 50 the winners would be movies with two ratings, one at each end of the scale.",
        hint='`groupby("item")["rating"].agg(["std", "count"])`, then `idxmax` among rows with a large count.',
        solution="""\
spread = frame.groupby("item")["rating"].agg(["std", "count"])
most_divisive = ratings.items.loc[spread[spread["count"] >= 50]["std"].idxmax(), "title"]""",
        answers=("most_divisive",),
    ),
    Exercise(
        number="1.3",
        judge=judge_rounded_error,
        why="The error rises: a prediction of 3.7 says 'between 3.5 and 4', and rounding throws that away.",
        hint="Twice the prediction, rounded, divided by two.",
        solution="""\
rounded = np.round(2 * biases.predict(test[["user", "item"]])) / 2
rounded_error = rmse(test["rating"], rounded)""",
        answers=("rounded_error",),
    ),
    Exercise(
        number="1.4",
        judge=judge_best_shrinkage,
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
        answers=("best_shrinkage",),
    ),
)
