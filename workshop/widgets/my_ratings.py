"""Your own ratings: given in the page in part 1, kept beside your notebooks, followed through the other parts.

Whoever has rated nothing is Ann, who always rates the same. The file is called my_ratings.csv and lies in the folder of
the notebook; the environment variable WORKSHOP_RATINGS names another one. Empty, it means nobody: so tests, and
notebooks executed to be committed, see Ann wherever they run.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import ipywidgets
import pandas as pd
from IPython.display import display

from workshop.datasets import Ratings
from workshop.datasets.ratings import check_ratings
from workshop.widgets.asked import item_means, titles_with_years
from workshop.widgets.in_page import InPage
from workshop.widgets.predict import STYLE

VARIABLE = "WORKSHOP_RATINGS"
ANN = {
    "Toy Story": 5.0,
    "Aladdin": 5.0,
    "Lion King, The": 5.0,
    "Mary Poppins": 4.5,
    "Babe": 4.5,
    "Finding Nemo": 4.0,
    "Forrest Gump": 4.0,
    "Shining, The": 2.0,
    "Reservoir Dogs": 1.5,
    "Exorcist, The": 1.0,
}
FEWEST = 5  # ratings of a movie that can be found; what fewer people know says little about you


def ratings_file() -> Path | None:
    """Return where your ratings are kept; None where WORKSHOP_RATINGS is empty, and nothing is kept.

    Examples
    --------
    >>> ratings_file()
    """
    name = os.environ.get(VARIABLE, "my_ratings.csv")
    return Path(name) if name else None


def my_ratings(ratings: Ratings) -> pd.Series:
    """Return your ratings, a Series of stars indexed by item and named "you"; Ann's, named "Ann", if there are none.

    Parameters
    ----------
    ratings : Ratings
        The movies that may be rated.

    Raises
    ------
    ValueError
        If the file was changed by hand into something else than items with 0.5 to 5 stars.

    Examples
    --------
    >>> from workshop.datasets import load_movielens
    >>> mine = my_ratings(load_movielens())
    >>> mine.name, len(mine), mine[1]
    ('Ann', 10, np.float64(5.0))
    """
    check_ratings(ratings)
    path = ratings_file()
    mine = _read(path, ratings.items) if path and path.exists() else pd.Series(dtype=float)
    if len(mine):
        return mine.rename("you").rename_axis("item")
    item_of = pd.Series(ratings.items.index, ratings.items["title"]).groupby(level=0).first()
    known = {title: stars for title, stars in ANN.items() if title in item_of}
    return pd.Series(list(known.values()), item_of[list(known)].to_numpy(), float, "Ann").rename_axis("item")


def _read(path, items):
    try:
        mine = pd.read_csv(path, index_col="item", encoding="utf-8")["rating"].astype(float)
        wrong = mine.index[~mine.between(0.5, 5) | ~mine.index.isin(items.index) | mine.index.duplicated()]
    except (KeyError, ValueError) as error:
        raise ValueError(
            f"{path} has no columns item and rating ({error}); delete it and rate again in part 1"
        ) from None
    if len(wrong):
        raise ValueError(f"{path}: item {wrong[0]} is unknown, twice there or not of 0.5 to 5 stars; delete its line")
    return mine


class RateMovies(ipywidgets.VBox):
    """A piece of the page, and below it what Python hears of it: a hidden text area that the script fills.

    Attributes
    ----------
    page : InPage
        What is seen, also where there is no kernel.
    text, status : Textarea, Label
        The ratings as JSON, and what was done with them.
    """

    def __init__(self, page: InPage, titles: pd.Series):
        self.page, self._titles = page, titles
        self.text, self.status = ipywidgets.Textarea(layout={"display": "none"}), ipywidgets.Label()
        self.text.observe(self._keep, "value")
        super().__init__([self.text, self.status])
        self.add_class("workshop-inbox")

    def __repr__(self):
        return self.page.name

    def _ipython_display_(self):
        display(self.page)
        display(self._repr_mimebundle_() | {"text/html": ""}, raw=True)

    def _keep(self, change):
        given = {int(item): float(stars) for item, stars in json.loads(change["new"]).items()}
        path = ratings_file()
        if path is None:
            self.status.value = f"Not kept: the environment variable {VARIABLE} is empty"
            return
        table = pd.DataFrame({"title": self._titles.loc[list(given)], "rating": list(given.values())})
        table.to_csv(path, index_label="item", encoding="utf-8")
        self.status.value = f"{len(given)} rating{'s' * (len(given) != 1)} kept in {path}"


def rate_movies(ratings: Ratings) -> RateMovies:
    """Return a piece in which to find and rate movies, and to see where you stand beside all users.

    It lives in the page, which remembers. In a notebook the ratings also reach Python, which keeps them in a file.

    Examples
    --------
    >>> from workshop.datasets import load_movielens
    >>> rate_movies(load_movielens())
    Rate movies, and see where you stand beside 671 users
    """
    check_ratings(ratings)
    frame, items = ratings.frame, ratings.items
    expected, counts = item_means(frame), frame.groupby("item").size()
    joined = frame.assign(above=frame["rating"] - frame["item"].map(expected), known=frame["item"].map(counts))
    users = joined.groupby("user").agg({"known": "median", "above": "mean"}).round(2)
    titles = titles_with_years(items)
    mine = my_ratings(ratings)
    can_be_found = (counts >= FEWEST) | counts.index.isin(mine.index)  # whatever you rated is in the list
    shown = counts[can_be_found].sort_values(ascending=False, kind="stable").index
    data = {
        "movies": [[int(i), titles[i], round(float(expected[i]), 2), int(counts[i])] for i in shown],
        "users": users.to_numpy().tolist(),
        "stored": {} if mine.name == "Ann" else {int(item): float(stars) for item, stars in mine.items()},
    }
    static = f"{STYLE}<p>Rating needs a script, which does not run here. Ann's ratings stand for yours.</p>"
    name = f"Rate movies, and see where you stand beside {len(users)} users"
    page = InPage("rate.js", data, static=static, name=name, uses=["picture.js", "search.js"])
    return RateMovies(page, items["title"])
