import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import log_ndtr
from scipy.stats import norm

from workshop.tuning.acquisition import (
    LOG_OF,
    expected_improvement,
    log_expected_improvement,
    log_probability_of_improvement,
    lower_confidence_bound,
    probability_of_improvement,
    thompson_sampling,
)

MEAN, STD = np.array([-1.0, 0.0, 0.4, 2.0]), np.array([0.3, 1.0, 0.2, 1.5])


@pytest.mark.parametrize("xi", [0.0, 0.3])
def test_improvement_agrees_with_monte_carlo(xi):
    draws = MEAN + STD * np.random.default_rng(0).normal(size=(1_000_000, 4))
    gain = np.maximum(0.5 - xi - draws, 0)
    error = 5 * gain.std(axis=0) / 1000
    assert (np.abs(expected_improvement(MEAN, STD, 0.5, xi=xi) - gain.mean(axis=0)) < error).all()
    hits = (draws < 0.5 - xi).mean(axis=0)
    assert np.allclose(probability_of_improvement(MEAN, STD, 0.5, xi=xi), hits, atol=2.5e-3)


@pytest.mark.parametrize("log_form, form", [(form, plain) for plain, form in LOG_OF.items()])
def test_the_logarithm_is_that_of_the_utility_where_both_exist(log_form, form):
    mean = np.linspace(-8, 8, 200)
    std = np.full(200, 1.3)
    assert np.allclose(log_form(mean, std, 0.2, xi=0.1), np.log(form(mean, std, 0.2, xi=0.1)), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("z", [-1.5, -5.0, -20.0, -49.9, -50.1, -300.0, -1e4])
def test_far_tails_agree_with_integrals_of_the_logarithm(z):
    # EI / phi(z) = integral of t exp(z t - t^2 / 2) over t > 0; with t = s / |z| it never underflows
    integral = quad(lambda s: s * np.exp(-s - (s / z) ** 2 / 2), 0, 60)[0] / z**2
    expected = norm.logpdf(z) + np.log(integral)
    assert log_expected_improvement([-z], [1.0], 0.0)[0] == pytest.approx(expected, rel=1e-10)
    assert log_probability_of_improvement([-z], [1.0], 0.0)[0] == log_ndtr(z)


def test_the_tail_is_one_smooth_curve():
    z = np.concatenate([np.linspace(-60, -40, 4001), np.linspace(-2, 0, 4001)])
    slope = np.diff(log_expected_improvement(-z, np.ones_like(z), 0.0)) / np.diff(z)
    for part in (slope[:4000], slope[4001:]):
        assert np.isfinite(part).all() and (np.diff(part) < 1e-6).all()  # log EI is concave in z


def test_larger_is_better():
    better, worse = np.array([0.0, 1.0]), np.ones(2)
    for utility in (*LOG_OF, *LOG_OF.values(), lower_confidence_bound):
        assert np.argmax(utility(better, worse, 0.5)) == 0  # a lower mean
        assert np.argmax(utility(np.ones(2), np.array([0.5, 1.0]), 0.5)) == 1  # or less certainty, above best


def test_weights_explore():
    certain, uncertain = 0, 1
    mean, std = np.array([0.0, 0.3]), np.array([0.1, 1.0])
    assert np.argmax(probability_of_improvement(mean, std, 0.1)) == certain
    assert np.argmax(probability_of_improvement(mean, std, 0.1, xi=1.0)) == uncertain
    assert np.argmax(lower_confidence_bound(mean, std, kappa=0.1)) == certain
    assert np.argmax(lower_confidence_bound(mean, std, kappa=2.0)) == uncertain
    assert np.array_equal(lower_confidence_bound(mean, std, kappa=3.0), 3 * std - mean)
    assert thompson_sampling(np.array([0.1, -2.0, 3.0])).argmax() == 1


@pytest.mark.parametrize("utility", [*LOG_OF, *LOG_OF.values(), lower_confidence_bound])
def test_shapes_that_would_broadcast_are_refused(utility):
    with pytest.raises(ValueError, match=r"mean \(3, 1\) and std \(3,\) must both be"):
        utility(np.zeros((3, 1)), np.ones(3), 0.0)
    with pytest.raises(ValueError, match="std must be positive"):
        utility(np.zeros(2), np.array([1.0, 0.0]), 0.0)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("std", [5e-324, 1e-310, 1e-200, 1e-12])
def test_a_std_of_next_to_nothing_leaves_the_improvement_itself(std):
    mean, std = np.array([-2.0, -1e-3, 0.5, 1e10]), np.full(4, std)
    assert expected_improvement(mean, std, 0.0) == pytest.approx([2.0, 1e-3, 0.0, 0.0])
    assert probability_of_improvement(mean, std, 0.0) == pytest.approx([1.0, 1.0, 0.0, 0.0])
    assert log_expected_improvement(mean, std, 0.0)[:2] == pytest.approx(np.log([2.0, 1e-3]))
    for utility in (*LOG_OF, *LOG_OF.values(), lower_confidence_bound):
        assert not np.isnan(utility(mean, std, 0.0)).any()


@pytest.mark.parametrize("name", ["mean", "best", "xi"])
@pytest.mark.parametrize("value", [np.nan, np.inf, 1j])
def test_what_is_not_a_finite_number_is_named(name, value):
    given = {"mean": [0.0, 1.0], "std": [1.0, 1.0], "best": 0.0, "xi": 0.0}
    given[name] = [value, 1.0] if name == "mean" else value
    with pytest.raises((TypeError, ValueError)):
        expected_improvement(**given)
    if value != 1j:
        with pytest.raises(ValueError, match=f"{name}=.* must be finite"):
            expected_improvement(**given)
