"""What CONTRIBUTING.md asks of each kind of addition: a step that was forgotten fails here and is named."""

import inspect
import json
import re
from pathlib import Path

import pytest
from sklearn.base import BaseEstimator

import workshop.exercises
import workshop.models
import workshop.tuning
from workshop.datasets import load_movielens
from workshop.datasets.movielens import LAYOUTS
from workshop.exercises.exercise import EXERCISES

ROOT = Path(__file__).parents[1]


def text(*patterns):
    """Return the text of all files that match, one after the other."""
    files = [path for pattern in patterns for path in sorted(ROOT.glob(pattern))]
    assert files, f"no file matches {patterns}"
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def named(word, where):
    return re.search(rf"\b{re.escape(word)}\b", where) is not None


RECOMMENDERS = [
    name
    for name in workshop.models.__all__
    if issubclass(kind := getattr(workshop.models, name), BaseEstimator) and hasattr(kind, "predict")
]


@pytest.mark.parametrize("name", RECOMMENDERS)
def test_a_recommender_has_its_estimator_checks_its_oracle_and_its_row(name):
    assert named(name, text("tests/models/test_*estimator_checks.py")), "scikit-learn's own checks do not run on it"
    others = [p for p in (ROOT / "tests/models").glob("test_*.py") if "estimator_checks" not in p.name]
    assert any(named(name, p.read_text(encoding="utf-8")) for p in others), "no test of what it computes"
    assert named(name, text("benchmarks/*.py")), "no benchmark measures it"
    words = re.sub("(?<=[a-z])(?=[A-Z])", " ", name)  # GlobalMean: global mean
    told = text("notebooks/*.ipynb", "docs/*.md", "README.md").lower()
    assert words.lower() in told or name.lower() in told, "no notebook and no page tells of it"


ACQUISITIONS = [
    name
    for name in workshop.tuning.__all__
    if inspect.isfunction(f := getattr(workshop.tuning, name)) and f.__module__ == "workshop.tuning.acquisition"
]


@pytest.mark.parametrize("name", ACQUISITIONS)
def test_an_acquisition_function_has_its_source_its_oracle_and_its_picture(name):
    assert "References" in getattr(workshop.tuning, name).__doc__ or name.startswith("log_"), "its paper is not named"
    assert named(name, text("tests/tuning/test_acquisition.py")), "no oracle"
    assert named(name, text("docs/glossary.md")), "the glossary does not name it"
    if name != "thompson_sampling":  # its choice is drawn at random: there is no curve
        pictures = text("workshop/plots/posterior.py", "workshop/widgets/gp.js", "notebooks/*.ipynb")
        assert named(name, pictures) or name.replace("_", " ") in pictures, "no picture shows it"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_data_layout_is_documented_tested_and_fuzzed(layout):
    assert layout in load_movielens.__doc__
    assert layout in text("tests/datasets/test_movielens.py")
    assert layout in text("tests/fuzz/test_data_files.py")


@pytest.mark.parametrize("number", EXERCISES)
def test_an_exercise_is_asked_answered_and_tried_with_wrong_answers(number):
    cells = [c for p in ROOT.glob("notebooks/*.ipynb") for c in json.loads(p.read_text("utf-8"))["cells"]]
    assert any(f'check("{number}"' in "".join(c["source"]) for c in cells), "no cell of a notebook checks it"
    if EXERCISES[number].is_small:
        assert f"{number}: " in text("docs/instructor.md"), "the instructor's page has no answer"
        return
    assert f'["{number}"]' in text("tests/exercises/answers.toml"), "no wrong answers are tried"
    assert f"| {number} |" in text("docs/instructor.md"), "the instructor's page has no answer"


def test_each_section_of_part_4_is_covered_and_no_slide_is_of_another():
    notebook = json.loads(text("notebooks/04_*.ipynb"))
    source = "\n".join("".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "markdown")
    sections = re.findall(r"^## (\d.*)\n((?:(?!^## ).*\n?)*)", source, re.MULTILINE)
    assert len(sections) >= 6
    coverage = text("docs/coverage.md")
    for section, below in sections:
        headings = [section, *re.findall(r"^### (.*)$", below, re.MULTILINE)]
        assert any(f"[{heading}](" in coverage for heading in headings), f"{section!r} is not in docs/coverage.md"
    for section in re.findall(r'^section = "(.*)"$', text("docs/slides/04_*.toml"), re.MULTILINE):
        assert re.search(rf"^#+ {re.escape(section)}$", source, re.MULTILINE), f"{section!r} is gone, its slide is not"
