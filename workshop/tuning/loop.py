"""The loop over a study: ask, evaluate, tell, as often and as many at once as you say."""

import math
import os
import time
import warnings
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from threading import RLock
from typing import Any, NamedTuple

from workshop.tuning.history import as_step_value, as_value, describe
from workshop.tuning.space import Space, whole
from workshop.tuning.strategies import Exhausted
from workshop.tuning.study import Study


class Interrupted(KeyboardInterrupt):
    """Raised by `tune` on Ctrl-C, so that nothing goes on with half a study; `study` is the study in hand."""

    def __init__(self, message: str, study: Study):
        super().__init__(message)
        self.study = study


def tune(
    objective: Callable,
    space: Space,
    strategy: Any,
    n_trials: int,
    *,
    direction: str = "minimize",
    seed: int = 0,
    max_parallel: int = 1,
    executor: Any = None,
    max_seconds: float = math.inf,
    storage: str | os.PathLike | None = None,
    progress: bool = True,
    stopping: Any = None,
    until: Callable[[Study], bool] | None = None,
) -> Study:
    """Return the study of an objective after `n_trials` trials.

    Parameters
    ----------
    objective : callable
        Takes a config, a dict; returns a number. A generator function reports: it yields a number at each step (a
        boosting round, an epoch), and the last one is the trial's value. If it raises, or gives NaN or an infinity,
        that trial is failed, its error kept, and the study goes on.
    space, strategy, direction, seed, storage, stopping
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
    until : callable (study) -> bool, optional
        No trial starts once it is true, such as ``lambda study: len(study.history.complete) >= 10``; those running
        then are finished.

    Notes
    -----
    Ctrl-C raises `Interrupted`, which carries the study. With a storage, calling tune again goes on with it, first
    with the trials that were running.

    With a stopping rule, trials in other processes ask back after every step, so they have to run on this machine or
    on a dask cluster. There, a strategy and a rule see what has been reported so far; without a rule only what has
    ended.

    Examples
    --------
    >>> from workshop.tuning import Float, RandomSearch, Space
    >>> study = tune(lambda config: config["x"] ** 2, Space({"x": Float(-1, 1)}), RandomSearch(), 20, progress=False)
    >>> len(study.history.complete), study.best.value < 0.1
    (20, True)
    """
    for name, function in {"objective": objective, "until": until}.items():
        if not callable(function) and not (name == "until" and function is None):
            raise TypeError(f"{name}={function!r} cannot be called; give a function")
    n_trials, max_parallel = whole("n_trials", n_trials, 1), whole("max_parallel", max_parallel, 1)
    if not max_seconds > 0:
        raise ValueError(f"max_seconds={max_seconds!r} must be above 0; leave it out for no limit")
    clock = getattr(executor, "now", time.monotonic)  # a SimulatedClock has its own time
    study = Study(space, strategy, direction=direction, seed=seed, storage=storage, clock=clock, stopping=stopping)
    deadline = study.now() + max_seconds

    def next_trial():
        if study.now() >= deadline or (until and until(study)):
            return None
        try:
            return study.ask(max_trials=n_trials)
        except Exhausted:
            return None

    try:
        with _Bar(n_trials, progress) as bar:
            bar.show(study)
            if executor is None and max_parallel == 1:
                _one_at_a_time(study, objective, next_trial, bar.show)
            else:
                from workshop.tuning.parallel import run  # executors, for those who use them

                run(study, objective, next_trial, bar.show, n_trials, max_parallel, executor)
    except KeyboardInterrupt:
        study.close()
        raise Interrupted(_how_to_go_on(study, n_trials, storage), study) from None
    finally:
        study.close()
    if study.history and study.counts["failed"] == len(study.history):
        warnings.warn(f"all {len(study.history)} trials failed; the first: {study.history[0].error}", RuntimeWarning, 2)
    return study


def _one_at_a_time(study, objective, next_trial, show):
    while (trial := next_trial()) is not None:

        def report(step, value, trial=trial):
            return study.report(trial, value, step=step)

        outcome = evaluate(objective, dict(trial.config), report if study.rules else None)
        study.tell(trial, **outcome._asdict())
        show(study)


def _how_to_go_on(study, n_trials, storage):
    n_left, n_ended = len(study.history) - study.n_ended, study.n_ended
    how = "give tune a storage next time" if storage is None else "call tune again with the same arguments"
    return (
        f"interrupted after {n_ended} of {n_trials} trials, which are kept: in {storage or 'memory'}, and as `study` "
        f"of this exception (in a notebook sys.last_value.study). {n_left} cut off are to be run again. To go on, {how}"
    )


class _Bar:
    """The progress bar: trials that are done, and beside it the best value and how many were stopped or failed."""

    def __init__(self, n_trials, progress):
        self._bar = None
        if progress:
            from tqdm.auto import tqdm

            class Bar(tqdm):
                """A bar with a lock of its own: forked processes share tqdm's, and one may be killed holding it."""

            Bar.set_lock(RLock())
            self._bar = Bar(total=n_trials, unit="trial")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self._bar is not None:
            self._bar.close()

    def show(self, study):
        """Set the bar to what the study has now."""
        if self._bar is not None:
            text = [f"best {study.best.value:.6g}"] if study.counts["complete"] else []
            text += [f"{study.counts[state]} {state}" for state in ("stopped", "failed") if study.counts[state]]
            self._bar.set_postfix_str(", ".join(text), refresh=False)
            self._bar.update(study.n_ended - self._bar.n)


class Outcome(NamedTuple):
    """What `Study.tell` wants to know of a trial; its fields are the arguments there."""

    value: float | None = None
    error: str | None = None
    values: tuple | None = None
    stopped: bool = False


def attempt(objective: Callable, config: Mapping) -> Generator[float, bool | None, "Outcome"]:
    """Yield each value that the objective reports, to be sent back whether to stop; return the Outcome.

    An objective is a function that returns its value, or a generator function that yields a value at each step. What
    goes wrong in it is part of the outcome, so that no exception has to travel from wherever it runs.
    """
    values: list[float] = []
    try:
        answer = objective(config)
        if not isinstance(answer, Generator):
            return Outcome(as_value(answer))
        with closing(answer) as reports:
            for value in _only_yields(reports):
                values.append(as_step_value(value, len(values) + 1))
                if (yield values[-1]):
                    return Outcome(values=tuple(values), stopped=True)
        if not values:
            raise ValueError("the objective yielded nothing; let it yield a value at each step, or return one")
        return Outcome(values[-1], values=tuple(values))
    except Exception as error:
        return Outcome(error=describe(error), values=tuple(values))


def _only_yields(reports):
    returned = yield from reports
    if returned is not None:
        raise TypeError(f"the objective yields and returns {returned!r}; let it yield that as its last value")


def evaluate(objective: Callable, config: Mapping, report: Callable | None = None) -> Outcome:
    """Return the Outcome of a config; `report(step, value)` is told each value, and says whether to stop."""
    step = 0
    stop: bool | None = None
    with closing(attempt(objective, config)) as steps:
        while True:
            try:
                value = steps.send(stop)
            except StopIteration as end:
                return end.value
            step += 1
            stop = report is not None and report(step, value)
