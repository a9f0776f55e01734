"""Say what is wrong with a table or a column before pandas says it in its own words or changes it."""

from __future__ import annotations

from numbers import Real
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
    ValueError
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
        raise ValueError(f"'genres' holds {value!r}; give a tuple of names, or a text such as 'Drama|War'") from None
    return tuple(dict.fromkeys(name for name in names if name and name.lower() != "(no genres listed)"))


def read_ids(name: str, column: Any) -> np.ndarray:
    """Return the ids (n,) of one column, int64 or text: never by way of floats, which merge ids beyond 2**53.

    Raises
    ------
    ValueError
        For missing values, fractions, dates or a mixture of numbers and texts.

    Examples
    --------
    >>> read_ids("user", [2**60, 2**60 + 1]).tolist() == [2**60, 2**60 + 1]
    True
    """
    values = pd.Series(np.asarray(column) if isinstance(column, list) else column).reset_index(drop=True)
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.cat.categories.dtype)
    if values.isna().any():
        raise ValueError(f"column {name!r} holds missing values; drop these rows")
    kind = pd.api.types.infer_dtype(values, skipna=False)
    if kind == "integer" and values.between(-(2**63), 2**63 - 1).all():
        return values.to_numpy(dtype=np.int64)
    if kind == "floating" and (values % 1 == 0).all() and values.abs().max() <= 2**53:
        return values.to_numpy(dtype=np.int64)
    if kind == "string":
        return values.to_numpy(dtype=str)
    if values.empty:
        return np.array([], dtype=np.int64)
    raise ValueError(
        f"column {name!r} holds {kind} values such as {values.iloc[0]}; ids are whole numbers below 2**63 or texts: "
        "convert it with .astype('int64') or .astype(str)"
    )


def check_real_numbers(name: str, values: Any) -> None:
    """Raise ValueError if `values` holds None, texts or dates, which NumPy would silently turn into numbers.

    Examples
    --------
    >>> check_real_numbers("y", [3, None])
    Traceback (most recent call last):
    ValueError: y holds None (NoneType); give numbers, and drop rows without one
    """
    if values is None or np.asarray(values).dtype.kind in "biufc":  # no values, and complex ones, are named elsewhere
        return
    values = np.asarray(values)
    odd = [value for value in values.ravel().tolist() if values.dtype.kind != "O" or not isinstance(value, Real)]
    if odd:
        raise ValueError(f"{name} holds {odd[0]!r} ({type(odd[0]).__name__}); give numbers, and drop rows without one")
