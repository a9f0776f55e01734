"""Mini-batch gradient descent for factorization machines, with Adam's step sizes."""

import numpy as np
import scipy.sparse as sp
from scipy.special import expit, log_expit

from workshop.models.fields import Step, scores


def loss_gradient(X, y, features, intercept, theta, *, binary=False):
    """Mean loss (float) and its gradient: by the intercept (float) and by ``theta`` (n_features, 1 + n_factors).

    The loss of a row is half the squared residual, or the log-loss of the logistic model if ``binary``. The inner
    derivatives are those of Rendle (2010), Eq. 4.

    Parameters
    ----------
    X : csr_array (n, n_columns)
    y : array (n,)
    features : csr_array (n_columns, n_features) or None
        Of each column, itself included. None: only itself.
    intercept : float
    theta : array (n_features, 1 + n_factors)
        Weights and factors.
    binary : bool

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

    Parameters
    ----------
    fields : list of Field
    n_factors, init_sigma, batch_size, clip_gradient
        As in `FactorizationMachineRegressor`.
    lr, wd : tuple of three floats
        Learning rate and weight decay of intercept, weights and factors.
    rng : numpy.random.Generator
    binary : bool
        Logistic instead of squared loss.
    start : float
        First value of the intercept.
    """

    decay, decay_squares, tiny = 0.9, 0.999, 1e-8  # beta_1, beta_2 and epsilon of the paper

    def __init__(self, fields, *, n_factors, init_sigma, batch_size, lr, wd, clip_gradient, rng, binary, start=0.0):
        self.features = None
        n_features = sum(f.n_columns for f in fields)
        if any(f.features is not None for f in fields):
            own = sp.eye_array(n_features)
            described = [sp.csr_array((f.n_columns, 0)) if f.features is None else f.features for f in fields]
            self.features = sp.hstack([own, sp.block_diag(described)], format="csr")
            n_features = self.features.shape[1]
        self.batch_size, self.clip_gradient, self.rng, self.binary = batch_size, clip_gradient, rng, binary
        theta = np.hstack([np.zeros((n_features, 1)), rng.normal(0, init_sigma, (n_features, n_factors))])
        self.shape = theta.shape
        self.flat = np.r_[start, theta.ravel()]
        spread = [np.r_[b, np.tile(np.r_[w, np.full(n_factors, v)], n_features)] for b, w, v in (lr, wd)]
        self.lr, self.wd = spread
        self.mean, self.square = np.zeros_like(self.flat), np.zeros_like(self.flat)
        self.n_steps = 0

    def epoch(self, X, y):
        """`Step` after one pass over the rows of ``X`` in random order; the loss is the mean over the batches."""
        order = self.rng.permutation(len(y))
        losses = 0.0
        for start in range(0, len(y), self.batch_size):
            batch = order[start : start + self.batch_size]
            losses += len(batch) * self.step(X[batch], y[batch])
        loss = losses / len(y)
        intercept, theta = self.flat[0], self.flat[1:].reshape(self.shape)
        columns = theta.copy() if self.features is None else self.features @ theta
        return Step(intercept, columns, loss if self.binary else np.sqrt(2 * loss), {})

    def step(self, X, y):
        """Mean loss (float) of the batch before one step of Adam."""
        loss, slope, gradient = loss_gradient(
            X, y, self.features, self.flat[0], self.flat[1:].reshape(self.shape), binary=self.binary
        )
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
