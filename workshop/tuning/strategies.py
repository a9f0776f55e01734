"""Which config to try next, and which trial to give up: strategies and stopping rules are functions of the history.

They keep no state. Given the same space, history and generator a strategy proposes the same config, so a resumed study
equals an uninterrupted one, and any past step can be explained by cutting the history there: `history[:k]`. A rule is
asked after every step that a trial reports. Both see values that are to be minimised.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np

from workshop.tuning.history import History, Trial
from workshop.tuning.parameter import able, whole
from workshop.tuning.space import Space

MAX_DRAWS = 1000  # of configs that are known already, before random search looks for a new one in order


class Exhausted(Exception):
    """Raised by a strategy that has nothing left to propose; a study then ends quietly."""


@dataclass(frozen=True)
class GridSearch:
    """All combinations of at most `n_per_param` values of each number, and of all choices, one after the other.

    Examples
    --------
    >>> from workshop.tuning import Float, History, Space
    >>> GridSearch(3).propose(Space({"eta": Float(0, 1)}), History(), rng=None)
    {'eta': 0.0}
    """

    n_per_param: int = 5

    def propose(self, space: Space, history: History, rng: Any) -> dict:
        """Return the next config of the grid that is not in the history; Exhausted when all are. `rng` is not used."""
        start = len(history)  # where the grid goes on if it alone has proposed so far; else from its beginning
        before = next(space.iter_grid(self.n_per_param, start - 1), None) if start else None
        if before is None or dict(history[-1].config) != before:
            start = 0
        for config in chain(space.iter_grid(self.n_per_param, start), space.iter_grid(self.n_per_param)):
            if not history.holds(config):
                return config
        raise Exhausted(f"all configs of the grid have been tried; n_per_param={self.n_per_param} could be larger")


@dataclass(frozen=True)
class RandomSearch:
    """Independent draws from the whole space; where configs can be counted, none comes twice.

    Examples
    --------
    >>> from workshop.tuning import History, Int, Space
    >>> RandomSearch().propose(Space({"max_depth": Int(1, 10)}), History(), np.random.default_rng([0, 0]))
    {'max_depth': 7}
    """

    def propose(self, space: Space, history: History, rng: np.random.Generator) -> dict:
        """Return a config drawn by `rng`; Exhausted when all configs of a finite space are in the history."""
        if space.n_configs == np.inf:
            return space.sample(rng)
        drawn, every = (space.sample(rng) for _ in range(MAX_DRAWS)), space.iter_grid(len(history) + 1)
        for config in chain(drawn, every):  # the grid holds one that is new, if there is one
            if not history.holds(config):
                return config
        raise Exhausted(f"all {space.n_configs} configs of the space have been tried")


@dataclass(frozen=True)
class Start:
    """Configs of your own first, such as the defaults or last year's best, and then a strategy that knows them.

    Parameters
    ----------
    configs : sequence of config, tried in this order but for those in the history
    then : strategy

    Examples
    --------
    >>> from workshop.tuning import Float, History, RandomSearch, Space
    >>> Start([{"x": 0.5}], RandomSearch()).propose(Space({"x": Float(-1, 1)}), History(), np.random.default_rng(0))
    {'x': 0.5}
    """

    configs: Sequence[Mapping]
    then: Any

    def __post_init__(self):
        if isinstance(self.configs, Mapping):
            raise TypeError(f"configs={self.configs!r} is one config; give a list of it")
        object.__setattr__(self, "configs", tuple(self.configs))
        able("then", self.then, "propose", "RandomSearch()")

    stop = property(lambda self: self.then.stop, doc="The stopping rule of the strategy inside, if it has one.")

    def propose(self, space: Space, history: History, rng: np.random.Generator) -> dict:
        """Return the first of the configs that is not in the history, or what the strategy inside proposes."""
        own = (config for config in map(space.validate, self.configs) if not history.holds(config))
        return next(own, None) or self.then.propose(space, history, rng)


@dataclass(frozen=True)
class WarmStart:
    """A strategy that knows the trials of earlier studies, its parents, beside those of its own.

    On identical data the parents' trials stand in the history as if they were the study's own first ones. On other data
    (`transfer`) values have another level: those of each parent are standardised, then moved to where the own trials
    show the level to be. And they fade: each own trial takes the place of the nearest one of each parent. (Amazon
    SageMaker calls the two IdenticalDataAndAlgorithm and TransferLearning.)

    Parameters
    ----------
    strategy : strategy
        What proposes; it sees a history in which the parents' trials come first.
    parents : sequence of Study or History
        At least one; the values of a `History` are to be minimised. Of use are trials that have a value which the new
        space allows for each of its parameters; ValueError when there are none.
    transfer : bool
        Whether the parents were trained on other data.

    Examples
    --------
    >>> from workshop.tuning import BayesianSearch, Float, RandomSearch, Space, tune
    >>> space = Space({"x": Float(-1, 1)})
    >>> parent = tune(lambda c: c["x"] ** 2, space, RandomSearch(), 12, progress=False)
    >>> warm = tune(lambda c: c["x"] ** 2, space, WarmStart(BayesianSearch(), [parent]), 2, progress=False)
    >>> warm.best.value < parent.best.value
    True
    """

    strategy: Any
    parents: Sequence
    transfer: bool = False

    def __post_init__(self):
        able("strategy", self.strategy, "propose", "BayesianSearch()")
        given = self.parents if isinstance(self.parents, (list, tuple)) else ()
        parents = tuple(getattr(parent, "minimised", parent) for parent in given)
        if not parents or not all(isinstance(parent, History) for parent in parents):
            raise TypeError(f"parents={self.parents!r} must be a list of at least one study; give [what tune returned]")
        object.__setattr__(self, "parents", parents)

    stop = property(lambda self: self.strategy.stop, doc="The stopping rule of the strategy inside, if it has one.")

    def propose(self, space: Space, history: History, rng: np.random.Generator) -> dict:
        """Return what the strategy inside proposes, given what is `known`."""
        return self.strategy.propose(space, self.known(space, history), rng)

    def known(self, space: Space, history: History) -> History:
        """Return the history that the strategy inside sees: parents' trials that are of use, then those of `history`.

        With `transfer` the parents' trials have negative numbers, for none of them has been tried on the new data.
        """
        parents = [[trial for trial in parent if trial.state != "running"] for parent in self.parents]
        usable = [_placed(space, parent) for parent in parents]
        if not any(usable):
            raise ValueError(
                f"no trial of the parents has a place in {space}: {[dict(p[0].config) for p in parents if p][:1]} is "
                "out of range or lacks a parameter, or none has ended; give a space that holds some of them"
            )
        if self.transfer:
            trials = _transferred(space, [parent for parent in usable if parent], history)
            return History([*(replace(t, number=k - len(trials)) for k, t in enumerate(trials)), *history])
        trials = [*chain(*usable), *history]
        return History(replace(trial, number=number) for number, trial in enumerate(trials))


def _placed(space, trials):
    """Return the trials that have a place in the space, their configs cut to it, a list."""
    placed = []
    for trial in trials:
        with suppress(KeyError, TypeError, ValueError):
            placed.append(replace(trial, config=space.validate({name: trial.config[name] for name in space})))
    return placed


def _transferred(space, parents, history):
    """Return the complete trials of parents that are not replaced by own ones yet, on the level of these, a list."""
    from workshop.tuning.surrogate import GaussianProcess  # needs SciPy's optimisers, which random search does not

    parents = [complete for parent in parents if (complete := [t for t in parent if t.state == "complete"])]
    values = [np.array([trial.value for trial in parent]) for parent in parents]
    spread = np.mean([y.std() or 1.0 for y in values])
    own, y_own = space.encode_all([t.config for t in history.complete]), np.array([t.value for t in history.complete])
    moved = []
    for parent, y in zip(parents, values, strict=True):
        X, z = space.encode_all([trial.config for trial in parent]), (y - y.mean()) / (y.std() or 1.0)
        level = np.mean(y_own - spread * GaussianProcess().fit(X, z).predict(own)[0]) if len(own) else 0.0
        moved += [replace(parent[i], value=float(level + spread * z[i])) for i in _not_replaced(X, own)]
    return moved


def _not_replaced(X, own):
    """Return the rows of X (n, d) that are left when each row of `own` (m, d) in turn takes the nearest, a list."""
    left = list(range(len(X)))
    for x in own[: len(X)]:
        left.remove(min(left, key=lambda i: ((X[i] - x) ** 2).sum()))
    return left


@dataclass(frozen=True)
class MedianRule:
    """Give up a trial whose value is worse than the median of the running averages of earlier trials at its step.

    Earlier trials are those that have ended, complete or stopped, and came at least as far. A running average is the
    mean of a trial's values up to that step.

    Parameters
    ----------
    min_trials, min_steps : int
        How many earlier trials it takes to judge one, and how many steps of its own; at least 1.

    References
    ----------
    Golovin et al. (2017), Google Vizier, section 3.2.2; taken here as Amazon SageMaker states its early stopping,
    "Auto": the value at the step, not the best up to it, and all earlier trials, not the complete ones only.

    Examples
    --------
    >>> from workshop.tuning import History, Trial
    >>> history = History(Trial(k, {}, "complete", end, values=(1.0, end)) for k, end in enumerate([0.2, 0.4, 0.6]))
    >>> MedianRule(min_trials=3).stop(history, Trial(3, {}, values=(1.0, 0.8)))  # averages are 0.6, 0.7 and 0.8
    True
    """

    min_trials: int = 3
    min_steps: int = 1

    def __post_init__(self):
        for name in ("min_trials", "min_steps"):
            object.__setattr__(self, name, whole(name, getattr(self, name), 1))

    def stop(self, history: History, trial: Trial) -> bool:
        """Return whether to stop `trial` after the values it has reported."""
        step = len(trial.values)
        averages = [
            np.mean(other.values[:step])
            for other in history
            if other.state in ("complete", "stopped") and len(other.values) >= step
        ]
        if step < self.min_steps or len(averages) < self.min_trials:
            return False
        return bool(trial.values[-1] > np.median(averages))


@dataclass(frozen=True)
class Hyperband:
    """Brackets of trials, each stopped at its rungs unless it is among the best 1/eta there: a strategy and a rule.

    A bracket begins with many trials and judges them early, or with few and judges them late, at about the same cost.
    Trials fill the brackets in the order of their numbers, and over again. In algorithm 1 a whole rung waits until its
    last trial has come. Here, as in the stopping form of ASHA, a trial is judged at once, against those of its bracket
    that came to the rung before, so that nothing has to be paused: the first of each rung always goes on, and of equal
    trials, as first steps often are, those that came first.

    Parameters
    ----------
    max_steps, min_steps : int
        How many steps a full trial has, and the first step at which a trial is judged.
    eta : int
        One of so many goes on at a rung, and then for so many times as long; at least 2.
    strategy : strategy

    References
    ----------
    Li et al. (2018), Hyperband, JMLR 18 (185), algorithm 1. Li et al. (2020), A System for Massively Parallel
    Hyperparameter Tuning (ASHA), MLSys.

    Examples
    --------
    >>> for bracket in Hyperband(max_steps=9).brackets:
    ...     print(bracket)  # (trials, step) of each rung
    ((9, 1), (3, 3), (1, 9))
    ((5, 3), (1, 9))
    ((3, 9),)
    """

    max_steps: int
    min_steps: int = 1
    eta: int = 3
    strategy: Any = field(default_factory=RandomSearch)

    def __post_init__(self):
        for name, low in {"min_steps": 1, "eta": 2, "max_steps": self.min_steps}.items():
            object.__setattr__(self, name, whole(name, getattr(self, name), low))
        able("strategy", self.strategy, "propose", "RandomSearch()")

    @cached_property
    def brackets(self) -> tuple:
        """The rungs of each bracket, as tuples of (trials that come to it, step); the last rung is the end.

        Bracket s has n = ceil((s_max + 1) eta^s / (s + 1)) trials; floor(n / eta^i) come to its rung i at step
        max_steps / eta^(s - i), rounded.
        """
        s_max, eta = 0, self.eta
        while self.min_steps * eta ** (s_max + 1) <= self.max_steps:
            s_max += 1
        starts = {s: -(-(s_max + 1) * eta**s // (s + 1)) for s in range(s_max, -1, -1)}
        return tuple(
            tuple((n // eta**i, round(self.max_steps / eta ** (s - i))) for i in range(s + 1))
            for s, n in starts.items()
        )

    def propose(self, space: Space, history: History, rng: np.random.Generator) -> dict:
        """Return what the strategy inside proposes."""
        return self.strategy.propose(space, history, rng)

    def bracket_of(self, number: int) -> int:
        """Return the place in `brackets` of the trial with this number."""
        sizes = [bracket[0][0] for bracket in self.brackets]
        position = number % sum(sizes)
        return next(place for place in range(len(sizes)) if position < sum(sizes[: place + 1]))

    def stop(self, history: History, trial: Trial) -> bool:
        """Return whether to stop `trial` after the values it has reported."""
        step, place = len(trial.values), self.bracket_of(trial.number)
        if step not in [at for _, at in self.brackets[place][:-1]]:
            return False
        peers = [t for t in history if len(t.values) >= step and self.bracket_of(t.number) == place]
        value, others = trial.values[-1], [t for t in peers if t.number != trial.number]
        better = sum(t.values[step - 1] < value for t in others)
        equal_ahead = sum(t.values[step - 1] == value and len(t.values) > step for t in others)
        return better + equal_ahead >= max(1, len(peers) // self.eta)
