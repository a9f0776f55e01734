"""The exercises of part 2: each solution passes, and each plausible mistake is called by its name."""

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.preprocessing import scale

from workshop.datasets import load_movielens, random_split
from workshop.exercises.exercise import EXERCISES
from workshop.exercises.part2 import averaged_errors
from workshop.metrics import rmse
from workshop.models import BiasRegressor, KMeansRecommender
from workshop.models.profiles import genre_tastes

OF_PART = [exercise for number, exercise in EXERCISES.items() if number.startswith("2")]


@pytest.fixture(scope="module")
def names(notebook_cell):
    """What notebook 2 has bound where its exercises stand, as far as solutions and mistakes use it."""
    ratings = load_movielens()
    train, _ = random_split(ratings.frame)
    learn, valid = random_split(train, seed=1)
    biases = BiasRegressor().fit(learn, learn["rating"])
    model = KMeansRecommender(ratings.items, n_clusterings=1).fit(learn, learn["rating"])
    names = {"ratings": ratings, "learn": learn, "valid": valid, "model": model, "expected": biases.predict(valid)}
    names |= {"pd": pd, "np": np, "KMeans": KMeans, "scale": scale, "rmse": rmse, "BiasRegressor": BiasRegressor}
    names |= {"residual": learn["rating"] - biases.predict(learn)}
    names |= {"genre_tastes": genre_tastes}
    for text in ("taste = genre_tastes(", "plain = ", "def correction", "item_of = "):
        exec(notebook_cell(2, text), names)
    return names


@pytest.mark.slow
@pytest.mark.parametrize("exercise", OF_PART, ids=lambda e: e.number)
def test_the_solution_passes_its_check(exercise, names, said, solved, capsys):
    answers = solved(exercise.number, names)
    capsys.readouterr()
    assert said(exercise.number, *answers) == f"Exercise {exercise.number}: Right. {exercise.why}"


@pytest.mark.slow
def test_the_check_finds_the_errors_that_the_notebook_finds(names):
    cuts = [KMeans(8, n_init=1, random_state=s).fit_predict(names["taste"]) for s in range(16)]
    corrections = [names["correction"](pd.Series(cut, names["taste"].index), 10) for cut in cuts]
    found = rmse(names["valid"]["rating"], names["expected"] + np.mean(corrections, axis=0))
    assert averaged_errors()[8, 10] == pytest.approx(found, abs=1e-12)


THOUSANDS = 'plain.assign(count=plain["count"] / 1000)'
CUT = "KMeans(3, n_init=4, random_state=0)"
WRONG = {
    "2.1": {
        "[1, 5.5]": "moves them to 1.5 and 9",
        "[0, 3]": "where they start",
        "[0, 1]": "numbers of clusters",
        "[4, 4]": "at one place",
        "[1.5, 5.5]": "moves them to 1.5 and 9",
        "[1.5, 2, 9]": "3 values",
        "9": "two centres",
        '["1.5", "9"]': "is text",
    },
    "2.2": {
        f"{CUT}.fit_predict(plain)": "by the number of ratings alone",
        f"{CUT}.fit_predict(plain / 1000)": "by the number of ratings alone",
        f"{CUT}.fit_predict(scale({THOUSANDS}))": "do not scale",
        f"KMeans(4, n_init=4, random_state=0).fit_predict({THOUSANDS})": "4 clusters",
        f"{CUT}.fit({THOUSANDS})": "its labels_",
        THOUSANDS: "now cluster it",
        f"{CUT}.fit({THOUSANDS}).cluster_centers_": "a cluster number for each",
        f'{CUT}.fit_predict(plain.assign(count=np.log(plain["count"])))': "change nothing else",
        "[0, 1, 2]": "3 labels",
        '["a"] * 671': "cluster number",
    },
    "2.3": {
        '{"The Matrix": 5, "Alien": 5, "Shrek": 1, "Fargo": 2}': "did you mean 'Matrix, The'",
        '{"Alien": 10, "Shrek": 1, "Fargo": 2, "Titanic": 2}': "from 0.5 to 5",
        '{"Alien": 5, "Shrek": 1}': "at least four",
        '{"Alien": 5, "Shrek": 5, "Fargo": 5, "Titanic": 5}': "the same stars",
        '["Alien", "Shrek"]': "a title, a colon",
        '{"Me": {"Alien": 5}}': "those of one person",
        '{"Alien": "good", "Shrek": 1, "Fargo": 2, "Titanic": 2}': "is text",
    },
    "2.4": {
        "(8, 20)": "best for a single cut",
        "(5, 16)": "did you mean (16, 5)",
        "(2, 2)": "the largest error",
        "(32, 50)": "another pair reaches",
        "(64, 10)": "not among the pairs",
        "{(16, 5): 0.9}": "table of errors",
        "16": "two numbers",
    },
}


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(number, code) for number in WRONG for code in WRONG[number]])
def test_a_mistake_is_called_by_its_name(number, code, names, mistaken):
    mistaken(WRONG[number][code], number, eval(code, dict(names)))


def test_every_exercise_knows_three_mistakes():
    assert all(len(set(WRONG[exercise.number].values())) >= 3 for exercise in OF_PART)


def test_centres_may_come_in_either_order_and_labels_under_other_names(names, said):
    assert ": Right." in said("2.1", np.array([9.0, 1.5]))
    labels = eval(f"KMeans(3, n_init=10, random_state=7).fit_predict({THOUSANDS})", dict(names))
    assert ": Right." in said("2.2", 2 - labels)
    assert ": Right." in said("2.2", pd.Series(labels))


def test_pairs_nearly_as_good_are_right(said):
    assert ": Right." in said("2.4", (16, 10))
