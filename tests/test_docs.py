"""The documents say what is in the repository: headings, terms, exercises, numbers."""

import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

from workshop.exercises.exercise import EXERCISES
from workshop.widgets.predict import QUESTIONS

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
LINK = re.compile(r"\[([^\]]+)\]\(([^)#\s]+)(?:#[^)]*)?\)")


@cache
def read(name):
    """A page of the docs."""
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def below(name, heading):
    """What stands below a heading of a page, down to the next one of its level or above."""
    level = heading.split()[0]
    return re.split(rf"^#{{2,{len(level)}}} ", read(name).split(f"{heading}\n", 1)[1], maxsplit=1, flags=re.M)[0]


@cache
def prose(path):
    """All Markdown of a notebook."""
    return "\n".join(c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "markdown")


@cache
def headings(path):
    return {line.lstrip("# ").strip() for line in prose(path).splitlines() if line.startswith("#")}


@pytest.mark.parametrize("name, at_least", [("coverage", 30), ("instructor", 30), ("kit_reading", 7)])
def test_sections_that_are_named_are_headings_of_their_notebook(name, at_least):
    named = [(text, target) for text, target in LINK.findall(read(name)) if target.endswith(".ipynb")]
    assert len(named) > at_least
    for text, target in named:
        assert text in headings(DOCS / target), f"{target} has no section {text!r}"


PARTS = re.split(r"^### (?=Part \d)", read("instructor"), flags=re.MULTILINE)[1:]


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


ENTRIES = [entry.replace("\n", " ") for entry in read("glossary").split("\n\n") if entry.startswith("**")]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.split("**")[1])
def test_each_term_of_the_glossary_occurs_where_it_is_said_to(entry):
    *_, (where, target) = LINK.findall(entry)
    words = re.sub(r"[*`]", "", prose(DOCS / target)).lower()
    for term in re.findall(r"\*\*(.+?)\*\*", entry):
        stem = re.escape(term.lower().removesuffix("s"))
        assert re.search(rf"\b{stem}", words), f"{term!r} is not in {where}"
    assert 5 <= len(entry.split()) <= 50, "one or two plain sentences"


def test_glossary_is_in_alphabetical_order():
    terms = [entry.split("**")[1].lower() for entry in ENTRIES]
    assert terms == sorted(terms)


def minutes(clock):
    hours, past = clock.split(":")
    return 60 * int(hours) + int(past)


def plan(text):
    """The minutes of each row in the tables of a text."""
    return [int(row) for row in re.findall(r"^\| (\d+) \|", text, re.M)]


def day():
    """Start, minutes and title of each row of the agenda of one day."""
    return re.findall(r"^\| (\d+:\d\d) \| (\d+) \| (.*?) \|", read("instructor"), re.MULTILINE)


def test_agendas_add_up():
    for (start, length, _), (following, *_) in pairwise(day()):
        assert minutes(start) + int(length) == minutes(following)
    assert sum(plan(below("instructor", "### Half a day"))) == 240
    short = plan(below("instructor", "### Ninety minutes"))
    assert sum(short) == 90 and short[-1] == 10, "ten minutes of slack"
    halves = [plan(half) for half in below("kit", "## Online, two half days").split("| second day |")]
    assert [sum(half) for half in halves] == [60 * 3, 60 * 4] and sum(map(len, halves)) == 15


SECTIONS = {  # minutes and name of each section, by part
    int(part[5]): re.findall(r"^\| (\d+) \| \[([^\]]+)\]", part.split("\n## ")[0], re.MULTILINE) for part in PARTS
}


@pytest.mark.parametrize("part", SECTIONS)
def test_sections_take_the_minutes_of_their_part(part):
    (path,) = (ROOT / "notebooks").glob(f"0{part}_*.ipynb")
    (stated,) = re.findall(r"\*\*Takes\*\* (\d+) minutes", prose(path))
    assert sum(int(length) for length, _ in SECTIONS[part]) == int(stated)
    (row,) = [int(length) for _, length, title in day() if title.startswith(f"Part {part}")]
    assert row == int(stated)
    if part != 4:  # where the service's words and the last act share a minute or two
        told = {name for _, name in SECTIONS[part]}
        assert told >= {line for line in headings(path) if re.match(r"\d+\. ", line)}


def test_checkpoints_stand_where_the_sections_begin():
    page = read("instructor")
    checkpoints = re.findall(
        r"^\| (\d+:\d\d) \| \[([^\]]+)\]\(\.\./notebooks/0(\d)_\w+\.ipynb\) \| (.+) \|$", page, re.M
    )
    assert {part for _, _, part, _ in checkpoints} == set("1234")
    for clock, section, part, _ in checkpoints:
        (start,) = [start for start, _, title in day() if title.startswith(f"Part {part}")]
        names = [name for _, name in SECTIONS[int(part)]]
        before = sum(int(length) for length, _ in SECTIONS[int(part)][: names.index(section)])
        assert minutes(clock) == minutes(start) + before, f"{section} begins {before} minutes after {start}"


def test_letters_name_the_times_of_the_day():
    letters = below("kit", "## Letters")
    *_, (start, length, _) = day()
    times = {minutes(clock) for clock, _, _ in day()} | {minutes(start) + int(length), minutes("8:30")}
    assert {minutes(clock) for clock in re.findall(r"\d+:\d\d", letters)} <= times


def test_the_last_act_has_the_minutes_and_the_numbers_of_its_notebook():
    known = prose(ROOT / "notebooks" / "appendix_tonight.ipynb")
    (stated,) = re.findall(r"\*\*Takes\*\* (\d+) minutes", known)
    assert [length for _, length, title in day() if title.startswith("[What shall I watch tonight?]")] == [stated]
    found = re.findall(r"\d+\.\d+", below("instructor", "## The last act: tonight"))
    assert found and all(number in known for number in found)


def test_shows_of_hands_are_the_questions_of_the_notebooks():
    page = read("kit")
    rows = {
        name: (options, right) for name, options, right in re.findall(r"^\| (\d[a-z]) \| (.*?) \| (.*?) \|", page, re.M)
    }
    assert sorted(rows) == sorted(QUESTIONS)
    for name, (options, right) in rows.items():
        asked = QUESTIONS[name]
        assert options == "; ".join(asked.get("options", ["a number"]))
        assert right.replace(",", "") == str(asked["answer"]).replace(",", "")


def test_every_exercise_has_its_answer():
    page = read("instructor")
    large = [number for number, exercise in EXERCISES.items() if not exercise.is_small]
    assert re.findall(r"^\| (\w\.\d) \|", page, re.MULTILINE) == sorted(large)
    for number in sorted(set(EXERCISES) - set(large)):
        assert f"{number}: " in page.replace("\n", " "), f"the answer to {number} is not told"
