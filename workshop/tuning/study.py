"""The study: what a strategy proposes, what the objective answers, and nothing else.

A study is two steps repeated. *Ask*: the strategy sees the history and proposes a config. *Tell*: the objective's
value joins the history. The generator of a proposal is seeded by (study seed, trial number), so the history is all
that has to be kept: a study read back from a file goes on as if it had never stopped.
"""

import math
import time
from dataclasses import replace

import numpy as np

from workshop.tuning.attempt import as_step_value, as_value, describe
from workshop.tuning.checks import able, whole
from workshop.tuning.history import History, Trial
from workshop.tuning.space import Space
from workshop.tuning.storage import Storage
from workshop.tuning.strategies import Exhausted


class Study:
    """A tuning study, by hand: `ask` for a trial, evaluate its config, `tell` its value. `tune` is the loop.

    A trial that is trained step by step may `report` a value a step on the way and hear whether it should be stopped.

    Parameters
    ----------
    space : Space
        What may be tried.
    strategy : strategy
        `GridSearch`, `RandomSearch`, `BayesianSearch`, or anything with their `propose`.
    direction : {"minimize", "maximize"}
        Which values are better. Strategies always minimise: the sign is changed here and nowhere else.
    seed : int
        0 or more. Trial k draws from ``np.random.default_rng([seed, k])``.
    storage : path, optional
        A file that keeps the study, made if it is not there. Every trial is in it as soon as it is asked, and again
        when it is told; a study opened on the same file goes on with it, first with trials that a process asked for
        and did not live to tell. Several processes may share the file.
    clock : callable
        Returns seconds; what `Trial.started` and `Trial.seconds` are read from.
    stopping : stopping rule, optional
        `MedianRule`, or anything with its `stop`: which trials are given up. A strategy that has a `stop` itself, as
        `Hyperband` does, is asked as well.

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong kind, and for a file that holds another study (or none), which stays as it is.
    OSError
        If the file cannot be read or written.

    Notes
    -----
    A study belongs to one thread; `tune` tells from the thread that called it, wherever its objectives run.

    Examples
    --------
    >>> from workshop.tuning import Float, GridSearch, Space
    >>> study = Study(Space({"x": Float(0, 4)}), GridSearch(3), direction="maximize")
    >>> for _ in range(3):
    ...     trial = study.ask()
    ...     _ = study.tell(trial, trial.config["x"] * (3 - trial.config["x"]))
    >>> dict(study.best.config), study.best.value
    ({'x': 2.0}, 2.0)
    """

    def __init__(
        self, space, strategy, *, direction="minimize", seed=0, storage=None, clock=time.monotonic, stopping=None
    ):
        if not isinstance(space, Space):
            raise TypeError(f"space={space!r} is no Space; give Space({{'name': Float(0, 1), ...}})")
        able("strategy", strategy, "propose", "RandomSearch()")
        if direction not in ("minimize", "maximize"):
            raise ValueError(f"direction={direction!r} is unknown; use 'minimize' or 'maximize'")
        if stopping is not None:
            able("stopping", stopping, "stop", "MedianRule()")
        self.space, self.strategy, self.direction = space, strategy, direction
        self.rules = [rule for rule in (stopping, strategy) if callable(getattr(rule, "stop", None))]
        self.seed = whole("seed", seed, 0)
        self._sign = 1 if direction == "minimize" else -1
        self._storage = None if storage is None else Storage(storage, space, direction, self.seed)
        self._trials, self._reported, self._negated = [], {}, {}
        self._read()
        last = self.history.seconds
        self._clock, self._origin, self._latest = clock, clock() - last, last

    def __repr__(self):
        return f"Study({self.direction}, {self.history!r})"

    def now(self):
        """Return the seconds since the study began; a study read from a file goes on where its last trial ended.

        They never become less: a clock that is set back counts from where it was.
        """
        now = self._clock() - self._origin
        self._origin -= max(0.0, self._latest - now)
        self._latest = max(self._latest, now)
        return self._latest

    @property
    def history(self):
        """All trials so far, with the values as they were told; a `History`."""
        return History(self._trials)

    @property
    def best(self):
        """The complete trial with the best value, the first of equals; a `Trial`."""
        complete = [trial for trial in self._trials if trial.state == "complete"]
        if not complete:
            errors = [f"trial {t.number} failed: {t.error}" for t in self._trials if t.state == "failed"]
            raise ValueError(f"no trial is complete, so none is best; {(errors or ['tell a value first'])[0]}")
        return min(complete, key=lambda trial: self._sign * trial.value)

    def to_frame(self):
        """Return all trials as a table, best first: hyperparameters, then FinalObjectiveValue; a DataFrame."""
        return self.history.to_frame(self.direction)

    def ask(self, *, max_trials=math.inf):
        """Return the next trial to evaluate; `Trial`, state "running".

        Raises `Exhausted` when the strategy has nothing left to propose, or the study has `max_trials` already.
        """
        while True:
            self._read()
            number = len(self._trials)
            if self._storage and (orphan := self._storage.adopt(self.now())) is not None:
                self._reported.pop(orphan, None)
                self._read(orphan)
                return self._trials[orphan]
            if number >= max_trials:
                raise Exhausted(f"the study has its {max_trials} trials")
            config = self.strategy.propose(self.space, self.minimised, np.random.default_rng([self.seed, number]))
            trial = Trial(number, self.space.validate(config), started=self.now())
            if not self._storage or self._storage.add(trial):
                self._trials.append(trial)
                return trial

    def report(self, trial, value, *, step=None):
        """Return whether `trial` should be stopped now that it has reported `value`; a bool.

        It is advice: follow it with ``tell(trial, stopped=True)``. What is reported is stored when the trial is told.

        Parameters
        ----------
        trial : Trial
            As `ask` returned it, not told yet.
        value : float
            What the objective has reached at this step; finite.
        step : int, optional
            Which step it is, from 1; by default the next. An earlier one begins again from there.
        """
        self._check_untold(trial)
        values = self._trials[trial.number].values
        values = values if step is None else values[: step - 1]
        self._reported[trial.number] = (*values, as_step_value(value, len(values) + 1))
        self._trials[trial.number] = replace(trial, values=self._reported[trial.number])
        history = self.minimised
        return any(bool(rule.stop(history, history[trial.number])) for rule in self.rules)

    def tell(self, trial, value=None, *, error=None, values=None, stopped=False):
        """Return `trial` with its outcome, which the study then holds: a `Trial`, complete, failed or stopped.

        Parameters
        ----------
        trial : Trial
            As `ask` returned it; it can be told once.
        value : float, optional
            The objective's value; the last one reported if not given. NaN or infinite, the trial is failed.
        error : exception or str, optional
            Instead of a value: why there is none.
        values : sequence of float, optional
            What was reported step by step, where `report` was not called.
        stopped : bool
            Whether the trial was given up before its end.
        """
        self._check_untold(trial)
        values = self._trials[trial.number].values if values is None else values
        if value is None and error is None and values:
            value = values[-1]
        if (value is None) == (error is None):
            raise TypeError(f"value={value!r}, error={error!r}: tell either a value or an error")
        if not isinstance(error, (BaseException, str, type(None))):
            raise TypeError(f"error={error!r} is neither an exception nor text; say why there is no value")
        if error is None and not math.isfinite(value := as_value(value)):
            value, error = None, f"the objective returned {value}"
        told = replace(
            self._trials[trial.number],
            state="failed" if error is not None else "stopped" if stopped else "complete",
            value=value,
            error=None if error is None else describe(error),
            seconds=self.now() - trial.started,
            values=values,
        )
        if self._storage and not self._storage.finish(told):
            self._read()
            self._check_untold(trial)
        self._trials[trial.number] = told
        self._reported.pop(trial.number, None)
        return told

    def close(self):
        """Leave the storage: whoever asks next gets the trials that were asked here and not told."""
        if self._storage:
            self._storage.leave()

    def _check_untold(self, trial):
        if not isinstance(trial, Trial):
            raise TypeError(f"trial={trial!r} is no Trial; give what ask returned")
        known = self._trials[trial.number] if trial.number < len(self._trials) else None
        if known is None or known.config != trial.config:
            raise ValueError(f"trial {trial.number} with {dict(trial.config)} was not asked of this study")
        if known.state != "running":
            raise ValueError(f"trial {trial.number} is told already ({known.state}); each trial is told once")

    @property
    def minimised(self):
        """The history as a strategy and a stopping rule see it, its values to be minimised; a `History`."""
        return self.history if self.direction == "minimize" else History(map(self._negative, self._trials))

    def _negative(self, trial):
        """Return a trial with the signs of its values changed; once only, for it is asked for at every step."""
        known, negative = self._negated.get(trial.number, (None, None))
        if known is not trial:
            negative = trial.negated()
            self._negated[trial.number] = trial, negative
        return negative

    def _read(self, first=None):
        """Take over what the storage holds from trial `first` on, by default the first that is not told here."""
        if self._storage:
            untold = (trial.number for trial in self._trials if trial.state == "running")
            first = next(untold, len(self._trials)) if first is None else first
            self._trials[first:] = map(self._with_reports, self._storage.read(first))

    def _with_reports(self, trial):
        """Return a trial from the storage with what it has reported to this study since it was asked."""
        return (
            replace(trial, values=self._reported[trial.number])
            if trial.state == "running" and trial.number in self._reported
            else trial
        )
