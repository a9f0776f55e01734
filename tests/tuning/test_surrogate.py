import numpy as np
import pytest
from scipy.optimize import approx_fprime, check_grad
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, DotProduct, Matern

from workshop.tuning.surrogate import BOUNDS, NO_TREND, PRIOR_MEAN, PRIOR_STD, START, GaussianProcess, matern

# three length scales, signal, noise and trend variance
THETA = np.log([0.3, 0.7, 1.5, 2.0, 0.01, 0.2])
PLAIN = np.append(THETA[:-1], NO_TREND)


def trials(n=25, d=3, seed=0):
    X = np.random.default_rng(seed).random((n, d))
    y = np.sin(4 * X[:, 0]) + X[:, 1] ** 2 + 0.1 * X[:, -1]
    return X, (y - y.mean()) / y.std()


@pytest.fixture(params=[False, True], ids=["plain", "with trend"])
def gp(request):
    return GaussianProcess(trend=request.param).fit(*trials(), theta=THETA if request.param else PLAIN)


class OnSides(DotProduct):
    """scikit-learn's quadratic kernel of points measured from the middle of the cube, in half sides."""

    def __call__(self, X, Y=None, eval_gradient=False):
        return super().__call__(2 * X - 1, None if Y is None else 2 * Y - 1, eval_gradient)

    def diag(self, X):
        return super().diag(2 * X - 1)


def oracle_of(gp, X, y, mu):
    *scales, signal, noise, trend = np.exp(gp.theta_)
    kernel = ConstantKernel(signal) * Matern(scales, nu=2.5)
    if gp.trend:
        kernel += ConstantKernel(trend) * OnSides(1.0) ** 2
    return GaussianProcessRegressor(kernel, alpha=noise, optimizer=None).fit(X, y - mu)


@pytest.fixture
def oracle(gp):
    return oracle_of(gp, *trials(), gp.mu_)


def test_the_belief_is_that_of_scikit_learn(gp, oracle):
    Z = np.random.default_rng(1).random((40, 3))
    mean, std = oracle.predict(Z, return_std=True)
    assert np.allclose(gp.predict(Z)[0], mean + gp.mu_) and np.allclose(gp.predict(Z)[1], std)


def test_the_constant_mean_is_the_most_likely_one(gp):
    def log_likelihood(mu):
        return oracle_of(gp, *trials(), mu).log_marginal_likelihood_value_

    at_mu = log_likelihood(gp.mu_)
    assert all(at_mu > log_likelihood(gp.mu_ + step) for step in (-0.05, 0.05))


def test_each_trial_is_foreseen_from_all_the_others(gp):
    X, y = trials()
    mean, std = gp.leave_one_out()
    for i in range(0, 25, 6):
        others = np.arange(25) != i
        expected = oracle_of(gp, X[others], y[others], gp.mu_).predict(X[[i]], return_std=True)
        assert mean[i] == pytest.approx(expected[0][0] + gp.mu_)
        assert std[i] ** 2 == pytest.approx(expected[1][0] ** 2 + 0.01)


def test_the_loss_is_likelihood_and_prior(gp):
    spread = np.array([0.1, -0.3, 0.5, 0.2, 1.0, 0.4])
    mean, std = np.repeat(PRIOR_MEAN, [3, 1, 1, 1]), np.repeat(PRIOR_STD, [3, 1, 1, 1])

    def log_posterior(theta):
        other = GaussianProcess(gp.trend).fit(*trials(), theta=theta)
        likelihood = oracle_of(other, *trials(), other.mu_).log_marginal_likelihood_value_
        return likelihood - 0.5 * (((theta - mean) / std) ** 2).sum()

    expected = log_posterior(gp.theta_ + spread) - log_posterior(gp.theta_)
    assert gp.loss(gp.theta_)[0] - gp.loss(gp.theta_ + spread)[0] == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(5))
def test_gradients_are_those_of_finite_differences(gp, seed):
    rng = np.random.default_rng(seed)
    theta = THETA + rng.normal(size=6)
    assert check_grad(lambda t: gp.loss(t)[0], lambda t: gp.loss(t)[1], theta) < 1e-4 * (
        1 + np.abs(gp.loss(theta)[1]).max()
    )
    z = rng.random(3)
    assert check_grad(lambda z: gp.predict([z])[0][0], lambda z: gp.predict_with_gradients([z])[2][0], z) < 1e-5
    assert check_grad(lambda z: gp.predict([z])[1][0], lambda z: gp.predict_with_gradients([z])[3][0], z) < 1e-5
    step = 1e-6
    correlation, slope = matern(np.array([0.4, 0.4 + step]))
    assert (correlation[1] - correlation[0]) / step == pytest.approx(-0.4 * slope[0], rel=1e-4)


def test_fitting_finds_a_place_that_no_neighbour_beats():
    gp = GaussianProcess().fit(*trials())
    low, high = np.repeat(BOUNDS, [3, 1, 1, 1], axis=0).T
    for step in [*0.05 * np.eye(6), *-0.05 * np.eye(6)]:  # theta is rounded to .01
        beside = np.where(np.arange(6) < 5, np.clip(gp.theta_ + step, low, high), NO_TREND)
        assert gp.loss(beside)[0] >= gp.loss_
    assert (gp.theta_ == gp.theta_.round(2)).all() and gp.trend_ < 1e-20
    assert gp.loss_ < gp.loss(np.repeat([*START[:3], NO_TREND], [3, 1, 1, 1]))[0]
    assert gp.scales_[2] > gp.scales_[0]  # the third column hardly matters, the first matters most


def test_a_search_that_ends_a_little_off_is_set_right():
    rng = np.random.default_rng(0)
    X = rng.random((25, 2)) ** 2  # crowded, and without noise: K is nearly singular, as late in a study
    gp = GaussianProcess(trend=True).fit(X, np.sin(6 * X[:, 0]) + X[:, 1])
    free = np.array([True, True, True, False, True])
    top = gp.theta_
    for _ in range(10):  # each step is at most a thousandth, and theta_ is rounded to a hundredth
        top = gp._polished(top, free)
    assert np.abs(gp.loss(top)[1][free]).max() < 1e-6 and top[3] == gp.theta_[3]
    for _ in range(5):
        assert gp._polished(top + 1e-5 * free * rng.normal(size=5), free) == pytest.approx(top, abs=1e-6)


def test_columns_of_a_group_share_a_length_scale():
    X, y = trials()
    gp = GaussianProcess().fit(X, y, groups=[0, 1, 1])
    assert gp.theta_.shape == (5,) and gp.scales_[1] == gp.scales_[2] != gp.scales_[0]
    apart = GaussianProcess().fit(X, y, theta=np.insert(gp.theta_, 1, gp.theta_[1]))
    assert np.allclose(apart.predict(X), gp.predict(X))


def test_length_scales_along_axes_are_those_of_the_turned_columns():
    X, y = trials()
    axes = np.linalg.qr(np.random.default_rng(6).normal(size=(3, 3)))[0]
    gp = GaussianProcess().fit(X, y, PLAIN, axes=axes)
    turned = GaussianProcess().fit(X @ axes, y, PLAIN)
    assert np.allclose(gp.predict(X + 0.1), turned.predict((X + 0.1) @ axes))
    for i in (0, 1):
        slope = gp.predict_with_gradients(X[:1])[2 + i][0]
        assert approx_fprime(X[0], lambda z, i=i: gp.predict([z])[i][0]) == pytest.approx(slope, abs=1e-4)
    assert gp.scales_ == pytest.approx(1 / np.linalg.norm(axes / np.exp(PLAIN[:3]), axis=1))


def test_the_main_axes_lie_along_and_across_a_valley_and_leave_choices_alone():
    X = np.random.default_rng(3).random((40, 4))
    gp = GaussianProcess().fit(X, np.sin(3 * X[:, [0, 3]] @ [0.6, -0.8]), groups=[0, 1, 1, 2])
    axes = gp.main_axes()
    assert np.abs(axes[:, 3]) == pytest.approx([0.6, 0, 0, 0.8], abs=0.02)  # the steepest, last
    assert np.allclose(axes.T @ axes, np.eye(4), atol=1e-5) and (axes[1:3, 1:3] == np.eye(2)).all()


def test_a_trend_sees_a_valley_that_lies_across_the_axes():
    X = np.random.default_rng(3).random((14, 2))
    valley = lambda X: 100 * (X @ [1, -1] - 0.1) ** 2 + (X @ [1, 1] - 1) ** 2  # noqa: E731
    mean, std = valley(X).mean(), valley(X).std()
    Z = np.random.default_rng(4).random((200, 2))
    error = {
        trend: np.abs(GaussianProcess(trend).fit(X, (valley(X) - mean) / std).predict(Z)[0] - (valley(Z) - mean) / std)
        for trend in (False, True)
    }
    assert np.median(error[True]) < np.median(error[False]) / 5


def test_noise_is_learned():
    X, y = trials(n=80)
    noisy = y + 0.3 * np.random.default_rng(5).normal(size=80)
    assert GaussianProcess().fit(X, y).noise_ < 1e-3
    assert 0.03 < GaussianProcess().fit(X, noisy).noise_ < 0.3  # 0.09 in truth


def test_drawn_functions_have_the_mean_and_the_covariance_of_the_belief(gp):
    Z = np.random.default_rng(2).random((3, 3))
    draws = np.array([gp.draw(Z, rng) for rng in [np.random.default_rng(3)] for _ in range(4000)])
    mean, std = gp.predict(Z)
    assert np.allclose(draws.mean(axis=0), mean, atol=5 * std.max() / 60)
    assert np.allclose(draws.std(axis=0), std, rtol=0.1, atol=3e-3)


def test_the_belief_survives_what_is_degenerate():
    X, y = trials(n=6)
    for X_, y_ in [(X, np.zeros(6)), (np.repeat(X[:1], 6, axis=0), y), (X[:1], y[:1])]:
        mean, std = GaussianProcess().fit(X_, y_).predict(X)
        assert np.isfinite(mean).all() and (std > 0).all()


@pytest.mark.parametrize(
    "X, y, message",
    [
        (np.zeros(3), np.zeros(3), r"X \(3,\) must be"),
        (np.zeros((3, 1)), np.zeros((3, 1)), r"y \(3, 1\)"),
        (np.zeros((0, 1)), np.zeros(0), "n > 0"),
        (np.zeros((2, 1)), np.array([0.0, np.nan]), "must be finite"),
    ],
)
def test_trials_that_make_no_sense_are_refused(X, y, message):
    with pytest.raises(ValueError, match=message):
        GaussianProcess().fit(X, y)
