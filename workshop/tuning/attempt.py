"""One attempt at an objective, and what came of it, wherever it runs.

An objective is a function that returns its value, or a generator function that yields a value a step: then it can be
stopped between two steps. Whatever goes wrong in it is part of the outcome, so that no exception has to travel.
"""

import math
import traceback
from collections.abc import Generator
from contextlib import closing, nullcontext
from numbers import Real
from typing import NamedTuple


class Outcome(NamedTuple):
    """What `Study.tell` wants to know of a trial; its fields are the arguments there."""

    value: float | None = None
    error: str | None = None
    values: tuple | None = None
    stopped: bool = False


def as_value(value):
    """Return what an objective returned or yielded as a float; TypeError unless it is a number."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"value={value!r} is no number; let the objective return a float, or yield one a step")
    return float(value)


def describe(error):
    """Return an exception as text, a str as it is, without characters that no file can hold."""
    text = error if isinstance(error, str) else "".join(traceback.format_exception_only(error)).strip()
    return text.encode(errors="backslashreplace").decode()


def attempt(objective, config):
    """Yield each value that the objective reports, to be sent back whether to stop; return the Outcome."""
    values = []
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
            raise ValueError("the objective yielded nothing; let it yield a value a step, or return one")
        return Outcome(values[-1], values=tuple(values))
    except Exception as error:
        return Outcome(error=describe(error), values=tuple(values))


def as_step_value(value, step):
    """Return the value reported at `step` as a float; ValueError unless it is finite."""
    value = as_value(value)
    if not math.isfinite(value):
        raise ValueError(f"the objective reported {value} at step {step}")
    return value


def _only_yields(reports):
    returned = yield from reports
    if returned is not None:
        raise TypeError(f"the objective yields and returns {returned!r}; let it yield that as its last value")


def evaluate(objective, config, report=None):
    """Return the Outcome of a config.

    Parameters
    ----------
    report : callable (step, value) -> bool, optional
        Told each value as it comes; whether the trial should be stopped.
    """
    step, stop = 0, None
    with closing(attempt(objective, config)) as steps, report or nullcontext():
        while True:
            try:
                value = steps.send(stop)
            except StopIteration as end:
                return end.value
            step += 1
            stop = report is not None and report(step, value)
