"""What the pictures of the ratings show is what the data say."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from workshop.datasets import load_movielens, random_split, temporal_split
from workshop.plots import exploration


@pytest.fixture(scope="module")
def frame():
    return load_movielens().frame


def test_stars_shares_sum_to_one_and_match_a_count(frame):
    ax = exploration.plot_stars(frame["rating"])
    heights = {round(bar.get_x() + bar.get_width() / 2, 1): bar.get_height() for bar in ax.patches}
    assert sum(heights.values()) == pytest.approx(1)
    assert heights[4.0] == pytest.approx(sum(r == 4.0 for r in frame["rating"]) / len(frame))


def test_sparsity_draws_known_entries_even_when_small():
    ax = exploration.plot_sparsity(sparse.csr_array([[0.5, 0], [0, 0]]), title="t")
    np.testing.assert_array_equal(ax.images[0].get_array(), [[True, False], [False, False]])


def test_genres_are_drawn_from_worst_to_best():
    table = pd.DataFrame({"mean": [3.0, 4.0, 2.0], "count": [1, 2, 3]}, index=["a", "b", "c"])
    ax = exploration.plot_genres(table)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["c", "a", "b"]


def test_years_show_every_rating_on_the_axes_that_are_given(frame):
    _, ax = plt.subplots()
    assert exploration.plot_years(frame["timestamp"], ax=ax) is ax
    assert sum(bar.get_height() for bar in ax.patches) == len(frame)


def test_split_leaks_when_random_and_does_not_by_time(frame):
    users = [4, 8]
    random = exploration.plot_split(*random_split(frame), users).get_label()
    by_time = exploration.plot_split(*temporal_split(frame), users).get_label()
    assert " 0%" not in random and " 0%" in by_time
