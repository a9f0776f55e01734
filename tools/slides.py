"""Slides of the four parts, made from the notebooks as they are committed: `make slides`.

What becomes a slide is a rule over the sections of a notebook: the title and what will be learned; each question to
predict, before its answer; each figure, stepper, table and formula, under the heading of its section, with the first
words of "What we see" on the next click; each list; the exercises. The prose goes into the speaker's notes (press S).

An outline, ``docs/slides/<notebook>.toml``, may replace the slides of a section, in an order of its own:

    leave_out = ["A detail"]                # sections without slides; references never have any

    [[slide]]
    section = "3. Option 2: try at random"  # a heading of the notebook
    show = "code"                           # a block of it: "figure", "figure 2" for the second; none: text alone
    title = "Option 2: random search"       # if not the heading
    text = ["Ten times: draw C and gamma"]  # if not the words of "What we see"
"""

import argparse
import base64
import re
import sys
import tomllib
from dataclasses import dataclass
from html import escape
from itertools import combinations, pairwise, takewhile
from pathlib import Path

import nbformat
from offline_pages import without_live_views
from slide_blocks import SEE, SHOWN, Section, sections, to_html

ROOT = Path(__file__).parents[1]
OUTLINES = ROOT / "docs" / "slides"
FONT = ROOT / "docs" / "_static" / "STIXTwoMath.woff"
MAX_WORDS = 40
EXERCISE = re.compile(r"\*\*(Exercise [\d.]+\d)\.?\*\*\s*(\([^)]*\))?")
SENTENCE = re.compile(r".+?[.!?:](?=\s+[^a-z\s]|\s*$)", re.DOTALL)


@dataclass(frozen=True)
class Slide:
    """One slide: the section it comes from, title, body as HTML, lines of text, and what the speaker says."""

    section: str
    title: str
    kind: str
    body: str = ""
    text: tuple[str, ...] = ()
    notes: str = ""


def n_words(*texts: str) -> int:
    """Number of words of Markdown texts; a formula counts as one."""
    return len(re.findall(r"[^\W_][\w'’.,-]*", re.sub(r"\$[^$]+\$", " x ", " ".join(texts))))


def opening(text: str, limit: int) -> str:
    """As many whole sentences from the start of a text as stay within `limit` words; "" if the first is too long."""
    kept = ""
    for sentence in SENTENCE.findall(text.strip()):
        if n_words(kept, sentence) > limit:
            break
        kept = f"{kept} {sentence.strip()}".strip()
    return kept.removesuffix(":") + "." * kept.endswith(":")


def question(text: str, limit: int) -> str:
    """The sentences of a question to predict that stay within `limit` words; those that tell are dropped first."""
    parts = [sentence.strip() for sentence in SENTENCE.findall(text.strip())]
    while n_words(*parts) > limit:
        told = [part for part in parts if not part.endswith("?")]
        parts.remove(told[-1] if told else parts[-1])
    return " ".join(parts)


def plain_title(heading: str) -> str:
    """A heading without its number."""
    return re.sub(r"^\d+\.\s+", "", heading)


def notes_between(section: Section, start: int, stop: int) -> str:
    """The prose of a section from one block to before another, as HTML."""
    return "".join(b.html for b in section.blocks[start:stop] if b.kind in ("prose", "list", "quote", "grid"))


def seen(section: Section, position: int) -> str:
    """What the notebook says is to be seen in the block at `position`; "" if another block to see comes first."""
    for block in section.blocks[position + 1 :]:
        if block.text.startswith(SEE):
            return block.text.removeprefix(SEE).strip()
        if block.kind in SHOWN:
            return ""
    return ""


def leading_in(section: Section, position: int, limit: int) -> str:
    """The last sentence before a formula or table that says what it is; "" for others, and if it is long."""
    before = section.blocks[position - 1] if position else None
    if section.blocks[position].kind not in ("formula", "table"):
        return ""
    if before and before.kind == "code":  # a table stands below its cell, the sentence above it
        before = section.blocks[position - 2] if position > 1 else None
    if before is None or before.kind != "prose" or not (sentences := SENTENCE.findall(before.text)):
        return ""
    return opening(sentences[-1], limit)


def chunks(lines: list[str], title: str) -> list[list[str]]:
    """The lines of a list on as few slides as take them, as evenly as can be."""
    for n_cuts in range(len(lines)):
        cuts = [(0, *inner, len(lines)) for inner in combinations(range(1, len(lines)), n_cuts)]
        ways = [[lines[start:stop] for start, stop in pairwise(each)] for each in cuts]
        fitting = [way for way in ways if all(n_words(title, *part) <= MAX_WORDS for part in way)]
        if fitting:
            return min(fitting, key=lambda way: sum(n_words(*part) ** 2 for part in way))
    return [[line] for line in lines]


def list_lines(text: str) -> list[str]:
    """The entries of a Markdown list."""
    return [re.sub(r"\s+", " ", entry).strip() for entry in re.split(r"^(?:- |\d+\. )", text, flags=re.MULTILINE)[1:]]


def block_slide(section: Section, position: int, title: str, text: list[str] | None, notes: str) -> Slide:
    """The slide that shows one block."""
    block = section.blocks[position]
    if block.kind == "predict":
        body = to_html(question(block.text, MAX_WORDS - 2))
        return Slide(section.heading, "Predict first", "predict", body, (), notes + block.html)
    saying = seen(section, position)
    if text is None:
        said = opening(saying, MAX_WORDS - n_words(title))
        text = [said or leading_in(section, position, MAX_WORDS - n_words(title))]
    return Slide(section.heading, title, block.kind, block.html, tuple(filter(None, text)), notes + to_html(saying))


def exercises(section: Section) -> list[Slide]:
    """One slide with the number and the minutes of each exercise; task, hint and solution go into the notes."""
    asked = [(block, EXERCISE.match(block.text)) for block in section.blocks]
    lines = tuple(" ".join(filter(None, match.groups())) for _, match in asked if match)
    notes = "".join(block.html for block, match in asked if match or block.kind == "folded")
    return [Slide(section.heading, "Your turn", "text", "", lines, notes)] if lines else []


def slides_by_rule(section: Section) -> list[Slide]:
    """The slides of a section that no outline mentions."""
    title, made, told = plain_title(section.heading), [], 0
    if title in ("Where to go next", "References"):
        return []
    if title.startswith("Exercise"):
        return exercises(section)
    for position, block in enumerate(section.blocks):
        if block.kind in SHOWN:
            made.append(block_slide(section, position, title, None, notes_between(section, told, position)))
            told = position + 1
        elif block.kind == "list":
            parts = chunks(list_lines(block.text), title)
            following = takewhile(lambda block: block.kind != "list", section.blocks[position + 1 :])
            answers = "".join(block.html for block in following if block.kind == "folded")
            made += [Slide(section.heading, title, "text", "", tuple(part), block.html + answers) for part in parts]
    return made


def title_slides(section: Section) -> list[Slide]:
    """The first slides of a part: its question, and what will be learned."""
    prose = [block for block in section.blocks if block.kind == "prose"]
    notes = "".join(block.html for block in prose)
    return [
        Slide(section.heading, section.heading, "title", "", (), notes),
        *(Slide(s.section, "You will learn to", "text", "", s.text, s.notes) for s in slides_by_rule(section)),
    ]


def outlined(section: Section, entry: dict) -> Slide:
    """The slide of one entry of an outline."""
    title, text = entry.get("title", plain_title(section.heading)), entry.get("text")
    if "show" not in entry:
        notes = notes_between(section, 0, len(section.blocks))
        return Slide(section.heading, title, "text", "", tuple(text or ()), notes)
    position, _ = section.find(entry["show"])
    start = max((i for i, b in enumerate(section.blocks[:position]) if b.kind in SHOWN), default=-1) + 1
    return block_slide(section, position, title, text, notes_between(section, start, position))


def deck(notebook: nbformat.NotebookNode, outline: dict) -> list[Slide]:
    """The slides of a notebook, in order.

    Raises
    ------
    ValueError
        If the outline names a heading or a block that the notebook does not have.
    """
    first, *rest = sections(without_live_views(notebook))
    by_heading = {section.heading: section for section in rest}
    left_out, entries = outline.get("leave_out", []), outline.get("slide", [])
    unknown = {*left_out, *(entry["section"] for entry in entries)} - by_heading.keys()
    if unknown:
        raise ValueError(f"the outline names sections that the notebook does not have: {sorted(unknown)}")
    made = [outlined(by_heading[entry["section"]], entry) for entry in entries]
    named = {slide.section for slide in made} | set(left_out)
    before = first.heading
    made[:0] = title_slides(first)
    for section in rest:  # a section that is not named goes where it stands in the notebook
        if section.heading not in named:
            place = max(i for i, slide in enumerate(made) if slide.section == before) + 1
            made[place:place] = slides_by_rule(section)
        if any(slide.section == section.heading for slide in made):
            before = section.heading
    return made


def slide_html(slide: Slide) -> str:
    """A slide as reveal.js takes it."""
    text = "".join(f"<li>{to_html(line).strip().removeprefix('<p>').removesuffix('</p>')}</li>" for line in slide.text)
    if slide.body and text:
        text = f'<ul class="seen fragment">{text}</ul>'
    elif text:
        text = f'<ul class="lines">{text}</ul>'
    heading = "h1" if slide.kind == "title" else "h2"
    still = " data-prevent-swipe" * (slide.kind == "stepper")  # a finger drags what lives there, not the slide
    body = f'<div class="body"{still}><div class="fit">{slide.body}</div></div>' if slide.body else ""
    return (
        f'<section class="{slide.kind}"><{heading}>{escape(slide.title)}</{heading}>{body}{text}'
        f'<aside class="notes">{slide.notes}</aside></section>'
    )


def page(slides: list[Slide]) -> str:
    """The deck as one HTML page, with all it needs in it."""
    read = lambda name: (OUTLINES / name).read_text(encoding="utf-8").replace("</script", "<\\/script")  # noqa: E731
    font = f"data:font/woff;base64,{base64.b64encode(FONT.read_bytes()).decode()}"
    style = read("reveal/reveal.css") + read("slides.css").replace("../_static/STIXTwoMath.woff", font)
    return "\n".join(
        [
            f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(slides[0].title)}</title>',
            f"<style>{style}</style></head>",
            f'<body><div class="reveal"><div class="slides">{"".join(map(slide_html, slides))}</div></div>',
            f"<script>{read('reveal/reveal.js')}</script><script>{read('reveal/notes.js')}</script>",
            f"<script>{read('slides.js')}</script></body></html>\n",
        ]
    )


def make(path: Path) -> list[Slide]:
    """The slides of the notebook at `path`."""
    outline = OUTLINES / f"{path.stem}.toml"
    said = tomllib.loads(outline.read_text(encoding="utf-8")) if outline.exists() else {}
    return deck(nbformat.read(path, as_version=4), said)


def main() -> int:
    """Write a page a part."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "slides", help="folder (default: build/slides)")
    output = parser.parse_args().output
    output.mkdir(parents=True, exist_ok=True)
    for path in sorted((ROOT / "notebooks").glob("0*.ipynb")):
        slides = make(path)
        (output / f"{path.stem}.html").write_text(page(slides), encoding="utf-8")
        print(f"{output / path.stem}.html: {len(slides)} slides")
    return 0


if __name__ == "__main__":
    sys.exit(main())
