"""Scores of models: one dot a model, or one line a curve, with the numbers written beside them."""

from itertools import pairwise

import numpy as np

from workshop.plots.style import BLUE, CYCLE, GREY, MARKERS, RED, describe, new_axes


def plot_scores(scores, ax=None, *, label, baseline=None, decimals=3, smaller_is_better=True):
    """Axes with the score of each model as a dot and a number; the best one in red.

    Parameters
    ----------
    scores : mapping of str to float
        Name of each model and its score, drawn top to bottom.
    label : str
        What the score is, with its unit.
    baseline : str, optional
        Name of the model to compare with: a line is drawn through its score.

    Raises
    ------
    ValueError
        If `scores` is empty or `baseline` is not one of its names.

    Examples
    --------
    >>> from workshop.plots import show
    >>> ax = plot_scores({"global mean": 1.06, "biases": 0.889}, label="error (stars)")
    >>> show()
    error (stars): global mean 1.060, biases 0.889; best: biases.
    """
    scores = dict(scores)
    if not scores:
        raise ValueError("scores is empty; give at least one name and its score")
    if baseline is not None and baseline not in scores:
        raise ValueError(f"baseline={baseline!r} is not one of the scores: {', '.join(scores)}")
    ax = new_axes(ax, height=1.4 + 0.55 * len(scores))
    best = (min if smaller_is_better else max)(scores, key=scores.get)
    colours = [RED if name == best else BLUE for name in scores]
    rows = range(len(scores))
    if baseline is not None:
        ax.axvline(scores[baseline], color=GREY, linewidth=1.5, linestyle="--")
    ax.scatter(list(scores.values()), rows, s=120, color=colours, zorder=3)
    for row, (value, colour) in enumerate(zip(scores.values(), colours, strict=True)):
        _write(ax, f"{value:.{decimals}f}", value, row, (12, 0), colour, ha="left", va="center")
    ax.set(yticks=list(rows), yticklabels=list(scores), xlabel=label)
    ax.set_ylim(len(scores) - 0.5, -0.5)
    ax.margins(x=0.15)
    listed = ", ".join(f"{name} {value:.{decimals}f}" for name, value in scores.items())
    return describe(ax, f"{label}: {listed}; best: {best}.")


def plot_curves(curves, ax=None, *, xlabel, ylabel, mark=None, decimals=3):
    """Axes with a line a curve, named at its right end; on request the lowest point of one is marked.

    Parameters
    ----------
    curves : mapping of str to Series
        Values indexed by what stands on the horizontal axis.
    xlabel, ylabel : str
        With units.
    mark : str, optional
        Name of the curve whose lowest point gets a ring and a number.
    decimals : int
        Of that number and of the description.

    Raises
    ------
    ValueError
        If `curves` is empty or `mark` is not one of its names.

    Examples
    --------
    >>> import pandas as pd
    >>> from workshop.plots import show
    >>> ax = plot_curves({"test": pd.Series([3.0, 1.0, 2.0])}, xlabel="epoch", ylabel="error", mark="test")
    >>> show()
    error against epoch: test from 3.000 to 2.000, lowest 1.000 at 1.
    """
    if not curves:
        raise ValueError("curves is empty; give at least one name and its values")
    if mark is not None and mark not in curves:
        raise ValueError(f"mark={mark!r} is not one of the curves: {', '.join(curves)}")
    ax = new_axes(ax)
    said = []
    for (name, curve), colour, marker in zip(curves.items(), CYCLE, MARKERS, strict=False):
        ax.plot(curve.index, curve, color=colour, marker=marker if len(curve) <= 30 else None)
        ends = f"{name} from {curve.iloc[0]:.{decimals}f} to {curve.iloc[-1]:.{decimals}f}"
        if name == mark:
            best = curve.idxmin()
            ax.scatter(best, curve[best], s=220, facecolors="none", edgecolors=colour, linewidths=2.5, zorder=3)
            _write(ax, f"{curve[best]:.{decimals}f}", best, curve[best], (0, -28), colour)
            ends += f", lowest {curve[best]:.{decimals}f} at {best}"
        said.append(ends)
    ax.margins(y=0.18)
    if all(np.issubdtype(curve.index.dtype, np.integer) for curve in curves.values()):
        ax.xaxis.get_major_locator().set_params(integer=True)
    heights = _apart([curve.iloc[-1] for curve in curves.values()], 0.08 * np.diff(ax.get_ylim())[0])
    for (name, curve), colour, height in zip(curves.items(), CYCLE, heights, strict=False):
        _write(ax, name, curve.index[-1], height, (12, 0), colour, ha="left", va="center")
    ax.set(xlabel=xlabel, ylabel=ylabel)
    return describe(ax, f"{ylabel} against {xlabel}: {'; '.join(said)}.")


def _write(ax, text, x, y, offset, colour, *, ha="center", va="baseline"):
    ax.annotate(text, (x, y), xytext=offset, textcoords="offset points", ha=ha, va=va, color=colour)


def _apart(values, gap):
    """The values, in their order, moved up where two are closer than `gap`."""
    placed = np.array(values, dtype=float)
    order = np.argsort(placed, kind="stable")
    for below, above in pairwise(order):
        placed[above] = max(placed[above], placed[below] + gap)
    return placed
