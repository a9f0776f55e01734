"""The loop over a study: ask, evaluate, tell, as often and as many at once as you say."""

import math
import time
import warnings
from contextlib import nullcontext
from threading import RLock

from workshop.tuning.checks import whole
from workshop.tuning.parallel import SimulatedClock, run
from workshop.tuning.study import Study


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
    stopping=None,
    until=None,
):
    """Return the study of an objective after `n_trials` trials; a `Study`.

    Parameters
    ----------
    objective : callable
        Takes a config, a dict; returns a number. A generator function reports: it yields a number a step (a boosting
        round, an epoch), and the last one is the trial's value. If it raises, or gives NaN or an infinity, that trial
        is failed, its error kept, and the study goes on.
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
    Ctrl-C ends tuning with a warning and returns the study with what is done. With a storage, calling tune again
    begins with the trials that were running.

    With a stopping rule, trials in other processes ask back after every step, so they have to run on this machine.
    There, a strategy and a rule see what has been reported so far; without a rule only what has ended.

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
    if until is not None and not callable(until):
        raise TypeError(f"until={until!r} cannot be called; give a function from study to bool")
    clock = executor.now if isinstance(executor, SimulatedClock) else time.monotonic
    study = Study(space, strategy, direction=direction, seed=seed, storage=storage, clock=clock, stopping=stopping)
    limits = {"max_parallel": max_parallel, "executor": executor, "max_seconds": max_seconds, "until": until}
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
    if not progress:
        return nullcontext()
    from tqdm.auto import tqdm

    class Bar(tqdm):
        """A bar with a lock of its own: tqdm's is shared by forked processes, and one may be killed holding it."""

    Bar.set_lock(RLock())
    return Bar(total=n_trials, unit="trial")


def _show(bar, study):
    """Set the bar to the trials that are done, and beside it the best value and how many were stopped or failed."""
    if bar is None:
        return
    history = study.history
    text = [f"best {study.best.value:.6g}"] if history.complete else []
    text += [f"{len(history.stopped)} stopped"] if history.stopped else []
    text += [f"{len(history.failed)} failed"] if history.failed else []
    bar.set_postfix_str(", ".join(text), refresh=False)
    bar.update(len(history) - len(history.running) - bar.n)
