"""The learner acts: few finished cells stand between two acts, and a quiz answers the click on a letter."""

import json
import re
from pathlib import Path

import pytest
from notebook_style import FINISHED, most_finished, names_of_acts

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
OPTION = re.compile(r"<details><summary>\(([a-d])\)</summary>(Right|No)\. ([^\n]+)</details>")


def cells_of(*sources):
    """Code cells as a notebook holds them."""
    return [{"cell_type": "code", "source": [source]} for source in sources]


@pytest.mark.parametrize(
    ("sources", "n"),
    [
        ((), 0),
        (("import a", "b = 1", 'check("1.1", b)', "print(b)"), 2),
        (('check("1.1", None)', "a", "b", "c"), 3),
        (("a", "widgets.game()", "b", 'guess("1a")', "c"), 1),
        (("checked = my_check(3)", "a"), 2),
        (("y = model.predict(x)", "a = b.check(c)", "widgets.predict(1)"), 2),
    ],
)
def test_cells_are_counted_between_two_acts_and_at_both_ends(sources, n):
    assert most_finished(cells_of(*sources), {"check", "guess", "game", "predict"}) == n


def test_prose_between_cells_does_not_count():
    prose = {"cell_type": "markdown", "source": ["check(this)"]}
    assert most_finished([*cells_of("a"), prose, *cells_of("b")], {"check"}) == 2


def test_what_only_shows_or_waits_is_no_act():
    acts = names_of_acts()
    assert {"check", "guess", "game"} <= acts
    assert not acts & {"wait_while", "my_ratings", "my_guesses"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_learner_runs_few_cells_before_doing_something(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert most_finished(cells, names_of_acts()) <= FINISHED


@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if path.stem[0] == "0"], ids=lambda path: path.stem)
def test_a_quiz_answers_the_click_on_each_letter_and_one_of_them_is_right(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    prose = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    quiz = prose.partition("## Check yourself")[2].partition("\n## ")[0]
    questions = re.split(r"^\*\*\d\.\*\* ", quiz, flags=re.MULTILINE)[1:]
    assert len(questions) >= 2
    for question in questions:
        letters, verdicts, _ = zip(*OPTION.findall(question), strict=True)
        assert "".join(letters) == "abc"
        assert verdicts.count("Right") == 1
        assert all(f"({letter}) " in question.partition("\n")[0] for letter in letters)
        assert not re.search(r"[*$`]", question.partition("<details>")[2]), "Markdown is not read within HTML"
