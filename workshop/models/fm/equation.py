"""Factorization machines (Rendle 2010): every pair of features interacts, through the product of two short vectors.

========== ======================= ==========================================================================
symbol     name here               shape and meaning
========== ======================= ==========================================================================
x          ``X``                   (n, n_columns) sparse: one row per rating, one column per user, movie, ...
y          ``y``                   (n,) ratings, or classes
w_0        ``intercept``           number: the score of an empty row
w          ``theta[:, 0]``         (n_columns,) weight of each column
V          ``theta[:, 1:]``        (n_columns, n_factors) factors of each column
y-hat(x)   ``scores``              (n,) w_0 + sum_i w_i x_i + sum_{i<j} <v_i, v_j> x_i x_j (Eq. 1)
Z          ``Field.features``      (columns of a field, n_features) what describes each column
h          ``h`` in `gibbs`        (n,) derivative of the score by factor k of the row's column in a field
alpha      ``alpha`` in `gibbs`    (n,) precision of the noise of each row, 1 / variance
mu, lambda ``mean``, ``precision`` (n_groups, 1 + n_factors) prior of the features of each group
========== ======================= ==========================================================================

A **field** is a run of columns of which every row uses at most one: the users, the movies, the sessions. Columns of
one field never meet in a row, so given everything else their parameters are independent and can be updated all at
once. That is what makes Gibbs sampling quick in NumPy.

The columns of a field may be described by features (a movie by its genres). The parameters of a column are then its
own plus the sum of those of its features (LightFM; Kula 2015), and what describes one column does not interact with
itself: the field-weighted machine of Pan et al. (2018) with weight one between fields, zero inside.

Two ways to train: small steps down the gradient (`Adam`, below), and drawing from the posterior (`gibbs`). No sum in
them is left to BLAS, whose last digits differ from processor to processor: sparse products and `numpy.sum` add in the
same order everywhere, so that a seed gives the same machine everywhere.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from scipy.special import expit, log_expit


@dataclass(frozen=True)
class Field:
    """A run of ``n_columns`` columns of which every row uses at most one, and what is known about them.

    Parameters
    ----------
    name : str
        What the columns stand for, for instance ``"movie"``.
    n_columns : int
        How many columns of ``X`` belong to the field.
    features : sparse array (n_columns, n_features), optional
        Description of each column. None: nothing is known.
    groups : dict of str to int, optional
        Name and number of features of each group, in the order of the columns of ``features``. A group shares one
        prior in the Gibbs sampler. None: all features are one group.

    Examples
    --------
    >>> Field("movie", 2, sp.csr_array([[1, 1, 0], [0, 1, 1]]), {"genre": 3}).features.shape
    (2, 3)
    """

    name: str
    n_columns: int
    features: Any = None
    groups: dict[str, int] | None = None

    def __post_init__(self) -> None:
        if isinstance(self.n_columns, bool) or not isinstance(self.n_columns, Integral) or self.n_columns < 1:
            raise ValueError(f"n_columns of field {self.name!r} is {self.n_columns!r}; give a whole number from 1 up")
        if not isinstance(self.groups, Mapping | None):
            raise TypeError(f"groups of field {self.name!r} are {self.groups!r}; give a dict, such as {{'genre': 19}}")
        if self.features is None:
            if self.groups:
                raise ValueError(f"groups of field {self.name!r} are {self.groups}, but features is None; give both")
            return
        object.__setattr__(self, "features", sp.csr_array(self.features, dtype=float))
        n_rows, n_features = self.features.shape
        if n_rows != self.n_columns:
            raise ValueError(f"features of field {self.name!r} has {n_rows} rows, not n_columns={self.n_columns}")
        groups = {f"{self.name} features": n_features} if self.groups is None else self.groups
        object.__setattr__(self, "groups", groups)
        if sum(groups.values()) != n_features:
            raise ValueError(f"groups of field {self.name!r} are {self.groups}, but there are {n_features} features")


def find_fields(X: sp.csr_array) -> list[Field]:
    """Return fields that cut the columns from left to right into the longest runs that no row uses twice.

    ``X`` is in CSR format with sorted indices.

    Examples
    --------
    Two users and three movies, one of each in a row, are two fields:

    >>> X = sp.csr_array([[1, 0, 1, 0, 0], [0, 1, 1, 0, 0], [0, 1, 0, 0, 1]])
    >>> [f.n_columns for f in find_fields(X)]
    [2, 3]
    """
    n_columns = X.shape[1]
    same_row = np.ones(max(X.nnz - 1, 0), bool)
    ends = X.indptr[1:-1]
    same_row[ends[(ends > 0) & (ends < X.nnz)] - 1] = False
    first_clash = np.full(n_columns, n_columns)  # the nearest column to the right met in some row
    np.minimum.at(first_clash, X.indices[:-1][same_row], X.indices[1:][same_row])
    first_clash = np.minimum.accumulate(first_clash[::-1])[::-1]
    fields, start = [], 0
    while start < n_columns:
        fields.append(Field(f"columns from {start}", int(first_clash[start]) - start))
        start = int(first_clash[start])
    return fields


def check_fields(X: sp.csr_array, fields: Sequence[Field]) -> None:
    """Raise ValueError unless ``fields`` describe the columns of ``X``.

    Examples
    --------
    >>> check_fields(sp.csr_array([[1, 0, 1]]), [Field("user", 2)])
    Traceback (most recent call last):
    ValueError: fields describe 2 columns but X has 3; give one Field per run of columns
    """
    if not all(isinstance(f, Field) for f in fields):
        raise TypeError(f"fields={fields!r} must be a list of Field, such as fields_ of a FeatureBuilder")
    total = sum(f.n_columns for f in fields)
    if total != X.shape[1]:
        raise ValueError(f"fields describe {total} columns but X has {X.shape[1]}; give one Field per run of columns")
    start = 0
    for f in fields:
        used = np.diff(X[:, start : start + f.n_columns].indptr)
        if used.size and used.max() > 1:
            row = f"row {used.argmax()} of X uses {used.max()} columns of field {f.name!r}"
            raise ValueError(f"{row}; a field allows one: split it, or leave fields=None")
        start += f.n_columns


class State(NamedTuple):
    """The parameters after one sweep or epoch of training."""

    intercept: float
    theta: np.ndarray
    """(n_columns, 1 + n_factors): weight and factors of each column of X."""
    loss: float
    """On the training rows: root mean squared error, or mean log-loss."""
    noise: float = math.nan
    """Standard deviation of the noise, as the Gibbs sampler draws it."""


def scores(X: Any, intercept: float, theta: np.ndarray) -> np.ndarray:
    """Return the scores (n,) of the second-order factorization machine, Rendle (2010), Eq. 1, by his Lemma 3.1.

    ``theta`` (n_columns, 1 + n_factors) holds the weight ``w`` of each column and beside it the factors ``V``: the
    inner product of the factors of two columns is the weight of their product.

    Examples
    --------
    >>> scores(np.array([[1.0, 2.0]]), 0.5, np.array([[1.0, 3.0], [1.0, 4.0]]))
    array([27.5])
    """
    sums = X @ theta
    squares = (X * X if isinstance(X, np.ndarray) else X.power(2)) @ (theta[:, 1:] ** 2).sum(axis=1)
    return intercept + sums[:, 0] + ((sums[:, 1:] ** 2).sum(axis=1) - squares) / 2


def pair_scores(left: Any, right: Any, states: Sequence[State]) -> np.ndarray:
    """Return the scores (n_left, n_right), mean over `states`, of the sum of each row of `left` and each of `right`.

    No column is used by both, so a score is the two rows' own scores plus <sum_i v_i x_i, sum_j v_j x_j>, and the
    factors of all states side by side make the mean of these a single matrix product.

    Examples
    --------
    >>> state = State(0.5, np.array([[1.0, 3.0], [1.0, 4.0]]), 0.0)
    >>> pair_scores(np.array([[1.0, 0.0]]), np.array([[0.0, 2.0], [0.0, 1.0]]), [state])
    array([[27.5, 14.5]])
    """
    own = [np.mean([scores(X, s.intercept, s.theta) for s in states], axis=0) for X in (left, right)]
    factors = np.hstack([s.theta[:, 1:] for s in states])
    together = ((left @ factors) @ (right @ factors).T) / len(states)
    return together + own[0][:, None] + own[1] - np.mean([s.intercept for s in states])


def column_units(X: sp.csr_array, fields: Sequence[Field]) -> np.ndarray:
    """Return the unit (n_columns,) in which each column is trained, the same within a field; mostly 1.

    Solvers start from parameters of one size for all columns. A field whose values are typically (as root mean square)
    above 10 or below 0.1 is measured in multiples of that, so that an age or a number of seconds can be learned, too.

    Examples
    --------
    >>> column_units(sp.csr_array([[1.0, 40.0], [1.0, 30.0]]), [Field("one", 1), Field("age", 1)]).round(1)
    array([ 1. , 35.4])
    """
    field = np.repeat(np.arange(len(fields)), [f.n_columns for f in fields])[X.indices]
    total, count = (np.bincount(field, w, len(fields)) for w in (X.data.astype(float) ** 2, None))
    size = np.sqrt(total / np.maximum(count, 1))
    size[(size <= 10) & (size >= 0.1) | (size == 0)] = 1
    return np.repeat(size, [f.n_columns for f in fields])


def canonical(X: Any) -> sp.csr_array:
    """Return ``X`` as a CSR array, indices sorted, without stored zeros or repeats; copied only if it must be."""
    X = sp.csr_array(X)
    if not X.has_canonical_format or (X.data == 0).any():
        X = X.copy()
        X.sum_duplicates()
        X.eliminate_zeros()
    return X


def loss_gradient(
    X: Any, y: np.ndarray, features: Any, intercept: float, theta: np.ndarray, *, binary: bool = False
) -> tuple[float, float, np.ndarray]:
    """Return the mean loss and its gradient: by the intercept and by ``theta`` (n_features, 1 + n_factors).

    The loss of a row of ``X`` (n, n_columns) is half the squared residual of ``y`` (n,), or the log-loss of the
    logistic model if ``binary``. The inner derivatives are those of Rendle (2010), Eq. 4. ``features`` (n_columns,
    n_features) are those of each column, itself included; None: only itself.

    Examples
    --------
    >>> loss, slope, gradient = loss_gradient(sp.csr_array([[2.0]]), np.array([5.0]), None, 1.0, np.array([[1.0]]))
    >>> float(loss), float(slope), gradient
    (2.0, -2.0, array([[-4.]]))
    """
    columns = theta if features is None else features @ theta
    score = scores(X, intercept, columns)
    if binary:
        loss, slope = -np.mean(log_expit(np.where(y > 0, score, -score))), (expit(score) - y) / len(y)
    else:
        loss, slope = np.mean((score - y) ** 2) / 2, (score - y) / len(y)
    pull = X.T @ (slope[:, None] * np.hstack([np.ones((len(y), 1)), X @ columns[:, 1:]]))
    pull[:, 1:] -= (X.power(2).T @ slope)[:, None] * columns[:, 1:]
    return loss, slope.sum(), pull if features is None else features.T @ pull


class Adam:
    """Adam (Kingma and Ba 2015, Algorithm 1) on all parameters of a machine, kept in one flat vector.

    Of ``machine``, an estimator, n_factors, init_sigma, batch_size, clip_gradient, learning rates and weight decays are
    used; if it is ``binary``, the loss is the logistic one. ``start`` is the first value of the intercept.
    """

    decay, decay_squares, tiny = 0.9, 0.999, 1e-8  # beta_1, beta_2 and epsilon of the paper

    def __init__(self, fields: Sequence[Field], machine: Any, rng: np.random.Generator, *, start: float = 0.0):
        self.features = None
        n_features = sum(f.n_columns for f in fields)
        if any(f.features is not None for f in fields):
            described = [sp.csr_array((f.n_columns, 0)) if f.features is None else f.features for f in fields]
            self.features = sp.hstack([sp.eye_array(n_features), sp.block_diag(described)], format="csr")
            n_features = self.features.shape[1]
        self.batch_size, self.clip_gradient = machine.batch_size, machine.clip_gradient
        self.rng, self.binary = rng, machine.binary
        theta = np.zeros((n_features, 1 + machine.n_factors))
        theta[:, 1:] = rng.normal(0, machine.init_sigma, (n_features, machine.n_factors))
        self.shape, self.flat = theta.shape, np.r_[start, theta.ravel()]

        def spread(of_bias, of_weight, of_factors):  # one number for each parameter, in the order of `flat`
            return np.r_[of_bias, np.tile(np.r_[of_weight, np.full(machine.n_factors, of_factors)], n_features)]

        self.lr = spread(machine.bias_lr, machine.linear_lr, machine.factors_lr)
        self.wd = spread(machine.bias_wd, machine.linear_wd, machine.factors_wd)
        self.mean, self.square, self.n_steps = np.zeros_like(self.flat), np.zeros_like(self.flat), 0

    def epoch(self, X: Any, y: np.ndarray) -> State:
        """Return the `State` after one pass over the rows in random order; its loss is the mean over the batches."""
        order = self.rng.permutation(len(y))
        batches = [order[start : start + self.batch_size] for start in range(0, len(y), self.batch_size)]
        loss = sum(len(batch) * self.step(X[batch], y[batch]) for batch in batches) / len(y)
        theta = self.flat[1:].reshape(self.shape)
        columns = theta.copy() if self.features is None else self.features @ theta
        return State(self.flat[0], columns, loss if self.binary else np.sqrt(2 * loss))

    def step(self, X: Any, y: np.ndarray) -> float:
        """Return the mean loss of the batch before one step of Adam."""
        theta = self.flat[1:].reshape(self.shape)
        loss, slope, gradient = loss_gradient(X, y, self.features, self.flat[0], theta, binary=self.binary)
        g = np.r_[slope, gradient.ravel()] + self.wd * self.flat
        if self.clip_gradient is not None:
            np.clip(g, -self.clip_gradient, self.clip_gradient, out=g)
        self.n_steps += 1
        self.mean += (1 - self.decay) * (g - self.mean)
        self.square += (1 - self.decay_squares) * (g * g - self.square)
        mean = self.mean / (1 - self.decay**self.n_steps)
        square = self.square / (1 - self.decay_squares**self.n_steps)
        self.flat -= self.lr * mean / (np.sqrt(square) + self.tiny)
        return loss
