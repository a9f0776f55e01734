"""Several trials at once, in real or in simulated time, by one and the same driver.

The driver only submits and waits, so that threads, processes and clusters serve alike: whatever is a
`concurrent.futures.Executor`. `SimulatedClock` is one too; there an hour's tuning takes as long as its objective.
"""

import math
import warnings
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ThreadPoolExecutor, wait
from functools import partial

from workshop.tuning.attempt import Outcome, attempt, describe, evaluate
from workshop.tuning.cluster import Cluster
from workshop.tuning.line import Line
from workshop.tuning.strategies import Exhausted


class _InTurn(Executor):
    """Runs each call at once, in the caller's own thread: one at a time, and Ctrl-C reaches the objective."""

    def submit(self, function, /, *args):
        future = Future()
        future.set_result(function(*args))
        return future


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

    def __init__(self, seconds):
        self._seconds = seconds if callable(seconds) else lambda config: seconds
        self._now = 0.0
        self._due = {}  # future -> _Running

    def now(self):
        """Return the simulated time in seconds, 0 at first."""
        return self._now

    def submit(self, evaluate, /, objective, config, report=None):
        """Return the Future of evaluate(objective, config, report), done once the clock has come to its end."""
        seconds = float(self._seconds(config))
        if not 0 <= seconds < math.inf:
            raise ValueError(f"seconds={seconds} for config={config} is no duration; give 0 or more")
        future = Future()
        self._due[future] = _Running(attempt(objective, config), seconds, self._now, report)
        return future

    def advance(self):
        """Return the futures that are done next, a list in order of submission, having set the clock to then."""
        done = []
        while not done:
            self._now = min(running.end for running in self._due.values())
            for future, running in list(self._due.items()):
                if running.end == self._now and running.is_over():
                    del self._due[future]
                    future.set_result(running.outcome)
                    done.append(future)
        return done


class _Running:
    """A trial on a simulated clock: the value of its next step, and when the clock gets there."""

    def __init__(self, steps, seconds, now, report):
        self._steps, self._seconds, self._report, self._step = steps, seconds, report, 0
        self.end, self.outcome = now, None
        self._go_on(None)

    def _go_on(self, stop):
        """Run the objective to its next step, or to its end: it takes time unless it had nothing more to do."""
        try:
            self._value = self._steps.send(stop)
        except StopIteration as over:
            self.outcome = over.value
        if self.outcome is None or self.outcome.error or not self._step:
            self.end += self._seconds
        self._step += 1

    def is_over(self):
        """Return whether the trial ends now, having reported the step that ends now."""
        if self.outcome is None:
            now = self.end
            self._go_on(self._report is not None and self._report(self._step, self._value))
            return self.outcome is not None and self.end == now
        return True


class _Workers:
    """The executor of a run: the caller's own, or one made here, and made anew when a worker has died."""

    def __init__(self, executor, max_parallel):
        if executor is None:
            executor = ThreadPoolExecutor if max_parallel > 1 else lambda max_workers: _InTurn()
        self._make = partial(executor, max_parallel) if callable(executor) else None
        self._executor, self.broken = self._make() if self._make else executor, False
        if not isinstance(self._executor, Executor):
            raise TypeError(f"executor={executor!r} is no concurrent.futures.Executor, nor a function that makes one")
        self.trouble = Cluster(self._executor).trouble

    def submit(self, *call):
        if self.broken and self._make:
            self._executor.shutdown(wait=False)
            self._executor, self.broken = self._make(), False
        try:
            return self._executor.submit(*call)
        except Exception as error:
            if not isinstance(error, BrokenExecutor) and not self.trouble():
                raise
            future = Future()
            future.set_exception(error)
            return future

    def wait(self, futures):
        if isinstance(self._executor, SimulatedClock):
            return self._executor.advance()
        return wait(futures, timeout=1, return_when=FIRST_COMPLETED).done  # a timeout, so that Ctrl-C gets through

    def is_lost(self):
        return self.broken and self._make is None

    def end(self):
        """Return why no trial can be run any more, a str, or None."""
        if self.is_lost():
            return (
                "a worker died and its executor with it; hand tune a function that makes executors, such as "
                "ProcessPoolExecutor itself, and it goes on"
            )
        return self.trouble()

    def close(self, running):
        for future in running:
            future.cancel()
        if self._make:
            self._executor.shutdown(wait=not running, cancel_futures=True)


def run(study, objective, n_trials, *, max_parallel, executor, max_seconds, until, report):
    """Ask, evaluate and tell until the study has `n_trials`, is exhausted, `until` or `max_seconds` have passed.

    When a worker dies, an executor does not say whose trial killed it. So those that were running are run
    again one by one, and a trial fails when a worker dies with it for the second time.
    """
    workers, line = _Workers(executor, max_parallel), Line(study)
    running, suspects, retried = {}, [], set()
    deadline, exhausted = study.now() + max_seconds, False

    def next_trial():
        nonlocal exhausted
        alone = suspects or any(trial.number in retried for trial in running.values())
        if len(running) >= (1 if alone else max_parallel):
            return None
        if suspects:
            return suspects.pop(0)
        if exhausted or workers.end() or study.now() >= deadline or (until and until(study)):
            return None
        try:
            with line.lock:
                return study.ask(max_trials=n_trials)
        except Exhausted:
            exhausted = True

    def submit(trial):
        return workers.submit(evaluate, objective, dict(trial.config), line.to(trial) if study.rules else None)

    try:
        while not workers.trouble():
            while (trial := next_trial()) is not None:
                running[submit(trial)] = trial
            if not running:
                break
            for future in sorted(workers.wait(running), key=lambda future: running[future].number):
                trial = running.pop(future)
                try:
                    outcome = future.result()
                except BrokenExecutor as broken:
                    workers.broken, outcome = True, Outcome(error=describe(broken))
                    if not workers.is_lost() and trial.number not in retried:
                        retried.add(trial.number)
                        suspects.append(trial)
                        continue
                except Exception as lost:  # of the executor: `evaluate` lets none of the objective's through
                    if workers.trouble():  # not the trial's: it is left to the next who opens the study
                        continue
                    outcome = Outcome(error=describe(lost))
                if line.error:
                    raise line.error
                with line.lock:
                    study.tell(trial, **outcome._asdict())
                    report(study)
    finally:
        line.close()
        workers.close(running)
    if why := workers.end():
        done = len(study.history) - len(study.history.running)
        warnings.warn(f"{why}. {done} of {n_trials} trials are done and kept", RuntimeWarning, stacklevel=3)
