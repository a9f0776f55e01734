"""The small questions on the way: every form of the right answer is right, and each other answer is told why not."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from workshop.exercises.exercise import EXERCISES, TEXTS, look_up

QUESTIONS = {number: text for number, text in TEXTS.items() if "right" in text}
SMALL = {number: exercise for number, exercise in EXERCISES.items() if exercise.is_small}
RIGHT = {number: asked["right"] for number, asked in QUESTIONS.items()}
LETTERS, NUMBERS, LISTS = (
    [number for number in SMALL if isinstance(RIGHT[number], kind)] for kind in (str, int | float, list)
)


def test_there_are_questions_of_each_kind():
    assert len(LETTERS) >= 5 and len(NUMBERS) >= 5 and len(LISTS) >= 2


AS_LETTER = "{}", "({})", "{}.", " {} ", "{})", "'{}'"
AS_ONE = {
    "list": lambda one: [one],
    "tuple": lambda one: (one,),
    "set": lambda one: {one},
    "array": np.array,
    "2-d array": lambda one: np.array([[one]]),
    "Series": lambda one: pd.Series([one]),
    "DataFrame": lambda one: pd.DataFrame({"answer": [one]}),
}
AS_NUMBER = {"float": float, "np.float64": np.float64, "np.float32": np.float32, "Decimal": lambda x: Decimal(str(x))}
AS_SEVERAL = {
    **{kind.__name__: kind for kind in (list, tuple, np.array, pd.Series, set, pd.Index)},
    "reversed": lambda several: several[::-1],
    "nested": lambda several: [tuple(several[:2]), tuple(several[2:])],
    "2-d array": lambda several: np.array([several]),
    "floats": lambda several: [float(one) for one in several],
    "Decimals": lambda several: [Decimal(one) for one in several],
}


@pytest.mark.parametrize("number", LETTERS)
def test_a_letter_is_right_in_whatever_form(number, said):
    right = RIGHT[number]
    forms = [form.format(right) for form in AS_LETTER] + [right.upper(), np.str_(right)]
    for answer in [*forms, *(form(right) for form in AS_ONE.values())]:
        assert ": Right." in said(number, answer)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_right_in_whatever_form(number, said):
    for name, form in (AS_ONE | AS_NUMBER).items():
        assert ": Right." in said(number, form(RIGHT[number])), name
    assert "is text" in said(number, str(RIGHT[number]))


@pytest.mark.parametrize("number", LISTS)
def test_several_numbers_are_right_in_whatever_form(number, said):
    for name, form in AS_SEVERAL.items():
        assert ": Right." in said(number, form(RIGHT[number])), name


@pytest.mark.parametrize(("number", "asked"), QUESTIONS.items())
def test_what_a_mistake_leads_to_is_called_by_its_name(number, asked, said):
    wrong = asked.get("wrong", [])
    for found, says in wrong.items() if isinstance(wrong, dict) else wrong:
        answer = [*RIGHT[number][:-1], found] if isinstance(asked["right"], list) else found
        line = said(number, *answer) if len(look_up(number).answers) > 1 else said(number, answer)
        assert "not right yet" in line
        assert says.lower() in line.lower()


@pytest.mark.parametrize("number", LETTERS)
def test_what_is_no_letter_that_was_offered_is_told_so(number, said):
    for other in ("z", "", "ab", 1, 2.5, True, len, Decimal(3), float("nan"), float("inf"), {"a": 1}):
        assert "the question asks for a letter" in said(number, other)
    assert "2 values" in said(number, ["a", "b"])


@pytest.mark.parametrize("number", NUMBERS + LISTS)
def test_what_is_no_number_is_told_so(number, said):
    for other in ("a", True, len, object(), float("nan"), [1, 2, 3], [], {"a": 1}, 1j, pd.Timestamp("2000-01-01")):
        line = said(number, other)
        assert "not right yet" in line
        assert "could not read" not in line
