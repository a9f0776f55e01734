"""Which config to try next: a strategy is a function of the history.

A strategy keeps no state. Given the same space, history and generator it proposes the same config, so a resumed study
equals an uninterrupted one, and any past step can be explained by cutting the history there: `history[:k]`.
"""

from dataclasses import dataclass


class Exhausted(Exception):
    """Raised by a strategy that has nothing left to propose; a study then ends quietly."""


def _key(config):
    """Return something hashable that is equal for equal configs only: True is not 1 here."""
    return tuple((name, type(value), value) for name, value in config.items())


def _tried(space, history):
    """Return the keys of all configs in the history, whatever became of them, a set; not those of other data."""
    return {_key({name: trial.config[name] for name in space}) for trial in history if trial.number >= 0}


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
    >>> import numpy as np
    >>> from workshop.tuning import History, Int, Space
    >>> RandomSearch().propose(Space({"max_depth": Int(1, 10)}), History(), np.random.default_rng([0, 0]))
    {'max_depth': 7}
    """

    def propose(self, space, history, rng):
        """Return a config drawn by `rng`; the history is not used."""
        return space.sample(rng)
