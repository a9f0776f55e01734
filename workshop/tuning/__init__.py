"""Hyperparameter tuning: a space, an objective, and a strategy that is a function of history."""

from workshop.tuning.history import History, Trial
from workshop.tuning.space import Categorical, Float, Int, Space

__all__ = ["Categorical", "Float", "History", "Int", "Space", "Trial"]
