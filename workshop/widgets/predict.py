"""Predict, then see: a question in the page that keeps your guess before it says what is the case.

The script keeps guesses in the learner's browser, opens the next `<details>` whose summary is `FOLD`, and on a page,
whose pictures are drawn already, covers what comes out between. Where scripts may not run, the answer is folded.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from html import escape

from workshop.widgets.in_page import HERE, InPage

#: The questions of the four parts, by name: "1a" is the first of part 1. They stand apart from the notebooks, whose
#: code would give the answers away.
QUESTIONS = tomllib.loads((HERE / "questions.toml").read_text(encoding="utf-8"))

STYLE = f"<style>{(HERE / 'learner.css').read_text(encoding='utf-8')}</style>"

#: What a notebook writes over a folded "What we see", so that a guess can open it.
FOLD = "Guess first, then unfold"


def predict(
    question: str,
    *,
    answer: str | float,
    options: Sequence[str] = (),
    low: float | None = None,
    high: float | None = None,
    unit: str = "",
) -> InPage:
    """Return a question that takes one guess, keeps it, says how far off it is, and opens "What we see".

    Parameters
    ----------
    question : str
        Guesses are kept under it, so two questions of a workshop need two texts.
    answer : str or float
        One of `options`, or a number.
    options : sequence of str, optional
        What to choose from; if there are none, a number is asked for.
    low, high : float, optional
        Smallest and largest number that may be guessed.
    unit : str
        Of the number, in the plural.

    Raises
    ------
    ValueError
        If the answer could not be guessed.

    Examples
    --------
    >>> predict("How many days has a week?", answer=7, low=1, high=30, unit="days")
    Predict: How many days has a week?
    >>> predict("Is a square empty?", answer="yes", options=["yes", "no"])
    Predict: Is a square empty?
    """
    options = list(options)
    if options:
        if answer not in options:
            raise ValueError(f"answer={answer!r} must be one of options={options}")
    elif isinstance(answer, str):
        raise ValueError(f"answer={answer!r} must be a number; give options to choose from if it is none")
    elif (low is not None and answer < low) or (high is not None and answer > high):
        raise ValueError(f"answer={answer} must lie between low={low} and high={high}, or nobody can guess it")
    asked = {"question": question, "answer": answer, "options": options, "low": low, "high": high, "unit": unit}
    return InPage(
        "predict.js",
        {"asked": [asked], "list": False, "fold": FOLD},
        static=f"{STYLE}<p>{escape(question)}</p>{_folded(asked)}",
        name=f"Predict: {question}",
    )


def guess(name: str) -> InPage:
    """Return the question of this name in `QUESTIONS`, to be guessed at.

    Examples
    --------
    >>> guess("1a")
    Predict: Which number of stars was given most often?
    """
    if name not in QUESTIONS:
        raise ValueError(f"{name!r} is not the name of a question; there are {', '.join(QUESTIONS)}")
    return predict(**QUESTIONS[name])


def my_guesses(part: int) -> InPage:
    """Return your guesses of a part side by side: what you said, what is the case, how many were right.

    Examples
    --------
    >>> my_guesses(1)
    My guesses in part 1
    """
    blank: dict = {"options": [], "low": None, "high": None, "unit": ""}
    asked = [blank | given for name, given in QUESTIONS.items() if name.startswith(str(part))]
    if not asked:
        raise ValueError(f"part={part!r} has no questions; give the number of a part, 1 to 5")
    rows = "".join(f"<li>{escape(one['question'])} {_folded(one)}</li>" for one in asked)
    data = {"asked": asked, "list": True}
    return InPage("predict.js", data, static=f"{STYLE}<ul>{rows}</ul>", name=f"My guesses in part {part}")


def _folded(asked):
    answer = asked["answer"] if asked["options"] else f"{asked['answer']:,} {asked['unit']}".strip()
    return f"<details><summary>Answer</summary><p>{escape(str(answer))}</p></details>"
