"""What a Bayesian strategy believes after a history, and what a config promises then.

Values are believed in on a scale of their own, on which a Gaussian process fits them best; parameters whose `log` was
left to "auto" get the scale under which the values were most to be expected.
"""

from functools import partial

import numpy as np

from workshop.tuning.acquisition import LOG_OF
from workshop.tuning.surrogate import GaussianProcess

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

    def __init__(self, space, gp, scale, acquisition):
        self.space, self.gp, self.scale, self.acquisition = space, gp, scale, acquisition
        self.best = gp.predict(gp.X_)[0].min()  # the lowest value believed in, not the luckiest one measured
        function, weights = getattr(acquisition, "func", acquisition), getattr(acquisition, "keywords", {})
        self._utility = partial(LOG_OF[function], **weights) if function in LOG_OF else acquisition

    def band(self, configs, n_std=2.0):
        """Return the value expected at m configs and the ends of a band of `n_std` around it, in the objective's unit.

        Returns
        -------
        low, middle, high : (m,) arrays
            Quantiles of the belief: middle is its median, two standard deviations hold 95% of it.
        """
        mean, std = self.gp.predict(self.space.encode_all(configs))
        return tuple(self.scale.unbend(mean + n * std) for n in (-n_std, 0.0, n_std))

    def promise(self, configs):
        """Return the acquisition at m configs, (m,); its unit is the standard deviation of the bent values."""
        return self.acquisition(*self.gp.predict(self.space.encode_all(configs)), self.best)

    def utility(self, Z):
        """Return what is maximised at encoded Z (m, d), (m,): the acquisition or, if it has one, its logarithm."""
        return self._utility(*self.gp.predict(Z), self.best)

    def utility_with_gradient(self, Z):
        """Return the utility (m,) at Z (m, d) and its gradient (m, d): the chain rule through mean and std.

        The acquisition's own slopes are differences, so that any function of (mean, std, best) will do.
        """
        mean, std, mean_gradient, std_gradient = self.gp.predict_with_gradients(Z)
        step = 1e-6 * std
        means, stds = np.array([mean, mean + step, mean]).ravel(), np.array([std, std, std + step]).ravel()
        utility, higher, wider = self._utility(means, stds, self.best).reshape(3, -1)
        by_mean, by_std = (higher - utility) / step, (wider - utility) / step
        return utility, by_mean[:, None] * mean_gradient + by_std[:, None] * std_gradient


def believe(space, history, acquisition):
    """Return the Belief after a history with at least one complete trial.

    A failed trial counts as a trial as bad as the worst: its surroundings look bad, and are not forbidden. So, nearly,
    does a stopped one: see `_given_up`. A running trial counts as having returned one standard deviation more than is
    expected of it, which leaves little reason to try the same again: a liar as in Ginsbourger, Le Riche, Carraro
    (2010), section 4.2, and a pessimist. From ten trials on, a value beyond four times the range of the lower nine
    tenths counts as just that: one that diverged must not hide the rest.
    """
    complete, stopped, failed = history.complete, history.stopped, history.failed
    ended, running = [*complete, *failed, *stopped], [trial.config for trial in history.running]
    known = np.array([trial.value for trial in complete])
    y = np.concatenate([known, np.full(len(failed), known.max()), [_given_up(trial, complete) for trial in stopped]])
    usual = np.quantile(y, 0.9, method="lower")
    far = usual + 3 * (usual - y.min()) if len(y) >= 10 else np.inf
    y = np.clip(y, -1e100, min(far, 1e100))
    scale = ValueScale(y)
    space, gp = _fit(space, [trial.config for trial in ended], scale.bend(y))
    if running:
        X = space.encode_all(running)
        gp = GaussianProcess().fit(np.vstack([gp.X_, X]), np.append(gp.y_, sum(gp.predict(X))), gp.theta_)
    return Belief(space, gp, scale, acquisition)


def _given_up(trial, complete):
    """Return the value that a stopped trial counts for, among the complete ones, a History that is not empty.

    Its last value, as if nothing had become better from there on; where values rise on the way (the loss of a model
    that overfits), as much more as is the median of the complete trials. But for no better than the median of the
    complete trials, or it would not have been stopped, and for no worse than the worst: early values can be huge.
    """
    step, ends = len(trial.values), [other.value for other in complete]
    rises = [other.value - other.values[step - 1] for other in complete if len(other.values) >= step > 0]
    rise = max(0.0, np.median(rises)) if rises else 0.0
    return min(max(trial.value + rise, np.median(ends)), max(ends))


def _fit(space, configs, y):
    """Return the space with a scale for every "auto", and the Gaussian process that goes with it.

    One parameter after the other takes the scale with the largest posterior density at its best hyperparameters: the
    marginal likelihood of the values, which needs no correction between scales of X, times the same prior (Rasmussen
    and Williams 2006, section 5.2). With `log="auto"` nowhere this is a single fit.
    """
    open_scales = {name: parameter.scales for name, parameter in space.items() if parameter.log == "auto"}
    space = space.with_scales(dict.fromkeys(open_scales, False))
    gp = GaussianProcess().fit(space.encode_all(configs), y)
    for name, scales in open_scales.items():
        for scale in scales[1:]:
            other = space.with_scales({name: scale})
            rival = GaussianProcess().fit(other.encode_all(configs), y)
            if rival.loss_ < gp.loss_:
                space, gp = other, rival
    return space, gp
