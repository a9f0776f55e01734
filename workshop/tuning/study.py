"""The study: what a strategy proposes, what the objective answers, and nothing else.

A study is two steps repeated. *Ask*: the strategy sees the history and proposes a config. *Tell*: the objective's
value joins the history. The generator of a proposal is seeded by (study seed, trial number), so the history is all
that has to be kept: a study read back from a file goes on as if it had never stopped.
"""

import math
import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from workshop.tuning.history import DIRECTIONS, History, Trial, as_step_value, as_value, config_key, describe
from workshop.tuning.parameter import able, one_of, whole
from workshop.tuning.space import Space
from workshop.tuning.strategies import Exhausted

if TYPE_CHECKING:
    import pandas as pd


class Study:
    """A tuning study, by hand: `ask` for a trial, evaluate its config, `tell` its value. `tune` is the loop.

    A trial that is trained step by step may `report` a value a step on the way and hear whether it should be stopped.
    A study belongs to one thread; `tune` tells from the thread that called it, wherever its objectives run.

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
        A file that keeps the study, made if it is not there. A study opened on the same file goes on with it, first
        with trials that a process asked for and did not live to tell; several processes of one computer may share it.
        ValueError for a file that holds another study or none, which stays as it is; OSError if it cannot be used.
    clock : callable
        Returns seconds; what `Trial.started` and `Trial.seconds` are read from.
    stopping : stopping rule, optional
        `MedianRule`, or anything with its `stop`: which trials are given up. A strategy that has a `stop` itself, as
        `Hyperband` does, is asked as well.

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
        self,
        space: Space,
        strategy: Any,
        *,
        direction: str = "minimize",
        seed: int = 0,
        storage: str | os.PathLike | None = None,
        clock: Callable[[], float] = time.monotonic,
        stopping: Any = None,
    ):
        if not isinstance(space, Space):
            raise TypeError(f"space={space!r} is not a Space; give Space({{'name': Float(0, 1), ...}})")
        able("strategy", strategy, "propose", "RandomSearch()")
        one_of("direction", direction, DIRECTIONS)
        if stopping is not None:
            able("stopping", stopping, "stop", "MedianRule()")
        self.space, self.strategy, self.direction, self.seed = space, strategy, direction, whole("seed", seed, 0)
        self.rules = [rule for rule in (stopping, strategy) if callable(getattr(rule, "stop", None))]
        self.counts: Counter = Counter()  # trials by state
        self._sign = 1 if direction == "minimize" else -1
        self._trials: list[Trial] = []
        self._minimised: list[Trial] = []  # the same, as strategies see them
        self._first: dict = {}  # config -> number of the first trial that has it
        self._left: list[int] = []  # trials that nobody runs any more, without a storage
        self._best: Trial | None = None
        self._storage = None
        if storage is not None:
            from workshop.tuning.storage import Storage  # SQLite, for those who keep a study

            self._storage = Storage(storage, space, direction, self.seed)
        self._read()
        last = self.history.seconds
        self._clock, self._origin, self._latest = clock, clock() - last, last

    @classmethod
    def open(cls, storage: str | os.PathLike, strategy: Any = None, **settings: Any) -> "Study":
        """Return the study in a file, its space, direction and seed read from there: to look at, or with a strategy.

        Choices that are not text, numbers, truth values or None stand there by their labels.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> from workshop.tuning import Float, RandomSearch, Space, tune
        >>> path, space = pathlib.Path(tempfile.mkdtemp(), "study.sqlite"), Space({"x": Float(-1, 1)})
        >>> _ = tune(lambda config: config["x"] ** 2, space, RandomSearch(), 3, storage=path, progress=False)
        >>> Study.open(path)
        Study(minimize, History(0 running, 3 complete, 0 failed))
        """
        from workshop.tuning.storage import read_description

        space, direction, seed = read_description(storage)
        return cls(space, strategy or _ToLookAt(), direction=direction, seed=seed, storage=storage, **settings)

    def __repr__(self):
        return f"Study({self.direction}, {self.history!r})"

    def now(self) -> float:
        """Return the seconds since the study began; a study read from a file goes on where its last trial ended.

        They never become less: a clock that is set back counts from where it was.
        """
        now = float(self._clock()) - self._origin
        self._origin -= max(0.0, self._latest - now)
        self._latest = max(self._latest, now)
        return self._latest

    @property
    def history(self) -> History:
        """All trials so far, with the values as they were told."""
        return History.of_study(self._trials, self._first)

    @property
    def minimised(self) -> History:
        """The history as a strategy and a stopping rule see it, its values to be minimised."""
        return History.of_study(self._minimised, self._first)

    @property
    def n_ended(self) -> int:
        """How many trials are complete, failed or stopped."""
        return len(self._trials) - self.counts["running"]

    @property
    def best(self) -> Trial:
        """The complete trial with the best value, the first of equals."""
        if self._best is None:
            errors = [f"trial {t.number} failed: {t.error}" for t in self._trials if t.state == "failed"]
            raise ValueError(f"no trial is complete, so none is best; {(errors or ['tell a value first'])[0]}")
        return self._best

    def to_frame(self) -> "pd.DataFrame":
        """Return all trials as a table, best first; see `History.to_frame`."""
        return self.history.to_frame(self.direction)

    def ask(self, *, max_trials: float = math.inf) -> Trial:
        """Return the next trial to evaluate, its state "running"; first those whose process did not live to tell.

        Raises `Exhausted` when the strategy has nothing left to propose, or the study has `max_trials` already.
        """
        while True:
            self._read()
            if (orphan := self._orphan()) is not None:
                return orphan
            number = len(self._trials)
            if number >= max_trials:
                raise Exhausted(f"the study has its {max_trials} trials")
            config = self.strategy.propose(self.space, self.minimised, np.random.default_rng([self.seed, number]))
            trial = Trial(number, self.space.validate(config), started=self.now())
            if not self._storage or self._storage.add(trial):
                self._put(trial)
                return trial

    def report(self, trial: Trial, value: float, *, step: int | None = None) -> bool:
        """Return whether `trial` should be stopped now that it has reported `value`, finite.

        It is advice: follow it with ``tell(trial, stopped=True)``. What is reported is stored when the trial is told.
        `step`, from 1, is by default the next; an earlier one begins again from there.
        """
        known = self._untold(trial)
        values = known.values
        step = len(values) + 1 if step is None else whole("step", step, 1)
        if step > len(values) + 1:
            raise ValueError(
                f"step={step}, but the next is {len(values) + 1}: steps are counted by reports, in MedianRule and "
                "Hyperband too; leave step out where not every epoch is reported"
            )
        self._put(replace(known, values=(*values[: step - 1], as_step_value(value, step))))
        history = self.minimised
        return any(bool(rule.stop(history, history[trial.number])) for rule in self.rules)

    def tell(
        self,
        trial: Trial,
        value: float | None = None,
        *,
        error: BaseException | str | None = None,
        values: Sequence[float] | None = None,
        stopped: bool = False,
    ) -> Trial:
        """Return `trial`, as `ask` returned it, with its outcome: complete, failed or stopped. It can be told once.

        Parameters
        ----------
        value : float, optional
            The objective's value; the last one reported if not given. NaN or infinite, the trial is failed.
        error : exception or str, optional
            Instead of a value: why there is none.
        values : sequence of float, optional
            What was reported step by step, where `report` was not called.
        stopped : bool
            Whether the trial was given up before its end.
        """
        known = self._untold(trial)
        values = known.values if values is None else values
        if value is None and error is None and values:
            value = values[-1]
        if (value is None) == (error is None):
            raise TypeError(f"value={value!r}, error={error!r}: tell either a value or an error")
        if not isinstance(error, (BaseException, str, type(None))):
            raise TypeError(f"error={error!r} is neither an exception nor text; say why there is no value")
        if error is None and not math.isfinite(value := as_value(value)):
            value, error = None, f"the objective returned {value}"
        told = replace(
            known,
            state="failed" if error is not None else "stopped" if stopped else "complete",
            value=value,
            error=None if error is None else describe(error),
            seconds=self.now() - (trial.started or 0.0),
            values=values,
        )
        if self._storage and not self._storage.finish(told):
            self._read()
            self._untold(trial)  # it is not: this says so
        self._put(told)
        return told

    def close(self) -> None:
        """Leave the study: whoever asks next gets the trials that were asked here and not told."""
        if self._storage:
            self._storage.leave()
        else:
            self._left = [trial.number for trial in self._trials if trial.state == "running"]

    def _put(self, trial):
        """Let a trial join the history, or take the place of what was known of it."""
        number = trial.number
        if number < len(self._trials):
            self.counts[self._trials[number].state] -= 1
        self.counts[trial.state] += 1
        self._trials[number : number + 1] = [trial]
        self._minimised[number : number + 1] = [trial if self._sign == 1 else trial.negated()]
        self._first.setdefault(config_key(trial.config), number)
        if trial.state == "complete":
            self._best = min((t for t in (self._best, trial) if t), key=lambda t: (self._sign * t.value, t.number))

    def _orphan(self):
        """Return a trial that was asked and whose process is gone, to be run anew; None if there is none."""
        if self._storage:
            if (number := self._storage.adopt(self.now())) is not None:
                self._read(adopted=number)
                return self._trials[number]
        while self._left:
            if (trial := self._trials[self._left.pop(0)]).state == "running":
                self._put(replace(trial, started=self.now(), values=()))
                return self._trials[trial.number]
        return None

    def _untold(self, trial):
        """Return what is known of a running trial of this study; an error if it is not one."""
        if not isinstance(trial, Trial):
            raise TypeError(f"trial={trial!r} is not a Trial; give what ask returned")
        known = self._trials[trial.number] if trial.number < len(self._trials) else None
        if known is None or config_key(known.config) != config_key(trial.config):
            raise ValueError(f"trial {trial.number} with {dict(trial.config)} was not asked of this study")
        if known.state != "running":
            raise ValueError(f"trial {trial.number} is told already ({known.state}); each trial is told once")
        return known

    def _read(self, adopted=None):
        """Take over what the storage holds from the first trial on that is not told here.

        What a running trial has reported so far is known here only, and forgotten if it is `adopted`, to begin anew.
        """
        if self._storage:
            first = next((trial.number for trial in self._trials if trial.state == "running"), len(self._trials))
            for trial in self._storage.read(first):
                if trial.state == "running" and trial.number != adopted and trial.number < len(self._trials):
                    trial = replace(trial, values=self._trials[trial.number].values)
                self._put(trial)


class _ToLookAt:
    """The strategy of a study that was opened without one."""

    def propose(self, space, history, rng):
        raise Exhausted("the study was opened to look at; to go on, give Study.open a strategy")
