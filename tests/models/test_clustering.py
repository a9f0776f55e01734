"""k-means by hand equals scikit-learn's from the same start, and seeds with the probabilities of the paper."""

import itertools

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics.pairwise import euclidean_distances

from workshop.models.clustering import kmeans_plusplus_steps, lloyd_steps, squared_distances


@pytest.fixture(params=range(4))
def points(request):
    rng = np.random.default_rng(request.param)
    return rng.normal(size=(120, 3)) + rng.integers(0, 4, (120, 1)) * 2


def test_distances_equal_scikit_learn(points):
    assert np.allclose(squared_distances(points, points[:5]), euclidean_distances(points, points[:5], squared=True))


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


def test_seeding_probabilities_equal_a_spelled_out_loop(points):
    for centers, probability in kmeans_plusplus_steps(points, 4, np.random.default_rng(0)):
        nearest = np.array([min(sum((x - c) ** 2) for c in centers) for x in points])
        assert np.allclose(probability, nearest / nearest.sum())


def test_seeds_are_drawn_with_those_probabilities():
    points = np.array([[0.0], [1.0], [3.0]])
    counts = np.zeros(2)
    rng = np.random.default_rng(0)
    for _ in range(4000):
        *_, (centers, _) = kmeans_plusplus_steps(points, 2, rng)
        if centers[0] == 0:
            counts += [centers[1, 0] == 1, centers[1, 0] == 3]
    share = counts[1] / counts.sum()
    assert share == pytest.approx(0.9, abs=4 * np.sqrt(0.09 / counts.sum()))


def test_seeds_are_distinct_even_among_copies():
    *_, (centers, probability) = kmeans_plusplus_steps([[0], [0], [1]], 2, np.random.default_rng(0))
    assert sorted(centers.ravel()) == [0, 1] and not probability.any()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: next(lloyd_steps([1, 2], [[1]])), r"X has shape \(2,\)"),
        (lambda: next(lloyd_steps([[1, 2]], [[1]])), "2 columns but centers has 1"),
        (lambda: next(lloyd_steps([[np.nan]], [[1]])), "NaN"),
        (lambda: next(lloyd_steps([[1]], np.empty((0, 1)))), "centers has shape"),
        (lambda: next(kmeans_plusplus_steps([[1], [1]], 2, np.random.default_rng())), "1 distinct"),
        (lambda: next(kmeans_plusplus_steps([[1], [1]], -1, np.random.default_rng())), "n_clusters is -1"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
