"""Where to look next: how much a trial promises, given what is believed; and the `Belief` itself.

Every function takes the belief at m configs, `mean` (m,) and `std` (m,), and returns a utility (m,): larger is better.
`best` is the value to beat. Values are minimised. z = (best - mean - xi) / std throughout; phi and Phi are the
density and distribution function of the standard normal.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.special import erfcx, log_ndtr, ndtr

from workshop.tuning.space import Space
from workshop.tuning.surrogate import GaussianProcess, ValueScale

FEW_VALUES = 33  # so few are all looked at
LEAST_GAIN = 1e-4  # what counts as better, in standard deviations of the bent values
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


def parts_of(acquisition: Callable) -> tuple[Callable, dict]:
    """Return the function of an acquisition, and the weights that a `partial` gives it."""
    return getattr(acquisition, "func", acquisition), getattr(acquisition, "keywords", {})


class Belief:
    """A Gaussian process fitted to a history, and the acquisition it gives.

    Attributes
    ----------
    space : Space
        The space in which the belief is held: every `log="auto"` replaced by the scale that was found.
    gp : GaussianProcess
        On encoded configs (n, d) of `space` and bent values.
    scale : ValueScale
        From the objective's unit to the values of `gp`, and back.

    Examples
    --------
    >>> from workshop.tuning import BayesianSearch, Float, History, Space, Trial
    >>> history = History(Trial(i, {"eta": x}, "complete", x**2) for i, x in enumerate([0.0, 0.4, 1.0]))
    >>> belief = BayesianSearch().believe(Space({"eta": Float(0, 1)}), history)
    >>> low, middle, high = belief.band([{"eta": 0.4}, {"eta": 0.7}])
    >>> bool(abs(middle[0] - 0.16) < 0.05), bool((low < middle).all() and (middle < high).all())
    (True, True)
    """

    def __init__(self, space: Space, gp: GaussianProcess, scale: ValueScale, acquisition: Callable):
        self.space, self.gp, self.scale, self.acquisition = space, gp, scale, acquisition
        # The lowest value believed in, not the luckiest one measured; and a little less, or all trials would go where
        # there is as good as nothing left to win, once all other places look worse.
        self.best = gp.predict(gp.X_)[0].min() - LEAST_GAIN
        self.best_first = gp.X_[np.argsort(gp.y_, kind="stable")]
        self.smooth = {  # the columns that can be climbed: Floats, and Ints with many values
            name: part.start
            for name, part in space.columns.items()
            if space[name].width == 1 and space[name].n_values > FEW_VALUES
        }
        function, weights = parts_of(acquisition)
        self._utility: Callable = partial(LOG_OF[function], **weights) if function in LOG_OF else acquisition

    def band(self, configs: Sequence[Mapping], n_std: float = 2.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the value expected at m configs and the ends of a band of `n_std` around it, in the objective's unit.

        Returns
        -------
        low, middle, high : (m,) arrays
            Quantiles of the belief: middle is its median, two standard deviations hold 95% of it.
        """
        mean, std = self.gp.predict(self.space.encode_all(configs))
        low, middle, high = (self.scale.unbend(mean + n * std) for n in (-n_std, 0.0, n_std))
        return low, middle, high

    def promise(self, configs: Sequence[Mapping]) -> np.ndarray:
        """Return the acquisition at m configs, (m,); its unit is the standard deviation of the bent values."""
        return self.acquisition(*self.gp.predict(self.space.encode_all(configs)), self.best)

    def utility(self, Z: np.ndarray) -> np.ndarray:
        """Return what is maximised at encoded Z (m, d), (m,): the acquisition or, if it has one, its logarithm."""
        return self._utility(*self.gp.predict(Z), self.best)

    def utility_with_gradient(self, Z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the utility (m,) at Z (m, d) and its gradient (m, d): the chain rule through mean and std.

        The acquisition's own slopes are differences, so that any function of (mean, std, best) will do.
        """
        mean, std, mean_gradient, std_gradient = self.gp.predict_with_gradients(Z)
        step = 1e-6 * std
        means, stds = np.array([mean, mean + step, mean]).ravel(), np.array([std, std, std + step]).ravel()
        utility, higher, wider = self._utility(means, stds, self.best).reshape(3, -1)
        by_mean, by_std = (higher - utility) / step, (wider - utility) / step
        return utility, by_mean[:, None] * mean_gradient + by_std[:, None] * std_gradient

    def on_lattice(self, Z: np.ndarray) -> np.ndarray:
        """Return encoded Z (m, d) with each number at the nearest place of a lattice, at most 1/1000 apart.

        The top of an acquisition is found to a few digits only, and the others differ between processors: here they
        are dropped. The cell is a power of ten, from a hundredth to a tenth of the box that holds the best trials, one
        more than there are numbers: as a search closes in on its minimum, the lattice becomes finer with it, and no
        valley is too narrow.
        """
        columns = list(self.smooth.values())
        if not columns:
            return Z
        box = np.ptp(self.best_first[: len(columns) + 1][:, columns], axis=0).max()
        Z, n_digits = Z.copy(), max(3, 2 - int(np.ceil(np.log10(np.clip(box, 1e-7, 1)) - 1e-9)))
        Z[:, columns] = np.clip(Z[:, columns].round(n_digits), 0, 1)
        for name, column in self.smooth.items():
            Z[:, [column]] = self.space[name].snap(Z[:, column])
        return Z
