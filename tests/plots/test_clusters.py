"""k-means as it is drawn: every point once, every centre, every move that can be seen."""

import numpy as np
import pandas as pd
import pytest

from workshop.models.lloyd import lloyd_steps
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


def test_arrows_are_drawn_only_for_moves_that_can_be_seen():
    X = [[0, 0], [10, 10]]
    ax = clusters.plot_clusters(X, [0, 1], [[0, 0], [10, 10]], moved_to=[[0.1, 0], [5, 5]])
    arrows = [text for text in ax.texts if text.arrow_patch is not None]
    assert len(arrows) == 1 and tuple(arrows[0].xy) == (5, 5)


def test_lloyd_steps_alternate_and_arrows_end_where_the_next_round_begins():
    X = np.random.default_rng(1).normal(size=(60, 2))
    steps = list(lloyd_steps(X, [[2, 2], [2.1, 2]]))
    assign, move = clusters.plot_lloyd(X, steps, 0), clusters.plot_lloyd(X, steps, 1)
    assert not assign.texts and "assign" in assign.get_title()
    assert {tuple(arrow.xy) for arrow in move.texts} <= {tuple(center) for center in steps[1][1]}
    with pytest.raises(ValueError, match="between 0 and"):
        clusters.plot_lloyd(X, steps, 2 * len(steps) - 1)


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
