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


def check_numbers(name: str, values: object) -> np.ndarray:
    """Return the numbers as float64, shape (n,), or raise an error that says which of them is not a finite number.

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
    if array.dtype.kind == "c":
        raise ValueError(f"{name} holds {array.tolist()[0]!r}, which is not a number; give its real part")
    refuse_odd_values(name, array)
    array = array.astype(float)
    if not np.isfinite(array).all():
        what = "NaN" if np.isnan(array).any() else "infinity (inf)"
        raise ValueError(f"{name} holds {what}; drop or repair those rows")
    return array


def refuse_odd_values(name: str, values: object) -> None:
    """Raise ValueError if `values`, of any shape, holds None, texts or dates, which NumPy would turn into numbers.

    Examples
    --------
    >>> refuse_odd_values("y", [[3, "4"]])
    Traceback (most recent call last):
    ValueError: y holds '3', which is not a number; drop or repair that row
    """
    array = np.asarray(values)
    if array.dtype.kind in "biufc" or values is None:
        return
    odd = [value for value in array.ravel() if array.dtype.kind != "O" or not isinstance(value, (Real, np.bool_))]
    if odd:
        value = odd[0].item() if isinstance(odd[0], np.str_) else odd[0]
        raise ValueError(f"{name} holds {value!r}, which is not a number; drop or repair that row")


def check_ids(name: str, values: object) -> np.ndarray:
    """Return the ids as int64 or as text, shape (n,), or raise an error that says which of them is not an id.

    An id is a whole number or a text. Numbers and texts are never turned into each other, and floats beyond 2^53 are
    refused: there neighbouring whole numbers are one and the same float.

    Examples
    --------
    >>> check_ids("user", [3, 2**60 + 1]).tolist(), check_ids("user", ["b", "a"]).tolist()
    ([3, 1152921504606846977], ['b', 'a'])
    >>> check_ids("user", [1, "1"])
    Traceback (most recent call last):
    TypeError: user holds 1 and '1'; give all ids as whole numbers, or all as text
    """
    if np.ma.is_masked(values):
        raise ValueError(f"{name} has masked entries; leave those rows out: {name}[~{name}.mask]")
    array = np.asarray(values)
    if array.dtype.kind in "UO" and not (isinstance(values, np.ndarray) and array.dtype.kind == "U"):
        array = _from_objects(name, np.asarray(values, dtype=object))  # a list of 1 and "a" would be two texts
    kind = array.dtype.kind
    if kind not in "iufU":
        raise TypeError(f"{name} holds {array.flat[0]!r}; ids are whole numbers or text")
    if kind == "f":
        if not np.isfinite(array).all():
            raise ValueError(f"{name} holds NaN or infinity (inf); drop those rows")
        if (array != np.floor(array)).any():
            raise ValueError(f"{name} holds the id {array[array != np.floor(array)][0]}; ids are whole numbers or text")
        if (np.abs(array) > 2**53).any():
            raise ValueError(
                f"{name} holds {np.abs(array).max():.0f} as a float, which cannot be told from the numbers beside it; "
                "read that column as int64 or as text"
            )
    if kind == "u" and array.size and array.max() > np.iinfo(np.int64).max:
        raise ValueError(f"{name} holds {array.max()}, beyond 2^63 - 1; give such ids as text: .astype(str)")
    return array if kind == "U" else array.astype(np.int64)


def _from_objects(name: str, array: np.ndarray) -> np.ndarray:
    """The same ids as an array of numbers or of texts; refuses what is missing, mixed, or neither."""
    if pd.isna(array).any():
        raise ValueError(f"{name} holds {array[pd.isna(array)][0]} (NaN, missing); drop those rows")
    text = np.array([isinstance(value, str) for value in array.flat], dtype=bool).reshape(array.shape)
    odd = [value for value in array[~text] if not isinstance(value, Real)]
    if odd:
        raise TypeError(f"{name} holds {odd[0]!r}; the argument must be a string or a number: ids are one or the other")
    if text.any() and not text.all():
        one, other = array[~text][0], array[text][0]
        raise TypeError(f"{name} holds {one!r} and {other!r}; give all ids as whole numbers, or all as text")
    return array.astype(str) if text.any() else np.array(array.tolist(), dtype=None if array.size else int)
