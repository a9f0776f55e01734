"""The recommenders, as scikit-learn estimators."""

from workshop.models.baseline import BiasRegressor, GlobalMean, Popularity
from workshop.models.fm import FactorizationMachineClassifier, FactorizationMachineRegressor, FeatureBuilder, Field
from workshop.models.hrnn import HRNN
from workshop.models.item_to_item import EASE, Sims, Transitions
from workshop.models.item_vectors import ItemVectors
from workshop.models.kmeans import KMeansRecommender
from workshop.models.profiles import ModelPerContext

__all__ = [
    "EASE",
    "HRNN",
    "BiasRegressor",
    "FactorizationMachineClassifier",
    "FactorizationMachineRegressor",
    "FeatureBuilder",
    "Field",
    "GlobalMean",
    "ItemVectors",
    "KMeansRecommender",
    "ModelPerContext",
    "Popularity",
    "Sims",
    "Transitions",
]
