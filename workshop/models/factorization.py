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

from collections import defaultdict
from numbers import Integral

import numpy as np
import scipy.sparse as sp
from scipy.special import expit, ndtr
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.metrics import log_loss
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data
from tqdm.auto import trange

from workshop.metrics import rmse
from workshop.models.adam import Adam
from workshop.models.als import als_steps
from workshop.models.fields import check_fields, find_fields, scores
from workshop.models.gibbs import gibbs_steps

N_ITER = {"gibbs": 150, "als": 30, "adam": 20}


class _FactorizationMachine(BaseEstimator):
    """What regressor and classifier share: checks, the training loop and scores."""

    def __init__(
        self,
        n_factors=8,
        *,
        solver="gibbs",
        n_iter=None,
        n_samples=100,
        init_sigma=0.1,
        batch_size=1000,
        bias_lr=0.01,
        linear_lr=0.01,
        factors_lr=0.01,
        bias_wd=0.0,
        linear_wd=1e-4,
        factors_wd=1e-4,
        clip_gradient=None,
        noise_by=None,
        clip=True,
        random_state=None,
        verbose=False,
    ):
        self.n_factors = n_factors
        self.solver = solver
        self.n_iter = n_iter
        self.n_samples = n_samples
        self.init_sigma = init_sigma
        self.batch_size = batch_size
        self.bias_lr = bias_lr
        self.linear_lr = linear_lr
        self.factors_lr = factors_lr
        self.bias_wd = bias_wd
        self.linear_wd = linear_wd
        self.factors_wd = factors_wd
        self.clip_gradient = clip_gradient
        self.noise_by = noise_by
        self.clip = clip
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X, y, *, fields=None, validation=None):
        """This estimator, trained.

        Parameters
        ----------
        X : sparse matrix or array (n, n_columns)
            Anything finite; a row without entries is predicted by the intercept alone.
        y : array (n,)
        fields : list of Field, optional
            What the columns of ``X`` stand for, as `FeatureBuilder.fields_` says it. None: found by `find_fields`,
            each column its own only feature: exactly the machine of Rendle (2010).
        validation : tuple (X, y), optional
            Rows on which ``curves_["validation"]`` is measured. Never used to train.

        Raises
        ------
        ValueError
            For NaN, shapes that do not match, fields that do not describe ``X``, or a parameter out of range.
        """
        self._check_parameters()
        X, y = self._check_data(X, y, first=True)
        self._set_fields(X, fields)
        n_iter = N_ITER[self.solver] if self.n_iter is None else self.n_iter
        n_kept = min(self.n_samples, n_iter) if self.solver == "gibbs" else 1
        if validation is not None:
            X_val, y_val = self._check_data(*validation, first=False)
        curves, kept, total = defaultdict(list), [], 0.0
        for i, step in zip(trange(n_iter, desc=self.solver, disable=not self.verbose), self._steps(X, y), strict=False):
            if i >= n_iter - n_kept:
                kept.append(_compact(step))
            curves["train"].append(step.loss)
            for name, value in step.traces.items():
                curves[name].append(value)
            if validation is not None:
                current = self._response(scores(X_val, step.intercept, step.theta))
                total = total + current if len(kept) > 1 else current
                curves["validation"].append(self._loss(y_val, total / max(1, len(kept))))
        self._remember(step, kept)
        self.curves_ = {name: np.array(values) for name, values in curves.items()}
        return self

    def _partial_fit(self, X, y, fields, **checks):
        """One epoch of adam, from where the last call stopped."""
        first = not hasattr(self, "adam_")
        if first:
            self._check_parameters()
        X, y = self._check_data(X, y, first=first, **checks)
        if first:
            self._set_fields(X, fields)
            self.adam_, self.curves_ = self._make_adam(y), {"train": np.empty(0)}
        step = self.adam_.epoch(X, y)
        self.curves_["train"] = np.append(self.curves_["train"], step.loss)
        self._remember(step, [_compact(step)])
        return self

    def _steps(self, X, y):
        """Iterator over the `Step` of each sweep or epoch of the solver."""
        if self.solver == "adam":
            self.adam_ = self._make_adam(y)
            return iter(lambda: self.adam_.epoch(X, y), None)
        shared = {
            "n_factors": self.n_factors,
            "init_sigma": self.init_sigma,
            "rng": np.random.default_rng(self.random_state),
        }
        if self.solver == "als":
            return als_steps(X, y, self.fields_, linear_wd=self.linear_wd, factors_wd=self.factors_wd, **shared)
        names = [f.name for f in self.fields_]
        if self.noise_by is not None and (self._binary or self.noise_by not in names):
            raise ValueError(f"noise_by={self.noise_by!r} is for regressors, and names one of the fields {names}")
        noise_by = None if self.noise_by is None else names.index(self.noise_by)
        return gibbs_steps(X, y, self.fields_, binary=self._binary, noise_by=noise_by, **shared)

    def _make_adam(self, y):
        return Adam(
            self.fields_,
            n_factors=self.n_factors,
            init_sigma=self.init_sigma,
            batch_size=self.batch_size,
            lr=(self.bias_lr, self.linear_lr, self.factors_lr),
            wd=(self.bias_wd, self.linear_wd, self.factors_wd),
            clip_gradient=self.clip_gradient,
            rng=np.random.default_rng(self.random_state),
            binary=self._binary,
            start=0.0 if self._binary else y.mean(),
        )

    def _set_fields(self, X, fields):
        if fields is not None:
            check_fields(X, fields)
        self.fields_ = find_fields(X) if fields is None else list(fields)

    def _remember(self, step, samples):
        self.samples_ = samples
        self.intercept_, self.coef_, self.factors_ = step.intercept, step.theta[:, 0], step.theta[:, 1:]

    def _check_parameters(self):
        if self.solver not in N_ITER:
            raise ValueError(f"solver={self.solver!r} is unknown; choose one of {sorted(N_ITER)}")
        for name, lowest in [("n_factors", 0), ("n_samples", 1), ("batch_size", 1), ("n_iter", 1)]:
            value = getattr(self, name)
            if value is not None and (not isinstance(value, Integral) or value < lowest):
                raise ValueError(f"{name}={value!r} must be a whole number of at least {lowest}")
        for name in ("init_sigma", "bias_lr", "linear_lr", "factors_lr", "bias_wd", "linear_wd", "factors_wd"):
            if not (np.isfinite(getattr(self, name)) and getattr(self, name) >= 0):
                raise ValueError(f"{name}={getattr(self, name)!r} must be a finite number of at least 0")

    def _average(self, X, function):
        """Mean (n,) over the kept steps of ``function(scores)`` of the rows of ``X``."""
        check_is_fitted(self)
        X = _canonical(validate_data(self, X, accept_sparse="csr", reset=False))
        return sum(function(scores(X, s.intercept, s.theta)) for s in self.samples_) / len(self.samples_)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


class FactorizationMachineRegressor(RegressorMixin, _FactorizationMachine):
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
        priors, (n_iter, n_groups, 1 + n_factors).
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
        mean = self._average(X, self._response)
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
        X = _canonical(validate_data(self, X, accept_sparse="csr", reset=False))
        draws = np.array([scores(X, s.intercept, s.theta) for s in self.samples_])
        noise = np.mean([s.variance for s in self.samples_], axis=0)
        return np.sqrt(draws.var(axis=0) + (X @ noise if noise.ndim else noise))

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
        return _canonical(X), y.astype(float, copy=False)

    def _response(self, score):
        return score

    def _loss(self, y, predicted):
        return rmse(y, np.clip(predicted, *self.y_range_) if self.clip else predicted)


class FactorizationMachineClassifier(ClassifierMixin, _FactorizationMachine):
    """Second-order factorization machine for two classes; probabilities average over the kept posterior draws.

    Parameters are those of `FactorizationMachineRegressor`, except that ``clip`` does nothing and ``"als"``, which
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
        positive = self._average(X, self._response)
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
        return _canonical(X), (y == self.classes_[1]).astype(float)

    def _response(self, score):
        return ndtr(score) if self.solver == "gibbs" else expit(score)

    def _loss(self, y, predicted):
        return log_loss(y, predicted, labels=[0, 1])

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags


def _compact(step):
    """The step in float32, without what `curves_` already holds."""
    return step._replace(theta=step.theta.astype(np.float32), variance=np.float32(step.variance), traces={})


def _canonical(X):
    """``X`` as a CSR array with sorted indices and no stored zeros or repeated entries; copied only if it must be."""
    X = sp.csr_array(X)
    if not X.has_canonical_format or (X.data == 0).any():
        X = X.copy()
        X.sum_duplicates()
        X.eliminate_zeros()
    return X
