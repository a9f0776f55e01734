"""scikit-learn's own checks. They feed tables of measurements; ours read a table's first two columns as ids."""

from sklearn.utils.estimator_checks import parametrize_with_checks

from workshop.models import (
    EASE,
    HRNN,
    BiasRegressor,
    GlobalMean,
    KMeansRecommender,
    ModelPerContext,
    Popularity,
    Sims,
)

ESTIMATORS = [
    GlobalMean(),
    BiasRegressor(),
    Popularity(),
    EASE(),
    KMeansRecommender(n_clusterings=1),
    ModelPerContext(min_ratings=1),
    HRNN(hidden_dimension=4, n_epochs=1, n_rivals=10),
    Sims(min_cointeraction_count=1),
]


@parametrize_with_checks(ESTIMATORS)
def test_estimator(estimator, check):
    check(estimator)
