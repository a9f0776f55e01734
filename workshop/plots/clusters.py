"""Pictures of k-means: points, the clusters they belong to, and what these are like."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from workshop.plots.style import BLACK, CYCLE, GREY, MARKERS, describe, new_axes, numbers, plain


def plot_clusters(
    X: ArrayLike,
    labels: ArrayLike | None = None,
    centers: ArrayLike | None = None,
    *,
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Return Axes with points X (n, 2), each cluster in its colour and marker, the centres as large crosses.

    Parameters
    ----------
    labels : array of int, shape (n,), optional
        Cluster of each point, at most 8; without it all points are grey, and every centre keeps its colour.
    centers : array of shape (k, 2), optional

    Examples
    --------
    >>> plot_clusters([[0, 0], [1, 1], [9, 9]], [0, 0, 1], [[0.5, 0.5], [9, 9]], title="Assign").get_label()
    'Assign: 3 points in 2 clusters of 2 and 1.'
    """
    ax = new_axes(ax, width=6, height=5)
    X = numbers("X", X, shape=(None, 2))
    cluster_of = None if labels is None else numbers("labels", labels, shape=(len(X),)).astype(int)
    centers = np.empty((0, 2)) if centers is None else numbers("centers", centers, shape=(None, 2))
    if max(len(centers), 0 if cluster_of is None else cluster_of.max() + 1) > len(CYCLE):
        raise ValueError(f"labels or centers hold more than {len(CYCLE)} clusters; there are only that many colours")
    if cluster_of is None:
        ax.scatter(X[:, 0], X[:, 1], s=22, color=GREY, alpha=0.6, linewidths=0)
    else:
        for cluster in range(cluster_of.max() + 1):
            x, y = X[cluster_of == cluster].T
            ax.scatter(x, y, s=26, color=CYCLE[cluster], marker=MARKERS[cluster], alpha=0.6, linewidths=0)
    if len(centers):
        look: dict = {"s": 200, "marker": "X", "edgecolors": BLACK, "linewidths": 1.8, "zorder": 3}
        ax.scatter(centers[:, 0], centers[:, 1], color=CYCLE[: len(centers)], **look)
    ax.set(title=plain(title), xlabel=plain(xlabel), ylabel=plain(ylabel))
    said = f"{len(X)} points"
    if cluster_of is not None:
        sizes = np.unique(cluster_of, return_counts=True)[1]
        said += f" in {len(sizes)} clusters of " + ", ".join(map(str, sizes[:-1])) + f" and {sizes[-1]}"
    return describe(ax, f"{title or 'Clusters'}: {said}.")


def plot_profiles(profiles: pd.DataFrame, sizes: ArrayLike | None = None, *, ax: Axes | None = None) -> Axes:
    """Return Axes with a table of colours, one row per cluster, one column per genre: orange above 0, purple below.

    `profiles` (k, n_genres) is the mean taste of each cluster, in stars above expectation, `sizes` (k,) its users.

    Examples
    --------
    >>> plot_profiles(pd.DataFrame({"Comedy": [0.3, -0.2], "War": [-0.1, 0.2]}), sizes=[5, 7]).get_label()
    '2 clusters by 2 genres (stars above expectation). Highest: cluster 0 in Comedy 0.3, cluster 1 in War 0.2.'
    """
    ax = new_axes(ax, width=11, height=1.8 + 0.45 * len(profiles))
    table = profiles.to_numpy()
    limit = np.abs(numbers("profiles", table, shape=(None, None))).max()
    image = ax.imshow(table, cmap="PuOr_r", vmin=-limit, vmax=limit, aspect="auto")
    shape = (len(profiles),)
    counts = [""] * len(profiles) if sizes is None else [f" ({n:.0f})" for n in numbers("sizes", sizes, shape=shape)]
    rows = [f"{name}{count}" for name, count in zip(profiles.index, counts, strict=True)]
    ax.set(yticks=range(len(rows)), yticklabels=map(plain, rows), xticks=range(table.shape[1]))
    ax.set_ylabel("cluster" if sizes is None else "cluster (users)")
    ax.set_xticklabels(map(plain, profiles.columns), rotation=45, ha="right", rotation_mode="anchor")
    ax.grid(False)
    ax.figure.colorbar(image, ax=ax, label="stars above expectation", pad=0.02)
    tops = [f"cluster {name} in {row.idxmax()} {row.max():.1f}" for name, row in profiles.iterrows()]
    size = f"{len(profiles)} clusters by {table.shape[1]} genres"
    return describe(ax, f"{size} (stars above expectation). Highest: {', '.join(tops)}.")
