"""What an exercise is, and the three functions that a notebook calls: `check`, `hint` and `solution`.

The idea of a stub that runs as it stands, a check, a hint and a solution is that of Kaggle's learntools. Here a check
is an ordinary function of the answer, and nothing a learner hands over can end in a traceback.
"""

from __future__ import annotations

import inspect
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workshop.exercises.answers import (
    Mistake,
    NotAttempted,
    choose,
    compare,
    is_blank,
    read_number,
    read_numbers,
    read_share,
    show_value,
)
from workshop.lab import NO_SOLUTIONS


@dataclass(frozen=True)
class Exercise:
    """A task of a notebook: what helps, what is right, and a function that knows the difference.

    Parameters
    ----------
    number : str
        Part and position, as in ``"1.2"``; a check on the way has a letter, ``"1.a"``, an appendix its own, ``"D.1"``.
    judge : callable
        Takes the answers, named as the stub binds them and not all of them blank, and raises `Mistake` naming what is
        wrong. What only the notebook knows (a fitted model, say) comes by keyword. It may return a remark for those
        who are right.
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

    @property
    def is_small(self) -> bool:
        """Whether it is one of the questions on the way, which have a letter."""
        return self.number[-1].isalpha()

    def verdict(self, given: tuple, named: Mapping[str, object]) -> str:
        """Return one line: not attempted, wrong and why, or right and why it matters; whatever is `given`."""
        try:
            remark = self._judge(given, named)
        except NotAttempted:
            return f"Exercise {self.number}: not attempted yet; hint('{self.number}') helps."
        except Mistake as mistake:
            text = " ".join(str(mistake).split())
            end = "" if text.endswith((".", "?", "!")) else "."
            return f"Exercise {self.number}: not right yet. {text[:1].upper()}{text[1:]}{end}"
        return f"Exercise {self.number}: Right. {' '.join([self.why, remark] if remark else [self.why])}"

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
                return self.judge(*given, **named)
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
        if self.is_small:
            right = self.solution.partition("= ")[2]
            return f"<details><summary>Answer {self.number}</summary>\n\n`{right}`: {self.why}\n\n</details>"
        return (
            f"<details><summary>Hint {self.number}</summary>\n\n{self.hint}\n\n</details>\n"
            f"<details><summary>Solution {self.number}</summary>\n\n"
            f"```python\n{self.solution}\n```\n\n{self.why}\n\n</details>"
        )


EXERCISES: dict[str, Exercise] = {}  # by number; the modules of the parts fill it
TEXTS = tomllib.loads(Path(__file__).with_name("exercises.toml").read_text(encoding="utf-8"))


def exercise(number: str) -> Callable[[Callable], Callable]:
    """Return a decorator that makes an `Exercise` of the function that judges it; ``exercises.toml`` has the texts.

    Examples
    --------
    >>> EXERCISES["1.2"].answers, EXERCISES["1.2"].judge.__name__
    (('most_divisive',), 'judge_most_divisive')
    """
    text = TEXTS[number]

    def register(judge):
        solution = text.get("solution") or f"answer = {text['right']!r}"
        EXERCISES[number] = Exercise(number, judge, text["why"], text["hint"], solution)
        return judge

    return register


def judge_by(asked: Mapping[str, Any]) -> Callable:
    """Return the function that judges a letter, a number or several by what the file says of a question."""
    right, what, wrong = asked["right"], asked["what"], asked.get("wrong", {})
    names = asked.get("name", "answer").split(", ")

    def judge(*given, **by_name):
        given = (*given, *by_name.values())
        answer = given[0] if len(names) == 1 else given
        if isinstance(right, str):
            choose(answer, right, wrong, what=what)
        elif isinstance(right, list):
            judge_several(answer)
        else:
            judge_number(answer)

    def judge_several(answer):
        numbers = read_numbers(answer, len(right), what)
        for number in numbers:
            if number not in right:
                raise Mistake(dict(wrong).get(number, asked["otherwise"].format(f"{number:,.10g}")))
        if len(names) > 1 and numbers != right:
            raise Mistake("the two answers are exchanged")
        if len(set(numbers)) < len(right):
            raise Mistake(f"one of them stands there twice; the question asks for {what}")

    def judge_number(answer):
        number = read_share(answer, what) if "share" in asked else read_number(answer, what)
        if "whole" in asked and number != round(number):
            raise Mistake(f"{show_value(number)} {asked['whole']}")
        number = abs(number) if "absolute" in asked else number
        mistakes = {says: found for found, says in wrong}
        how = {name: asked.get(name) for name in ("within", "near", "otherwise")}
        compare(number, right, mistakes, what=what, **how)

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    judge.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in names])  # type: ignore[attr-defined]
    return judge


for number, asked in TEXTS.items():
    if "right" in asked:
        exercise(number)(judge_by(asked))


def look_up(number: object) -> Exercise:
    """Return the exercise that a number means, "1.1" or as people write it; ValueError, with those there are, if none.

    Examples
    --------
    >>> look_up("1.1").hint, look_up(" Exercise 1,1 ").number
    ('The mean of true and false is a share.', '1.1')
    """
    written = re.fullmatch(r"\s*(?:[a-z]+\.?\s+)?(\w)\s*[.,]\s*(\w)[\s.]*", str(number), re.IGNORECASE)
    part, position = written.groups() if written and isinstance(number, str | float) else ("", "")
    meant = f"{part.upper()}.{position.lower()}"
    if meant not in EXERCISES:
        raise ValueError(f"there is no exercise {number!r}; there are {', '.join(sorted(EXERCISES))}")
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
    Exercise 1.1: not right yet. 51.6 is in percent, it seems; a share lies between 0 and 1.
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
    """Print a solution: code that runs in the notebook. In a copy that was handed out without solutions, say so.

    Examples
    --------
    >>> solution("1.1")
    liked_share = (frame["rating"] >= 4).mean()
    """
    exercise = look_up(number)
    if Path(NO_SOLUTIONS).exists():
        print(f"Exercise {exercise.number}: this copy has no solutions; hint('{exercise.number}') helps.")
    else:
        print(exercise.solution)
