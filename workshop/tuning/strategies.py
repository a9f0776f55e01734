"""Which config to try next: a strategy is a function of the history.

A strategy keeps no state. Given the same space, history and generator it proposes the same config, so a resumed study
equals an uninterrupted one, and any past step can be explained by cutting the history there: `history[:k]`.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np

from workshop.tuning.history import History, config_key
from workshop.tuning.parameter import able
from workshop.tuning.space import Space

_key = config_key
MAX_DRAWS = 1000  # of configs that are known already, before random search looks for a new one in order


class Exhausted(Exception):
    """Raised by a strategy that has nothing left to propose; a study then ends quietly."""


def _tried(space, history):
    """Return the keys of all configs in the history, whatever became of them, a set; not those of other data."""
    return {config_key({name: trial.config[name] for name in space}) for trial in history if trial.number >= 0}


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
        for _ in range(MAX_DRAWS):
            if not history.holds(config := space.sample(rng)):
                return config
        for config in space.iter_grid(len(history) + 1):  # holds one that is new, if there is one
            if not history.holds(config):
                return config
        raise Exhausted(f"all {space.n_configs} configs of the space have been tried")


@dataclass(frozen=True)
class Start:
    """Configs of your own first, such as the defaults or last year's best, and then a strategy that knows them.

    Parameters
    ----------
    configs : sequence of config
        Tried in this order; those in the history already are left out.
    then : strategy
        What proposes afterwards.

    Examples
    --------
    >>> from workshop.tuning import Float, RandomSearch, Space, tune
    >>> space, strategy = Space({"x": Float(-1, 1)}), Start([{"x": 0.5}], RandomSearch())
    >>> dict(tune(lambda config: config["x"], space, strategy, 3, progress=False).history[0].config)
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

    On identical data the parents' trials stand in the history as if they were the study's own first ones. With
    `transfer` the data is other data, on which values have another level: those of each parent are standardised, then
    moved to where the own trials show the level to be. And they fade: each own trial takes the place of the one
    nearest to it of each parent.

    Parameters
    ----------
    strategy : strategy
        What proposes, such as `BayesianSearch()`; it sees a history in which the parents' trials come first.
    parents : sequence of Study or History
        At least one. Of a study, the trials it has now; the values of a `History` are taken as to be minimised.
    transfer : bool
        Whether the parents were trained on other data.

    Notes
    -----
    A trial is of use if it has, for each parameter of the new space, a value that the space allows. Parameters that
    the new space lacks are left out. If no trial of any parent is of use, `propose` says why.

    References
    ----------
    The two kinds are those of Amazon SageMaker: IdenticalDataAndAlgorithm and TransferLearning.

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
        if not isinstance(self.parents, (list, tuple)) or not self.parents:
            raise TypeError(f"parents={self.parents!r} is not a list of at least one study; give [what tune returned]")
        parents = tuple(getattr(parent, "minimised", parent) for parent in self.parents)
        if strange := [parent for parent in parents if not isinstance(parent, History)]:
            raise TypeError(f"parents has {strange[0]!r}, neither a Study nor a History; give what tune returned")
        object.__setattr__(self, "parents", parents)

    stop = property(lambda self: self.strategy.stop, doc="The stopping rule of the strategy inside, if it has one.")

    def propose(self, space: Space, history: History, rng: np.random.Generator) -> dict:
        """Return what the strategy inside proposes after all that is known."""
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
            config = space.validate({name: trial.config[name] for name in space})
            placed.append(replace(trial, config=config))
    return placed


def _transferred(space, parents, history):
    """Return the complete trials of parents that are not replaced by own ones yet, on the level of these, a list."""
    from workshop.tuning.surrogate import GaussianProcess  # needs SciPy's optimisers, which random search does not

    parents = [complete for parent in parents if (complete := [t for t in parent if t.state == "complete"])]
    values = [np.array([trial.value for trial in parent]) for parent in parents]
    spread = np.mean([y.std() or 1.0 for y in values])
    y_own = np.array([trial.value for trial in history.complete])
    own = space.encode_all([trial.config for trial in history.complete]) if len(y_own) else None
    moved = []
    for parent, y in zip(parents, values, strict=True):
        X, z = space.encode_all([trial.config for trial in parent]), (y - y.mean()) / (y.std() or 1.0)
        level, left = 0.0, range(len(parent))
        if len(y_own):
            level = np.mean(y_own - spread * GaussianProcess().fit(X, z).predict(own)[0])
            left = _not_replaced(X, own)
        moved += [replace(parent[i], value=float(level + spread * z[i])) for i in left]
    return moved


def _not_replaced(X, own):
    """Return the rows of X (n, d) that are left when each row of `own` (m, d) in turn takes the nearest, a list."""
    left = list(range(len(X)))
    for x in own[: len(X)]:
        left.remove(min(left, key=lambda i: ((X[i] - x) ** 2).sum()))
    return left
