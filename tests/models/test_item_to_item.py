"""EASE against the formula of the paper, Sims and Transitions against loops, and their place among the models."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from workshop.datasets import load_movielens, temporal_split
from workshop.evaluation import evaluate_ranking
from workshop.models import EASE, Popularity, Sims, Transitions, item_to_item

MODELS = [EASE(), Sims(min_cointeraction_count=1), Transitions()]


def some_ratings(n_users, n_items, seed=0):
    rng = np.random.default_rng(seed)
    n = int(0.55 * n_users * n_items)
    pairs = rng.choice(n_users * n_items, n, replace=False)
    return np.column_stack([pairs // n_items, pairs % n_items]), rng.integers(1, 11, n) / 2


def published_weights(M, penalty):
    """Steck 2019, figure 1: invert the items x items Gram matrix, divide by its diagonal, empty the diagonal."""
    P = np.linalg.inv(M.T @ M + penalty * np.eye(M.shape[1]))
    B = P / -np.diag(P)
    np.fill_diagonal(B, 0)
    return B


def table(X, values):
    """Users x items, by id."""
    users, items = (np.unique(column, return_inverse=True)[1] for column in X.T)
    full = np.zeros((users.max() + 1, items.max() + 1))
    full[users, items] = values
    return full


def scores(model):
    return np.array([model.item_scores(user) for user in model.users_])


@pytest.mark.parametrize("shape", [(9, 14), (14, 9), (10, 10)], ids=str)
@pytest.mark.parametrize("penalty", [0.5, 20])
def test_scores_equal_the_published_formula_whichever_side_is_inverted(shape, penalty, monkeypatch):
    monkeypatch.setattr(item_to_item, "BLOCK", 4)
    X, y = some_ratings(*shape)
    for power in (1, 3):
        M = table(X, y / 5) ** power
        assert np.allclose(scores(EASE(penalty, power).fit(X, y)), M @ published_weights(M, penalty), atol=1e-5)
    ones = table(X, 1.0)
    assert np.allclose(scores(EASE(penalty).fit(X)), ones @ published_weights(ones, penalty), atol=1e-5)
    assert np.array_equal(scores(EASE(penalty, power=0).fit(X, y)), scores(EASE(penalty).fit(X)))


@pytest.mark.parametrize("half_age", [2.0, math.inf])
@pytest.mark.parametrize("shape", [(9, 14), (14, 9)], ids=str)
def test_older_events_count_less_in_a_history_but_not_in_training(shape, half_age):
    X, y = some_ratings(*shape)
    frame = pd.DataFrame(X, columns=["user", "item"]).assign(timestamp=np.random.default_rng(1).permutation(len(X)))
    age = frame.groupby("user")["timestamp"].rank(ascending=False) - 1
    M = table(X, y / 5)
    expected = table(X, y / 5 / (1 + age / half_age)) @ published_weights(M, 3.0)
    model = EASE(3.0, 1.0, half_age).fit(frame, y)
    assert np.allclose(scores(model), expected, atol=1e-5)
    assert np.allclose(model.scores_after(frame, y), expected, atol=1e-5)


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_a_new_user_with_the_past_of_a_known_one_gets_the_same_scores(model):
    X, y = some_ratings(12, 20)
    frame = pd.DataFrame(X, columns=["user", "item"]).assign(timestamp=np.random.default_rng(1).permutation(len(X)))
    model.fit(frame, y)
    np.testing.assert_allclose(model.scores_after(frame.assign(user=frame["user"] + 100), y), scores(model), atol=1e-6)
    unknown = pd.DataFrame({"user": [7], "item": [999]})
    by_popularity = np.argsort(-model.popularity_, kind="stable")
    assert np.argsort(-model.scores_after(unknown, [5])[0], kind="stable").tolist() == by_popularity.tolist()
    assert model.recommend(999).tolist() == model.items_[by_popularity[:10]].tolist()


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_predictions_are_the_scores_of_known_items_in_any_order(model, monkeypatch):
    monkeypatch.setattr(item_to_item, "BLOCK", 4)
    X, y = some_ratings(12, 20)
    model.fit(X, y)
    order = np.random.default_rng(0).permutation(len(X))
    expected = table(X, 0) + scores(model)
    np.testing.assert_allclose(model.predict(X[order]), expected[tuple(X[order].T)], atol=1e-6)
    np.testing.assert_array_equal(model.predict([[3, 999], [999, 999]]), 0)
    np.testing.assert_allclose(model.item_scores(999), model.popularity_)


def test_ratings_of_zero_only_are_allowed_and_score_zero():
    assert not scores(EASE().fit([[1, 1], [2, 2]], [0, 0])).any()


def test_too_large_an_inverse_is_refused_before_it_is_tried(monkeypatch):
    monkeypatch.setattr(item_to_item, "MAX_GB", 0.1)
    X = np.column_stack([np.arange(3000), np.arange(3000)])
    with pytest.raises(MemoryError, match=r"needs 0\.1 GB for 3,000 users and 3,000 items.*Keep the 2,500 items"):
        EASE().fit(X)


@pytest.mark.parametrize(("power", "least"), [(0, 0), (0.5, 3), (1, 2), (0.3, 10)])
def test_similarities_equal_loops_over_pairs(power, least, monkeypatch):
    monkeypatch.setattr(item_to_item, "BLOCK", 7)
    X, _ = some_ratings(20, 25)
    watched = table(X, 1.0)
    users, expected = [set(np.flatnonzero(column)) for column in watched.T], np.zeros(watched.shape)
    for i, j in itertools.permutations(range(25), 2):
        together = len(users[i] & users[j])
        if together >= max(least, 1):
            expected[:, j] += watched[:, i] * together / (len(users[i]) * len(users[j]) ** power)
    np.testing.assert_allclose(scores(Sims(power, least).fit(X)), expected, rtol=1e-4, atol=2e-6)


@pytest.mark.parametrize("window", [1, 3])
def test_transitions_equal_counting_in_loops(window):
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"user": rng.integers(6, size=80), "item": rng.integers(9, size=80)})
    frame["timestamp"] = rng.permutation(80)
    model = Transitions(window, half_age=2.0).fit(frame)
    pasts = [past["item"].tolist() for _, past in frame.sort_values("timestamp").groupby("user")]
    followed = np.zeros((9, 9))
    for past in pasts:
        for t, item in enumerate(past):
            for later in past[t + 1 : t + 1 + window]:
                followed[item, later] += 1 / (frame["item"] == item).sum()
    for past, found in zip(pasts, scores(model), strict=True):
        expected = sum(followed[item] / (1 + age / 2) for age, item in enumerate(reversed(past)))
        np.testing.assert_allclose(found, expected, atol=2e-6)


@pytest.mark.slow
def test_ease_ranks_more_than_twice_as_well_as_popularity_on_movielens():
    train, test = temporal_split(load_movielens().frame)
    ease = evaluate_ranking(EASE().fit(train, train["rating"]).recommend, train, test)
    popularity = evaluate_ranking(Popularity().fit(train).recommend, train, test)
    assert ease["users"] == 630 and ease["ndcg"] > 0.1 > 2 * popularity["ndcg"]
