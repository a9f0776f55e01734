"""Splits: nothing lost, nothing twice, and the order of time respected."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workshop.datasets import load_movielens, random_split, session_split, temporal_split

frames = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 6)), min_size=2, max_size=40).map(
    lambda rows: pd.DataFrame(rows, columns=["user", "timestamp"], index=np.arange(len(rows)) * 3)
)
sizes = st.floats(0.01, 0.99)
TWO = pd.DataFrame({"user": [1, 1], "timestamp": [0, 1]})


@given(frames, sizes, st.integers(0, 99))
@example(TWO, 0.99, 0)
@example(TWO, 0.01, 0)
def test_a_split_parts_the_rows_and_keeps_their_order(frame, size, seed):
    for train, test in (random_split(frame, test_size=size, seed=seed), temporal_split(frame, test_size=size)):
        assert sorted([*train.index, *test.index]) == frame.index.tolist()
        assert train.index.is_monotonic_increasing and test.index.is_monotonic_increasing
        assert len(train) >= 1
    assert len(random_split(frame, test_size=size, seed=seed)[1]) >= 1


@given(frames, sizes)
def test_temporal_split_agrees_with_a_loop_over_users(frame, size):
    _, test = temporal_split(frame, test_size=size)
    expected = []
    for _, own in frame.groupby("user"):
        n_test = min(max(1, round(size * len(own))), len(own) - 1)
        newest_first = sorted(own.index, key=lambda row: (own.loc[row, "timestamp"], row), reverse=True)
        expected += newest_first[:n_test]
    assert test.index.tolist() == sorted(expected)


@given(frames, st.sampled_from([0.5, 1, 3]))
def test_session_split_agrees_with_a_loop_over_users(frame, pause):
    frame = frame.assign(timestamp=pd.Timestamp("2016-01-01") + pd.to_timedelta(frame["timestamp"], unit="h"))
    train, test = session_split(frame, pause_hours=pause)
    expected = []
    for _, own in frame.groupby("user"):
        own = own.sort_values("timestamp", kind="stable")
        breaks = np.flatnonzero(own["timestamp"].diff() > pd.Timedelta(hours=pause))
        expected += own.index[breaks[-1] :].tolist() if len(breaks) else []
    assert test.index.tolist() == sorted(expected)
    assert sorted([*train.index, *test.index]) == frame.index.tolist()


def test_splits_of_the_shipped_data():
    frame = load_movielens().frame
    train, test = random_split(frame, seed=3)
    order = np.random.default_rng(3).permutation(len(frame))
    assert set(test.index) == set(order[: round(0.1 * len(frame))])
    train, test = temporal_split(frame)
    assert (train.groupby("user")["timestamp"].max() <= test.groupby("user")["timestamp"].min()).all()


ROWS = pd.DataFrame({"user": [1, 1], "timestamp": pd.to_datetime(["2016-01-01", "2016-01-02"])})


@pytest.mark.parametrize(
    ("split", "frame", "options", "message"),
    [
        *((session_split, ROWS, {"pause_hours": p}, "pause_hours=.* must be above 0") for p in (0, -1, float("nan"))),
        *((random_split, ROWS, {"test_size": s}, "test_size=.* between 0 and 1") for s in (0, 1, -0.1, float("nan"))),
        (temporal_split, ROWS, {"test_size": 1.5}, "test_size=1.5 must lie between 0 and 1"),
        *((random_split, ROWS, {"seed": s}, "seed=.* is not a seed; give a whole number") for s in (-1, 2.5, "0")),
        (random_split, ROWS[:1], {}, "has 1 rows"),
        (temporal_split, ROWS[["user"]], {}, "no column 'timestamp'"),
        (temporal_split, ROWS.assign(timestamp=pd.NaT), {}, "row 0, column 'timestamp': NaT; fill it in or drop it"),
    ],
)
def test_what_cannot_be_split_is_named(split, frame, options, message):
    with pytest.raises(ValueError, match=message):
        split(frame, **options)
