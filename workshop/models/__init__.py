"""The recommenders, as scikit-learn estimators."""

from workshop.models.baseline import BiasRegressor, GlobalMean, Popularity
from workshop.models.context import ModelPerContext, MovieGenres, UserClusters
from workshop.models.factorization import FactorizationMachineClassifier, FactorizationMachineRegressor
from workshop.models.features import FeatureBuilder
from workshop.models.fields import Field
from workshop.models.kmeans import KMeansRecommender
from workshop.models.ranking import EASE

__all__ = [
    "EASE",
    "BiasRegressor",
    "FactorizationMachineClassifier",
    "FactorizationMachineRegressor",
    "FeatureBuilder",
    "Field",
    "GlobalMean",
    "KMeansRecommender",
    "ModelPerContext",
    "MovieGenres",
    "Popularity",
    "UserClusters",
]
