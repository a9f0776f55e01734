"""What a Bayesian strategy believes after a history, and what it would gain where."""

from functools import partial

import numpy as np

from workshop.tuning.acquisition import LOG_OF

POWERS = np.linspace(0, 2, 21)


def yeo_johnson(y, power):
    """Return y (n,) raised to `power` in [0, 2] on both sides of 0: 1 leaves it, 0 is log(1 + y) for y > 0.

    References
    ----------
    Yeo and Johnson (2000), A New Family of Power Transformations, eq. 2.1.

    Examples
    --------
    >>> yeo_johnson(np.array([-1.0, 0.0, 1.0]), 0).round(3)
    array([-1.5  ,  0.   ,  0.693])
    """

    def one_sided(size, power):
        return np.log1p(size) if power == 0 else ((1 + size) ** power - 1) / power

    return np.where(y >= 0, one_sided(np.maximum(y, 0), power), -one_sided(np.maximum(-y, 0), 2 - power))


class ValueScale:
    """The scale on which the values look most like a normal distribution with mean 0 and standard deviation 1."""

    def __init__(self, y):
        self.center, self.spread = y.mean(), y.std() or 1.0
        z = (y - self.center) / self.spread
        tilt = (np.sign(z) * np.log1p(np.abs(z))).sum()
        likelihood = [(p - 1) * tilt - len(z) * np.log(yeo_johnson(z, p).std() + 1e-12) for p in POWERS]
        self.power = POWERS[np.argmax(likelihood)]
        z = yeo_johnson(z, self.power)
        self.mean, self.std = z.mean(), z.std() or 1.0

    def __call__(self, y):
        """Return values y (n,) on this scale."""
        return (yeo_johnson((y - self.center) / self.spread, self.power) - self.mean) / self.std


class Belief:
    """One or more Gaussian processes fitted to a history, and an acquisition averaged over them."""

    def __init__(self, gps, acquisition):
        self.gps = gps
        self.bests = [gp.predict(gp.X_)[0].min() for gp in gps]
        function, weights = getattr(acquisition, "func", acquisition), getattr(acquisition, "keywords", {})
        self.acquisition = partial(LOG_OF.get(function, function), **weights)
        self.log = function in LOG_OF

    def utility(self, Z):
        """Return the acquisition at encoded configs Z (m, d), (m,)."""
        U = np.array([self.acquisition(*gp.predict(Z), best) for gp, best in zip(self.gps, self.bests, strict=True)])
        return self._average(U)[0]

    def _average(self, U):
        if len(U) == 1:
            return U[0], np.ones_like(U)
        if not self.log:
            return U.mean(0), np.full_like(U, 1 / len(U))
        top = U.max(0)
        weights = np.exp(U - top)
        return top + np.log(weights.mean(0)), weights / weights.sum(0)

    def utility_with_gradient(self, Z):
        """Return the acquisition (m,) at Z (m, d) and its gradient (m, d)."""
        U, dU = [], []
        for gp, best in zip(self.gps, self.bests, strict=True):
            mean, std, dmean, dstd = gp.predict_with_gradients(Z)
            h = 1e-6 * std
            means, stds = np.array([mean, mean + h, mean]).ravel(), np.array([std, std, std + h]).ravel()
            u, by_mean, by_std = self.acquisition(means, stds, best).reshape(3, -1)
            by_mean, by_std = (by_mean - u) / h, (by_std - u) / h
            U.append(u)
            dU.append(by_mean[:, None] * dmean + by_std[:, None] * dstd)
        utility, weights = self._average(np.array(U))
        return utility, (weights[:, :, None] * np.array(dU)).sum(0)
