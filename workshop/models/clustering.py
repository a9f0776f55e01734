"""k-means by hand, one step at a time, to be looked at; `KMeansRecommender` then uses scikit-learn's.

| symbol | argument  | shape  | meaning                        |
|--------|-----------|--------|--------------------------------|
| x_i    | `X`       | (n, d) | points                         |
| m_j    | `centers` | (k, d) | cluster centres                |
| a_i    | `labels`  | (n,)   | centre nearest to point i      |
"""

import numpy as np

__all__ = ["kmeans_plusplus_steps", "lloyd_steps", "squared_distances"]


def squared_distances(X, centers):
    """Squared Euclidean distances, shape (n, k), between points (n, d) and centres (k, d).

    Examples
    --------
    >>> squared_distances([[0, 0], [3, 4]], [[0, 0]])
    array([[ 0.],
           [25.]])
    """
    X, centers = _points(X, "X"), _points(centers, "centers")
    if X.shape[1] != centers.shape[1]:
        raise ValueError(f"X has {X.shape[1]} columns but centers has {centers.shape[1]}; give both the same")
    return ((X[:, None, :] - centers[None, :, :]) ** 2).sum(axis=2)


def lloyd_steps(X, centers, max_steps=300):
    """Yield (labels, centers, inertia) a step, until no label changes (Lloyd 1982, method I).

    Each step *assigns* the points to the centres shown, and then *moves* every centre to the mean of its points:
    the next step shows the moved ones. Inertia, the sum of squared distances to the own centre, never grows.

    Parameters
    ----------
    X : array_like of shape (n, d)
    centers : array_like of shape (k, d)
        Where the centres start, for example from `kmeans_plusplus_steps`.
    max_steps : int

    Yields
    ------
    labels : ndarray of int, shape (n,)
        Nearest of the centres shown (the first, if several are equally near).
    centers : ndarray of shape (k, d)
        A centre without points stays where it is.
    inertia : float

    Raises
    ------
    ValueError
        If an array is not two-dimensional, is empty, holds NaN, or the columns differ.

    Examples
    --------
    >>> for labels, centers, inertia in lloyd_steps([[0], [1], [9]], [[0], [1]]):
    ...     print(labels, centers.ravel().round(1), round(inertia, 1))
    [0 1 1] [0. 1.] 64.0
    [0 0 1] [0. 5.] 17.0
    [0 0 1] [0.5 9. ] 0.5
    """
    X, centers = _points(X, "X"), _points(centers, "centers").copy()
    previous = None
    for _ in range(max_steps):
        distances = squared_distances(X, centers)
        labels = distances.argmin(axis=1)  # assign
        yield labels, centers.copy(), float(distances.min(axis=1).sum())
        if np.array_equal(labels, previous):
            return
        previous = labels
        for j in np.unique(labels):  # move
            centers[j] = X[labels == j].mean(axis=0)


def kmeans_plusplus_steps(X, n_clusters, rng):
    """Yield (centers so far, probabilities of the next centre) for each of `n_clusters` seeds.

    The first centre is a random point; each further one is a point drawn with probability proportional to its
    squared distance from the nearest centre so far (Arthur and Vassilvitskii 2007, section 2.2, steps 1a to 1c).

    Parameters
    ----------
    X : array_like of shape (n, d)
    n_clusters : int
        At least 1 and at most the number of distinct points.
    rng : numpy.random.Generator

    Yields
    ------
    centers : ndarray of shape (j, d), j = 1 ... n_clusters
    probability : ndarray of shape (n,)
        Sums to 1, or is all 0 when every point is a centre already.

    Raises
    ------
    ValueError
        If `X` is not a finite, non-empty table or there are fewer distinct points than clusters.

    Examples
    --------
    >>> for centers, probability in kmeans_plusplus_steps([[0], [1], [3]], 2, np.random.default_rng(1)):
    ...     print(centers.ravel(), probability.round(2))
    [1.] [0.2 0.  0.8]
    [1. 3.] [1. 0. 0.]
    """
    X = _points(X, "X")
    if not 1 <= n_clusters <= len(np.unique(X, axis=0)):
        raise ValueError(
            f"n_clusters is {n_clusters}; with {len(np.unique(X, axis=0))} distinct points, ask for 1 up to that many"
        )
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng={rng!r} is no generator; give numpy.random.default_rng(0)")
    probability = np.full(len(X), 1 / len(X))
    chosen = []
    for _ in range(n_clusters):
        chosen.append(rng.choice(len(X), p=probability))
        nearest = squared_distances(X, X[chosen]).min(axis=1)
        probability = nearest / nearest.sum() if nearest.any() else nearest
        yield X[chosen], probability


def _points(array, name):
    array = np.asarray(array, dtype=float)
    if array.ndim != 2 or array.size == 0:
        raise ValueError(f"{name} has shape {array.shape}; give a non-empty table (rows, columns)")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN or infinity; drop or fill those rows")
    return array
