"""k-means as it is drawn: every point once, every centre."""

import numpy as np
import pandas as pd
import pytest

from workshop.plots import clusters


def offsets(ax):
    return [np.asarray(collection.get_offsets()) for collection in ax.collections]


def test_every_point_is_drawn_once_in_the_colour_of_its_cluster():
    X = np.random.default_rng(0).normal(size=(30, 2))
    labels = np.arange(30) % 3
    drawn = offsets(clusters.plot_clusters(X, labels))
    assert [len(points) for points in drawn] == [10, 10, 10]
    np.testing.assert_array_equal(drawn[1], X[labels == 1])


def test_an_empty_cluster_keeps_the_colours_of_the_others():
    ax = clusters.plot_clusters([[0, 0], [1, 1]], [0, 2], [[0, 0], [5, 5], [1, 1]])
    assert tuple(ax.collections[2].get_facecolor()[0][:3]) == tuple(ax.collections[3].get_facecolor()[2][:3])


def test_more_clusters_than_colours_are_refused():
    with pytest.raises(ValueError, match="more than 8"):
        clusters.plot_clusters(np.zeros((9, 2)), np.arange(9))
    with pytest.raises(ValueError, match="more than 8"):
        clusters.plot_clusters(np.zeros((2, 2)), [0, 20])


def test_profiles_are_centred_on_zero_and_name_the_sizes():
    table = pd.DataFrame({"a": [0.1, -0.4], "b": [0.0, 0.2]})
    ax = clusters.plot_profiles(table, sizes=[3, 4])
    assert ax.images[0].get_clim() == (-0.4, 0.4)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["0 (3)", "1 (4)"]
