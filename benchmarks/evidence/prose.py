"""What the notebooks say: their sentences, which of them state a figure or compare, and what cells above printed."""

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOTEBOOKS = {path.stem: path for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}
EXEMPT = tomllib.loads((Path(__file__).parent / "exempt.toml").read_text(encoding="utf-8"))

# Words by which a sentence says that one thing does better than another, or changes with it.
COMPARES = re.compile(
    r"\b(better|worse|ahead|beats?|wins?|won|winner|loses?|lost|leads?|level|enough|gains?|helps?|hurts?|pays|saves?"
    r"|falls?|fell|rises?|rose|grows?|lower|higher|nearer|nearest|hardly|twice|half|double|times|third|quarter"
    r"|error of a difference|standard errors?)\b",
    re.IGNORECASE,
)
NUMBER = re.compile(r"(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?(?![\w]|[.,]\d)%?|(?<![\w.])\.\d+")
CODE = re.compile(r"```.*?```", re.DOTALL)
NO_SENTENCE = [
    re.compile(r"\$\$.*?\$\$", re.DOTALL),  # formulas
    re.compile(r"^\|.*$", re.MULTILINE),  # tables
    re.compile(r"^#.*$", re.MULTILINE),  # headings
    re.compile(r"<summary>.*?</summary>|<[^>]*>"),  # tags
    re.compile(r"^Help: .*$", re.MULTILINE),  # where hints are
]
ASKS = ("> **Predict", "**Predict", "**Takes**", "**Exercise", "(a)")  # paragraphs that ask, or say how long it takes
NAMES = (
    "[Pp]arts?|[Ss]ections?|[Ee]xercises?|equations?|eq\\.|figures?|Lemma|user|item|[Rr]ound|[Ss]tep|[Tt]rial|seed|cluster"
    "|[Cc]onfig|worker|Hint|Solution|NDCG@?"
)
NO_FIGURE = re.compile(
    r"`[^`]*`|\$[^$]*\$|\[[^\]]*\]\([^)]*\)"  # code, formulas, links
    r"|\([^()]*\b(?:19|20)\d\d[^()]*\)|\b(?:19|20)\d\d\b"  # citations, years
    rf"|\b(?:{NAMES})[ @](?:\d[\d.,]*(?: (?:and|to|or) |, )?)+"  # names of things
    r"|^(?:\*\*)?\d+\.(?:\*\*)?\s"  # numbers of a list
)


@dataclass(frozen=True)
class Sentence:
    """A sentence of a notebook, and the figures that cells above it show, in code or output."""

    notebook: str
    section: str
    text: str
    shown: frozenset[str]

    @property
    def figures(self) -> list[str]:
        """Numbers that the sentence states; those of citations, sections, code and formulas are not among them."""
        return [figure.rstrip(".,") for figure in NUMBER.findall(NO_FIGURE.sub(" ", self.text))]

    @property
    def compares(self) -> bool:
        """True if the sentence says that something does better, or changes with something."""
        return bool(COMPARES.search(NO_FIGURE.sub(" ", self.text)))

    @property
    def is_shown(self) -> bool:
        """True if every figure stands in a cell above, exactly, or rounded to the digits that are stated."""
        return all(_is_among(figure, self.shown) for figure in self.figures)

    @property
    def exempt(self) -> str:
        """Why the sentence needs no row: a reason of ``exempt.toml``, or an empty text."""
        for reason, starts in EXEMPT.items():
            if any(self.text.startswith(start) for start in starts):
                return reason
        return ""


def plain(text: str) -> str:
    """Return `text` on one line, with single spaces."""
    return " ".join(text.split())


@cache
def sentences(notebook: str) -> tuple[Sentence, ...]:
    """Return every sentence of a notebook, in order; references and questions to the reader are left out."""
    return tuple(_sentences(notebook))


def _sentences(notebook) -> Iterator[Sentence]:
    shown: set[str] = set()
    section = ""
    cells = json.loads(NOTEBOOKS[notebook].read_text(encoding="utf-8"))["cells"]
    for cell, following in pairwise([*cells, {"cell_type": "markdown", "source": []}]):
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            shown |= set(NUMBER.findall(_texts(cell["outputs"])))
            continue
        if following["cell_type"] == "code":  # what a cell is told may be said before it
            shown |= set(NUMBER.findall("".join(following["source"])))
        source = CODE.sub("\n\n", source.split("## References")[0])
        for block in re.split(r"\n(?=#)", source):
            heading = re.match(r"#+ (.*)", block)
            section = heading.group(1) if heading else section
            if section == "Check yourself":
                continue
            for pattern in NO_SENTENCE:
                block = pattern.sub("\n\n", block)
            for paragraph in re.split(r"\n\s*\n|\n(?=- |\d+\. |> )", block):
                if not paragraph.startswith(ASKS):
                    for text in re.split(r"(?<=[.!?])[)*]*\s+(?=[A-Z*`(\"])", plain(paragraph.lstrip("-> "))):
                        if text and not text.endswith("?") and not re.fullmatch(r"\W*\d+\.\W*", text):
                            yield Sentence(notebook, section, text, frozenset(shown))


def _texts(outputs):
    parts = []
    for output in outputs:
        parts += [output.get("text", ""), output.get("data", {}).get("text/plain", "")]
        html = "".join(output.get("data", {}).get("text/html", ""))
        parts += [" ".join(re.findall(r"<t[dh][^>]*>([^<]*)<", html))]
    return "\n".join("".join(part) for part in parts)


def _is_among(figure, shown):
    if figure in shown:
        return True
    text = figure.replace(",", "").rstrip("%")
    decimals = len(text.partition(".")[2])
    if figure.endswith("%"):  # 71% is among the outputs if 0.709 is
        return any(_rounds_to(value, float(text) / 100, decimals + 2) for value in shown)
    return any(_rounds_to(value, float(text), decimals) for value in shown)


def _rounds_to(value, figure, decimals):
    value = value.replace(",", "").rstrip("%")
    if len(value.partition(".")[2]) < decimals:
        return False
    return abs(float(value) - figure) <= 0.5 * 10**-decimals + 1e-9
