"""Whatever a learner hands over, a check says one line; hints and solutions are there for every exercise."""

import json
import re
from inspect import signature
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workshop.exercises import check, hint, solution
from workshop.exercises.exercise import EXERCISES, look_up

STEMS = dict(zip("1234DESPW", ["01", "02", "03", "04", *(f"appendix_{x}" for x in "demp"), "appendix_w"], strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("number", EXERCISES)
@settings(max_examples=60)
@given(data=st.data())
def test_whatever_is_handed_over_a_check_says_one_line(number, data, anything):
    exercise = look_up(number)
    answers = data.draw(st.tuples(*[anything] * len(exercise.answers)))
    by_name = list(signature(exercise.judge).parameters)[len(answers) :]
    verdict = exercise.verdict(answers, dict.fromkeys(by_name))
    assert "\n" not in verdict
    assert re.match(rf"Exercise {re.escape(number)}: (not attempted yet|not right yet|Right)", verdict)


@settings(max_examples=60)
@given(data=st.data())
def test_a_check_may_be_called_with_any_arguments(data, anything):
    answers = data.draw(st.lists(anything, max_size=4))
    named = data.draw(st.dictionaries(st.text(min_size=1, max_size=5), anything, max_size=2))
    assert "\n" not in look_up("1.1").verdict(tuple(answers), named)


@pytest.mark.parametrize(("answers", "named"), [((), {}), ((1, 2), {}), ((1,), {"rows": 3}), ((), {"share": 0.5})])
def test_a_check_called_with_other_arguments_says_how_it_is_called(answers, named, said):
    assert 'check("1.1", liked_share)' in said("1.1", *answers, **named)


@pytest.mark.parametrize("number", EXERCISES)
def test_the_stub_counts_as_not_attempted(number, said):
    n = len(look_up(number).answers)
    for stub in (None, ...):
        assert said(number, *[stub] * n) == f"Exercise {number}: not attempted yet; hint('{number}') helps."


@pytest.mark.parametrize("call", [check, hint, solution])
@pytest.mark.parametrize("number", ["9.9", "", "one", None, 1, [], {}, np.nan])
def test_an_unknown_number_names_those_there_are(call, number):
    with pytest.raises(ValueError, match=r"there are 1\.1, 1\.2, "):
        call(number)


def test_a_number_may_be_written_without_quotes(capsys):
    check(1.1, None)
    assert capsys.readouterr().out.startswith("Exercise 1.1: not attempted yet")


@pytest.mark.parametrize("written", ["1.1", " 1.1 ", "1,1", "Exercise 1.1", "exercise 1.1.", "Ex. 1.1", "1 . 1", 1.1])
def test_a_number_is_read_as_it_was_meant(written):
    assert look_up(written).number == "1.1"


@pytest.mark.parametrize("written", ["11", "1", "1.1.1", "1.12", "10.1", "1-1", "v1.1b"])
def test_a_number_that_may_mean_another_is_refused(written):
    with pytest.raises(ValueError, match="there is no exercise"):
        look_up(written)


@pytest.mark.parametrize("answer", [0.51, "Alien", None, [1, 2]])
def test_answer_and_number_exchanged_get_told_so(answer, capsys):
    check(answer, "1.2")
    assert capsys.readouterr().out == "Exercise 1.2: the number comes first, then your answer: check('1.2', answer)\n"


@pytest.mark.parametrize("number", EXERCISES)
def test_hint_and_solution_are_printed_and_the_hint_does_not_give_the_solution_away(number, capsys):
    hint(number)
    solution(number)
    exercise = look_up(number)
    assert capsys.readouterr().out == f"{exercise.hint}\n{exercise.solution}\n"
    assert exercise.hint
    assert exercise.solution not in exercise.hint
    assert max(map(len, exercise.solution.splitlines())) <= 110, "it has to fit a cell"


@pytest.mark.parametrize("number", EXERCISES)
def test_the_notebook_carries_stub_check_hint_and_solution(number):
    (path,) = (Path(__file__).parents[2] / "notebooks").glob(f"{STEMS[number[0]]}*.ipynb")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
    prose = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    exercise = look_up(number)
    (stub,) = [source for source in code if f'check("{number}"' in source]
    for name in exercise.answers:
        assert re.search(rf"\b{name}\b", stub), f"the stub of {number} does not bind {name}"
    assert f"**Exercise {number}**" in prose
    assert exercise.is_small or f'hint("{number}")' in prose
    assert exercise.is_small or f'solution("{number}")' in prose
    assert exercise.folded in prose, f"the folded text of {number} has drifted; it is look_up('{number}').folded"


def test_a_stub_counts_as_not_attempted_in_whatever_order_it_is_handed_over(said):
    for more in ({"machine": object(), "best_epoch": None}, {"best_epoch": ..., "machine": object()}):
        assert said("3.2", **more) == "Exercise 3.2: not attempted yet; hint('3.2') helps."
    assert 'check("3.2", best_epoch, machine)' in said("3.2", machine=None)
