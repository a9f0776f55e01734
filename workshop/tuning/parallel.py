"""Several trials at once, in real or in simulated time, by one and the same driver; imported only when asked for.

The driver only submits and waits, so that threads, processes and clusters serve alike: whatever is a
`concurrent.futures.Executor`. `SimulatedClock` is one too; there an hour's tuning takes as long as its objective.
"""

import math
import multiprocessing
import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ThreadPoolExecutor, wait
from functools import cache, partial
from inspect import signature
from threading import Thread
from typing import Any

from workshop.tuning.history import describe
from workshop.tuning.line import Line, dask_client
from workshop.tuning.loop import attempt, evaluate
from workshop.tuning.study import Study

PATIENCE_SECONDS = 300  # without any worker of a cluster; longer than most clusters need to replace one


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
            self._begin_step(self._report is not None and self._report(self._step, self._value))


class _Workers:
    """The executor of a run: the caller's own, or one made here, and made anew when a worker has died."""

    def __init__(self, executor, max_parallel):
        executor = ThreadPoolExecutor if executor is None else executor
        self.make = _maker(executor, max_parallel) if callable(executor) else None
        self.executor, self.broken = self.make() if self.make else executor, False
        if not isinstance(self.executor, Executor):
            raise TypeError(
                f"executor={executor!r} is not a concurrent.futures.Executor, nor a function that makes one"
            )
        self._looked, self._seen = -math.inf, math.inf  # when one asked a cluster for its workers; when it had some

    def submit(self, *call):
        if self.broken and self.make:
            self.executor.shutdown(wait=False)
            self.executor, self.broken = self.make(), False
        try:
            return self.executor.submit(*call)
        except Exception as error:
            if not isinstance(error, BrokenExecutor) and not self.trouble():
                raise
            future: Future = Future()
            future.set_exception(error)
            return future

    def wait(self, futures):
        if isinstance(self.executor, SimulatedClock):
            return self.executor.advance()
        return wait(futures, timeout=1, return_when=FIRST_COMPLETED).done  # a timeout, so that Ctrl-C gets through

    def trouble(self):
        """Return why no trial on a dask cluster will ever end, a str; None if all is well, as far as one can tell.

        Dask itself runs a trial again when its worker dies, and gives up when that has happened too often (its setting
        "distributed.scheduler.allowed-failures"): then the trial is failed. But when the scheduler dies, all trials
        are cancelled, which is no fault of theirs. And a worker that dies while it starts is not started again: when
        every trial kills its worker at once, soon there are no workers, and trials would wait for ever.
        """
        if (client := dask_client(self.executor)) is None:
            return None
        if client.status != "running":
            return "the cluster's scheduler is gone, or its client is closed"
        now = time.monotonic()
        if now > self._looked + 1:
            self._looked = now
            self._seen = now if client.scheduler_info()["workers"] else self._seen
        if now > self._seen + PATIENCE_SECONDS:  # before the first came, one may queue
            return f"the cluster has lost its last worker {PATIENCE_SECONDS} seconds ago (does a trial kill it?)"
        return None

    def end(self):
        """Return why no trial can be begun any more, a str, or None."""
        if self.broken and not self.make:
            return (
                "a worker died and its executor with it; hand tune a function that makes executors, such as "
                "ProcessPoolExecutor itself, and it goes on"
            )
        return self.trouble()


def run(
    study: Study, objective: Callable, next_trial: Callable, show: Callable, max_parallel: int, executor: Any
) -> str | None:
    """Evaluate and tell what `next_trial` returns, up to `max_parallel` at once, until it returns None.

    When a worker dies, an executor does not say whose trial killed it. So those that were running are run
    again one by one, and a trial fails when a worker dies with it for the second time. What is returned is why the
    study could not be run to its end, None if it could.
    """
    workers = _Workers(executor, max_parallel)
    line = Line(study, workers.executor, isinstance(workers.executor, (ThreadPoolExecutor, SimulatedClock)))
    running: dict[Future, Any] = {}
    suspects: list[Any] = []
    retried: set[int] = set()

    def next_one():
        alone = suspects or any(trial.number in retried for trial in running.values())
        if len(running) >= (1 if alone else max_parallel):
            return None
        if suspects:
            return suspects.pop(0)
        with line.lock:
            return None if workers.end() else next_trial()

    def outcome_of(trial, future):
        """Return what to tell of a trial; None if it is to be run again, by this run or by whoever goes on."""
        try:
            return future.result()
        except BrokenExecutor as error:
            workers.broken = True
            if workers.make and trial.number not in retried:
                retried.add(trial.number)
                suspects.append(trial)
                return None
            return {"error": describe(error)}
        except Exception as error:  # of the executor: `evaluate` lets none of the objective's through
            return None if workers.trouble() else {"error": describe(error)}

    try:
        while not workers.trouble():
            while (trial := next_one()) is not None:
                report = line.to(trial) if study.rules else None
                running[workers.submit(_run_trial, objective, dict(trial.config), report, os.getpid())] = trial
            if not running:
                break
            for future in sorted(workers.wait(running), key=lambda future: running[future].number):
                trial = running.pop(future)
                outcome = outcome_of(trial, future)
                if line.error:
                    raise line.error
                if outcome is not None:
                    with line.lock:
                        study.tell(trial, **outcome)
                        show(study)
    finally:
        line.close()
        for future in running:
            future.cancel()
        if workers.make:
            workers.executor.shutdown(wait=not running, cancel_futures=True)
    return workers.end()


def _maker(executor, max_parallel):
    """Return a function that makes executors; those of processes let also a worker without a trial `_end_with` us."""
    initializer = signature(executor).parameters.get("initializer")
    if initializer is None or initializer.default is not None:
        return partial(executor, max_parallel)
    return partial(executor, max_parallel, initializer=_end_with, initargs=(os.getpid(),))


def _run_trial(objective, config, report, tuner):
    """Return what came of a config in a worker of the process `tuner`."""
    _end_with(tuner)
    return evaluate(objective, config, report)


@cache  # once in each worker
def _end_with(tuner):
    """See to it that a worker of the process `tuner` ends soon after that was killed, instead of waiting for ever."""
    parent, adopted_by = multiprocessing.parent_process(), os.getppid()

    def watch():
        while parent.is_alive() and os.getppid() == adopted_by:
            time.sleep(0.5)
        os._exit(1)

    if parent is not None and parent.pid == tuner:
        Thread(target=watch, daemon=True).start()
