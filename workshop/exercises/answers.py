"""How an answer is read and judged: one function for each kind of answer, whatever form it comes in.

Each ``read_...`` returns the answer in one plain form or raises `Mistake` with what was found instead, and walks only
through kinds that end. Names of code stand in backticks, so that no sentence begins by changing their case.
"""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Callable, Iterable, KeysView, Mapping, ValuesView
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from typing import Any

import numpy as np
import pandas as pd


class Mistake(Exception):
    """What is wrong with an answer, in the learner's own terms; a check raises it, the learner sees its text."""


class NotAttempted(Mistake):
    """The answer is still the stub's."""


def is_blank(answer: object) -> bool:
    """Return whether the answer is still the stub's: None or an ellipsis."""
    return answer is None or answer is ...


def show_value(value: object) -> str:
    """Return a short text for a value in a message: few digits of a number, a text in quotes, otherwise its type.

    Examples
    --------
    >>> show_value(0.51567), show_value(9066), show_value("Alien"), show_value([1, 2]), show_value(dict)
    ('0.5157', '9,066', "'Alien'", 'a list', 'the class dict')
    """
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, numbers.Integral):
        return f"{int(value):,}" if abs(int(value)) < 10**15 else "a huge number"
    if isinstance(value, numbers.Real | Decimal):
        return f"{float(value):,.4g}" if abs(float(value)) < 1e4 else f"{float(value):,.0f}"
    if isinstance(value, str):
        return repr(value if len(value) <= 50 else value[:47] + "...")
    if isinstance(value, type):
        return f"the class {value.__name__}"
    kind = "array" if isinstance(value, np.ndarray) else type(value).__name__
    return f"{'an' if kind[:1] in 'AEIOUaeiou' else 'a'} {kind}"


def flatten(answer: object) -> list:
    """Return everything in an answer as one flat list; arrays, tables, Series, lists, tuples and sets are opened.

    Examples
    --------
    >>> flatten([[1.5], np.array([9.0])]), flatten(pd.Series([3])), flatten("text")
    ([1.5, 9.0], [3], ['text'])
    """
    if isinstance(answer, np.ndarray | pd.Series | pd.Index | pd.DataFrame):
        answer = np.asarray(answer).reshape(-1).tolist()
    if isinstance(answer, list | tuple | set | frozenset | KeysView | ValuesView):
        return [value for part in answer for value in flatten(part)]
    return [answer.item() if isinstance(answer, np.generic) else answer]


def read_one(answer: object, what: str) -> object:
    """Return the one thing that an answer holds; `what` is asked for.

    Examples
    --------
    >>> read_one([3], "one number"), read_one("Alien", "one title")
    (3, 'Alien')
    """
    values = flatten(answer)
    if len(values) != 1:
        raise Mistake(f"{len(values):,} values in {show_value(answer)}; the question asks for {what}")
    if is_blank(values[0]):
        raise NotAttempted
    return values[0]


def read_number(answer: object, what: str = "one number") -> float:
    """Return the answer as a finite float; what holds one number counts, whichever kind of number it is.

    Examples
    --------
    >>> read_number(np.array([[0.5]])), read_number(Decimal("0.25")), read_number({3})
    (0.5, 0.25, 3.0)
    """
    value = read_one(answer, what)
    if isinstance(value, str):
        raise Mistake(f"{show_value(value)} is text; the question asks for {what}, without quotes")
    if isinstance(value, bool):
        raise Mistake(f"{value} says yes or no; the question asks for {what}")
    if not isinstance(value, numbers.Real | Decimal):
        raise Mistake(f"that is {show_value(value)}; the question asks for {what}")
    number = float(value)
    if not math.isfinite(number):
        raise Mistake(f"that is {number}, not a finite number: look for an empty mean or a missing value on the way")
    return number


def read_numbers(answer: object, n: int, what: str, names: Iterable[object] = ()) -> list[float]:
    """Return the answer as a list of `n` finite floats; by `names`, a dict or a Series may hold them in any order.

    Examples
    --------
    >>> read_numbers([(5, 2.0)], 2, "two numbers"), read_numbers({"b": 2, "a": 5}, 2, "two numbers", ("a", "b"))
    ([5.0, 2.0], [5.0, 2.0])
    """
    if isinstance(answer, dict | pd.Series) and len(answer) == n and set(answer.keys()) == set(names):
        answer = [answer[name] for name in names]
    values = flatten(answer)
    if len(values) != n:
        found = show_value(values[0]) if len(values) == 1 else f"{len(values):,} values"
        raise Mistake(f"that is {found}; the question asks for {what}")
    return [read_number(value, what) for value in values]


def compare(
    answer: object,
    right: float,
    mistakes: Mapping[str, float],
    *,
    within: float,
    what: str,
    otherwise: str,
    near: float | None = None,
) -> None:
    """Raise `Mistake` unless the answer is a number at most `within` from `right`, in its unit.

    `mistakes` are messages with the number to which each leads; of those at most `near` away (by default `within`;
    above 1 a share of that number) the nearest is told. `otherwise` says what to look at if there is none.

    Examples
    --------
    >>> compare(2.0, 2, {}, within=0.01, what="the sides of a coin", otherwise="look at one")
    """
    number = read_number(answer, what)
    if abs(number - right) <= within:
        return
    away = {message: abs(number - found) / max(1, abs(found)) for message, found in mistakes.items()}
    message = min(away, key=away.__getitem__, default="")
    if message and away[message] <= (within if near is None else near):
        raise Mistake(f"{show_value(number)} {message}")
    size = "small" if number < right else "large"
    raise Mistake(f"{show_value(number)} is too {size} for {what}: {otherwise}")


def read_share(answer: object, what: str) -> float:
    """Return the answer as a share, a number from 0 to 1; percent are told so.

    Examples
    --------
    >>> read_share(0.25, "a share")
    0.25
    """
    share = read_number(answer, what)
    if 5 < share <= 100:
        raise Mistake(f"{show_value(share)} is in percent, it seems; a share lies between 0 and 1")
    return share


def choose(answer: object, right: str, why_not: Mapping[str, str], *, what: str) -> None:
    """Raise `Mistake` unless the answer is the letter, word or number `right`; `why_not` is told for the others.

    Examples
    --------
    >>> choose(" B. ", "b", {"a": "that is the wrong one"}, what="a letter, a or b")
    """
    given = read_one(answer, what)
    if isinstance(given, float | Decimal) and math.isfinite(given) and given == int(given):
        given = int(given)
    given = str(given).strip().strip(".()'\"").lower()
    if given in why_not:
        raise Mistake(why_not[given])
    if given != right:
        raise Mistake(f"{show_value(given)} is not among the answers; the question asks for {what}")


@cache
def plain_title(title: str) -> str:
    """Return a title as titles are compared: small letters, no year, a leading article last.

    Examples
    --------
    >>> plain_title(" The Matrix (1999)"), plain_title("Matrix, The")
    ('matrix, the', 'matrix, the')
    """
    title = re.sub(r"\s*\(\d{4}\)\s*$", "", " ".join(title.split())).lower()
    article, _, rest = title.partition(" ")
    return f"{rest}, {article}" if article in ("the", "a", "an") and rest else title


def find_title(wanted: object, titles: Iterable[str]) -> str:
    """Return the one of `titles`, best known first, that is meant; Mistake, with the nearest one, if it is not there.

    Examples
    --------
    >>> find_title("the matrix", ["Matrix, The", "Star Wars: Episode IV", "Star Maps"])
    'Matrix, The'
    >>> find_title("Star Wars", ["Matrix, The", "Star Wars: Episode IV", "Star Maps"])
    Traceback (most recent call last):
    workshop.exercises.answers.Mistake: there is no movie 'Star Wars' here; did you mean 'Star Wars: Episode IV'?
    """
    if not isinstance(wanted, str):
        raise Mistake(f"that is {show_value(wanted)}; the question asks for a title, as text")
    here = {plain_title(title): title for title in reversed(list(titles))}
    meant = plain_title(wanted[:100])
    if meant in here:
        return here[meant]
    within = [plain for plain in reversed(here) if meant and meant in plain]
    near = within or get_close_matches(meant, here, n=1, cutoff=0.5)
    end = f"; did you mean {here[near[0]]!r}?" if near else "; titles are those of `ratings.items`, without the year"
    raise Mistake(f"there is no movie {show_value(wanted)} here{end}")


def call(function: Callable, *arguments: object, name: str) -> Any:
    """Return what the learner's function returns; what it raises becomes a `Mistake`.

    Examples
    --------
    >>> call(abs, -3, name="your function")
    3
    """
    try:
        return function(*arguments)
    except (Exception, SystemExit) as problem:
        raise Mistake(f"{name} raises {type(problem).__name__}: {problem}") from None


def compare_request(given: object, wanted: object, where: str) -> None:
    """Raise `Mistake`, naming the field, at the first place where a request differs from the one that is wanted.

    Lists of named ranges may come in any order. In `wanted`, a function returns what is wrong with a field, or "".

    Examples
    --------
    >>> compare_request({"jobs": "4"}, {"jobs": "4"}, "the request")
    >>> compare_request({"jobs": 4}, {"jobs": "4"}, "the request")
    Traceback (most recent call last):
    workshop.exercises.answers.Mistake: `jobs` of the request is 4; it is to be '4', as text
    """
    if callable(wanted):
        if problem := wanted(given):
            raise Mistake(f"{where} {problem}")
    elif isinstance(wanted, dict):
        if not isinstance(given, Mapping):
            raise Mistake(f"{where} is {show_value(given)}; it is to be a dict")
        odd, missing = [name for name in given if name not in wanted], [name for name in wanted if name not in given]
        if missing:
            more = f"; is `{odd[0]}` meant for it" if odd else ""
            raise Mistake(f"{where} has no `{missing[0]}`{more}")
        if odd:
            raise Mistake(f"{where} has `{odd[0]}`, which the question does not ask for")
        for name, value in wanted.items():
            compare_request(given[name], value, f"`{name}` of {where}")
    elif isinstance(wanted, list):
        if not isinstance(given, list | tuple) or len(given) != len(wanted):
            raise Mistake(f"{where} is to be a list of {len(wanted)}")
        for one, other in zip(sorted(given, key=repr), sorted(wanted, key=repr), strict=True):
            name = next((one[key] for key in ("Name", "name") if isinstance(one, dict) and key in one), "one entry")
            compare_request(one, other, f"`{name}` in {where}")
    elif isinstance(given, str) is not isinstance(wanted, str) or given != wanted:
        kind = ", as text" if isinstance(wanted, str) and not isinstance(given, str) else ""
        kind = ", a number, not a text" if isinstance(given, str) and not isinstance(wanted, str) else kind
        raise Mistake(f"{where} is {show_value(given)}; it is to be {wanted!r}{kind}")


def choose_pair(answer: object, errors: pd.DataFrame, known: Mapping[tuple, str], *, within: float) -> tuple:
    """Return the pair that the answer means, if its error is at most `within` above the smallest; Mistake if not.

    The names of the index and of the columns of `errors` are those of the two numbers; `known` are pairs that need
    words of their own.

    Examples
    --------
    >>> errors = pd.DataFrame([[0.9, 0.8]], pd.Index([2], name="k"), pd.Index([5, 10], name="shrinkage"))
    >>> choose_pair({"shrinkage": 10, "k": 2}, errors, {}, within=0.001)
    (2.0, 10.0)
    """
    names = errors.index.name, errors.columns.name
    if isinstance(answer, dict | pd.DataFrame | pd.Series) and np.size(list(answer)) != 2:
        raise Mistake("that is a table; the question asks for the pair with the smallest error")
    pair = first, second = tuple(read_numbers(answer, 2, f"two numbers: `{names[0]}`, then `{names[1]}`", names))
    best = errors.min(axis=None)
    good = [(one, other) for one in errors.index for other in errors if errors.loc[one, other] <= best + within]
    shown = f"({first:g}, {second:g})"
    if pair in known:
        raise Mistake(f"{shown} {known[pair]}")
    if pair in good:
        return pair
    if (second, first) in good:
        raise Mistake(f"`{names[0]}` comes first, then `{names[1]}`: did you mean ({second:g}, {first:g})?")
    if first not in errors.index or second not in errors:
        tried = f"`{names[0]}` of {list(errors.index)}, `{names[1]}` of {list(errors)}"
        raise Mistake(f"{shown} is not among the pairs: {tried}")
    if errors.loc[pair] == errors.max(axis=None):
        raise Mistake(f"{shown} has the largest error of all: take the minimum")
    raise Mistake(f"{shown} has an error of {errors.loc[pair]:.4f}; another pair reaches {best:.4f}")
