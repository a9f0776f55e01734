"""Pictures of the ratings themselves: stars, genres, years, and how little of the table is filled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, PercentFormatter
from numpy.typing import ArrayLike
from scipy.sparse import sparray

from workshop.datasets.ratings import check_table
from workshop.plots.style import BLUE, GREY, ORANGE, PALE, RED, SKY, describe, name_rows, new_axes, numbers, plain

THOUSANDS = FuncFormatter(lambda value, _: f"{value:,.0f}")


def plot_stars(rating: ArrayLike, *, ax: Axes | None = None) -> Axes:
    """Return Axes with the share of each number of stars in `rating` (n,), 0.5 to 5; half stars are drawn lighter.

    Examples
    --------
    >>> plot_stars([4, 4, 3.5, 5]).get_label()
    'Share of ratings by number of stars: 3.5: 25%, 4.0: 50%, 5.0: 25%.'
    """
    ax = new_axes(ax)
    stars, count = np.unique(numbers("rating", rating), return_counts=True)
    share = count / count.sum()
    bars = ax.bar(stars, share, width=0.42, color=[BLUE if s % 1 == 0 else SKY for s in stars])
    ax.bar_label(bars, labels=[f"{s:.0%}" for s in share], padding=2)
    ax.set(xlabel="rating (stars)", ylabel="share of all ratings", xticks=stars, ylim=(0, 1.12 * share.max()))
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    listed = ", ".join(f"{s}: {p:.0%}" for s, p in zip(stars.astype(float), share, strict=True))
    return describe(ax, f"Share of ratings by number of stars: {listed}.")


def plot_sparsity(matrix: sparray, *, title: str = "", ax: Axes | None = None) -> Axes:
    """Return Axes with one square for each user and movie of `matrix` (n_users, n_items): dark where a rating is known.

    An absent entry is unknown. A few hundred rows and columns are legible.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> plot_sparsity(csr_array([[4.0, 0.0], [0.0, 0.0]]), title="Tiny").get_label()
    'Tiny: 2 users x 2 movies, 25% of the squares filled.'
    """
    ax = new_axes(ax, width=6, height=5)
    known = (matrix != 0).toarray()
    n_users, n_items = known.shape
    ax.imshow(known, cmap="Blues", vmin=0, vmax=1.2, interpolation="nearest", aspect="auto")
    ax.grid(False)
    ax.set(xlabel=f"{n_items} movies", ylabel=f"{n_users} users", xticks=[], yticks=[])
    ax.set_title(plain(f"{title}: {known.mean():.1%} filled"))
    for spine in ax.spines.values():
        spine.set(visible=True, color=GREY)
    filled = f"{known.mean():.0%}" if known.mean() > 0.1 else f"{known.mean():.1%}"
    return describe(ax, f"{title}: {n_users} users x {n_items} movies, {filled} of the squares filled.")


def plot_genres(genres: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Return Axes with the mean rating of each genre as a dot whose area grows with the number of ratings.

    `genres` is a table indexed by genre, with columns ``mean`` (stars) and ``count`` (ratings).

    Examples
    --------
    >>> table = pd.DataFrame({"mean": [3.9, 3.3], "count": [1000, 9000]}, index=["Film-Noir", "Comedy"])
    >>> plot_genres(table).get_label()
    'Mean rating by genre, from Comedy (3.30 stars) to Film-Noir (3.90).'
    """
    ax = new_axes(ax, height=7)
    check_table("genres", genres, "mean", "count")
    for column in ("mean", "count"):
        numbers(f"genres[{column!r}]", genres[column])
    genres = genres.sort_values("mean")
    names, area = list(map(plain, genres.index)), 30 + 600 * genres["count"] / genres["count"].max()
    ax.scatter(genres["mean"], names, s=area, color=BLUE, zorder=2)
    for row, (mean, count) in enumerate(zip(genres["mean"], genres["count"], strict=True)):
        ax.annotate(f"{count:,}", (mean, row), xytext=(18, 0), textcoords="offset points", va="center", color="#555555")
    ax.margins(x=0.12, y=0.05)
    ax.set(xlabel="mean rating (stars); beside each dot: number of ratings")
    low, high = genres.index[0], genres.index[-1]
    means = f"from {low} ({genres['mean'].iloc[0]:.2f} stars) to {high} ({genres['mean'].iloc[-1]:.2f})"
    return describe(ax, f"Mean rating by genre, {means}.")


def plot_years(timestamp: pd.Series, *, ax: Axes | None = None) -> Axes:
    """Return Axes with the number of ratings given in each calendar year; `timestamp` is a Series of datetime64.

    Examples
    --------
    >>> plot_years(pd.Series(pd.to_datetime(["1996-05-01", "1996-06-01", "2000-01-01"]))).get_label()
    'Ratings per year, 1996 to 2000; most in 1996 (2).'
    """
    _check_dates("timestamp", timestamp)
    ax = new_axes(ax)
    per_year = timestamp.dt.year.value_counts().sort_index()
    ax.bar(per_year.index, per_year, color=BLUE)
    ax.set(xlabel="year of the rating", ylabel="ratings in that year")
    ax.yaxis.set_major_formatter(THOUSANDS)
    first, last, top = per_year.index[0], per_year.index[-1], per_year.idxmax()
    return describe(ax, f"Ratings per year, {first} to {last}; most in {top} ({per_year.max():,}).")


def plot_means(counts: ArrayLike, means: ArrayLike, *, centre: float | None = None, ax: Axes | None = None) -> Axes:
    """Return Axes with one dot per movie: the mean of its ratings (stars) against their number (log scale).

    `counts`, `means` are of shape (n_items,); `centre` is a line to compare with, such as the mean of all ratings.

    Examples
    --------
    >>> plot_means([1, 2, 100], [0.5, 5, 3.5]).get_label()
    'Mean rating against number of ratings for 3 movies: 0.50 to 5.00 with under 5, 3.50 to 3.50 with 50 or more.'
    """
    ax = new_axes(ax)
    counts = numbers("counts", counts)
    means = numbers("means", means, shape=(len(counts),))
    spread = np.exp(np.random.default_rng(0).uniform(-0.15, 0.15, len(counts)))
    ax.scatter(counts * spread, means, s=12, color=BLUE, alpha=0.25, linewidths=0, rasterized=True)
    if centre is not None:
        ax.axhline(centre, color=RED, zorder=1)
    ax.set(xscale="log", xlabel="ratings per movie (log scale)", ylabel="mean rating (stars)")
    ax.xaxis.set_major_formatter(THOUSANDS)
    groups = (means[counts < 5], "under 5"), (means[counts >= 50], "50 or more")
    said = ", ".join(f"{m.min():.2f} to {m.max():.2f} with {what}" for m, what in groups if len(m))
    text = f"Mean rating against number of ratings for {len(counts):,} movies"
    return describe(ax, f"{text}{': ' * bool(said)}{said}.")


def plot_split(
    train: pd.DataFrame, test: pd.DataFrame, users: Sequence, *, title: str = "", ax: Axes | None = None
) -> Axes:
    """Return Axes with the ratings of `users` in the order they were given: learned from (grey), tested (orange).

    `train` and `test` have the columns ``user`` and ``timestamp``.

    Examples
    --------
    >>> from workshop.datasets import load_movielens, temporal_split
    >>> plot_split(*temporal_split(load_movielens().frame), users=[1, 4], title="By time").get_label()
    'By time: 0% of the test ratings of these users are older than one of their training ratings.'
    """
    ax = new_axes(ax)
    for name, part in (("train", train), ("test", test)):
        check_table(name, part, "user", "timestamp")
        _check_dates(f"{name}['timestamp']", part["timestamp"])
    leaked = []
    for row, user in enumerate(users):
        both = pd.concat([part[part["user"] == user].assign(test=t) for t, part in ((False, train), (True, test))])
        tested = both.sort_values("timestamp", kind="stable")["test"].to_numpy()
        place = np.arange(len(tested)) / max(1, len(tested) - 1)
        for which, colour, size in ((~tested, PALE, 60), (tested, ORANGE, 140)):
            ax.scatter(place[which], np.full(which.sum(), row), s=size, marker="|", linewidths=3, color=colour)
        newest = train.loc[train["user"] == user, "timestamp"].max()
        leaked.extend(test.loc[test["user"] == user, "timestamp"] < newest)
    if not leaked:
        raise ValueError(f"users={users!r} have no rating in test; name some who have")
    name_rows(ax, [f"user {user}" for user in users])
    ax.set_xticks([0, 1], ["oldest", "newest rating"])
    ax.set_title(plain(title))
    ax.grid(False)
    said = f"{np.mean(leaked):.0%} of the test ratings of these users are older than one of their training ratings"
    return describe(ax, f"{title}: {said}.")


def _check_dates(name, column):
    if not len(column) or column.dtype.kind != "M":
        raise ValueError(f"{name} holds {len(column)} values of {column.dtype}; give one datetime64 or more")
