"""Split ratings into what a model may learn from and what it is judged on.

Each function returns two frames, train and test, whose rows keep the order and the index of the frame they come from.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workshop.datasets.ratings import check_table, generator


def random_split(frame: pd.DataFrame, *, test_size: float = 0.1, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return train and test rows, drawn at random.

    Simple, and too kind to a recommender: a test rating may be older than the training ratings of the same user.

    Parameters
    ----------
    frame : DataFrame
        One row per rating.
    test_size : float
        Share of the rows to test on, above 0 and below 1; at least one row lands on either side.
    seed : int
        The same seed gives the same split.

    Raises
    ------
    ValueError
        If `test_size` is outside (0, 1) or `frame` has fewer than two rows.

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
    """Return train and test rows: each user's newest ratings are tested on.

    Parameters
    ----------
    frame : DataFrame
        Columns ``user`` and ``timestamp``; of two ratings of the same second the later row counts as newer.
    test_size : float
        Share of each user's ratings to test on, above 0 and below 1, rounded, at least one; every user keeps at
        least one rating in train.

    Raises
    ------
    ValueError
        If `test_size` is outside (0, 1), or a column or a value in it is missing.

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


def _check(frame: pd.DataFrame, test_size: float, *columns: str) -> None:
    if not 0 < test_size < 1:
        raise ValueError(f"test_size={test_size} must lie between 0 and 1, for example 0.1")
    check_table("frame", frame, *columns)
    for column in columns:
        if frame[column].isna().any():
            row = int(np.flatnonzero(frame[column].isna())[0])
            raise ValueError(
                f"frame row {row}, column {column!r}: {frame[column].iloc[row]}; fill it in or drop the row"
            )
    if len(frame) < 2:
        raise ValueError(f"frame has {len(frame)} rows; at least 2 are needed to split")
