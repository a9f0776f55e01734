"""Factorization machines (Rendle 2010): every pair of features interacts, through the product of two short vectors.

========== ======================= ==========================================================================
symbol     name here               shape and meaning
========== ======================= ==========================================================================
x          ``X``                   (n, n_columns) sparse: a row per rating, a column per user, movie, ...
y          ``y``                   (n,) ratings, or classes
w_0        ``intercept_``          number: the score of an empty row
w          ``coef_``               (n_columns,) weight of each column
V          ``factors_``            (n_columns, n_factors) factors of each column
y-hat(x)   ``fields.scores``       (n,) w_0 + sum_i w_i x_i + sum_{i<j} <v_i, v_j> x_i x_j (Eq. 1)
Z          ``Field.features``      (columns of a field, n_features) what describes each column
Theta      ``Block.theta``         (n_features, 1 + n_factors) weight and factors of each feature
Z Theta    ``Block.columns``       (columns of a field, 1 + n_factors) weight and factors of each column
h          ``h`` in `gibbs`        (n,) derivative of the score by factor k of the row's column in a field
alpha      ``alpha`` in `gibbs`    number: precision of the noise, 1 / variance
mu, lambda ``mean``, ``precision`` (n_groups, 1 + n_factors) prior of the features of each group
========== ======================= ==========================================================================

Three ways to train, one ``solver``: ``"gibbs"`` (Freudenthaler, Schmidt-Thieme and Rendle 2011; nothing to tune),
``"als"`` (Rendle et al. 2011) and ``"adam"`` (Kingma and Ba 2015, as Amazon SageMaker trains its machine).

======================= =========================== ======================= ===========================
here                    in SageMaker                here                    in SageMaker
======================= =========================== ======================= ===========================
``n_factors``           ``num_factors``             ``bias_lr``             ``bias_lr``
``n_iter``              ``epochs``                  ``linear_lr``           ``linear_lr``
``batch_size``          ``mini_batch_size``         ``factors_lr``          ``factors_lr``
``init_sigma``          ``factors_init_sigma``      ``bias_wd``             ``bias_wd``
``clip_gradient``       ``clip_gradient``           ``linear_wd``           ``linear_wd``
the class               ``predictor_type``          ``factors_wd``          ``factors_wd``
``X.shape[1]``          ``feature_dim``
======================= =========================== ======================= ===========================
"""

import numpy as np
from scipy.special import expit, ndtr
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from workshop.metrics import log_loss, rmse
from workshop.models.fields import scores
from workshop.models.machine import FactorizationMachine, canonical


class FactorizationMachineRegressor(RegressorMixin, FactorizationMachine):
    """Second-order factorization machine for ratings; predictions average over the kept posterior draws.

    Parameters
    ----------
    n_factors : int
        Length of the vector that each column interacts by. 0: a linear model.
    solver : {"gibbs", "als", "adam"}
        ``"gibbs"`` is Bayesian: noise and penalties are drawn with the rest, nothing has to be tuned. The other two
        minimise ``mean(residual**2) / 2 + linear_wd / 2 * |w|**2 + factors_wd / 2 * |V|**2``.
    n_iter : int, optional
        Sweeps or epochs. None: 150 for gibbs, 30 for als, 20 for adam.
    n_samples : int
        gibbs: how many of the last draws are kept and averaged (4 bytes a number: ``n_samples * n_columns *
        (1 + n_factors) * 4`` bytes). The draws before them are the burn-in.
    init_sigma : float
        Standard deviation of the first factors. Not 0: at 0 the factors have no gradient.
    batch_size : int
        adam: rows a step.
    bias_lr, linear_lr, factors_lr : float
        adam: learning rates of intercept, weights and factors.
    bias_wd, linear_wd, factors_wd : float
        adam, als (which leaves out the first): weight decay of intercept, weights and factors.
    clip_gradient : float, optional
        adam: largest absolute value of a gradient's component.
    noise_by : str, optional
        gibbs: name of a field, for instance ``"user"``, whose columns each get noise of their own: some people rate
        less consistently than others, and their ratings then weigh less.
    compiled : {"auto", True, False}
        gibbs, ratings and two one-hot fields only: the sweep of `gibbs_numba`, many times faster. ``"auto"`` takes it
        from 500,000 rows if numba can be imported.
    clip : bool
        Regressor: keep predictions within the range of ``y`` seen in training.
    random_state : int or numpy.random.Generator, optional
    verbose : bool
        Show a progress bar.

    Attributes
    ----------
    intercept_, coef_, factors_ : float, array (n_columns,), array (n_columns, n_factors)
        The last parameters (for gibbs: one draw).
    samples_ : list of Step
        The kept draws, in float32; one entry for the other solvers.
    curves_ : dict of str to array (n_iter, ...)
        ``"train"``: root mean squared error (classifier: log-loss) after each sweep; ``"validation"``: that of the
        average of the draws so far; for gibbs also ``"noise"``, a standard deviation, and ``"precision"`` of the
        priors, (n_iter, n_groups, 1 + n_factors), and for als ``"penalty"``, the second part of its objective.
    fields_ : list of Field

    Examples
    --------
    Two users who agree on the first two movies, one of whom rated a third:

    >>> X = np.array([[1, 0, 1, 0, 0], [0, 1, 1, 0, 0], [1, 0, 0, 1, 0], [0, 1, 0, 1, 0], [1, 0, 0, 0, 1]])
    >>> machine = FactorizationMachineRegressor(n_factors=2, random_state=0).fit(X, [5, 5, 1, 1, 4])
    >>> bool(machine.predict([[0, 1, 1, 0, 0]])[0] > machine.predict([[0, 1, 0, 1, 0]])[0])
    True
    """

    _binary = False

    def predict(self, X):
        """Predicted ratings (n,): the mean over the kept draws, within the range of the training ratings if ``clip``.

        Parameters
        ----------
        X : sparse matrix or array (n, n_columns)
        """
        mean = self._average(X)
        return np.clip(mean, *self.y_range_) if self.clip else mean

    def predict_std(self, X):
        """Standard deviation (n,) of a new rating: how far the draws disagree, plus the noise of a rating.

        Parameters
        ----------
        X : sparse matrix or array (n, n_columns)

        Raises
        ------
        AttributeError
            For solvers other than ``"gibbs"``: one set of parameters says nothing of its own uncertainty.
        """
        check_is_fitted(self)
        if self.solver != "gibbs":
            raise AttributeError(f'solver={self.solver!r} keeps one set of parameters; use solver="gibbs"')
        X = canonical(validate_data(self, X, accept_sparse="csr", reset=False))
        draws = np.array([scores(X, s.intercept, s.theta) for s in self.samples_])
        noise = np.mean([row_variance(X, s) for s in self.samples_], axis=0)
        return np.sqrt(draws.var(axis=0) + noise)

    @available_if(lambda self: self.solver == "adam")
    def partial_fit(self, X, y, *, fields=None):
        """This estimator after one more epoch over the given rows (``solver="adam"`` only).

        Parameters
        ----------
        X : sparse matrix or array (n, n_columns)
        y : array (n,)
        fields : list of Field, optional
            As in `fit`; only the first call looks at it.
        """
        return self._partial_fit(X, y, fields)

    def _check_data(self, X, y, *, first):
        X, y = validate_data(self, X, y, accept_sparse="csr", y_numeric=True, reset=first)
        if first:
            self.y_range_ = float(y.min()), float(y.max())
        return canonical(X), y.astype(float, copy=False)

    def _predict_step(self, X, step):
        return scores(X, step.intercept, step.theta)

    def _loss(self, y, predicted):
        return rmse(y, np.clip(predicted, *self.y_range_) if self.clip else predicted)


class FactorizationMachineClassifier(ClassifierMixin, FactorizationMachine):
    """Second-order factorization machine for two classes; probabilities average over the kept posterior draws.

    Parameters are those of `FactorizationMachineRegressor`; ``clip`` and ``compiled`` do nothing, and ``"als"``, which
    is least squares, is refused. ``"gibbs"`` uses the probit model (Albert and Chib 1993), ``"adam"`` the logistic one.

    Attributes
    ----------
    classes_ : array (2,)
    intercept_, coef_, factors_, samples_, curves_, fields_
        As in `FactorizationMachineRegressor`; losses are mean log-losses.

    Examples
    --------
    >>> X = np.array([[1, 0, 1, 0], [0, 1, 1, 0], [1, 0, 0, 1], [0, 1, 0, 1]] * 5)
    >>> FactorizationMachineClassifier(n_factors=2, random_state=0).fit(X, [1, 1, 0, 0] * 5).predict(X[:4])
    array([1, 1, 0, 0])
    """

    _binary = True

    def predict_proba(self, X):
        """Probability (n, 2) of each class.

        Parameters
        ----------
        X : sparse matrix or array (n, n_columns)
        """
        positive = self._average(X)
        return np.column_stack([1 - positive, positive])

    def predict(self, X):
        """The more probable class (n,) of each row.

        Parameters
        ----------
        X : sparse matrix or array (n, n_columns)
        """
        positive = self.predict_proba(X)[:, 1]
        return self.classes_[(positive > 0.5).astype(int)]

    @available_if(lambda self: self.solver == "adam")
    def partial_fit(self, X, y, classes=None, *, fields=None):
        """This estimator after one more epoch over the given rows (``solver="adam"`` only).

        Parameters
        ----------
        X : sparse matrix or array (n, n_columns)
        y : array (n,)
        classes : array (2,), optional
            Both classes; needed at the first call if ``y`` does not hold both.
        fields : list of Field, optional
            As in `fit`; only the first call looks at it.
        """
        return self._partial_fit(X, y, fields, classes=classes)

    def _check_data(self, X, y, *, first, classes=None):
        X, y = validate_data(self, X, y, accept_sparse="csr", reset=first)
        kind = type_of_target(y, input_name="y", raise_unknown=True)
        if kind != "binary":
            raise ValueError(f"Only binary classification is supported. The type of the target is {kind}.")
        if first:
            self.classes_ = np.unique(y if classes is None else classes)
            if len(self.classes_) != 2:
                raise ValueError(f"y must hold two classes but has one class: {self.classes_}; see classes")
        unknown = np.setdiff1d(y, self.classes_)
        if len(unknown):
            raise ValueError(f"y holds {unknown}, which is not in classes_={self.classes_}")
        return canonical(X), (y == self.classes_[1]).astype(float)

    def _predict_step(self, X, step):
        score = scores(X, step.intercept, step.theta)
        return ndtr(score / np.sqrt(row_variance(X, step))) if self.solver == "gibbs" else expit(score)

    def _loss(self, y, predicted):
        return log_loss(y, predicted)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags


def row_variance(X, step):
    """Variance of the noise (float or (n,)) of each row; that of the average column where the row has none."""
    if np.ndim(step.variance) == 0:
        return step.variance
    each = X @ step.variance
    return np.where(each > 0, each, step.variance[step.variance > 0].mean())
