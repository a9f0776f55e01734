"""What a set of ratings is: three tables that fit together."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import sparse

from workshop.datasets.columns import check_table

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
            if self.frame[column].dtype != dtype:
                found = self.frame[column].dtype
                remedy = f"convert it with .astype({dtype!r})"
                if column in ("user", "item") and not pd.api.types.is_numeric_dtype(found):
                    remedy = f"number the names with pd.factorize(frame[{column!r}])[0], here and in the other tables"
                raise ValueError(f"frame column {column!r} is {found}, not {dtype}; {remedy}")
        if self.frame.empty:
            raise ValueError("frame has no rows; at least one rating is needed")
        if problem := first_problem(self.frame, self.items, self.users):
            row, column, why = problem
            raise ValueError(f"frame row {row}, column {column!r}: {why}")

    @property
    def n_users(self) -> int:
        """Return the number of users who rated at least one item."""
        return self.frame["user"].nunique()

    @property
    def n_items(self) -> int:
        """Return the number of items rated at least once."""
        return self.frame["item"].nunique()

    def matrix(self) -> sparse.csr_array:
        """Return the ratings as a sparse matrix, user x item.

        Returns
        -------
        csr_array of shape (n_users, n_items)
            Row u is the u-th smallest user id, column i the i-th smallest item id among those rated; a stored entry
            is a rating in stars, an absent one is unknown (not zero stars).

        Examples
        --------
        >>> from workshop.datasets import load_movielens
        >>> load_movielens().matrix().shape
        (671, 9066)
        """
        _, users = np.unique(self.frame["user"], return_inverse=True)
        _, items = np.unique(self.frame["item"], return_inverse=True)
        return sparse.csr_array((self.frame["rating"].to_numpy(), (users, items)))

    def __repr__(self) -> str:
        counts = f"{len(self.frame):,} ratings, {self.n_users:,} users, {self.n_items:,} items"
        return f"Ratings({self.name!r}: {counts})"


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
