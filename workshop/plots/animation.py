"""Pictures that step: drawn once, flipped through in the page, saved for slides with one call."""

from __future__ import annotations

import base64
import io
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from html import escape
from itertools import product
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from workshop.plots.in_page import HERE, InPage
from workshop.plots.style import alternative_text


def snapshot(drawn, *, dpi: float = 80) -> tuple[bytes, str]:
    """A small PNG file of a drawing, and its alternative text; the figure is closed.

    Parameters
    ----------
    drawn : Axes or array of Axes
        What a plot function returned.
    dpi : float
        Pixels an inch.

    Examples
    --------
    >>> from workshop.plots import describe, new_axes
    >>> picture, text = snapshot(describe(new_axes(), "An empty plot."))
    >>> picture[1:4], text
    (b'PNG', 'An empty plot.')
    """
    figure = np.ravel(np.asarray(drawn, dtype=object))[0].figure
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, facecolor="white")
    text = alternative_text(figure)
    plt.close(figure)
    small = io.BytesIO()
    picture = Image.open(buffer).convert("RGB")  # 256 colours spread evenly: a quarter of the bytes, no bands in a map
    picture.quantize(method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(small, "png", optimize=True)
    return small.getvalue(), text


class Animation(InPage):
    """Frames to be stepped through, forwards and backwards, by buttons, slider and arrow keys; see `animate`.

    Attributes
    ----------
    controls : dict of str to list of str
        What can be chosen; the first is stepped through, the others are menus.
    frames : list of (bytes, str)
        PNG file and alternative text of each combination; the first control runs fastest.
    """

    def __init__(self, frames, controls, *, name: str, start: Sequence[int], seconds: float = 0.8):
        if not 0 < seconds < 3600:
            raise ValueError(f"seconds={seconds!r} a frame cannot be played; give a number above 0, 0.8 say")
        self.frames, self.controls, self.start, self.seconds = frames, controls, list(start), seconds
        png, alt = frames[self._place(start)]
        encoded = [{"png": base64.b64encode(image).decode(), "alt": text} for image, text in frames]
        source = f"data:image/png;base64,{base64.b64encode(png).decode()}"
        super().__init__(
            HERE / "stepper.js",
            {
                "frames": encoded,
                "controls": [{"name": key, "options": options} for key, options in controls.items()],
                "start": self.start,
                "milliseconds": round(1000 * seconds),
            },
            static=f'<img alt="{escape(alt)}" src="{source}"><figcaption class="note">{escape(alt)}</figcaption>',
            name=name,
        )

    def _place(self, chosen) -> int:
        """The number of the frame of a choice (a position per control)."""
        sizes = [len(options) for options in self.controls.values()]
        return int(np.ravel_multi_index(tuple(chosen), sizes, order="F"))

    def save(self, path, *, seconds: float | None = None) -> None:
        """Nothing; writes a file for slides: .html (steps by itself or by key), .gif, or .mp4 where ffmpeg is.

        Parameters
        ----------
        path : path
            Its ending says what is written. GIF and MP4 play the first control, the others as they stood at the start.
        seconds : float, optional
            How long each frame stands; as the animation plays in the page, if not given.

        Raises
        ------
        ValueError
            For another ending.
        RuntimeError
            For .mp4 without ffmpeg, or if ffmpeg fails.
        """
        path, seconds = Path(path), seconds or self.seconds
        if path.suffix == ".html":
            return super().save(path)
        places = [self._place([step, *self.start[1:]]) for step in range(len(next(iter(self.controls.values()))))]
        if path.suffix == ".gif":
            first, *others = [Image.open(io.BytesIO(self.frames[place][0])) for place in places]
            first.save(path, save_all=True, append_images=others, duration=round(1000 * seconds), loop=0)
        elif path.suffix == ".mp4":
            _write_mp4(path, [self.frames[place][0] for place in places], seconds)
        else:
            raise ValueError(f"path={str(path)!r} must end in .html, .gif or .mp4")


def _write_mp4(path, pictures, seconds):
    if shutil.which("ffmpeg") is None:
        raise RuntimeError("MP4 needs ffmpeg, which is not on this machine; install it, or save as .gif or .html")
    even = "pad=ceil(iw/2)*2:ceil(ih/2)*2:color=white"
    command = f"ffmpeg -y -loglevel error -f image2pipe -framerate {1 / seconds} -c:v png -i - -vf {even} -r 25".split()
    command += ["-pix_fmt", "yuv420p", str(path)]
    done = subprocess.run(command, input=b"".join(pictures), capture_output=True)
    if done.returncode:
        raise RuntimeError(f"ffmpeg could not write {path}: {done.stderr.decode(errors='replace').strip()}")


def animate(
    draw: Callable,
    controls: Mapping[str, Sequence],
    *,
    name: str,
    start: Sequence[int] | None = None,
    dpi: float = 80,
    seconds: float = 0.8,
) -> Animation:
    """Every picture that `draw` makes of every combination of choices; a notebook shows them as one stepper.

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
    dpi : float
        Pixels an inch; 80 keeps twelve frames of usual size below 200 kB.
    seconds : float
        How long each frame stands when played.

    Examples
    --------
    >>> from workshop.plots.curse import curse_table, plot_curse
    >>> steps = animate(lambda jobs: plot_curse(curse_table(), max_parallel=jobs), {"jobs": [1, 4]}, name="The curse")
    >>> steps, len(steps.frames), steps.controls
    (The curse, 2, {'jobs': ['1', '4']})
    """
    if not controls or not all(len(options) for options in controls.values()):
        raise ValueError(f"controls={dict(controls)!r} must name at least one choice, and each needs a value")
    labels = {key: [f"{o:g}" if isinstance(o, float) else str(o) for o in options] for key, options in controls.items()}
    backwards = [list(options) for options in controls.values()][::-1]
    frames = [snapshot(draw(*choice[::-1]), dpi=dpi) for choice in product(*backwards)]
    start = (
        [0] * len(labels) if start is None else [range(len(o))[i] for o, i in zip(labels.values(), start, strict=True)]
    )
    return Animation(frames, labels, name=name, start=start, seconds=seconds)
