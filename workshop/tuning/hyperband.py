"""Hyperband: many trials begin, few go on, and how early that is decided is varied too."""

from dataclasses import dataclass, field
from functools import cache

from workshop.tuning.checks import whole
from workshop.tuning.strategies import RandomSearch


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
    strategy: object = field(default_factory=RandomSearch)

    def __post_init__(self):
        whole("min_steps", self.min_steps, 1)
        whole("eta", self.eta, 2)
        whole("max_steps", self.max_steps, self.min_steps)
        if not callable(getattr(self.strategy, "propose", None)) or isinstance(self.strategy, type):
            raise TypeError(f"strategy={self.strategy!r} has no propose; give one such as RandomSearch()")

    @property
    def brackets(self):
        """The rungs of each bracket, as tuples of (trials that come to it, step); the last rung is the end.

        Of bracket s there are n = ceil((s_max + 1) eta^s / (s + 1)) trials, and floor(n / eta^i) come to its rung i at
        step max_steps / eta^(s - i), rounded (Li et al. 2018, algorithm 1).
        """
        return _brackets(self.max_steps, self.min_steps, self.eta)

    def propose(self, space, history, rng):
        """Return what the strategy inside proposes, a config."""
        return self.strategy.propose(space, history, rng)

    def bracket_of(self, number):
        """Return the place in `brackets` of the trial with this number, an int."""
        sizes = [bracket[0][0] for bracket in self.brackets]
        position = number % sum(sizes)
        return next(place for place in range(len(sizes)) if position < sum(sizes[: place + 1]))

    def stop(self, history, trial):
        """Return whether to stop `trial` after the values it has reported, a bool."""
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
