"""The scale on which values are believed in: bent until a Gaussian process fits them best."""

import numpy as np

POWERS = np.arange(21) / 10


def _bend(size, power):
    """Return how far a deviation of `size` >= 0 (n,) counts: all of it for power 1, log(1 + size) for power 0."""
    return np.log1p(size) if power == 0 else ((1 + size) ** power - 1) / power


def _unbend(size, power):
    """Return the deviation that `_bend` turned into `size` (n,)."""
    return np.expm1(size) if power == 0 else (1 + power * size) ** (1 / power) - 1


class ValueScale:
    """The scale, bent on both sides of the mean, on which values look most like draws from N(0, 1).

    One objective spans decades, another has one deep hole; bent, both are closer to what a Gaussian process expects.

    Parameters
    ----------
    y : (n,) array
        Values, in the objective's unit. They need not differ.

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

    def __init__(self, y):
        self.center, self.spread = y.mean(), y.std() or 1.0
        z = (y - self.center) / self.spread
        tilt = (np.sign(z) * np.log1p(np.abs(z))).sum()

        def log_likelihood(power):
            return (power - 1) * tilt - len(z) * np.log(self._raise(z, power).std() + 1e-12)

        self.power = max(POWERS, key=log_likelihood)
        bent = self._raise(z, self.power)
        self.mean, self.std = bent.mean(), bent.std() or 1.0

    def _raise(self, z, power):
        return np.where(z >= 0, _bend(np.maximum(z, 0), power), -_bend(np.maximum(-z, 0), 2 - power))

    def bend(self, y):
        """Return values y (m,) on this scale, (m,)."""
        return (self._raise((y - self.center) / self.spread, self.power) - self.mean) / self.std

    def unbend(self, z):
        """Return z (m,) on this scale as values (m,) in the objective's unit."""
        z, power = z * self.std + self.mean, self.power
        deviation = np.where(z >= 0, _unbend(np.maximum(z, 0), power), -_unbend(np.maximum(-z, 0), 2 - power))
        return self.center + self.spread * deviation
