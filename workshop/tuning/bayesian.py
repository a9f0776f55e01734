"""Bayesian search: what to believe after a history, where the acquisition is highest then, and the strategy itself.

Values are believed in on a scale of their own, on which a Gaussian process fits them best; parameters whose `log` was
left to "auto" get the scale under which the values were most to be expected.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import chain, count
from numbers import Integral

import numpy as np
from scipy.optimize import minimize
from scipy.spatial.distance import cdist

from workshop.tuning.acquisition import LOG_OF, expected_improvement, thompson_sampling
from workshop.tuning.strategies import Exhausted, _key, _tried
from workshop.tuning.surrogate import GaussianProcess
from workshop.tuning.value_scale import ValueScale

N_RANDOM, N_LOCAL, N_STARTS, N_STEPS = 500, 100, 6, 40
FEW_CONFIGS, FEW_VALUES = 1000, 33  # so few are all looked at


@dataclass(frozen=True)
class BayesianSearch:
    """Trials where a model of the objective, learned from the trials before, promises most.

    Parameters
    ----------
    n_initial : int
        How many trials are spread over the space before the model is asked, counted by trial number.
    acquisition : callable (mean, std, best) -> (m,)
        What a config promises: `expected_improvement`, `probability_of_improvement`, `lower_confidence_bound`,
        `thompson_sampling`, or a function of your own. Its weight of exploration goes in by `functools.partial`, as
        in ``partial(expected_improvement, xi=0.1)``; there 1 is about the standard deviation of all values so far.

    Examples
    --------
    >>> from workshop.tuning import Float, History, Space, Trial
    >>> space, history = Space({"eta": Float(0, 1)}), History()
    >>> for number in range(8):
    ...     config = BayesianSearch(n_initial=3).propose(space, history, np.random.default_rng([0, number]))
    ...     history = History([*history, Trial(number, config, "complete", (config["eta"] - 0.3) ** 2)])
    >>> round(min(history, key=lambda trial: trial.value).config["eta"], 2)
    0.3
    """

    n_initial: int = 8
    acquisition: Callable = expected_improvement

    def __post_init__(self):
        if not isinstance(self.n_initial, Integral) or self.n_initial < 1:
            raise ValueError(f"n_initial={self.n_initial!r} must be a whole number of at least 1")

    def __repr__(self):  # without the address of a function
        acquisition, weights = (
            getattr(self.acquisition, "func", self.acquisition),
            getattr(self.acquisition, "keywords", {}),
        )
        return f"BayesianSearch(n_initial={self.n_initial}, acquisition={acquisition.__name__}{weights or ''})"

    def propose(self, space, history, rng):
        """Return the most promising config that is not in the history; Exhausted when all configs are."""
        tried = _tried(space, history)
        if len(tried) >= space.n_configs:
            raise Exhausted(f"all {space.n_configs} configs of the space have been tried")
        if len(history) < self.n_initial or not history.complete:
            space, wanted = _spread(space, history, rng)
        else:
            belief = self.believe(space, history)
            space, wanted = belief.space, ranked(belief, rng)
        candidates = chain((space.decode(x) for x in wanted), (space.sample(rng) for _ in count()))
        return next(config for config in candidates if _key(config) not in tried)

    def believe(self, space, history):
        """Return the `Belief` after the history, as `propose` uses it: cut the history to see an earlier one.

        Values are those given to the strategy, to be minimised. There must be a complete trial.
        """
        return believe(space, history, self.acquisition)


def _spread(space, history, rng):
    """Return a space without "auto", and encoded configs (60, d): first the one that leaves no place far from a trial.

    Of 60 random configs, each is judged by how far 400 random places are, in the mean square, from the nearest trial
    if it is added: the greedy form of a minimax distance design (Johnson, Moore, Ylvisaker 1990). Unlike trials as
    far as possible from each other, these do not crowd on the boundary. An "auto" takes one of its scales in turn.
    """
    space = space.with_scales(
        {name: p.scales[rng.integers(len(p.scales))] for name, p in space.items() if p.log == "auto"}
    )
    configs, places = (space.snap(rng.random((n, len(space)))) for n in (60, 400))
    gaps = cdist(configs, places, "sqeuclidean")
    if len(history):
        trials = space.encode_all([trial.config for trial in history])
        gaps = np.minimum(gaps, cdist(trials, places, "sqeuclidean").min(axis=0))
    return space, configs[np.argsort(gaps.mean(axis=1))]


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


def ranked(belief, rng):
    """Return encoded configs (m, d), the most promising first.

    A small space is looked at whole. In a large one, look at random configs and at neighbours of the best trials;
    climb from a few of them along the gradient of all numbers, at once; then try every other value of the Ints with
    few values and of the Categoricals; climb again if that helped. Thompson sampling looks only, at one drawn function.
    """
    space = belief.space
    if space.n_configs <= FEW_CONFIGS:
        candidates = space.encode_all(space.grid(FEW_CONFIGS))
    else:
        candidates = np.vstack([space.snap(rng.random((N_RANDOM, len(space)))), _neighbours(belief, rng)])
    if belief.acquisition is thompson_sampling:
        return candidates[np.argsort(-thompson_sampling(belief.gp.draw(candidates, rng)), kind="stable")]
    utility = belief.utility(candidates)
    in_order = candidates[np.argsort(-utility, kind="stable")]
    if space.n_configs <= FEW_CONFIGS:
        return in_order
    Z = candidates[_starts(utility, rng)]
    for _ in range(2):
        Z, utility = _climb(belief, Z)
        Z, utility, moved = _switch(belief, Z, utility)
        if not moved:
            break
    return np.vstack([Z[np.argsort(-utility)], in_order])


def _smooth(space):
    """Return the columns that can be climbed, as dict of name to column: Floats, and Ints with many values."""
    columns = {name: part.start for name, part in space.columns.items()}
    return {n: column for n, column in columns.items() if space[n].width == 1 and space[n].n_values > FEW_VALUES}


def _neighbours(belief, rng):
    """Return N_LOCAL configs around each of the three best trials: numbers moved a little, others redrawn at times."""
    space, smooth = belief.space, _smooth(belief.space)
    Z = np.repeat(belief.gp.X_[np.argsort(belief.gp.y_)[:3]], N_LOCAL, axis=0)
    step = 10 ** rng.uniform(-3, -0.7, size=len(Z))
    for name, columns in space.columns.items():
        if name in smooth:
            Z[:, columns] = space[name].snap(np.clip(Z[:, smooth[name]] + step * rng.normal(size=len(Z)), 0, 1))
        else:
            redrawn = rng.random(len(Z)) < 0.3
            Z[redrawn, columns] = space[name].snap(rng.random(redrawn.sum()))
    return Z


def _starts(utility, rng):
    """Return the places of N_STARTS candidates: the top third, and others in proportion to exp(utility)."""
    order = np.argsort(-utility)
    top, rest = order[: N_STARTS // 3], order[N_STARTS // 3 :]
    weights = np.exp(np.maximum(utility[rest] - utility[order[0]], -50))
    return np.append(top, rng.choice(rest, N_STARTS - len(top), replace=False, p=weights / weights.sum()))


def _climb(belief, Z):
    """Return Z (m, d) moved uphill in its smooth columns, and the utility (m,) there: one search for all m at once."""
    smooth = _smooth(belief.space)
    columns = list(smooth.values())
    if not smooth:
        return Z, belief.utility(Z)
    steps = np.tile(np.minimum(belief.gp.scales_[columns], 1.0), len(Z))

    def loss(x):
        Z[:, columns] = (x * steps).reshape(len(Z), -1)
        utility, gradient = belief.utility_with_gradient(Z)
        return -utility.sum(), -gradient[:, columns].ravel() * steps

    start, bounds = Z[:, columns].ravel() / steps, [(0, 1 / step) for step in steps]
    x = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": N_STEPS}).x
    Z[:, columns] = np.clip(x * steps, 0, 1).reshape(len(Z), -1)
    for name, column in smooth.items():
        Z[:, [column]] = belief.space[name].snap(Z[:, column])
    return Z, belief.utility(Z)


def _switch(belief, Z, utility):
    """Return Z (m, d) with each other parameter at its best value in turn, utility (m,), and whether any moved."""
    smooth, moved = _smooth(belief.space), False
    for name, columns in belief.space.columns.items():
        if name in smooth:
            continue
        values = belief.space[name].encode(belief.space[name].grid(FEW_VALUES))
        trial = np.repeat(Z, len(values), axis=0)
        trial[:, columns] = np.tile(values, (len(Z), 1))
        reached = belief.utility(trial).reshape(len(Z), -1)
        better = reached.max(axis=1) > utility + 1e-9
        Z[better, columns] = values[reached.argmax(axis=1)][better]
        utility, moved = np.maximum(utility, reached.max(axis=1)), moved or better.any()
    return Z, utility, moved
