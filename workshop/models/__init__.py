"""The recommenders, as scikit-learn estimators."""

from workshop.models.baseline import BiasRegressor, GlobalMean, Popularity

__all__ = ["BiasRegressor", "GlobalMean", "Popularity"]
