"""Begin a study with what earlier ones have found."""

from dataclasses import dataclass, replace

import numpy as np

from workshop.tuning.checks import able
from workshop.tuning.history import History
from workshop.tuning.study import Study
from workshop.tuning.surrogate import GaussianProcess


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

    strategy: object
    parents: tuple
    transfer: bool = False

    def __post_init__(self):
        able("strategy", self.strategy, "propose", "BayesianSearch()")
        if isinstance(self.parents, (Study, History)):
            raise TypeError(f"parents={self.parents!r} is no sequence; give a list of it")
        if not self.parents:
            raise ValueError("parents is empty; give at least one study")
        object.__setattr__(self, "parents", tuple(map(_minimised, self.parents)))

    @property
    def stop(self):
        """The stopping rule of the strategy inside; AttributeError if it has none."""
        return self.strategy.stop

    def propose(self, space, history, rng):
        """Return what the strategy inside proposes after all that is known, a config."""
        return self.strategy.propose(space, self.known(space, history), rng)

    def known(self, space, history):
        """Return the history that the strategy inside sees: parents' trials that are of use, then those of `history`.

        With `transfer` the parents' trials have negative numbers, for none of them has been tried on the new data.
        """
        parents = [_usable(space, parent) for parent in self.parents]
        if not any(parents):
            raise ValueError(_why_not(space, self.parents))
        if self.transfer:
            trials = _transferred(space, [parent for parent in parents if parent], history)
            return History([*(replace(t, number=k - len(trials)) for k, t in enumerate(trials)), *history])
        trials = [*(trial for parent in parents for trial in parent), *history]
        return History(replace(trial, number=number) for number, trial in enumerate(trials))


def _minimised(parent):
    if isinstance(parent, Study):
        return parent.minimised
    if not isinstance(parent, History):
        raise TypeError(f"parents has {parent!r}, which is neither a Study nor a History; give what tune returned")
    return parent


def _usable(space, parent):
    """Return the ended trials of a parent that have a place in the space, their configs cut to it, a list."""
    placed = []
    for trial in parent:
        try:
            config = space.validate({name: trial.config[name] for name in space})
        except (KeyError, TypeError, ValueError):
            continue
        if trial.state != "running":
            placed.append(replace(trial, config=config))
    return placed


def _why_not(space, parents):
    """Return in words what keeps the first trial, if there is one, from being of use."""
    first = next((trial for parent in parents for trial in parent if trial.state != "running"), None)
    if first is None:
        return "parents have no trial that has ended; give studies that have run"
    missing = [name for name in space if name not in first.config]
    reason = f"they lack {missing}" if missing else f"their values are out of range, as in {dict(first.config)}"
    return f"no trial of the parents has a place in {space}: {reason}; give a space that holds some of them"


def _transferred(space, parents, history):
    """Return the complete trials of parents that are not replaced by own ones yet, on the level of these, a list."""
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
