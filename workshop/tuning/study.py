"""The study: what a strategy proposes, what the objective answers, and nothing else.

A study is two steps repeated. *Ask*: the strategy sees the history and proposes a config. *Tell*: the objective's
value joins the history. The generator of a proposal is seeded by (study seed, trial number), so the history is all
that has to be kept: a study read back from a file goes on as if it had never stopped.
"""

import math
import time
import warnings
from contextlib import nullcontext
from dataclasses import replace
from numbers import Integral

import numpy as np

from workshop.tuning.history import History, Trial
from workshop.tuning.parallel import SimulatedClock, as_value, describe, run
from workshop.tuning.space import Space
from workshop.tuning.storage import Storage
from workshop.tuning.strategies import Exhausted


class Study:
    """A tuning study, by hand: `ask` for a trial, evaluate its config, `tell` its value. `tune` is the loop.

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

    def __init__(self, space, strategy, *, direction="minimize", seed=0, storage=None, clock=time.monotonic):
        if not isinstance(space, Space):
            raise TypeError(f"space={space!r} is no Space; give Space({{'name': Float(0, 1), ...}})")
        if not callable(getattr(strategy, "propose", None)) or isinstance(strategy, type):
            raise TypeError(f"strategy={strategy!r} has no propose; give one such as RandomSearch()")
        if direction not in ("minimize", "maximize"):
            raise ValueError(f"direction={direction!r} is unknown; use 'minimize' or 'maximize'")
        self.space, self.strategy, self.direction = space, strategy, direction
        self.seed = whole("seed", seed, 0)
        self._sign = 1 if direction == "minimize" else -1
        self._storage = None if storage is None else Storage(storage, space, direction, self.seed)
        self._trials = []
        self._read()
        last = max((t.started + (t.seconds or 0) for t in self._trials), default=0.0)
        self._clock, self._origin = clock, clock() - last

    def __repr__(self):
        return f"Study({self.direction}, {self.history!r})"

    def now(self):
        """Return the seconds since the study began; a study read from a file goes on where its last trial ended."""
        return self._clock() - self._origin

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
                self._read(orphan)
                return self._trials[orphan]
            if number >= max_trials:
                raise Exhausted(f"the study has its {max_trials} trials")
            config = self.strategy.propose(self.space, self._minimised(), np.random.default_rng([self.seed, number]))
            trial = Trial(number, self.space.validate(config), started=self.now())
            if not self._storage or self._storage.add(trial):
                self._trials.append(trial)
                return trial

    def tell(self, trial, value=None, *, error=None):
        """Return `trial` with its outcome, which the study then holds; `Trial`, state "complete" or "failed".

        Parameters
        ----------
        trial : Trial
            As `ask` returned it; it can be told once.
        value : float, optional
            The objective's value. NaN or infinite, the trial is failed.
        error : exception or str, optional
            Instead of a value: why there is none.
        """
        self._check_untold(trial)
        if (value is None) == (error is None):
            raise TypeError(f"value={value!r}, error={error!r}: tell either a value or an error")
        if error is None and not math.isfinite(value := as_value(value)):
            value, error = None, f"the objective returned {value}"
        told = replace(
            self._trials[trial.number],
            state="complete" if error is None else "failed",
            value=value,
            error=None if error is None else describe(error),
            seconds=self.now() - trial.started,
        )
        if self._storage and not self._storage.finish(told):
            self._read()
            self._check_untold(trial)
        self._trials[trial.number] = told
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

    def _minimised(self):
        """Return the history as a strategy sees it: lower is better."""
        if self.direction == "minimize":
            return self.history
        return History(replace(t, value=-t.value) if t.state == "complete" else t for t in self._trials)

    def _read(self, first=None):
        """Take over what the storage holds from trial `first` on, by default the first that is not told here."""
        if self._storage:
            untold = (trial.number for trial in self._trials if trial.state == "running")
            first = next(untold, len(self._trials)) if first is None else first
            self._trials[first:] = self._storage.read(first)


def tune(
    objective,
    space,
    strategy,
    n_trials,
    *,
    direction="minimize",
    seed=0,
    max_parallel=1,
    executor=None,
    max_seconds=math.inf,
    storage=None,
    progress=True,
):
    """Return the study of an objective after `n_trials` trials; a `Study`.

    Parameters
    ----------
    objective : callable
        Takes a config, a dict; returns a number. If it raises, or returns NaN or an infinity, that trial is failed,
        its error kept, and the study goes on.
    space, strategy, direction, seed, storage
        As in `Study`.
    n_trials : int
        How many trials the study has in the end, those already in the storage included. It may end with fewer: when
        the strategy has nothing left to propose, or the time is over.
    max_parallel : int
        How many trials run at once.
    executor : concurrent.futures.Executor, or function from max_parallel to one, optional
        Where they run: `ProcessPoolExecutor`, ``client.get_executor()`` of dask, a `SimulatedClock`, ... By default
        one trial at a time runs right here and several run in threads, which suits objectives that leave Python
        (NumPy, XGBoost). An executor that tune makes itself is replaced when a worker dies.
    max_seconds : float
        No trial starts after so many seconds; those running then are finished.
    progress : bool
        Whether to show a bar with the best value so far.

    Notes
    -----
    Ctrl-C ends tuning with a warning and returns the study with what is done. With a storage, calling tune again
    begins with the trials that were running.

    Examples
    --------
    >>> from workshop.tuning import Float, RandomSearch, Space
    >>> study = tune(lambda config: config["x"] ** 2, Space({"x": Float(-1, 1)}), RandomSearch(), 20, progress=False)
    >>> len(study.history.complete), study.best.value < 0.1
    (20, True)
    """
    if not callable(objective):
        raise TypeError(f"objective={objective!r} cannot be called; give a function from config to value")
    n_trials, max_parallel = whole("n_trials", n_trials, 1), whole("max_parallel", max_parallel, 1)
    if not max_seconds > 0:
        raise ValueError(f"max_seconds={max_seconds!r} must be above 0; leave it out for no limit")
    clock = executor.now if isinstance(executor, SimulatedClock) else time.monotonic
    study = Study(space, strategy, direction=direction, seed=seed, storage=storage, clock=clock)
    limits = {"max_parallel": max_parallel, "executor": executor, "max_seconds": max_seconds}
    try:
        with _bar(n_trials, progress) as bar:
            _show(bar, study)
            run(study, objective, n_trials, **limits, report=lambda study: _show(bar, study))
    except KeyboardInterrupt:
        done = len(study.history) - len(study.history.running)
        warnings.warn(f"interrupted after {done} of {n_trials} trials, which are kept", RuntimeWarning, stacklevel=2)
    finally:
        study.close()
    return study


def _bar(n_trials, progress):
    if not progress:  # not even a disabled bar: it takes a lock that forked processes share, and may die with
        return nullcontext()
    from tqdm.auto import tqdm

    return tqdm(total=n_trials, unit="trial")


def _show(bar, study):
    """Set the bar to the trials that are done, and beside it the best value and the number of failures."""
    if bar is None:
        return
    history = study.history
    text = [f"best {study.best.value:.6g}"] if history.complete else []
    text += [f"{len(history.failed)} failed"] if history.failed else []
    bar.set_postfix_str(", ".join(text), refresh=False)
    bar.update(len(history) - len(history.running) - bar.n)


def whole(name, value, low):
    """Return the argument `value` as an int; ValueError naming it unless it is one of at least `low`."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < low:
        raise ValueError(f"{name}={value!r} must be a whole number of at least {low}")
    return int(value)
