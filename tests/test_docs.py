"""The documents say what is in the repository: headings, terms, exercises, numbers."""

import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

from workshop.exercises.exercise import EXERCISES

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
LINK = re.compile(r"\[([^\]]+)\]\(([^)#\s]+)(?:#[^)]*)?\)")


@cache
def prose(path):
    """All Markdown of a notebook, in small letters, without marks of emphasis."""
    cells = nbformat.read(path, as_version=4).cells
    return re.sub(r"[*`]", "", "\n".join(c.source for c in cells if c.cell_type == "markdown")).lower()


@cache
def headings(path):
    return {line.lstrip("# ").strip() for line in prose_of_cells(path).splitlines() if line.startswith("#")}


@cache
def prose_of_cells(path):
    return "\n".join(c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "markdown")


@pytest.mark.parametrize("name", ["coverage", "instructor"])
def test_sections_that_are_named_are_headings_of_their_notebook(name):
    page = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    named = [(text, target) for text, target in LINK.findall(page) if target.endswith(".ipynb")]
    assert len(named) > 30
    for text, target in named:
        assert text in headings(DOCS / target), f"{target} has no section {text!r}"


PARTS = re.split(r"^### (?=Part \d)", (DOCS / "instructor.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.split(":")[0])
def test_numbers_to_say_stand_in_the_notebook(part):
    part = part.split("\n## ")[0]
    (path,) = (ROOT / "notebooks").glob(f"0{part[5]}_*.ipynb")
    known = path.read_text(encoding="utf-8")
    for number in re.findall(r"\d+\.\d+%?|\d+%", part):
        assert number in known or f"{float(number):g}" in known, f"{number} is not in {path.name}"


@pytest.mark.parametrize("path", sorted(DOCS.glob("*.md")), ids=lambda path: path.stem)
def test_links_lead_to_files_that_exist(path):
    for text, target in LINK.findall(path.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://")):
            assert (path.parent / target).exists(), f"{path.name}: [{text}]({target})"


ENTRIES = [
    entry.replace("\n", " ")
    for entry in (DOCS / "glossary.md").read_text(encoding="utf-8").split("\n\n")
    if entry.startswith("**")
]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.split("**")[1])
def test_each_term_of_the_glossary_occurs_where_it_is_said_to(entry):
    terms = re.findall(r"\*\*(.+?)\*\*", entry)
    *_, (where, target) = LINK.findall(entry)
    for term in terms:
        stem = re.escape(term.lower().removesuffix("s"))
        assert re.search(rf"\b{stem}", prose(DOCS / target)), f"{term!r} is not in {where}"
    assert 5 <= len(entry.split()) <= 50, "one or two plain sentences"


def test_glossary_is_in_alphabetical_order():
    terms = [entry.split("**")[1].lower() for entry in ENTRIES]
    assert terms == sorted(terms)


def minutes(clock):
    hours, past = clock.split(":")
    return 60 * int(hours) + int(past)


def test_agendas_add_up():
    page = (DOCS / "instructor.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+:\d\d) \| (\d+) \|", page, re.MULTILINE)
    for (start, length), (following, _) in pairwise(rows):
        assert minutes(start) + int(length) == minutes(following)
    half, short = (page.split(f"### {name}\n")[1].split("\n#")[0] for name in ("Half a day", "Ninety minutes"))
    assert sum(map(int, re.findall(r"^\| (\d+) \|", half, re.MULTILINE))) == 240
    assert sum(map(int, re.findall(r"^\| (\d+) \|", short, re.MULTILINE))) == 90


def test_every_exercise_has_its_answer():
    page = (DOCS / "instructor.md").read_text(encoding="utf-8")
    large = [number for number, exercise in EXERCISES.items() if not exercise.is_small]
    assert re.findall(r"^\| (\w\.\d) \|", page, re.MULTILINE) == sorted(large)
    for number in sorted(set(EXERCISES) - set(large)):
        assert f"{number}: " in page.replace("\n", " "), f"the answer to {number} is not told"
