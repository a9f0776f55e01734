"""The shape of a factorization machine's input: fields, and the second-order model equation.

A **field** is a run of columns of which every row uses at most one: the users, the movies, the sessions. Columns of
one field never meet in a row, so given everything else their parameters are independent and can be updated all at
once. That is what makes alternating least squares and Gibbs sampling quick in NumPy.

The columns of a field may be described by features (a movie by its genres). The parameters of a column are then its
own plus the sum of those of its features (LightFM; Kula 2015), and what describes one column does not
interact with itself: the field-weighted machine of Pan et al. (2018) with weight one between fields, zero inside.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp


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
    features: sp.csr_array | None = None
    groups: dict[str, int] | None = None

    def __post_init__(self):
        if self.features is None:
            if self.groups:
                raise ValueError(f"groups of field {self.name!r} are {self.groups}, but features is None; give both")
            return
        object.__setattr__(self, "features", sp.csr_array(self.features, dtype=float))
        n_rows, n_features = self.features.shape
        if n_rows != self.n_columns:
            raise ValueError(
                f"features of field {self.name!r} has {n_rows} rows for n_columns={self.n_columns}; give one a column"
            )
        if self.groups is None:
            object.__setattr__(self, "groups", {f"{self.name} features": n_features})
        if sum(self.groups.values()) != n_features:
            raise ValueError(f"groups of field {self.name!r} are {self.groups}, but there are {n_features} features")


class Step(NamedTuple):
    """The state of training after one sweep or epoch.

    Examples
    --------
    >>> Step(3.5, np.zeros((4, 3)), 1.1, {}).loss
    1.1
    """

    intercept: float
    theta: np.ndarray
    """(n_columns, 1 + n_factors): weight and factors of each column of X."""
    loss: float
    """On the training rows: root mean squared error, or mean log-loss."""
    traces: dict
    """What else the solver draws, by name."""
    variance: float | np.ndarray = np.nan
    """Of the noise: of every row or, (n_columns,), the sum over the row's columns."""


def find_fields(X):
    """List of fields, cutting the columns from left to right into the longest runs that no row uses twice.

    Parameters
    ----------
    X : sparse array (n_rows, n_columns) in CSR format with sorted indices

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


def check_fields(X, fields):
    """Nothing; raise a ValueError if ``fields`` does not describe the columns of ``X``.

    Examples
    --------
    >>> check_fields(sp.csr_array([[1, 0, 1]]), [Field("user", 2)])
    Traceback (most recent call last):
    ValueError: fields describe 2 columns but X has 3; give one Field per run of columns
    """
    total = sum(f.n_columns for f in fields)
    if total != X.shape[1]:
        raise ValueError(f"fields describe {total} columns but X has {X.shape[1]}; give one Field per run of columns")
    start = 0
    for f in fields:
        used = np.diff(X[:, start : start + f.n_columns].indptr)
        if used.size and used.max() > 1:
            raise ValueError(
                f"row {used.argmax()} of X uses {used.max()} columns of field {f.name!r}; a field allows one, "
                "so split it into several fields or leave fields=None"
            )
        start += f.n_columns


def scores(X, intercept, theta):
    """Scores (n,) of the second-order factorization machine, Rendle (2010), Eq. 1, computed by his Lemma 3.1.

    Parameters
    ----------
    X : sparse array or array (n, n_columns)
    intercept : float
        ``w_0``.
    theta : array (n_columns, 1 + n_factors)
        The weight ``w`` of each column, and beside it the factors ``V``: the inner product of the factors of two
        columns is the weight of their product.

    Examples
    --------
    >>> scores(np.array([[1.0, 2.0]]), 0.5, np.array([[1.0, 3.0], [1.0, 4.0]]))
    array([27.5])
    """
    sums = X @ theta
    squares = (X * X if isinstance(X, np.ndarray) else X.power(2)) @ (theta[:, 1:] ** 2).sum(axis=1)
    return intercept + sums[:, 0] + ((sums[:, 1:] ** 2).sum(axis=1) - squares) / 2
