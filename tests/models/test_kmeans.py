"""k-means collaborative filtering against spelled-out sums, planted groups and its place among the models."""

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans

from workshop.datasets import load_movielens, random_split
from workshop.datasets.ratings import genre_table
from workshop.metrics import rmse
from workshop.models import BiasRegressor, KMeansRecommender
from workshop.models.profiles import describe_user_clusters, genre_tastes, taste_by_cluster

GROUPS = np.repeat([0, 1, 2], 12)


@pytest.fixture(scope="module")
def planted():
    """36 users in three groups; each group loves one genre of 30 movies. Returns frame, items."""
    rng = np.random.default_rng(0)
    genre = np.arange(30) % 3
    pairs = pd.MultiIndex.from_product([range(36), range(30)], names=["user", "item"]).to_frame(index=False)
    loves = GROUPS[pairs["user"]] == genre[pairs["item"]]
    pairs["rating"] = np.where(loves, 4.5, 2.5) + rng.choice([-0.5, 0, 0.5], len(pairs))
    names = np.array(["Comedy", "Drama", "War"])
    items = pd.DataFrame(
        {"title": [f"Movie {i}" for i in range(30)], "year": 1990, "genres": [(names[g],) for g in genre]},
        index=range(30),
    )
    return pairs.sample(frac=0.6, random_state=0), items


@pytest.fixture(scope="module")
def fitted(planted):
    frame, items = planted
    return KMeansRecommender(items, n_user_clusters=3, n_item_clusters=3, n_clusterings=2).fit(frame, frame["rating"])


def spelled_out(model, frame, user, item):
    """The module docstring's formula, row by row."""
    residual = {}
    for row in frame.itertuples():
        u, i = np.searchsorted(model.users_, row.user), np.searchsorted(model.items_, row.item)
        residual[u, i] = row.rating - model.mean_ - model.user_bias_[u] - model.item_bias_[i]
    u, i = np.searchsorted(model.users_, user), np.searchsorted(model.items_, item)
    people, movies = [], []
    for labels in model.user_labels_.values():
        for c in labels.T:
            group = [r for (v, j), r in residual.items() if j == i and c[v] == c[u]]
            people.append(sum(group) / (len(group) + model.shrinkage))
    for labels in model.item_labels_.values():
        for c in labels.T:
            group = [r for (v, j), r in residual.items() if v == u and c[j] == c[i]]
            movies.append(sum(group) / (len(group) + model.shrinkage))
    bias = model.mean_ + model.user_bias_[u] + model.item_bias_[i]
    return np.clip(bias + model.user_weight * np.mean(people) + model.item_weight * np.mean(movies), *model.range_)


def test_predictions_equal_the_formula_row_by_row(planted, fitted):
    frame, _ = planted
    for user, item in [(0, 0), (0, 1), (13, 7), (35, 29)]:
        assert fitted.predict([[user, item]])[0] == pytest.approx(spelled_out(fitted, frame, user, item))


@pytest.mark.slow
def test_planted_groups_are_found_and_help(planted):
    frame, items = planted
    model = KMeansRecommender(items, n_user_clusters=3, n_clusterings=8).fit(frame, frame["rating"])
    for view in ("taste", "ratings", "liked"):
        best = np.argmin([kmeans.inertia_ for kmeans in model.user_kmeans_[view]])
        found = pd.crosstab(GROUPS, model.user_labels_[view][:, best])
        assert (found.max(axis=1) == 12).all() and (found.max(axis=0) == 12).all(), view
    train, test = random_split(frame, test_size=0.2, seed=1)
    bias = BiasRegressor().fit(train, train["rating"])
    clusters = KMeansRecommender(items, n_user_clusters=3, n_item_clusters=3).fit(train, train["rating"])
    assert rmse(test["rating"], clusters.predict(test)) < 0.6 * rmse(test["rating"], bias.predict(test))


def test_item_scores_are_the_share_of_the_clusters_who_liked_it(planted, fitted):
    frame, _ = planted
    liked = frame[frame["rating"] > frame["rating"].mean()]
    shares = []
    for c in np.hstack([fitted.user_labels_["watched"], fitted.user_labels_["liked"]]).T:
        members = fitted.users_[c == c[4]]
        shares.append(liked[(liked["item"] == 6) & liked["user"].isin(members)].shape[0] / len(members))
    assert fitted.item_scores(4)[6] == pytest.approx(np.mean(shares))


def test_a_new_user_with_the_ratings_of_an_old_one_is_treated_alike(planted, fitted):
    frame, _ = planted
    own = frame[frame["user"] == 20]
    placed = fitted.place(own["item"], own["rating"])
    assert all(np.array_equal(placed[view], fitted.user_labels_[view][20]) for view in placed)
    old = fitted.predict(pd.DataFrame({"user": 20, "item": range(30)}))
    new = fitted.predict_new(own["item"], own["rating"], range(30))
    assert np.allclose(old, new, atol=0.01)
    assert np.array_equal(fitted.recommend_new(own["item"], own["rating"], 5), fitted.recommend(20, 5))


def test_two_ratings_place_a_new_user_in_the_right_group(fitted):
    for genre in range(3):
        loved, other = genre, (genre + 1) % 3
        answer = fitted.predict_new([loved, other], [5, 2], [loved + 3, other + 3])
        assert answer[0] > answer[1]
        assert not {loved, other} & set(fitted.recommend_new([loved, other], [5, 2], 30))


def test_a_new_user_without_any_known_rating_gets_the_stranger_s_prediction(fitted):
    for items, ratings in [([], []), ([999], [4.0])]:
        assert np.isfinite(fitted.predict_new(items, ratings, [0, 999])).all()
        assert len(fitted.recommend_new(items, ratings, 3)) == 3
    assert fitted.predict_new([], [], [999])[0] == pytest.approx(fitted.mean_)


def test_profiles_name_the_planted_tastes(fitted):
    words, taste = describe_user_clusters(fitted, n_words=1), taste_by_cluster(fitted)
    assert sorted(taste.idxmax(axis=1)) == ["Comedy", "Drama", "War"]
    for cluster, sentence in words.items():
        assert sentence.startswith(f"12 people who like {taste.loc[cluster].idxmax()}, not ")
        members = fitted.user_labels_["taste"][:, 0] == cluster
        assert np.allclose(taste.loc[cluster], fitted.taste_[members].mean())


def test_profiles_without_items_are_refused(planted):
    frame, _ = planted
    with pytest.raises(ValueError, match="without items"):
        taste_by_cluster(KMeansRecommender(n_clusterings=1).fit(frame, frame["rating"]))


def test_genres_and_years_are_spelled_out():
    items = pd.DataFrame({"genres": [("War", "Drama"), (), ("War",)]}, index=[5, 6, 7])
    assert genre_table(items).to_dict("list") == {"Drama": [1, 0, 0], "War": [1, 0, 1]}
    for years, expected in [([1900, pd.NA, 2030], [-1.5, -0.625, 1]), ([pd.NA] * 3, [0, 0, 0])]:
        table = items.assign(year=pd.array(years, "Int64"))
        model = KMeansRecommender(table, n_clusterings=1).fit([[1, 5], [1, 6], [2, 7]], [3, 4, 5])
        content = model._item_views(np.random.RandomState(0))["genres and year"]
        np.testing.assert_allclose(content[:, 2], expected)


def test_the_same_seed_gives_the_same_model_and_another_one_another(planted):
    frame, items = planted
    fit = lambda seed: KMeansRecommender(items, n_clusterings=1, random_state=seed).fit(frame, frame["rating"])  # noqa: E731
    assert np.array_equal(fit(0).predict(frame), fit(0).predict(frame))
    assert not np.array_equal(fit(0).predict(frame), fit(1).predict(frame))


def test_movies_missing_from_the_table_are_known_by_their_ratings_alone(planted):
    frame, items = planted
    model = KMeansRecommender(items.iloc[:20], n_clusterings=1).fit(frame, frame["rating"])
    assert len(model.items_) == 30 and np.isfinite(model.predict(frame)).all()


def test_twins_make_fewer_clusters_instead_of_a_warning():
    X = [[user, item] for user in range(6) for item in range(4)]
    y = [5, 5, 1, 1] * 3 + [1, 1, 5, 5] * 3
    model = KMeansRecommender(n_clusterings=1).fit(X, y)
    assert model.user_labels_["ratings"].max() == 1


def test_a_new_user_s_bad_ratings_are_named(fitted):
    with pytest.raises(ValueError, match="give one rating for each item"):
        fitted.place([1, 2], [3])
    with pytest.raises(ValueError, match="ratings holds NaN"):
        fitted.predict_new([1], [np.nan], [2])


def test_ties_are_broken_the_same_way_whatever_the_last_bit(planted, fitted, monkeypatch):
    """Years lie on a lattice and genres are 0 or 1: many distances are equal. Noise stands for another processor."""
    frame, _ = planted
    model, rng, fit = KMeansRecommender(**fitted.get_params()), np.random.default_rng(0), KMeans.fit

    def fit_nearly(self, X):
        return fit(self, X + rng.normal(scale=1e-14, size=X.shape))

    monkeypatch.setattr(KMeans, "fit", fit_nearly)
    model.fit(frame, frame["rating"])
    for view, labels in fitted.item_labels_.items():
        np.testing.assert_array_equal(model.item_labels_[view], labels)


@pytest.mark.slow
def test_the_ensemble_is_ahead_of_the_biases_on_movielens():
    ratings = load_movielens()
    train, test = random_split(ratings.frame, seed=0)
    model = KMeansRecommender(ratings.items).fit(train, train["rating"])
    assert rmse(test["rating"], model.predict(test)) < 0.858
    for user in (1, 15, 671):
        assert not set(model.recommend(user, 50)) & set(train.loc[train["user"] == user, "item"])


def test_genre_tastes_are_the_view_that_the_recommender_clusters(planted, monkeypatch):
    frame, items = planted
    model = KMeansRecommender(items, n_user_clusters=2, n_clusterings=1).fit(frame, frame["rating"])
    table = genre_tastes(frame, items)
    assert table.columns.to_list() == model.taste_.columns.to_list()
    np.testing.assert_allclose(table, model.taste_, atol=0.02)  # the recommender shrinks movies more
    monkeypatch.setattr(KMeansRecommender, "item_shrinkage", BiasRegressor().item_shrinkage)
    np.testing.assert_allclose(table, model.fit(frame, frame["rating"]).taste_, atol=1e-9)
