"""EASE in its dual form against the formula of the paper, and its place among the models."""

import numpy as np
import pytest

from workshop.datasets import load_movielens, temporal_split
from workshop.evaluation import evaluate_ranking
from workshop.models import EASE, Popularity
from workshop.models.recommender import user_item_matrix


@pytest.fixture
def rated():
    rng = np.random.default_rng(0)
    pairs = rng.choice(9 * 14, 70, replace=False)
    return np.column_stack([pairs // 14, pairs % 14]), rng.integers(1, 11, 70) / 2


def published_scores(M, penalty):
    """Steck 2019, figure 1: invert the items x items Gram matrix, divide by its diagonal, empty the diagonal."""
    P = np.linalg.inv(M.T @ M + penalty * np.eye(M.shape[1]))
    B = P / -np.diag(P)
    np.fill_diagonal(B, 0)
    return M @ B


@pytest.mark.parametrize("penalty", [0.5, 20])
def test_scores_equal_the_published_formula(rated, penalty):
    X, y = rated
    shape = len(np.unique(X[:, 0])), len(np.unique(X[:, 1]))
    users, items = (np.unique(column, return_inverse=True)[1] for column in X.T)
    shares = user_item_matrix(users, items, y / 5, shape).toarray()
    for power in (1, 3):
        published = published_scores(shares**power, penalty)
        assert np.allclose(EASE(penalty, power).fit(X, y).scores_, published, atol=1e-5)
    assert np.array_equal(EASE(penalty, power=0).fit(X, y).scores_, EASE(penalty).fit(X).scores_)
    assert np.allclose(EASE(penalty).fit(X).scores_, published_scores((shares > 0) * 1.0, penalty), atol=1e-5)


def test_the_weights_solve_the_least_squares_problem_column_by_column(rated):
    X, _ = rated
    model = EASE(penalty=2.0).fit(X)
    M = (model.seen_.toarray() > 0) * 1.0
    for j in range(M.shape[1]):
        others = np.delete(M, j, axis=1)
        weights = np.linalg.solve(others.T @ others + 2 * np.eye(others.shape[1]), others.T @ M[:, j])
        assert np.allclose(model.scores_[:, j], others @ weights, atol=1e-5)


def test_predictions_are_the_scores(rated):
    X, y = rated
    model = EASE().fit(X, y)
    user = model.users_[2]
    pairs = np.column_stack([np.full(len(model.items_), user), model.items_])
    assert np.array_equal(model.predict(pairs), model.scores_[2]) and model.predict([[user, 999]])[0] == 0
    assert np.allclose(model.item_scores(999), model.popularity_)


def test_ratings_of_zero_only_are_allowed_and_score_zero():
    assert not EASE().fit([[1, 1], [2, 2]], [0, 0]).scores_.any()


@pytest.mark.parametrize(
    ("parameters", "y", "message"),
    [
        ({"penalty": 0}, [1], "penalty is 0"),
        ({"penalty": float("nan")}, [1], "penalty is nan"),
        ({"power": -1}, [1], "power is -1"),
        ({}, [-2], "y holds -2"),
    ],
)
def test_bad_input_is_named(parameters, y, message):
    with pytest.raises(ValueError, match=message):
        EASE(**parameters).fit([[1, 2]], y)


@pytest.mark.slow
def test_ease_ranks_twice_as_well_as_popularity_on_movielens():
    ratings = load_movielens()
    train, test = temporal_split(ratings.frame)
    ease = evaluate_ranking(EASE().fit(train, train["rating"]).recommend, train, test)
    popularity = evaluate_ranking(Popularity().fit(train).recommend, train, test)
    assert ease["users"] == 630 and ease["ndcg"] > 2 * popularity["ndcg"]
