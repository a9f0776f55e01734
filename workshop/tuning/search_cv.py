"""Tuning for scikit-learn: a search that is used as `GridSearchCV` is, with any of our strategies inside."""

import warnings
from collections.abc import Iterable

import numpy as np
from sklearn.base import is_classifier
from sklearn.model_selection import check_cv
from sklearn.model_selection._search import BaseSearchCV

from workshop.tuning.checks import whole
from workshop.tuning.strategies import Exhausted
from workshop.tuning.study import Study


class TuneSearchCV(BaseSearchCV):
    """An estimator that finds its own hyperparameters by cross-validation, then behaves as the best one found.

    Parameters
    ----------
    estimator : scikit-learn estimator
        A pipeline, too; its parameters are named as in `GridSearchCV`: ``"svc__C"``.
    space : Space
        Names of the estimator's parameters, and what may be tried.
    strategy : strategy
        `GridSearch()`, `RandomSearch()`, `BayesianSearch()`.
    n_trials : int
        How many configs are cross-validated at most.
    max_parallel : int
        How many configs are proposed at a time; their fits run side by side on `n_jobs` processors. The folds of
        one config do so anyway, so more than 1 is for more processors than folds.
    seed : int
        0 or more; the same seed proposes the same configs.
    scoring, n_jobs, refit, cv, verbose, pre_dispatch, error_score, return_train_score
        As in `GridSearchCV`. With several metrics, `refit` names the one that is tuned.

    Attributes
    ----------
    study_ : Study
        The trials; values are mean test scores, larger is better.
    cv_results_, best_estimator_, best_params_, best_score_, best_index_, ...
        As in `GridSearchCV`. A config for which every fit fails stands in ``study_`` with its error, but not here.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.svm import SVC
    >>> from workshop.tuning import BayesianSearch, Float, Space
    >>> space = Space({"C": Float(0.01, 100, log=True), "gamma": Float(0.001, 1, log=True)})
    >>> search = TuneSearchCV(SVC(), space, BayesianSearch(), n_trials=12).fit(*load_iris(return_X_y=True))
    >>> sorted(search.best_params_), bool(search.best_score_ > 0.95)
    (['C', 'gamma'], True)
    """

    def __init__(
        self,
        estimator,
        space,
        strategy,
        *,
        n_trials=30,
        max_parallel=1,
        seed=0,
        scoring=None,
        n_jobs=None,
        refit=True,
        cv=None,
        verbose=0,
        pre_dispatch="2*n_jobs",
        error_score=np.nan,
        return_train_score=False,
    ):
        self.space = space
        self.strategy = strategy
        self.n_trials = n_trials
        self.max_parallel = max_parallel
        self.seed = seed
        super().__init__(
            estimator=estimator,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            error_score=error_score,
            return_train_score=return_train_score,
        )

    def _run_search(self, evaluate_candidates):
        """Ask, cross-validate and tell; `BaseSearchCV` does all the rest."""
        n_trials, max_parallel = whole("n_trials", self.n_trials, 1), whole("max_parallel", self.max_parallel, 1)
        self.study_ = Study(self.space, self.strategy, direction="maximize", seed=self.seed)
        listed = isinstance(self.cv, Iterable)  # the folds themselves: the same for all configs anyway
        folds = None if listed else _SameFolds(self.cv, is_classifier(self.estimator))
        failure = None
        while trials := self._ask(min(max_parallel, n_trials - len(self.study_.history))):
            try:
                with warnings.catch_warnings():  # else each call warns again of everything that failed before it
                    warnings.filterwarnings("ignore", "One or more of the .* scores are non-finite", UserWarning)
                    results = evaluate_candidates([dict(trial.config) for trial in trials], cv=folds)
            except ValueError as error:
                if self.error_score == "raise":
                    raise
                failure = error  # every fit failed: for scikit-learn the end, for a study a failed trial
                for trial in trials:
                    self.study_.tell(trial, error=error)
            else:
                for trial, score in zip(trials, self._tuned_scores(results)[-len(trials) :], strict=True):
                    self.study_.tell(trial, score)
        if failure and len(self.study_.history.failed) == len(self.study_.history):
            raise failure

    def _ask(self, n):
        trials = []
        try:
            while len(trials) < n:
                trials.append(self.study_.ask())
        except Exhausted:
            pass
        return trials

    def _tuned_scores(self, results):
        """Return the mean test scores (n_candidates,) of the metric that is tuned."""
        for name in ("score", self.refit):
            if isinstance(name, str) and f"mean_test_{name}" in results:
                return results[f"mean_test_{name}"]
        metrics = [key.removeprefix("mean_test_") for key in results if key.startswith("mean_test_")]
        raise ValueError(f"refit={self.refit!r} does not say which metric to tune; give one of {metrics}")


class _SameFolds:
    """A splitter that splits once: every config meets the same folds, though it is proposed after the last ones."""

    def __init__(self, cv, classifier):
        self.cv, self.classifier, self.folds = cv, classifier, None

    def split(self, X, y=None, **params):
        if self.folds is None:
            self.folds = list(check_cv(self.cv, y, classifier=self.classifier).split(X, y, **params))
        return self.folds
