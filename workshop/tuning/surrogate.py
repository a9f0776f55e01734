"""What is believed of the objective between the trials: a Gaussian process.

=========== ========= ==========================================================================
symbol      shape     meaning
=========== ========= ==========================================================================
X           (n, d)    encoded configs of the trials, in the unit cube
y           (n,)      their values, about standardised: the priors expect a spread near 1
Z           (m, d)    encoded configs to predict
theta       (d + 2,)  log of: length scale a column, signal variance, noise variance
D           (d, n n)  squared distance of every two trials in each column
r           (n, n)    distance of every two trials, measured in length scales
K           (n, n)    covariance of y: signal variance * matern(r) + noise variance * identity
k           (m, n)    covariance of the objective at Z with y
alpha       (n,)      K^-1 (y - mu): the weight of each trial in a prediction
=========== ========= ==========================================================================

References: Rasmussen and Williams (2006), Gaussian Processes for Machine Learning, cited as RW.
"""

import numpy as np
from scipy.linalg import lapack
from scipy.optimize import minimize

# Prior of log length scale, log signal variance, log noise variance: normal with this mean and standard deviation.
PRIOR_MEAN, PRIOR_STD = np.array([0.0, 0.0, -8.0]), np.array([1.0, 1.0, 2.5])
BOUNDS = np.log([(0.02, 60.0), (0.05, 40.0), (1e-7, 1.0)])
START = np.log([0.5, 1.0, 1e-3])


def matern(r):
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


class GaussianProcess:
    """A Matern 5/2 Gaussian process with a length scale a column, learned noise and an unknown constant mean.

    Attributes
    ----------
    theta_ : (d + 2,) array
        The most probable hyperparameters: log of length scales, signal variance, noise variance.
    loss_ : float
        Minus the log posterior density of theta_, up to a constant.
    scales_, signal_, noise_, mu_ : (d,) array and floats
        Length scales, signal variance, noise variance, constant mean.

    Examples
    --------
    >>> gp = GaussianProcess().fit([[0.0], [0.5], [1.0]], [0.0, 1.0, 0.0])
    >>> mean, std = gp.predict([[0.5], [0.75]])
    >>> bool(abs(mean[0] - 1) < 0.1), bool(std[0] < std[1])
    (True, True)
    """

    def fit(self, X, y, theta=None):
        """Return self, fitted to n trials X (n, d) with values y (n,); a `theta` (d + 2,) is taken as it is."""
        self.X_, self.y_ = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
        if self.X_.ndim != 2 or self.y_.shape != self.X_.shape[:1] or not len(self.y_):
            raise ValueError(f"X {self.X_.shape} must be (n, d) and y {self.y_.shape} (n,), with n > 0")
        if not (np.isfinite(self.X_).all() and np.isfinite(self.y_).all()):
            raise ValueError("X and y must be finite; leave failed trials out, or give them a value")
        n, d = self.X_.shape
        self._D = ((self.X_.T[:, :, None] - self.X_.T[:, None, :]) ** 2).reshape(d, n * n)
        start, bounds, self._prior_mean, self._prior_std = (
            np.concatenate([np.repeat(kinds[:1], d, axis=0), kinds[1:]])
            for kinds in (START, BOUNDS, PRIOR_MEAN, PRIOR_STD)
        )
        if theta is None:
            theta = minimize(self.loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 60}).x
        self.theta_ = np.asarray(theta, dtype=float)
        self.loss_ = self.loss(self.theta_)[0]
        self.scales_, (self.signal_, self.noise_) = np.exp(self.theta_[:-2]), np.exp(self.theta_[-2:])
        _, _, self._whiten, _, self.mu_, self._alpha = self._solve(self.theta_)
        return self

    def _solve(self, theta):
        """Return the signal in K (n, n), its slopes (n, n), the L^-1 and K^-1 of K = L L^T, mu and alpha."""
        n = len(self.y_)
        signal, noise = np.exp(theta[-2:])
        correlation, slope = matern(np.sqrt(np.exp(-2 * theta[:-2]) @ self._D).reshape(n, n))
        factor, _ = lapack.dpotrf(signal * correlation + noise * np.eye(n), lower=1)
        whiten, _ = lapack.dtrtri(factor, lower=1)
        inverse = whiten.T @ whiten
        weights = inverse.sum(axis=0)
        mu = weights @ self.y_ / weights.sum()  # the most probable mean, given K
        alpha = inverse @ (self.y_ - mu)
        return signal * correlation, signal * slope, whiten, inverse, mu, alpha

    def log_marginal_likelihood(self, theta):
        """Return log p(y | X, theta) at the most probable constant mean (RW eq. 2.30)."""
        _, _, whiten, _, mu, alpha = self._solve(theta)
        return -0.5 * (self.y_ - mu) @ alpha + np.log(np.diag(whiten)).sum() - 0.5 * len(self.y_) * np.log(2 * np.pi)

    def loss(self, theta):
        """Return minus the log posterior of theta up to a constant, and its gradient (d + 2,) (RW eq. 5.9)."""
        K_signal, slope, whiten, inverse, mu, alpha = self._solve(theta)
        W = 0.5 * (inverse - np.outer(alpha, alpha))  # d loss = sum of W * dK
        by_scale = np.exp(-2 * theta[:-2]) * (self._D @ (W * slope).ravel())
        gradient = np.append(by_scale, [(W * K_signal).sum(), np.exp(theta[-1]) * np.trace(W)])
        surprise = (theta - self._prior_mean) / self._prior_std
        value = 0.5 * (self.y_ - mu) @ alpha - np.log(np.diag(whiten)).sum() + 0.5 * surprise @ surprise
        return value, gradient + surprise / self._prior_std

    def predict(self, Z):
        """Return mean (m,) and std (m,) of the objective, noise left out, at Z (m, d) (RW eq. 2.25)."""
        return self._at(np.asarray(Z, dtype=float))[:2]

    def _at(self, Z):
        """Return mean, std, slopes of the covariance with the trials (m, n), and that covariance whitened (m, n)."""
        correlation, slope = matern(_distances(Z / self.scales_, self.X_ / self.scales_))
        k = self.signal_ * correlation
        whitened = k @ self._whiten.T
        variance = np.maximum(self.signal_ - (whitened * whitened).sum(axis=1), 1e-12)
        return self.mu_ + k @ self._alpha, np.sqrt(variance), self.signal_ * slope, whitened

    def draw(self, Z, rng):
        """Return one function drawn from the belief by `rng`, at Z (m, d), (m,): all m values belong together."""
        Z = np.asarray(Z, dtype=float)
        mean, _, _, whitened = self._at(Z)
        joint = self.signal_ * matern(_distances(Z / self.scales_, Z / self.scales_))[0] - whitened @ whitened.T
        return mean + np.linalg.cholesky(joint + 1e-6 * self.signal_ * np.eye(len(Z))) @ rng.normal(size=len(Z))

    def predict_with_gradients(self, Z):
        """Return mean (m,), std (m,) and their gradients with respect to Z, (m, d) each."""
        Z = np.asarray(Z, dtype=float)
        mean, std, slope, whitened = self._at(Z)
        Z, X = Z / self.scales_, self.X_ / self.scales_

        def gradient(weights):  # of sum_j weights[i, j] k(Z_i, X_j), through the distance alone
            weights = weights * slope
            return (weights @ X - weights.sum(1)[:, None] * Z) / self.scales_

        return mean, std, gradient(self._alpha), -gradient(whitened @ self._whiten) / std[:, None]
