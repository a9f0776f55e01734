"""Odd values in place of good ones: of the same kind, with odd contents, or of another kind altogether.

Every function takes `rng`, a `random.Random`: the same seed gives the same values.
"""

import copy

import numpy as np
import pandas as pd
import scipy.sparse as sp

WHOLE = [0, 1, -1, 2, 3, -7, -(10**6), True, np.int64(2)]
REAL = [0.0, 1.0, -1.0, 0.5, -0.0, 1e-320, 1e300, -1e300, float("nan"), float("inf"), float("-inf"), np.float32(0.3)]
TEXT = ["", "x", "user", "\0", "ä" * 40, "../x", "1e999", "None", " ", "%s{}", "$x$", "<b>"]


def other_kind(rng):
    """Return a value that is hardly ever what is wanted."""
    makers = [
        *(lambda: None, lambda: True, lambda: "text", lambda: b"bytes", lambda: object(), lambda: 3.5, lambda: -2),
        *(lambda: [], lambda: {}, lambda: (), lambda: [[1, 2], [3]], lambda: {"a": object()}, lambda: float("nan")),
        *(lambda: np.array(3.0), lambda: np.zeros((0, 2)), lambda: np.array(["a", None], dtype=object)),
        *(lambda: np.ones((2, 2, 2)), lambda: pd.DataFrame(), lambda: pd.Series(dtype=float), lambda: pd.NaT),
        *(lambda: int, lambda: len, lambda: 1j, lambda: np.datetime64("2020-01-01"), lambda: iter([1, 2])),
    ]
    return rng.choice(makers)()


def odd(value, rng):
    """Return a value of the same kind as `value`, with other contents; `value` itself stays as it is."""
    if isinstance(value, (bool, np.bool_)):
        return not value
    if isinstance(value, (int, np.integer)):
        return rng.choice(WHOLE)
    if isinstance(value, (float, np.floating)):
        return rng.choice([*REAL, rng.uniform(-10, 10)])
    if isinstance(value, str):
        return rng.choice([*TEXT, value.upper(), value[:-1]])
    if isinstance(value, np.ndarray):
        return odd_array(value, rng)
    if isinstance(value, pd.DataFrame):
        return odd_frame(value, rng)
    if isinstance(value, pd.Series):
        return pd.Series(np.ravel(odd_array(value.to_numpy(), rng)), name=value.name)
    if sp.issparse(value):
        array = odd_array(value.toarray(), rng)
        return type(value)(array.reshape(-1, 1)) if array.dtype.kind in "iuf" else value
    if isinstance(value, (list, tuple)) and value and not hasattr(value, "_fields"):
        return odd_sequence(value, rng)
    if isinstance(value, dict) and value:
        key = rng.choice(list(value))
        return {k: odd(v, rng) if k == key else v for k, v in value.items() if k != key or rng.random() < 0.7}
    return other_kind(rng)


def odd_array(array, rng):
    """Return an array with other numbers, another length, type or shape."""
    if array.size == 0 or array.ndim == 0:
        return rng.choice([array, np.ones(3), np.full((2, 1), np.nan)])
    if array.dtype == object:
        return rng.choice([array[:0], array[:1], array[None], np.concatenate([array, array]), array[::-1]])
    numbers = array.astype(float) if array.dtype.kind in "iufb" else np.zeros(array.shape)
    one_odd = numbers.copy()
    one_odd[rng.randrange(len(array))] = rng.choice([np.nan, -np.inf, 1e300, -3.0, 0.0])
    return rng.choice(
        [
            one_odd,
            array[:0],
            array[:1],
            array[None],
            np.concatenate([array, array]),
            np.full_like(numbers, 2.0),
            np.nan_to_num(numbers).clip(-1e6, 1e6).astype(np.int64),
            numbers.astype(np.float32),
            array.astype(str),
            array.astype(object),
            np.ma.masked_array(numbers, numbers == numbers.flat[0]),
        ]
    )


def odd_frame(frame, rng):
    """Return a table with other rows, columns or cells."""
    if not len(frame.columns):
        return frame.iloc[:0]
    column = rng.choice(list(frame.columns))
    array = odd_array(frame[column].to_numpy(), rng)
    cells = pd.Series(list(np.resize(array, len(frame))) if array.size else np.nan, index=frame.index)
    return rng.choice(
        [
            frame.drop(columns=[column]),
            frame[[column]],
            frame.assign(**{str(column): cells}),
            frame.assign(**{str(column): "?"}),
            frame.astype({column: object}),
            frame.iloc[:0],
            frame.iloc[:1],
            frame.iloc[::-1],
            pd.concat([frame, frame]),
            frame.set_axis([7] * len(frame), axis=0),
        ]
    )


def odd_sequence(values, rng):
    """Return a list or tuple, shorter or longer, or with an odd member."""
    place = rng.randrange(len(values))
    one_odd = [*values[:place], odd(values[place], rng), *values[place + 1 :]]
    same_kind = [[], values[:1], [*values, *values], values[::-1]]
    is_object = hasattr(values[place], "__dict__") and not hasattr(values[place], "iloc")  # a Trial, say
    return type(values)(rng.choice(same_kind if is_object else [*same_kind, [*values, None], one_odd, one_odd]))


def unchanged(value, before):
    """Whether an array or a table is what it was."""
    if isinstance(value, np.ndarray):
        return np.array_equal(value, before, equal_nan=value.dtype.kind in "fc")
    return not isinstance(value, (pd.DataFrame, pd.Series)) or value.equals(before)


def kept(value):
    """Return a copy of an array or a table, to see later whether it was changed."""
    return copy.deepcopy(value) if isinstance(value, (np.ndarray, pd.DataFrame, pd.Series)) else value


def holds_nan(value, depth=4):
    """Whether there is a NaN among the numbers in `value`."""
    if isinstance(value, dict):
        return depth > 0 and any(holds_nan(each, depth - 1) for each in value.values())
    if isinstance(value, (list, tuple)):
        return depth > 0 and any(holds_nan(each, depth - 1) for each in value)
    if sp.issparse(value):
        return holds_nan(value.data)
    if isinstance(value, pd.DataFrame):
        return any(holds_nan(value[column].to_numpy()) for column in value)
    if isinstance(value, (float, np.ndarray, np.floating, pd.Series)):
        array = np.asarray(value)
        return array.dtype.kind == "f" and bool(np.isnan(array).any())
    return False
