"""The recommenders, as scikit-learn estimators."""

from workshop.models.baseline import BiasRegressor, GlobalMean, Popularity
from workshop.models.kmeans import KMeansRecommender
from workshop.models.ranking import EASE

__all__ = ["EASE", "BiasRegressor", "GlobalMean", "KMeansRecommender", "Popularity"]
