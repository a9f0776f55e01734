"""One look for every figure: fonts readable from the back row, colours told apart by colour-blind eyes.

The colours are those of Okabe and Ito (2008), "Color universal design". A plot function takes data and ``ax=None``,
draws, describes what it drew with `describe`, and returns the Axes; the notebook decides when to `show`.
"""

from __future__ import annotations

import base64
import io

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

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

RC = {
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
    >>> plt.rcParams["text.color"] = "white"
    >>> use_style()
    >>> plt.rcParams["font.size"], plt.rcParams["text.color"]
    (15.0, 'black')
    """
    from IPython import get_ipython

    ours = get_ipython()
    if hasattr(ours, "kernel") and not plt.get_backend().startswith(("module://", "inline", "widget")):
        ours.run_line_magic("matplotlib", "inline")
    plt.rcdefaults()
    plt.rcParams.update(RC)


def new_axes(ax: Axes | None = None, *, width: float = 10, height: float = 4.5) -> Axes:
    """The Axes given, or those of a new figure.

    Parameters
    ----------
    ax : Axes, optional
        Where to draw; returned as it is.
    width, height : float
        Size of the new figure in inches; not used when `ax` is given.

    Examples
    --------
    >>> ax = new_axes(width=5, height=3)
    >>> new_axes(ax) is ax
    True
    >>> plt.close(ax.figure)
    """
    return plt.subplots(figsize=(width, height))[1] if ax is None else ax


def describe(ax: Axes, text: str) -> Axes:
    """The same Axes, now with alternative text: what a reader who cannot see the figure should know.

    Parameters
    ----------
    ax : Axes
        A finished drawing.
    text : str
        One or two sentences, with the numbers that matter. Kept as the label of the Axes.

    Examples
    --------
    >>> ax = describe(new_axes(), "Ratings a user: median 71.")
    >>> alternative_text(ax.figure)
    'Ratings a user: median 71.'
    >>> plt.close(ax.figure)
    """
    ax.set_label(text)
    return ax


def alternative_text(figure: Figure) -> str:
    """What `describe` said of the Axes of a figure, in drawing order; '' if nothing.

    Examples
    --------
    >>> alternative_text(plt.figure())
    ''
    >>> plt.close()
    """
    labels = (str(ax.get_label()) for ax in figure.axes)
    return " ".join(label for label in labels if label and not label.startswith("<"))


def png(figure: Figure) -> bytes:
    """The figure as a PNG file.

    Examples
    --------
    >>> figure = new_axes().figure
    >>> png(figure)[1:4]
    b'PNG'
    >>> plt.close(figure)
    """
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", bbox_inches="tight", facecolor="white")
    return buffer.getvalue()


def show() -> None:
    """Nothing; displays every open figure of a notebook with its alternative text, then closes it.

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
            data = {"image/png": base64.b64encode(png(figure)).decode(), "text/plain": text}
            display(data, metadata={"image/png": {"alt": text, "needs_background": "light"}}, raw=True)
        plt.close(figure)
