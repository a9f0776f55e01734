"""Factorization machines (Rendle 2010). Read `equation.py` first: what is computed, and the symbols of all the rest."""

from workshop.models.fm.features import FeatureBuilder, Field
from workshop.models.fm.machine import FactorizationMachineClassifier, FactorizationMachineRegressor

__all__ = ["FactorizationMachineClassifier", "FactorizationMachineRegressor", "FeatureBuilder", "Field"]
