"""Every exercise accepts its solution and right answers in other forms, and says of wrong ones what is wrong.

The tables of answers, at least ten right and ten wrong ones for each exercise, are in ``answers_*.py`` beside this
file: code as learners write it, to be run with what the notebook has bound.
"""

import re
from inspect import signature

import answers_part1
import answers_part2
import answers_part3
import answers_part4
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workshop.exercises.exercise import EXERCISES, look_up
from workshop.exercises.part1 import SHRINKAGE_ERRORS
from workshop.exercises.part2 import AVERAGED_ERRORS
from workshop.exercises.part4 import N_MISSED, RANDOM_BEST, median_best
from workshop.tuning import RandomSearch

TABLES = {"1": answers_part1, "2": answers_part2, "3": answers_part3, "4": answers_part4}
RIGHT = [(number, code) for table in TABLES.values() for number in table.RIGHT for code in table.RIGHT[number]]
WRONG = [(n, code, words) for table in TABLES.values() for n in table.WRONG for code, words in table.WRONG[n].items()]
BY_SEED = [(n, code) for t in TABLES.values() if hasattr(t, "BY_SEED") for n in t.BY_SEED for code in t.BY_SEED[n]]
KNOWN = {"1.4": ("scores", SHRINKAGE_ERRORS, 1e-4), "2.4": ("averaged", AVERAGED_ERRORS, 0.0015)}
CODE = re.compile(r"\b(Eta|Max_depth|Subsample|Reg_lambda|K comes|W0|Predict_row|User_shrinkage|Shrinkage comes)\b")


@pytest.fixture(scope="session")
def names(notebook_cell):
    """A function (number) -> what the notebook has bound where the exercise stands."""
    found = {}

    def of(number):
        if number[0] not in found:
            found[number[0]] = TABLES[number[0]].names(notebook_cell)
        return dict(found[number[0]])

    return of


def extra(number, namespace):
    """What the cell of the notebook hands to the check beside the answers."""
    return TABLES[number[0]].extra(number, namespace) if hasattr(TABLES[number[0]], "extra") else {}


def answers(number, code, namespace):
    """The answers that the code stands for: several if the exercise asks for several."""
    answer = eval(code, namespace)
    return answer if len(look_up(number).answers) > 1 else (answer,)


@pytest.mark.parametrize("number", EXERCISES)
def test_ten_right_and_ten_wrong_answers_are_tried(number):
    right, wrong = TABLES[number[0]].RIGHT[number], TABLES[number[0]].WRONG[number]
    assert min(len(set(right)), len(wrong)) >= 10
    assert len(set(wrong.values())) >= 5


@pytest.mark.slow
@pytest.mark.parametrize("number", EXERCISES)
def test_the_solution_passes_its_check(number, names, said, solved):
    found, here = solved(number, names(number))
    assert said(number, *found, **extra(number, here)) == f"Exercise {number}: Right. {look_up(number).why}"
    if number in KNOWN:
        variable, known, within = KNOWN[number]
        np.testing.assert_allclose(pd.Series(here[variable]).unstack(), known, atol=within)


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), RIGHT)
def test_a_right_answer_is_right_in_whatever_form(number, code, names, said):
    here = names(number)
    assert said(number, *answers(number, code, here), **extra(number, here)).startswith(f"Exercise {number}: Right. ")


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), BY_SEED)
def test_a_right_answer_is_right_with_whatever_seed(number, code, names, said):
    refused = []
    for seed in range(50):
        here = names(number) | {"seed": seed}
        here |= answers_part3.with_vectors(seed, here) if number == "3.3" else {}
        line = said(number, *answers(number, code, here), **extra(number, here))
        refused += [(seed, line)] * (": Right." not in line)
    assert not refused


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code", "words"), WRONG)
def test_a_mistake_is_called_by_its_name(number, code, words, names, mistaken):
    here = names(number)
    line = mistaken(words, number, *answers(number, code, here), **extra(number, here))
    assert not CODE.search(line), "a sentence changes the case of code"


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
    for question, asked in {
        "only the uncertainty": "lambda mean, std, best: std",
        "both": "tuning.lower_confidence_bound",
    }.items():
        here = names("4.4")
        exec(code.replace("partial(tuning.lower_confidence_bound, kappa=0)", asked), here)
        assert here["n_missed"] == N_MISSED[question]
    assert RANDOM_BEST == pytest.approx(median_best(RandomSearch()), abs=1e-4)


@pytest.mark.parametrize("number", ["3.2", "3.3", "3.5"])
@settings(max_examples=60)
@given(data=st.data())
def test_whatever_is_handed_over_beside_real_models_a_check_says_one_line(number, data, names, anything):
    verdict = look_up(number).verdict((data.draw(anything),), extra(number, names(number)))
    assert "\n" not in verdict
    assert ": Right." not in verdict


@pytest.mark.parametrize("number", [number for number in EXERCISES if number[0] == "3"])
def test_the_notebook_hands_over_what_the_check_needs(number, names, notebook_cell):
    cell = notebook_cell(int(number[0]), f'check("{number}"')
    by_name = [p.name for p in signature(look_up(number).judge).parameters.values() if p.kind is p.KEYWORD_ONLY]
    assert re.findall(r"(\w+)=", cell.partition("check(")[2]) == by_name == list(extra(number, names(number)))
