"""The Gibbs sweep for two one-hot fields, compiled: a user's or movie's weight and factors are drawn jointly.

What `gibbs.py` does for any input, this does for ratings of movies by users alone, where it is worth it: from about a
million rows. Each field keeps a copy of the ratings sorted by its columns, so that a column's rows lie side by side.
Needs numba; `gibbs.py` works without. Its sums are as fast as the processor allows, so their last digits are its own.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
from numba import njit, prange

from workshop.models.fm.equation import Field, State
from workshop.models.fm.gibbs import CONSISTENCY, draw_normal_gamma


def sort_rows(
    by: np.ndarray, other: np.ndarray, ratings: np.ndarray, m: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return where the rows of each of ``m`` columns start (m + 1,), and other column and rating of each row, sorted.

    Examples
    --------
    >>> sort_rows(np.array([1, 0, 1]), np.array([5, 6, 7]), np.array([1.0, 2.0, 3.0]), 2)
    (array([0, 1, 3]), array([6, 5, 7]), array([2., 1., 3.]))
    """
    one_a_row = np.arange(len(by) + 1, dtype=np.int32)
    columns = sp.csr_array((ratings, by, one_a_row), shape=(len(by), m)).tocsc()  # a column's rows, one after the other
    return columns.indptr, other[columns.indices], columns.data


@njit(parallel=True, fastmath=True, cache=True)
def draw_columns(
    start: np.ndarray,
    other: np.ndarray,
    ratings: np.ndarray,
    columns: np.ndarray,
    others: np.ndarray,
    mean: np.ndarray,
    precision: np.ndarray,
    alpha: np.float32,
    weight: np.ndarray,
    other_weight: np.ndarray,
    noise: np.ndarray,
    squares: np.ndarray,
) -> None:
    """Draw weight and factors of every column of one field in place, given those of the other field.

    ``start`` (m + 1,), ``other`` and ``ratings`` (n,), less the intercept, are what `sort_rows` returns; ``columns``
    (m, d) and ``others`` (m_other, d) the weights and factors, d being 1 + n_factors, of this field, whose prior is
    ``mean``, ``precision`` (d,), and of the other. A row's precision is ``alpha`` times ``weight`` of its column and
    ``other_weight`` of its other column. ``noise`` (m, d) is standard normal. ``squares`` (m,) is set to the sum of
    each column's squared residuals, each times its ``other_weight``.
    """
    m, d = columns.shape
    for j in prange(m):
        gram, right, x = np.zeros((d, d), np.float32), np.zeros(d, np.float32), np.ones(d, np.float32)
        for row in range(start[j], start[j + 1]):
            o = other[row]
            target = ratings[row] - others[o, 0]
            a = other_weight[o]
            for k in range(1, d):
                x[k] = others[o, k]
            for k in range(d):
                ax = a * x[k]
                right[k] += ax * target
                for i in range(d):  # the whole square: the inner loop then becomes vector instructions
                    gram[k, i] += ax * x[i]
        scale = alpha * weight[j]
        for k in range(d):
            right[k] = scale * right[k] + precision[k] * mean[k]
            for i in range(k + 1):
                gram[k, i] *= scale
            gram[k, k] += precision[k]
        for k in range(d):  # gram = L L', L below the diagonal
            for i in range(k + 1):
                t = gram[k, i]
                for q in range(i):
                    t -= gram[k, q] * gram[i, q]
                gram[k, i] = np.sqrt(t) if k == i else t / gram[i, i]
        for k in range(d):  # L z = right, then z + noise
            t = right[k]
            for q in range(k):
                t -= gram[k, q] * right[q]
            right[k] = t / gram[k, k]
        for k in range(d):
            right[k] += noise[j, k]
        for k in range(d - 1, -1, -1):  # L' column = z + noise: mean A^-1 right, covariance A^-1
            t = right[k]
            for q in range(k + 1, d):
                t -= gram[q, k] * right[q]
            right[k] = t / gram[k, k]
        total = 0.0
        for row in range(start[j], start[j + 1]):
            o = other[row]
            t = ratings[row] - others[o, 0] - right[0]
            for k in range(1, d):
                t -= others[o, k] * right[k]
            total += other_weight[o] * t * t
        squares[j] = total
        columns[j] = right


def pair_states(
    X: Any, y: np.ndarray, fields: Sequence[Field], machine: Any, rng: np.random.Generator
) -> Iterator[State]:
    """Yield a `State` after each sweep, for ever, as `gibbs_states` does, whose parameters these are.

    The intercept stays at the mean rating: the prior mean of the weights is drawn, and takes the part of the intercept.
    """
    sizes = [field.n_columns for field in fields]
    users, items = X.indices[0::2], X.indices[1::2] - sizes[0]
    n, intercept = len(y), float(y.mean())
    y = y.astype(np.float32) - np.float32(intercept)
    copies = [sort_rows(users, items, y, sizes[0]), sort_rows(items, users, y, sizes[1])]
    del users, items, y
    columns = [rng.normal(0, machine.init_sigma, (m, 1 + machine.n_factors)).astype(np.float32) for m in sizes]
    for field in columns:
        field[:, 0] = 0
    weights = [np.ones(m, np.float32) for m in sizes]
    order = [1, 0] if machine.noise_by == fields[0].name else [0, 1]
    squares, last, alpha = [np.empty(m) for m in sizes], order[1], 1.0
    while True:
        for f in order:
            mean, precision = (drawn.astype(np.float32) for drawn in draw_normal_gamma(columns[f].astype(float), rng))
            noise = rng.standard_normal(columns[f].shape, dtype=np.float32)
            known = *copies[f], columns[f], columns[1 - f], mean, precision
            draw_columns(*known, np.float32(alpha), weights[f], weights[1 - f], noise, squares[f])
        alpha = rng.gamma((1 + n) / 2) / ((1 + np.sum(weights[last] * squares[last])) / 2)
        if machine.noise_by is not None:
            counts = np.diff(copies[last][0])
            each = rng.gamma((CONSISTENCY + counts) / 2) / ((CONSISTENCY + alpha * squares[last]) / 2)
            weights[last] = each.astype(np.float32)
        yield State(intercept, np.vstack(columns), np.sqrt(squares[last].sum() / n), alpha**-0.5)
