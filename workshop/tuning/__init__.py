"""Hyperparameter tuning: a space, an objective, and a strategy that is a function of history."""

from workshop.tuning.acquisition import (
    expected_improvement,
    lower_confidence_bound,
    probability_of_improvement,
    thompson_sampling,
)
from workshop.tuning.bayesian import BayesianSearch
from workshop.tuning.history import History, Trial
from workshop.tuning.hyperband import Hyperband
from workshop.tuning.loop import tune
from workshop.tuning.parallel import SimulatedClock
from workshop.tuning.space import Categorical, Float, Int, Space
from workshop.tuning.stopping import MedianRule
from workshop.tuning.strategies import Exhausted, GridSearch, RandomSearch
from workshop.tuning.study import Study
from workshop.tuning.warm_start import WarmStart

__all__ = [
    "BayesianSearch",
    "Categorical",
    "Exhausted",
    "Float",
    "GridSearch",
    "History",
    "Hyperband",
    "Int",
    "MedianRule",
    "RandomSearch",
    "SimulatedClock",
    "Space",
    "Study",
    "Trial",
    "TuneSearchCV",
    "WarmStart",
    "expected_improvement",
    "lower_confidence_bound",
    "probability_of_improvement",
    "thompson_sampling",
    "tune",
]


def __getattr__(name):  # the one name that needs scikit-learn, which is slow to import
    if name == "TuneSearchCV":
        from workshop.tuning.search_cv import TuneSearchCV

        return TuneSearchCV
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
