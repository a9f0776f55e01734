"""Alternating least squares for factorization machines: a Gibbs sweep without the noise."""

import numpy as np

from workshop.models.fields import Step, scores
from workshop.models.gibbs import make_blocks, stack, sweep


def als_steps(X, y, fields, *, n_factors, init_sigma, rng, linear_wd, factors_wd):
    """Yield a `Step` a sweep, for ever, each lower than the last in the penalised mean squared error.

    The objective is ``mean(residual**2) / 2 + linear_wd / 2 * |w|**2 + factors_wd / 2 * |V|**2`` (Rendle et al. 2011),
    where ``w`` and ``V`` are the parameters of features and each column's own.

    Parameters
    ----------
    X : csr_array (n, n_columns)
    y : array (n,)
    fields : list of Field
    n_factors : int
    init_sigma, linear_wd, factors_wd : float
    rng : numpy.random.Generator
        Of the first factors; the rest is without chance.

    Examples
    --------
    A single column without penalty fits the mean of its ratings:

    >>> from scipy import sparse as sp
    >>> from workshop.models.fields import Field
    >>> options = {"n_factors": 0, "init_sigma": 0.1, "rng": np.random.default_rng(0), "linear_wd": 0, "factors_wd": 0}
    >>> steps = als_steps(sp.csr_array([[1.0], [1.0]]), np.array([4.0, 2.0]), [Field("movie", 1)], **options)
    >>> float(next(steps).loss)
    1.0
    """
    n = len(y)
    blocks = make_blocks(X, fields, n_factors, init_sigma, rng)
    for block in blocks:
        block.precision[:] = n * np.r_[linear_wd, np.full(n_factors, factors_wd)]
    intercept = y.mean()
    residual = y - scores(X, intercept, stack(blocks))
    while True:
        change = residual.mean()
        intercept += change
        residual -= change
        sweep(blocks, residual, np.ones(n), None)
        penalty = sum((block.precision[0] * (block.deviations() ** 2)).sum() for block in blocks)
        penalty += sum((block.precision[0] * block.theta**2).sum() for block in blocks if block.features is not None)
        yield Step(intercept, stack(blocks), np.sqrt(np.mean(residual**2)), {"penalty": penalty / (2 * n)})
