"""Read what a learner handed over: each function returns it in one plain form, or says what was found instead.

Only kinds that are known to end are walked through, so that a check ends too.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable
from difflib import get_close_matches

import numpy as np
import pandas as pd

from workshop.exercises.exercise import Mistake, NotAttempted, is_blank

__all__ = [
    "compare",
    "nearest_title",
    "numbers_of",
    "read_function",
    "read_number",
    "read_sequence",
    "read_title",
    "show_value",
]


def show_value(value: object) -> str:
    """A short text for a value in a message: a number with few digits, a text in quotes, otherwise its type.

    Examples
    --------
    >>> show_value(0.51567), show_value(9066), show_value("Alien"), show_value([1, 2])
    ('0.5157', '9,066', "'Alien'", 'a list')
    """
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, numbers.Integral):
        return f"{int(value):,}" if abs(int(value)) < 10**15 else "a huge number"
    if isinstance(value, numbers.Real):
        return f"{float(value):,.4g}" if abs(float(value)) < 1e4 else f"{float(value):,.0f}"
    if isinstance(value, str):
        return repr(value if len(value) <= 50 else value[:47] + "...")
    return f"a {type(value).__name__}"


def read_number(answer: object, what: str = "one number") -> float:
    """The answer as a float; an array, Series or list of one number counts.

    Raises
    ------
    Mistake
        If it is anything else, or not finite.

    Examples
    --------
    >>> read_number(np.array([0.5])), read_number(3)
    (0.5, 3.0)
    """
    if is_blank(answer):
        raise NotAttempted
    answer = _only_one(answer, what)
    if isinstance(answer, str):
        raise Mistake(f"{show_value(answer)} is text; the question asks for {what}, without quotes")
    if isinstance(answer, bool | np.bool_):
        raise Mistake(f"{answer} is neither more nor less than yes or no; the question asks for {what}")
    if not isinstance(answer, numbers.Real):
        raise Mistake(f"that is {show_value(answer)}; the question asks for {what}")
    number = float(answer)
    if not math.isfinite(number):
        raise Mistake(f"that is {number}, not a finite number: look for an empty mean or a missing value on the way")
    return number


def _only_one(answer, what):
    """What stands in an array, Series or list of one thing; anything else as it is. Lists are not made into arrays."""
    if isinstance(answer, np.ndarray | pd.Series | pd.Index):
        answer = np.asarray(answer).reshape(-1)
    if isinstance(answer, np.ndarray | list | tuple):
        if len(answer) != 1:
            raise Mistake(f"{len(answer):,} values in {show_value(answer)}; the question asks for {what}")
        return answer[0]
    return answer


def numbers_of(answer: object, n: int, what: str) -> list[float]:
    """The answer as a list of `n` floats, `what` names them for the message.

    Examples
    --------
    >>> numbers_of((5, 2.0), 2, "a user shrinkage and a movie shrinkage")
    [5.0, 2.0]
    """
    values = read_sequence(answer, what)
    if len(values) != n:
        raise Mistake(f"{len(values):,} values; the question asks for {what}")
    return [read_number(value, what) for value in values]


def read_sequence(answer: object, what: str) -> list:
    """The answer as a list: tuples, lists, arrays, Series (their values) and Indexes count.

    Examples
    --------
    >>> read_sequence(pd.Series([1, 2]), "two numbers")
    [1, 2]
    """
    if is_blank(answer):
        raise NotAttempted
    if isinstance(answer, np.ndarray | pd.Series | pd.Index):
        return list(np.asarray(answer).tolist()) if np.ndim(answer) == 1 else _refuse(answer, what)
    if isinstance(answer, list | tuple):
        return list(answer)
    return _refuse(answer, what)


def _refuse(answer, what):
    shape = f" of shape {np.shape(answer)}" if isinstance(answer, np.ndarray | pd.DataFrame) else ""
    raise Mistake(f"that is {show_value(answer)}{shape}; the question asks for {what}")


def read_function(answer: object, example: Callable) -> Callable:
    """The answer if it is a function that returns something when the `example` calls it.

    Raises
    ------
    NotAttempted
        If the function returns None: its body is still the stub's.
    Mistake
        If it is no function, or raises; the message says what it raised.

    Examples
    --------
    >>> read_function(len, lambda f: f("abc")) is len
    True
    """
    if not callable(answer) or isinstance(answer, type):
        raise Mistake(f"that is {show_value(answer)}; hand over the function itself, without calling it")
    try:
        returned = example(answer)
    except (Exception, SystemExit) as problem:
        raise Mistake(f"your function raises {type(problem).__name__}: {problem}") from None
    if is_blank(returned):
        raise NotAttempted
    return answer


def read_title(answer: object, titles: pd.Series) -> str:
    """The answer if it is one of the `titles`; otherwise the message names the nearest one.

    Examples
    --------
    >>> read_title("Alien", pd.Series(["Alien", "Shrek"]))
    'Alien'
    """
    if is_blank(answer):
        raise NotAttempted
    answer = _only_one(answer, "one title")
    if isinstance(answer, numbers.Integral) and answer in titles.index:
        raise Mistake(f"{int(answer)} is the number of {titles[int(answer)]!r}; the question asks for a title")
    if not isinstance(answer, str):
        raise Mistake(f"that is {show_value(answer)}; the question asks for a title, as text")
    if not (titles == answer).any():
        raise Mistake(f"there is no movie {show_value(answer)} here{nearest_title(answer, titles)}")
    return answer


def nearest_title(wanted: object, titles: pd.Series) -> str:
    """The end of a sentence that says which of the `titles` may have been meant.

    Examples
    --------
    >>> nearest_title("The Matrix", pd.Series(["Martian, The", "Matrix, The"]))
    "; did you mean 'Matrix, The'?"
    """
    wanted = str(wanted)[:100]
    article, _, name = wanted.partition(" ")
    turned = f"{name}, {article}" if article.lower() in ("the", "a", "an") else wanted
    near = get_close_matches(turned, titles.unique(), n=1, cutoff=0.4)
    return f"; did you mean {near[0]!r}?" if near else "; titles are those of ratings.items, without the year"


def compare(
    answer: object, right: float, mistakes: dict[str, Callable[[], float]], *, within: float, what: str
) -> None:
    """Raise `Mistake` unless the answer is a number at most `within` from `right`.

    Parameters
    ----------
    answer : object
    right : float
    mistakes : dict of str -> callable () -> float
        Message -> the number that this mistake leads to; tried in their order, only if the answer is wrong.
    within : float
        Tolerance, in the unit of `right`; for mistakes above 1 as a share of them.
    what : str
        What is asked for, in words.

    Examples
    --------
    >>> compare(2.0, 2, {}, within=0.01, what="the number of sides of a coin")
    """
    number = read_number(answer, what)
    if abs(number - right) <= within:
        return
    for message, wrong in mistakes.items():
        found = wrong()
        if abs(number - found) <= within * max(1, abs(found)):
            raise Mistake(f"{show_value(number)} {message}")
    side = "too small" if number < right else "too large"
    raise Mistake(f"{show_value(number)} is {side} for {what}")
