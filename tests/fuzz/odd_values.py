"""Odd values in place of good ones: of the same kind, with odd contents, or of another kind altogether."""

import numpy as np
import pandas as pd
import scipy.sparse as sp
from hypothesis import strategies as st

WHOLE = [0, 1, -1, 2, 3, -7, -(10**6), True]
REAL = [0.0, 1.0, -1.0, 0.5, -0.0, 1e-320, 1e300, -1e300, float("nan"), float("inf"), float("-inf")]
TEXT = ["", "x", "user", "\0", "ä" * 40, "../x", "1e999", "None", " ", "%s{}"]


def other_kinds():
    """Values that are hardly ever what is wanted."""
    made = [
        lambda: None,
        lambda: True,
        lambda: "text",
        lambda: b"bytes",
        lambda: object(),
        lambda: 3.5,
        lambda: -2,
        lambda: [],
        lambda: {},
        lambda: (),
        lambda: [[1, 2], [3]],
        lambda: {"a": object()},
        lambda: float("nan"),
        lambda: np.array(3.0),
        lambda: np.zeros((0, 2)),
        lambda: np.array(["a", None], dtype=object),
        lambda: np.ones((2, 2, 2)),
        lambda: pd.DataFrame(),
        lambda: pd.Series(dtype=float),
        lambda: int,
        lambda: len,
        lambda: 1j,
    ]
    return st.sampled_from(made).map(lambda make: make())


@st.composite
def odd(draw, value):
    """A value of the same kind as `value`, with other contents; `value` itself stays as it is."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, np.integer)):
        return draw(st.sampled_from(WHOLE))
    if isinstance(value, (float, np.floating)):
        return draw(st.sampled_from(REAL) | st.floats(-10, 10))
    if isinstance(value, str):
        return draw(st.sampled_from(TEXT) | st.text(max_size=5))
    if isinstance(value, np.ndarray):
        return draw(odd_array(value))
    if isinstance(value, pd.DataFrame):
        return draw(odd_frame(value))
    if isinstance(value, pd.Series):
        return pd.Series(np.ravel(draw(odd_array(value.to_numpy()))))
    if isinstance(value, (list, tuple)):
        return draw(odd_sequence(value))
    if isinstance(value, dict) and value:
        key = draw(st.sampled_from(list(value)))
        changed = dict(value)
        if draw(st.booleans()):
            del changed[key]
        else:
            changed[key] = draw(odd(value[key]))
        return changed
    if sp.issparse(value):
        array = draw(odd_array(value.toarray()))
        return type(value)(array.reshape(-1, 1) if array.dtype.kind in "iuf" else value)
    return draw(other_kinds())


@st.composite
def odd_array(draw, array):
    """An array with other numbers, another length, type or shape."""
    n = len(array) if array.ndim else 1
    numbers = array.astype(float) if array.dtype.kind in "iufb" else np.zeros(array.shape)
    change = draw(
        st.sampled_from(
            ["empty", "one", "nan", "inf", "huge", "negative", "zero", "constant", "whole", "text", "longer", "deeper"]
        )
    )
    place = draw(st.integers(0, max(n - 1, 0)))
    if change in ("nan", "inf", "huge", "negative", "zero") and array.ndim and n:
        numbers = numbers.copy()
        number = {"nan": np.nan, "inf": -np.inf, "huge": 1e300, "negative": -3.0, "zero": 0.0}[change]
        numbers[place] = number
        return numbers
    return {
        "empty": array[:0] if array.ndim else array,
        "one": array[:1] if array.ndim else array,
        "constant": np.full_like(numbers, 2.0),
        "whole": np.nan_to_num(numbers).clip(-1e6, 1e6).astype(np.int64),
        "text": array.astype(str),
        "longer": np.concatenate([array, array]) if array.ndim else array,
        "deeper": array[None],
    }.get(change, array)


@st.composite
def odd_frame(draw, frame):
    """A table with other rows, columns or cells."""
    change = draw(
        st.sampled_from(["empty", "one", "twice", "without", "only", "column", "object", "index", "shuffled"])
    )
    column = draw(st.sampled_from(list(frame.columns))) if len(frame.columns) else None
    if change == "without" or column is None:
        return frame.drop(columns=[column]) if column is not None else frame.iloc[:0]
    if change == "column":
        array = draw(odd_array(frame[column].to_numpy()))
        return frame.assign(**{str(column): np.resize(array, len(frame)) if array.size else np.nan})
    return {
        "empty": lambda: frame.iloc[:0],
        "one": lambda: frame.iloc[:1],
        "twice": lambda: pd.concat([frame, frame]),
        "only": lambda: frame[[column]],
        "object": lambda: frame.assign(**{str(column): ["?"] * len(frame)}),
        "index": lambda: frame.set_axis([7] * len(frame), axis=0),
        "shuffled": lambda: frame.iloc[::-1],
    }[change]()


@st.composite
def odd_sequence(draw, values):
    """A list or tuple, shorter or longer, or with an odd member."""
    kind = type(values)
    if hasattr(values, "_fields") or not values:
        return draw(other_kinds())
    change = draw(st.sampled_from(["empty", "one", "twice", "member", "none"]))
    place = draw(st.integers(0, len(values) - 1))
    changed = {"empty": [], "one": list(values[:1]), "twice": [*values, *values], "none": [*values, None]}.get(change)
    if changed is None:
        changed = [*values[:place], draw(odd(values[place])), *values[place + 1 :]]
    return kind(changed)
