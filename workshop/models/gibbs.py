"""Gibbs sampling for factorization machines, a whole field at a time.

Given all other parameters, the model is linear in one column of parameters of one field: a change of it changes the
score by ``h * change``, where ``h`` is 1 for the weights and, for factor ``k``, the sum of factor ``k`` over the
row's other fields. The prior and this least squares problem define a normal distribution, and
Gibbs sampling draws from it (Freudenthaler, Schmidt-Thieme and Rendle 2011). Without the noise the same code
minimises: that is alternating least squares (`als.py`).
"""

import numpy as np
from scipy.special import log_ndtr, ndtr, ndtri

from workshop.models.fields import Step, scores

CONSISTENCY = 4.0  # degrees of freedom of the prior of a user's own noise; 2 and 10 do as well on validation data


class Block:
    """The rows, parameters and prior of one field while it is trained.

    ``columns`` (n_columns, 1 + n_factors) holds weight and factors of each column, ``theta`` (n_features,
    1 + n_factors) those of the features. A column is expected where its features put it, ``features @ theta``, plus a
    mean of the field. Row 0 of ``mean`` and ``precision`` is the prior of the columns about this expectation, the
    next rows are those of each group of features.

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
        self.gather = X if used.all() else X[self.rows]
        self.scatter = self.gather.T.tocsr()
        self.scatter_squares = self.scatter if np.all(X.data == 1) else self.scatter.power(2)
        factors = rng.normal(0, init_sigma, (X.shape[1], n_factors))
        self.columns = np.hstack([np.zeros((X.shape[1], 1)), factors])
        self.features, self.sizes = field.features, list((field.groups or {}).values())
        if self.features is not None:
            self.features_T = self.features.T.tocsr()
            self.features_T_squares = self.features_T.power(2)
            self.theta = np.zeros((self.features.shape[1], n_factors + 1))
        self.mean = np.zeros((1 + len(self.sizes), n_factors + 1))
        self.precision = np.ones((1 + len(self.sizes), n_factors + 1))

    def deviations(self):
        """Parameters (n_columns, 1 + n_factors) of the columns less what their features explain."""
        return self.columns if self.features is None else self.columns - self.features @ self.theta

    def draw_prior(self, rng):
        """Draw mean and precision of each group of parameters."""
        groups = [self.deviations()]
        if self.features is not None:
            groups += np.split(self.theta, np.cumsum(self.sizes)[:-1])
        for g, parameters in enumerate(groups):
            self.mean[g], self.precision[g] = draw_normal_gamma(parameters, rng)

    def update(self, k, h, residual, alpha, rng):
        """Change (rows of the field,) in column ``k`` of the parameters, summed over the features of the row.

        Draws the column, and its features' parameters with it, from their joint posterior. A draw is the solution
        of a least squares problem whose data and prior means are shaken by noise of their own size ("perturb and
        optimise", Papandreou and Yuille 2010); with ``rng=None`` nothing is shaken and it is the minimum.

        Parameters
        ----------
        k : int
            0 for the weights.
        h, residual, alpha : array (rows of the field,)
            Derivative of the score, residual and precision of the noise of each row.
        rng : numpy.random.Generator or None
        """
        counts = self.scatter_squares @ (alpha * h * h)
        data = self.scatter @ (alpha * h * residual) + counts * self.columns[:, k]
        own, *rest = self.precision[:, k]
        prior = np.full(len(data), self.mean[0, k])
        if rng is not None:
            data += np.sqrt(counts) * rng.normal(size=len(data))
            prior += rng.normal(size=len(prior)) / np.sqrt(own)
        if self.features is not None:
            share = own / (counts + own)  # what remains of the data's pull once a column takes its own part
            weight = share * counts
            precision, centre = np.repeat(rest, self.sizes), np.repeat(self.mean[1:, k], self.sizes)
            if rng is not None:
                centre += rng.normal(size=len(centre)) / np.sqrt(precision)
            self.theta[:, k] = conjugate_gradients(
                lambda v: self.features_T @ (weight * (self.features @ v)) + precision * v,
                self.features_T @ (share * data - weight * prior) + precision * centre,
                self.theta[:, k],
                self.features_T_squares @ weight + precision,
            )
            prior += self.features @ self.theta[:, k]
        column = (data + own * prior) / (counts + own)
        change = self.gather @ (column - self.columns[:, k])
        self.columns[:, k] = column
        return change


def draw_normal_gamma(parameters, rng):
    """Mean and precision (d,) each, drawn for the columns of parameters (p, d) that are normal with both unknown.

    Prior: precision ~ Gamma(1/2, 1/2) and mean ~ N(0, 1 / precision), the one of libFM (Rendle 2012).

    Examples
    --------
    >>> mean, precision = draw_normal_gamma(np.full((1000, 1), 3.0), np.random.default_rng(0))
    >>> mean.round(1), bool(precision[0] > 50)
    (array([3.]), True)
    """
    p, d = parameters.shape
    centre = parameters.mean(axis=0)
    rate = 1 + ((parameters - centre) ** 2).sum(axis=0) + p * centre**2 / (p + 1)
    precision = rng.gamma((1 + p) / 2, size=d) / (rate / 2)
    return p * centre / (p + 1) + rng.normal(size=d) / np.sqrt((p + 1) * precision), precision


def conjugate_gradients(matvec, b, x, diagonal, *, max_iter=100, tol=1e-2):
    """Approximate solution (p,) of ``A x = b`` from the start ``x``, preconditioned by the diagonal of ``A``.

    Nocedal and Wright (2006), Algorithm 5.3. Stops when the preconditioned residual has shrunk to ``tol``.

    Examples
    --------
    >>> conjugate_gradients(lambda v: 2 * v, np.array([4.0, 6.0]), np.zeros(2), np.full(2, 2.0))
    array([2., 3.])
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
    blocks, start = [], 0
    for field in fields:
        stop = start + field.n_columns
        blocks.append(Block(X[:, start:stop].astype(float), field, n_factors, init_sigma, rng))
        start = stop
    return blocks


def stack(blocks):
    """Weights and factors (n_columns, 1 + n_factors) of all blocks."""
    return np.vstack([block.columns for block in blocks])


def sweep(blocks, residual, alpha, rng):
    """Update every parameter of every block once; ``residual`` (n,) is kept up to date in place."""
    for k in range(blocks[0].columns.shape[1]):
        own = [block.gather @ block.columns[:, k] for block in blocks]
        summed = np.zeros(len(residual))
        for block, part in zip(blocks, own, strict=True):
            summed[block.rows] += part
        for block, part in zip(blocks, own, strict=True):
            h = summed[block.rows] - part if k else np.ones(len(part))
            change = block.update(k, h, residual[block.rows], alpha[block.rows], rng)
            residual[block.rows] -= h * change
            summed[block.rows] += change


class Noise:
    """Precision of the noise of each row: one for all or, given ``block``, times one of each column of that field.

    The precisions of the columns have a Gamma prior of mean 1, so that a user with few ratings stays close to the
    rest (compare Lakshminarayanan, Bouchard and Archambeau 2011, who give rows and columns a noise of their own).
    """

    def __init__(self, block=None):
        self.common, self.block = 1.0, block
        self.each = None if block is None else np.ones(len(block.columns))

    def rows(self, n):
        """Precision (n,) of each row."""
        alpha = np.full(n, self.common)
        if self.block is not None:
            alpha[self.block.rows] *= self.block.gather @ self.each
        return alpha

    def variance(self, blocks):
        """Variance of every row (float) or, array (n_columns,), that of the columns it depends on and 0 elsewhere."""
        if self.block is None:
            return 1 / self.common
        each = 1 / (self.common * self.each)
        return np.concatenate([each if b is self.block else np.zeros(len(b.columns)) for b in blocks])

    def draw(self, residual, rng, *, common=True):
        """Draw all precisions, or only those of the columns, given the residuals (n,)."""
        squares = residual**2
        if common:
            relative = self.rows(len(residual)) / self.common
            self.common = rng.gamma((1 + len(residual)) / 2) / ((1 + squares @ relative) / 2)
        if self.block is not None:
            counts = self.block.scatter @ np.ones(self.block.gather.shape[0])
            rate = self.common * (self.block.scatter @ squares[self.block.rows])
            self.each = rng.gamma((CONSISTENCY + counts) / 2) / ((CONSISTENCY + rate) / 2)


def probit_latent(score, y, sigma, rng):
    """Latent values (n,): normal around ``score`` with deviation ``sigma``, above 0 where ``y`` is 1 and below where 0.

    Albert and Chib (1993), by inversion of the distribution function.

    Examples
    --------
    >>> latent = probit_latent(np.zeros(2), np.array([1, 0]), 1.0, np.random.default_rng(0))
    >>> latent > 0
    array([ True, False])
    """
    sign = np.where(y > 0, 1.0, -1.0)
    tail = rng.random(len(score)) * ndtr(sign * score / sigma)
    return score - sign * sigma * ndtri(np.clip(tail, 1e-12, 1 - 1e-12))


def gibbs_steps(X, y, fields, *, n_factors, init_sigma, rng, binary=False, noise_by=None):
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
    noise_by : int, optional
        Number of the field whose columns each have noise of their own.

    Examples
    --------
    >>> from scipy import sparse as sp
    >>> from workshop.models.fields import Field
    >>> X, rng = sp.csr_array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]), np.random.default_rng(0)
    >>> fields = [Field("user", 2), Field("movie", 1)]
    >>> steps = gibbs_steps(X, np.array([4.0, 2.0]), fields, n_factors=1, init_sigma=0.1, rng=rng)
    >>> next(steps).theta.shape
    (3, 2)
    """
    n = len(y)
    blocks = make_blocks(X, fields, n_factors, init_sigma, rng)
    noise = Noise(None if noise_by is None else blocks[noise_by])
    intercept, target = (0.0 if binary else y.mean()), y
    score = scores(X, intercept, stack(blocks))
    while True:
        if binary:
            target = probit_latent(score, y, noise.rows(n) ** -0.5, rng)
        residual = target - score
        noise.draw(residual, rng, common=not binary)
        alpha = noise.rows(n)
        change = alpha @ residual / alpha.sum() + rng.normal() / np.sqrt(alpha.sum())
        intercept += change
        residual -= change
        for block in blocks:
            block.draw_prior(rng)
        sweep(blocks, residual, alpha, rng)
        score = target - residual
        if binary:
            loss = -np.mean(log_ndtr(np.where(y > 0, score, -score) * np.sqrt(alpha)))
        else:
            loss = np.sqrt(np.mean(residual**2))
        traces = {"noise": noise.common**-0.5, "precision": np.vstack([block.precision for block in blocks])}
        yield Step(intercept, stack(blocks), loss, traces, noise.variance(blocks))
