"""Gibbs sampling and alternating least squares for factorization machines, a whole field at a time.

Given all other parameters, the model is linear in one column of parameters of one field: the residual changes by
``h * change``, where ``h`` is 1 for the weights and, for factor ``k``, the sum of the factors ``k`` of the row's other
columns (Rendle 2012, Eq. 7). The least squares problem of the field is diagonal when its columns are its features, and
is solved by conjugate gradients when its columns share features. Freudenthaler, Schmidt-Thieme and Rendle (2011)
draw from the normal distribution that this problem defines; without the noise the same code minimises (ALS).
"""

from typing import NamedTuple

import numpy as np
from scipy.special import log_ndtr, ndtr, ndtri

from workshop.models.fields import scores


class Block:
    """The rows, parameters and prior of one field while it is trained; ``theta[:, 0]`` are weights, the rest factors.

    Parameters
    ----------
    X : csr_array (n, n_columns)
        The columns of the field, at most one entry a row.
    field : Field
    n_factors : int
    init_sigma : float
        Standard deviation of the first factors.
    rng : numpy.random.Generator
    """

    def __init__(self, X, field, n_factors, init_sigma, rng):
        used = np.diff(X.indptr) > 0
        self.rows = slice(None) if used.all() else np.flatnonzero(used)
        X = X[self.rows] if isinstance(self.rows, np.ndarray) else X
        self.gather, self.scatter = X, X.T.tocsr()
        self.scatter_squares = self.scatter if np.all(X.data == 1) else self.scatter.power(2)
        self.features = field.features
        n_features = X.shape[1]
        if self.features is not None:
            n_features = self.features.shape[1]
            self.features_T = self.features.T.tocsr()
            self.features_T_squares = self.features_T.power(2)
            init_sigma = init_sigma / np.sqrt(max(1.0, self.features_T_squares.sum() / X.shape[1]))
        self.sizes = list(field.groups.values())
        self.theta = np.hstack([np.zeros((n_features, 1)), rng.normal(0, init_sigma, (n_features, n_factors))])
        self.mean = np.zeros((len(self.sizes), n_factors + 1))
        self.precision = np.ones((len(self.sizes), n_factors + 1))
        self.columns = self.theta.copy() if self.features is None else self.features @ self.theta

    def draw_prior(self, rng):
        """Draw mean and precision of each group of features from their Normal-Gamma posterior.

        Prior: precision ~ Gamma(1/2, 1/2), mean ~ N(0, 1 / precision), as in libFM.
        """
        for g, theta in enumerate(np.split(self.theta, np.cumsum(self.sizes)[:-1])):
            p, centre = len(theta), theta.mean(axis=0)
            rate = 1 + ((theta - centre) ** 2).sum(axis=0) + p * centre**2 / (p + 1)
            self.precision[g] = rng.gamma((1 + p) / 2, size=theta.shape[1]) / (rate / 2)
            self.mean[g] = p * centre / (p + 1) + rng.normal(size=theta.shape[1]) / np.sqrt((p + 1) * self.precision[g])

    def update(self, k, h, residual, alpha, rng):
        """Change (rows of the field,) of what column ``k`` of the parameters adds to the sum of each row.

        Draws the column from its conditional posterior; with ``rng=None`` it takes the mean instead.
        """
        counts = self.scatter_squares @ (np.ones_like(residual) if h is None else h * h)
        target = self.scatter @ (residual if h is None else h * residual) + counts * self.columns[:, k]
        mean = np.repeat(self.mean[:, k], self.sizes)
        precision = np.repeat(self.precision[:, k], self.sizes)
        noise = np.zeros(len(mean)) if rng is None else rng.normal(size=len(mean))
        if self.features is None:
            total = precision + alpha * counts
            column = self.theta[:, k] = (precision * mean + alpha * target) / total + noise / np.sqrt(total)
        else:
            # Perturb then optimise (Papandreou and Yuille 2010): the minimiser of a noisy problem is a draw.
            shake = 0 if rng is None else np.sqrt(alpha * counts) * rng.normal(size=len(counts))
            right = self.features_T @ (alpha * target + shake) + precision * mean + np.sqrt(precision) * noise
            self.theta[:, k] = conjugate_gradients(
                lambda v: alpha * (self.features_T @ (counts * (self.features @ v))) + precision * v,
                right,
                self.theta[:, k],
                precision + alpha * (self.features_T_squares @ counts),
            )
            column = self.features @ self.theta[:, k]
        change = self.gather @ (column - self.columns[:, k])
        self.columns[:, k] = column
        return change


def conjugate_gradients(matvec, b, x, diagonal, *, max_iter=25, tol=1e-3):
    """Approximate solution (p,) of ``A x = b`` from the start ``x``, preconditioned by the diagonal of ``A``.

    Nocedal and Wright (2006), Algorithm 5.3. Stops when the preconditioned residual has shrunk to ``tol``.
    """
    r = b - matvec(x)
    z = r / diagonal
    direction, rz = z, r @ z
    goal = tol**2 * (b @ (b / diagonal))
    for _ in range(max_iter):
        if rz <= goal:
            break
        product = matvec(direction)
        step = rz / (direction @ product)
        x, r = x + step * direction, r - step * product
        z = r / diagonal
        rz, before = r @ z, rz
        direction = z + rz / before * direction
    return x


def make_blocks(X, fields, n_factors, init_sigma, rng):
    """List of one `Block` a field."""
    ends = np.cumsum([f.n_columns for f in fields])
    return [
        Block(X[:, end - f.n_columns : end], f, n_factors, init_sigma, rng) for f, end in zip(fields, ends, strict=True)
    ]


def sweep(blocks, residual, alpha, rng):
    """Update every parameter of every block once; ``residual`` (n,) is kept up to date in place."""
    for block in blocks:
        residual[block.rows] -= block.update(0, None, residual[block.rows], alpha, rng)
    for k in range(1, blocks[0].theta.shape[1]):
        own = [block.gather @ block.columns[:, k] for block in blocks]
        summed = np.zeros(len(residual))
        for block, part in zip(blocks, own, strict=True):
            summed[block.rows] += part
        for block, part in zip(blocks, own, strict=True):
            h = summed[block.rows] - part
            change = block.update(k, h, residual[block.rows], alpha, rng)
            residual[block.rows] -= h * change
            summed[block.rows] += change


def probit_latent(score, y, rng):
    """Latent values (n,): normal around ``score`` with deviation 1, above 0 where ``y`` is 1 and below where 0.

    Albert and Chib (1993), Eq. 3, by inversion of the distribution function.
    """
    sign = np.where(y > 0, 1.0, -1.0)
    tail = rng.random(len(score)) * ndtr(sign * score)
    return score - sign * ndtri(np.clip(tail, 1e-12, 1 - 1e-12))


class Step(NamedTuple):
    """The state of training after one sweep or epoch."""

    intercept: float
    theta: np.ndarray  # (n_columns, 1 + n_factors): weight and factors of each column of X
    loss: float  # on the training rows: root mean squared error, or mean log-loss
    traces: dict  # of the Gibbs sampler: standard deviation of the noise, precision of the prior of each group


def rmse(residual):
    """Root mean square (float) of the residuals (n,)."""
    return float(np.sqrt(residual @ residual / len(residual)))


def gibbs_steps(X, y, fields, *, n_factors, init_sigma, rng, binary=False):
    """Yield a `Step` a sweep, for ever: draws from the posterior (once the first ones are forgotten).

    Parameters
    ----------
    X : csr_array (n, n_columns)
    y : array (n,)
        Ratings, or 0 and 1 if ``binary``.
    fields : list of Field
    n_factors : int
    init_sigma : float
    rng : numpy.random.Generator
    binary : bool
        Probit model instead of normal noise.
    """
    n = len(y)
    blocks = make_blocks(X, fields, n_factors, init_sigma, rng)
    intercept, alpha = (0.0 if binary else y.mean()), 1.0
    score = scores(X, intercept, *split(blocks))
    target = y
    while True:
        if binary:
            target = probit_latent(score, y, rng)
        residual = target - score
        if not binary:  # noise precision: Gamma(1/2, 1/2) prior
            alpha = rng.gamma((1 + n) / 2) / ((1 + residual @ residual) / 2)
        change = residual.mean() + rng.normal() / np.sqrt(alpha * n)
        intercept += change
        residual -= change
        for block in blocks:
            block.draw_prior(rng)
        sweep(blocks, residual, alpha, rng)
        score = target - residual
        loss = -np.mean(log_ndtr(np.where(y > 0, score, -score))) if binary else rmse(residual)
        theta = np.vstack([block.columns for block in blocks])
        traces = {"noise": alpha**-0.5, "precision": np.vstack([block.precision for block in blocks])}
        yield Step(intercept, theta, loss, traces)


def als_steps(X, y, fields, *, n_factors, init_sigma, rng, linear_wd, factors_wd):
    """Yield a `Step` a sweep, for ever, each lower than the last in the penalised mean squared error.

    The objective is ``sum(residual**2) / 2n + linear_wd / 2 * |w|**2 + factors_wd / 2 * |V|**2`` (Rendle et al. 2011).
    """
    n = len(y)
    blocks = make_blocks(X, fields, n_factors, init_sigma, rng)
    for block in blocks:
        block.precision[:] = n * np.r_[linear_wd, np.full(n_factors, factors_wd)]
    intercept = y.mean()
    residual = y - scores(X, intercept, *split(blocks))
    while True:
        intercept += (change := residual.mean())
        residual -= change
        sweep(blocks, residual, 1.0, None)
        yield Step(intercept, np.vstack([block.columns for block in blocks]), rmse(residual), {})


def split(blocks):
    """Weights (n_columns,) and factors (n_columns, n_factors) of all blocks."""
    theta = np.vstack([block.columns for block in blocks])
    return theta[:, 0], theta[:, 1:]
