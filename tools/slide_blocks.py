"""A notebook taken apart for slides: sections, and in each section the blocks that stand there, in order."""

import re
from dataclasses import dataclass, field
from html import escape

import nbformat
from nbconvert.filters.markdown_mistune import MarkdownWithMath
from offline_pages import MathMLRenderer
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

KINDS = (
    "predict",
    "formula",
    "list",
    "grid",
    "quote",
    "code",
    "figure",
    "stepper",
    "table",
    "output",
    "prose",
    "folded",
)
SHOWN = ("predict", "formula", "figure", "stepper", "table")  # what becomes a slide unless an outline says otherwise
MAX_ROWS = 9
ASKED = re.compile(r"\*\*(\d+\.)\*\*")  # the number of a question in a quiz
SEE = "**What we see.**"
FOLDED = re.compile(r"<details><summary>Guess first, then unfold</summary>\s*(.*?)\s*</details>", re.DOTALL)
ASKS = ("Predict: ", "My guesses", "Rate movies")  # a room guesses aloud: what asks for a guess is no slide
PREDICT = re.compile(r"\*\*Predict first[.:]\*\*")
PARAGRAPH = re.compile(r"<details>.*?</details>|```.*?```|\$\$.*?\$\$|\S.*?(?=\n\s*\n|\n<details>|\Z)", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A piece of a notebook: its kind, its source as text, and the HTML that shows it."""

    kind: str
    text: str
    html: str


@dataclass
class Section:
    """A heading and the blocks below it, down to the next heading of any level."""

    heading: str
    blocks: list[Block] = field(default_factory=list)

    def find(self, show: str) -> tuple[int, Block]:
        """Position and block of, say, "figure" or "figure 2", counted within the section.

        Raises
        ------
        ValueError
            If the section has no such block.
        """
        kind, _, number = show.partition(" ")
        found = [(i, block) for i, block in enumerate(self.blocks) if block.kind == kind]
        if kind not in KINDS or len(found) < int(number or 1):
            has = ", ".join(f"{sum(b.kind == k for b in self.blocks)} {k}" for k in KINDS)
            raise ValueError(f"section {self.heading!r} has no {show!r}; it has {has}")
        return found[int(number or 1) - 1]


def to_html(markdown: str) -> str:
    """Markdown as HTML, formulas as MathML."""
    return MarkdownWithMath(renderer=MathMLRenderer(escape=False)).render(markdown)


def kind_of(paragraph: str) -> str:
    """What a paragraph of Markdown is."""
    if PREDICT.search(paragraph):
        return "predict"
    if re.match(r"(-|\d+\.) ", paragraph):
        return "list"
    starts = {"$$": "formula", "|": "grid", "> ": "quote", "```": "code", "<details>": "folded"}
    return next((kind for start, kind in starts.items() if paragraph.startswith(start)), "prose")


def markdown_blocks(paragraph: str) -> list[Block]:
    """The block of one paragraph; if it asks to predict, what stands before that, and the question itself."""
    kind = kind_of(paragraph)
    if kind == "predict":
        before, question = PREDICT.split(re.sub(r"^> ?", "", paragraph, flags=re.MULTILINE), maxsplit=1)
        before, question = before.strip(), question.strip()
        if question[0].islower():  # it goes on from what stands before it
            whole = f"{before} {question[0].upper()}{question[1:]}"
            return [Block(kind, whole, to_html(whole))]
        return [*(markdown_blocks(before) if before else []), Block(kind, question, to_html(question))]
    return [Block(kind, paragraph, to_html(paragraph).replace("<details>", "<details open>"))]


def short_table(html: str) -> str:
    """A table of at most `MAX_ROWS` rows: of a longer one the first and the last; nobody reads twenty on a wall.

    Long names in its head may break after an underscore.
    """
    html = re.sub(r">([^<>]*_[^<>]*)</th>", lambda head: f">{head[1].replace('_', '_<wbr>')}</th>", html)
    head, body, rest = html.partition("<tbody>")
    rows = re.findall(r"<tr.*?</tr>", rest, re.DOTALL)
    if len(rows) <= MAX_ROWS or "rowspan" in rest:
        return html
    gap = '<tr><td colspan="99" style="text-align:center">...</td></tr>'
    return "".join([head, body, *rows[: MAX_ROWS - 2], gap, rows[-1], rest[rest.rindex("</tr>") + len("</tr>") :]])


def output_block(output) -> Block | None:
    """The block of one output of a code cell; None for what a slide cannot show."""
    data = output.get("data", {})
    if "image/png" in data:
        alt = output.get("metadata", {}).get("image/png", {}).get("alt") or data.get("text/plain", "")
        picture = data["image/png"].replace("\n", "")
        return Block("figure", alt, f'<img src="data:image/png;base64,{picture}" alt="{escape(alt)}">')
    if data.get("text/plain", "").startswith(ASKS):
        return None
    if "text/html" in data:
        if '<figure class="workshop"' in data["text/html"]:
            return Block("stepper", data.get("text/plain", ""), data["text/html"])
        if "<table" in data["text/html"]:
            return Block("table", data.get("text/plain", ""), short_table(data["text/html"]))
    text = re.sub(r"\n(Name: .*, )?dtype: \w+$", "", output.get("text") or data.get("text/plain", ""))
    return Block("output", text, f"<pre>{escape(text.rstrip())}</pre>") if text else None


def code_block(source: str) -> Block:
    """The block of a code cell, coloured."""
    return Block("code", source, highlight(source, PythonLexer(), HtmlFormatter(noclasses=True, style="tango")))


def merged(outputs: list[Block]) -> list[Block]:
    """The outputs of a cell, text that was printed in several pieces put together."""
    text = "".join(block.text for block in outputs if block.kind == "output")
    others = [block for block in outputs if block.kind != "output"]
    return ([Block("output", text, f"<pre>{escape(text.rstrip())}</pre>")] if text else []) + others


def sections(notebook: nbformat.NotebookNode) -> list[Section]:
    """The sections of an executed notebook; the first one has the title as its heading."""
    found = [Section("")]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            outputs = [block for output in cell.outputs if (block := output_block(output))]
            found[-1].blocks += [code_block(cell.source), *merged(outputs)]
            continue
        for paragraph in PARAGRAPH.findall(FOLDED.sub(r"\1", cell.source)):
            paragraph = ASKED.sub(r"\1", paragraph.strip(), count=1)
            heading, _, rest = paragraph.partition("\n") if paragraph.startswith("#") else ("", "", paragraph)
            if heading:
                found.append(Section(heading.lstrip("# ").strip()))
            if rest.strip():
                found[-1].blocks += markdown_blocks(rest.strip())
    if found[0].blocks:  # a cell before the title, such as one that installs, belongs to the first section
        found[1].blocks[:0] = found[0].blocks
    return found[1:]
