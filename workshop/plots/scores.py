"""Models side by side: one dot a score, the number written beside it."""

from workshop.plots.style import BLUE, GREY, RED, describe, new_axes


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
        ax.annotate(
            f"{value:.{decimals}f}", (value, row), xytext=(12, 0), textcoords="offset points", va="center", color=colour
        )
    ax.set(yticks=list(rows), yticklabels=list(scores), xlabel=label)
    ax.set_ylim(len(scores) - 0.5, -0.5)
    ax.margins(x=0.15)
    listed = ", ".join(f"{name} {value:.{decimals}f}" for name, value in scores.items())
    return describe(ax, f"{label}: {listed}; best: {best}.")
