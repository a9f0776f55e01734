"""A map of movies that answers in the page: names, a search, the nearest in all directions, and where you stand.

A picture has two directions; a model has more. Dots stand in the first two, but which movies are near each other is
asked of all. The places are rounded to thousandths first, here and in the page alike: so both find the same.
"""

from __future__ import annotations

import base64
from html import escape

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from pandas.api.types import is_integer_dtype

from workshop.plots.models import plot_factor_map
from workshop.plots.style import numbers, snapshot
from workshop.widgets.in_page import HERE, InPage

NAMED = 10  # titles that always stand on the map, if there is room


def movie_map(positions: ArrayLike, titles: pd.Series, mine: pd.Series) -> InPage:
    """Return a map of movies to be asked, on which whoever rated some of them stands, too.

    Hovering names a movie and typing finds it; a click draws lines to its nearest neighbours. Whoever rated stands in
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
    picture, alt = snapshot(plot_factor_map(places[:, :2], titles.to_list()))
    source = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
    style = (HERE / "movie_map.css").read_text(encoding="utf-8").strip()
    static = f'<style>{style}</style><img alt="{escape(alt)}" src="{source}">'
    return InPage("movie_map.js", data, static=static, name=f"A map of {n} movies", uses=["picture.js", "search.js"])
