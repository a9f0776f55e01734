"""Simulated time: an hour's tuning takes as long as its objective."""

import math
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from typing import Any

from workshop.tuning.loop import attempt


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
