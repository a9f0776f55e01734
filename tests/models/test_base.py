"""The first places of a ranking, against sorting everything."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from workshop.models.base import highest

FEW_VALUES = st.sampled_from([-np.inf, -1.0, -0.0, 0.0, 0.5, 2.0, np.inf, np.nan])  # so that many are equal


@given(
    npst.arrays(st.sampled_from([np.float32, np.float64]), st.integers(0, 40), elements=FEW_VALUES), st.integers(1, 45)
)
def test_the_highest_are_those_of_a_stable_sort(scores, n):
    np.testing.assert_array_equal(highest(scores, n), np.argsort(-scores, kind="stable")[:n])


@given(npst.arrays(np.float64, st.integers(1, 40), elements=st.floats(width=32)), st.integers(1, 45))
def test_the_highest_of_any_numbers(scores, n):
    np.testing.assert_array_equal(highest(scores, n), np.argsort(-scores, kind="stable")[:n])
