"""Gibbs sampling for factorization machines, a whole field at a time.

Given all other parameters, the model is linear in one column of parameters of one field: a change of it changes the
score by ``h * change``, where ``h`` is 1 for the weights and, for factor ``k``, the sum of factor ``k`` over the
row's other fields. The prior and this least squares problem define a normal distribution, and Gibbs sampling draws
from it (Freudenthaler, Schmidt-Thieme and Rendle 2011).
"""

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.special import log_ndtr, ndtr, ndtri

from workshop.models.fm.equation import Field, State, scores

COMPILE_FROM = 500_000  # rows from which compiling takes less time than it saves
CONSISTENCY = 4.0  # degrees of freedom of the prior of a user's own noise; 2 and 10 do as well on validation data


class Block:
    """The rows, parameters and prior of one field while it is trained.

    ``columns`` (n_columns, 1 + n_factors) holds weight and factors of each column, ``theta`` (n_features,
    1 + n_factors) those of the features. A column is expected where its features put it, ``features @ theta``, plus a
    mean of the field. Row 0 of ``mean`` and ``precision`` is the prior of the columns about this expectation, the
    next rows are those of each group of features.

    ``X`` (n, n_columns) has at most one entry a row; ``init_sigma`` is the standard deviation of the first factors.
    """

    def __init__(self, X: Any, field: Field, n_factors: int, init_sigma: float, rng: np.random.Generator):
        used = np.diff(X.indptr) > 0
        self.rows = slice(None) if used.all() else np.flatnonzero(used)
        self.gather = X if used.all() else X[self.rows]
        self.scatter = self.gather.T.tocsr()
        self.scatter_squares = self.scatter if np.all(X.data == 1) else self.scatter.power(2)
        self.columns = np.zeros((X.shape[1], 1 + n_factors))
        self.columns[:, 1:] = rng.normal(0, init_sigma, (X.shape[1], n_factors))
        self.features, self.sizes = field.features, list((field.groups or {}).values())
        if self.features is not None:
            self.features_T = self.features.T.tocsr()
            self.features_T_squares = self.features_T.power(2)
            self.theta = np.zeros((self.features.shape[1], 1 + n_factors))
        self.mean = np.zeros((1 + len(self.sizes), 1 + n_factors))
        self.precision = np.ones((1 + len(self.sizes), 1 + n_factors))

    def groups(self) -> list[np.ndarray]:
        """Return the parameters of each group: of the columns less what features explain, then of the features."""
        if self.features is None:
            return [self.columns]
        return [self.columns - self.features @ self.theta, *np.split(self.theta, np.cumsum(self.sizes)[:-1])]

    def update(
        self, k: int, h: np.ndarray, residual: np.ndarray, alpha: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """Return the change (rows of the field,) of each row's column ``k`` of the parameters, 0 being the weights.

        Draws the column, and its features' parameters with it, from their joint posterior, given the derivative of
        the score ``h``, the residual and the precision of the noise ``alpha`` of each row of the field. A draw is the
        solution of a least squares problem whose data and prior means are shaken by noise of their own size ("perturb
        and optimise", Papandreou and Yuille 2010).
        """
        counts = self.scatter_squares @ (alpha * h * h)
        data = self.scatter @ (alpha * h * residual) + counts * self.columns[:, k]
        own, *rest = self.precision[:, k]
        data += np.sqrt(counts) * rng.normal(size=len(data))
        prior = self.mean[0, k] + rng.normal(size=len(data)) / np.sqrt(own)
        if self.features is not None:
            share = own / (counts + own)  # what remains of the data's pull once a column takes its own part
            weight = share * counts
            precision, centre = np.repeat(rest, self.sizes), np.repeat(self.mean[1:, k], self.sizes)
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


def conjugate_gradients(
    matvec: Callable, b: np.ndarray, x: np.ndarray, diagonal: np.ndarray, *, max_iter: int = 100, tol: float = 1e-2
) -> np.ndarray:
    """Return an approximate solution (p,) of ``A x = b`` from the start ``x``, preconditioned by the diagonal of ``A``.

    Nocedal and Wright (2006), Algorithm 5.3. Stops when the preconditioned residual has shrunk to ``tol``.
    (SciPy's ``cg`` has another stopping rule, and its inner products are BLAS's.)

    Examples
    --------
    >>> conjugate_gradients(lambda v: 2 * v, np.array([4.0, 6.0]), np.zeros(2), np.full(2, 2.0))
    array([2., 3.])
    """
    r = b - matvec(x)
    z = r / diagonal
    direction, rz = z, np.sum(r * z)
    goal = tol**2 * np.sum(b * b / diagonal)
    for _ in range(max_iter):
        if rz <= goal:
            break
        product = matvec(direction)
        step = rz / np.sum(direction * product)
        x, r = x + step * direction, r - step * product
        z = r / diagonal
        rz, before = np.sum(r * z), rz
        direction = z + rz / before * direction
    return x


def draw_normal_gamma(parameters: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and precision (d,) each, drawn for the columns of (p, d) that are normal with both unknown.

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


def draw_probit_latent(score: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return latent values (n,): normal around ``score`` with deviation 1, positive just where ``y`` is 1.

    Albert and Chib (1993), by inversion of the distribution function.

    Examples
    --------
    >>> draw_probit_latent(np.zeros(2), np.array([1, 0]), np.random.default_rng(0)) > 0
    array([ True, False])
    """
    sign = np.where(y > 0, 1.0, -1.0)
    tail = rng.random(len(score)) * ndtr(sign * score)
    return score - sign * ndtri(np.clip(tail, 1e-12, 1 - 1e-12))


class Noise:
    """Precision of the noise of each row: one for all or, given ``block``, times one of each column of that field.

    The precisions of the columns have a Gamma prior of mean 1, so that a user with few ratings stays close to the
    rest (compare Lakshminarayanan, Bouchard and Archambeau 2011, who give rows and columns a noise of their own).
    """

    def __init__(self, block: Block | None = None):
        self.common, self.block = 1.0, block
        self.each = None if block is None else np.ones(len(block.columns))

    def draw(self, residual: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the precision (n,) of each row, drawn given the residuals (n,)."""
        squares, relative = residual**2, np.ones(len(residual))
        if self.block is not None:
            relative[self.block.rows] = self.block.gather @ self.each
        self.common = rng.gamma((1 + len(residual)) / 2) / ((1 + np.sum(squares * relative)) / 2)
        if self.block is not None:
            counts = self.block.scatter @ np.ones(self.block.gather.shape[0])
            rate = self.common * (self.block.scatter @ squares[self.block.rows])
            self.each = rng.gamma((CONSISTENCY + counts) / 2) / ((CONSISTENCY + rate) / 2)
            relative[self.block.rows] = self.block.gather @ self.each
        return self.common * relative


def make_blocks(X: Any, fields: Sequence[Field], machine: Any, rng: np.random.Generator) -> list[Block]:
    """Return one `Block` for each field."""
    starts = np.cumsum([0] + [field.n_columns for field in fields])
    parts = [X[:, start:stop].astype(float) for start, stop in pairwise(starts)]
    return [Block(*part, machine.n_factors, machine.init_sigma, rng) for part in zip(parts, fields, strict=True)]


def stack(blocks: list[Block]) -> np.ndarray:
    """Return weights and factors (n_columns, 1 + n_factors) of all blocks."""
    return np.vstack([block.columns for block in blocks])


def sweep(blocks: list[Block], residual: np.ndarray, alpha: np.ndarray, rng: np.random.Generator) -> None:
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


def gibbs_states(
    X: Any, y: np.ndarray, fields: Sequence[Field], machine: Any, rng: np.random.Generator
) -> Iterator[State]:
    """Yield a `State` after each sweep, for ever: draws from the posterior (once the first ones are forgotten).

    ``X`` (n, n_columns) is sparse; ``y`` (n,) holds ratings, or 0 and 1 if ``machine.binary``: a probit model instead
    of normal noise. Of ``machine``, an estimator, n_factors, init_sigma and noise_by are used.
    """
    names, n = [field.name for field in fields], len(y)
    blocks, binary = make_blocks(X, fields, machine, rng), machine.binary
    noise = Noise(None if machine.noise_by is None else blocks[names.index(machine.noise_by)])
    intercept, target = (0.0 if binary else y.mean()), y
    score, alpha = scores(X, intercept, stack(blocks)), np.ones(n)
    while True:
        if binary:
            target = draw_probit_latent(score, y, rng)
        residual = target - score
        if not binary:
            alpha = noise.draw(residual, rng)
        change = np.sum(alpha * residual) / alpha.sum() + rng.normal() / np.sqrt(alpha.sum())
        intercept += change
        residual -= change
        for block in blocks:
            for g, parameters in enumerate(block.groups()):
                block.mean[g], block.precision[g] = draw_normal_gamma(parameters, rng)
        sweep(blocks, residual, alpha, rng)
        score = target - residual
        loss = -np.mean(log_ndtr(np.where(y > 0, score, -score))) if binary else np.sqrt(np.mean(residual**2))
        yield State(intercept, stack(blocks), loss, noise.common**-0.5)


def choose_sampler(X: Any, fields: Sequence[Field], machine: Any) -> Callable:
    """Return `gibbs_states` or, for many ratings by user and movie alone, if numba is there, `pair_states`."""
    if X.shape[0] < COMPILE_FROM or importlib.util.find_spec("numba") is None:
        return gibbs_states
    is_pairs = len(fields) == 2 and np.all(np.diff(X.indptr) == 2) and np.all(X.indices[0::2] < fields[0].n_columns)
    if machine.binary or not is_pairs or np.any(X.data != 1) or any(field.features is not None for field in fields):
        return gibbs_states
    from workshop.models.fm.compiled import pair_states  # numba is optional, and slow to import

    return pair_states
