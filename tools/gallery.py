"""The gallery of live pictures, a part of the site (`make site`): one page of all, and a page of its own for each.

The pictures stand in ``docs/gallery/pictures.toml``. A page of its own fills the screen of a projector, has no side
columns, and is one file that needs no other: ``docs/gallery/belief.html`` in the site, say.
"""

import ast
import runpy
import tomllib
from dataclasses import dataclass
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from matplotlib import rc_context

from workshop.plots import use_style
from workshop.widgets.in_page import InPage

DOCS = Path(__file__).parents[1] / "docs"
NOTEBOOKS = {int(path.name[1]): path.name for path in sorted((DOCS.parent / "notebooks").glob("0*.ipynb"))}


@dataclass(frozen=True)
class Picture:
    """A row of the table: where a picture belongs, what to try with it, and the code that makes it."""

    name: str
    title: str
    part: int
    section: str
    to_try: str
    code: str

    def made(self) -> InPage:
        """The picture, made by running the code as a notebook would: what the last statement says is shown."""
        lines, last = self.code.splitlines(), ast.parse(self.code).body[-1]
        lines[last.lineno - 1] = "shown = " + lines[last.lineno - 1]
        with rc_context(), TemporaryDirectory() as folder:
            use_style()
            path = Path(folder) / f"{self.name}.py"
            path.write_text("\n".join(lines), encoding="utf-8")
            picture = runpy.run_path(str(path))["shown"]
        return getattr(picture, "page", picture)  # of a widget, the piece that lives in the page


def pictures() -> list[Picture]:
    """The rows of the table, in order."""
    table = tomllib.loads((DOCS / "gallery" / "pictures.toml").read_text(encoding="utf-8"))
    return [Picture(name, to_try=row.pop("try"), **row) for name, row in table.items()]


def section(picture: Picture, made: InPage) -> str:
    """What the page of all pictures has of one, as Markdown."""
    own = f'<a href="gallery/{picture.name}.html">Show it alone, to project it</a>'
    return f"""
({picture.name})=
## {picture.title}

{picture.to_try} {own}. Part {picture.part}, [{picture.section}](../notebooks/{NOTEBOOKS[picture.part]}).

````````{{raw}} html
{made.html}
````````

```python
{picture.code.strip()}
```
"""


def page(picture: Picture, made: InPage, before: Picture, after: Picture) -> str:
    """The page of its own of a picture, with links to the one before it and the one after it."""
    read = lambda name: (DOCS / "gallery" / name).read_text(encoding="utf-8")  # noqa: E731
    links = [
        f'<a href="{each.name}.html" rel="{rel}">{escape(each.title)}</a>'
        for each, rel in ((before, "prev"), (after, "next"))
    ]
    links.insert(1, f'<a href="../gallery.html#{picture.name}">All pictures</a>')
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en" data-theme="auto"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">',
            f"<title>{escape(picture.title)}</title><style>{read('alone.css')}</style></head><body>",
            f"<header><h1>{escape(picture.title)}</h1><p>{escape(picture.to_try)}</p></header>",
            f'<main>{made.html}</main><nav aria-label="Pictures">{" ".join(links)}</nav>',
            f"<script>{read('alone.js')}</script></body></html>\n",
        ]
    )


def write(folder: Path, made: dict[Picture, InPage]) -> None:
    """Write a page of its own for each picture into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = list(made)
    for number, (picture, piece) in enumerate(made.items()):
        before, after = rows[number - 1], rows[(number + 1) % len(rows)]
        (folder / f"{picture.name}.html").write_text(page(picture, piece, before, after), encoding="utf-8")
