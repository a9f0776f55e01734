"""The sampler against posteriors that are known by other means."""

import numpy as np
import pytest
import scipy.sparse as sp
from scipy import stats

from workshop.models import FactorizationMachineRegressor
from workshop.models.fm.equation import Field, scores
from workshop.models.fm.gibbs import (
    Block,
    Noise,
    conjugate_gradients,
    draw_normal_gamma,
    draw_probit_latent,
    gibbs_states,
    make_blocks,
    stack,
    sweep,
)

N_DRAWS = 6_000


def one_hot(index, size):
    return sp.csr_array((np.ones(len(index)), (np.arange(len(index)), index)), shape=(len(index), size))


def assert_same_normal(draws, mean, covariance):
    """Mean and covariance of draws (n, d) within 5 standard errors of what they should be."""
    n = len(draws)
    sd = np.sqrt(np.diag(covariance))
    np.testing.assert_array_less(np.abs(draws.mean(axis=0) - mean), 5 * sd / np.sqrt(n))
    np.testing.assert_array_less(np.abs(np.cov(draws.T) - covariance), 5 * np.outer(sd, sd) * np.sqrt(2 / n))


def posterior(design, y, alpha, prior_mean, prior_precision):
    """Mean and covariance of a Bayesian linear regression, Bishop (2006), Eq. 3.50 and 3.51."""
    covariance = np.linalg.inv(design.T @ (alpha[:, None] * design) + prior_precision)
    return covariance @ (design.T @ (alpha * y) + prior_precision @ prior_mean), covariance


@pytest.mark.slow
@pytest.mark.parametrize("with_features", [False, True])
@pytest.mark.parametrize("k", [0, 1])
def test_one_update_draws_from_the_posterior_of_a_linear_regression(with_features, k):
    rng = np.random.default_rng(3)
    n, m, p = 30, 4, 3
    index, values = rng.integers(0, m, n), rng.normal(size=n)
    X = sp.csr_array(values[:, None] * one_hot(index, m).toarray())
    Z = rng.normal(size=(m, p)) if with_features else np.zeros((m, 0))
    groups = {"a": 1, "b": 2} if with_features else None
    block = Block(X, Field("f", m, sp.csr_array(Z) if with_features else None, groups), 1, 0.1, rng)
    block.mean[:, k] = [0.4, -0.2, 0.3][: len(block.mean)]
    block.precision[:, k] = [2.0, 3.0, 0.5][: len(block.mean)]
    h = rng.normal(size=n) if k else np.ones(n)
    alpha = rng.uniform(0.5, 3, n)
    y = rng.normal(size=n)

    def draw():
        now = X @ block.columns[:, k]
        block.update(k, h, y - h * now, alpha, rng)
        return np.r_[block.columns[:, k], block.theta[:, k] if with_features else []]

    draws = np.array([draw() for _ in range(N_DRAWS)])
    # parameters: each column's own deviation, then the features; a column is its deviation plus Z theta
    design = h[:, None] * (X @ np.hstack([np.eye(m), Z]))
    weights = np.r_[np.full(m, 2.0), np.repeat([3.0, 0.5], [1, 2]) if with_features else []]
    centre = np.r_[np.full(m, 0.4), np.repeat([-0.2, 0.3], [1, 2]) if with_features else []]
    mean, covariance = posterior(design, y, alpha, centre, np.diag(weights))
    to_columns = np.block([[np.eye(m), Z], [np.zeros((Z.shape[1], m)), np.eye(Z.shape[1])]])
    assert_same_normal(draws, to_columns @ mean, to_columns @ covariance @ to_columns.T)


def test_sweep_keeps_the_residual_of_the_model():
    rng = np.random.default_rng(1)
    X = sp.csr_array(rng.normal(size=(50, 6)) * (rng.random((50, 6)) < 0.4))
    blocks = make_blocks(X, [Field(str(j), 1) for j in range(6)], FactorizationMachineRegressor(3, init_sigma=0.5), rng)
    y = rng.normal(size=50)
    residual = y - scores(X, 0.2, stack(blocks))
    sweep(blocks, residual, np.ones(50), rng)
    np.testing.assert_allclose(residual, y - scores(X, 0.2, stack(blocks)), atol=1e-10)


def test_conjugate_gradients_solve_a_linear_system():
    rng = np.random.default_rng(0)
    A = rng.normal(size=(40, 20))
    A = A.T @ A + np.eye(20)
    b = rng.normal(size=20)
    x = conjugate_gradients(lambda v: A @ v, b, np.zeros(20), np.diag(A), tol=1e-10)
    np.testing.assert_allclose(x, np.linalg.solve(A, b), rtol=1e-6)


def test_normal_gamma_draws_agree_with_the_closed_form():
    rng = np.random.default_rng(0)
    x = rng.normal(1.0, 0.5, size=7)
    mean, precision = draw_normal_gamma(np.repeat(x[:, None], N_DRAWS, axis=1), rng)
    # Murphy (2007), Conjugate Bayesian analysis of the Gaussian, Eq. 86 to 89, with mu_0=0, kappa_0=1, a=b=1/2
    shape = 0.5 + 7 / 2
    rate = 0.5 + ((x - x.mean()) ** 2).sum() / 2 + 7 * x.mean() ** 2 / (2 * 8)
    assert stats.kstest(precision, stats.gamma(shape, scale=1 / rate).cdf).pvalue > 1e-3
    marginal = stats.t(2 * shape, loc=7 * x.mean() / 8, scale=np.sqrt(rate / (shape * 8)))
    assert stats.kstest(mean, marginal.cdf).pvalue > 1e-3


def test_noise_of_each_column_agrees_with_the_closed_form():
    rng = np.random.default_rng(0)
    noise = Noise(Block(one_hot([0, 0, 1], 3), Field("f", 3), 0, 0.1, rng))
    draws = []
    for _ in range(N_DRAWS):
        alpha = noise.draw(np.array([1.0, 2.0, 0.1]), rng)
        np.testing.assert_allclose(alpha, noise.common * noise.each[[0, 0, 1]])
        draws.append(noise.each * (4 + noise.common * np.array([5.0, 0.01, 0.0])) / 2)
    for column, count in enumerate([2, 1, 0]):  # given the common one, each is gamma: shape (4 + count) / 2
        assert stats.kstest(np.array(draws)[:, column], stats.gamma((4 + count) / 2).cdf).pvalue > 1e-3


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_probit_latents_are_truncated_normal(label):
    draws = draw_probit_latent(np.full(N_DRAWS, 0.7), np.full(N_DRAWS, label), np.random.default_rng(0))
    low, high = (-0.7, np.inf) if label else (-np.inf, -0.7)
    assert stats.kstest(draws, stats.truncnorm(low, high, loc=0.7).cdf).pvalue > 1e-3


@pytest.mark.slow
def test_whole_chain_passes_geweke(n_chain=6000):
    """Geweke (2004): alternating "draw the data" and "sweep" must leave the prior of all parameters as it is.

    The intercept has a flat prior, which cannot be drawn from, so it is taken back out of the data in each round.
    """
    rng = np.random.default_rng(5)
    users, items = np.repeat([0, 1, 2], 3), np.tile([0, 1, 2], 3)
    X = sp.hstack([one_hot(users, 3), one_hot(items, 3)], format="csr")
    blocks = make_blocks(X, [Field("user", 3), Field("item", 3)], FactorizationMachineRegressor(1, init_sigma=0.3), rng)
    for block in blocks:
        block.precision[:], block.mean[:] = [[4.0, 4.0]], [[0.0, 0.5]]
        block.columns = rng.normal(block.mean, 0.5, block.columns.shape)
    alpha, seen = np.full(9, 2.0), []
    for _ in range(n_chain):
        residual = rng.normal(0, alpha**-0.5)  # new ratings, given the parameters
        sweep(blocks, residual, alpha, rng)
        seen.append(stack(blocks).copy())
    seen = np.array(seen)[::4].reshape(-1, 6, 2)
    for k, centre in enumerate([0.0, 0.5]):
        chains = seen[:, :, k]
        # batches of 50 rounds estimate the standard error in spite of correlation
        for statistic, exact in [(chains, centre), ((chains - centre) ** 2, 0.25)]:
            batches = statistic.mean(axis=1).reshape(-1, 50).mean(axis=1)
            error = batches.std(ddof=1) / np.sqrt(len(batches))
            assert abs(batches.mean() - exact) < 4.5 * error


def test_noise_and_parameters_of_known_ratings_are_recovered():
    rng = np.random.default_rng(0)
    users, items = rng.integers(0, 40, 4000), rng.integers(0, 30, 4000)
    truth = np.hstack([rng.normal(0, 0.5, (70, 1)), rng.normal(0, 0.7, (70, 2))])
    X = sp.hstack([one_hot(users, 40), one_hot(items, 30)], format="csr")
    clean = scores(X, 3.0, truth)
    sigma = np.where(users < 20, 0.2, 0.6)
    y = clean + sigma * rng.normal(size=4000)
    fields, machine = [Field("u", 40), Field("i", 30)], FactorizationMachineRegressor(2, noise_by="u")
    states = gibbs_states(X, y, fields, machine, rng)
    kept = [next(states) for _ in range(150)][50:]
    fitted = np.mean([scores(X, s.intercept, s.theta) for s in kept], axis=0)
    assert np.sqrt(np.mean((fitted - clean) ** 2)) < 0.12
    assert np.mean([s.noise for s in kept]) == pytest.approx(np.sqrt(1 / np.mean(sigma**-2.0)), rel=0.3)
