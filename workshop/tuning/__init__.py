"""Hyperparameter tuning: a space, an objective, and a strategy that is a function of history."""

from importlib import import_module
from typing import Any

from workshop.tuning.history import History, Trial
from workshop.tuning.loop import Interrupted, SimulatedClock, tune
from workshop.tuning.parameter import Categorical, Float, Int
from workshop.tuning.space import Space
from workshop.tuning.strategies import Exhausted, GridSearch, Hyperband, MedianRule, RandomSearch, Start, WarmStart
from workshop.tuning.study import Study

__all__ = [
    "BayesianSearch",
    "Categorical",
    "Exhausted",
    "Float",
    "GridSearch",
    "History",
    "Hyperband",
    "Int",
    "Interrupted",
    "MedianRule",
    "RandomSearch",
    "SimulatedClock",
    "Space",
    "Start",
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

# Imported when they are asked for: SciPy's optimisers and scikit-learn take their time.
LATER = {"BayesianSearch": "bayesian", "TuneSearchCV": "search_cv"} | dict.fromkeys(
    ("expected_improvement", "lower_confidence_bound", "probability_of_improvement", "thompson_sampling"), "acquisition"
)


def __getattr__(name: str) -> Any:
    if name in LATER:
        return getattr(import_module(f"workshop.tuning.{LATER[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
