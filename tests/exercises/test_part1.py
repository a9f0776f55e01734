"""The exercises of part 1: each solution passes, and each plausible mistake is called by its name."""

import numpy as np
import pytest

from workshop.datasets import load_movielens, random_split, temporal_split
from workshop.exercises.exercise import EXERCISES
from workshop.metrics import rmse
from workshop.models import BiasRegressor

OF_PART = [exercise for number, exercise in EXERCISES.items() if number.startswith("1")]


@pytest.fixture(scope="module")
def names():
    """What notebook 1 has bound where its exercises stand."""
    ratings = load_movielens()
    frame = ratings.frame
    train, test = random_split(frame)
    old, new = temporal_split(frame)
    biases = BiasRegressor().fit(train[["user", "item"]], train["rating"])
    names = {"ratings": ratings, "frame": frame, "train": train, "test": test, "old": old, "new": new, "np": np}
    return names | {"biases": biases, "rmse": rmse, "temporal_split": temporal_split, "BiasRegressor": BiasRegressor}


@pytest.mark.slow
@pytest.mark.parametrize("exercise", OF_PART, ids=lambda e: e.number)
def test_the_solution_passes_its_check(exercise, names, said, solved):
    answers = solved(exercise.number, names)
    assert said(exercise.number, *answers) == f"Exercise {exercise.number}: Right. {exercise.why}"


PREDICT = 'biases.predict(test[["user", "item"]])'
ON_TRAIN = 'biases.predict(train[["user", "item"]])'
SPREAD = 'frame.groupby("item")["rating"].agg(["std", "count"])'
WRONG = {
    "1.1": {
        '(frame["rating"] > 4).mean()': "only what is above four",
        '(frame["rating"] == 4).mean()': "only ratings of exactly four",
        '(frame["rating"] >= 4).sum()': "divide it by the number of all",
        '100 * (frame["rating"] >= 4).mean()': "in percent",
        "51.6": "in percent",
        '(frame["rating"] < 4).mean()': "not liked",
        'frame["rating"].mean()': "the mean rating",
        'frame["rating"] >= 4': "100,004 values",
        '"52%"': "is text",
        "0.2": "too small",
        'float("nan")': "not a finite number",
        "True": "yes or no",
        "frame": "that is a DataFrame",
    },
    "1.2": {
        f'ratings.items.loc[{SPREAD}["std"].idxmax(), "title"]': "has only 2 ratings",
        f'ratings.items.loc[{SPREAD}.query("count >= 50")["std"].idxmin(), "title"]': "smallest deviation",
        f'{SPREAD}.query("count >= 50")["std"].idxmax()': "asks for a title",
        'ratings.items.loc[frame.groupby("item").size().idxmax(), "title"]': "is the most rated movie",
        '"Pulp Fiction"': "larger standard deviation than",
        '"The Matrix"': "did you mean",
        f'{SPREAD}.query("count >= 50")["std"].max()': "as text",
        '"Zzyzx Qqq"': "without the year",
    },
    "1.3": {
        f'rmse(test["rating"], {PREDICT})': "without rounding",
        f'rmse(train["rating"], np.round(2 * {ON_TRAIN}) / 2)': "measure on the test rows",
        f'rmse(train["rating"], {ON_TRAIN})': "and round",
        f'rmse(test["rating"], np.round({PREDICT}))': "whole stars",
        f'rmse(test["rating"], np.floor(2 * {PREDICT}) / 2)': "rounding down",
        f'rmse(test["rating"], np.round(2 * {PREDICT}))': "divide by two again",
        f'rmse(test["rating"], np.round({PREDICT} / 2) * 2)': "double first",
        f'rmse(test["rating"], np.round(2 * {PREDICT}) / 2) ** 2': "square root",
        f"np.round(2 * {PREDICT}) / 2": "10,000 values",
    },
    "1.4": {
        "(5, 2)": "best on the test rows",
        "(1, 1)": "best on the rows it learned from",
        "(5, 1)": "exchanged",
        "(20, 20)": "largest error",
        "(20, 10)": "the grid has a pair at",
        "(5, -3)": "negative",
        "5": "two numbers",
        "(5, 5, 5)": "3 values",
        "{(5, 5): 0.9}": "table of scores",
        '"5, 5"': "two numbers",
    },
}


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(number, code) for number in WRONG for code in WRONG[number]])
def test_a_mistake_is_called_by_its_name(number, code, names, mistaken):
    mistaken(WRONG[number][code], number, eval(code, dict(names)))


def test_every_exercise_knows_three_mistakes():
    assert all(len(set(WRONG[exercise.number].values())) >= 3 for exercise in OF_PART)


def test_another_grid_may_find_a_pair_as_good(said):
    assert ": Right." in said("1.4", (4, 5))
    assert ": Right." in said("1.4", np.array([3.0, 4.5]))


def test_rounded_answers_are_near_enough(said):
    assert ": Right." in said("1.1", 0.516)
    assert ": Right." in said("1.3", 0.898)
