"""Which config to try next: a strategy is a function of the history.

A strategy keeps no state. Given the same space, history and generator it proposes the same config, so a resumed study
equals an uninterrupted one, and any past step can be explained by cutting the history there: `history[:k]`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

import numpy as np

from workshop.tuning.acquisition import expected_improvement
from workshop.tuning.acquisition_search import highest
from workshop.tuning.belief import Belief, ValueScale
from workshop.tuning.surrogate import GaussianProcess


class Exhausted(Exception):
    """Raised by a strategy that has nothing left to propose; a study then ends quietly."""


def _key(config):
    """Return something hashable that is equal for equal configs only: True is not 1 here."""
    return tuple((name, type(value), value) for name, value in config.items())


def _tried(space, history):
    """Return the keys of all configs in the history, whatever became of them, a set."""
    return {_key({name: trial.config[name] for name in space}) for trial in history}


@dataclass(frozen=True)
class GridSearch:
    """All combinations of at most `n_per_param` values a number, and of all choices, one after the other.

    Examples
    --------
    >>> from workshop.tuning import Float, History, Space
    >>> GridSearch(3).propose(Space({"eta": Float(0, 1)}), History(), rng=None)
    {'eta': 0.0}
    """

    n_per_param: int = 5

    def propose(self, space, history, rng):
        """Return the first config of the grid that is not in the history; Exhausted when all are. `rng` is not used."""
        tried = _tried(space, history)
        for config in space.iter_grid(self.n_per_param):
            if _key(config) not in tried:
                return config
        raise Exhausted(f"all configs of the grid have been tried; n_per_param={self.n_per_param} could be larger")


@dataclass(frozen=True)
class RandomSearch:
    """Independent draws from the whole space: never exhausted, and on a small space a config may come twice.

    Examples
    --------
    >>> from workshop.tuning import History, Int, Space
    >>> RandomSearch().propose(Space({"max_depth": Int(1, 10)}), History(), np.random.default_rng([0, 0]))
    {'max_depth': 7}
    """

    def propose(self, space, history, rng):
        """Return a config drawn by `rng`; the history is not used."""
        return space.sample(rng)


@dataclass(frozen=True)
class BayesianSearch:
    """Proposals where a model of the objective promises most.

    Parameters
    ----------
    n_initial : int
        How many trials are drawn at random before the model is asked.
    acquisition : callable (mean, std, best) -> (m,)
        What a config promises: a function of `workshop.tuning.acquisition`, or one of your own. For more exploration
        give its weight: `partial(expected_improvement, xi=0.1)`, in units of the standardised values.
    """

    n_initial: int = 8
    acquisition: Callable = expected_improvement

    def propose(self, space, history, rng):
        """Return the config with the largest acquisition among those not tried; Exhausted when all are tried."""
        tried = _tried(space, history)
        if len(tried) >= space.n_configs:
            raise Exhausted(f"all {space.n_configs} configs of the space have been tried")
        if len(history) < self.n_initial or not history.complete:
            return _first_new((space.sample(rng) for _ in range(10_000)), space, tried)
        belief = self.believe(space, history)
        centers = belief.gps[0].X_[np.argsort(belief.gps[0].y_)[:3]]
        found = (space.decode(z) for z in highest(belief, space, rng, centers))
        return _first_new(chain(found, (space.sample(rng) for _ in range(10_000))), space, tried)

    def believe(self, space, history):
        """Return a Belief."""
        X = space.encode_all([trial.config for trial in history.complete])
        y = np.array([trial.value for trial in history.complete])
        return Belief([GaussianProcess().fit(X, ValueScale(y)(y))], self.acquisition)


def _first_new(configs, space, tried):
    return next(config for config in configs if _key(config) not in tried)
