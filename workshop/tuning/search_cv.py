"""Tuning for scikit-learn: a search that is used as `GridSearchCV` is, with any of our strategies inside."""

import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, is_classifier
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import check_cv
from sklearn.model_selection._search import BaseSearchCV

from workshop.tuning.parameter import whole
from workshop.tuning.space import Space
from workshop.tuning.strategies import Exhausted, GridSearch, RandomSearch
from workshop.tuning.study import Study

ALL_AT_ONCE = (GridSearch, RandomSearch)  # they learn nothing from trials


class TuneSearchCV(BaseSearchCV):
    """An estimator that finds its own hyperparameters by cross-validation, then behaves as the best one found.

    Parameters
    ----------
    estimator : scikit-learn estimator
        A pipeline, too; its parameters are named as in `GridSearchCV`: ``"svc__C"``.
    space : Space, or list of them
        Names of the estimator's parameters, and what may be tried. Several spaces are searched one after the other.
    strategy : strategy
        `GridSearch()`, `RandomSearch()`, `BayesianSearch()`. Not `Hyperband`: a cross-validation has no steps.
    n_trials : int
        How many configs are cross-validated at most, in each space.
    max_parallel : int
        How many configs a strategy that learns proposes at a time; their fits run side by side on `n_jobs` processors,
        as the folds of one config do anyway. Grid and random search propose all at once.
    seed, storage
        As in `Study`, of a single space; `seed` is what scikit-learn calls random_state. A fit that goes on with a
        storage evaluates the best config in there once more; the others in there have no row in ``cv_results_``.
    scoring, n_jobs, refit, cv, verbose, pre_dispatch, error_score, return_train_score
        As in `GridSearchCV`. With several metrics, `refit` names the one that is tuned; grid and random search do
        without, and ``study_`` then holds the first.

    Attributes
    ----------
    study_ : Study
        The trials of the space in which the best config is; values are mean test scores, larger is better.
    studies_ : list of Study
        One for each space.
    cv_results_, best_estimator_, best_params_, best_score_, best_index_, ...
        As in `GridSearchCV`.

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
        estimator: BaseEstimator,
        space: Space,
        strategy: Any,
        *,
        n_trials: int = 30,
        max_parallel: int = 1,
        seed: int = 0,
        storage: Any = None,
        scoring: Any = None,
        n_jobs: int | None = None,
        refit: bool | str | Callable = True,
        cv: Any = None,
        verbose: int = 0,
        pre_dispatch: int | str = "2*n_jobs",
        error_score: float | str = np.nan,
        return_train_score: bool = False,
    ):
        self.space = space
        self.strategy = strategy
        self.n_trials = n_trials
        self.max_parallel = max_parallel
        self.seed = seed
        self.storage = storage
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
        spaces = self.space if isinstance(self.space, (list, tuple)) else [self.space]
        if callable(getattr(self.strategy, "stop", None)):
            raise TypeError(f"strategy={self.strategy!r} stops trials at their steps; cross-validation has none")
        if self.storage is not None and len(spaces) > 1:
            raise ValueError(f"storage={self.storage!r} keeps one study; give one space, not {len(spaces)}")
        settings = {"direction": "maximize", "seed": self.seed, "storage": self.storage}
        self.studies_ = [Study(space, self.strategy, **settings) for space in spaces]
        at_once = n_trials if isinstance(self.strategy, ALL_AT_ONCE) else max_parallel
        evaluate = _Evaluation(self, evaluate_candidates)
        for study in self.studies_:
            if study.counts["complete"]:
                evaluate([dict(study.best.config)])
            while trials := _ask(study, min(at_once, n_trials - study.n_ended)):
                for trial, outcome in zip(trials, evaluate([dict(t.config) for t in trials]), strict=True):
                    study.tell(trial, **outcome)
            study.close()
        evaluate.end()
        found = [study for study in self.studies_ if study.counts["complete"]]
        self.study_ = max(found or self.studies_[:1], key=lambda study: study.best.value if found else 0)

    def _format_results(self, candidate_params, n_splits, out, more_results=None):
        """Return the results, with a row for each config of which every fit failed where it stood among the others."""
        self._last = candidate_params, n_splits, out, more_results
        candidate_params, out = list(candidate_params), list(out)
        for place, config in self._failed:
            worst = {
                key: dict.fromkeys(scores, self.error_score) if isinstance(scores, dict) else self.error_score
                for key, scores in out[0].items()
                if key.endswith("_scores")
            }
            candidate_params.insert(place, config)
            out[place * n_splits : place * n_splits] = [out[0] | worst | {"fit_time": 0, "score_time": 0}] * n_splits
        return super()._format_results(candidate_params, n_splits, out, more_results)


class _Evaluation:
    """The cross-validation of some configs at a time, each on the same folds, whatever comes of them."""

    def __init__(self, search, evaluate_candidates):
        self.search, self.evaluate_candidates = search, evaluate_candidates
        self.results, self.failure, self.n_configs, search._failed = None, None, 0, []
        listed = isinstance(search.cv, Iterable)  # the folds themselves: the same for all configs anyway
        self.folds = None if listed else _SameFolds(search.cv, is_classifier(search.estimator))

    def __call__(self, configs):
        """Return what `Study.tell` wants to know of each config, a list of dicts."""
        try:
            with warnings.catch_warnings():  # else each call warns again of everything that failed before it
                if self.n_configs:
                    warnings.filterwarnings("ignore", "One or more of the .* scores are non-finite", UserWarning)
                self.results = self.evaluate_candidates(configs, cv=self.folds)
            outcomes = [{"value": value} for value in self._scores()[-len(configs) :]]
        except ValueError as error:
            if self.search.error_score == "raise" or "fits failed" not in str(error):
                raise
            self.failure = error  # every fit failed: for scikit-learn the end, for a study failed trials
            self.search._failed += [(self.n_configs + i, config) for i, config in enumerate(configs)]
            outcomes = [{"error": error} for _ in configs]
        self.n_configs += len(configs)
        return outcomes

    def _scores(self):
        """Return the mean test scores (n_configs,) of the metric that is tuned."""
        metrics = [key.removeprefix("mean_test_") for key in self.results if key.startswith("mean_test_")]
        refit = self.search.refit
        if len(metrics) > 1 and refit not in metrics and not isinstance(self.search.strategy, ALL_AT_ONCE):
            raise ValueError(f"refit={refit!r} does not say which metric to tune; give one of {metrics}")
        return self.results[f"mean_test_{refit if refit in metrics else metrics[0]}"]

    def end(self):
        """Give configs that failed a row; an error if all did."""
        search = self.search
        if self.results is None:
            raise self.failure or ValueError("no config was evaluated: the strategy proposes none for this space")
        if search._failed:
            message = f"all fits of {len(search._failed)} configs failed. The last: {self.failure}"
            warnings.warn(message, FitFailedWarning, stacklevel=2)
            rows = search._format_results(*search._last)
            self.results.clear()  # the very dict that BaseSearchCV goes on with
            self.results.update(rows)
        del search._failed, search._last


def _ask(study, n):
    """Return up to n new trials of a study, a list."""
    trials: list[Any] = []
    with suppress(Exhausted):
        while len(trials) < n:
            trials.append(study.ask())
    return trials


class _SameFolds:
    """A splitter that splits once: every config meets the same folds, though it is proposed after the last ones."""

    def __init__(self, cv, classifier):
        self.cv, self.classifier, self.folds = cv, classifier, None

    def split(self, X, y=None, **params):
        if self.folds is None:
            self.folds = list(check_cv(self.cv, y, classifier=self.classifier).split(X, y, **params))
        return self.folds
