"""Bayesian search: the first trials, and then where the acquisition is highest after what is believed.

The same study comes out on any computer, although the last bits of a matrix product differ between processors: what is
fitted is rounded (`GaussianProcess.fit`), proposals lie on a lattice (`Belief.on_lattice`), and utilities that are
equal in seven digits keep the order in which they were found (`_order`).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.spatial.distance import cdist

from workshop.tuning.acquisition import (
    ACQUISITIONS,
    FEW_VALUES,
    Belief,
    expected_improvement,
    parts_of,
    thompson_sampling,
)
from workshop.tuning.history import History
from workshop.tuning.parameter import one_of, whole
from workshop.tuning.space import Space
from workshop.tuning.strategies import Exhausted
from workshop.tuning.surrogate import GaussianProcess, foresight, scales_for

MOST_BELIEVED, MOST_FITTED = 400, 120  # trials that predict; trials from which hyperparameters are learned
N_RANDOM, N_LOCAL, N_STARTS, N_STEPS = 500, 100, 6, 60
FEW_CONFIGS = 1000  # so few are all looked at
LONG, NEAR = 100, 0.02  # trials, from which on every other one looks far; and what is near


@dataclass(frozen=True)
class BayesianSearch:
    """Trials where a model of the objective, learned from the trials before, promises most.

    Parameters
    ----------
    n_initial : int
        How many trials are spread over the space before the model is asked, counted by trial number.
    acquisition : callable (mean, std, best) -> (m,), or str
        What a config promises: `expected_improvement`, `probability_of_improvement`, `lower_confidence_bound`,
        `thompson_sampling` or the name of one of them, or a function of your own. Its weight of exploration goes in by
        `functools.partial`, as in ``partial(expected_improvement, xi=0.1)``; there 1 is about the standard deviation of
        all values so far.

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
        object.__setattr__(self, "n_initial", whole("n_initial", self.n_initial, 1))
        if isinstance(self.acquisition, str):
            one_of("acquisition", self.acquisition, ACQUISITIONS)
            object.__setattr__(self, "acquisition", ACQUISITIONS[self.acquisition])
        if self.acquisition is not thompson_sampling:
            try:
                utility = np.shape(self.acquisition(np.zeros(2), np.ones(2), 0.0))
            except TypeError as error:
                raise TypeError(f"acquisition={self.acquisition!r} must take (mean, std, best): {error}") from error
            if utility != (2,):
                raise ValueError(f"acquisition={self.acquisition!r} returns shape {utility} for mean (2,); return (2,)")

    def __repr__(self):  # without the address of a function
        function, weights = parts_of(self.acquisition)
        return f"BayesianSearch(n_initial={self.n_initial}, acquisition={function.__name__}{weights or ''})"

    def propose(self, space: Space, history: History, rng: np.random.Generator) -> dict:
        """Return the most promising config that is not in the history; Exhausted when all configs are."""
        if len(history) < self.n_initial or not history.complete:
            space, wanted = _spread(space, history, rng)
        else:
            belief = self.believe(space, history)
            space, wanted = belief.space, ranked(belief, rng)
        for config in _with_spares(space, wanted, rng, len(history)):
            if not history.holds(config):
                return config
        raise Exhausted(f"all configs of {space} have been tried")

    def believe(self, space: Space, history: History) -> Belief:
        """Return the `Belief` after the history, as `propose` uses it: cut the history to see an earlier one.

        Values are those given to the strategy, to be minimised; at least one trial is complete. A failed trial counts
        as a trial as bad as the worst: its surroundings look bad, and are not forbidden. So, nearly, does a stopped
        one: see `_given_up`. A running trial counts as having returned one standard deviation more than is expected of
        it, which leaves little reason to try the same again: a liar as in Ginsbourger, Le Riche, Carraro (2010),
        section 4.2, and a pessimist.
        """
        complete, stopped, failed = history.complete, history.stopped, history.failed
        ended, running = [*complete, *failed, *stopped], [trial.config for trial in history.running]
        known = np.array([trial.value for trial in complete])
        y = np.array([*known, *[known.max()] * len(failed), *(_given_up(trial, complete) for trial in stopped)])
        kept, y = _some(y, MOST_BELIEVED), np.clip(y, -1e100, 1e100)
        looks_far = len(history) >= LONG and len(history) % 2 == 1
        space, gp, scale = _fit(space, [ended[i].config for i in kept], y[kept], looks_far)
        if running:
            X = _encoded(space, running)
            y = np.append(gp.y_, sum(gp.predict(X)))
            gp = GaussianProcess(trend=True).fit(np.vstack([gp.X_, X]), y, gp.theta_, gp.groups_, gp.axes_)
        return Belief(space, gp, scale, self.acquisition)


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


def _apart(X, y):
    """Return the places of trials X (n, d), in order, to which no better one is NEAR in all columns."""
    kept = np.array([], dtype=int)
    for i in np.argsort(y, kind="stable"):
        if not (np.abs(X[kept] - X[i]).max(axis=1) < NEAR).any():
            kept = np.append(kept, i)
    return np.sort(kept)


def _encoded(space, configs):
    """Return n encoded configs (n, d) without their last digits: processors' logarithms differ there."""
    return space.encode_all(configs).round(12)


def _fit(space, configs, y, looks_far):
    """Return the space with a scale for every "auto", the Gaussian process that goes with it, and the ValueScale.

    The scale of values is the one under which good trials are best foreseen (`foresight`). Then one parameter after
    the other takes the scale with the largest posterior density at its best hyperparameters: the marginal likelihood
    of the values, which needs no correction between scales of X, times the same prior (Rasmussen and Williams 2006,
    section 5.2). Last, length scales are measured along and across the valley that was seen (`main_axes`), if each of
    the angles that turn the axes there pays for itself by 1 of log density (Akaike 1974): otherwise a few trials that
    happen to lie so turn them for nothing.

    Late, most trials crowd around one minimum, and the scale and length scales that are best there say little of other
    places. A fit that `looks_far` does without the second scale, and learns from the best trial of each crowd alone.
    """
    open_scales = {name: parameter.scales for name, parameter in space.items() if parameter.log == "auto"}
    space = space.with_scales(dict.fromkeys(open_scales, False))
    places = _apart(_encoded(space, configs), y) if looks_far else np.arange(len(y))
    few = places[_some(y[places], MOST_FITTED)]
    groups = np.repeat(np.arange(len(space)), [parameter.width for parameter in space.values()])

    def fitted(space, scale, places, theta=None, axes=None):
        X = _encoded(space, [configs[i] for i in places])
        return GaussianProcess(trend=True).fit(X, scale.bend(y[places]), theta, groups, axes)

    choices = [(fitted(space, scale, few), scale) for scale in scales_for(y)[: 1 if looks_far else None]]
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
    return space, gp if len(few) == len(y) else fitted(space, scale, np.arange(len(y)), gp.theta_, gp.axes_), scale


def _with_spares(space, wanted, rng, n_tried):
    """Yield configs: those `wanted` (m, d), random ones, and a grid of more values than were tried: this ends."""
    yield from (space.decode(x) for x in wanted)
    yield from (space.sample(rng) for _ in range(N_RANDOM))
    yield from space.iter_grid(2 * n_tried + 2)


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
        trials = _encoded(space, [trial.config for trial in history])
        gaps = np.minimum(gaps, cdist(trials, places, "sqeuclidean").min(axis=0))
    return space, configs[_order(-gaps.mean(axis=1))]


def ranked(belief: Belief, rng: np.random.Generator) -> np.ndarray:
    """Return encoded configs (m, d), the most promising first.

    A small space is looked at whole. In a large one, look at random configs and at neighbours of the best trials;
    climb from a few of them along the gradient of all numbers at once; then try every other value of the Ints with
    few values and of the Categoricals; climb again if that helped. Thompson sampling looks only, at one drawn function.
    """
    space = belief.space
    small = space.n_configs <= FEW_CONFIGS
    if small:
        candidates = space.encode_all(space.grid(FEW_CONFIGS))
    else:
        candidates = np.vstack([space.snap(rng.random((N_RANDOM, len(space)))), _neighbours(belief, rng)])
        candidates = belief.on_lattice(candidates)
    if belief.acquisition is thompson_sampling:
        return candidates[_order(thompson_sampling(belief.gp.draw(candidates, rng)))]
    utility = belief.utility(candidates)
    in_order = candidates[_order(utility)]
    if small:
        return in_order
    Z, moved = candidates[_starts(utility, rng)], True
    for _ in range(2):
        if moved:
            Z, moved = _switch(belief, _climb(belief, Z), rng)
    return np.vstack([Z[_order(belief.utility(Z))], in_order])


def _order(utility):
    """Return the places of utilities (m,), the highest first; those equal in seven digits stay in order."""
    return np.argsort([-float(f"{u:.7g}") for u in utility], kind="stable")


def _neighbours(belief, rng):
    """Return N_LOCAL configs around each of the three best trials: numbers moved a little, others redrawn at times."""
    space = belief.space
    Z = np.repeat(belief.best_first[:3], N_LOCAL, axis=0)
    step = 10 ** rng.uniform(-3, -0.7, size=len(Z))
    for name, columns in space.columns.items():
        if name in belief.smooth:
            Z[:, columns] = np.clip(Z[:, columns] + (step * rng.normal(size=len(Z)))[:, None], 0, 1)
        else:
            redrawn = rng.random(len(Z)) < 0.3
            Z[redrawn, columns] = space[name].snap(rng.random(redrawn.sum()))
    return Z


def _starts(utility, rng):
    """Return the places of N_STARTS candidates: the top third, and others in proportion to exp(utility)."""
    order = _order(utility)
    top, rest = order[: N_STARTS // 3], order[N_STARTS // 3 :]
    weights = np.exp(np.maximum(utility[rest] - utility[order[0]], -50))
    return np.append(top, rng.choice(rest, N_STARTS - len(top), replace=False, p=weights / weights.sum()))


def _climb(belief, Z):
    """Return Z (m, d) moved uphill in its smooth columns, to the lattice, each by a search of its own.

    One search for all m at once is quicker, but hardly ever at its end: where it stops then hangs on the last bit.
    """
    columns = list(belief.smooth.values())
    return belief.on_lattice(np.array([_top(belief, z, columns) for z in Z])) if columns else Z


def _top(belief, z, columns):
    """Return z (d,) with its smooth columns moved uphill until the slope is flat."""
    z, steps = z.copy(), np.minimum(belief.gp.scales_[columns], 1.0)

    def loss(x):
        z[columns] = x * steps
        utility, gradient = belief.utility_with_gradient(z[None])
        return -utility[0], -gradient[0, columns] * steps

    options = {"maxiter": N_STEPS, "ftol": 1e-13, "gtol": 1e-7}
    bounds = [(0, 1 / step) for step in steps]
    x = minimize(loss, z[columns] / steps, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x
    z[columns] = np.clip(x * steps, 0, 1)
    return _polished(belief, z, [column for column in columns if 0 < z[column] < 1])


def _polished(belief, z, free):
    """Return z (d,), close to a top of the utility, after a Newton step in the columns `free`: see the surrogate's."""
    free = np.array(free, dtype=int)
    step = 1e-6 * np.minimum(belief.gp.scales_[free], 1.0)
    around = np.repeat(z[None], len(free) + 1, axis=0)
    around[np.arange(1, len(around)), free] += step
    gradient = belief.utility_with_gradient(around)[1][:, free]
    slopes, z = (gradient[1:] - gradient[0]) / step[:, None], z.copy()
    newton = np.linalg.lstsq(slopes, gradient[0])[0]
    z[free] = np.clip(z[free] - np.clip(newton, -100 * step, 100 * step), 0, 1)
    return z


def _switch(belief, Z, rng):
    """Return Z (m, d) with each other parameter at its best value in turn, and whether any moved.

    Choices never tried all look alike to the belief, so that one of them stands for all.
    """
    utility, moved = belief.utility(Z), False
    for name, columns in belief.space.columns.items():
        parameter = belief.space[name]
        if name in belief.smooth:
            continue
        if parameter.n_values <= FEW_VALUES:
            values = parameter.encode(parameter.grid(FEW_VALUES))
        else:
            tried = np.unique(belief.best_first[:FEW_VALUES, columns].argmax(axis=1))
            new = np.setdiff1d(np.arange(parameter.n_values), belief.best_first[:, columns].argmax(axis=1))
            values = parameter.snap((np.append(tried, rng.permutation(new)[:1]) + 0.5) / parameter.n_values)
        trial = np.repeat(Z, len(values), axis=0)
        trial[:, columns] = np.tile(values, (len(Z), 1))
        reached = belief.utility(trial).reshape(len(Z), -1)
        better = reached.max(axis=1) > utility + 1e-9
        Z[better, columns] = values[reached.argmax(axis=1)][better]
        utility, moved = np.maximum(utility, reached.max(axis=1)), moved or better.any()
    return Z, moved
