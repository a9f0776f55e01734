"""The factorization machines as scikit-learn estimators: parameters, checks, the training loop, predictions."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from numbers import Integral, Real
from typing import Any
from warnings import warn

import numpy as np
import scipy.sparse as sp
from scipy.special import expit, ndtr
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss, root_mean_squared_error
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from workshop.datasets.ratings import check_numbers
from workshop.models.fm.equation import (
    Adam,
    Field,
    canonical,
    check_fields,
    column_units,
    find_fields,
    pair_scores,
    scores,
)
from workshop.models.fm.gibbs import choose_sampler

N_ITER = {"gibbs": 150, "adam": 20}
WHOLE = {"n_factors": 0, "n_samples": 1, "batch_size": 1, "n_iter": 1}  # and the least that each may be
NOT_NEGATIVE = "init_sigma bias_lr linear_lr factors_lr bias_wd linear_wd factors_wd clip_gradient".split()


@dataclass(eq=False, repr=False)
class FactorizationMachine(BaseEstimator):
    """What regressor and classifier share; `FactorizationMachineRegressor` says what the parameters mean."""

    n_factors: int = 8
    _: KW_ONLY
    solver: str = "gibbs"
    n_iter: int | None = None
    n_samples: int = 100
    init_sigma: float = 0.1
    batch_size: int = 1000
    bias_lr: float = 0.003
    linear_lr: float = 0.003
    factors_lr: float = 0.003
    bias_wd: float = 0.0
    linear_wd: float = 5e-5
    factors_wd: float = 2e-4
    clip_gradient: float | None = None
    noise_by: str | None = None
    random_state: Any = None

    def fit(
        self, X: Any, y: Any, *, fields: Sequence[Field] | None = None, validation: tuple | None = None
    ) -> "FactorizationMachine":
        """Return this estimator, trained.

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
            (A ConvergenceWarning if the machine errs more on its own training rows than a constant would.)
        """
        X, y = self._begin(X, y, fields)
        n_iter = N_ITER[self.solver] if self.n_iter is None else self.n_iter
        n_kept = min(self.n_samples, n_iter) if self.solver == "gibbs" else 1
        if validation is not None:
            if not (isinstance(validation, tuple | list) and len(validation) == 2):
                raise TypeError(f"validation is {type(validation).__name__}; give a pair, features and targets")
            X_val, y_val = self._check_data(*validation)
        curves: dict[str, list] = {"train": [], "validation": []}
        total: Any = 0.0
        for i, state in zip(range(n_iter), self._states(X, y), strict=False):
            self._remember(state, keep=i >= n_iter - n_kept)
            curves["train"].append(state.loss)
            if validation is not None:
                current = self._answer(X_val, state)
                total = total + current if len(self.samples_) > 1 else current
                curves["validation"].append(self._loss(y_val, total / max(1, len(self.samples_))))
        self.curves_ = {name: np.array(values) for name, values in curves.items() if values}
        reached = np.min(curves["train"]) if self.solver == "gibbs" else state.loss  # a single draw may be a bad one
        constant = self._loss(y, np.full(len(y), y.mean()))
        if len(y) > 30 and reached > 1.05 * constant > 0:
            found = f"the training error is {reached:.3g}, that of always answering the mean only {constant:.3g}"
            warn(f"{found}; lower the learning rates, or raise n_iter", ConvergenceWarning, stacklevel=2)
        return self

    @available_if(lambda self: self.solver == "adam")
    def partial_fit(
        self, X: Any, y: Any, classes: Any = None, *, fields: Sequence[Field] | None = None
    ) -> "FactorizationMachine":
        """Return this estimator after one more epoch over the given rows (``solver="adam"`` only).

        Parameters are those of `fit`; the first call sets the fields and, for a classifier, both `classes`.
        """
        first = not hasattr(self, "adam_")
        X, y = self._begin(X, y, fields, classes) if first else self._check_data(X, y)
        state = next(self._states(X, y))
        self.samples_.clear()
        self._remember(state, keep=True)
        self.curves_ = {"train": np.append([] if first else self.curves_["train"], state.loss)}
        return self

    def _begin(self, X, y, fields, classes=None):
        """Checked rows and targets; what the last training has left is forgotten."""
        self._check_parameters()
        X, y = self._check_data(X, y, first=True, classes=classes)
        if fields is not None:
            check_fields(X, fields)
        self.fields_ = find_fields(X) if fields is None else list(fields)
        names = [field.name for field in self.fields_]
        if self.noise_by not in (None, *names):
            raise ValueError(f"noise_by={self.noise_by!r} is not one of the fields {names}")
        self.scale_, self.samples_ = column_units(X, self.fields_), []
        if self.solver == "adam":
            start = 0.0 if self.binary else y.mean()
            self.adam_ = Adam(self.fields_, self, np.random.default_rng(self.random_state), start=start)
        return X, y

    def _states(self, X, y):
        """Yield the `State` after each sweep or epoch, for ever; training is in units of the columns."""
        if np.any(self.scale_ != 1):
            X = sp.csr_array(X @ sp.diags_array(1 / self.scale_))
        if self.solver == "adam":
            states = iter(lambda: self.adam_.epoch(X, y), None)
        else:
            sampler = choose_sampler(X, self.fields_, self)
            states = sampler(X, y, self.fields_, self, np.random.default_rng(self.random_state))
        for state in states:
            yield state._replace(theta=state.theta / self.scale_[:, None])

    def _remember(self, state, *, keep):
        """Set the parameters and, if asked to, keep the state in float32."""
        self.intercept_, self.coef_, self.factors_ = state.intercept, state.theta[:, 0], state.theta[:, 1:]
        if keep:
            self.samples_.append(state._replace(theta=state.theta.astype(np.float32)))

    def _check_parameters(self):
        if self.solver not in N_ITER:
            raise ValueError(f"solver={self.solver!r} is unknown; choose one of {', '.join(N_ITER)}")
        for name in (*WHOLE, *NOT_NEGATIVE):
            value, lowest = getattr(self, name), WHOLE.get(name, 0)
            kind, what = (Integral, "whole") if name in WHOLE else (Real, "finite")
            optional = name in ("n_iter", "clip_gradient") and value is None
            number = isinstance(value, kind) and not isinstance(value, bool)
            if not (optional or (number and lowest <= value < np.inf)):
                raise ValueError(f"{name}={value!r} must be a {what} number of at least {lowest}")
        if self.noise_by is not None and (self.binary or self.solver != "gibbs"):
            raise ValueError(f"noise_by={self.noise_by!r} is for ratings and solver='gibbs'; leave it None")

    def _features(self, X, y="no_validation", **more):
        """`X` (and `y`) as scikit-learn checks them; ids are names, and would be read as quantities."""
        if {"user", "item"} <= set(getattr(X, "columns", [])):
            raise TypeError("X is a table of users and items; give its features, those of FeatureBuilder().fit(X)")
        return validate_data(self, X, y, accept_sparse="csr", **more)

    def _rows(self, X):
        check_is_fitted(self)
        return canonical(self._features(X, reset=False))

    def _average(self, X):
        X = self._rows(X)
        return sum(self._answer(X, state) for state in self.samples_) / len(self.samples_)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


class FactorizationMachineRegressor(RegressorMixin, FactorizationMachine):
    """Second-order factorization machine for ratings; predictions average over the kept posterior draws.

    Parameters
    ----------
    n_factors : int
        Length of the vector that each column interacts by. 0: a linear model.
    solver : {"gibbs", "adam"}
        ``"gibbs"`` is Bayesian: noise and penalties are drawn with the rest, nothing has to be tuned. (From 500,000
        ratings of two one-hot fields, `compiled.py` does its work, if numba is there.) ``"adam"`` minimises
        ``mean(residual**2) / 2 + bias_wd / 2 * w_0**2 + linear_wd / 2 * |w|**2 + factors_wd / 2 * |V|**2``.
    n_iter : int, optional
        Sweeps or epochs. None: 150 for gibbs, 20 for adam.
    n_samples : int
        gibbs: how many of the last draws are kept and averaged, 4 bytes a number. Those before are the burn-in.
    init_sigma : float
        Standard deviation of the first factors. Not 0: at 0 the factors have no gradient.
    batch_size : int
        adam: rows per step.
    bias_lr, linear_lr, factors_lr : float
        adam: learning rates of intercept, weights and factors.
    bias_wd, linear_wd, factors_wd : float
        adam: weight decay of intercept, weights and factors.
    clip_gradient : float, optional
        adam: largest absolute value of a gradient's component.
    noise_by : str, optional
        gibbs: name of a field, for instance ``"user"``, whose columns each get noise of their own: some people rate
        less consistently than others, and their ratings then weigh less.
    random_state : int or numpy.random.Generator, optional

    Attributes
    ----------
    intercept_, coef_, factors_ : float, array (n_columns,), array (n_columns, n_factors)
        The last parameters (for gibbs: one draw).
    samples_ : list of State
        The kept draws, in float32; for adam one entry.
    curves_ : dict of str to array (n_iter,)
        ``"train"``: root mean squared error (classifier: log-loss) after each sweep; ``"validation"``: that of the
        average of the draws so far.
    fields_ : list of Field
    scale_ : array (n_columns,)
        Units in which the columns were trained, 1 unless their values are far from it; see `column_units`.

    Examples
    --------
    >>> X = np.array([[1, 0, 1, 0, 0], [0, 1, 1, 0, 0], [1, 0, 0, 1, 0], [0, 1, 0, 1, 0], [1, 0, 0, 0, 1]])
    >>> machine = FactorizationMachineRegressor(n_factors=2, random_state=0).fit(X, [5, 5, 1, 1, 4])
    >>> bool(machine.predict([[0, 1, 1, 0, 0]])[0] > machine.predict([[0, 1, 0, 1, 0]])[0])
    True
    """

    binary = False

    def predict(self, X: Any) -> np.ndarray:
        """Return predicted ratings (n,): the mean over the kept draws, within the range of ``y`` in training."""
        return np.clip(self._average(X), *self.y_range_)

    def predict_pairs(self, left: Any, right: Any) -> np.ndarray:
        """Return the mean score (n_left, n_right), not clipped, of the sum of each row of `left` and of `right`.

        Both have all columns, but none is used by both: users on the left, say, and movies on the right. All draws
        take part in a single matrix product (`pair_scores`).
        """
        left, right = self._rows(left), self._rows(right)
        both = np.intersect1d(left.indices, right.indices)
        if len(both):
            raise ValueError(f"left and right both use column {both[0]}; set it to 0 in one of them")
        return pair_scores(left, right, self.samples_)

    def _check_data(self, X, y, *, first=False, classes=None):
        if classes is not None:
            raise ValueError(f"classes={classes!r} is for a classifier; leave it None")
        if y is not None:
            y = check_numbers("y", column_or_1d(y, warn=True))
        X, y = self._features(X, y, y_numeric=True, reset=first)
        if first:
            self.y_range_ = float(y.min()), float(y.max())
        return canonical(X), y

    def _answer(self, X, state):
        return scores(X, state.intercept, state.theta)

    def _loss(self, y, predicted):
        return root_mean_squared_error(y, np.clip(predicted, *self.y_range_))


class FactorizationMachineClassifier(ClassifierMixin, FactorizationMachine):
    """Second-order factorization machine for two classes; probabilities average over the kept posterior draws.

    Parameters are those of `FactorizationMachineRegressor`, but ``noise_by``, which is for ratings, is refused.
    ``"gibbs"`` uses the probit model (Albert and Chib 1993), ``"adam"`` the logistic one. Attributes are the same, too,
    but for ``classes_``, array (2,); losses are log-losses.

    Examples
    --------
    >>> X = np.array([[1, 0, 1, 0], [0, 1, 1, 0], [1, 0, 0, 1], [0, 1, 0, 1]] * 5)
    >>> FactorizationMachineClassifier(n_factors=2, random_state=0).fit(X, [1, 1, 0, 0] * 5).predict(X[:4])
    array([1, 1, 0, 0])
    """

    binary = True

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability (n, 2) of each class."""
        positive = self._average(X)
        return np.column_stack([1 - positive, positive])

    def predict(self, X: Any) -> np.ndarray:
        """Return the more probable class (n,) of each row."""
        check_is_fitted(self)
        return self.classes_[(self.predict_proba(X)[:, 1] > 0.5).astype(int)]

    def _check_data(self, X, y, *, first=False, classes=None):
        X, y = self._features(X, y, reset=first)
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

    def _answer(self, X, state):
        score = scores(X, state.intercept, state.theta)
        return ndtr(score) if self.solver == "gibbs" else expit(score)

    def _loss(self, y, predicted):
        return log_loss(y, predicted, labels=[0, 1])

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags
