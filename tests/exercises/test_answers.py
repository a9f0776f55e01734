"""Every exercise accepts its solution and right answers in other forms, and says of wrong ones what is wrong.

At least ten right and ten wrong answers of each exercise are tried: those of ``answers.toml``, and, where a letter or a
number is right, those below, in whatever form people write them.
"""

import ast
import re
import tomllib
from decimal import Decimal
from inspect import signature
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bound import bound, vectors
from hypothesis import given, settings
from hypothesis import strategies as st

from workshop.exercises.exercise import EXERCISES, TEXTS, look_up
from workshop.exercises.part1 import SHRINKAGE_ERRORS
from workshop.exercises.part2 import AVERAGED_ERRORS
from workshop.exercises.part4 import N_MISSED, RANDOM_BEST, median_best
from workshop.tuning import RandomSearch

TABLES = tomllib.loads(Path(__file__).with_name("answers.toml").read_text(encoding="utf-8"))


def rows(kind):
    """Every answer of this kind in the table, with the number of its exercise."""
    return [
        (number, *row.split("  # ")) for number, table in TABLES.items() for row in table.get(kind, "").splitlines()
    ]


LARGE = [number for number, exercise in EXERCISES.items() if not exercise.is_small]
TRAINED = {"D.1", "D.2", "W.2", "W.3"}  # solutions that train for long: two are run below, with the notebook's cells
KNOWN = {"1.4": ("scores", SHRINKAGE_ERRORS, 1e-4), "2.4": ("averaged", AVERAGED_ERRORS, 0.0015)}
CODE = re.compile(r"\b(Eta|Max_depth|Subsample|Reg_lambda|K comes|W0|Predict_row|User_shrinkage|Shrinkage comes)\b")
STEMS = {"3": "03", "S": "appendix_managed", "P": "appendix_paper", "W": "appendix_word2vec"}

# Questions whose answer is a letter, a number or several; the file of texts says which.
RIGHT = {number: text["right"] for number, text in TEXTS.items() if "right" in text}
LETTERS, NUMBERS, LISTS = (
    [number for number, right in RIGHT.items() if isinstance(right, kind) and len(look_up(number).answers) == 1]
    for kind in (str, int | float, list)
)
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
NO_LETTER = "z", "", "ab", 1, 2.5, True, len, Decimal(3), float("nan"), float("inf"), {"a": 1}
NO_NUMBER = (
    *[("a", "is text"), (True, "yes or no"), (len, "that is a builtin"), (object(), "that is an object")],
    *[(float("nan"), "not a finite number"), ([1, 2, 3], "3 values"), ([], "0 values"), (1j, "that is a complex")],
    *[({"a": 1}, "that is a dict"), (pd.Timestamp("2000-01-01"), "that is a Timestamp")],
)


@pytest.fixture(scope="session")
def names(notebook_cell):
    """A function (number) -> what the notebook has bound where the exercise stands."""
    found = {}

    def of(number):
        if number[0] not in found:
            found[number[0]] = bound(number[0], notebook_cell)
        return dict(found[number[0]])

    return of


@pytest.fixture(scope="session")
def extra(notebook_cell):
    """A function (number, names) -> what the cell of the notebook hands to the check beside the answers."""

    def of(number, here):
        if list(signature(look_up(number).judge).parameters) == list(look_up(number).answers):
            return {}
        tree = ast.parse(notebook_cell(STEMS[number[0]], f'check("{number}"'))
        (call,) = [one for one in ast.walk(tree) if isinstance(one, ast.Call) and ast.unparse(one.func) == "check"]
        return {handed.arg: eval(ast.unparse(handed.value), here) for handed in call.keywords}

    return of


def answers(number, code, here):
    """The answers that the code stands for: several if the exercise asks for several."""
    answer = eval(code, here)
    return answer if len(look_up(number).answers) > 1 else (answer,)


@pytest.mark.parametrize("number", LARGE)
def test_ten_right_and_ten_wrong_answers_are_tried(number):
    right, wrong = (TABLES[number][kind].splitlines() for kind in ("right", "wrong"))
    forms = number in NUMBERS  # those that are tried of every number
    assert len(set(right)) + forms * len(AS_ONE | AS_NUMBER) >= 10
    assert len(set(wrong)) + forms * len(NO_NUMBER) >= 10
    assert len({row.split("  # ")[1] for row in wrong}) >= 5


@pytest.mark.slow
@pytest.mark.parametrize("number", [number for number in LARGE if number not in TRAINED])
def test_the_solution_passes_its_check(number, names, extra, said, solved):
    found, here = solved(number, names(number))
    assert said(number, *found, **extra(number, here)) == f"Exercise {number}: Right. {look_up(number).why}"
    if number in KNOWN:
        variable, known, within = KNOWN[number]
        np.testing.assert_allclose(pd.Series(here[variable]).unstack(), known, atol=within)


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), rows("right"))
def test_a_right_answer_is_right_in_whatever_form(number, code, names, extra, said):
    here = names(number)
    assert said(number, *answers(number, code, here), **extra(number, here)).startswith(f"Exercise {number}: Right. ")


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), rows("with_any_seed"))
def test_a_right_answer_is_right_with_whatever_seed(number, code, names, extra, said):
    refused = []
    for seed in range(50):
        here = names(number) | {"seed": seed}
        here |= vectors(seed, here) if number == "3.3" else {}
        line = said(number, *answers(number, code, here), **extra(number, here))
        refused += [(seed, line)] * (": Right." not in line)
    assert not refused


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code", "words"), rows("wrong"))
def test_a_mistake_is_called_by_its_name(number, code, words, names, extra, mistaken):
    here = names(number)
    line = mistaken(words, number, *answers(number, code, here), **extra(number, here))
    assert not CODE.search(line), "a sentence changes the case of code"


@pytest.mark.parametrize("number", LETTERS)
def test_a_letter_is_right_in_whatever_form(number, said, mistaken):
    right = RIGHT[number]
    forms = [form.format(right) for form in AS_LETTER] + [right.upper(), np.str_(right)]
    for answer in [*forms, *(form(right) for form in AS_ONE.values())]:
        assert ": Right." in said(number, answer)
    for other in NO_LETTER:
        mistaken("the question asks for a letter", number, other)
    mistaken("2 values", number, ["a", "b"])


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_right_in_whatever_form(number, said, mistaken):
    for name, form in (AS_ONE | AS_NUMBER).items():
        assert ": Right." in said(number, form(RIGHT[number])), name
    for other, words in NO_NUMBER:
        mistaken(words, number, other)


@pytest.mark.parametrize("number", LISTS)
def test_several_numbers_are_right_in_whatever_form(number, said, mistaken):
    for name, form in AS_SEVERAL.items():
        assert ": Right." in said(number, form(RIGHT[number])), name
    for other, _ in NO_NUMBER:
        mistaken("", number, other)


@pytest.mark.parametrize("number", RIGHT)
def test_what_a_mistake_leads_to_is_called_by_its_name(number, mistaken):
    wrong, right = TEXTS[number].get("wrong", []), RIGHT[number]
    for found, words in wrong.items() if isinstance(wrong, dict) else wrong:
        answer = [*right[:-1], found] if isinstance(right, list) else found
        mistaken(words, number, *(answer if len(look_up(number).answers) > 1 else [answer]))


@pytest.mark.slow
def test_rows_cut_by_year_report_what_the_check_expects(notebook_cell, said, solved, capsys):
    here = {"config": {"eta": 0.1, "max_depth": 2}}
    for text in ("import psutil", "objective = LikedAUC("):
        exec(notebook_cell("appendix_distributed", text), here)
    found, _ = solved("D.1", here)
    capsys.readouterr()  # what the cells printed
    assert ": Right." in said("D.1", *found)


@pytest.mark.slow
def test_word2vec_without_its_order_reaches_what_the_check_expects(notebook_cell, said, solved, capsys):
    here = {"settings": {"liked": 4.0, "sampling_threshold": 0, "epochs": 8, "learning_rate": 0.1, "noise_exponent": 0}}
    for text in ("from gensim.models import Word2Vec", "sentences = "):
        exec(notebook_cell("appendix_word2vec", text), here)
    exec(notebook_cell("appendix_word2vec", "def ndcg").partition("\n\n\n")[0], here)
    found, _ = solved("W.3", here)
    at_three = here["ndcg"](here["ItemVectors"](**here["settings"] | {"n_recent": 3}))
    capsys.readouterr()  # what the cells printed
    assert ": Right." in said("W.3", *found)
    assert ": Right." in said("W.2", [0.082, at_three, 0.087, 0.076])


def test_who_finds_what_random_validation_rows_say_is_right_and_told_what_those_by_time_say(said):
    assert "prefer 5 for movies" in said("1.4", (5, 2))
    assert "prefer 5 for movies" not in said("1.4", (5, 5))


def test_a_function_that_does_nothing_is_not_attempted(said):
    def predict_row(w0, w, V, x):
        """Prediction of equation 1 for one row."""

    assert "not attempted yet" in said("3.4", predict_row)


@pytest.mark.slow
def test_the_runs_that_the_checks_know_are_those_that_a_search_makes(names):
    code = look_up("4.4").solution
    asks = {"only the uncertainty": "lambda mean, std, best: std", "both": "tuning.lower_confidence_bound"}
    for question, asked in asks.items():
        here = names("4.4")
        exec(code.replace("partial(tuning.lower_confidence_bound, kappa=0)", asked), here)
        assert here["n_missed"] == N_MISSED[question]
    assert RANDOM_BEST == pytest.approx(median_best(RandomSearch()), abs=1e-4)


@pytest.mark.parametrize("number", ["3.2", "3.3", "3.5"])
@settings(max_examples=60)
@given(data=st.data())
def test_whatever_is_handed_over_beside_real_models_a_check_says_one_line(number, data, names, extra, anything):
    verdict = look_up(number).verdict((data.draw(anything),), extra(number, names(number)))
    assert "\n" not in verdict
    assert ": Right." not in verdict
