"""k-means by hand equals scikit-learn's from the same start."""

import itertools

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics.pairwise import euclidean_distances

from workshop.models.lloyd import lloyd_steps


@pytest.fixture(params=range(4))
def points(request):
    rng = np.random.default_rng(request.param)
    return rng.normal(size=(120, 3)) + rng.integers(0, 4, (120, 1)) * 2


def test_lloyd_ends_where_scikit_learn_ends_from_the_same_start(points):
    *_, (labels, centers, inertia) = lloyd_steps(points, points[:5])
    oracle = KMeans(5, init=points[:5], n_init=1, algorithm="lloyd", tol=0).fit(points)
    assert np.array_equal(labels, oracle.labels_)
    assert np.allclose(centers, oracle.cluster_centers_)
    assert inertia == pytest.approx(oracle.inertia_)


def test_every_step_assigns_to_the_centres_shown_then_moves_them_to_the_means(points):
    steps = list(lloyd_steps(points, points[:4]))
    for (labels, centers, inertia), (_, moved, smaller) in itertools.pairwise(steps):
        assert np.array_equal(labels, euclidean_distances(points, centers).argmin(axis=1))
        assert np.allclose(moved, [points[labels == j].mean(axis=0) for j in range(4)])
        assert smaller <= inertia
    assert np.array_equal(steps[0][1], points[:4]), "the steps shown first must not move afterwards"


def test_an_empty_cluster_keeps_its_centre():
    *_, (labels, centers, _) = lloyd_steps([[0.0], [1.0]], [[0.5], [100.0]])
    assert labels.tolist() == [0, 0] and centers[1, 0] == 100


def test_max_steps_stops_early(points):
    assert len(list(lloyd_steps(points, points[:4], max_steps=2))) == 2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: next(lloyd_steps([1, 2], [[1]])), r"X has shape \(2,\)"),
        (lambda: next(lloyd_steps([[1, 2]], [[1]])), "2 columns but centers has 1"),
        (lambda: next(lloyd_steps([[np.nan]], [[1]])), "NaN"),
        (lambda: next(lloyd_steps([[1]], np.empty((0, 1)))), "centers has shape"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
