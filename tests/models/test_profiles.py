"""Clusters in tables and words, and a model per context: exactly its experts, each trained on the rows of its group."""

import copy

import numpy as np
import pandas as pd
import pytest

from workshop.models import BiasRegressor, KMeansRecommender, ModelPerContext
from workshop.models.profiles import describe_user_clusters, genre_tastes, taste_by_cluster


@pytest.fixture(scope="module")
def kmeans(planted):
    frame, items = planted
    return KMeansRecommender(items, n_user_clusters=3, n_item_clusters=3, n_clusterings=2).fit(frame, frame["rating"])


@pytest.fixture(scope="module")
def by_cluster(planted):
    frame, items = planted
    return ModelPerContext(items=items, n_clusters=3, min_ratings=1).fit(frame, frame["rating"])


def test_profiles_name_the_planted_tastes(kmeans):
    words, taste = describe_user_clusters(kmeans, n_words=1), taste_by_cluster(kmeans)
    assert sorted(taste.idxmax(axis=1)) == ["Comedy", "Drama", "War"]
    for cluster, sentence in words.items():
        assert sentence.startswith(f"12 people who like {taste.loc[cluster].idxmax()}, not ")
        members = kmeans.user_labels_["taste"][:, 0] == cluster
        assert np.allclose(taste.loc[cluster], kmeans.taste_[members].mean())


def test_genre_tastes_are_the_view_that_the_recommender_clusters(planted, kmeans, monkeypatch):
    frame, items = planted
    table = genre_tastes(frame, items)
    assert table.columns.to_list() == kmeans.taste_.columns.to_list()
    np.testing.assert_allclose(table, kmeans.taste_, atol=0.02)  # the recommender shrinks movies more
    monkeypatch.setattr(KMeansRecommender, "item_shrinkage", BiasRegressor().item_shrinkage)
    again = KMeansRecommender(items, n_clusterings=1).fit(frame, frame["rating"])
    np.testing.assert_allclose(table, again.taste_, atol=1e-9)


def test_each_user_cluster_is_answered_by_its_expert(planted, by_cluster):
    frame, _ = planted
    cluster = frame["user"].map(by_cluster.labels_)
    assert pd.crosstab(cluster, frame["user"] // 12).gt(0).sum().tolist() == [1, 1, 1], "the planted groups"
    for _, rows in frame.groupby(cluster):
        assert np.allclose(by_cluster.predict(rows), BiasRegressor().fit(rows, rows["rating"]).predict(rows))
    strangers = pd.DataFrame({"user": 99, "item": range(30)})
    assert np.allclose(by_cluster.predict(strangers), BiasRegressor().fit(frame, frame["rating"]).predict(strangers))


def test_a_movie_of_two_genres_gets_the_mean_of_both_experts_and_one_without_the_model_of_all(planted):
    frame, items = planted
    items = items.assign(genres=[("Drama", "War"), (), *items["genres"][2:]])
    model = ModelPerContext(items=items, by="genre", min_ratings=1).fit(frame, frame["rating"])
    has = {g: frame["item"].isin(items.index[[g in genres for genres in items["genres"]]]) for g in ("Drama", "War")}
    drama, war = (BiasRegressor().fit(frame[rows], frame["rating"][rows]) for rows in has.values())
    everyone = BiasRegressor().fit(frame, frame["rating"])
    assert model.predict([[3, 0]]) == pytest.approx((drama.predict([[3, 0]]) + war.predict([[3, 0]])) / 2)
    assert model.predict([[3, 4]]) == pytest.approx(drama.predict([[3, 4]]))
    assert model.predict([[3, 1], [3, 77]]) == pytest.approx(everyone.predict([[3, 1], [3, 77]]))
    smallest = min(rows.sum() for rows in has.values())
    assert len(model.set_params(min_ratings=smallest).fit(frame, frame["rating"]).experts_) == len(has), (
        "a group of just so many is large enough"
    )
    without_experts = model.set_params(min_ratings=10_000).fit(frame, frame["rating"])
    assert without_experts.experts_ == {} and np.array_equal(model.predict(frame), everyone.predict(frame))


@pytest.mark.parametrize("group", [0, 1, 2])
def test_a_new_user_is_answered_by_the_experts_of_those_alike(by_cluster, group):
    model, loved, other = copy.deepcopy(by_cluster), [group, group + 3], [(group + 1) % 3, (group + 2) % 3]
    assert model.sign_up(99, loved + other, [5, 4.5, 2, 1.5]) == model.labels_[12 * group]
    rest = np.arange(6, 30)
    predicted = model.predict([[99, item] for item in rest])
    assert predicted[rest % 3 == group].min() > predicted[rest % 3 != group].max()
    recommended = model.recommend(99, 8)
    assert (recommended % 3 == group).all() and not set(recommended) & set(loved)
    assert np.isfinite(model.predict([[100, 3]])).all(), "another stranger still gets an answer"


def test_any_estimator_on_ids_can_be_the_expert(planted):
    frame, items = planted
    kmeans = KMeansRecommender(items, n_user_clusters=2, n_item_clusters=2, n_clusterings=1)
    model = ModelPerContext(kmeans, items, by="genre").fit(frame, frame["rating"])
    assert all(isinstance(expert, KMeansRecommender) for expert in model.experts_.values())
    assert not hasattr(kmeans, "mean_")


def test_bad_sign_ups_are_named(planted, by_cluster):
    frame, items = planted
    by_genre = ModelPerContext(items=items, by="genre").fit(frame, frame["rating"])
    for model, arguments, message in [
        (by_cluster, (3, [1], [5]), "user 3 has ratings in training"),
        (by_cluster, (99, [1, 2], [5]), "give one rating for each item"),
        (by_genre, (99, [1], [5]), "by is 'genre', which needs no sign_up"),
    ]:
        with pytest.raises(ValueError, match=message):
            model.sign_up(*arguments)
    with pytest.raises(ValueError, match="without items"):
        taste_by_cluster(KMeansRecommender(n_clusterings=1).fit(frame, frame["rating"]))
