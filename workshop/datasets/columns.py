"""Say what is wrong with a table before pandas says it in its own words."""

from __future__ import annotations

import pandas as pd


def check_table(name: str, table: object, *columns: str) -> None:
    """None, if `table` is a DataFrame that has these columns, each once.

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
        If `table` is no DataFrame.
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
        if count != 1:
            problem = f"{count} columns {column!r}; keep one" if count else f"no column {column!r}"
            raise ValueError(
                f"{name} has {problem}" + ("" if count else f"; found {', '.join(map(str, table.columns))}")
            )
