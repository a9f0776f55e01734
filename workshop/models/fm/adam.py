"""Mini-batch gradient descent for factorization machines, with Adam's step sizes, as in Amazon SageMaker."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.special import expit, log_expit

from workshop.models.fm.equation import Field, State, scores


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
        return State(self.flat[0], columns, loss if self.binary else np.sqrt(2 * loss), {})

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
