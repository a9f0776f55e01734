"""Which config to try next: a strategy is a function of the history.

A strategy keeps no state. Given the same space, history and generator it proposes the same config, so a resumed study
equals an uninterrupted one, and any past step can be explained by cutting the history there: `history[:k]`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, count
from numbers import Integral

import numpy as np
from scipy.spatial.distance import cdist

from workshop.tuning.acquisition import expected_improvement
from workshop.tuning.acquisition_search import ranked
from workshop.tuning.belief import believe


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
    >>> from workshop.tuning import History, Int, Space
    >>> RandomSearch().propose(Space({"max_depth": Int(1, 10)}), History(), np.random.default_rng([0, 0]))
    {'max_depth': 7}
    """

    def propose(self, space, history, rng):
        """Return a config drawn by `rng`; the history is not used."""
        return space.sample(rng)


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
