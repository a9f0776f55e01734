"""A model per context is exactly its experts, each trained on the rows of its group."""

import numpy as np
import pandas as pd
import pytest

from workshop.models import BiasRegressor, KMeansRecommender, ModelPerContext


@pytest.fixture(scope="module")
def planted():
    """Two groups of 15 users with opposite tastes in 20 movies; two movies have both genres, one has none."""
    rng = np.random.default_rng(0)
    frame = pd.MultiIndex.from_product([range(30), range(20)], names=["user", "item"]).to_frame(index=False)
    loves = frame["user"] % 2 == frame["item"] % 2
    frame["rating"] = np.where(loves, 4.5, 2.0) + rng.choice([-0.5, 0, 0.5], len(frame))
    genres = [("Drama", "War") if i < 2 else () if i == 2 else (("Drama", "War")[i % 2],) for i in range(20)]
    items = pd.DataFrame({"title": [f"Movie {i}" for i in range(20)], "year": 2000, "genres": genres})
    return frame.sample(frac=0.7, random_state=0), items


def test_each_user_cluster_is_answered_by_its_expert(planted):
    frame, items = planted
    model = ModelPerContext(items=items, n_clusters=2, min_ratings=1).fit(frame, frame["rating"])
    cluster = frame["user"].map(model.labels_)
    assert pd.crosstab(cluster, frame["user"] % 2).gt(0).sum().tolist() == [1, 1], "the planted groups"
    for group in (0, 1):
        rows = frame[cluster == group]
        expert = BiasRegressor().fit(rows, rows["rating"])
        assert np.allclose(model.predict(rows), expert.predict(rows))
    strangers = pd.DataFrame({"user": 99, "item": range(20)})
    assert np.allclose(model.predict(strangers), BiasRegressor().fit(frame, frame["rating"]).predict(strangers))


def test_a_movie_of_two_genres_gets_the_mean_of_both_experts_and_one_without_the_model_of_all(planted):
    frame, items = planted
    model = ModelPerContext(items=items, by="genre", min_ratings=1).fit(frame, frame["rating"])
    has = {g: frame["item"].isin(items.index[[g in genres for genres in items["genres"]]]) for g in ("Drama", "War")}
    drama, war = (BiasRegressor().fit(frame[rows], frame["rating"][rows]) for rows in has.values())
    everyone = BiasRegressor().fit(frame, frame["rating"])
    assert model.predict([[3, 0]]) == pytest.approx((drama.predict([[3, 0]]) + war.predict([[3, 0]])) / 2)
    assert model.predict([[3, 4]]) == pytest.approx(drama.predict([[3, 4]]))
    assert model.predict([[3, 2], [3, 77]]) == pytest.approx(everyone.predict([[3, 2], [3, 77]]))


def test_groups_too_small_for_an_expert_are_left_to_the_model_of_all(planted):
    frame, items = planted
    model = ModelPerContext(items=items, by="genre", min_ratings=10_000).fit(frame, frame["rating"])
    assert model.experts_ == {}
    assert np.array_equal(model.predict(frame), model.everyone_.predict(frame))


@pytest.mark.parametrize("group", [0, 1])
def test_a_new_user_is_answered_by_the_experts_of_those_alike(planted, group):
    frame, items = planted
    model = ModelPerContext(items=items, n_clusters=2, min_ratings=1).fit(frame, frame["rating"])
    loved, other = [4 + group, 6 + group], [5 - group, 7 - group]
    assert model.sign_up(99, loved + other, [5, 4.5, 2, 1.5]) == model.labels_[group]
    rest = np.arange(8, 20)
    predicted = model.predict(np.column_stack([np.full(12, 99), rest]))
    assert predicted[rest % 2 == group].min() > predicted[rest % 2 != group].max()
    recommended = model.recommend(99, 7)
    assert (recommended % 2 == group).all() and not set(recommended) & set(loved)
    assert np.isfinite(model.predict([[100, 3]])).all(), "another stranger still gets an answer"


def test_any_estimator_on_ids_can_be_the_expert(planted):
    frame, items = planted
    kmeans = KMeansRecommender(items, n_user_clusters=2, n_item_clusters=2, n_clusterings=1)
    model = ModelPerContext(kmeans, items, by="genre").fit(frame, frame["rating"])
    assert all(isinstance(expert, KMeansRecommender) for expert in model.experts_.values())
    assert not hasattr(kmeans, "mean_")


def test_bad_input_is_named(planted):
    frame, items = planted
    with pytest.raises(ValueError, match="min_ratings is 0"):
        ModelPerContext(min_ratings=0).fit(frame, frame["rating"])
    model = ModelPerContext(items=items).fit(frame, frame["rating"])
    with pytest.raises(ValueError, match="user 3 has ratings in training"):
        model.sign_up(3, [1], [5])
    with pytest.raises(ValueError, match="give one rating for each item"):
        model.sign_up(99, [1, 2], [5])
    with pytest.raises(ValueError, match="by is 'genre', which needs no sign_up"):
        ModelPerContext(items=items, by="genre").fit(frame, frame["rating"]).sign_up(99, [1], [5])
    with pytest.raises(ValueError, match="by is 'age'; choose 'cluster' or 'genre'"):
        ModelPerContext(items=items, by="age").fit(frame, frame["rating"])
    with pytest.raises(TypeError, match="items is NoneType, not a DataFrame"):
        ModelPerContext(by="genre").fit(frame, frame["rating"])
