"""k-means by hand against scikit-learn; the recommender against spelled-out sums, planted groups, and the biases."""

import itertools

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics.pairwise import euclidean_distances

from workshop.datasets import load_movielens, random_split
from workshop.metrics import rmse
from workshop.models import BiasRegressor, KMeansRecommender
from workshop.models.kmeans import lloyd_steps

GROUPS = np.repeat([0, 1, 2], 12)


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


def test_a_new_user_without_any_known_rating_gets_the_stranger_s_prediction(fitted):
    for items, ratings in [([], []), ([999], [4.0])]:
        assert np.isfinite(fitted.predict_new(items, ratings, [0, 999])).all()
        assert sorted(fitted.recommend_new(items, ratings, 99)) == list(range(30)), "an unknown item hides no other"
    assert fitted.predict_new([], [], [999])[0] == pytest.approx(fitted.mean_)


@pytest.mark.parametrize(("years", "expected"), [([1900, pd.NA, 2030], [-1.5, -0.625, 1]), ([pd.NA] * 3, [0, 0, 0])])
def test_old_years_are_drawn_near_and_unknown_ones_to_the_middle(years, expected):
    items = pd.DataFrame({"genres": "War", "year": pd.array(years, "Int64")}, index=[5, 6, 7])
    model = KMeansRecommender(items, n_clusterings=1).fit([[1, 5], [1, 6], [2, 7]], [3, 4, 5])
    content = model._item_views(np.random.RandomState(0))["genres and year"]
    np.testing.assert_allclose(content[:, 1], expected)


def test_movies_missing_from_the_table_are_known_by_their_ratings_alone(planted):
    frame, items = planted
    model = KMeansRecommender(items.iloc[:20], n_clusterings=1).fit(frame, frame["rating"])
    assert len(model.items_) == 30 and np.isfinite(model.predict(frame)).all()


def test_twins_make_fewer_clusters_instead_of_a_warning():
    X = [[user, item] for user in range(6) for item in range(4)]
    y = [5, 5, 1, 1] * 3 + [1, 1, 5, 5] * 3
    model = KMeansRecommender(n_clusterings=1).fit(X, y)
    assert model.user_labels_["ratings"].max() == 1


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
    model.set_params(random_state=1).fit(frame, frame["rating"])
    assert any((model.item_labels_[view] != labels).any() for view, labels in fitted.item_labels_.items())


@pytest.mark.slow
def test_the_ensemble_is_ahead_of_the_biases_on_movielens():
    ratings = load_movielens()
    train, test = random_split(ratings.frame, seed=0)
    model = KMeansRecommender(ratings.items).fit(train, train["rating"])
    assert rmse(test["rating"], model.predict(test)) < 0.858


@pytest.fixture(params=range(4))
def points(request):
    rng = np.random.default_rng(request.param)
    return rng.normal(size=(120, 3)) + rng.integers(0, 4, (120, 1)) * 2


def test_lloyd_ends_where_scikit_learn_ends_from_the_same_start(points):
    *_, (labels, centers, inertia) = lloyd_steps(points, points[:5])
    oracle = KMeans(5, init=points[:5], n_init=1, algorithm="lloyd", tol=0).fit(points)
    assert np.array_equal(labels, oracle.labels_)
    assert np.allclose(centers, oracle.cluster_centers_)
    assert inertia == pytest.approx(oracle.inertia_)


def test_every_step_assigns_to_the_centres_shown_then_moves_them_to_the_means(points):
    steps = list(lloyd_steps(points, points[:4]))
    for (labels, centers, inertia), (_, moved, smaller) in itertools.pairwise(steps):
        assert np.array_equal(labels, euclidean_distances(points, centers).argmin(axis=1))
        assert np.allclose(moved, [points[labels == j].mean(axis=0) for j in range(4)])
        assert smaller <= inertia
    assert np.array_equal(steps[0][1], points[:4]), "the steps shown first must not move afterwards"


def test_an_empty_cluster_keeps_its_centre():
    *_, (labels, centers, _) = lloyd_steps([[0.0], [1.0]], [[0.5], [100.0]])
    assert labels.tolist() == [0, 0] and centers[1, 0] == 100


def test_max_steps_stops_early(points):
    assert len(list(lloyd_steps(points, points[:4], max_steps=2))) == 2


def test_bad_input_is_named(fitted):
    for call, message in [
        (lambda: fitted.place([1, 2], [3]), "give one rating for each item"),
        (lambda: fitted.predict_new([1], [np.nan], [2]), "ratings holds NaN"),
        (lambda: next(lloyd_steps([1, 2], [[1]])), r"X has shape \(2,\)"),
        (lambda: next(lloyd_steps([[1, 2]], [[1]])), "2 columns but centers has 1"),
        (lambda: next(lloyd_steps([[np.nan]], [[1]])), "NaN"),
        (lambda: next(lloyd_steps([[1]], np.empty((0, 1)))), "centers has shape"),
    ]:
        with pytest.raises(ValueError, match=message):
            call()
