"""What both factorization machines share: parameters, checks and the training loop."""

import importlib.util
from collections import defaultdict
from numbers import Integral

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data
from tqdm.auto import trange

from workshop.models.adam import Adam
from workshop.models.als import als_steps
from workshop.models.fields import check_fields, find_fields
from workshop.models.gibbs import gibbs_steps

N_ITER = {"gibbs": 150, "als": 30, "adam": 20}
COMPILE_FROM = 500_000  # rows from which compiling takes less time than it saves


class FactorizationMachine(BaseEstimator):
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
        bias_lr=0.003,
        linear_lr=0.003,
        factors_lr=0.003,
        bias_wd=0.0,
        linear_wd=5e-5,
        factors_wd=2e-4,
        clip_gradient=None,
        noise_by=None,
        compiled="auto",
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
        self.compiled = compiled
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
                kept.append(compact(step))
            curves["train"].append(step.loss)
            for name, value in step.traces.items():
                curves[name].append(value)
            if validation is not None:
                current = self._predict_step(X_val, step)
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
        self._remember(step, [compact(step)])
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
            if self._binary:
                raise ValueError("solver='als' is least squares and knows no classes; use 'gibbs' or 'adam'")
            return als_steps(X, y, self.fields_, linear_wd=self.linear_wd, factors_wd=self.factors_wd, **shared)
        names = [f.name for f in self.fields_]
        if self.noise_by is not None and self.noise_by not in names:
            raise ValueError(f"noise_by={self.noise_by!r} is none of the fields {names}")
        noise_by = None if self.noise_by is None else names.index(self.noise_by)
        if self._use_numba(X):
            from workshop.models.gibbs_numba import pair_steps

            first, second = X.indices[0::2], X.indices[1::2] - self.fields_[0].n_columns
            sizes = [f.n_columns for f in self.fields_]
            return pair_steps(first, second, y, sizes, noise_by=noise_by, **shared)
        return gibbs_steps(X, y, self.fields_, binary=self._binary, noise_by=noise_by, **shared)

    def _use_numba(self, X):
        """Whether the compiled sweep is wanted, can be had, and fits: ratings, two one-hot fields, nothing else."""
        if self.compiled not in ("auto", True, False):
            raise ValueError(f"compiled={self.compiled!r} must be 'auto', True or False")
        fits = (
            not self._binary
            and len(self.fields_) == 2
            and all(f.features is None for f in self.fields_)
            and np.all(np.diff(X.indptr) == 2)
            and np.all(X.data == 1)
            and np.all(X.indices[0::2] < self.fields_[0].n_columns)
        )
        if self.compiled is True and not fits:
            raise ValueError("compiled=True needs a regressor and two one-hot fields without features; use 'auto'")
        available = self.compiled is True or importlib.util.find_spec("numba") is not None
        return bool(self.compiled and fits and available and (self.compiled is True or X.shape[0] >= COMPILE_FROM))

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

    def _average(self, X):
        """Mean prediction (n,) over the kept steps."""
        check_is_fitted(self)
        X = canonical(validate_data(self, X, accept_sparse="csr", reset=False))
        return sum(self._predict_step(X, step) for step in self.samples_) / len(self.samples_)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def compact(step):
    """The step in float32, without what `curves_` already holds."""
    return step._replace(theta=step.theta.astype(np.float32), variance=np.float32(step.variance), traces={})


def canonical(X):
    """``X`` as a CSR array with sorted indices and no stored zeros or repeated entries; copied only if it must be."""
    X = sp.csr_array(X)
    if not X.has_canonical_format or (X.data == 0).any():
        X = X.copy()
        X.sum_duplicates()
        X.eliminate_zeros()
    return X
