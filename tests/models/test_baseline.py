"""The baselines against closed forms; what all recommenders promise is in `test_estimator_checks.py`."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge
from sklearn.preprocessing import OneHotEncoder

from workshop.datasets import load_movielens, random_split
from workshop.metrics import rmse
from workshop.models import BiasRegressor, GlobalMean, KMeansRecommender, Popularity, baseline


@pytest.mark.parametrize("penalties", [(1.0, 1.0), (5.0, 2.0)])
def test_biases_equal_ridge_regression_on_one_hot_columns(small, penalties, monkeypatch):
    monkeypatch.setattr(baseline, "N_SWEEPS", 200)
    model = BiasRegressor(*penalties).fit(small, small["rating"])
    one_hot = OneHotEncoder().fit_transform(small[["user", "item"]]).toarray()
    unit = np.repeat(penalties, [8, 12]) ** -0.5  # in which a penalty of 1 for each column is one for each side
    ridge = Ridge(alpha=1, fit_intercept=False).fit(one_hot * unit, small["rating"] - small["rating"].mean())
    assert np.allclose(np.r_[model.user_bias_, model.item_bias_], ridge.coef_ * unit, atol=1e-4)


def test_biases_reach_the_known_error_on_movielens():
    train, test = random_split(load_movielens().frame, seed=0)
    assert rmse(test["rating"], BiasRegressor().fit(train, train["rating"]).predict(test)) < 0.889


def test_popularity_counts_users(small):
    model = Popularity().fit(small)
    expected = small.groupby("item")["user"].nunique() / small["user"].nunique()
    assert np.allclose(model.popularity_, expected.reindex(model.items_))
    assert np.array_equal(model.recommend(-1, n=3), model.items_[np.argsort(-model.popularity_, kind="stable")[:3]])


def test_unseen_ids_get_the_documented_fallbacks(small):
    model, unseen = BiasRegressor().fit(small, small["rating"]), [[999, 999], [100, 999], [999, 0]]
    expected = model.mean_ + np.array([0, model.user_bias_[0], model.item_bias_[0]])
    assert np.allclose(model.predict(unseen), np.clip(expected, *model.range_))
    clusters = KMeansRecommender().fit(small, small["rating"])
    biases = BiasRegressor(clusters.user_shrinkage, clusters.item_shrinkage).fit(small, small["rating"])
    assert np.allclose(clusters.predict(unseen), biases.predict(unseen))


rows = st.lists(st.tuples(st.integers(-5, 5), st.integers(0, 9), st.integers(1, 10)), min_size=1, max_size=30)


@settings(deadline=None, max_examples=60)
@given(rows=rows)
def test_predictions_stay_within_the_ratings_seen(rows):
    table = np.array(rows)
    X, y = table[:, :2], table[:, 2] / 2
    for model in (GlobalMean(), BiasRegressor(0, 0), BiasRegressor()):
        predicted = model.fit(X, y).predict([[u, i] for u in range(-6, 7) for i in range(11)])
        assert predicted.min() >= y.min() - 1e-12 and predicted.max() <= y.max() + 1e-12
