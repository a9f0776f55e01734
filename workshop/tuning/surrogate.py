"""What is believed of the objective between the trials: a Gaussian process.

=========== ========= ==========================================================================
symbol      shape     meaning
=========== ========= ==========================================================================
X           (n, d)    encoded configs of the trials, in the unit cube
y           (n,)      their values, about standardised: the priors expect a spread near 1
Z           (m, d)    encoded configs to predict
theta       (g + 3,)  log of: length scales, signal variance, noise variance, trend variance
A           (d, d)    orthogonal directions, one a column, along which length scales are measured
D           (g, n n)  squared distance of every two trials in each group of columns of X A with one length scale
r           (n, n)    distance of every two trials, measured in length scales
Q           (n, n)    covariance of random quadratic functions at the trials
K           (n, n)    covariance of y: signal variance * matern(r) + trend variance * Q + noise variance * identity
k           (m, n)    covariance of the objective at Z with y
alpha       (n,)      K^-1 (y - mu): the weight of each trial in a prediction
=========== ========= ==========================================================================

References: Rasmussen and Williams (2006), Gaussian Processes for Machine Learning, cited as RW.
"""

from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.linalg import lapack
from scipy.optimize import minimize
from scipy.spatial.distance import cdist
from scipy.special import boxcox1p, inv_boxcox1p
from scipy.stats import norm

__all__ = ["GaussianProcess", "ValueScale", "matern"]  # the rest is between this file and bayesian.py

# Of log length scale, log signal variance, log noise variance and log trend variance: mean and standard deviation of
# their normal priors, bounds, and where the search for the most probable begins. Noise is at most a tenth: what is
# rugged would pass for noise, and trials would pile up where the mean is lowest instead of looking further.
PRIOR_MEAN, PRIOR_STD = np.array([0.0, 0.0, -8.0, -5.0]), np.array([1.0, 1.0, 2.5, 2.0])
BOUNDS = np.log([(0.02, 60.0), (0.05, 40.0), (1e-6, 0.1), (1e-6, 10.0)])
START = np.log([0.5, 1.0, 1e-3, np.exp(-5.0)])
NO_TREND = -60.0
POWERS = np.arange(21) / 10  # among which a `ValueScale` chooses


def matern(r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the Matern 5/2 correlation at distances r, and minus its slope divided by r, both shaped as r.

    RW eq. 4.17: (1 + a + a^2 / 3) exp(-a) with a = sqrt(5) r; the second is 5 / 3 (1 + a) exp(-a), finite at r = 0.

    Examples
    --------
    >>> matern(np.array([0.0, 1.0]))[0].round(3)
    array([1.   , 0.524])
    """
    a = np.sqrt(5.0) * r
    decay = np.exp(-a)
    return (1 + a + a * a / 3) * decay, 5 / 3 * (1 + a) * decay


def _distances(A, B):
    """Return the distance (m, n) of every row of A (m, d) to every row of B (n, d)."""
    return np.sqrt(np.maximum((A * A).sum(axis=1)[:, None] + (B * B).sum(axis=1) - 2 * A @ B.T, 0))


def _quadratic(A, B):
    """Return the covariance (m, n) of a random quadratic function at rows of A (m, d) and of B (n, d)."""
    return (1 + (2 * A - 1) @ (2 * B - 1).T) ** 2


class GaussianProcess:
    """A Matern 5/2 Gaussian process with a length scale a column, learned noise and an unknown constant mean.

    Parameters
    ----------
    trend : bool
        Whether a random quadratic function is added (RW section 2.7), of a variance that is learned too. It says what
        a length scale per column cannot: that two parameters have to move together, along a valley across the axes.

    Attributes
    ----------
    theta_ : (g + 3,) array
        The most probable hyperparameters: log of length scales, signal, noise and trend variance.
    loss_ : float
        Minus the log posterior density of theta_, up to a constant.
    axes_ : (d, d) array
        The directions A of the length scales, one a column.
    scales_, signal_, noise_, trend_, mu_ : (d,) array and floats
        Length scale along each column of X, signal variance, noise variance, trend variance, constant mean.

    Examples
    --------
    >>> gp = GaussianProcess().fit([[0.0], [0.5], [1.0]], [0.0, 1.0, 0.0])
    >>> mean, std = gp.predict([[0.5], [0.75]])
    >>> bool(abs(mean[0] - 1) < 0.1), bool(std[0] < std[1])
    (True, True)
    """

    def __init__(self, trend: bool = False):
        self.trend = trend

    def fit(
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        theta: npt.ArrayLike | None = None,
        groups: npt.ArrayLike | None = None,
        axes: npt.ArrayLike | None = None,
    ) -> Self:
        """Return self, fitted to n trials X (n, d) with values y (n,); a `theta` (g + 3,) is taken as it is.

        `groups` (d,) says which of g length scales each column has, such as [0, 1, 1, 1] for a number and one of three
        choices; without it each column has its own. `axes` (d, d) are the directions A, by default the columns of X.
        What is fitted is rounded to two decimals: 1% of a length scale changes nothing, and the last bits of a matrix
        product, which differ from processor to processor, no longer reach the next trial.
        """
        self.X_, self.y_ = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
        if self.X_.ndim != 2 or self.y_.shape != self.X_.shape[:1] or not len(self.y_):
            raise ValueError(f"X {self.X_.shape} must be (n, d) and y {self.y_.shape} (n,), with n > 0")
        if not (np.isfinite(self.X_).all() and np.isfinite(self.y_).all()):
            raise ValueError("X and y must be finite; leave failed trials out, or give them a value")
        self.groups_ = np.arange(self.X_.shape[1]) if groups is None else np.asarray(groups)
        self.axes_ = np.eye(self.X_.shape[1]) if axes is None else np.asarray(axes)
        along = self.X_ @ self.axes_
        columns = [along[:, self.groups_ == group] for group in range(self.groups_[-1] + 1)]
        self._D = np.array([cdist(x, x, "sqeuclidean").ravel() for x in columns])
        self._Q = _quadratic(self.X_, self.X_)
        start, bounds, self._prior_mean, self._prior_std = (
            np.concatenate([np.repeat(kinds[:1], len(columns), axis=0), kinds[1:]])
            for kinds in (START, BOUNDS, PRIOR_MEAN, PRIOR_STD)
        )
        if not self.trend:
            start[-1], bounds[-1] = NO_TREND, NO_TREND
        if theta is None:
            options = {"maxiter": 100, "ftol": 1e-11, "gtol": 1e-6}
            theta = minimize(self.loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x
            theta = self._polished(theta, (theta > bounds[:, 0]) & (theta < bounds[:, 1])).round(2)
        self.theta_ = np.asarray(theta, dtype=float)
        self.loss_ = self.loss(self.theta_)[0]
        self._metric = self.axes_ / np.exp(self.theta_[:-3])[self.groups_]
        self.scales_ = 1 / np.linalg.norm(self._metric, axis=1)
        self.signal_, self.noise_, self.trend_ = np.exp(self.theta_[-3:])
        _, _, self._whiten, self._inverse, self.mu_, self._alpha = self._solve(self.theta_)
        return self

    def _polished(self, theta, free):
        """Return theta (g + 3,), close to a minimum of the loss, after a Newton step of what is `free` (g + 3,), bool.

        Near its minimum the loss is equal in all digits but the last, which are noise: a search that compares losses
        ends anywhere within 1e-5, on each processor elsewhere. Where the gradient is zero is known to about 1e-9.
        """
        theta, step, gradient = theta.copy(), 1e-4, self.loss(theta)[1]
        slopes = [self.loss(theta + step * axis)[1] - gradient for axis in np.eye(len(theta))[free]]
        newton = np.linalg.solve(np.array(slopes).reshape(-1, len(theta))[:, free] / step, gradient[free])
        theta[free] -= np.clip(newton, -0.001, 0.001)
        return theta

    def _solve(self, theta):
        """Return the signal in K (n, n), its slopes (n, n), the L^-1 and K^-1 of K = L L^T, mu and alpha."""
        n = len(self.y_)
        signal, noise, trend = np.exp(theta[-3:])
        correlation, slope = matern(np.sqrt(np.exp(-2 * theta[:-3]) @ self._D).reshape(n, n))
        factor, _ = lapack.dpotrf(signal * correlation + trend * self._Q + noise * np.eye(n), lower=1)
        whiten, _ = lapack.dtrtri(factor, lower=1)
        inverse = whiten.T @ whiten
        weights = inverse.sum(axis=0)
        mu = weights @ self.y_ / weights.sum()  # the most probable mean, given K
        alpha = inverse @ (self.y_ - mu)
        return signal * correlation, signal * slope, whiten, inverse, mu, alpha

    def loss(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """Return minus the log posterior of theta up to a constant, and its gradient (d + 2,) (RW eq. 5.9)."""
        K_signal, slope, whiten, inverse, mu, alpha = self._solve(theta)
        W = 0.5 * (inverse - np.outer(alpha, alpha))  # d loss = sum of W * dK
        by_scale = np.exp(-2 * theta[:-3]) * (self._D @ (W * slope).ravel())
        by_noise, by_trend = np.exp(theta[-2:]) * [np.trace(W), (W * self._Q).sum()]
        gradient = np.append(by_scale, [(W * K_signal).sum(), by_noise, by_trend])
        surprise = (theta - self._prior_mean) / self._prior_std
        value = 0.5 * (self.y_ - mu) @ alpha - np.log(np.diag(whiten)).sum() + 0.5 * surprise @ surprise
        return value, gradient + surprise / self._prior_std

    def predict(self, Z: npt.ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Return mean (m,) and std (m,) of the objective, noise left out, at Z (m, d) (RW eq. 2.25)."""
        return self._at(np.asarray(Z, dtype=float))[:2]

    def _at(self, Z):
        """Return mean, std, slopes of the covariance with the trials (m, n), and that covariance whitened (m, n)."""
        correlation, slope = matern(_distances(Z @ self._metric, self.X_ @ self._metric))
        k = self.signal_ * correlation + self.trend_ * _quadratic(Z, self.X_)
        whitened = k @ self._whiten.T
        prior = self.signal_ + self.trend_ * (1 + ((2 * Z - 1) ** 2).sum(axis=1)) ** 2
        variance = np.maximum(prior - (whitened * whitened).sum(axis=1), 1e-12)
        return self.mu_ + k @ self._alpha, np.sqrt(variance), self.signal_ * slope, whitened

    def leave_one_out(self) -> tuple[np.ndarray, np.ndarray]:
        """Return mean (n,) and std (n,) of the value of each trial, noise included, given all others (RW eq. 5.12).

        No fit is repeated: the hyperparameters and the constant mean stay those of all trials.
        """
        variance = 1 / np.diag(self._inverse)
        return self.y_ - self._alpha * variance, np.sqrt(variance)

    def main_axes(self) -> np.ndarray:
        """Return the directions (d, d), one a column, in which the mean is flattest to steepest at the trials.

        They are the eigenvectors of the sum of g g^T over its gradients g, and so point along and across a valley
        (Constantine, Dow, Wang 2014, Active Subspace Methods in Theory and Practice, section 2). Columns that share a
        length scale, as choices do, stay as they are. Rounded, so that the last bits of a product go no further.
        """
        alone = np.bincount(self.groups_)[self.groups_] == 1
        slopes = self.predict_with_gradients(self.X_)[2][:, alone]
        axes, products = np.eye(len(alone)), slopes.T @ slopes
        axes[np.ix_(alone, alone)] = np.linalg.eigh((products / (np.trace(products) + 1e-300)).round(9))[1].round(6)
        return axes

    def draw(self, Z: npt.ArrayLike, rng: np.random.Generator) -> np.ndarray:
        """Return one function drawn from the belief by `rng`, at Z (m, d), (m,): all m values belong together."""
        Z = np.asarray(Z, dtype=float)
        mean, _, _, whitened = self._at(Z)
        prior = self.signal_ * matern(_distances(Z @ self._metric, Z @ self._metric))[0]
        joint = prior + self.trend_ * _quadratic(Z, Z) - whitened @ whitened.T
        return mean + np.linalg.cholesky(joint + 1e-6 * self.signal_ * np.eye(len(Z))) @ rng.normal(size=len(Z))

    def predict_with_gradients(self, Z: npt.ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return mean (m,), std (m,) and their gradients with respect to Z, (m, d) each."""
        Z = np.asarray(Z, dtype=float)
        mean, std, slope, whitened = self._at(Z)
        scaled_Z, scaled_X = Z @ self._metric, self.X_ @ self._metric
        steep = 4 * self.trend_ * (1 + (2 * Z - 1) @ (2 * self.X_ - 1).T)

        def gradient(weights):  # of sum_j weights[i, j] k(Z_i, X_j)
            near = weights * slope
            by_distance = (near @ scaled_X - near.sum(axis=1)[:, None] * scaled_Z) @ self._metric.T
            return by_distance + (weights * steep) @ (2 * self.X_ - 1)

        c = 2 * Z - 1
        prior = 4 * self.trend_ * (1 + (c * c).sum(axis=1))[:, None] * c
        return mean, std, gradient(self._alpha), (prior - gradient(whitened @ self._whiten)) / std[:, None]


class ValueScale:
    """The scale, bent on both sides of the mean, on which values look most like draws from N(0, 1).

    One objective spans decades, another has one deep hole; bent, both are closer to what a Gaussian process expects.

    Parameters
    ----------
    y : (n,) array
        Values, in the objective's unit. They need not differ.
    knee, width : float
        What a value lies above `knee` counts by its logarithm, in units of `width`: by width * log(1 + excess / width).

    References
    ----------
    Yeo and Johnson (2000), A New Family of Power Transformations: the transformation is their eq. 2.1, for
    which the likeliest of 21 powers from 0 to 2 is taken (their eq. 3.1).

    Examples
    --------
    >>> scale = ValueScale(np.array([1.0, 10.0, 100.0, 1000.0]))
    >>> scale.bend(np.array([1.0, 10.0, 100.0])).round(1), scale.unbend(scale.bend(np.array([5.0]))).round(6)
    (array([-0.7, -0.7, -0.3]), array([5.]))
    """

    def __init__(self, y: np.ndarray, knee: float = np.inf, width: float = 1.0):
        self.knee, self.width = knee, width
        y = self._fold(y)
        self.center, self.spread = y.mean(), y.std() or 1.0
        z = (y - self.center) / self.spread
        tilt = (np.sign(z) * np.log1p(np.abs(z))).sum()

        def log_likelihood(power):
            return (power - 1) * tilt - len(z) * np.log(self._raise(z, power).std() + 1e-12)

        self.power = max(POWERS, key=log_likelihood)
        bent = self._raise(z, self.power)
        self.mean, self.std = bent.mean(), bent.std() or 1.0

    def _raise(self, z, power):
        return np.where(z >= 0, boxcox1p(np.maximum(z, 0), power), -boxcox1p(np.maximum(-z, 0), 2 - power))

    def _fold(self, y):
        """Return values y (m,) with what lies above the knee counted by its logarithm, (m,)."""
        excess = np.maximum(y - self.knee, 0)
        return np.minimum(y, self.knee) + self.width * np.log1p(excess / self.width)

    def bend(self, y: np.ndarray) -> np.ndarray:
        """Return values y (m,) on this scale, (m,)."""
        z = (self._fold(y) - self.center) / self.spread
        return (self._raise(z, self.power) - self.mean) / self.std

    def log_slope(self, y: np.ndarray) -> np.ndarray:
        """Return the logarithm of the slope of `bend` at values y (m,) up to `knee`, (m,)."""
        z = (y - self.center) / self.spread
        return (self.power - 1) * np.sign(z) * np.log1p(np.abs(z)) - np.log(self.spread * self.std)

    def unbend(self, z: np.ndarray) -> np.ndarray:
        """Return z (m,) on this scale as values (m,) in the objective's unit."""
        z, power = z * self.std + self.mean, self.power
        deviation = np.where(z >= 0, inv_boxcox1p(np.maximum(z, 0), power), -inv_boxcox1p(np.maximum(-z, 0), 2 - power))
        y = self.center + self.spread * deviation
        excess = np.clip((y - self.knee) / self.width, 0, 300)
        return np.minimum(y, self.knee) + self.width * np.expm1(excess)


def scales_for(y: np.ndarray) -> list[ValueScale]:
    """Return the ValueScales among which `foresight` chooses for values y (n,), a list.

    From ten trials on, a value beyond four times the range of the lower nine tenths counts as just that: one that
    diverged must not hide the rest. From twelve on there is a second scale, on which what lies beyond four times the
    range of the better half counts by its logarithm. Where half of the space is cliffs, that half would otherwise use
    up the scale, and what distinguishes the good ones would pass for noise.
    """
    usual, median, best = np.quantile(y, 0.9, method="lower"), np.median(y), y.min()
    y = np.minimum(y, usual + 3 * (usual - best)) if len(y) >= 10 else y
    half = median - best
    return [ValueScale(y), ValueScale(y, median + 3 * half, half / 4)] if len(y) >= 12 and half > 0 else [ValueScale(y)]


def foresight(gp: GaussianProcess, scale: ValueScale, y: np.ndarray) -> float:
    """Return how well the better half of values y (n,) was foreseen, each from all the others: a log density, a float.

    `gp` is fitted to the bent values; the slope of the scale turns densities back to the objective's unit, in which
    scales can be compared. Only the better half is judged, because a search has to tell good from better: a scale may
    blur how bad the bad ones are. And each value is left out before it is foreseen, so that a scale on which all values
    are alike wins nothing (unlike by the likelihood of all values at once, to which bad values contribute most).
    """
    mean, std = gp.leave_one_out()
    density = norm.logpdf(scale.bend(y), mean, std) + scale.log_slope(y)
    return density[y <= np.median(y)].sum()
