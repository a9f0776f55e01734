"""Hyperparameter tuning: a space, an objective, and a strategy that is a function of history."""

from workshop.tuning.acquisition import expected_improvement, lower_confidence_bound, probability_of_improvement
from workshop.tuning.history import History, Trial
from workshop.tuning.parallel import SimulatedClock
from workshop.tuning.space import Categorical, Float, Int, Space
from workshop.tuning.strategies import BayesianSearch, Exhausted, GridSearch, RandomSearch
from workshop.tuning.study import Study, tune

__all__ = [
    "BayesianSearch",
    "Categorical",
    "Exhausted",
    "Float",
    "GridSearch",
    "History",
    "Int",
    "RandomSearch",
    "SimulatedClock",
    "Space",
    "Study",
    "Trial",
    "expected_improvement",
    "lower_confidence_bound",
    "probability_of_improvement",
    "tune",
]
