"""The baselines against closed forms; and what all recommenders promise: ids, fallbacks, errors, nothing rated."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.preprocessing import OneHotEncoder

from workshop.datasets import load_movielens, random_split
from workshop.metrics import rmse
from workshop.models import (
    EASE,
    HRNN,
    BiasRegressor,
    GlobalMean,
    KMeansRecommender,
    ModelPerContext,
    Popularity,
    Sims,
    Transitions,
    baseline,
)

CONTEXT = ModelPerContext(min_ratings=1)
ALL = [GlobalMean(), BiasRegressor(), Popularity(), EASE(), KMeansRecommender(n_clusterings=1), CONTEXT]
READERS = [*ALL, Sims(min_cointeraction_count=1), Transitions(), HRNN(hidden_dimension=3, n_epochs=1)]
RATING = [GlobalMean, BiasRegressor, KMeansRecommender, ModelPerContext]


@pytest.fixture(scope="module")
def small():
    rng = np.random.default_rng(0)
    pairs = rng.choice(8 * 12, 60, replace=False)
    frame = pd.DataFrame({"user": pairs // 12 + 100, "item": pairs % 12 * 7, "rating": rng.integers(1, 11, 60) / 2})
    return frame


def test_global_mean(small):
    assert np.allclose(GlobalMean().fit(small, small["rating"]).predict(small), small["rating"].mean())


@pytest.mark.parametrize("penalty", [1.0, 5.0])
def test_biases_equal_ridge_regression_on_one_hot_columns(small, penalty, monkeypatch):
    monkeypatch.setattr(baseline, "N_SWEEPS", 200)
    model = BiasRegressor(penalty, penalty).fit(small, small["rating"])
    one_hot = OneHotEncoder().fit(small[["user", "item"]])
    y = small["rating"] - small["rating"].mean()
    ridge = Ridge(alpha=penalty, fit_intercept=False).fit(one_hot.transform(small[["user", "item"]]).toarray(), y)
    assert np.allclose(np.r_[model.user_bias_, model.item_bias_], ridge.coef_, atol=1e-4)


def test_the_two_penalties_act_on_their_own_side(small):
    assert np.allclose(BiasRegressor(1e12, 3).fit(small, small["rating"]).user_bias_, 0)
    assert np.allclose(BiasRegressor(3, 1e12).fit(small, small["rating"]).item_bias_, 0)


def test_biases_reach_the_known_error_on_movielens():
    train, test = random_split(load_movielens().frame, seed=0)
    assert rmse(test["rating"], BiasRegressor().fit(train, train["rating"]).predict(test)) < 0.889


def test_popularity_counts_users(small):
    model = Popularity().fit(small)
    expected = small.groupby("item")["user"].nunique() / small["user"].nunique()
    assert np.allclose(model.popularity_, expected.reindex(model.items_))
    assert np.array_equal(model.recommend(-1, n=3), model.items_[np.argsort(-model.popularity_, kind="stable")[:3]])


@pytest.mark.parametrize("model", ALL, ids=repr)
def test_recommendations_are_unrated_distinct_and_known(small, model):
    model.fit(small, small["rating"])
    for user, rated in small.groupby("user")["item"]:
        recommended = model.recommend(user, n=100)
        assert set(recommended) == set(model.items_) - set(rated)
        assert len(set(recommended)) == len(recommended)
        assert np.array_equal(model.recommend(user, n=2), recommended[:2])


@pytest.mark.parametrize("model", ALL, ids=repr)
def test_a_stranger_gets_a_list_and_unknown_ids_a_finite_prediction(small, model):
    model.fit(small, small["rating"])
    assert len(model.recommend(999, n=5)) == 5
    assert np.isfinite(model.predict([[999, 0], [100, 5], [999, 5]])).all()


def test_unseen_ids_get_the_documented_fallbacks(small):
    model = BiasRegressor().fit(small, small["rating"])
    clip = lambda value: np.clip(value, *model.range_)  # noqa: E731
    assert model.predict([[999, 999]])[0] == pytest.approx(model.mean_)
    assert model.predict([[100, 999]])[0] == pytest.approx(clip(model.mean_ + model.user_bias_[0]))
    assert model.predict([[999, 0]])[0] == pytest.approx(clip(model.mean_ + model.item_bias_[0]))
    clusters = KMeansRecommender().fit(small, small["rating"])
    biases = BiasRegressor(clusters.user_shrinkage, clusters.item_shrinkage).fit(small, small["rating"])
    unseen = [[999, 999], [100, 999], [999, 0]]
    assert np.allclose(clusters.predict(unseen), biases.predict(unseen))


@pytest.mark.parametrize("model", ALL, ids=repr)
def test_frames_are_read_by_name_and_arrays_by_position(small, model):
    by_name = model.fit(small[["rating", "item", "user"]], small["rating"]).predict(small[["item", "user"]])
    by_position = model.fit(small[["user", "item"]].to_numpy(), small["rating"]).predict(small.to_numpy()[:, :2])
    assert np.array_equal(by_name, by_position)


@pytest.mark.parametrize("model", ALL, ids=repr)
def test_one_rating_only(model):
    model.fit([[7, 8]], [4.0])
    assert np.isfinite(model.predict([[7, 8], [1, 2]])).all()
    assert len(model.recommend(7)) == 0 and model.recommend(1).tolist() == [8]
    if type(model) in RATING:
        assert model.predict([[7, 8]])[0] == 4


@pytest.mark.parametrize("model", ALL, ids=repr)
def test_bad_requests_after_fitting_are_named(small, model):
    model.fit(small, small["rating"])
    with pytest.raises(ValueError, match="n is 0"):
        model.recommend(100, n=0)
    with pytest.raises(ValueError, match=r"the id 0\.5"):
        model.predict([[0.5, 1]])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"user_shrinkage": -1}, "user_shrinkage is -1"),
        ({"item_shrinkage": float("nan")}, "item_shrinkage is nan"),
    ],
)
def test_bad_hyperparameters_are_named(parameters, message):
    with pytest.raises(ValueError, match=message):
        BiasRegressor(**parameters).fit([[1, 2]], [3])


def test_ids_may_be_text_or_larger_than_any_exact_float(small):
    renamed = {
        "text": small.assign(user="u" + small["user"].astype(str), item="i" + small["item"].astype(str).str.zfill(3)),
        "hashed": small.assign(user=2**62 + small["user"], item=2**62 + small["item"]),
    }
    for model in READERS:
        expected = model.fit(small, small["rating"]).predict(small)
        for frame in renamed.values():
            again = clone(model).fit(frame, frame["rating"])
            np.testing.assert_allclose(again.predict(frame), expected)
            assert len(again.users_) == 8 and len(again.items_) == 12


@pytest.mark.parametrize("model", READERS, ids=repr)
def test_ids_of_another_type_than_in_fit_are_refused_rather_than_unknown(small, model):
    model.fit(small, small["rating"])
    for call in (
        lambda: model.recommend("100"),
        lambda: model.predict([["100", "0"]]),
        lambda: model.predict([[100, "0"]]),
        lambda: model.predict(small.assign(user="100")),
    ):
        with pytest.raises(TypeError, match="of another type than those known"):
            call()


@pytest.mark.parametrize("model", READERS, ids=repr)
def test_one_user_is_one_id(small, model):
    model.fit(small, small["rating"])
    for user, message in [([], "give one id"), ([100], "give one id"), (True, "ids are"), (None, "missing")]:
        for call in (model.item_scores, model.seen_items, model.recommend):
            with pytest.raises((TypeError, ValueError), match=message):
                call(user)


@pytest.mark.parametrize("model", READERS, ids=repr)
@pytest.mark.parametrize("n", [0, True, 2.5, "3", None, float("inf")])
def test_a_number_of_places_is_whole(small, model, n):
    with pytest.raises(ValueError, match=r"n is .*; give a whole number of 1 or more"):
        model.fit(small, small["rating"]).recommend(100, n)
    assert len(model.recommend(100, 2.0)) == 2


@pytest.mark.parametrize(
    ("model", "counts"),
    [
        (HRNN(), {"hidden_dimension": 3, "bptt": 4, "n_epochs": 1}),
        (KMeansRecommender(), {"n_user_clusters": 2, "n_item_clusters": 2, "n_clusterings": 1}),
        (ModelPerContext(), {"n_clusters": 2, "min_ratings": 1}),
        (Sims(), {"min_cointeraction_count": 1}),
        (Transitions(), {"window": 2}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_counts_may_be_written_as_floats_but_have_to_be_whole(small, model, counts):
    expected = clone(model).set_params(**counts).fit(small, small["rating"]).predict(small)
    as_floats = {name: float(count) for name, count in counts.items()}
    found = clone(model).set_params(**as_floats).fit(small, small["rating"]).predict(small)
    np.testing.assert_array_equal(found, expected)
    for name in counts:
        for odd in (True, 2.5, "2", None, -1):
            with pytest.raises(ValueError, match=f"{name} is .*; give a whole number"):
                clone(model).set_params(**{**counts, name: odd}).fit(small, small["rating"])


@pytest.mark.parametrize("model", READERS, ids=repr)
def test_further_columns_of_any_kind_are_ignored(small, model):
    stamped = small.assign(when=pd.Timestamp("2020-01-01"), note="x")
    other_names = stamped.rename(columns={"user": "u", "item": "i"})
    expected = model.fit(small[["user", "item"]], small["rating"]).predict(small)
    for frame in (stamped, other_names[["u", "i", "when", "note"]]):
        np.testing.assert_allclose(clone(model).fit(frame, small["rating"]).predict(frame), expected)


@pytest.mark.parametrize("y", [[None, 3.0], ["4", "5"], pd.to_datetime(["2020", "2021"]), [1j, 2], [float("inf"), 1]])
def test_only_finite_numbers_are_ratings(y):
    for model in (model for model in ALL if not isinstance(model, Popularity)):
        with pytest.raises(ValueError, match=r"y holds|Complex data"):
            model.fit([[1, 2], [1, 3]], y)


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
def test_what_is_not_an_id_is_named(X, message):
    with pytest.raises((TypeError, ValueError), match=message):
        Popularity().fit(X)


rows = st.lists(st.tuples(st.integers(-5, 5), st.integers(0, 9), st.integers(1, 10)), min_size=1, max_size=30)


@settings(deadline=None, max_examples=60)
@given(rows=rows)
def test_predictions_stay_within_the_ratings_seen(rows):
    table = np.array(rows)
    X, y = table[:, :2], table[:, 2] / 2
    for model in (GlobalMean(), BiasRegressor(0, 0), BiasRegressor()):
        predicted = model.fit(X, y).predict([[u, i] for u in range(-6, 7) for i in range(11)])
        assert predicted.min() >= y.min() - 1e-12 and predicted.max() <= y.max() + 1e-12
