"""What every recommender promises: scikit-learn's own checks, and ours of ids, lists, strangers and bad input.

scikit-learn's feed tables of measurements; ours read a table's first two columns as ids.
"""

import math
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest
import sklearn
from packaging.version import Version
from sklearn.base import clone, is_regressor
from sklearn.utils.estimator_checks import parametrize_with_checks

from workshop.models import (
    EASE,
    HRNN,
    BiasRegressor,
    FactorizationMachineClassifier,
    FactorizationMachineRegressor,
    FeatureBuilder,
    GlobalMean,
    ItemVectors,
    KMeansRecommender,
    ModelPerContext,
    Popularity,
    Sims,
    Transitions,
)

RECOMMENDERS = [
    GlobalMean(),
    BiasRegressor(),
    Popularity(),
    EASE(),
    KMeansRecommender(n_clusterings=1),
    ModelPerContext(min_ratings=1),
    HRNN(hidden_dimension=4, n_epochs=1),
    Sims(min_cointeraction_count=1),
    Transitions(),
]
if find_spec("gensim"):
    RECOMMENDERS.append(ItemVectors(min_count=1, epochs=1, vector_dim=4))
MACHINES = [
    FactorizationMachineRegressor(n_factors=2, n_iter=60, n_samples=40),
    FactorizationMachineRegressor(n_factors=2, solver="adam", n_iter=100, batch_size=20),
    FactorizationMachineClassifier(n_factors=2, n_iter=60, n_samples=40),
    FactorizationMachineClassifier(n_factors=2, solver="adam", n_iter=100, batch_size=20),
    FeatureBuilder(),
    FeatureBuilder(who_rated=True),
]


@parametrize_with_checks(RECOMMENDERS)
def test_estimator(estimator, check):
    if check.func.__name__ == "check_positive_only_tag_during_fit" and Version(sklearn.__version__) < Version("1.8"):
        pytest.skip("before 1.8 the check itself takes a mean, which is no whole number, from whole numbers")
    check(estimator)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # what the checks feed teaches nothing
@parametrize_with_checks(MACHINES)
def test_machines_and_their_features(estimator, check):
    check(estimator)


@pytest.fixture(scope="module", params=RECOMMENDERS, ids=repr)
def model(request, small):
    return clone(request.param).fit(small, small["rating"])


def test_recommended_is_every_unrated_item_once_and_a_shorter_list_begins_alike(model, small):
    for user, rated in small.groupby("user")["item"]:
        recommended = model.recommend(user, n=100)
        assert sorted(recommended) == sorted(set(model.items_) - set(rated))
        assert np.array_equal(model.recommend(user, n=2.0), recommended[:2])


def test_strangers_get_a_list_and_unknown_ids_an_answer(model):
    assert len(model.recommend(999, n=5)) == 5
    predicted = model.predict([[999, 0], [100, 5], [999, 5]])
    assert np.isfinite(predicted).all() or (not is_regressor(model) and not np.isnan(predicted).any())


@pytest.mark.parametrize("model", RECOMMENDERS, ids=repr)
def test_one_rating_is_enough(model):
    model = clone(model).fit([[7, 8]], [4.0])
    assert len(model.recommend(7)) == 0 and model.recommend(1).tolist() == [8]
    assert not is_regressor(model) or model.predict([[7, 8], [1, 2]]).tolist() == [4, 4]


SAME_TABLE = {
    "columns in another order": lambda f: f[["rating", "item", "user"]],
    "further columns of any kind": lambda f: f.assign(when=pd.Timestamp("2020-01-01"), note="x"),
    "other names": lambda f: f.set_axis(["u", "i", "stars"], axis="columns").assign(note="x"),
    "an array": lambda f: f[["user", "item"]].to_numpy(),
    "ids that are text": lambda f: f.assign(user=f["user"].map("u{}".format), item=f["item"].map("i{:03}".format)),
    "ids beyond any exact float": lambda f: f.assign(user=2**62 + f["user"], item=2**62 + f["item"]),
}


@pytest.mark.parametrize("form", SAME_TABLE)
def test_the_same_ratings_in_another_form_give_the_same_predictions(model, small, form):
    table = SAME_TABLE[form](small)
    again = clone(model).fit(table, small["rating"])
    np.testing.assert_allclose(again.predict(table), model.predict(small))
    assert len(again.users_) == 8 and len(again.items_) == 12


def test_bad_questions_are_named(model):
    about_users = (model.item_scores, model.seen_items, model.recommend)
    questions = [(call, (user,), "give one id") for call in about_users for user in ([], [100])]
    questions += [(call, (True,), "ids are") for call in about_users]
    questions += [(call, (None,), "missing") for call in about_users]
    questions += [(call, ("100",), "of another type than those known") for call in about_users]
    questions += [(model.predict, ([pair],), "of another type") for pair in (["100", "0"], [100, "0"])]
    for n in (0, True, 2.5, "3", None, math.inf):
        questions.append((model.recommend, (100, n), "n is .*; give a whole number of 1 or more"))
    for call, arguments, message in questions:
        with pytest.raises((TypeError, ValueError), match=message):
            call(*arguments)


def test_counts_may_be_written_as_floats_but_have_to_be_whole(model, small):
    counts = {
        n: c for n, c in model.get_params(deep=False).items() if type(c) is int and n not in ("seed", "random_state")
    }
    as_floats = clone(model).set_params(**{name: float(count) for name, count in counts.items()})
    np.testing.assert_array_equal(as_floats.fit(small, small["rating"]).predict(small), model.predict(small))
    for name in counts:
        for odd in (True, 2.5, "2", None, -1):
            with pytest.raises(ValueError, match=f"{name} is {odd!r}; give a whole number"):
                clone(model).set_params(**{name: odd}).fit(small, small["rating"])


NOT_ALLOWED = {  # for each parameter that is no count, a number just out of its range
    **{"user_shrinkage": -1, "item_shrinkage": -1},
    **{"penalty": 0, "power": -1, "half_age": 0, "popularity_discount_factor": 1.5},
    **{"user_weight": -1e7, "item_weight": 1e7, "shrinkage": 0},
    **{"learning_rate": 0, "sampling_threshold": 1, "noise_exponent": 11, "liked": -11},
}


def test_numbers_out_of_range_are_named(model, small):
    for name, value in model.get_params(deep=False).items():
        if type(value) is float:
            for odd in (NOT_ALLOWED[name], math.nan, "1", None, True):
                with pytest.raises(ValueError, match=f"{name} is {odd!r}; give a "):
                    clone(model).set_params(**{name: odd}).fit(small, small["rating"])


@pytest.mark.parametrize(
    ("model", "y", "message"),
    [
        (EASE(), [-2, 1], "y holds -2"),
        (ItemVectors(mode="glove"), None, "mode is 'glove'; choose"),
        (KMeansRecommender(pd.DataFrame({"title": ["Ran"]})), [3, 4], "items has no column 'genres'"),
        (ModelPerContext(by="age"), [3, 4], "by is 'age'; choose 'cluster' or 'genre'"),
        (ModelPerContext(by="genre"), [3, 4], "items is NoneType, not a DataFrame"),
    ],
)
def test_other_bad_arguments_are_named(model, y, message):
    with pytest.raises((TypeError, ValueError), match=message):
        model.fit([[1, 2], [2, 3]], y)


@pytest.mark.parametrize("y", [["4", "5"], [None, 3.0], pd.to_datetime(["2020", "2021"])])
@pytest.mark.parametrize("model", [m for m in [*RECOMMENDERS, *MACHINES] if is_regressor(m)], ids=repr)
def test_only_numbers_are_ratings(model, y):  # scikit-learn's checks try NaN, infinity and complex numbers
    with pytest.raises(ValueError, match=r"y holds .*, which is not a number"):
        clone(model).fit([[1, 2], [1, 3]], y)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([[1, 2], ["1", 2]], "user holds 1 and '1'; give all ids as whole numbers, or all as text"),
        ([[2.0**60, 2]], "as a float, which cannot be told from its neighbours"),
        (pd.DataFrame({"user": [1, None], "item": [1, 2]}), "user holds NaN"),
        (pd.DataFrame({"user": pd.array([1, None]), "item": [1, 2]}), "user holds NaN"),
        (pd.DataFrame({"user": [1, 2], "item": pd.to_datetime(["2020", "2021"])}), "item holds"),
        ([[True, 2]], "user holds"),
        ([[1.5, 2]], "the id 1.5"),
        (np.array([[2**63 + 1, 1]], dtype=np.uint64), "give such ids as text"),
    ],
)
@pytest.mark.parametrize("estimator", [Popularity(), FeatureBuilder()], ids=repr)
def test_what_is_not_an_id_is_named(estimator, X, message):
    with pytest.raises((TypeError, ValueError), match=message):
        estimator.fit(X)
