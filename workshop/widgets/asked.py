"""Pictures that are asked: where a movie stands in the long tail, how a person rates, which movies are near.

The page is given counts and sums, no rows: a hundred thousand ratings become a few hundred kilobytes.
"""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from pandas.api.types import is_integer_dtype

from workshop.datasets import Ratings
from workshop.datasets.ratings import check_ratings
from workshop.plots.models import plot_factor_map
from workshop.plots.style import BLUE, GREEN, ORANGE, numbers
from workshop.widgets.in_page import HERE, InPage, still

ABOUT = ("stars", "genres", "days")  # what a profile may show
HALF_STARS = np.arange(1, 11) / 2
NAMED = 10  # titles that always stand on the map of movies, if there is room


def titles_with_years(items: pd.DataFrame) -> pd.Series:
    """Return the title of each item, and its year in brackets where it is known.

    Examples
    --------
    >>> titles_with_years(pd.DataFrame({"title": ["Heat", "Lost"], "year": pd.array([1995, None], "Int64")})).tolist()
    ['Heat (1995)', 'Lost']
    """
    return items["title"] + items["year"].map(" ({})".format, na_action="ignore").fillna("")


def item_means(frame: pd.DataFrame) -> pd.Series:
    """Return the mean rating of each item, in stars, as if three more ratings stood at the mean of all (part 1).

    Examples
    --------
    >>> item_means(pd.DataFrame({"item": [1, 1, 2], "rating": [5.0, 5.0, 2.0]})).tolist()
    [4.4, 3.5]
    """
    of_item = frame.groupby("item")["rating"].agg(["sum", "count"])
    return (of_item["sum"] + 3 * frame["rating"].mean()) / (of_item["count"] + 3)


def _table(head, rows):
    """Return what stands in the page where scripts may not run."""
    cells = [
        f'<th scope="row">{escape(first)}</th>' + "".join(f"<td>{one}</td>" for one in rest) for first, *rest in rows
    ]
    titles = "".join(f'<th scope="col">{escape(title)}</th>' for title in head)
    return f"<table><tr>{titles}</tr>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"


def long_tail(ratings: Ratings) -> InPage:
    """Return the movies lined up from the most rated to the least, to be asked: for a movie, a genre, the first N.

    Parameters
    ----------
    ratings : Ratings
        With titles, years and genres. Movies with as many ratings share their places.

    Examples
    --------
    >>> from workshop.datasets import load_movielens
    >>> long_tail(load_movielens())
    The long tail: 9,066 movies and 100,004 ratings
    """
    check_ratings(ratings)
    # Older movies have smaller ids. Among equals the order shall say nothing, so they are shuffled first.
    counts = ratings.frame.groupby("item").size().sample(frac=1, random_state=0)
    counts = counts.sort_values(ascending=False, kind="stable")
    items, share = ratings.items.loc[counts.index], counts.cumsum().to_numpy() / counts.sum()
    genres = sorted({genre for of_movie in items["genres"] for genre in of_movie})
    if len(genres) > 31:
        raise ValueError(f"ratings.items has {len(genres)} genres; keep 31 or fewer, a bit each in the page")
    movies_with = counts.value_counts().sort_index(ascending=False)
    data = {
        "titles": titles_with_years(items).tolist(),
        "of": [sum(1 << genres.index(genre) for genre in of_movie) for of_movie in items["genres"]],
        "genres": genres,
        "runs": list(zip(movies_with.index.tolist(), movies_with.tolist(), strict=True)),
        "line": max(1, len(counts) // 100),
        "colours": {"head": ORANGE, "tail": BLUE, "genre": GREEN},
    }
    firsts = sorted({max(1, len(counts) // part) for part in (1000, 100, 10, 2)})
    static = _table(["first movies", "of all ratings"], [[f"{n:,}", f"{share[n - 1]:.0%}"] for n in firsts])
    name = f"The long tail: {len(counts):,} movies and {counts.sum():,} ratings"
    return InPage("long_tail.js", data, static=static, name=name, uses=["picture.js", "search.js"])


def rater_profile(ratings: Ratings, mine: pd.Series, *, about: str | None = None) -> InPage:
    """Return a room of raters, to be asked one by one: the stars given, by genre, and on which days.

    How much somebody likes a genre is the mean of the ratings minus those of the movies (`item_means`), so that
    nobody is harsh for having watched bad movies.

    Parameters
    ----------
    ratings : Ratings
        Whole and half stars.
    mine : Series
        Your stars indexed by item, as of `my_ratings`; its name is yours.
    about : str, optional
        Only "stars", "genres" or "days"; a menu of the three if not given.

    Examples
    --------
    >>> from workshop.datasets import load_movielens
    >>> from workshop.widgets import my_ratings
    >>> movielens = load_movielens()
    >>> rater_profile(movielens, my_ratings(movielens))
    How 671 users rate, and Ann, by stars, genres, days: 20 to 2,391 ratings each, median 71
    """
    check_ratings(ratings)
    if about is not None and about not in ABOUT:
        raise ValueError(f"about={about!r} must be one of {list(ABOUT)}, or None")
    _check_mine(mine, ratings)
    frame = ratings.frame.assign(day=ratings.frame["timestamp"].dt.normalize())
    me = frame["user"].min() - 1  # the first in the order of ids
    own = pd.DataFrame({"user": me, "item": mine.index, "rating": mine.to_numpy(float), "day": pd.NaT})
    both = pd.concat([own, frame[own.columns]], ignore_index=True)
    both["above"] = both["rating"] - both["item"].map(item_means(frame)).fillna(frame["rating"].mean())
    stars = both.groupby(["user", "rating"]).size().unstack(fill_value=0)
    stars = stars.reindex(columns=HALF_STARS, fill_value=0)
    people = {
        user: {"name": str(mine.name) if user == me else f"user {user}", "stars": counts}
        for user, counts in zip(stars.index, stars.to_numpy().tolist(), strict=True)
    }
    data: dict[str, Any] = {"about": [about] if about else list(ABOUT)}
    if "genres" in data["about"]:
        data["genres"] = _add_genres(people, both, ratings.items["genres"])
    if "days" in data["about"]:
        data["dates"] = _add_days(people, both)
    data["mine"], *data["users"] = people.values()
    n, everybody = frame["user"].value_counts(), stars.drop(index=me).sum() / len(frame)
    rows = [[f"{half:g}", f"{everybody[half]:.0%}", str(stars.loc[me, half])] for half in HALF_STARS]
    static = _table(["stars", "of all ratings", f"ratings of {mine.name}"], rows)
    shown = f"{n.min()} to {n.max():,} ratings each, median {n.median():g}"
    name = f"How {len(n):,} users rate, and {mine.name}, by {', '.join(data['about'])}: {shown}"
    return InPage("profile.js", data, static=static, name=name, uses=["picture.js"])


def _check_mine(mine, ratings):
    if not isinstance(mine, pd.Series) or not len(mine):
        raise ValueError(f"mine={mine!r} must be a Series of stars indexed by item; my_ratings(ratings) returns one")
    wrong = mine.index[~mine.index.isin(ratings.items.index) | mine.index.duplicated()]
    if len(wrong):
        raise ValueError(f"mine has the item {wrong[0]}, which is unknown or twice there; drop it")
    for name, stars in (("mine", mine), ("ratings", ratings.frame["rating"])):
        wrong = stars[~stars.isin(HALF_STARS)]
        if len(wrong):
            raise ValueError(f"{name} holds {wrong.iloc[0]}, which is not 0.5, 1, ... 5 stars; round it")


def _add_genres(people, both, genres):
    """Tell each person the mean deviation, its spread, and of each genre the number of ratings and the deviation."""
    of_user = both.groupby("user")["above"].agg(["mean", "std"]).fillna(0).round(4)
    for user, (mean, std) in zip(of_user.index, of_user.to_numpy().tolist(), strict=True):
        people[user] |= {"above": mean, "spread": std, "genres": []}
    rows = both.join(genres.explode().rename("genre"), on="item").dropna(subset="genre")
    others = rows.loc[rows["user"] != min(people), "genre"]  # what nobody else rated has no room to stand in
    names = others.value_counts().sort_index().sort_values(ascending=False, kind="stable").index
    rows = rows.assign(genre=names.get_indexer(rows["genre"])).query("genre >= 0")
    of_genre = rows.groupby(["user", "genre"])["above"].agg(["size", "mean"]).round(4)
    for (user, genre), count, mean in of_genre.itertuples():
        people[user]["genres"].append([genre, count, mean])
    return names.tolist()


def _add_days(people, both):
    """Tell each person the days with a rating, counted from the first of all, and how many; return the axis."""
    first, last = both["day"].min(), both["day"].max()
    for person in people.values():
        person["days"] = []
    for (user, day), count in both.groupby(["user", "day"]).size().items():
        people[user]["days"].append([(day - first).days, count])
    years = pd.date_range(first, last, freq="YS")
    return {"last": (last - first).days + 1, "years": [[(year - first).days, str(year.year)] for year in years]}


def movie_map(positions: ArrayLike, titles: pd.Series, mine: pd.Series) -> InPage:
    """Return a map of movies to be asked, on which whoever rated some of them stands, too.

    A picture has two directions, a model more: dots stand in the first two, but which movies are near each other is
    asked of all, of places rounded to thousandths here and in the page alike. Whoever rated stands in
    the middle of the movies that got more than the own mean. Ratings that the learner's browser remembers from
    `rate_movies` take the place of Ann's, so the map is the learner's also where there is no kernel.

    Parameters
    ----------
    positions : array of shape (n, d)
        Places of the movies in a model's space, d from 2 on, in stars. The map shows the first two directions; how far
        apart two movies are is asked of all (Euclidean distance).
    titles : Series of n str
        Titles, indexed by item, the best known first: their names always stand on the map.
    mine : Series
        Stars from 0.5 to 5, indexed by item, of movies on the map or not; as `my_ratings` returns it, named "you" or
        "Ann". It may be empty.

    Raises
    ------
    ValueError
        If the three do not fit together, or are not what they should be.

    Examples
    --------
    >>> titles = pd.Series(["Heat", "Alien", "Shrek"], index=[6, 1214, 4306])
    >>> movie_map([[0, 0], [1, 2], [-3, 1]], titles, pd.Series({6: 4.5}, name="you"))
    A map of 3 movies
    """
    places = numbers("positions", positions, shape=(None, None))
    n, d = places.shape
    if d < 2:
        raise ValueError(f"positions has {d} direction; a map needs at least 2 columns")
    for name, series in {"titles": titles, "mine": mine}.items():
        if not isinstance(series, pd.Series) or not (is_integer_dtype(series.index) or series.empty):
            raise ValueError(f"{name}={series!r} must be a Series indexed by item, a whole number")
    if len(titles) != n or not titles.index.is_unique:
        raise ValueError(f"titles must name each of {n} movies once, by item; it holds {titles.index.nunique()} items")
    wrong = mine[~mine.between(0.5, 5) | mine.index.duplicated()]
    for item, rating in wrong.items():
        raise ValueError(f"mine[{item}]={rating} must be one rating of 0.5 to 5 stars; leave it out")
    if len(mine) and mine.name not in ("you", "Ann"):
        raise ValueError(f"mine.name={mine.name!r} must be 'you' or 'Ann', who stand on the map; rename it")
    stars = {int(item): float(rating) for item, rating in mine.items()}
    data = {
        "movies": [[int(item), str(title)] for item, title in titles.items()],
        "places": np.round(1000 * places).astype(int).tolist(),
        "stored": stars if mine.name == "you" else {},
        "ann": {} if mine.name == "you" else stars,
        "named": NAMED,
    }
    style = (HERE / "movie_map.css").read_text(encoding="utf-8").strip()
    static = f"<style>{style}</style>{still(plot_factor_map(places[:, :2], titles.to_list()))}"
    return InPage("movie_map.js", data, static=static, name=f"A map of {n} movies", uses=["picture.js", "search.js"])
