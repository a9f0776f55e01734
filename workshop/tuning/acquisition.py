"""Where to look next: how much a trial promises, given what is believed of it.

Every function takes the belief at m configs, `mean` (m,) and `std` (m,), and returns a utility (m,): larger is better.
`best` is the value to beat. Values are minimised. z = (best - mean - xi) / std throughout; phi and Phi are the
density and distribution function of the standard normal.
"""

import numpy as np
import numpy.typing as npt
from scipy.special import erfcx, log_ndtr, ndtr

LOG_SQRT_2PI = 0.5 * np.log(2 * np.pi)


def _finite(**given):
    """Raise ValueError naming the argument that holds NaN, an infinite value, or no real number."""
    for name, value in given.items():
        kind = np.asarray(value).dtype.kind
        if kind not in "iuf" or not np.isfinite(value).all():
            raise ValueError(f"{name}={value} must be finite; leave out what is not known yet")


def _improvement(mean, std, best, xi):
    """Return z (m,) and std (m,), having checked that both arrays are (m,): NumPy would quietly make an (m, m).

    A std of no consequence beside best - mean - xi is raised to 1e-150 of it, so that z and its square are finite.
    """
    mean, std = np.asarray(mean, dtype=float), np.asarray(std, dtype=float)
    if mean.ndim != 1 or mean.shape != std.shape:
        raise ValueError(f"mean {mean.shape} and std {std.shape} must both be (m,); flatten them")
    if not (std > 0).all():
        raise ValueError("std must be positive everywhere; add a little noise, such as 1e-12")
    _finite(mean=mean, std=std, best=best, xi=xi)
    gain = best - mean - xi
    std = np.maximum(std, 1e-150 * np.abs(gain))
    return gain / std, std


def expected_improvement(mean: npt.ArrayLike, std: npt.ArrayLike, best: float, *, xi: float = 0.0) -> np.ndarray:
    """Return by how much each config is expected to fall below `best`, (m,): std (z Phi(z) + phi(z)).

    Parameters
    ----------
    mean, std : (m,) arrays
        The belief at m configs, in the objective's unit; std > 0.
    best : float
        The value to beat.
    xi : float
        How far below `best` counts as improvement, in the same unit: larger explores more.

    References
    ----------
    Jones, Schonlau, Welch (1998), Efficient Global Optimization, eq. 15.

    Examples
    --------
    >>> expected_improvement([0.0, 1.0], [1.0, 1.0], best=0.0).round(3)
    array([0.399, 0.083])
    """
    z, std = _improvement(mean, std, best, xi)
    return std * (z * ndtr(z) + np.exp(-z * z / 2 - LOG_SQRT_2PI))


def log_expected_improvement(mean: npt.ArrayLike, std: npt.ArrayLike, best: float, *, xi: float = 0.0) -> np.ndarray:
    """Return the logarithm of `expected_improvement`, (m,), right also where that is 0 in floating point.

    With R(z) = Phi(z) / phi(z), computed by erfcx, log(z Phi + phi) = log phi(z) + log(1 + z R(z)) below z = -1. There
    1 + z R = z^-2 (1 - 3 z^-2 + 15 z^-4 - ...): beyond z = -50 the series is more exact than the difference.

    References
    ----------
    Ament et al. (2023), Unexpected Improvements to Expected Improvement, eq. 9.

    Examples
    --------
    >>> log_expected_improvement([40.0], [1.0], best=0.0).round(2), expected_improvement([40.0], [1.0], best=0.0)
    (array([-808.3]), array([0.]))
    """
    z, std = _improvement(mean, std, best, xi)
    near, low, far = np.maximum(z, -1.0), np.clip(z, -50.0, -1.0), np.minimum(z, -50.0)
    direct = np.log(near * ndtr(near) + np.exp(-near * near / 2 - LOG_SQRT_2PI))
    ratio = np.sqrt(np.pi / 2) * erfcx(-low / np.sqrt(2))
    tail = np.where(z > -50.0, np.log1p(low * ratio), -2 * np.log(-far) + np.log1p((15 / far**2 - 3) / far**2))
    return np.log(std) + np.where(z > -1.0, direct, -z * z / 2 - LOG_SQRT_2PI + tail)


def probability_of_improvement(mean: npt.ArrayLike, std: npt.ArrayLike, best: float, *, xi: float = 0.0) -> np.ndarray:
    """Return how likely each config falls below `best` - `xi`, (m,) in [0, 1]: Phi(z).

    Parameters are those of `expected_improvement`.

    References
    ----------
    Kushner (1964), as eq. 2 of Brochu, Cora, de Freitas (2010), A Tutorial on Bayesian Optimization.

    Examples
    --------
    >>> probability_of_improvement([0.0, 1.0], [1.0, 1.0], best=0.0).round(3)
    array([0.5  , 0.159])
    """
    return ndtr(_improvement(mean, std, best, xi)[0])


def log_probability_of_improvement(
    mean: npt.ArrayLike, std: npt.ArrayLike, best: float, *, xi: float = 0.0
) -> np.ndarray:
    """Return the logarithm of `probability_of_improvement`, (m,), right also where that is 0 in floating point.

    Examples
    --------
    >>> log_probability_of_improvement([40.0], [1.0], best=0.0).round(2)
    array([-804.61])
    """
    return log_ndtr(_improvement(mean, std, best, xi)[0])


def lower_confidence_bound(
    mean: npt.ArrayLike, std: npt.ArrayLike, best: float | None = None, *, kappa: float = 2.0
) -> np.ndarray:
    """Return minus the optimistic end of the belief, (m,): kappa std - mean. `best` is not used.

    Parameters are those of `expected_improvement`, and `kappa`: how many standard deviations of optimism.

    References
    ----------
    Srinivas et al. (2010), Gaussian Process Optimization in the Bandit Setting, eq. 6, for minimisation.

    Examples
    --------
    >>> lower_confidence_bound([0.0, 1.0], [1.0, 1.0], kappa=1.0)
    array([1., 0.])
    """
    _, checked_std = _improvement(mean, std, 0.0, 0.0)
    _finite(kappa=kappa)
    return kappa * checked_std - np.asarray(mean, dtype=float)


def thompson_sampling(draw: npt.ArrayLike) -> np.ndarray:
    """Return minus one function drawn from the belief, (m,): its lowest place is as likely chosen as it is the lowest.

    Of all acquisitions the only one that needs m values drawn together (`GaussianProcess.draw`), not mean and std.

    References
    ----------
    Thompson (1933); algorithm 1 of Chapelle and Li (2011), An Empirical Evaluation of Thompson Sampling.

    Examples
    --------
    >>> int(thompson_sampling(np.array([0.3, -1.2])).argmax())
    1
    """
    draw = np.asarray(draw, dtype=float)
    if draw.ndim != 1:
        raise ValueError(f"draw has shape {draw.shape}; give one number per config, shape (m,)")
    _finite(draw=draw)
    return -draw


# What an acquisition can be given as, in text.
ACQUISITIONS = {
    function.__name__: function
    for function in (expected_improvement, probability_of_improvement, lower_confidence_bound, thompson_sampling)
}

# What the strategies climb instead: the same maximum, and a slope also where the utility itself is flat zero.
LOG_OF = {
    expected_improvement: log_expected_improvement,
    probability_of_improvement: log_probability_of_improvement,
}
