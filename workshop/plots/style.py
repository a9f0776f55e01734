"""One look for every figure: fonts readable from the back row, colours told apart by colour-blind eyes.

The colours are those of Okabe and Ito (2008), "Color universal design". A plot function draws, says in words what it
drew with `describe`, and returns the Axes; the notebook decides when to `show`.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike
from PIL import Image

from workshop.datasets.ratings import check_numbers

BLACK = "#000000"
ORANGE = "#E69F00"
SKY = "#56B4E9"
GREEN = "#009E73"
YELLOW = "#F0E442"
BLUE = "#0072B2"
RED = "#D55E00"
PINK = "#CC79A7"
GREY = "#999999"
PALE = "#DDDDDD"
CYCLE = (BLUE, RED, GREEN, PINK, ORANGE, SKY, BLACK, YELLOW)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")

STRATEGY_COLOURS = {"grid": ORANGE, "random": BLUE, "bayesian": GREEN, "hyperband": PINK}
STRATEGY_MARKERS = {"grid": "s", "random": "o", "bayesian": "^", "hyperband": "D"}

RC: dict = {
    "figure.figsize": (10, 4.5),
    "figure.dpi": 100,
    "figure.constrained_layout.use": True,
    "figure.facecolor": "white",
    "savefig.dpi": 100,
    "font.size": 15,
    "axes.titlesize": 17,
    "axes.titlelocation": "left",
    "axes.titlepad": 12,
    "axes.labelsize": 15,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.prop_cycle": plt.cycler(color=CYCLE),
    "grid.color": PALE,
    "grid.linewidth": 0.8,
    "xtick.labelsize": 14,
    "ytick.labelsize": 14,
    "legend.fontsize": 14,
    "legend.frameon": False,
    "lines.linewidth": 2.5,
    "lines.markersize": 8,
    "image.cmap": "viridis",
}


def use_style() -> None:
    """Give every figure drawn from now on the look of the workshop, whatever was set before.

    It begins with matplotlib's defaults, so that neither a ``matplotlibrc`` nor another style shines through. In a
    notebook, figures appear in the page, also where a start-up file has asked for windows.

    Examples
    --------
    >>> use_style()
    >>> plt.rcParams["font.size"]
    15.0
    """
    from IPython import get_ipython

    ours = get_ipython()
    if hasattr(ours, "kernel") and not plt.get_backend().startswith(("module://", "inline", "widget")):
        ours.run_line_magic("matplotlib", "inline")
    plt.rcdefaults()
    plt.rcParams.update(RC)


def new_axes(ax: Axes | None = None, *, width: float = 10, height: float = 4.5) -> Axes:
    """Return the Axes given or, if there are none, those of a new figure of `width` by `height` inches.

    Examples
    --------
    >>> new_axes(ax := new_axes(width=5, height=3)) is ax
    True
    """
    if not (0 < width < np.inf and 0 < height < np.inf):
        raise ValueError(f"width={width!r} and height={height!r} must be positive numbers of inches")
    return plt.subplots(figsize=(width, height))[1] if ax is None else ax


def new_panels(rows: int, columns: int, *, width: float, height: float, **shared: Any) -> np.ndarray:
    """Return the Axes (rows, columns) of a new figure of `width` by `height` inches; `shared` as of plt.subplots.

    Examples
    --------
    >>> new_panels(1, 3, width=9, height=3, sharey=True).shape
    (1, 3)
    """
    return plt.subplots(rows, columns, figsize=(width, height), squeeze=False, **shared)[1]


def numbers(name: str, values: ArrayLike, *, shape: tuple[int | None, ...] = (None,)) -> np.ndarray:
    """Return what is to be drawn as finite numbers of this shape, None for any number but 0; ValueError if not.

    Examples
    --------
    >>> numbers("counts", [])
    Traceback (most recent call last):
    ValueError: counts has shape (0,); it must hold n numbers
    """
    array = np.asarray(values)
    fits = array.size and array.ndim == len(shape)
    if not fits or array.shape != tuple(n or found for n, found in zip(shape, array.shape, strict=True)):
        wanted = " x ".join("n" if n is None else str(n) for n in shape)
        raise ValueError(f"{name} has shape {array.shape}; it must hold {wanted} numbers")
    return check_numbers(name, array.ravel()).reshape(array.shape)


def plain(text: object) -> str:
    r"""Return the text such that matplotlib draws it as it stands: what is between two dollars is not a formula.

    Examples
    --------
    >>> print(plain("AUC"), plain("$x$"))
    AUC \$x\$
    """
    return str(text).replace("$", r"\$")


def coloured(named: Mapping) -> list[tuple]:
    """Return (name, value, colour, marker) of each of at most 8 things; so many can be told apart.

    Examples
    --------
    >>> coloured({"Ann": 3.5, "Bo": 4.0})
    [('Ann', 3.5, '#0072B2', 'o'), ('Bo', 4.0, '#D55E00', 's')]
    """
    if not isinstance(named, Mapping):
        raise TypeError(f"{type(named).__name__} has no names to write beside what is drawn; give a dict by name")
    if len(named) > len(CYCLE):
        raise ValueError(f"{len(named)} in one picture, {list(named)}; there are {len(CYCLE)} colours, so draw fewer")
    return [(*pair, *look) for pair, look in zip(named.items(), zip(CYCLE, MARKERS, strict=True), strict=False)]


def name_rows(ax: Axes, names: Iterable, label: str = "") -> None:
    """Write the names down the side of the Axes, the first at the top, and the label below.

    Examples
    --------
    >>> name_rows(ax := new_axes(), ["Ann", "Bo"], "error (stars)")
    >>> [text.get_text() for text in ax.get_yticklabels()], ax.get_xlabel()
    (['Ann', 'Bo'], 'error (stars)')
    """
    rows = list(map(plain, names))
    ax.set(yticks=range(len(rows)), yticklabels=rows, xlabel=plain(label), ylim=(len(rows) - 0.5, -0.5))


def describe(ax: Axes, text: str) -> Axes:
    """Return the same Axes, now with alternative text: what a reader who cannot see the figure should know.

    One or two sentences, with the numbers that matter, kept as the label of the Axes.

    Examples
    --------
    >>> describe(new_axes(), "Ratings per user: median 71.").get_label()
    'Ratings per user: median 71.'
    """
    ax.set_label(text)
    return ax


def alternative_text(figure: Figure) -> str:
    """Return what `describe` said of the Axes of a figure, in drawing order; '' if nothing.

    Examples
    --------
    >>> alternative_text(describe(new_axes(), "An empty plot.").figure)
    'An empty plot.'
    """
    labels = (str(ax.get_label()) for ax in figure.axes)
    return " ".join(label for label in labels if label not in ("", "<colorbar>"))


def snapshot(drawn: Axes | np.ndarray) -> tuple[bytes, str]:
    """Return a small PNG file of a drawing (Axes, or an array of these) and its alternative text; close the figure.

    At 80 pixels an inch twelve frames of usual size stay below 200 kB.

    Examples
    --------
    >>> picture, text = snapshot(describe(new_axes(), "An empty plot."))
    >>> picture[1:4], text
    (b'PNG', 'An empty plot.')
    """
    figure = np.ravel(np.asarray(drawn, dtype=object))[0].figure
    large, small = io.BytesIO(), io.BytesIO()
    figure.savefig(large, format="png", dpi=80, facecolor="white")
    text = alternative_text(figure)
    plt.close(figure)
    picture = Image.open(large).convert("RGB")  # 256 colours spread evenly: a quarter of the bytes, no bands in a map
    picture.quantize(method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(small, "png", optimize=True)
    return small.getvalue(), text


def show() -> None:
    """Display every open figure of a notebook with its alternative text, then close it.

    Used in place of ``plt.show()``: the description travels in the output, as its plain text and as ``alt``, where
    screen readers, exported pages and the tests of the notebooks find it. Outside a notebook it is printed.

    Examples
    --------
    >>> ax = describe(new_axes(), "An empty plot.")
    >>> show()
    An empty plot.
    """
    from IPython import get_ipython
    from IPython.display import display

    for number in plt.get_fignums():
        figure = plt.figure(number)
        text = alternative_text(figure) or repr(figure)
        if get_ipython() is None:
            print(text)
        else:
            file = io.BytesIO()
            figure.savefig(file, format="png", bbox_inches="tight", facecolor="white")
            data = {"image/png": base64.b64encode(file.getvalue()).decode(), "text/plain": text}
            display(data, metadata={"image/png": {"alt": text, "needs_background": "light"}}, raw=True)
        plt.close(figure)
