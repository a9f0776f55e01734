"""What a check has to say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Parameters
    ----------
    state : {"ok", "note", "problem"}
        A note is good to know and stops nothing; a problem stops a notebook.
    text : str
        What was found, in plain words.
    remedy : str
        What to do about it; empty if there is nothing to do.

    Examples
    --------
    >>> Finding("ok", "Python 3.11.7").state
    'ok'
    """

    state: str
    text: str
    remedy: str = ""
