"""The exercises by number, and the three functions that a notebook calls."""

import re
from types import MappingProxyType

from workshop.exercises import part1, part2, part3, part4
from workshop.exercises.exercise import Exercise

__all__ = ["EXERCISES", "check", "find", "hint", "solution"]

PARTS = (part1, part2, part3, part4)
EXERCISES = MappingProxyType({each.number: each for part in PARTS for each in part.EXERCISES})


def find(number: str) -> Exercise:
    """The exercise with this number.

    Raises
    ------
    ValueError
        If there is none; the message names those there are.

    Examples
    --------
    >>> find("1.1").answers, find(" Exercise 1,1 ").number
    (('liked_share',), '1.1')
    """
    written = re.fullmatch(r"\D*(\d)\s*[.,]\s*(\d)\W*", str(number)) if isinstance(number, str | float) else None
    meant = ".".join(written.groups()) if written else ""
    if meant not in EXERCISES:
        raise ValueError(f"there is no exercise {number!r}; there are {', '.join(EXERCISES)}")
    return EXERCISES[meant]


def check(number: str, *answers: object, **more: object) -> None:
    """Print whether the answer is right, and what is wrong if it is not. Nothing handed over makes it raise.

    Parameters
    ----------
    number : str
        Part and exercise, such as ``"1.2"``.
    *answers, **more
        Your answer or answers, then by name what the check needs from the notebook.

    Raises
    ------
    ValueError
        If there is no exercise of this number; the message names those there are.

    Examples
    --------
    >>> check("1.1", None)
    Exercise 1.1: not attempted yet; hint('1.1') helps.
    >>> check("1.1", 51.6)
    Exercise 1.1: not right yet. 51.6 is in percent; a share lies between 0 and 1.
    """
    try:
        exercise = find(number)
    except ValueError:
        exchanged = next((each for each in answers if isinstance(each, str) and each.strip() in EXERCISES), None)
        if exchanged is None:
            raise
        print(f"Exercise {exchanged}: the number comes first, then your answer: check({exchanged!r}, answer)")
        return
    print(exercise.verdict(answers, more))


def hint(number: str) -> None:
    """Print a hint, which gives less away than the solution.

    Examples
    --------
    >>> hint("1.1")
    The mean of true and false is a share.
    """
    print(find(number).hint)


def solution(number: str) -> None:
    """Print a solution: code that runs in the notebook.

    Examples
    --------
    >>> solution("1.1")
    liked_share = (frame["rating"] >= 4).mean()
    """
    print(find(number).solution)
