"""scikit-learn's own tests of its search estimators, with `TuneSearchCV` in the place of `GridSearchCV`.

    OMP_NUM_THREADS=1 python benchmarks/search_tests.py     # a minute or two

Prints each test that does not pass and why, and exits with 1 if one fails that is not in the list of reasons.
"""

import sys

import pytest
import sklearn.model_selection.tests.test_search as theirs
from sklearn.model_selection import ParameterGrid

from workshop.tuning import Categorical, GridSearch, Space, TuneSearchCV

ALL_FAIL = "the error that all fits failed comes at the end, after all configs, and counts them otherwise"
CALLBACKS = "callbacks of scikit-learn 1.9 hear of the fit, not of its configs"
REASONS = {  # test -> why it does not pass, and need not
    "test_predict_proba_disabled": "a grid without parameters; a Space has at least one",
    "test_grid_search_cv_splits_consistency": "the same choice twice; a Categorical names each once",
    "test_custom_run_search": "a subclass that overrides _run_search, so that nothing of ours is run",
    "test_grid_search_classifier_all_fits_fail": ALL_FAIL,
    "test_callable_multimetric_clf_all_fits_fail": ALL_FAIL,
    "test_search_callbacks_receive_sample_weight": CALLBACKS,
    "test_search_callbacks_with_partial_fit_failures": CALLBACKS,
}


class Exchanged(TuneSearchCV):
    """`TuneSearchCV` with the arguments of `GridSearchCV`: its grid is made a list of spaces when it is fitted."""

    def __init__(self, estimator, param_grid, *, scoring=None, n_jobs=None, refit=True, cv=None, verbose=0,
                 pre_dispatch="2*n_jobs", error_score=float("nan"), return_train_score=False):  # fmt: skip
        super().__init__(
            estimator, None, GridSearch(), n_trials=10**9, scoring=scoring, n_jobs=n_jobs, refit=refit, cv=cv,
            verbose=verbose, pre_dispatch=pre_dispatch, error_score=error_score, return_train_score=return_train_score,
        )  # fmt: skip
        self.param_grid = param_grid

    def _run_search(self, evaluate_candidates):
        grids = ParameterGrid(self.param_grid).param_grid  # with scikit-learn's messages for what is not a grid
        self.space = [Space({name: Categorical(grid[name]) for name in sorted(grid)}) for grid in grids]
        super()._run_search(evaluate_candidates)


class Report:
    """A plugin of pytest that keeps what came of each test."""

    def __init__(self):
        self.passed, self.failed = [], {}

    def pytest_runtest_logreport(self, report):
        name = report.nodeid.partition("::")[2]
        if report.failed:
            self.failed[name] = report.longrepr.reprcrash.message.splitlines()[0]
        elif report.when == "call" and report.passed:
            self.passed.append(name)


def main():
    theirs.GridSearchCV, report = Exchanged, Report()
    options = ["-q", "-p", "no:cacheprovider", "-W", "ignore", "--tb=no", "-c", "/dev/null"]
    pytest.main([theirs.__file__, *options, *sys.argv[1:]], plugins=[report])
    for name, message in report.failed.items():
        print(f"{name}: {REASONS.get(name, 'NOT EXPECTED: ' + message)}")
    print(f"{len(report.passed)} of {len(report.passed) + len(report.failed)} of scikit-learn's tests pass")
    return 1 if report.failed.keys() - REASONS.keys() else 0


if __name__ == "__main__":
    sys.exit(main())
