"""Something that lives in a page: HTML, data and a script in one piece, with no kernel, no network and no library.

It works in JupyterLab, in an exported page, and as a page of its own. Where scripts may not run (a notebook that is not
trusted yet), the static part is still there.
"""

from __future__ import annotations

import json
from html import escape
from pathlib import Path

HERE = Path(__file__).parent
STYLE = (HERE / "in_page.css").read_text(encoding="utf-8")


class InPage:
    """A living piece of a page; a notebook shows it when it is the last value of a cell.

    Parameters
    ----------
    script : path
        A file with one JavaScript function of (root, data); it is called once, when the piece is shown. `root` is
        the HTML element of the piece.
    data : object
        What the script works with; has to be JSON.
    static : str
        HTML that stands there before the script runs, and where it may not run.
    name : str
        What it is, for screen readers and as plain text.

    Examples
    --------
    >>> InPage(HERE / "stepper.js", {"frames": []}, static="<p>two</p>", name="Two pictures")
    Two pictures
    """

    def __init__(self, script, data, *, static: str, name: str):
        self.script, self.data, self.static, self.name = Path(script), data, static, name

    def __repr__(self):
        return self.name

    @property
    def html(self) -> str:
        """The piece as HTML to be put into a page, its script and style included."""
        data = json.dumps(self.data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
        return (
            f'<figure class="workshop" role="group" aria-label="{escape(self.name)}" tabindex="0" '
            f'data-lm-suppress-shortcuts="true"><style>{STYLE}</style>{self.static}'
            f"<script>({self.script.read_text(encoding='utf-8').strip()})"
            f"(document.currentScript.parentElement, {data});</script></figure>"
        )

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": self.html, "text/plain": self.name}

    def save(self, path) -> None:
        """Nothing; writes the piece as a page of its own, which any browser opens, offline too.

        Examples
        --------
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     InPage(HERE / "stepper.js", {}, static="<p>two</p>", name="Two").save(f"{folder}/two.html")
        ...     Path(folder, "two.html").read_text(encoding="utf-8")[:15]
        '<!DOCTYPE html>'
        """
        head = f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(self.name)}</title></head>'
        Path(path).write_text(f"{head}<body>{self.html}</body></html>\n", encoding="utf-8")
