"""Several trials at once; imported only when asked for.

The driver only submits and waits, so that threads, processes and clusters serve alike: whatever is a
`concurrent.futures.Executor`, a `SimulatedClock` too.
"""

import math
import multiprocessing
import os
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from functools import cache, partial
from inspect import signature
from multiprocessing.managers import SyncManager
from queue import Empty
from threading import RLock, Thread
from typing import Any
from uuid import uuid4

from workshop.tuning.history import Trial, describe
from workshop.tuning.loop import SimulatedClock, evaluate
from workshop.tuning.study import Study

PATIENCE_SECONDS = 300  # without any worker of a cluster; longer than most clusters need to replace one
ANSWER_SECONDS = 300  # for a trial to wait; a Bayesian proposal may be under way meanwhile


class Line:
    """The line from running trials back to their study: they report a value and hear whether to stop.

    In a thread of this process that is a function call. Elsewhere it is two queues: those of a `multiprocessing`
    manager, for processes of this machine (it hears nobody without their key), or dask's, wherever its workers are.
    Whoever else uses the study meanwhile holds `lock`. What the stopping rule raises is kept as `error`: it is for the
    one who called `tune`, not for the trial.
    """

    def __init__(self, study: Study, executor: Any):
        self.lock, self._study, self._is_open = RLock(), study, True
        self.error: Exception | None = None
        self._trials: dict[int, Trial] = {}
        self._replies: dict[int, Any] = {}
        self._client, self._manager, self._thread = dask_client(executor), None, None
        if study.rules and not isinstance(executor, (ThreadPoolExecutor, SimulatedClock)):
            if self._client is None:
                self._manager = SyncManager()
                self._manager.start(end_with, [os.getpid()])
            with self._until_the_scheduler_goes():
                self._reports, self._thread = self._queue(), Thread(target=self._listen, daemon=True)
                self._thread.start()

    def _queue(self):
        if self._manager:
            return self._manager.Queue()
        from distributed import Queue

        return Queue(client=self._client)

    def to(self, trial: Trial) -> Callable | None:
        """Return the trial's end of the line, a callable (value, step) -> bool that can be pickled if it has to be.

        None when the scheduler of a cluster has gone, so that the trial cannot run.
        """
        self._trials[trial.number] = trial
        if self._thread is None:
            return partial(self.report, trial.number)
        with self._until_the_scheduler_goes():
            self._replies[trial.number] = reply = self._queue()
            queues = (self._reports, reply) if self._manager else (self._reports.name, reply.name)
            return _Asking(trial.number, *queues)
        return None

    def report(self, number: int, value: float, step: int) -> bool:
        """Return whether the trial should be stopped; so it should when nobody listens any more."""
        with self.lock:
            if self._is_open and self.error is None:
                try:
                    return self._study.report(self._trials[number], value, step=step)
                except Exception as error:
                    self.error = error
            return True

    def _listen(self):
        with self._until_the_scheduler_goes():
            while self._is_open:
                with suppress(Empty, TimeoutError):
                    asker, number, *reported = self._reports.get(timeout=0.5)
                    self._replies[number].put((asker, self.report(number, *reported)))

    def close(self) -> None:
        """Hang up: trials that still run hear that nobody is there."""
        with self.lock:
            self._is_open = False
        if self._thread:
            self._thread.join()
        if self._manager:
            self._manager.shutdown()
        elif self._thread:
            with self._until_the_scheduler_goes():
                for queue in (self._reports, *self._replies.values()):
                    queue.close()

    @contextmanager
    def _until_the_scheduler_goes(self):
        try:
            yield
        except Exception:  # of many types then
            if self._client is None or self._client.status == "running":
                raise


class _Asking:
    """A trial's end of the line elsewhere: its two queues or, on a worker of dask, their names."""

    def __init__(self, number, reports, reply):
        self._number, self._reports, self._reply, self._name = number, reports, reply, None

    def __call__(self, value, step):
        if self._name is None:
            self._name = uuid4().hex  # where a trial is run again, it hears no answers to its first run
            if isinstance(self._reports, str):
                from distributed import Queue

                self._reports, self._reply = Queue(self._reports), Queue(self._reply)
        self._reports.put((self._name, self._number, value, step))
        while True:
            asker, answer = self._reply.get(timeout=ANSWER_SECONDS)
            if asker == self._name:
                return answer


def dask_client(executor: Any) -> Any:
    """Return the dask client behind an executor made by ``client.get_executor()``, None behind any other."""
    return getattr(executor, "_client", None)


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

        Dask itself runs a trial again when its worker dies. But when the scheduler dies, all trials are cancelled, and
        that is no fault of theirs; and a worker that dies while it starts is not started again, so that trials would
        wait for ever.
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
            remedy = "give tune a function that makes executors, such as ProcessPoolExecutor itself, and it goes on"
            return f"a worker died and its executor with it; {remedy}"
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
    line = Line(study, workers.executor)
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
    """Return a function that makes executors; those of processes let also a worker without a trial `end_with` us."""
    initializer = signature(executor).parameters.get("initializer")
    if initializer is None or initializer.default is not None:
        return partial(executor, max_parallel)
    return partial(executor, max_parallel, initializer=end_with, initargs=(os.getpid(),))


def _run_trial(objective, config, report, tuner):
    """Return what came of a config in a worker of the process `tuner`."""
    end_with(tuner)
    return evaluate(objective, config, report)


def end_with(tuner: int) -> None:
    """See to it that a worker of the process `tuner` ends soon after that was killed, instead of waiting for ever."""
    _watch(tuner, os.getpid())


@cache  # once in each worker; a fork inherits what is cached
def _watch(tuner, here):
    parent, adopted_by = multiprocessing.parent_process(), os.getppid()

    def watch():
        while parent.is_alive() and os.getppid() == adopted_by:
            time.sleep(0.5)
        os._exit(1)

    if parent is not None and parent.pid == tuner:
        Thread(target=watch, daemon=True).start()
