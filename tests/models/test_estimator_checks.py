"""scikit-learn's own checks. They feed tables of measurements; ours read a table's first two columns as ids."""

from sklearn.utils.estimator_checks import parametrize_with_checks

from workshop.models import EASE, BiasRegressor, GlobalMean, KMeansRecommender, ModelPerContext, Popularity

ESTIMATORS = [
    GlobalMean(),
    BiasRegressor(),
    Popularity(),
    EASE(),
    KMeansRecommender(n_clusterings=1),
    ModelPerContext(min_ratings=1),
]


@parametrize_with_checks(ESTIMATORS)
def test_estimator(estimator, check):
    check(estimator)
