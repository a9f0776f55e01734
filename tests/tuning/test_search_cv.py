import warnings

import numpy as np
import pytest
from joblib import parallel_config
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import Ridge
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, StratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import estimator_checks_generator

from workshop.tuning import (
    BayesianSearch,
    Categorical,
    Float,
    GridSearch,
    Hyperband,
    RandomSearch,
    Space,
    Start,
    TuneSearchCV,
)

X, Y = load_iris(return_X_y=True)
TWO = ["accuracy", "f1_macro"]
C, GAMMA = [0.1, 1.0, 10.0], [0.01, 0.1]
GRID = {"C": C, "gamma": GAMMA}
SPACE = Space({name: Categorical(choices) for name, choices in GRID.items()})


def both(estimator, grid, X, y, fit_params=None, **settings):
    """Return GridSearchCV and TuneSearchCV over one grid, fitted."""
    theirs = GridSearchCV(estimator, grid, **settings)
    ours = TuneSearchCV(estimator, Space({k: Categorical(v) for k, v in grid.items()}), GridSearch(), **settings)
    return theirs.fit(X, y, **(fit_params or {})), ours.fit(X, y, **(fit_params or {}))


def assert_same(theirs, ours):
    assert list(ours.cv_results_) == list(theirs.cv_results_)
    for name, column in theirs.cv_results_.items():
        if "time" not in name:
            np.testing.assert_array_equal(np.asarray(ours.cv_results_[name]), np.asarray(column), err_msg=name)
    for name in ("best_params_", "best_score_", "best_index_", "multimetric_", "n_splits_", "refit"):
        assert getattr(ours, name, None) == getattr(theirs, name, None), name
    assert all(type(v) is np.ma.MaskedArray for name, v in ours.cv_results_.items() if name.startswith("param_"))


@pytest.mark.slow
@pytest.mark.parametrize("max_parallel", [1, 4])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"return_train_score": True, "cv": 3, "scoring": "f1_macro", "n_jobs": 2},
        {"scoring": ["accuracy", "neg_log_loss"], "refit": "neg_log_loss"},
        {"scoring": make_scorer(accuracy_score), "refit": False, "cv": KFold(4, shuffle=True, random_state=1)},
        {"scoring": TWO, "refit": False, "cv": list(KFold(3, shuffle=True, random_state=0).split(X))},
        {"scoring": TWO, "refit": lambda results: int(results["mean_test_f1_macro"].argmin())},
        {"scoring": lambda model, X, y: {"a": model.score(X, y), "b": -model.C}, "refit": "b"},
    ],
    ids=["default", "scoring", "two metrics", "no refit", "two, no refit", "callable refit", "callable metrics"],
)
def test_a_grid_gives_what_gridsearchcv_gives(settings, max_parallel):
    estimator = SVC(probability=settings.get("refit") == "neg_log_loss", random_state=0)
    with warnings.catch_warnings(), parallel_config(backend="threading"):
        warnings.filterwarnings("ignore", ".*probability.*", FutureWarning)
        theirs = GridSearchCV(estimator, GRID, **settings).fit(X, Y)
        ours = TuneSearchCV(estimator, SPACE, GridSearch(), max_parallel=max_parallel, **settings).fit(X, Y)
    assert_same(theirs, ours)
    assert hasattr(ours, "predict") == hasattr(theirs, "predict")
    if ours.refit:
        assert (ours.predict(X) == theirs.predict(X)).all()
        assert callable(ours.refit) or ours.score(X, Y) == theirs.score(X, Y)  # of which metric? Theirs cannot tell
        assert ours.n_features_in_ == 4 and list(ours.classes_) == [0, 1, 2] and ours.refit_time_ > 0


def test_pipelines_fit_params_and_groups():
    pipeline = Pipeline([("scale", StandardScaler()), ("svc", SVC())])
    assert_same(*both(pipeline, {"svc__C": C, "svc__kernel": ["linear", "rbf"]}, X, Y))
    weights = np.random.default_rng(0).random(len(Y))
    assert_same(*both(Ridge(), {"alpha": C}, *load_diabetes(return_X_y=True), cv=3))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        assert_same(
            *both(DecisionTreeClassifier(random_state=0), {"max_depth": [1, 3]}, X, Y, {"sample_weight": weights})
        )
    groups = np.arange(len(Y)) % 6
    assert_same(*both(SVC(), GRID, X, Y, {"groups": groups}, cv=GroupKFold(3)))


def test_every_config_meets_the_same_folds():
    assert TuneSearchCV(SVC(), SPACE, BayesianSearch(), n_trials=3, cv=iter(list(KFold(3).split(X)))).fit(X, Y)
    cv = StratifiedKFold(3, shuffle=True)  # other folds at each split
    space = Space({"C": Float(1, 1), "max_iter": Categorical([-1, 10**6, 10**7])})
    np.random.seed(0)  # noqa: NPY002  (what a splitter without random_state draws from)
    scores = TuneSearchCV(SVC(gamma=5.0), space, GridSearch(), cv=cv).fit(X, Y).cv_results_
    for fold in range(3):
        assert len(set(scores[f"split{fold}_test_score"])) == 1
    assert len({scores[f"split{fold}_test_score"][0] for fold in range(3)}) > 1


@pytest.mark.slow
@pytest.mark.parametrize("max_parallel", [1, 3])
def test_bayesian_search_finds_what_a_fine_grid_finds(max_parallel):
    X, y = load_diabetes(return_X_y=True)
    space = Space({"alpha": Float(1e-4, 1e3, log=True)})
    theirs = GridSearchCV(Ridge(), {"alpha": np.logspace(-4, 3, 71)}).fit(X, y)
    ours = TuneSearchCV(Ridge(), space, BayesianSearch(n_initial=4), n_trials=8, max_parallel=max_parallel).fit(X, y)
    assert ours.best_score_ > theirs.best_score_ - 1e-3
    assert len(ours.cv_results_["params"]) == len(ours.study_.history) == 8
    assert ours.study_.best.value == ours.best_score_ and dict(ours.study_.best.config) == ours.best_params_


def test_it_is_an_estimator_like_any_other():
    search = TuneSearchCV(
        make_pipeline(StandardScaler(), SVC()), Space({"svc__C": Float(0.1, 10)}), RandomSearch(), n_trials=2
    )
    assert not hasattr(search, "transform") and hasattr(search, "decision_function") and "TuneSearchCV" in repr(search)
    with pytest.raises(AttributeError):
        _ = search.classes_
    configs = [clone(search).set_params(seed=seed).fit(X, Y).cv_results_["params"] for seed in (0, 0, 1)]
    assert configs[0] == configs[1] != configs[2]
    nested = GridSearchCV(search.set_params(cv=2), {"strategy": [RandomSearch(), GridSearch(2)]}, cv=2)
    assert nested.fit(X, Y).best_params_["strategy"] in (RandomSearch(), GridSearch(2))


def test_a_config_that_cannot_be_fitted_fails_alone():
    space = Space({"C": Categorical([1.0, -1.0, 10.0])})
    for strategy in (GridSearch(), Start(space.grid(1), BayesianSearch())):  # all at once, and one by one
        with pytest.warns(FitFailedWarning, match="3 fits failed"), warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*non-finite", UserWarning)
            ours = TuneSearchCV(SVC(), space, strategy, cv=3, n_trials=3).fit(X, Y)
            theirs = GridSearchCV(SVC(), {"C": [1.0, -1.0, 10.0]}, cv=3).fit(X, Y)
        assert [t.state for t in ours.study_.history] == ["complete", "failed", "complete"]
        assert_same(theirs, ours)
    last = Start([{"C": 1.0}, {"C": -1.0}], BayesianSearch())
    with pytest.warns(FitFailedWarning, match="all fits of 1 configs failed"):
        ours = TuneSearchCV(SVC(), space, last, cv=3, n_trials=2, error_score=0.0).fit(X, Y)
    assert ours.cv_results_["mean_test_score"][1] == 0.0 and ours.cv_results_["rank_test_score"].tolist() == [1, 2]
    with pytest.raises(ValueError, match="C"):
        TuneSearchCV(SVC(), space, GridSearch(), cv=3, error_score="raise").fit(X, Y)
    with pytest.raises(ValueError, match="All the 3 fits failed"):
        TuneSearchCV(SVC(), Space({"C": Float(-2, -1)}), BayesianSearch(), n_trials=4, cv=3).fit(X, Y)


def test_a_metric_called_score_is_one_among_others():
    scoring = {"score": "accuracy", "nll": "neg_log_loss"}
    ours = TuneSearchCV(GaussianNB(), Space({"var_smoothing": Float(1e-9, 10, log=True)}), BayesianSearch(),
                        n_trials=3, cv=3, scoring=scoring, refit="nll").fit(X, Y)  # fmt: skip
    assert [t.value for t in ours.study_.history] == ours.cv_results_["mean_test_nll"].tolist()


def test_choices_may_be_estimators_and_spaces_several():
    spaces = [
        Space({"model": Categorical([GaussianNB()])}),
        Space({"model": Categorical({"svc": SVC()}), "model__C": Categorical(C)}),
    ]
    grids = [{"model": [GaussianNB()]}, {"model": [SVC()], "model__C": C}]
    pipeline = Pipeline([("model", SVC())])
    ours = TuneSearchCV(pipeline, spaces, GridSearch(), cv=3).fit(X, Y)
    theirs = GridSearchCV(pipeline, grids, cv=3).fit(X, Y)
    np.testing.assert_array_equal(ours.cv_results_["mean_test_score"], theirs.cv_results_["mean_test_score"])
    assert len(ours.studies_) == 2 and ours.study_ is ours.studies_[int(ours.best_index_ > 0)]
    assert type(ours.best_estimator_["model"]) is type(theirs.best_estimator_["model"])


def test_a_study_in_a_file_goes_on(tmp_path):
    search = TuneSearchCV(SVC(), SPACE, GridSearch(), n_trials=4, cv=3, storage=tmp_path / "s.sqlite")
    first = search.fit(X, Y).best_score_
    more = clone(search).set_params(n_trials=6).fit(X, Y)
    assert len(more.study_.history) == 6 and len(more.cv_results_["params"]) == 3 and more.best_score_ >= first
    assert clone(more).fit(X, Y).best_params_ == more.best_params_


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"space": {"C": Float(0, 1)}}, TypeError, "space="),
        ({"space": Space({"D": Float(0, 1)})}, ValueError, "Invalid parameter 'D'"),
        ({"strategy": "bayesian"}, TypeError, "strategy='bayesian'"),
        ({"n_trials": 0}, ValueError, "n_trials=0"),
        ({"max_parallel": 1.5}, ValueError, "max_parallel=1.5"),
        ({"seed": "x"}, ValueError, "seed='x'"),
        ({"scoring": TWO, "refit": False, "strategy": BayesianSearch()}, ValueError, "refit=False "),
        ({"scoring": TWO, "refit": min, "strategy": BayesianSearch()}, ValueError, r"one of \['acc"),
        ({"strategy": Hyperband(9)}, TypeError, "cross-validation has none"),
        ({"storage": "s.sqlite", "space": [Space({"C": Float(0.1, 1)})] * 2}, ValueError, "keeps one study"),
        ({"scoring": TWO}, ValueError, "refit must be set to a scorer key"),
        ({"scoring": "accuratesse"}, ValueError, "scoring"),
    ],
)
def test_wrong_arguments_are_named(change, error, text):
    arguments = {"estimator": SVC(), "space": Space({"C": Float(0.1, 1)}), "strategy": RandomSearch(), "n_trials": 2}
    with pytest.raises(error, match=text):
        TuneSearchCV(**(arguments | change)).fit(X, Y)


CHECKED = [
    TuneSearchCV(Ridge(), Space({"alpha": Float(0.1, 10)}), RandomSearch(), n_trials=2, cv=2, error_score="raise"),
    TuneSearchCV(
        make_pipeline(StandardScaler(), GaussianNB()),
        Space({"gaussiannb__var_smoothing": Float(1e-9, 0.1, log=True)}),
        GridSearch(2),
        cv=2,
        error_score="raise",
    ),
]
KNOWN = {"check_supervised_y_2d": "GridSearchCV does not warn of y (n, 1) either"}


@pytest.mark.slow  # all together
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("estimator", "check"),
    [
        pair
        for estimator in CHECKED
        for pair in estimator_checks_generator(estimator, expected_failed_checks=KNOWN, mark="xfail")
    ],
    ids=lambda value: getattr(getattr(value, "func", None), "__name__", None),
)
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)
