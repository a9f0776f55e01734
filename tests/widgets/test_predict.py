import json
import re
from pathlib import Path

import pytest

from workshop.widgets import guess, my_guesses, predict
from workshop.widgets.predict import FOLD, QUESTIONS

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = {path.name[1]: path for path in FOLDER.glob("0*.ipynb")} | {"5": FOLDER / "appendix_tonight.ipynb"}


@pytest.mark.parametrize("name", QUESTIONS)
def test_question_can_be_asked_and_its_number_stands_in_the_notebook(name):
    asked = guess(name).data["asked"][0]
    if not asked["options"]:
        text = f"{asked['answer']:,}"
        assert text in NOTEBOOKS[name[0]].read_text(encoding="utf-8"), "the notebook finds another number"


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_answer_does_not_stand_in_the_code_between_the_question_and_its_fold(name):
    """Code is read before it is run: a title or a number in it would tell what comes out."""
    answer, options = str(QUESTIONS[name]["answer"]), QUESTIONS[name].get("options", [])
    cells = json.loads(NOTEBOOKS[name[0]].read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells]
    (asked,) = [place for place, source in enumerate(sources) if source.endswith(f'guess("{name}")')]
    folded = [place for place, source in enumerate(sources) if f"<summary>{FOLD}" in source and place > asked]
    code = "\n".join(sources[place] for place in range(asked, folded[0]) if cells[place]["cell_type"] == "code")
    told = [
        text
        for text in options or [answer]
        if re.search(rf"(?<![\w.]){re.escape(text.removeprefix('the '))}(?![\w.])", code)
    ]
    assert answer not in told or told == options, f"the code below question {name} holds {told}"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)
def test_what_answers_a_question_is_folded_before_the_next_is_asked(path):
    """Prose is read before a cell is run; and on a page the fold says how far outputs wait for the guess."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    prose = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    for asked in re.split(r"[Pp]redict first", prose)[1:]:
        told = asked.find("**What we see")
        assert 0 <= asked.find(f"<summary>{FOLD}") and (told < 0 or asked.find(FOLD) < told), asked[:120]


def test_each_question_is_asked_once():
    assert len({given["question"] for given in QUESTIONS.values()}) == len(QUESTIONS), "a guess is kept under its text"


def test_list_holds_the_questions_of_one_part_in_order():
    asked = [one["question"] for one in my_guesses(1).data["asked"]]
    assert asked == [given["question"] for name, given in QUESTIONS.items() if name[0] == "1"]


@pytest.mark.parametrize(
    "given, why",
    [
        ({"answer": "c", "options": ["a", "b"]}, "must be one of"),
        ({"answer": "c"}, "must be a number"),
        ({"answer": 7, "high": 6}, "nobody can guess it"),
        ({"answer": 7, "low": 8}, "nobody can guess it"),
    ],
)
def test_question_that_nobody_can_answer_is_refused(given, why):
    with pytest.raises(ValueError, match=why):
        predict("What?", **given)


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="'9z' is not the name of a question; there are 1a, 1b"):
        guess("9z")
    with pytest.raises(ValueError, match="part=9 has no questions"):
        my_guesses(9)


def test_answer_is_folded_where_no_script_runs():
    assert "<details><summary>Answer</summary><p>71 ratings</p></details>" in guess("1c").static
