"""scikit-learn's own checks of the factorization machines and of their features."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from workshop.models import (
    FactorizationMachineClassifier,
    FactorizationMachineRegressor,
    FeatureBuilder,
)

pytestmark = pytest.mark.slow

MACHINES = [
    FactorizationMachineRegressor(n_factors=2, n_iter=60, n_samples=40),
    FactorizationMachineRegressor(n_factors=2, solver="adam", n_iter=100, batch_size=20),
    FactorizationMachineClassifier(n_factors=2, n_iter=60, n_samples=40),
    FactorizationMachineClassifier(n_factors=2, solver="adam", n_iter=100, batch_size=20),
]
TABLES = [FeatureBuilder(), FeatureBuilder(who_rated=True)]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # what the checks feed teaches nothing
@parametrize_with_checks(MACHINES + TABLES)
def test_estimator_check(estimator, check):
    check(estimator)
