"""What the tests of every part's exercises use."""

import contextlib
import decimal
import fractions
import io
import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from workshop.exercises import check
from workshop.exercises.exercise import look_up


class Hostile:
    """An object that answers every question with an error."""

    def _no(self, *_, **__):
        raise RuntimeError("no")

    __repr__ = __str__ = __eq__ = __hash__ = __bool__ = __float__ = __len__ = __iter__ = __getitem__ = __call__ = _no
    __array__ = __index__ = __int__ = __lt__ = __le__ = __getattr__ = _no


class Exits:
    def __call__(self, *_):
        raise SystemExit("bye")


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.complex_numbers(),
    st.text(max_size=20),
    st.binary(max_size=9),
)
arrays = hnp.arrays(hnp.scalar_dtypes(), hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
ODD = (
    ...,
    Hostile(),
    Hostile,
    Exits(),
    object(),
    itertools.count(),
    range(10**12),
    10**400,
    decimal.Decimal("NaN"),
    fractions.Fraction(1, 3),
    pd.Series(dtype=float),
    pd.Series([1, 2], index=["a", "a"]),
    pd.DataFrame(),
    pd.DataFrame({"rating": [1.0]}),
    pd.Timestamp("2000-01-01"),
    pd.NA,
    np.ma.masked,
    lambda: None,
    lambda *_, **__: Hostile(),
    lambda *_, **__: "text",
    len,
    NotImplemented,
)
odd = st.integers(0, len(ODD) - 1).map(lambda position: ODD[position])
containers = st.recursive(
    scalars | odd,
    lambda inner: st.lists(inner, max_size=5) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@pytest.fixture(scope="session")
def anything():
    """A strategy: what a learner might hand over, and what nobody would."""
    return containers | arrays


@pytest.fixture
def said(capsys):
    """A function (number, *answers, **more) -> the line that check prints."""

    def listen(number, *answers, **more):
        check(number, *answers, **more)
        printed = capsys.readouterr().out
        assert printed.count("\n") == 1, "a check says one line"
        return printed.strip()

    return listen


@pytest.fixture
def mistaken(said):
    """A function (words, number, *answers, **more) that fails unless check says no, in these words."""

    def listen(words, number, *answers, **more):
        line = said(number, *answers, **more)
        assert line.startswith(f"Exercise {number}: not right yet.")
        assert words.lower() in line.lower()
        assert "could not read" not in line
        return line

    return listen


@pytest.fixture
def solved():
    """A function (number, namespace) -> the answers that the solution binds in a copy of it, and the copy."""

    def run(number, namespace):
        names = dict(namespace)
        with contextlib.redirect_stdout(io.StringIO()):
            exec(look_up(number).solution, names)
        return [names[name] for name in look_up(number).answers], names

    return run


@pytest.fixture(scope="session")
def notebook_cell():
    """A function (stem, text) -> the code of the one cell that holds the text, in the notebook whose name begins so."""

    def read(part, text):
        (path,) = (Path(__file__).parents[2] / "notebooks").glob(f"{part}*.ipynb")
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        (source,) = [s for c in cells if c["cell_type"] == "code" and text in (s := "".join(c["source"]))]
        return source

    return read
