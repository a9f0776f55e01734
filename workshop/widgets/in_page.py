"""What lives in a page: HTML, data and a script in one piece, with no kernel, no network and no library.

It works in JupyterLab, in an exported page, and as a page of its own. Where scripts may not run (a notebook that is not
trusted yet), the static part is still there.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from html import escape
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from workshop.plots.style import snapshot

HERE = Path(__file__).parent


def _file(name):
    return (HERE / name).read_text(encoding="utf-8").strip()


class InPage:
    """A living piece of a page; a notebook shows it when it is the last value of a cell.

    Parameters
    ----------
    script : str
        A file beside this one with one JavaScript function of (root, data); it is called once, when the piece is shown.
        `root` is the HTML element of the piece.
    data : object
        What the script works with; has to be JSON.
    static : str
        HTML that stands there before the script runs, and where it may not run.
    name : str
        What it is, for screen readers and as plain text.
    uses : sequence of str
        Files that the script needs, each with one JavaScript function; the script is given what these return, in order.

    Examples
    --------
    >>> InPage("stepper.js", {"frames": []}, static="<p>two</p>", name="Two pictures")
    Two pictures
    """

    def __init__(self, script: str, data: Any, *, static: str, name: str, uses: Sequence[str] = ()):
        self.script, self.data, self.static, self.name, self.uses = script, data, static, name, uses

    def __repr__(self):
        return self.name

    @property
    def html(self) -> str:
        """The piece as HTML to be put into a page, its script and style included."""
        data = json.dumps(self.data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
        used = "".join(f", ({_file(name)})()" for name in self.uses)
        return (
            f'<figure class="workshop" aria-label="{escape(self.name)}" tabindex="0" '
            f'data-lm-suppress-shortcuts="true"><style>{_file("in_page.css")}</style>{self.static}'
            f"<script>((root) => {{ ({_file(self.script)})(root, {data}{used}); ({_file('keys.js')})(root); }})"
            "(document.currentScript.parentElement);</script></figure>"
        )

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": self.html, "text/plain": self.name}

    def save(self, path: str | Path) -> None:
        """Write the piece as a page of its own, which any browser opens, offline too.

        Examples
        --------
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     InPage("stepper.js", {}, static="<p>two</p>", name="Two").save(f"{folder}/two.html")
        ...     Path(folder, "two.html").read_text(encoding="utf-8")[:15]
        '<!DOCTYPE html>'
        """
        head = '<!DOCTYPE html>\n<html lang="en" data-theme="auto"><head><meta charset="utf-8">'
        meta = '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        body = f"<title>{escape(self.name)}</title></head><body>{self.html}</body></html>\n"
        Path(path).write_text(head + meta + body, encoding="utf-8")


def still(drawn: Any) -> str:
    """Return a drawing (Axes, or an array of these) as HTML, with its alternative text, for where no script runs.

    Examples
    --------
    >>> from workshop.plots.style import describe, new_axes
    >>> still(describe(new_axes(), "An empty plot."))[:36]
    '<img alt="An empty plot." src="data:'
    """
    picture, text = snapshot(drawn)
    return f'<img alt="{escape(text)}" src="{_source(picture)}">'


def _source(picture):
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"


class Animation(InPage):
    """Frames to be stepped through, forwards and backwards, by buttons, slider and arrow keys; see `animate`.

    Attributes
    ----------
    controls : dict of str to list of str
        What can be chosen; the first is stepped through, the others are menus.
    frames : list of (bytes, str)
        PNG file and alternative text of each combination; the first control runs fastest.
    """

    def __init__(
        self, frames: Sequence[tuple[bytes, str]], controls: Mapping[str, list[str]], *, name: str, start: Sequence[int]
    ):
        self.frames, self.controls = frames, controls
        sources = [_source(picture) for picture, _ in frames]
        shape = [len(options) for options in controls.values()]
        place = int(np.ravel_multi_index(tuple(start), shape, order="F"))
        alt = escape(frames[place][1])
        super().__init__(
            "stepper.js",
            {
                "frames": [{"source": source, "alt": text} for source, (_, text) in zip(sources, frames, strict=True)],
                "controls": [{"name": key, "options": options} for key, options in controls.items()],
                "start": list(start),
            },
            static=f'<img alt="{alt}" src="{sources[place]}"><figcaption class="note">{alt}</figcaption>',
            name=name,
        )


def animate(
    draw: Callable, controls: Mapping[str, Sequence], *, name: str, start: Sequence[int] | None = None
) -> Animation:
    """Return every picture that `draw` makes of every combination of choices; a notebook shows them as one stepper.

    Parameters
    ----------
    draw : callable
        Called with a value of each control, in their order; returns the Axes (or an array of these) of a figure, always
        of the same size.
    controls : mapping of str to sequence
        What can be chosen. The first is stepped through; the others become menus.
    name : str
        What the pictures show together.
    start : sequence of int, optional
        Which value of each control is shown first, and where scripts may not run; the first of each if not given.

    Examples
    --------
    >>> from workshop.plots.layouts import plot_curse
    >>> from workshop.tuning.analysis import curse_table
    >>> steps = animate(lambda jobs: plot_curse(curse_table(), max_parallel=jobs), {"jobs": [1, 4]}, name="The curse")
    >>> steps, len(steps.frames), steps.controls
    (The curse, 2, {'jobs': ['1', '4']})
    """
    if not controls or not all(len(options) for options in controls.values()):
        raise ValueError(f"controls={dict(controls)!r} must name at least one choice, and each needs a value")
    labels = {key: [f"{o:g}" if isinstance(o, float) else str(o) for o in options] for key, options in controls.items()}
    start = [0] * len(labels) if start is None else list(start)
    if len(start) != len(labels) or any(i not in range(len(o)) for i, o in zip(start, labels.values(), strict=True)):
        raise ValueError(f"start={start!r} must give the position of a value for each of {list(labels)}")
    backwards = [list(options) for options in controls.values()][::-1]
    frames = [snapshot(draw(*choice[::-1])) for choice in product(*backwards)]
    return Animation(frames, labels, name=name, start=start)
