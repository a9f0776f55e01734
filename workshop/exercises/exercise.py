"""What an exercise is, and how an answer is judged so that nothing a learner hands over can end in a traceback.

The idea of a stub that runs as it stands, a check, a hint and a solution is that of Kaggle's learntools. Here a check
is an ordinary function of the answer: nothing is imported with a star, put into the notebook or remembered.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = ["Exercise", "Mistake", "NotAttempted", "is_blank"]


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
        Takes the answers, in the order in which the notebook hands them over and not all of them blank, and raises
        `Mistake` naming what is wrong. What only the notebook knows (a fitted model, say) comes by keyword.
    why : str
        A sentence for those who are right: why it matters.
    hint : str
        Markdown.
    solution : str
        Code that binds the names of `answers` in the notebook; comments in it say what is seen.
    answers : tuple of str
        The names that the stub binds.

    Examples
    --------
    >>> def judge(half_of_ten):
    ...     if half_of_ten != 5:
    ...         raise Mistake(f"twice {half_of_ten} is {2 * half_of_ten}, not 10")
    >>> exercise = Exercise("0.1", judge, "Halves come in pairs.", "Twice what is ten?", "half = 5", ("half",))
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
    answers: tuple[str, ...]

    def verdict(self, given: tuple, named: dict) -> str:
        """One line: not attempted, wrong and why, or right and why it matters. Never raises, whatever is `given`."""
        try:
            self._judge(given, named)
        except NotAttempted:
            return f"Exercise {self.number}: not attempted yet; hint('{self.number}') helps."
        except Mistake as mistake:
            return f"Exercise {self.number}: not right yet. {_as_sentence(str(mistake))}"
        return f"Exercise {self.number}: Right. {self.why}"

    def _judge(self, given, named):
        signature = inspect.signature(self.judge)
        asked = list(signature.parameters)[: len(self.answers)]
        try:
            handed_over = signature.bind_partial(*given, **named).arguments
            answers = [handed_over[name] for name in asked if name in handed_over]
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


def is_blank(answer: object) -> bool:
    """Whether the answer is still the stub's.

    Examples
    --------
    >>> is_blank(None), is_blank(...), is_blank(0)
    (True, True, False)
    """
    return answer is None or answer is ...


def _as_sentence(text: str) -> str:
    """The text on one line, its first letter large, with a full stop."""
    text = " ".join(text.split())
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")
