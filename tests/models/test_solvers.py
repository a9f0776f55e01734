"""The machine's equation, fields, gradient, Adam and Gibbs sampler, against what is known by other means."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from workshop.models import FactorizationMachineRegressor
from workshop.models.fm.equation import (
    Adam,
    Field,
    State,
    check_fields,
    find_fields,
    loss_gradient,
    pair_scores,
    scores,
)
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


def known_ratings(n, seed=0):
    """Rows (n, 70) of 40 users and 30 movies, their two fields, and what a machine of two factors says of each row."""
    rng = np.random.default_rng(seed)
    X = sp.hstack([one_hot(rng.integers(0, size, n), size) for size in (40, 30)], format="csr")
    truth = np.hstack([rng.normal(0, 0.5, (70, 1)), rng.normal(0, 0.7, (70, 2))])
    return X, [Field("user", 40), Field("movie", 30)], scores(X, 3.0, truth)


def brute_force(x, intercept, theta):
    """Rendle (2010), Eq. 1, as written: a double loop over pairs."""
    total = intercept + sum(theta[i, 0] * x[i] for i in range(len(x)))
    for i in range(len(x)):
        for j in range(i + 1, len(x)):
            total += theta[i, 1:] @ theta[j, 1:] * x[i] * x[j]
    return total


@pytest.mark.parametrize("kind", [np.asarray, sp.csr_array, sp.csr_matrix])
@pytest.mark.parametrize("n_factors", [0, 1, 5])
def test_scores_equal_the_double_loop(kind, n_factors):
    rng = np.random.default_rng(n_factors)
    X = rng.normal(size=(20, 7)) * (rng.random((20, 7)) < 0.5)
    theta = rng.normal(size=(7, 1 + n_factors))
    np.testing.assert_allclose(scores(kind(X), 0.3, theta), [brute_force(x, 0.3, theta) for x in X], atol=1e-12)


@pytest.mark.parametrize("kind", [np.asarray, sp.csr_array])
def test_scores_of_pairs_equal_those_of_the_summed_rows(kind):
    rng = np.random.default_rng(0)
    left, right = rng.normal(size=(4, 7)) * (np.arange(7) < 3), rng.normal(size=(5, 7)) * (np.arange(7) >= 3)
    states = [State(rng.normal(), rng.normal(size=(7, 4)), 0.0) for _ in range(3)]
    found = pair_scores(kind(left), kind(right), states)
    for i, j in np.ndindex(4, 5):
        exact = np.mean([brute_force(left[i] + right[j], s.intercept, s.theta) for s in states])
        assert found[i, j] == pytest.approx(exact)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(1, 9), st.floats(0, 1))
def test_no_row_uses_a_found_field_twice_and_no_field_could_be_longer(seed, n_rows, n_columns, density):
    rng = np.random.default_rng(seed)
    dense = (rng.random((n_rows, n_columns)) < density).astype(float)
    X = sp.csr_array(dense)
    fields = find_fields(X)
    check_fields(X, fields)
    start = 0
    for field in fields[:-1]:
        longer = dense[:, start : start + field.n_columns + 1]
        assert longer.sum(axis=1).max() == 2
        start += field.n_columns


def wrong(*arguments, **options):
    return lambda: Field("a", 2, *arguments, **options)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: check_fields(sp.csr_array([[1, 1, 0]]), [Field("a", 2)]), "describe 2 columns but X has 3"),
        (
            lambda: check_fields(sp.csr_array([[0, 1, 1], [1, 1, 0]]), [Field("a", 2), Field("b", 1)]),
            "row 1 of X uses 2 columns of field 'a'",
        ),
        (wrong(np.ones((3, 1))), "has 3 rows, not n_columns=2"),
        (wrong(np.ones((2, 1)), {"genre": 4}), "but there are 1 features"),
        (wrong(np.ones((2, 1)), groups=True), "groups of field 'a' are True; give a dict"),
        (wrong(groups={"genre": 4}), "features is None"),
        *((lambda n=n: Field("a", n), "n_columns of field 'a' is .*; give a whole") for n in (True, 0, 2.0, "2")),
    ],
)
def test_wrong_fields_are_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()


# Gradient descent


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
    X, fields, y = known_ratings(300)
    adam = make_adam(fields, n_factors=2, bias_lr=0.1, linear_lr=0.02)
    before = adam.flat.copy()
    adam.step(X, y)
    moved = np.abs(adam.flat - before)
    np.testing.assert_allclose(moved[0], 0.1, rtol=1e-4)
    np.testing.assert_allclose(moved[1:].reshape(adam.shape)[:, 0], 0.02, rtol=1e-4)
    np.testing.assert_allclose(moved[1:].reshape(adam.shape)[:, 1:], 0.003, rtol=1e-3)


def test_gradients_are_clipped():
    X, fields, y = known_ratings(300)
    adam = make_adam(fields, clip_gradient=1e-3, start=100.0)
    adam.step(X, y)
    assert np.abs(adam.mean).max() <= 1e-3 * 0.1 * (1 + 1e-9)


# Gibbs sampling


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
    X, fields, clean = known_ratings(4000)
    rng, machine = np.random.default_rng(1), FactorizationMachineRegressor(2, noise_by="user")
    sigma = np.where(X[:, :20].sum(axis=1) == 1, 0.2, 0.6)  # half of the users rate more consistently
    states = gibbs_states(X, clean + sigma * rng.normal(size=4000), fields, machine, rng)
    kept = [next(states) for _ in range(150)][50:]
    fitted = np.mean([scores(X, s.intercept, s.theta) for s in kept], axis=0)
    assert np.sqrt(np.mean((fitted - clean) ** 2)) < 0.12
    assert np.mean([s.noise for s in kept]) == pytest.approx(np.sqrt(1 / np.mean(sigma**-2.0)), rel=0.3)


@pytest.mark.slow
@pytest.mark.parametrize("noise_by", [None, "user", "movie"])
def test_compiled_sweep_agrees_with_numpy(noise_by):
    pytest.importorskip("numba")
    from workshop.models.fm.compiled import pair_states

    X, fields, clean = known_ratings(3000, seed=2)
    y = clean + np.random.default_rng(2).normal(0, 0.5, 3000)
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
