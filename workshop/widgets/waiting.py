"""A line to wait by, while a service works."""

from __future__ import annotations

import time
from collections.abc import Callable

import ipywidgets
from IPython.display import display

from workshop.tuning import Interrupted


class Waiting(ipywidgets.Label):
    """A line that says how the work stands; a page without a kernel says only that somebody waited."""

    def __repr__(self):
        return "Waiting until the work is done"

    def _repr_mimebundle_(self, **kwargs):
        return super()._repr_mimebundle_(**kwargs) | {"text/html": f"<small>{self!r}</small>"}


def wait_while(status: Callable[[], str], *unfinished: str, seconds: float = 1.0) -> str:
    """Return the first status that is not one of `unfinished`; until then a line shows it, and the seconds.

    Ctrl-C raises `workshop.tuning.Interrupted`: the work itself goes on.

    Parameters
    ----------
    status : callable
        Asks for the status; called every `seconds`.
    *unfinished : str
        Statuses that will change.
    seconds : float
        Time between two questions.

    Examples
    --------
    >>> wait_while(lambda: "ACTIVE", "CREATE PENDING", "CREATE IN_PROGRESS")
    Waiting until the work is done
    'ACTIVE'
    """
    line, started = Waiting(), time.monotonic()
    display(line)
    now = "not known yet"
    try:
        while True:
            now = status()
            line.value = f"{now}, {time.monotonic() - started:.0f} s waited"
            if now not in unfinished:
                return now
            time.sleep(seconds)
    except KeyboardInterrupt:
        message = f"interrupted: the status is {now}, and the work itself goes on. To wait again, run this cell again"
        raise Interrupted(message) from None
