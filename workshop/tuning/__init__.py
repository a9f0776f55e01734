"""Hyperparameter tuning: a space, an objective, and a strategy that is a function of history."""

from workshop.tuning.acquisition import expected_improvement, lower_confidence_bound, probability_of_improvement
from workshop.tuning.history import History, Trial
from workshop.tuning.space import Categorical, Float, Int, Space
from workshop.tuning.strategies import BayesianSearch, Exhausted, GridSearch, RandomSearch

__all__ = [
    "BayesianSearch",
    "Categorical",
    "Exhausted",
    "Float",
    "GridSearch",
    "History",
    "Int",
    "RandomSearch",
    "Space",
    "Trial",
    "expected_improvement",
    "lower_confidence_bound",
    "probability_of_improvement",
]
