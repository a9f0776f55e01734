"""Read MovieLens: the copy that ships in ``data/`` and every official release of the same layouts.

F. Maxwell Harper and Joseph A. Konstan. 2015. The MovieLens Datasets: History and Context. ACM Transactions on
Interactive Intelligent Systems 5, 4: 19:1-19:19.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from workshop.datasets.ratings import Ratings, first_problem
from workshop.datasets.tables import Release
from workshop.shipped import shipped_folder, verify_shipped

ML_100K_GENRES = (
    "unknown|Action|Adventure|Animation|Children|Comedy|Crime|Documentary|Drama|Fantasy|Film-Noir|Horror|Musical|"
    "Mystery|Romance|Sci-Fi|Thriller|War|Western"
).split("|")
# "Toy Story (1995)", "Fawlty Towers (1975-1979)", "Hyena Road"
TITLE = r"^(?P<title>.*?)\s*(?:\((?P<year>\d{4})(?:[-–]\d{0,4})?\))?\s*$"


def load_movielens(path: str | Path | None = None) -> Ratings:
    """Ratings of a MovieLens release.

    Parameters
    ----------
    path : str or Path, optional
        Folder or zip file of an official release: the layout of ml-latest-small, ml-25m and ml-32m
        (``ratings.csv``, ``movies.csv``, also gzip-compressed) or that of ml-100k (``u.data``, ``u.item``, ``u.user``).
        Default: the 100,004 ratings that ship with the workshop, whose checksums are verified.

    Returns
    -------
    Ratings

    Raises
    ------
    FileNotFoundError
        If `path` or one of its files is missing.
    ValueError
        If a file is damaged; the message names the file, the line and the column.

    Examples
    --------
    >>> ratings = load_movielens()
    >>> ratings.items.loc[1, "title"], ratings.items.loc[1, "genres"][:2]
    ('Toy Story', ('Adventure', 'Animation'))
    >>> ratings.frame["timestamp"].dt.year.agg(["min", "max"]).tolist()
    [1995, 2016]
    """
    if path is None:
        path = shipped_folder()
        verify_shipped(path)
    release = Release(path)
    if release.find("u.data"):
        file, first_line, (frame, items, users) = "u.data", 1, _read_ml_100k(release)
    else:
        file, first_line, (frame, items, users) = "ratings.csv", 2, _read_csv_layout(release)
    if problem := _bad_timestamp(frame["timestamp"]) or first_problem(frame, items, users):
        row, column, why = problem
        raise ValueError(f"{release.path / release.find(file)}, line {row + first_line}, column {column!r}: {why}")
    frame["timestamp"] = frame["timestamp"].astype("datetime64[s]")
    return Ratings(frame, items, users, name=release.path.name.removesuffix(".zip"))


def _read_csv_layout(release: Release):
    columns = {"userId": "int64", "movieId": "int64", "rating": "float64", "timestamp": "int64"}
    frame = release.read("ratings.csv", columns)
    frame.columns = ["user", "item", "rating", "timestamp"]
    movies = release.read("movies.csv", {"movieId": "int64", "title": "str", "genres": "str"})
    genres = movies["genres"].map(lambda text: () if text.startswith("(no genres") else tuple(text.split("|")))
    users = pd.DataFrame(index=pd.Index(np.unique(frame["user"]), name="user"))
    return frame, _items(movies["movieId"], movies["title"], genres, release), users


def _read_ml_100k(release: Release):
    columns = {"user": "int64", "item": "int64", "rating": "float64", "timestamp": "int64"}
    frame = release.read("u.data", columns, header=None, sep="\t")
    shape = {"item": "int64", "title": "str", "release": "str", "video": "str", "url": "str"}
    shape |= dict.fromkeys(ML_100K_GENRES, "int64")
    wanted = ["item", "title", *ML_100K_GENRES]
    movies = release.read(
        "u.item", {c: shape[c] for c in wanted}, header=None, sep="|", encoding="latin-1", names=list(shape)
    )
    flags = movies[ML_100K_GENRES[1:]].to_numpy() == 1
    genres = pd.Series([tuple(np.array(ML_100K_GENRES[1:])[row].tolist()) for row in flags])
    users = release.read(
        "u.user",
        {"user": "int64", "age": "int64", "gender": "str", "occupation": "str"},
        header=None,
        sep="|",
        names=["user", "age", "gender", "occupation", "zip"],
    )
    return frame, _items(movies["item"], movies["title"], genres, release), users.set_index("user")


def _items(ids: pd.Series, titles: pd.Series, genres: pd.Series, release: Release) -> pd.DataFrame:
    if ids.duplicated().any():
        raise ValueError(
            f"{release.path}, movies table: movie {ids[ids.duplicated()].iloc[0]} is listed twice; keep one"
        )
    parts = titles.str.extract(TITLE)
    year = pd.to_numeric(parts["year"]).astype("Int64")
    items = pd.DataFrame({"title": parts["title"], "year": year, "genres": genres})
    return items.set_index(pd.Index(ids, name="item"))


def _bad_timestamp(seconds: pd.Series) -> tuple[int, str, str] | None:
    bad = ~seconds.between(0, 4_102_444_800)  # 1970 to 2100
    if not bad.any():
        return None
    row = int(np.flatnonzero(bad)[0])
    return row, "timestamp", f"{seconds.iloc[row]} is not a time in Unix seconds"
