"""k-means by hand, one step at a time, to be looked at; `KMeansRecommender` then uses scikit-learn's.

| symbol | argument  | shape  | meaning                        |
|--------|-----------|--------|--------------------------------|
| x_i    | `X`       | (n, d) | points                         |
| m_j    | `centers` | (k, d) | cluster centres                |
| a_i    | `labels`  | (n,)   | centre nearest to point i      |
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from workshop.models.base import check_range


def lloyd_steps(
    X: ArrayLike, centers: ArrayLike, max_steps: int = 300
) -> Iterator[tuple[np.ndarray, np.ndarray, float]]:
    """Yield (labels, centers, inertia) once per step, until no label changes (Lloyd 1982, method I).

    Each step *assigns* the points to the centres shown, and then *moves* every centre to the mean of its points:
    the next step shows the moved ones. Inertia, the sum of squared distances to the own centre, never grows.

    `X` (n, d) are the points, `centers` (k, d) is where the centres start. Of several centres equally near the first
    wins; a centre without points stays where it is. ValueError for arrays that are empty, hold NaN, or do not fit.

    Examples
    --------
    >>> for labels, centers, inertia in lloyd_steps([[0], [1], [9]], [[0], [1]]):
    ...     print(labels, centers.ravel().round(1), round(inertia, 1))
    [0 1 1] [0. 1.] 64.0
    [0 0 1] [0. 5.] 17.0
    [0 0 1] [0.5 9. ] 0.5
    """
    points, now = _points("X", X), _points("centers", centers)
    if points.shape[1] != now.shape[1]:
        raise ValueError(f"X has {points.shape[1]} columns but centers has {now.shape[1]}; give both the same")
    check_range(1, whole=True, max_steps=max_steps)
    previous = None
    for _ in range(int(max_steps)):
        distances = ((points[:, None, :] - now[None, :, :]) ** 2).sum(axis=2)  # squared, (n, k)
        labels = distances.argmin(axis=1)  # assign
        yield labels, now.copy(), float(distances.min(axis=1).sum())
        if previous is not None and np.array_equal(labels, previous):
            return
        previous = labels
        for j in np.unique(labels):  # move
            now[j] = points[labels == j].mean(axis=0)


def _points(name, array):
    points = np.array(array, dtype=float)
    if points.ndim != 2 or points.size == 0 or not np.isfinite(points).all():
        raise ValueError(f"{name} has shape {points.shape}; give a table (rows, columns), not empty, without NaN")
    return points
