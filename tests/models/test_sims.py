"""Item to item against loops over pairs."""

import numpy as np
import pytest

from workshop.models import Sims


def histories(seed=0, n_users=40, n_items=25):
    seen = np.random.default_rng(seed).random((n_users, n_items)) < np.linspace(0.05, 0.5, n_items)
    seen[:, 0] |= ~seen.any(axis=1)
    return seen, np.argwhere(seen) + np.array([100, 500])


@pytest.mark.parametrize(("power", "least"), [(0, 0), (0.5, 3), (1, 2), (0.3, 10)])
def test_scores_equal_loops_over_pairs(power, least):
    seen, X = histories()
    model = Sims(power, least).fit(X)
    users = [set(np.flatnonzero(seen[:, i])) for i in range(seen.shape[1])]
    for user in (0, 5, 17):
        expected = np.zeros(seen.shape[1])
        for i in np.flatnonzero(seen[user]):
            for j in range(seen.shape[1]):
                together = len(users[i] & users[j])
                if i != j and together >= max(least, 1):
                    expected[j] += together / (len(users[i]) * len(users[j]) ** power)
        np.testing.assert_allclose(model.item_scores(100 + user), expected, rtol=1e-4, atol=2e-6)
        np.testing.assert_allclose(model.scores_after(X)[user], expected, rtol=1e-4, atol=2e-6)


def test_blocks_of_items_leave_no_trace():
    rng = np.random.default_rng(1)
    X = np.unique(np.column_stack([rng.integers(60, size=6000), rng.integers(1100, size=6000)]), axis=0)
    model = Sims(0.5, 2).fit(X)
    seen = (model.seen_ > 0).toarray().astype(float)
    together = seen.T @ seen
    expected = together / (seen.sum(axis=0)[:, None] * seen.sum(axis=0) ** 0.5)
    expected[(together < 2) | np.eye(len(together), dtype=bool)] = 0
    np.testing.assert_allclose(model.similarity_.toarray(), expected, rtol=1e-5)


def test_strangers_and_empty_comparisons_fall_back_on_popularity():
    _, X = histories()
    model = Sims(min_cointeraction_count=10_000).fit(X)
    by_popularity = np.argsort(-model.popularity_, kind="stable")
    np.testing.assert_array_equal(np.argsort(-model.item_scores(999), kind="stable"), by_popularity)
    np.testing.assert_array_equal(np.argsort(-model.item_scores(100), kind="stable"), by_popularity)
    assert model.predict([[100, 99999]])[0] == 0


def test_unknown_items_of_a_history_are_passed_over():
    _, X = histories()
    model = Sims().fit(X)
    one, two = model.scores_after([[1, 505]]), model.scores_after([[1, 505], [1, 99999]])
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"popularity_discount_factor": 1.5}, "is 1.5; give 0 to 1"), ({"min_cointeraction_count": -1}, "is -1; give 0")],
)
def test_errors_name_argument_and_value(arguments, message):
    with pytest.raises(ValueError, match=message):
        Sims(**arguments).fit([[1, 2]])
