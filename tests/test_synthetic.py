"""Synthetic ratings look like ratings: exact counts, a long tail, biases that can be found again."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.synthetic import synthetic_ratings
from workshop.datasets import load_movielens


@pytest.fixture(scope="module")
def ratings():
    return synthetic_ratings(100_004, seed=1)


def test_counts_and_pairs(ratings):
    assert len(ratings.frame) == 100_004
    assert ratings.frame["user"].nunique() == 671
    assert not ratings.frame.duplicated(["user", "item"]).any()
    assert set(ratings.frame["rating"]) <= set(np.arange(1, 11) / 2)


def test_shape_is_that_of_movielens(ratings):
    real = load_movielens().frame
    for column in ("user", "item"):
        share = [np.sort(f.groupby(column).size())[::-1] for f in (ratings.frame, real)]
        head = [s[: len(s) // 10].sum() / s.sum() for s in share]  # what the busiest tenth holds
        assert abs(head[0] - head[1]) < 0.15
    assert abs(ratings.frame["rating"].mean() - real["rating"].mean()) < 0.3
    assert abs(ratings.frame["rating"].std() - real["rating"].std()) < 0.15


def test_there_is_structure_to_learn(ratings):
    frame = ratings.frame
    spread = frame.groupby("item")["rating"].agg(["mean", "size"]).query("size >= 50")["mean"].std()
    shuffled = frame.assign(rating=np.random.default_rng(0).permutation(frame["rating"]))
    chance = shuffled.groupby("item")["rating"].agg(["mean", "size"]).query("size >= 50")["mean"].std()
    assert spread > 3 * chance
    genres = ratings.items["genres"].loc[frame["item"]].str[0].to_numpy()
    residual = frame["rating"] - frame.groupby("item")["rating"].transform("mean")
    by_user_and_genre = residual.groupby([frame["user"], pd.Series(genres, frame.index)]).agg(["mean", "size"])
    assert by_user_and_genre.query("size >= 30")["mean"].std() > 0.2  # users differ in the genres they like


def test_seed_decides_everything():
    a, b, c = (synthetic_ratings(500, seed=s) for s in (4, 4, 5))
    pd.testing.assert_frame_equal(a.frame, b.frame)
    assert not a.frame.equals(c.frame)


@pytest.mark.parametrize("n, users, items", [(1, None, None), (2, 2, 2), (5_000, 100, 100), (1_000, 10, 5_000)])
def test_exact_counts_at_the_edges(n, users, items):
    frame = synthetic_ratings(n, n_users=users, n_items=items).frame
    assert len(frame) == n and not frame.duplicated(["user", "item"]).any()


def test_more_ratings_than_fit_are_refused():
    with pytest.raises(ValueError, match="over half of 10 users x 10 items"):
        synthetic_ratings(90, n_users=10, n_items=10)
