"""Say what is wrong with a table or a column before pandas says it in its own words or changes it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


def check_table(name: str, table: object, *columns: str) -> None:
    """Raise unless `table` is a DataFrame that has these columns, each once.

    Parameters
    ----------
    name : str
        What the caller's argument is called, for the message.
    table : object
        What was given.
    *columns : str
        The columns that are needed.

    Raises
    ------
    TypeError
        If `table` is not a DataFrame.
    ValueError
        If a column is missing, or there twice.

    Examples
    --------
    >>> check_table("items", pd.DataFrame({"year": [1995]}), "genres", "year")
    Traceback (most recent call last):
    ValueError: items has no column 'genres'; found year
    """
    if not isinstance(table, pd.DataFrame):
        wanted = ", ".join(columns) or "any columns"
        raise TypeError(f"{name} is {type(table).__name__}, not a DataFrame; give a table with {wanted}")
    for column in columns:
        count = int((table.columns == column).sum())
        if count > 1:
            raise ValueError(f"{name} has {count} columns {column!r}; keep one")
        if count == 0:
            raise ValueError(f"{name} has no column {column!r}; found {', '.join(map(str, table.columns))}")


def as_genres(value: Any) -> tuple[str, ...]:
    """Return genres as a tuple of names, each once, however a table holds them.

    Parameters
    ----------
    value : str, iterable of str, or missing
        "Action|Crime", or a tuple, list, set or array of names; "(no genres listed)", blanks and None are no genres.

    Raises
    ------
    TypeError
        If it is anything else.

    Examples
    --------
    >>> as_genres("Action| Crime|"), as_genres(["Drama", "Drama"]), as_genres("(no genres listed)"), as_genres(None)
    (('Action', 'Crime'), ('Drama',), (), ())
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
        raise TypeError(f"genres={value!r} are not names; give a list such as ['Action', 'Crime']") from None
    return tuple(dict.fromkeys(name for name in names if name and name.lower() != "(no genres listed)"))
