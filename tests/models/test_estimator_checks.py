"""scikit-learn's own checks. They feed tables of measurements; ours read a table's first two columns as ids."""

from importlib.util import find_spec

import pytest
import sklearn
from packaging.version import Version
from sklearn.utils.estimator_checks import parametrize_with_checks

from workshop.models import (
    EASE,
    HRNN,
    BiasRegressor,
    FactorizationMachineClassifier,
    FactorizationMachineRegressor,
    FeatureBuilder,
    GlobalMean,
    ItemVectors,
    KMeansRecommender,
    ModelPerContext,
    Popularity,
    Sims,
    Transitions,
)

ESTIMATORS = [
    GlobalMean(),
    BiasRegressor(),
    Popularity(),
    EASE(),
    KMeansRecommender(n_clusterings=1),
    ModelPerContext(min_ratings=1),
    HRNN(hidden_dimension=4, n_epochs=1),
    Sims(min_cointeraction_count=1),
    Transitions(),
]
if find_spec("gensim"):
    ESTIMATORS.append(ItemVectors(min_count=1, epochs=1, vector_dim=4))


@parametrize_with_checks(ESTIMATORS)
def test_estimator(estimator, check):
    if check.func.__name__ == "check_positive_only_tag_during_fit" and Version(sklearn.__version__) < Version("1.8"):
        pytest.skip("before 1.8 the check itself takes a mean, which is no whole number, from whole numbers")
    check(estimator)


SLOW = [
    FactorizationMachineRegressor(n_factors=2, n_iter=60, n_samples=40),
    FactorizationMachineRegressor(n_factors=2, solver="adam", n_iter=100, batch_size=20),
    FactorizationMachineClassifier(n_factors=2, n_iter=60, n_samples=40),
    FactorizationMachineClassifier(n_factors=2, solver="adam", n_iter=100, batch_size=20),
    FeatureBuilder(),
    FeatureBuilder(who_rated=True),
]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # what the checks feed teaches nothing
@parametrize_with_checks(SLOW)
def test_machines_and_their_features(estimator, check):
    check(estimator)
