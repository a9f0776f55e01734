"""What a Bayesian strategy believes after a history, and what a config promises then.

Values are believed in on a scale of their own, on which a Gaussian process fits them best; parameters whose `log` was
left to "auto" get the scale under which the values were most to be expected.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from scipy.special import boxcox1p, inv_boxcox1p
from scipy.stats import norm

from workshop.tuning.acquisition import LOG_OF
from workshop.tuning.history import History
from workshop.tuning.space import Space
from workshop.tuning.surrogate import GaussianProcess

MOST_BELIEVED, MOST_FITTED = 400, 120  # trials that predict; trials from which hyperparameters are learned
FEW_VALUES = 33  # so few are all looked at
LEAST_GAIN = 1e-4  # what counts as better, in standard deviations of the bent values

POWERS = np.arange(21) / 10


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


def parts_of(acquisition: Callable) -> tuple[Callable, dict[str, Any]]:
    """Return the function of an acquisition, and the weights that a `partial` gives it, a dict."""
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


def believe(space: Space, history: History, acquisition: Callable) -> Belief:
    """Return the Belief after a history with at least one complete trial.

    A failed trial counts as a trial as bad as the worst: its surroundings look bad, and are not forbidden. So, nearly,
    does a stopped one: see `_given_up`. A running trial counts as having returned one standard deviation more than is
    expected of it, which leaves little reason to try the same again: a liar as in Ginsbourger, Le Riche, Carraro
    (2010), section 4.2, and a pessimist.
    """
    complete, stopped, failed = history.complete, history.stopped, history.failed
    ended, running = [*complete, *failed, *stopped], [trial.config for trial in history.running]
    known = np.array([trial.value for trial in complete])
    y = np.concatenate([known, np.full(len(failed), known.max()), [_given_up(trial, complete) for trial in stopped]])
    kept, y = _some(y, MOST_BELIEVED), np.clip(y, -1e100, 1e100)
    space, gp, scale = _fit(space, [ended[i].config for i in kept], y[kept])
    if running:
        X = encode_all(space, running)
        y = np.append(gp.y_, sum(gp.predict(X)))
        gp = GaussianProcess(trend=True).fit(np.vstack([gp.X_, X]), y, gp.theta_, gp.groups_, gp.axes_)
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


def _some(y, n):
    """Return the places of at most `n` of values y, in order: the better half of them, and others down to the worst.

    The cost of a Gaussian process grows with the cube of its trials; the best know most about where the minimum is.
    """
    order = np.argsort(y, kind="stable")
    if len(y) > n:
        order = np.append(order[: n // 2], order[np.linspace(n // 2, len(y) - 1, n - n // 2).astype(int)])
    return np.sort(order)


def encode_all(space: Space, configs: Sequence[Mapping]) -> np.ndarray:
    """Return n encoded configs (n, d) without their last digits: processors' logarithms differ there."""
    return space.encode_all(configs).round(12)


def _fit(space, configs, y):
    """Return the space with a scale for every "auto", the Gaussian process that goes with it, and the ValueScale.

    The scale of values is the one under which good trials are best foreseen (`foresight`). Then one parameter after
    the other takes the scale with the largest posterior density at its best hyperparameters: the marginal likelihood
    of the values, which needs no correction between scales of X, times the same prior (Rasmussen and Williams 2006,
    section 5.2). Last, length scales are measured along and across the valley that was seen (`main_axes`), if each of
    the angles that turn the axes there pays for itself by 1 of log density (Akaike 1974): otherwise a few trials that
    happen to lie so turn them for nothing.
    """
    few, everything = _some(y, MOST_FITTED), np.arange(len(y))
    groups = np.repeat(np.arange(len(space)), [parameter.width for parameter in space.values()])

    def fitted(space, scale, places, theta=None, axes=None):
        X = encode_all(space, [configs[i] for i in places])
        return GaussianProcess(trend=True).fit(X, scale.bend(y[places]), theta, groups, axes)

    open_scales = {name: parameter.scales for name, parameter in space.items() if parameter.log == "auto"}
    space = space.with_scales(dict.fromkeys(open_scales, False))
    choices = [(fitted(space, scale, few), scale) for scale in scales_for(y)]
    gp, scale = max(choices, key=lambda choice: foresight(*choice, y[few]).round(6))
    for name, scales in open_scales.items():
        for other in scales[1:]:
            rival = space.with_scales({name: other})
            rival_gp = fitted(rival, scale, few)
            if rival_gp.loss_ < gp.loss_:
                space, gp = rival, rival_gp
    n_numbers = (np.bincount(groups) == 1).sum()
    if n_numbers > 1:
        turned = fitted(space, scale, few, axes=gp.main_axes())
        gp = turned if turned.loss_ + n_numbers * (n_numbers - 1) / 2 < gp.loss_ else gp
    return space, gp if len(few) == len(y) else fitted(space, scale, everything, gp.theta_, gp.axes_), scale
