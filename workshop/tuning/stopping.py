"""Which trials to give up: a stopping rule is a function of the history, as a strategy is.

A rule is asked after every step that a trial reports. It sees the history, the values in it to be minimised, and the
trial as it stands there; it keeps nothing of its own.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from workshop.tuning.history import History, Trial
from workshop.tuning.parameter import able, whole
from workshop.tuning.space import Space
from workshop.tuning.strategies import RandomSearch


@dataclass(frozen=True)
class MedianRule:
    """Give up a trial whose value is worse than the median of the running averages of earlier trials at its step.

    Earlier trials are those that have ended, complete or stopped, and came at least as far. A running average is the
    mean of a trial's values up to that step: early values weigh on it, so that trials on a good way are not judged by
    noise.

    Parameters
    ----------
    min_trials : int
        How many earlier trials it takes to judge one; at least 1.
    min_steps : int
        No trial is judged before it has come so far: for objectives whose first steps say little of the last.

    References
    ----------
    Golovin et al. (2017), Google Vizier, section 3.2.2, who compare the best value up to the step with the trials that
    are complete. Taken here as Amazon SageMaker states its early stopping, "Auto": the value at the step, and all
    earlier trials.

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
        judged = step >= self.min_steps and len(averages) >= self.min_trials
        return judged and bool(trial.values[-1] > np.median(averages))


@dataclass(frozen=True)
class Hyperband:
    """Brackets of trials, each stopped at its rungs unless it is among the best 1/eta there: a strategy and a rule.

    A bracket begins with many trials and judges them early, or with few and judges them late, at about the same cost.
    The brackets, from the earliest to the one that judges nothing, are those of Li et al. (2018), algorithm 1. Trials
    belong to them by their number, in turn, and over again once all brackets are full.

    What differs from algorithm 1 is when a trial is judged. There a whole rung waits until its last trial has
    come. Here, as in the stopping form of ASHA, a trial is judged at once, against those of its bracket that came to
    the rung before, so that nothing has to be paused. A few more trials go on than there: the first of each rung.
    Of equal trials, as first steps often are, those go on that came first.

    Parameters
    ----------
    max_steps : int
        How many steps a full trial has; nothing is judged from there on.
    min_steps : int
        No trial is judged earlier.
    eta : int
        One of so many goes on at a rung, and then for so many times as long; at least 2.
    strategy : strategy
        What proposes configs.

    References
    ----------
    Li, Jamieson, DeSalvo, Rostamizadeh, Talwalkar (2018), Hyperband, JMLR 18 (185), algorithm 1. Li et al. (2020), A
    System for Massively Parallel Hyperparameter Tuning (ASHA), MLSys.

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

    @property
    def brackets(self) -> tuple:
        """The rungs of each bracket, as tuples of (trials that come to it, step); the last rung is the end.

        Of bracket s there are n = ceil((s_max + 1) eta^s / (s + 1)) trials, and floor(n / eta^i) come to its rung i at
        step max_steps / eta^(s - i), rounded (Li et al. 2018, algorithm 1).
        """
        return _brackets(self.max_steps, self.min_steps, self.eta)

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


@cache
def _brackets(max_steps, min_steps, eta):
    s_max = 0
    while min_steps * eta ** (s_max + 1) <= max_steps:
        s_max += 1
    starts = {s: -(-(s_max + 1) * eta**s // (s + 1)) for s in range(s_max, -1, -1)}
    return tuple(
        tuple((n // eta**i, round(max_steps / eta ** (s - i))) for i in range(s + 1)) for s, n in starts.items()
    )
