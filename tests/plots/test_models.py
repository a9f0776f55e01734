"""Models as they are drawn: every point and entry in its place, crossing lines as computed, titles apart."""

import itertools

import numpy as np
import pandas as pd
import pytest

from workshop.plots import models


def test_every_point_is_drawn_once_in_the_colour_of_its_cluster():
    X = np.random.default_rng(0).normal(size=(30, 2))
    labels = np.arange(30) % 3
    for cluster, drawn in enumerate(models.plot_clusters(X, labels).collections):
        np.testing.assert_array_equal(drawn.get_offsets(), X[labels == cluster])
    assert cluster == 2


def test_an_empty_cluster_keeps_the_colours_of_the_others():
    ax = models.plot_clusters([[0, 0], [1, 1]], [0, 2], [[0, 0], [5, 5], [1, 1]])
    assert tuple(ax.collections[2].get_facecolor()[0][:3]) == tuple(ax.collections[3].get_facecolor()[2][:3])


def test_profiles_are_centred_on_zero_and_name_the_sizes():
    table = pd.DataFrame({"a": [0.1, -0.4], "b": [0.0, 0.2]})
    ax = models.plot_profiles(table, sizes=[3, 4])
    assert ax.images[0].get_clim() == (-0.4, 0.4)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["0 (3)", "1 (4)"]


def test_one_hot_colours_what_is_not_zero():
    X = np.array([[1, 0, 0, 1], [0, 1, 1, 0]])
    ax = models.plot_one_hot(X, {"user": ["a", "b"], "movie": ["c", "d"]})
    filled = {
        (round(p.get_y() + 0.45), round(p.get_x() + 0.45)) for p in ax.patches if p.get_facecolor()[:3] != (1, 1, 1)
    }
    assert filled == set(zip(*np.nonzero(X), strict=True))


def test_preferences_draw_one_line_a_user():
    table = pd.DataFrame({"Ann": [3.0, 4.0, 1.0], "Bo": [4.0, 3.0, 2.0]}, index=["x", "y", "z"])
    ax = models.plot_preferences(table)
    for line, (name, rating) in zip(ax.lines, table.items(), strict=True):
        np.testing.assert_array_equal(line.get_xdata(), rating)
        assert line.get_label() == name


@pytest.mark.parametrize("seed", range(3))
def test_titles_touch_neither_each_other_nor_a_dot_nor_the_frame(seed):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(120, 2))
    ax = models.plot_factor_map(points, [f"A rather long movie title {i}" for i in range(120)])
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert 5 < len(boxes) <= 30
    assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))
    dots = ax.transData.transform(points)
    assert not any(box.contains(*dot) for box in boxes for dot in dots)
    frame = ax.get_window_extent()
    assert all(box.x0 >= frame.x0 and box.x1 <= frame.x1 for box in boxes)


def test_outermost_movies_are_named_first():
    points = np.vstack([np.random.default_rng(0).normal(size=(50, 2)), [[9, 9]]])
    ax = models.plot_factor_map(points, [str(i) for i in range(51)])
    assert ax.texts[0].get_text() == "50"


def test_no_more_than_thirty_movies_are_named():
    points = np.stack(np.meshgrid(range(8), range(8)), axis=-1).reshape(-1, 2)
    assert len(models.plot_factor_map(points, ["a"] * 64).texts) == models.MOST_TITLES == 30
