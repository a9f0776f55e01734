"""The exercises of part 3: each solution passes, and each plausible mistake is called by its name."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workshop.datasets import load_movielens, random_split, temporal_split
from workshop.evaluation import evaluate_ranking, recommend_by_prediction
from workshop.exercises.exercise import EXERCISES, look_up
from workshop.models import BiasRegressor, FactorizationMachineRegressor, FeatureBuilder, Popularity

OF_PART = [exercise for number, exercise in EXERCISES.items() if number.startswith("3")]


@pytest.fixture(scope="module")
def names():
    """What notebook 3 has bound where its exercises stand; vectors and models are quick ones."""
    ratings = load_movielens()
    learn, valid = random_split(ratings.frame.iloc[:9000])
    builder = FeatureBuilder().fit(learn)
    machine = FactorizationMachineRegressor(
        solver="adam", n_iter=12, random_state=0, batch_size=500, linear_lr=0.02, factors_lr=0.05
    ).fit(builder.transform(learn), learn["rating"], validation=(builder.transform(valid), valid["rating"]))
    assert 1 < np.argmin(machine.curves_["validation"]) + 1 < 11
    old, new = temporal_split(ratings.frame)
    often = old["item"].value_counts().index[:200]
    rng = np.random.default_rng(1)
    liking = rng.normal(size=(200, 8)) * rng.uniform(0.5, 2, size=(200, 1))
    return {
        "np": np,
        "pd": pd,
        "machines": {0: machine},
        "often": often,
        "liking": liking,
        "titles": ratings.items.loc[often, "title"].str.split(" (", regex=False).str[0],
        "old": old,
        "new": new,
        "people": new[new["user"] % 5 == 0],
        "raters": old["item"].value_counts(),
        "machine_then": BiasRegressor().fit(old, old["rating"]).predict,
        "popular": Popularity().fit(old),
        "recommend_by_prediction": recommend_by_prediction,
        "evaluate_ranking": evaluate_ranking,
    }


def extra(number, names):
    """What the cell of the notebook hands to the check beside the answers."""
    return {
        "3.2": {"machine": names["machines"][0]},
        "3.3": {"vectors": names["liking"], "titles": names["titles"]},
        "3.5": {"predict": names["machine_then"]},
    }.get(number, {})


@pytest.mark.slow
@pytest.mark.parametrize("exercise", OF_PART, ids=lambda e: e.number)
def test_the_solution_passes_its_check(exercise, names, said, solved):
    answers = solved(exercise.number, names)
    line = said(exercise.number, *answers, **extra(exercise.number, names))
    assert line == f"Exercise {exercise.number}: Right. {exercise.why}"


@pytest.mark.parametrize(("number", "arguments"), [("3.2", "machine=machines[0]"), ("3.5", "predict=machine_then")])
def test_the_notebook_hands_over_what_the_check_needs(number, arguments, notebook_cell):
    assert f"{arguments})" in notebook_cell(3, f'check("{number}"')


def function(body):
    return f"lambda w0, w, V, x: {body}"


CURVE = 'machines[0].curves_["validation"]'
UNIT = "liking / np.linalg.norm(liking, axis=1, keepdims=True)"
ALIEN = "often.get_loc(1214)"
LINEAR, SUM, SQUARES = "w0 + w @ x", "((V.T @ x) ** 2)", "((V.T**2) @ x**2)"


def nearest(similarity):
    return f'pd.Series({similarity}, titles.to_numpy()).drop("Alien").nlargest(5).index'


def ranked(catalogue, people="people"):
    return f"evaluate_ranking(recommend_by_prediction(machine_then, old, {catalogue}), old, {people})"


WRONG = {
    "3.1": {
        "(1 + 2625 * 64, 2625 * 2624 // 2)": "forgets the weight of each column",
        "(2625 * 65, 2625 * 2624 // 2)": "leaves out w0, the constant",
        "(2625 * 64, 2625 * 2624 // 2)": "and the weight of each column",
        "(1 + 9117 * 65, 9117 * 9116 // 2)": "here there are 2,625",
        "(1 + 2625 * 65, 2625 * 2624)": "each pair twice",
        "(1 + 2625 * 65, 2625 ** 2)": "and counts the others twice",
        "(1 + 2625 * 65, 943 * 1682)": "pairs of a user and a movie",
        "(2625 * 2624 // 2, 1 + 2625 * 65)": "exchanged",
        '("170626", 3444000)': "is text",
    },
    "3.2": {
        f"np.argmin({CURVE})": "counts from 0",
        'np.argmin(machines[0].curves_["train"]) + 1': "training error is smallest",
        f"min({CURVE})": "an error in stars",
        f"np.argmin({CURVE}) + 2": "another epoch reaches",
        "99": "there is no epoch 99",
        CURVE: "12 values",
        "2.5": "no whole number",
    },
    "3.3": {
        nearest(f"liking @ liking[{ALIEN}]"): "long vectors win",
        nearest(f"-np.linalg.norm(liking - liking[{ALIEN}], axis=1)"): "asks for the angle",
        nearest(f"-({UNIT}) @ liking[{ALIEN}]"): "point away",
        f"pd.Series(({UNIT}) @ liking[{ALIEN}], titles.to_numpy()).nlargest(5)": "itself is among",
        nearest(f"({UNIT}) @ liking[{ALIEN}]") + "[::-1]": "another order",
        f"pd.Series(({UNIT}) @ liking[{ALIEN}], often).drop(1214).nlargest(5)": "asks for titles",
        nearest(f"({UNIT}) @ liking[{ALIEN}]") + "[:3]": "3 titles beside Alien",
        '["Aliens 7"] * 5': "not among the 200",
        "list(titles[titles != 'Alien'][100:105])": "farther from Alien",
        '"Aliens"': "five titles",
    },
    "3.4": {
        function(LINEAR): "products of pairs are missing",
        function(f"{LINEAR} + {SUM}.sum() - {SQUARES}.sum()"): "each pair twice: i < j",
        function(f"{LINEAR} + 0.5 * {SUM}.sum()"): "subtract the squares",
        function(f"{LINEAR} + {SUM}.sum()"): "and each pair twice",
        function(f"w @ x + 0.5 * ({SUM} - {SQUARES}).sum()"): "leaves out w0",
        function(f"w0 + 0.5 * ({SUM} - {SQUARES}).sum()"): "leaves out the weights",
        function(f"0.5 * ({SUM} - {SQUARES}).sum()"): "add w0 and the weights",
        function(f"{LINEAR} + 0.5 * {SUM}.sum() - {SQUARES}.sum()"): "the squares are halved, too",
        function(f"{LINEAR} + 0.5 * (V.sum(0) ** 2 - (V**2).sum(0)).sum()"): "forgets x",
        function(f"{LINEAR} + 0.5 * ({SUM} - {SQUARES})"): "a number for each factor",
        function("w0 + w @ V"): "a number for each factor",
        function("w0 + V @ w"): "raises ValueError",
        "3.5": "hand over the function itself",
    },
    "3.5": {
        ranked('old["item"].unique()'): "the whole catalogue",
        "evaluate_ranking(popular.recommend, old, people)": "plain popularity",
        ranked("raters.index[:500]", "new"): "users were judged",
        ranked("raters.index[:50]"): "not those of the 500 movies",
        "recommend_by_prediction(machine_then, old, raters.index[:500])": "that is the recommender",
        ranked("raters.index[:500]") + '["precision"]': "the whole dict",
        '{"users": 134, "precision": 0.9, "coverage": 0.01}': "users were judged",
    },
}


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(number, code) for number in WRONG for code in WRONG[number]])
def test_a_mistake_is_called_by_its_name(number, code, names, mistaken):
    answer = eval(code, dict(names))
    answers = answer if number == "3.1" else (answer,)
    mistaken(WRONG[number][code], number, *answers, **extra(number, names))


def test_every_exercise_knows_three_mistakes():
    assert all(len(set(WRONG[exercise.number].values())) >= 3 for exercise in OF_PART)


@pytest.mark.parametrize("number", ["3.2", "3.3", "3.5"])
@settings(max_examples=60)
@given(data=st.data())
def test_whatever_is_handed_over_beside_real_models_a_check_says_one_line(number, data, names, anything):
    verdict = look_up(number).verdict((data.draw(anything),), extra(number, names))
    assert "\n" not in verdict
    assert ": Right." not in verdict


def test_a_double_loop_is_as_right_as_one_pass(said):
    def predict_row(w0, w, V, x):
        pairs = sum(V[i] @ V[j] * x[i] * x[j] for i, j in combinations(range(len(x)), 2))
        return w0 + w @ x + pairs

    assert ": Right." in said("3.4", predict_row)


def test_a_function_that_returns_nothing_is_not_attempted(said):
    def predict_row(w0, w, V, x): ...

    assert "not attempted yet" in said("3.4", predict_row)
