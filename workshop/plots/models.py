"""Pictures of models: k-means clusters and what they are like; the rows, predictions and factors of a machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.transforms import Bbox
from numpy.typing import ArrayLike

from workshop.plots.style import (
    BLACK,
    BLUE,
    CYCLE,
    GREY,
    MARKERS,
    RED,
    coloured,
    describe,
    name_rows,
    new_axes,
    numbers,
    plain,
)

MOST_TITLES = 30
PLACES = ((8, 0, "left", "center"), (-8, 0, "right", "center"), (0, 8, "center", "bottom"), (0, -8, "center", "top"))


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


def plot_one_hot(X: ArrayLike, fields: Mapping[str, Sequence], *, ax: Axes | None = None) -> Axes:
    """Return Axes with a feature matrix X (n, n_columns) as squares, coloured where an entry is not 0.

    `fields` names the columns of each field, in their order; each field has its colour.

    Examples
    --------
    >>> plot_one_hot([[1, 0, 1], [0, 1, 1]], {"user": ["Ann", "Bo"], "movie": ["Alien"]}).get_label()
    'Feature matrix of 2 rows, columns: 2 of user, 1 of movie; 2 entries a row are not zero.'
    """
    X = numbers("X", X, shape=(None, None))
    names = [name for columns in fields.values() for name in columns]
    if len(names) != X.shape[1]:
        raise ValueError(f"fields name {len(names)} columns, but X has {X.shape[1]}; name each one")
    ax = new_axes(ax, width=10, height=1.8 + 0.5 * len(X))
    start = 0
    for field, columns, colour, _ in coloured(fields):
        for column in range(start, start + len(columns)):
            for row, value in enumerate(X[:, column]):
                ax.add_patch(Rectangle((column - 0.45, row - 0.45), 0.9, 0.9, fc=colour if value else "white", ec=GREY))
                if value:
                    ax.text(column, row, f"{value:g}", ha="center", va="center", color="white", fontweight="bold")
        ax.text(start + len(columns) / 2 - 0.5, -0.75, plain(field), ha="center", color=colour, fontsize=17)
        start += len(columns)
    ax.set(xlim=(-0.6, len(names) - 0.4), ylim=(len(X) - 0.4, -1.2), xticks=range(len(names)), yticks=range(len(X)))
    ax.set_xticklabels(map(plain, names), rotation=30, ha="right", rotation_mode="anchor")
    ax.set_yticklabels([f"rating {row + 1}" for row in range(len(X))])
    ax.grid(False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    listed = ", ".join(f"{len(columns)} of {field}" for field, columns in fields.items())
    filled = np.count_nonzero(X, axis=1)
    said = f"{filled[0]}" if (filled == filled[0]).all() else f"{filled.min()} to {filled.max()}"
    return describe(ax, f"Feature matrix of {len(X)} rows, columns: {listed}; {said} entries a row are not zero.")


def plot_preferences(table: pd.DataFrame, *, title: str = "", ax: Axes | None = None) -> Axes:
    """Return Axes with the predicted ratings of a few movies (down the side), one line per user: parallel or crossing.

    `table` (n_movies, n_users) holds predicted ratings (stars), indexed by title.

    Examples
    --------
    >>> plot_preferences(pd.DataFrame({"Ann": [3, 4], "Bo": [4, 3]}, index=["Alien", "Shrek"]), title="FM").get_label()
    'FM: best of 2 movies for Ann: Shrek, for Bo: Alien.'
    """
    for user in table:
        numbers(f"table[{user!r}]", table[user])
    ax = new_axes(ax, width=9, height=1.4 + 0.5 * len(table))
    rows = np.arange(len(table))
    for user, rating, colour, marker in coloured(dict(table.items())):
        ax.plot(rating, rows, color=colour, marker=marker, markersize=10, label=plain(user))
    name_rows(ax, [fill(str(name), 26) for name in table.index], "predicted rating (stars)")  # room for the lines
    ax.set_title(plain(title))
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=len(table.columns))
    best = ", ".join(f"for {user}: {table[user].idxmax()}" for user in table)
    return describe(ax, f"{title or 'Predictions'}: best of {len(table)} movies {best}.")


def plot_factor_map(points: ArrayLike, titles: Sequence[str], *, ax: Axes | None = None) -> Axes:
    """Return Axes with movies, `points` (n, 2), as dots, and as many titles as fit without touching, outermost first.

    Examples
    --------
    >>> plot_factor_map([[0, 0], [1, 2], [-3, 1]], ["Alien", "Shrek", "Heat"]).get_label()
    'Map of 3 movies. Far left: Heat, Alien. Far right: Shrek, Alien. Top: Shrek, Heat. Bottom: Alien, Heat.'
    """
    ax = new_axes(ax, width=11, height=7.5)
    points, names = numbers("points", points, shape=(None, 2)), np.asarray(titles, dtype=object)
    if len(names) != len(points):
        raise ValueError(f"titles holds {len(names)} names for {len(points)} points; give one for each")
    first, second = points.T
    ax.scatter(first, second, s=22, color=GREY, linewidths=0)
    ax.margins(0.15)
    ax.set(xlabel="first direction", ylabel="second direction")
    distance = np.hypot(*((points - points.mean(axis=0)) / points.std(axis=0)).T)
    named = _write_apart(ax, points, names, order=np.argsort(-distance, kind="stable"))
    ax.scatter(first[named], second[named], s=36, color=RED, linewidths=0)
    ends = {"Far left": first, "Far right": -first, "Top": -second, "Bottom": second}
    said = " ".join(f"{end}: {', '.join(names[np.argsort(by, kind='stable')[:2]])}." for end, by in ends.items())
    return describe(ax, f"Map of {len(points)} movies. {said}")


def _write_apart(ax, points, texts, *, order):
    """Return the points (m,), at most MOST_TITLES, whose text was written: in `order`, where it touches nothing."""
    ax.figure.draw_without_rendering()
    ax.figure.set_layout_engine("none")
    ax.set(xlim=ax.get_xlim(), ylim=ax.get_ylim())
    frame, written = ax.get_window_extent(), []
    taken = [Bbox.from_extents(x - 3, y - 3, x + 3, y + 3) for x, y in ax.transData.transform(points)]
    for i in order:
        for dx, dy, ha, va in PLACES:
            look = {"ha": ha, "va": va, "color": BLUE, "fontsize": 13}
            text = ax.annotate(plain(texts[i]), points[i], xytext=(dx, dy), textcoords="offset points", **look)
            box = text.get_window_extent().padded(1)
            inside = box.x0 >= frame.x0 and box.x1 <= frame.x1 and box.y0 >= frame.y0 and box.y1 <= frame.y1
            if inside and not any(box.overlaps(other) for other in taken):
                taken.append(box)
                written.append(i)
                break
            text.remove()
        if len(written) == MOST_TITLES:
            break
    return np.array(written, dtype=int)
