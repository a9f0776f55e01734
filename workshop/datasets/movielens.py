"""Read MovieLens: the copy that ships in ``data/`` and every official release; fetch one where there is a network.

F. Maxwell Harper and Joseph A. Konstan. 2015. The MovieLens Datasets: History and Context. ACM Transactions on
Interactive Intelligent Systems 5, 4: 19:1-19:19.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pandas as pd

from workshop.datasets.ratings import Ratings, as_genres, first_problem
from workshop.datasets.release import Release
from workshop.shipped import shipped_folder, verify_shipped

# Checksums that GroupLens publishes beside its files (MD5), or that agree over many independent copies (SHA-256).
RELEASES = {
    "ml-latest-small": "sha256:696d65a3dfceac7c45750ad32df2c259311949efec81f0f144fdfb91ebc9e436",
    "ml-100k": "md5:0e33842e24a9c977be4e0107933c0723",
    "ml-1m": "md5:c4d9eecfca2ab87c1945afe126590906",
    "ml-10m": "md5:ce571fd55effeba0271552578f2648bd",
    "ml-20m": "md5:cd245b17a1ae2cc31bb14903e1204af3",
    "ml-25m": "md5:6b51fb2759a8657d3bfcbfc42b592ada",
    "ml-32m": "md5:d472be332d4daa821edc399621853b57",
}
URL = "https://files.grouplens.org/datasets/movielens/{release}.zip"
ML_100K_GENRES = (
    "unknown|Action|Adventure|Animation|Children|Comedy|Crime|Documentary|Drama|Fantasy|Film-Noir|Horror|Musical|"
    "Mystery|Romance|Sci-Fi|Thriller|War|Western"
).split("|")
# "Toy Story (1995)", "Fawlty Towers (1975-1979)", "Diplomatic Immunity (2009– )", "Hyena Road"
TITLE = r"^(?P<title>.*?)\s*(?:\(\s*(?P<year>\d{4})\s*(?:[-–]\s*\d{0,4}\s*)?\))?\s*$"
RATING = {"user": "int64", "item": "int64", "rating": "float64", "timestamp": "int64"}


def load_movielens(path: str | Path | None = None) -> Ratings:
    """Return the ratings of a MovieLens release.

    Parameters
    ----------
    path : str or Path, optional
        Folder, zip or tar file of an official release: the layout of ml-latest-small, ml-20m, ml-25m and ml-32m
        (``ratings.csv``, ``movies.csv``), that of ml-1m and ml-10m (``ratings.dat``, ``movies.dat``, ``users.dat`` if
        there is one) or that of ml-100k (``u.data``, ``u.item``, ``u.user`` if there is one); each file may be
        gzip-compressed. Default: the 100,004 ratings that ship with the workshop, whose checksums are verified.

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
    with contextlib.ExitStack() as stack:
        release = Release(path, stack)
        file = next((name for name in LAYOUTS if name in release.files), "ratings.csv")
        frame, items, users = LAYOUTS[file](release)
    users = pd.DataFrame(index=pd.Index(np.unique(frame["user"]), name="user")) if users is None else users
    problem = first_problem(frame, items, users)
    if (bad := ~frame["timestamp"].between(0, 4_102_444_800)).any():  # 1970 to 2100
        row = int(np.flatnonzero(bad)[0])
        problem = row, "timestamp", f"{frame['timestamp'].iloc[row]} is not a time in Unix seconds"
    if problem:
        row, column, why = problem
        line = row + (2 if file == "ratings.csv" else 1)
        raise ValueError(f"{release.files[file][0]}, line {line}, column {column!r}: {why}")
    frame["timestamp"] = frame["timestamp"].astype("datetime64[s]")
    name = release.path.name
    return Ratings(frame, items, users, name=name.removesuffix(".gz").rpartition(".")[0] or name)


def _read_csv(release):
    columns = dict(zip(("userId", "movieId", "rating", "timestamp"), RATING.values(), strict=True))
    frame = release.read("ratings.csv", columns).set_axis(list(RATING), axis="columns")
    movies = release.read("movies.csv", {"movieId": "int64", "title": "str", "genres": "str"})
    return frame, _items(movies["movieId"], movies["title"], movies["genres"], release), None


def _read_dat(release):
    """Read the layout of ml-1m and ml-10m, whose cells are separated by two colons."""
    # The fast parser of pandas wants one character: with ":" every second column is empty.
    spaced = [name for column in RATING for name in (column, f"after {column}")][:-1]
    frame = release.read("ratings.dat", RATING, header=None, sep=":", names=spaced)
    twice = {"header": None, "sep": "::", "engine": "python"}
    movies = {"item": "int64", "title": "str", "genres": "str"}
    try:
        table = release.read("movies.dat", movies, **twice)
    except ValueError as error:
        if "is not UTF-8" not in str(error):
            raise
        table = release.read("movies.dat", movies, encoding="latin-1", **twice)  # as ml-1m was published
    users = None
    if "users.dat" in release.files:
        shape = {"user": "int64", "gender": "str", "age": "int64", "occupation": "str", "zip": "str"}
        users = release.read("users.dat", shape, **twice).set_index("user")[["age", "gender", "occupation"]]
    return frame, _items(table["item"], table["title"], table["genres"], release), users


def _read_100k(release):
    frame = release.read("u.data", RATING, header=None, sep="\t")
    names = ["item", "title", "release", "video", "url", *ML_100K_GENRES]
    wanted = {"item": "int64", "title": "str"} | dict.fromkeys(ML_100K_GENRES, "int64")
    movies = release.read("u.item", wanted, header=None, sep="|", encoding="latin-1", names=names)
    flags = movies[ML_100K_GENRES[1:]].to_numpy() == 1
    genres = pd.Series([tuple(np.array(ML_100K_GENRES[1:])[row].tolist()) for row in flags])
    users = None
    if "u.user" in release.files:
        shape = {"user": "int64", "age": "int64", "gender": "str", "occupation": "str", "zip": "str"}
        users = release.read("u.user", shape, header=None, sep="|").set_index("user").drop(columns="zip")
    return frame, _items(movies["item"], movies["title"], genres, release), users


LAYOUTS = {"u.data": _read_100k, "ratings.dat": _read_dat, "ratings.csv": _read_csv}  # by the file of ratings


def _items(ids, titles, genres, release):
    if ids.duplicated().any():
        twice = ids[ids.duplicated()].iloc[0]
        raise ValueError(f"{release.path}, movies table: movie {twice} is listed twice; keep one")
    parts = titles.str.extract(TITLE)
    year = pd.to_numeric(parts["year"]).astype("Int64")
    items = pd.DataFrame({"title": parts["title"], "year": year, "genres": genres.map(as_genres)})
    return items.set_index(pd.Index(ids, name="item"))


def fetch_movielens(
    release: str, folder: str | Path = "data", *, url: str | None = None, progress: bool = True
) -> Path:
    """Return the path of a release's zip file, for `load_movielens`; downloaded if need be, its checksum verified.

    Parameters
    ----------
    release : str
        A key of ``RELEASES``: "ml-latest-small" (1 MB), "ml-100k" (5 MB), "ml-1m" (6 MB), "ml-10m" (63 MB), "ml-20m"
        (190 MB), "ml-25m" (250 MB) or "ml-32m" (240 MB).
    folder : str or Path
        Where the zip file is kept; made if missing.
    url : str, optional
        Another address of the same file, for example a mirror in the classroom.
    progress : bool

    Raises
    ------
    ValueError
        If `release` is not known, or the file is not the published one (a fresh download is then removed).
    ConnectionError
        If the download fails; the message says what to do without a network.

    Examples
    --------
    >>> fetch_movielens("ml-1b")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: release='ml-1b' is not known; choose one of ml-latest-small, ml-100k, ml-1m, ...
    """
    if not isinstance(release, str) or release not in RELEASES:
        raise ValueError(f"release={release!r} is not known; choose one of {', '.join(RELEASES)}")
    if not isinstance(url, str | None):
        raise TypeError(f"url={url!r} is not an address; give a str such as {URL.format(release=release)!r}")
    import pooch  # here, because nothing else in the workshop needs a network

    folder = Path(folder).expanduser()
    target = folder / f"{release}.zip"
    url = url or URL.format(release=release)
    algorithm, expected = RELEASES[release].split(":")
    try:
        if target.exists() and pooch.file_hash(target, alg=algorithm) != expected:  # pooch would replace it unasked
            raise ValueError
        load = pooch.HTTPDownloader(progressbar=progress, timeout=30)
        return Path(pooch.retrieve(url, RELEASES[release], target.name, folder, downloader=load))
    except OSError as error:  # the errors of requests, which pooch asks, are of this kind
        raise ConnectionError(
            f"could not download {url} ({error}). Without a network: the ratings in data/ need none; for this "
            f"release, download the file on another machine, copy it to {target} and call this function again"
        ) from error
    except ValueError:
        raise ValueError(
            f"what {target if target.exists() else url} holds is not the published {release} ({RELEASES[release]}); "
            "remove it and fetch again"
        ) from None
