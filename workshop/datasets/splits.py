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


def session_split(frame: pd.DataFrame, *, pause_hours: float = 24) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return train and test rows: each user's last session is tested on, whole.

    Ratings of one evening resemble each other, so a split that cuts through it is kind to a model (Woolridge and others
    2021; Fan and others 2024).

    Parameters
    ----------
    frame : DataFrame
        Columns ``user`` and ``timestamp`` (dates). A user with a single session stays in train.
    pause_hours : float
        A session ends where its user gives no rating for longer than this many hours, above 0.

    Raises
    ------
    ValueError
        If `pause_hours` is not above 0, or a column or a value in it is missing.

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
            raise ValueError(
                f"frame row {row}, column {column!r}: {frame[column].iloc[row]}; fill it in or drop the row"
            )
    if len(frame) < 2:
        raise ValueError(f"frame has {len(frame)} rows; at least 2 are needed to split")
