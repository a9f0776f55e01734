"""Questions whose answer is a letter or a number: ``exercises.toml`` says what is right, and why others are not."""

from collections.abc import Callable, Mapping
from inspect import Parameter, Signature
from typing import Any

from workshop.exercises.answers import Mistake, choose, compare, read_number, read_numbers, read_share, show_value
from workshop.exercises.exercise import TEXTS, exercise


def judge_by(asked: Mapping[str, Any]) -> Callable:
    """Return the function that judges answers to one question of the file; its parameters are named as there."""
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

    judge.__signature__ = Signature([Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in names])  # type: ignore[attr-defined]
    return judge


for number, asked in TEXTS.items():
    if "right" in asked:
        exercise(number)(judge_by(asked))
