"""What an exercise is, how an answer is read and judged, and the three functions that a notebook calls.

The idea of a stub that runs as it stands, a check, a hint and a solution is that of Kaggle's learntools. Here a check
is an ordinary function of the answer, and nothing a learner hands over can end in a traceback: each ``read_...``
returns it in one plain form or raises `Mistake` with what was found instead, and walks only through kinds that end.
"""

from __future__ import annotations

import inspect
import math
import numbers
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import pandas as pd


class Mistake(Exception):
    """What is wrong with an answer, in the learner's own terms; a check raises it, the learner sees its text."""


class NotAttempted(Mistake):
    """The answer is still the stub's."""


@dataclass(frozen=True)
class Exercise:
    """A task of a notebook: what helps, what is right, and a function that knows the difference.

    Parameters
    ----------
    number : str
        Part and position, as in ``"1.2"``.
    judge : callable
        Takes the answers, named as the stub binds them and not all of them blank, and raises `Mistake` naming what is
        wrong. What only the notebook knows (a fitted model, say) comes by keyword.
    why : str
        A sentence for those who are right: why it matters.
    hint : str
        Markdown.
    solution : str
        Code that binds the names of `answers` in the notebook; comments in it say what is seen.

    Examples
    --------
    >>> def judge(half_of_ten):
    ...     if half_of_ten != 5:
    ...         raise Mistake(f"twice {half_of_ten} is {2 * half_of_ten}, not 10")
    >>> exercise = Exercise("0.1", judge, "Halves come in pairs.", "Twice what is ten?", "half_of_ten = 5")
    >>> exercise.verdict((None,), {})
    "Exercise 0.1: not attempted yet; hint('0.1') helps."
    >>> exercise.verdict((4,), {})
    'Exercise 0.1: not right yet. Twice 4 is 8, not 10.'
    >>> exercise.verdict((5,), {})
    'Exercise 0.1: Right. Halves come in pairs.'
    """

    number: str
    judge: Callable
    why: str
    hint: str
    solution: str

    @property
    def answers(self) -> tuple[str, ...]:
        """The names that the stub binds."""
        parameters = inspect.signature(self.judge).parameters.values()
        return tuple(p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD)

    def verdict(self, given: tuple, named: Mapping[str, object]) -> str:
        """Return one line: not attempted, wrong and why, or right and why it matters; whatever is `given`."""
        try:
            self._judge(given, named)
        except NotAttempted:
            return f"Exercise {self.number}: not attempted yet; hint('{self.number}') helps."
        except Mistake as mistake:
            text = " ".join(str(mistake).split())
            end = "" if text.endswith((".", "?", "!")) else "."
            return f"Exercise {self.number}: not right yet. {text[:1].upper()}{text[1:]}{end}"
        return f"Exercise {self.number}: Right. {self.why}"

    def _judge(self, given, named):
        signature = inspect.signature(self.judge)
        try:
            handed_over = signature.bind_partial(*given, **named).arguments
            answers = [handed_over[name] for name in self.answers if name in handed_over]
            if answers and all(map(is_blank, answers)):
                raise NotAttempted
            signature.bind(*given, **named)
        except TypeError as problem:
            wanted = ", ".join([f'"{self.number}"', *signature.parameters])
            raise Mistake(f"the check is called as check({wanted}): {problem}") from None
        try:
            with np.errstate(all="ignore"):
                self.judge(*given, **named)
        except Mistake:
            raise
        except (Exception, SystemExit) as problem:
            kinds = " and ".join(f"a {type(answer).__name__}" for answer in given) or "this"
            raise Mistake(
                f"the check was given {kinds} and could not read it ({type(problem).__name__}); "
                f"solution('{self.number}') shows what is expected"
            ) from None

    @property
    def folded(self) -> str:
        """Hint, solution and why it matters, as Markdown that folds away, for readers without a kernel."""
        return (
            f"<details><summary>Hint {self.number}</summary>\n\n{self.hint}\n\n</details>\n"
            f"<details><summary>Solution {self.number}</summary>\n\n"
            f"```python\n{self.solution}\n```\n\n{self.why}\n\n</details>"
        )


EXERCISES: dict[str, Exercise] = {}  # by number, in order; the modules of the parts fill it


def exercise(number: str, *, why: str, hint: str, solution: str) -> Callable[[Callable], Callable]:
    """Return a decorator that makes an `Exercise` of the function that judges it.

    Examples
    --------
    >>> EXERCISES["1.1"].answers, EXERCISES["1.1"].judge.__name__
    (('liked_share',), 'judge_liked_share')
    """

    def register(judge):
        EXERCISES[number] = Exercise(number, judge, why, hint, solution)
        return judge

    return register


def look_up(number: object) -> Exercise:
    """Return the exercise that a number means, "1.1" or as people write it; ValueError, with those there are, if none.

    Examples
    --------
    >>> look_up("1.1").hint, look_up(" Exercise 1,1 ").number
    ('The mean of true and false is a share.', '1.1')
    """
    written = re.fullmatch(r"\D*(\d)\s*[.,]\s*(\d)\W*", str(number)) if isinstance(number, str | float) else None
    meant = ".".join(written.groups()) if written else ""
    if meant not in EXERCISES:
        raise ValueError(f"there is no exercise {number!r}; there are {', '.join(EXERCISES)}")
    return EXERCISES[meant]


def check(number: str, *answers: object, **more: object) -> None:
    """Print whether the answer is right, and what is wrong if it is not. No answer makes it raise.

    Parameters
    ----------
    number : str
        Part and exercise, such as ``"1.2"``; ValueError if there is none.
    *answers, **more
        Your answer or answers, then by name what the check needs from the notebook.

    Examples
    --------
    >>> check("1.1", None)
    Exercise 1.1: not attempted yet; hint('1.1') helps.
    >>> check("1.1", 51.6)
    Exercise 1.1: not right yet. 51.6 is in percent; a share lies between 0 and 1.
    """
    try:
        exercise = look_up(number)
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
    print(look_up(number).hint)


def solution(number: str) -> None:
    """Print a solution: code that runs in the notebook.

    Examples
    --------
    >>> solution("1.1")
    liked_share = (frame["rating"] >= 4).mean()
    """
    print(look_up(number).solution)


def is_blank(answer: object) -> bool:
    """Return whether the answer is still the stub's: None or an ellipsis."""
    return answer is None or answer is ...


def show_value(value: object) -> str:
    """Return a short text for a value in a message: few digits of a number, a text in quotes, otherwise its type.

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


def only_one(answer: object, what: str) -> object:
    """Return what stands in an array, Series or list of one thing, anything else as it is; `what` is asked for.

    Examples
    --------
    >>> only_one([3], "one number"), only_one("Alien", "one title")
    (3, 'Alien')
    """
    if is_blank(answer):
        raise NotAttempted
    if isinstance(answer, np.ndarray | pd.Series | pd.Index):
        answer = np.asarray(answer).reshape(-1)
    if not isinstance(answer, np.ndarray | list | tuple):
        return answer
    if len(answer) != 1:
        raise Mistake(f"{len(answer):,} values in {show_value(answer)}; the question asks for {what}")
    return answer[0]


def read_number(answer: object, what: str = "one number") -> float:
    """Return the answer as a finite float; an array, Series or list of one number counts.

    Examples
    --------
    >>> read_number(np.array([0.5])), read_number(3)
    (0.5, 3.0)
    """
    answer = only_one(answer, what)
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


def read_sequence(answer: object, what: str) -> list:
    """Return the answer as a list: tuples, lists, arrays of one dimension, Series (their values) and Indexes count.

    Examples
    --------
    >>> read_sequence(pd.Series([1, 2]), "two numbers")
    [1, 2]
    """
    if is_blank(answer):
        raise NotAttempted
    if isinstance(answer, np.ndarray | pd.Series | pd.Index) and np.ndim(answer) == 1:
        return np.asarray(answer).tolist()
    if isinstance(answer, list | tuple):
        return list(answer)
    shape = f" of shape {np.shape(answer)}" if isinstance(answer, np.ndarray | pd.DataFrame) else ""
    raise Mistake(f"that is {show_value(answer)}{shape}; the question asks for {what}")


def read_numbers(answer: object, n: int, what: str) -> list[float]:
    """Return the answer as a list of `n` finite floats.

    Examples
    --------
    >>> read_numbers((5, 2.0), 2, "a user shrinkage and a movie shrinkage")
    [5.0, 2.0]
    """
    values = read_sequence(answer, what)
    if len(values) != n:
        raise Mistake(f"{len(values):,} values; the question asks for {what}")
    return [read_number(value, what) for value in values]


def nearest_title(wanted: object, titles: pd.Series) -> str:
    """Return the end of a sentence that says which of the `titles` may have been meant.

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


def compare(answer: object, right: float, mistakes: Iterable[tuple], *, within: float, what: str) -> None:
    """Raise `Mistake` unless the answer is a number at most `within` from `right`, in its unit.

    `mistakes` are pairs of a message and the number to which that mistake leads, tried in their order; above 1,
    `within` is a share of that number.

    Examples
    --------
    >>> compare(2.0, 2, [], within=0.01, what="the number of sides of a coin")
    """
    number = read_number(answer, what)
    if abs(number - right) <= within:
        return
    for message, found in mistakes:
        if abs(number - found) <= within * max(1, abs(found)):
            raise Mistake(f"{show_value(number)} {message}")
    raise Mistake(f"{show_value(number)} is {'too small' if number < right else 'too large'} for {what}")
