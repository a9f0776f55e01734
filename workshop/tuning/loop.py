"""The loop over a study: ask, evaluate, tell, as often and as many at once as you say, in real or in simulated time."""

import math
import os
import time
import warnings
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import Executor, Future
from contextlib import closing, contextmanager
from functools import partial
from threading import RLock
from typing import Any

from workshop.tuning.history import as_step_value, as_value, describe
from workshop.tuning.parameter import whole
from workshop.tuning.space import Space
from workshop.tuning.strategies import Exhausted
from workshop.tuning.study import Study


class Interrupted(KeyboardInterrupt):
    """Raised by `tune` on Ctrl-C, so that nothing goes on with half a study; `study` is the study in hand."""

    def __init__(self, message: str, study: Study | None = None):
        super().__init__(message)
        self.study = study

    def _render_traceback_(self):  # what IPython shows: it is clear where it was interrupted
        return [str(self)]


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
    storage: str | os.PathLike | None = None,
    progress: bool = True,
    stopping: Any = None,
    until: Callable[[Study], bool] = lambda study: False,
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
        How many trials the study has in the end, those already in the storage included; fewer when the strategy has
        nothing left to propose, or `until` says so.
    max_parallel : int
        How many trials run at once.
    executor : concurrent.futures.Executor, or function from max_parallel to one, optional
        Where they run: `ProcessPoolExecutor`, ``client.get_executor()`` of dask, a `SimulatedClock`, ... By default
        one trial at a time runs right here and several run in threads, which suits objectives that leave Python
        (NumPy, XGBoost). An executor that tune makes itself is replaced when a worker dies.
    progress : bool
        Whether to show a bar with the best value so far.
    until : callable (study) -> bool
        No trial starts once it is true, such as ``lambda study: study.now() > 600`` (seconds) or
        ``lambda study: len(study.history.complete) >= 10``; those running then are finished.

    Notes
    -----
    Ctrl-C raises `Interrupted`, which carries the study. With a storage, calling tune again goes on with it. With a
    stopping rule, trials in other processes ask back after every step, so they run on this machine or on dask.

    Examples
    --------
    >>> from workshop.tuning import Float, RandomSearch, Space
    >>> study = tune(lambda config: config["x"] ** 2, Space({"x": Float(-1, 1)}), RandomSearch(), 20, progress=False)
    >>> len(study.history.complete), study.best.value < 0.1
    (20, True)
    """
    for name, function in {"objective": objective, "until": until}.items():
        if not callable(function):
            raise TypeError(f"{name}={function!r} cannot be called; give a function")
    n_trials, max_parallel = whole("n_trials", n_trials, 1), whole("max_parallel", max_parallel, 1)
    clock = getattr(executor, "now", time.monotonic)  # a SimulatedClock has its own time
    study = Study(space, strategy, direction=direction, seed=seed, storage=storage, clock=clock, stopping=stopping)

    def next_trial():
        try:
            return None if until(study) else study.ask(max_trials=n_trials)
        except Exhausted:
            return None

    trouble = None
    try:
        with _bar(n_trials, progress) as show:
            show(study)
            if executor is None and max_parallel == 1:
                while (trial := next_trial()) is not None:
                    report = partial(study.report, trial) if study.rules else None
                    study.tell(trial, **evaluate(objective, dict(trial.config), report))
                    show(study)
            else:
                from workshop.tuning.parallel import run  # executors, for those who use them

                trouble = run(study, objective, next_trial, show, max_parallel, executor)
    except KeyboardInterrupt:
        study.close()
        n_left = len(study.history) - study.n_ended
        how = "give tune a storage next time" if storage is None else "call tune again with the same arguments"
        kept = f"kept in {storage or 'memory'}, and as `study` of this exception (in a notebook sys.last_value.study)"
        done = f"interrupted after {study.n_ended} of {n_trials} trials, {kept}"
        raise Interrupted(f"{done}. {n_left} cut off are to be run again. To go on, {how}", study) from None
    finally:
        study.close()
    if trouble:
        done = f"{study.n_ended} of {n_trials} trials are done and kept"
        warnings.warn(f"{trouble}. {done}", RuntimeWarning, stacklevel=2)
    if study.history and study.counts["failed"] == len(study.history):
        warnings.warn(f"all {len(study.history)} trials failed; the first: {study.history[0].error}", RuntimeWarning, 2)
    return study


@contextmanager
def _bar(n_trials, progress) -> Iterator[Callable]:
    """Yield a function that shows how far a study is: trials that are done, the best value, how many failed."""
    if not progress:
        yield lambda study: None
        return
    from tqdm.auto import tqdm

    class Bar(tqdm):
        """A bar with a lock of its own: forked processes share tqdm's, and one may be killed holding it."""

    Bar.set_lock(RLock())
    with Bar(total=n_trials, unit="trial") as bar:

        def show(study):
            text = [f"best {study.best.value:.6g}"] if study.counts["complete"] else []
            text += [f"{study.counts[state]} {state}" for state in ("stopped", "failed") if study.counts[state]]
            bar.set_postfix_str(", ".join(text), refresh=False)
            bar.update(study.n_ended - bar.n)

        yield show


def attempt(objective: Callable, config: Mapping) -> Generator[float, bool | None, dict]:
    """Yield each value that the objective reports, to be sent back whether to stop; return what `Study.tell` takes.

    An objective is a function that returns its value, or a generator function that yields a value at each step. What
    goes wrong in it is part of the outcome, so that no exception has to travel from wherever it runs.
    """
    values: list[float] = []
    try:
        answer = objective(config)
        if not isinstance(answer, Generator):
            return {"value": as_value(answer)}
        with closing(answer) as reports:
            for value in _only_yields(reports):
                values.append(as_step_value(value, len(values) + 1))
                if (yield values[-1]):
                    return {"values": values, "stopped": True}
        if not values:
            raise ValueError("the objective yielded nothing; let it yield a value at each step, or return one")
        return {"values": values}
    except Exception as error:
        return {"error": describe(error), "values": values}


def _only_yields(reports):
    returned = yield from reports
    if returned is not None:
        raise TypeError(f"the objective yields and returns {returned!r}; let it yield that as its last value")


def evaluate(objective: Callable, config: Mapping, report: Callable | None = None) -> dict:
    """Return what came of a config, as `Study.tell` takes it; `report(value, step=step)` says whether to stop."""
    step, stop = 0, None
    with closing(attempt(objective, config)) as steps:
        while True:
            try:
                value = steps.send(stop)
            except StopIteration as end:
                return end.value
            step += 1
            stop = report is not None and report(value, step=step)


class SimulatedClock(Executor):
    """An executor for `tune` on which every trial lasts as long as you say, and nobody waits for it.

    The objective runs when its trial starts; the trial ends when the clock, which jumps from end to end, gets
    there. Proposals take no time. The same seed gives the same trials, however many run at once.

    Parameters
    ----------
    seconds : float, or callable from config to float
        How long a trial lasts; if its objective reports, how long each of its steps does.

    Examples
    --------
    >>> from workshop.tuning import Float, RandomSearch, Space, tune
    >>> space, clock = Space({"x": Float(-1, 1)}), SimulatedClock(60)
    >>> study = tune(lambda c: c["x"] ** 2, space, RandomSearch(), 6, max_parallel=2, executor=clock, progress=False)
    >>> clock.now(), [trial.started for trial in study.history]
    (180.0, [0.0, 0.0, 60.0, 60.0, 120.0, 120.0])
    >>> def ten_epochs(config):
    ...     yield from range(10)
    >>> clock = SimulatedClock(2.5)
    >>> tune(ten_epochs, space, RandomSearch(), 2, executor=clock, progress=False).history[1].seconds
    25.0
    """

    def __init__(self, seconds: float | Callable[[Mapping], float]):
        self._seconds: Any = seconds if callable(seconds) else lambda config: seconds
        self._now = 0.0
        self._due: dict[Future, _Simulated] = {}

    def now(self) -> float:
        """Return the simulated time in seconds, 0 at first."""
        return self._now

    def submit(  # type: ignore[override]  # of all calls, those that `tune` makes
        self, run_trial: Callable, /, objective: Callable, config: Mapping, report: Callable | None = None, *rest: Any
    ) -> Future:
        """Return the Future of what comes of a config, done once the clock has come to its end."""
        seconds = float(self._seconds(config))
        if not 0 <= seconds < math.inf:
            raise ValueError(f"seconds={seconds} for config={config} is not a duration; give 0 or more")
        future: Future = Future()
        self._due[future] = _Simulated(attempt(objective, config), seconds, self._now, report)
        return future

    def advance(self) -> list[Future]:
        """Return the futures that are done next, in order of submission, having set the clock to then."""
        done: list[Future] = []
        while not done:
            self._now = min(trial.end for trial in self._due.values())
            for future, trial in list(self._due.items()):
                if trial.end == self._now:
                    trial.end_step()
                    if trial.outcome is not None and trial.end == self._now:
                        del self._due[future]
                        future.set_result(trial.outcome)
                        done.append(future)
        return done


class _Simulated:
    """A trial on a simulated clock: the value of the step that it is at, and when the clock gets to its end."""

    def __init__(self, steps, seconds, now, report):
        self._steps, self._seconds, self._report, self._step = steps, seconds, report, 0
        self.end, self.outcome = now, None
        self._begin_step(None)

    def _begin_step(self, stop):
        """Run the objective to its next value, or to its end: it takes time unless it had nothing more to do."""
        try:
            self._value = self._steps.send(stop)
        except StopIteration as over:
            self.outcome = over.value
        if self.outcome is None or "error" in self.outcome or not self._step:
            self.end += self._seconds
        self._step += 1

    def end_step(self):
        """Report the step that ends now and begin the next; nothing for an objective that has returned."""
        if self.outcome is None:
            self._begin_step(self._report is not None and self._report(self._value, step=self._step))
