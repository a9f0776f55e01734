"""Cross-validation and objectives against scikit-learn and by hand; ranking on a split worked out on paper."""

import pickle

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import KFold, cross_val_score

from workshop.evaluation import cross_validate, evaluate_ranking, make_objective, recommend_by_prediction
from workshop.metrics import auc, mae, rmse
from workshop.models import BiasRegressor, Popularity


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3))
    return X, X @ [1.0, -2, 0.5] + rng.normal(size=60)


def test_cross_validation_equals_scikit_learn(table):
    X, y = table
    folds = KFold(4, shuffle=True, random_state=7)
    expected = -cross_val_score(LinearRegression(), X, y, cv=folds, scoring="neg_root_mean_squared_error")
    model = LinearRegression()
    for rows in (X, pd.DataFrame(X), sp.csr_array(X), X.tolist()):
        assert np.allclose(cross_validate(model, rows, y, n_splits=4, seed=7), expected)
    assert not hasattr(model, "coef_")


def test_cross_validation_of_probabilities(table):
    X, y = table
    folds = KFold(3, shuffle=True, random_state=0)
    expected = cross_val_score(LogisticRegression(), X, y > 0, cv=folds, scoring="roc_auc")
    found = cross_validate(LogisticRegression(), X, y > 0, metric=auc, n_splits=3, response="predict_proba")
    assert np.allclose(found, expected)


def test_an_objective_fits_a_copy_with_the_config_and_measures_on_the_other_rows():
    X, y = np.array([[1, 1], [1, 2], [2, 1], [2, 2]]), np.array([5.0, 3, 4, 1])
    estimator = BiasRegressor(item_shrinkage=0.5)
    objective = make_objective(estimator, (X[:3], y[:3]), (X[3:], y[3:]), metric=mae)
    by_hand = BiasRegressor(user_shrinkage=2, item_shrinkage=0.5).fit(X[:3], y[:3])
    assert objective({"user_shrinkage": 2}) == pytest.approx(abs(by_hand.predict(X[3:])[0] - 1))
    assert estimator.user_shrinkage == 5 and not hasattr(estimator, "mean_")
    factory = make_objective(BiasRegressor, (X[:3], y[:3]), (X[3:], y[3:]), metric=mae)
    assert factory({"user_shrinkage": 2, "item_shrinkage": 0.5}) == objective({"user_shrinkage": 2})


def test_an_objective_travels_to_another_process(table):
    X, y = table
    objective = make_objective(LinearRegression(), (X[:40], y[:40]), (X[40:], y[40:]))
    assert pickle.loads(pickle.dumps(objective))({}) == objective({})
    assert objective({}) == pytest.approx(rmse(y[40:], LinearRegression().fit(X[:40], y[:40]).predict(X[40:])))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"train": ([[1, 1]], [1, 2])}, "train has 1 rows of X and 2 of y"),
        ({"valid": (np.empty((0, 2)), [])}, "valid has 0 rows"),
        ({"train": ("a", None)}, r"train is \('a', None\)"),
        ({"response": "score"}, "response is 'score'"),
    ],
)
def test_bad_objectives_are_refused_at_once(change, message):
    good = {"train": ([[1, 1]], [1]), "valid": ([[1, 1]], [1])}
    with pytest.raises(ValueError, match=message):
        make_objective(BiasRegressor(), **(good | change))


def test_an_unknown_hyperparameter_is_named():
    rows = [[1, 1]], [1]
    with pytest.raises(ValueError, match="Invalid parameter 'shrink'"):
        make_objective(BiasRegressor(), rows, rows)({"shrink": 1})


@pytest.fixture
def split():
    train = pd.DataFrame({"user": [1, 1, 2, 3, 3], "item": [10, 20, 10, 10, 30], "rating": [4, 3, 5, 2, 4]})
    test = pd.DataFrame({"user": [1, 2, 2, 3], "item": [30, 20, 40, 20], "rating": [4, 4.5, 5, 3]})
    return train, test


def test_ranking_worked_out_on_paper(split):
    train, test = split
    lists = {1: [30, 40], 2: [30, 20]}  # user 3 liked nothing in the test rows
    found = evaluate_ranking(lambda user, n: lists[user][:n], train, test, n=2, catalogue=[10, 20, 30, 40, 50])
    second = 1 / np.log2(3)
    assert found == pytest.approx(
        {
            "users": 2,
            "precision": (1 / 2 + 1 / 2) / 2,
            "recall": (1 + 1 / 2) / 2,
            "ndcg": (1 + second / (1 + second)) / 2,
            "reciprocal_rank": (1 + 1 / 2) / 2,
            "coverage": 3 / 5,
        }
    )
    assert evaluate_ranking(lambda user, n: lists[user], train, test, n=2)["coverage"] == 3 / 4


def test_recommending_what_was_rated_is_refused(split):
    with pytest.raises(ValueError, match="user 1 was recommended item 10"):
        evaluate_ranking(lambda user, n: [10], *split)


def test_a_pair_in_train_and_test_is_refused(split):
    train, test = split
    with pytest.raises(ValueError, match="test holds user 2 with item 40, as train does"):
        evaluate_ranking(Popularity().fit(train).recommend, pd.concat([train, test.iloc[[2]]]), test)


def test_users_and_items_may_have_text_for_ids_but_never_two_types(split):
    as_text = [frame.assign(user="u" + frame["user"].astype(str), item=frame["item"].astype(str)) for frame in split]
    expected = evaluate_ranking(Popularity().fit(split[0]).recommend, *split, n=2)
    assert evaluate_ranking(Popularity().fit(as_text[0]).recommend, *as_text, n=2) == expected
    with pytest.raises(TypeError, match="id 'u1' is of another type than those known, such as 1"):
        evaluate_ranking(Popularity().fit(split[0]).recommend, *as_text)
    with pytest.raises(TypeError, match="id '1' is of another type"):
        recommend_by_prediction(len, split[0], [10, 20])("1", 5)


def test_nothing_liked_is_refused(split):
    with pytest.raises(ValueError, match=r"liked=5\.5"):
        evaluate_ranking(Popularity().fit(split[0]).recommend, *split, liked=5.5)


def test_recommending_by_prediction_sorts_the_unrated(split):
    train, _ = split
    stars = {10: 5, 20: 3, 30: 3, 40: 4}
    recommend = recommend_by_prediction(lambda rows: rows["item"].map(stars).to_numpy(), train, [40, 30, 20, 10])
    assert recommend(1, 10).tolist() == [40, 30]
    assert recommend(99, 3).tolist() == [10, 40, 30]
    twice = recommend_by_prediction(lambda rows: rows["item"].map(stars).to_numpy(), train, [40, 30, 20, 10, 40, 10])
    assert twice(1, 10).tolist() == [40, 30] and twice(99, 3).tolist() == [10, 40, 30]
    assert recommend_by_prediction(len, train, [10, 20])(1, 10).tolist() == []
