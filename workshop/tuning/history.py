"""What has been tried. The history is the only truth: strategies keep nothing of their own."""

import math
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from numbers import Real
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from workshop.tuning.parameter import identity, one_of

if TYPE_CHECKING:
    import pandas as pd

STATES = ("running", "complete", "failed", "stopped")
DIRECTIONS = ("minimize", "maximize")  # the values of a study: which are better


@dataclass(frozen=True)
class Trial:
    """One config and what came of it. Nothing of it can be changed, its config included.

    Parameters
    ----------
    number : int
        Its place in the study, from 0. Negative for a trial on other data that a strategy is shown beside them.
    config : mapping of str to value
        Copied, and read-only from then on.
    state : {"running", "complete", "failed", "stopped"}
        Stopped: given up before its end, because a stopping rule said so.
    value, error : float and str, optional
        What the objective returned, or reported last: finite for a complete or stopped trial. Why a trial failed.
    started, seconds : float, optional
        When it was asked, on the study's clock, and how long it took until it was told.
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
    values: Sequence = ()

    def __post_init__(self):
        one_of("state", self.state, STATES)
        if (self.state in ("complete", "stopped")) != (self.value is not None and math.isfinite(self.value)):
            raise ValueError(
                f"value={self.value!r} does not fit state={self.state!r}: complete and stopped need a finite value"
            )
        if not all(map(math.isfinite, self.values)):
            raise ValueError(f"values={self.values!r} must be finite; a trial that reports anything else has failed")
        object.__setattr__(self, "config", MappingProxyType(dict(self.config)))
        object.__setattr__(self, "values", tuple(map(float, self.values)))

    def negated(self) -> "Trial":
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

    def __init__(self, trials: Iterable[Trial] = ()):
        trials = tuple(trials)
        if strange := [trial for trial in trials if not isinstance(trial, Trial)]:
            raise TypeError(f"trials has {strange[0]!r}, which is not a Trial; give the trials of a study")
        self._trials = tuple(sorted(trials, key=lambda trial: trial.number))
        self._first: dict | None = None
        numbers = [trial.number for trial in self._trials]
        if len(set(numbers)) < len(numbers):
            raise ValueError(f"trials share a number, got numbers {numbers}; number each trial once")

    @classmethod
    def of_study(cls, trials: Iterable[Trial], first: dict) -> "History":
        """Return the history of trials 0, 1, 2, ... unchecked, with the number at which each config came `first`.

        A study makes one at each step, and lets `first` grow with it, so that long studies stay cheap.
        """
        history = cls()
        history._trials, history._first = tuple(trials), first
        return history

    def holds(self, config: Mapping) -> bool:
        """Return whether a trial of the study has this config, whatever became of it; those of other data do not count.

        Examples
        --------
        >>> History([Trial(0, {"eta": 0.3})]).holds({"eta": 0.3})
        True
        """
        if self._first is None:
            self._first = {config_key(t.config): t.number for t in reversed(self._trials) if t.number >= 0}
        number = self._first.get(config_key(config))
        return number is not None and number <= self._trials[-1].number

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
    def seconds(self) -> float:
        """When the last trial ended, or was asked if it is running: in seconds since the study began, 0 at first."""
        return max(((trial.started or 0.0) + (trial.seconds or 0.0) for trial in self._trials), default=0.0)

    def to_frame(self, direction: str = "minimize") -> "pd.DataFrame":
        """Return a table of all trials, best first; a DataFrame indexed by trial number.

        Its columns are the hyperparameters, then FinalObjectiveValue (NaN, and last, for trials that did not come to
        their end, stopped ones too), state and error. A row keeps the types of a config: whole numbers stay whole and
        None stays None, so that ``XGBClassifier(**frame.loc[3, list(space)])`` works.

        Examples
        --------
        >>> trials = [Trial(0, {"eta": 0.3}, "complete", 0.9), Trial(1, {"eta": 0.1}, "complete", 0.8)]
        >>> print(History(trials).to_frame().to_csv().strip())
        trial,eta,FinalObjectiveValue,state,error
        1,0.1,0.8,complete,
        0,0.3,0.9,complete,
        """
        one_of("direction", direction, DIRECTIONS)
        import pandas as pd  # slow to import, and needed only here

        names = dict.fromkeys(name for trial in self._trials for name in trial.config)
        columns: dict[str, list] = {name: [trial.config.get(name) for trial in self._trials] for name in names}
        ended = [trial.value if trial.state == "complete" else None for trial in self._trials]
        columns["FinalObjectiveValue"] = [math.nan if value is None else float(value) for value in ended]
        columns["state"], columns["error"] = [t.state for t in self._trials], [t.error for t in self._trials]
        index = pd.Index([trial.number for trial in self._trials], name="trial")
        one_type = {name: len(set(map(type, values))) == 1 and name != "error" for name, values in columns.items()}
        series = {n: pd.Series(v, index, None if one_type[n] else object) for n, v in columns.items()}
        frame = pd.DataFrame(series, index)
        return frame.sort_values("FinalObjectiveValue", ascending=direction == "minimize", kind="stable")


def config_key(config: Mapping) -> tuple:
    """Return something hashable that is equal for equal configs only: True is not 1 here."""
    return tuple((name, *identity(value)) for name, value in config.items())


def as_value(value: Any) -> float:
    """Return what an objective returned or yielded as a float; TypeError unless it is one number or truth value."""
    plain = value.item() if getattr(value, "ndim", None) == 0 and hasattr(value, "item") else value
    if not isinstance(plain, (Real, Decimal)):
        raise TypeError(f"value={value!r} is not a number; let the objective return a float, or yield one at each step")
    return float(plain)


def as_step_value(value: Any, step: int) -> float:
    """Return the value reported at `step` as a float; ValueError unless it is finite."""
    value = as_value(value)
    if not math.isfinite(value):
        raise ValueError(f"the objective reported {value} at step {step}")
    return value


def describe(error: BaseException | str) -> str:
    """Return an exception as text, a str as it is, without characters that no file can hold."""
    text = error if isinstance(error, str) else "".join(traceback.format_exception_only(error)).strip()
    return text.encode(errors="backslashreplace").decode()
