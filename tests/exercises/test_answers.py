"""Every exercise accepts its solution and right answers in other forms, and says of wrong ones what is wrong.

The tables of answers, at least ten right and ten wrong ones for each exercise, are in ``answers_*.py`` beside this
file: code as learners write it, to be run with what the notebook has bound.
"""

import re
from inspect import signature

import answers_appendices
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

PARTS = answers_part1, answers_part2, answers_part3, answers_part4, answers_appendices
TABLES = {number: table for table in PARTS for number in table.RIGHT}
RIGHT = [(number, code) for number, table in TABLES.items() for code in table.RIGHT[number]]
WRONG = [(number, code, words) for number, table in TABLES.items() for code, words in table.WRONG[number].items()]
BY_SEED = [(n, code) for n, t in TABLES.items() if n in getattr(t, "BY_SEED", {}) for code in t.BY_SEED[n]]
LARGE = [number for number, exercise in EXERCISES.items() if not exercise.is_small]
TRAINED = {"D.1", "D.2", "W.2", "W.3"}  # solutions that train for long: two are run below, with the notebook's cells
KNOWN = {"1.4": ("scores", SHRINKAGE_ERRORS, 1e-4), "2.4": ("averaged", AVERAGED_ERRORS, 0.0015)}
CODE = re.compile(r"\b(Eta|Max_depth|Subsample|Reg_lambda|K comes|W0|Predict_row|User_shrinkage|Shrinkage comes)\b")


@pytest.fixture(scope="session")
def names(notebook_cell):
    """A function (number) -> what the notebook has bound where the exercise stands."""
    found = {}

    def of(number):
        table = TABLES[number]
        if table not in found:
            found[table] = table.names(notebook_cell)
        return dict(found[table])

    return of


def extra(number, namespace):
    """What the cell of the notebook hands to the check beside the answers."""
    return TABLES[number].extra(number, namespace) if hasattr(TABLES[number], "extra") else {}


def answers(number, code, namespace):
    """The answers that the code stands for: several if the exercise asks for several."""
    answer = eval(code, namespace)
    return answer if len(look_up(number).answers) > 1 else (answer,)


@pytest.mark.parametrize("number", LARGE)
def test_ten_right_and_ten_wrong_answers_are_tried(number):
    right, wrong = TABLES[number].RIGHT[number], TABLES[number].WRONG[number]
    assert min(len(set(right)), len(wrong)) >= 10
    assert len(set(wrong.values())) >= 5


@pytest.mark.slow
@pytest.mark.parametrize("number", [number for number in LARGE if number not in TRAINED])
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


@pytest.mark.parametrize("number", ["3.2", "3.3", "3.5", "S.1", "S.3", "P.2", "W.1"])
def test_the_notebook_hands_over_what_the_check_needs(number, names, notebook_cell):
    stem = {"3": "03", "S": "appendix_managed", "P": "appendix_paper", "W": "appendix_word2vec"}[number[0]]
    cell = notebook_cell(stem, f'check("{number}"')
    by_name = [p.name for p in signature(look_up(number).judge).parameters.values() if p.kind is p.KEYWORD_ONLY]
    assert re.findall(r"(\w+)=", cell.partition("check(")[2]) == by_name == list(extra(number, names(number)))
