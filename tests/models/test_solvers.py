"""Gradient descent and the compiled sweep."""

import numpy as np
import pytest
import scipy.sparse as sp

from workshop.models import FactorizationMachineClassifier, FactorizationMachineRegressor
from workshop.models.fm.equation import Adam, Field, find_fields, loss_gradient, scores
from workshop.models.fm.gibbs import gibbs_states


def ratings_matrix(n=300, n_users=12, n_items=9, seed=0):
    rng = np.random.default_rng(seed)
    pairs = rng.integers(0, [n_users, n_items], (n, 2))
    X = sp.csr_array((np.ones(2 * n), (pairs + np.array([0, n_users])).ravel(), np.arange(n + 1) * 2))
    X.resize(n, n_users + n_items)
    return X, rng.normal(3, 1, n), [Field("user", n_users), Field("movie", n_items)]


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("with_features", [False, True])
def test_gradient_equals_finite_differences(binary, with_features):
    rng = np.random.default_rng(0)
    X = sp.csr_array(rng.normal(size=(15, 5)) * (rng.random((15, 5)) < 0.6))
    features = sp.csr_array(rng.normal(size=(5, 4))) if with_features else None
    shape = (4 if with_features else 5, 3)
    y = (rng.random(15) < 0.5).astype(float) if binary else rng.normal(size=15)
    flat = rng.normal(size=1 + shape[0] * shape[1])

    def loss(p):
        return loss_gradient(X, y, features, p[0], p[1:].reshape(shape), binary=binary)[0]

    _, slope, gradient = loss_gradient(X, y, features, flat[0], flat[1:].reshape(shape), binary=binary)
    by_differences = [(loss(flat + 1e-5 * e) - loss(flat - 1e-5 * e)) / 2e-5 for e in np.eye(len(flat))]
    np.testing.assert_allclose(np.r_[slope, gradient.ravel()], by_differences, rtol=1e-6, atol=1e-7)


def test_loss_is_half_the_mean_square_or_the_log_loss():
    X, theta = sp.csr_array(np.eye(2)), np.array([[1.0], [-2.0]])
    assert loss_gradient(X, np.array([0.0, 0.0]), None, 0.0, theta)[0] == pytest.approx((1 + 4) / 4)
    expected = -(np.log(1 / (1 + np.exp(-1))) + np.log(1 - 1 / (1 + np.exp(2)))) / 2
    assert loss_gradient(X, np.array([1.0, 0.0]), None, 0.0, theta, binary=True)[0] == pytest.approx(expected)


def make_adam(fields, **changes):
    options = {"batch_size": 10**6, "bias_lr": 0.05, "linear_lr": 0.05, "linear_wd": 0.0, "factors_wd": 0.0}
    start = changes.pop("start", 0.0)
    machine = FactorizationMachineRegressor(changes.pop("n_factors", 0), **options | changes)
    return Adam(fields, machine, np.random.default_rng(0), start=start)


def test_the_classifier_takes_the_logistic_gradient():
    X, y, fields = ratings_matrix()
    adam = Adam(fields, FactorizationMachineClassifier(0, solver="adam", batch_size=10**6), np.random.default_rng(0))
    assert adam.step(X, (y > 3).astype(float)) == pytest.approx(np.log(2))


def test_adam_reaches_the_ridge_solution():
    rng = np.random.default_rng(0)
    X, y = sp.csr_array(rng.normal(size=(60, 4))), rng.normal(2, 1, 60)
    adam = make_adam(find_fields(X), linear_wd=0.3)
    for _ in range(1500):
        step = adam.epoch(X, y)
    design = np.hstack([np.ones((60, 1)), X.toarray()])
    exact = np.linalg.solve(design.T @ design / 60 + np.diag([0, 0.3, 0.3, 0.3, 0.3]), design.T @ y / 60)
    np.testing.assert_allclose(np.r_[step.intercept, step.theta[:, 0]], exact, atol=1e-4)


def test_first_step_of_adam_moves_every_used_parameter_by_its_learning_rate():
    X, y, fields = ratings_matrix()
    adam = make_adam(fields, n_factors=2, bias_lr=0.1, linear_lr=0.02)
    before = adam.flat.copy()
    adam.step(X, y)
    moved = np.abs(adam.flat - before)
    np.testing.assert_allclose(moved[0], 0.1, rtol=1e-4)
    np.testing.assert_allclose(moved[1:].reshape(adam.shape)[:, 0], 0.02, rtol=1e-4)
    np.testing.assert_allclose(moved[1:].reshape(adam.shape)[:, 1:], 0.003, rtol=1e-3)


def test_gradients_are_clipped():
    X, y, fields = ratings_matrix()
    adam = make_adam(fields, clip_gradient=1e-3, start=100.0)
    adam.step(X, y)
    assert np.abs(adam.mean).max() <= 1e-3 * 0.1 * (1 + 1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("noise_by", [None, "user", "movie"])
def test_compiled_sweep_agrees_with_numpy(noise_by):
    pytest.importorskip("numba")
    from workshop.models.fm.compiled import pair_states

    X, _, fields = ratings_matrix(n=3000, n_users=40, n_items=30)
    rng = np.random.default_rng(2)
    truth = np.hstack([rng.normal(0, 0.5, (70, 1)), rng.normal(0, 0.8, (70, 2))])
    fields = [Field("user", 40), Field("movie", 30)]
    y = scores(X, 3.0, truth) + rng.normal(0, 0.5, 3000)
    machine = FactorizationMachineRegressor(2, noise_by=noise_by)
    means, noises = [], []
    for seed, solver in enumerate((gibbs_states, pair_states)):
        steps = solver(X, y, fields, machine, np.random.default_rng(seed))
        kept = [next(steps) for _ in range(200)][100:]
        assert kept[-1].loss == pytest.approx(
            np.sqrt(np.mean((y - scores(X, kept[-1].intercept, kept[-1].theta)) ** 2)), rel=1e-4
        )
        means.append(np.mean([scores(X, s.intercept, s.theta) for s in kept], axis=0))
        noises.append(np.mean([s.noise for s in kept]))
    assert np.std(means[0] - means[1]) < 0.1 * np.std(means[0] - y)
    if noise_by is None:  # of a user the product of common and own precision is known, not each of the two
        assert noises[0] == pytest.approx(noises[1], rel=0.1)
