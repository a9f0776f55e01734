"""What has been tried. The history is the only truth: strategies keep nothing of their own."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

STATES = ("running", "complete", "failed", "stopped")


@dataclass(frozen=True)
class Trial:
    """One config and what came of it. Nothing of it can be changed, its config included.

    Parameters
    ----------
    number : int
        Its place in the study, from 0, given when it was asked for. Negative for a trial of another study, on other
        data, that a strategy is shown beside them.
    config : mapping of str to value
        Copied, and read-only from then on.
    state : {"running", "complete", "failed", "stopped"}
        Stopped: given up before its end, because a stopping rule said so.
    value : float, optional
        What the objective returned or, if it reports, the last value it reported; finite for a complete or stopped
        trial, None otherwise.
    error : str, optional
        Why a failed trial failed.
    seconds : float, optional
        How long it took, from being asked to being told.
    started : float, optional
        When it was asked: seconds since the study began, on the study's clock.
    values : sequence of float
        ``values[i]`` was reported at step i + 1; all finite. Empty for an objective that just returns.

    Examples
    --------
    >>> Trial(0, {"eta": 0.3}, "complete", 0.91).config["eta"]
    0.3
    """

    number: int
    config: Mapping = field(hash=False)
    state: str = "running"
    value: float | None = None
    error: str | None = None
    seconds: float | None = None
    started: float | None = None
    values: tuple = ()

    def __post_init__(self):
        if self.state not in STATES:
            raise ValueError(f"state={self.state!r} is unknown; use one of {STATES}")
        if (self.state in ("complete", "stopped")) != (self.value is not None and math.isfinite(self.value)):
            raise ValueError(
                f"value={self.value!r} does not fit state={self.state!r}: complete and stopped need a finite value"
            )
        if not all(map(math.isfinite, self.values)):
            raise ValueError(f"values={self.values!r} must be finite; a trial that reports anything else has failed")
        object.__setattr__(self, "config", MappingProxyType(dict(self.config)))
        object.__setattr__(self, "values", tuple(map(float, self.values)))

    def negated(self):
        """Return the same trial with the signs of its values changed: to be minimised if it was to be maximised."""
        return replace(
            self, value=None if self.value is None else -self.value, values=[-value for value in self.values]
        )

    def __reduce__(self):  # a read-only view cannot be pickled, its content can
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return Trial, (*(fields | {"config": dict(self.config)}).values(),)


class History(Sequence):
    """The trials of a study in order of their number; immutable.

    `history[3]` is a trial, `history[:3]` a history: what a strategy knew three trials into the study.

    Parameters
    ----------
    trials : iterable of Trial
        In any order, no number twice.

    Examples
    --------
    >>> history = History([Trial(0, {"eta": 0.3}, "complete", 0.91), Trial(1, {"eta": 0.1})])
    >>> len(history), len(history.complete), history.running[0].number
    (2, 1, 1)
    """

    def __init__(self, trials=()):
        trials = tuple(trials)
        if strange := [trial for trial in trials if not isinstance(trial, Trial)]:
            raise TypeError(f"trials has {strange[0]!r}, which is no Trial; give the trials of a study")
        self._trials = tuple(sorted(trials, key=lambda trial: trial.number))
        numbers = [trial.number for trial in self._trials]
        if len(set(numbers)) < len(numbers):
            raise ValueError(f"trials share a number, got numbers {numbers}; number each trial once")

    def __getitem__(self, index):
        return History(self._trials[index]) if isinstance(index, slice) else self._trials[index]

    def __len__(self):
        return len(self._trials)

    def __eq__(self, other):
        return isinstance(other, History) and self._trials == other._trials

    def __hash__(self):
        return hash(self._trials)

    def __repr__(self):
        counts = {state: len(self._only(state)) for state in STATES}
        shown = [f"{n} {state}" for state, n in counts.items() if n or state != "stopped"]
        return f"History({', '.join(shown)})"

    def _only(self, state):
        return History(trial for trial in self._trials if trial.state == state)

    complete = property(lambda self: self._only("complete"), doc="The trials that have a value, a History.")
    failed = property(lambda self: self._only("failed"), doc="The trials that ended without one, a History.")
    running = property(lambda self: self._only("running"), doc="The trials still under way, a History.")
    stopped = property(lambda self: self._only("stopped"), doc="The trials given up before their end, a History.")

    @property
    def seconds(self):
        """When the last trial ended, or was asked if it is running: in seconds since the study began, 0 at first."""
        return max((trial.started + (trial.seconds or 0) for trial in self._trials), default=0.0)

    def to_frame(self, direction="minimize"):
        """Return a table of all trials, best first; a DataFrame indexed by trial number.

        Its columns are the hyperparameters, then FinalObjectiveValue: NaN (and last) for trials that did not come to
        their end, stopped ones too.

        Examples
        --------
        >>> trials = [Trial(0, {"eta": 0.3}, "complete", 0.9), Trial(1, {"eta": 0.1}, "complete", 0.8)]
        >>> print(History(trials).to_frame().to_csv().strip())
        trial,eta,FinalObjectiveValue
        1,0.1,0.8
        0,0.3,0.9
        """
        if direction not in ("minimize", "maximize"):
            raise ValueError(f"direction={direction!r} is unknown; use 'minimize' or 'maximize'")
        import pandas as pd  # slow to import, and needed only here

        frame = pd.DataFrame([dict(trial.config) for trial in self._trials])
        frame.index = pd.Index([trial.number for trial in self._trials], name="trial")
        frame["FinalObjectiveValue"] = [float(t.value) if t.state == "complete" else math.nan for t in self._trials]
        return frame.sort_values("FinalObjectiveValue", ascending=direction == "minimize", kind="stable")
