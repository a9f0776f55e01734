"""What a set of ratings is: three tables that fit together.

A split cuts their rows into those that a model may learn from, train, and those that it is judged on, test; both keep
the order and the index of the table they come from. What is wrong with a table is said here, before pandas says it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

RATING_COLUMNS = {"user": "int64", "item": "int64", "rating": "float64", "timestamp": "datetime64[s]"}


@dataclass(frozen=True, repr=False)
class Ratings:
    """Ratings with the items and the users they speak of.

    Parameters
    ----------
    frame : DataFrame
        One row per rating, in file order: ``user`` and ``item`` (int64 ids), ``rating`` (float64, 0.5 to 5 stars) and
        ``timestamp`` (datetime64[s], UTC). A (user, item) pair appears once.
    items : DataFrame
        Indexed by item id, every rated item included: ``title`` (str, without its year), ``year`` (Int64, ``<NA>``
        when unknown) and ``genres`` (tuple of str, possibly empty).
    users : DataFrame
        Indexed by user id. Releases with demographics have the columns ``age`` (years), ``gender`` and
        ``occupation``; the others have none.
    name : str
        What the data set is called.

    Raises
    ------
    ValueError
        If a column is missing or of another type, a pair appears twice, a rating is outside 0.5 to 5, or a rated
        item or a rating user is not in its table.

    Examples
    --------
    >>> from workshop.datasets import load_movielens
    >>> load_movielens()
    Ratings('movielens-small': 100,004 ratings, 671 users, 9,066 items)
    >>> load_movielens().matrix().shape
    (671, 9066)
    """

    frame: pd.DataFrame = field(compare=False)
    items: pd.DataFrame = field(compare=False)
    users: pd.DataFrame = field(compare=False)
    name: str

    def __post_init__(self):
        check_table("frame", self.frame, *RATING_COLUMNS)
        check_table("items", self.items)
        check_table("users", self.users)
        for column, dtype in RATING_COLUMNS.items():
            found = self.frame[column].dtype
            if found != dtype:
                remedy = f"convert it with .astype({dtype!r})"
                if column in ("user", "item") and not pd.api.types.is_numeric_dtype(found):
                    remedy = f"number the names with pd.factorize(frame[{column!r}])[0], here and in the other tables"
                raise ValueError(f"frame column {column!r} is {found}, not {dtype}; {remedy}")
        if self.frame.empty:
            raise ValueError("frame has no rows; at least one rating is needed")
        if problem := first_problem(self.frame, self.items, self.users):
            row, column, why = problem
            raise ValueError(f"frame row {row}, column {column!r}: {why}")

    def matrix(self) -> sparse.csr_array:
        """Return the ratings as a sparse matrix (n_users, n_items), rows and columns in the order of their ids.

        A stored entry is a rating in stars, an absent one is unknown, not zero stars; unrated items have no column.
        """
        (_, users), (_, items) = (np.unique(self.frame[name], return_inverse=True) for name in ("user", "item"))
        return sparse.csr_array((self.frame["rating"].to_numpy(), (users, items)))

    def __repr__(self) -> str:
        n_users, n_items = self.frame["user"].nunique(), self.frame["item"].nunique()
        return f"Ratings({self.name!r}: {len(self.frame):,} ratings, {n_users:,} users, {n_items:,} items)"


def first_problem(frame: pd.DataFrame, items: pd.DataFrame, users: pd.DataFrame) -> tuple[int, str, str] | None:
    """Return position (from 0), column and description of the first row that cannot be right; None if all can."""
    checks = [
        ("rating", ~frame["rating"].between(0.5, 5), "is not between 0.5 and 5 stars"),
        ("timestamp", frame["timestamp"].isna(), "is not a time"),
        ("item", ~frame["item"].isin(items.index), "is not in the table of items"),
        ("user", ~frame["user"].isin(users.index), "is not in the table of users"),
        ("item", frame.duplicated(["user", "item"]), "was already rated by this user; keep one of the two"),
    ]
    for column, bad, why in checks:
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            return row, column, f"{frame[column].iloc[row]} {why}"
    return None


def random_split(frame: pd.DataFrame, *, test_size: float = 0.1, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return train and test rows, drawn at random; the same `seed` gives the same split.

    Simple, and too kind to a recommender: a test rating may be older than the training ratings of the same user.
    `test_size` is the share of the rows to test on, above 0 and below 1; at least one row lands on either side.
    ValueError for another share, or fewer than two rows.

    Examples
    --------
    >>> train, test = random_split(pd.DataFrame({"rating": [3.0, 4.0, 5.0, 2.0]}), test_size=0.25, seed=0)
    >>> test.index.tolist()
    [2]
    """
    _check(frame, test_size)
    n_test = min(max(1, round(test_size * len(frame))), len(frame) - 1)
    in_test = np.zeros(len(frame), bool)
    in_test[generator(seed).permutation(len(frame))[:n_test]] = True
    return frame[~in_test], frame[in_test]


def temporal_split(frame: pd.DataFrame, *, test_size: float = 0.1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return train and test rows, by the columns ``user`` and ``timestamp``: each user's newest ratings are tested on.

    Of two ratings of the same second the later row counts as newer. `test_size` is the share of each user's ratings to
    test on, above 0 and below 1, rounded, at least one; every user keeps at least one rating in train. ValueError for
    another share, or where a column or a value in it is missing.

    Examples
    --------
    >>> ratings = pd.DataFrame({"user": [1, 1, 1, 2], "timestamp": [30, 10, 20, 5]})
    >>> train, test = temporal_split(ratings, test_size=0.34)
    >>> test.index.tolist()
    [0]
    """
    _check(frame, test_size, "user", "timestamp")
    count = frame.groupby("user")["user"].transform("size").to_numpy()
    n_test = np.minimum(np.maximum(1, np.rint(test_size * count)), count - 1)
    order = np.lexsort((np.arange(len(frame)), frame["timestamp"], frame["user"]))
    age = np.empty(len(frame), int)  # 0 for a user's newest rating, 1 for the one before, ...
    age[order] = frame.iloc[order].groupby("user").cumcount(ascending=False)
    return frame[age >= n_test], frame[age < n_test]


def session_split(frame: pd.DataFrame, *, pause_hours: float = 24) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return train and test rows, by ``user`` and ``timestamp`` (dates): each user's last session is tested on, whole.

    Ratings of one evening resemble each other, so a split that cuts through it is kind to a model (Woolridge and others
    2021; Fan and others 2024). A session ends where its user gives no rating for longer than `pause_hours`, above 0; a
    user with a single session stays in train. ValueError for another pause, or where a column or a value in it is
    missing.

    Examples
    --------
    >>> when = pd.to_datetime(["2016-05-01 20:00", "2016-05-01 20:01", "2016-05-03 20:00", "2016-05-01 20:00"])
    >>> train, test = session_split(pd.DataFrame({"user": [1, 1, 1, 2], "timestamp": when}))
    >>> test.index.tolist()
    [2]
    """
    if not pause_hours > 0:
        raise ValueError(f"pause_hours={pause_hours} must be above 0, for example 24")
    _check(frame, 0.5, "user", "timestamp")
    order = np.lexsort((frame["timestamp"], frame["user"]))
    in_time = frame.iloc[order]
    paused = in_time.groupby("user")["timestamp"].diff() > pd.Timedelta(hours=pause_hours)
    session = np.empty(len(frame), int)  # 0 for a user's first, 1 for the next, ...
    session[order] = paused.groupby(in_time["user"]).cumsum()
    last = pd.Series(session).groupby(frame["user"].to_numpy()).transform("max").to_numpy()
    in_test = (session == last) & (last > 0)
    return frame[~in_test], frame[in_test]


def _check(frame: pd.DataFrame, test_size: float, *columns: str) -> None:
    if not 0 < test_size < 1:
        raise ValueError(f"test_size={test_size} must lie between 0 and 1, for example 0.1")
    check_table("frame", frame, *columns)
    for column in columns:
        if frame[column].isna().any():
            row = int(np.flatnonzero(frame[column].isna())[0])
            raise ValueError(f"frame row {row}, column {column!r}: {frame[column].iloc[row]}; fill it in or drop it")
    if len(frame) < 2:
        raise ValueError(f"frame has {len(frame)} rows; at least 2 are needed to split")


def check_ratings(ratings: object) -> None:
    """Raise TypeError unless `ratings` is a `Ratings`, with all three tables.

    Examples
    --------
    >>> check_ratings(pd.DataFrame())
    Traceback (most recent call last):
    TypeError: ratings is DataFrame, not Ratings; give what load_movielens returns
    """
    if not isinstance(ratings, Ratings):
        raise TypeError(f"ratings is {type(ratings).__name__}, not Ratings; give what load_movielens returns")


def check_table(name: str, table: object, *columns: str) -> None:
    """Raise TypeError or ValueError unless `table`, the caller's argument `name`, has these columns, each once.

    Examples
    --------
    >>> check_table("items", pd.DataFrame({"year": [1995]}), "genres", "year")
    Traceback (most recent call last):
    ValueError: items has no column 'genres'; found year
    """
    if isinstance(table, Ratings):
        raise TypeError(f"{name} is Ratings; give one of its tables: .frame (the ratings), .items or .users")
    if not isinstance(table, pd.DataFrame):
        wanted = ", ".join(columns) or "any columns"
        raise TypeError(f"{name} is {type(table).__name__}, not a DataFrame; give a table with {wanted}")
    for column in columns:
        count = int((table.columns == column).sum())
        if count > 1:
            raise ValueError(f"{name} has {count} columns {column!r}; keep one")
        if count == 0:
            raise ValueError(f"{name} has no column {column!r}; found {', '.join(map(str, table.columns))}")


def check_numbers(name: str, values: object) -> np.ndarray:
    """Return the numbers as float64, shape (n,), or raise ValueError that says which of them is not a finite number.

    Text, dates, complex numbers, masks and missing values are refused rather than turned into numbers.

    Examples
    --------
    >>> check_numbers("y", [4, 3.5])
    array([4. , 3.5])
    >>> check_numbers("y", [4, None])
    Traceback (most recent call last):
    ValueError: y holds None, which is not a number; drop or repair that row
    """
    if np.ma.is_masked(values):
        raise ValueError(f"{name} has masked entries; leave those rows out: {name}[~{name}.mask]")
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"{name} has shape {array.shape}; give one number per row, shape (n,)")
    if array.dtype.kind not in "biuf":  # NumPy would turn some of these into numbers
        odd = [value for value in array.tolist() if array.dtype.kind != "O" or not isinstance(value, (Real, np.bool_))]
        if odd:
            raise ValueError(f"{name} holds {odd[0]!r}, which is not a number; drop or repair that row")
    array = array.astype(float)
    if not np.isfinite(array).all():
        what = "NaN" if np.isnan(array).any() else "infinity (inf)"
        raise ValueError(f"{name} holds {what}; drop or repair those rows")
    return array


def generator(seed: Any) -> np.random.Generator:
    """Return the generator of random numbers that `seed` starts; raise ValueError if it is not a seed.

    Examples
    --------
    >>> generator(0).integers(100)
    np.int64(85)
    >>> generator(-1)
    Traceback (most recent call last):
    ValueError: seed=-1 is not a seed; give a whole number of 0 or more
    """
    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError):
        raise ValueError(f"seed={seed!r} is not a seed; give a whole number of 0 or more") from None


def as_genres(value: Any) -> tuple[str, ...]:
    """Return genres as a tuple of names, each once, however a table holds them.

    Text is cut at ``|``; a set is put in order. Spaces around a name, an empty name, "(no genres listed)" and a missing
    value are no genres. Raises ValueError for anything but text, names or nothing.

    Examples
    --------
    >>> as_genres("Action| Crime|"), as_genres(["Drama", "Drama"]), as_genres({"War", "Drama"})
    (('Action', 'Crime'), ('Drama',), ('Drama', 'War'))
    >>> as_genres("(No Genres Listed)"), as_genres(None), as_genres(float("nan"))
    ((), (), ())
    """
    if isinstance(value, str):
        value = value.split("|")
    elif value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return ()
    elif isinstance(value, (set, frozenset)):
        value = sorted(value)
    try:
        names = [name.strip() for text in value for name in text.split("|")]
    except (AttributeError, TypeError):
        raise ValueError(f"'genres' holds {value!r}; give a tuple of names, or a text such as 'Drama|War'") from None
    return tuple(dict.fromkeys(name for name in names if name and name.lower() != "(no genres listed)"))


def genre_table(items: pd.DataFrame) -> pd.DataFrame:
    """Return a table of 0 and 1, one row per item and one column per genre in alphabetical order.

    The one place where models read genres, so that all see the same ones (see `as_genres`).

    Examples
    --------
    >>> items = pd.DataFrame({"genres": [("Drama", "War"), "Comedy|(no genres listed)"]}, index=[7, 8])
    >>> genre_table(items)
       Comedy  Drama  War
    7       0      1    1
    8       1      0    0
    """
    names = pd.Series([as_genres(cell) for cell in items["genres"]]).explode().dropna()
    found, column = np.unique(names.to_numpy(dtype=str), return_inverse=True)
    table = np.zeros((len(items), len(found)), int)
    table[names.index, column] = 1
    return pd.DataFrame(table, items.index, found.astype(object))
