"""The recipes of Amazon Personalize: what each one trains, what a request may ask of it, and how it is measured.

A recipe is an algorithm with everything settled but a few numbers. The documented ranges are what tuning uses when a
request names none; the limits, wider, are what a request may ask for.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from workshop.cloud.service import Hyperparameter, as_ranges, as_space, parse_all, tunable
from workshop.metrics import coverage, ndcg_at, precision_at, reciprocal_rank
from workshop.models import HRNN, Popularity, Sims
from workshop.tuning import Categorical, Float, Int, Space

MAX_JOBS, MAX_PARALLEL = 40, 10
EVENT_TYPE = "rating"
OBJECTIVE = "normalized_discounted_cumulative_gain_at_25"
METRICS = (
    "coverage",
    "mean_reciprocal_rank_at_25",
    *(f"normalized_discounted_cumulative_gain_at_{n}" for n in (5, 10, 25)),
    *(f"precision_at_{n}" for n in (5, 10, 25)),
)
NOT_OFFERED = (
    "performAutoTraining performIncrementalUpdate eventsConfig optimizationObjective trainingDataConfig "
    "autoTrainingConfig"
).split()


@dataclass(frozen=True)
class Recipe:
    """An algorithm and its hyperparameters; `features` are those that prepare the data and cannot be tuned."""

    name: str
    model: Callable
    hyperparameters: Mapping[str, Hyperparameter] = field(default_factory=dict)
    features: Mapping[str, Hyperparameter] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """The recipe's name in the cloud."""
        return f"arn:aws:personalize:::recipe/{self.name}"

    def defaults(self) -> dict:
        """Return the config that it trains unless told otherwise."""
        return {name: parameter.default for name, parameter in self.hyperparameters.items()}

    def train(self, config: Mapping, features: Mapping, events: pd.DataFrame) -> Any:
        """Return the fitted model of a config; `events` has the columns user, item and timestamp."""
        low, high = (features.get(f"{end}_user_history_length_percentile", k) for k, end in enumerate(("min", "max")))
        by_user = events.groupby("user").size()
        length = events["user"].map(by_user)
        return self.model(**config).fit(events[length.between(by_user.quantile(low), by_user.quantile(high))])


_BOOL, _SHARE = Categorical((True, False)), Float(0, 1)
_HRNN = Recipe(
    "aws-hrnn",
    HRNN,
    {
        "hidden_dimension": Hyperparameter(43, Int(1, 512), Int(32, 256)),
        "bptt": Hyperparameter(32, Int(1, 128), Int(2, 32)),
        "recency_mask": Hyperparameter(True, _BOOL, _BOOL),
    },
    {
        "min_user_history_length_percentile": Hyperparameter(0.0, _SHARE),
        "max_user_history_length_percentile": Hyperparameter(0.99, _SHARE),
    },
)
_SIMS = Recipe(
    "aws-sims",
    Sims,
    {
        "popularity_discount_factor": Hyperparameter(0.5, _SHARE, _SHARE),
        "min_cointeraction_count": Hyperparameter(3, Int(0, 10), Int(0, 10)),
    },
)
RECIPES = MappingProxyType({r.arn: r for r in (_HRNN, _SIMS, Recipe("aws-popularity-count", Popularity))})


@dataclass(frozen=True)
class Plan:
    """What a request asks for, in values: hyperparameters that are fixed, and a space for those to tune (or None)."""

    recipe: Recipe
    fixed: dict
    features: dict
    threshold: float = -math.inf  # events of a lower value are left out
    space: Space | None = None
    n_jobs: int = 1
    n_parallel: int = 1


def plans(request: Mapping) -> tuple[list[Plan], str]:
    """Return the plans to choose from, and the metric to choose by; there is one plan unless performAutoML is true.

    ValueError as `plan`, and for recipes or metrics that do not exist.
    """
    auto = request.get("performAutoML", False)
    if auto == ("recipeArn" in request):
        wish = "leave recipeArn out, as performAutoML is true" if auto else "give a recipeArn"
        raise ValueError(f"{wish}; there are {', '.join(RECIPES)}")
    if not auto:
        return [plan(find_recipe(request["recipeArn"]), request)], OBJECTIVE
    wanted = request.get("solutionConfig", {}).get("autoMLConfig", {})
    metric = wanted.get("metricName", OBJECTIVE)
    if metric not in METRICS:
        raise ValueError(f"metricName is {metric!r}; give one of {', '.join(METRICS)}")
    return [plan(find_recipe(arn), {}) for arn in wanted.get("recipeList") or RECIPES], metric


def find_recipe(arn: str) -> Recipe:
    """Return the recipe of this name; LookupError if there is none."""
    if arn not in RECIPES:
        raise LookupError(f"there is no recipe {arn}; there are {', '.join(RECIPES)}")
    return RECIPES[arn]


def plan(recipe: Recipe, request: Mapping) -> Plan:
    """Return the `Plan` of a CreateSolution request, a dict as the service takes it.

    ValueError, naming the field and the remedy, for what a recipe does not know or allow.

    Examples
    --------
    >>> sims = RECIPES["arn:aws:personalize:::recipe/aws-sims"]
    >>> wish = {"performHPO": True, "solutionConfig": {"algorithmHyperParameters": {"min_cointeraction_count": "5"}}}
    >>> plan(sims, wish).space
    Space({'popularity_discount_factor': Float(low=0.0, high=1.0, log=False)})
    """
    config = request.get("solutionConfig", {})
    for name in NOT_OFFERED:
        if request.get(name) or name in config:
            raise ValueError(f"{name} is not offered with {recipe.name}; leave it out")
    given = parse_all(recipe.name, recipe.hyperparameters, config.get("algorithmHyperParameters", {}))
    prepared = parse_all(recipe.name, recipe.features, config.get("featureTransformationParameters", {}))
    features = {name: parameter.default for name, parameter in recipe.features.items()} | prepared
    if features and features["min_user_history_length_percentile"] > features["max_user_history_length_percentile"]:
        raise ValueError("min_user_history_length_percentile is above its max_ counterpart; exchange them")
    threshold = as_threshold(request.get("eventType"), config.get("eventValueThreshold"))
    hpo = config.get("hpoConfig", {})
    if "hpoObjective" in hpo:
        raise ValueError(f"hpoObjective cannot be set; tuning goes by {OBJECTIVE}. Leave it out")
    n_jobs, n_parallel = as_counts(hpo.get("hpoResourceConfig", {}))
    ranges = as_ranges(recipe.name, recipe.hyperparameters, hpo.get("algorithmHyperParameterRanges", {}))
    fixed = recipe.defaults() | given
    if not request.get("performHPO", False):
        return Plan(recipe, fixed, features, threshold)
    own = {name: p.tuning for name, p in tunable(recipe.hyperparameters).items() if name not in given}
    space = as_space(ranges or own, given)
    fixed = {name: value for name, value in fixed.items() if name not in space}
    return Plan(recipe, fixed, features, threshold, space, n_jobs, n_parallel)


def as_counts(texts: Mapping[str, str]) -> tuple[int, int]:
    """Return how many jobs there are, and how many of them at once, of a request's hpoResourceConfig."""
    known = {
        "maxNumberOfTrainingJobs": Hyperparameter(None, Int(1, MAX_JOBS)),
        "maxParallelTrainingJobs": Hyperparameter(None, Int(1, MAX_PARALLEL)),
    }
    found = parse_all("hpoResourceConfig", known, texts)
    n_jobs = found.get("maxNumberOfTrainingJobs", 10)
    n_parallel = found.get("maxParallelTrainingJobs", min(2, n_jobs))
    if n_parallel > n_jobs:
        raise ValueError(f"maxParallelTrainingJobs is {n_parallel}; give at most maxNumberOfTrainingJobs, {n_jobs}")
    return n_jobs, n_parallel


def as_threshold(event_type: str | None, text: str | None) -> float:
    """Return the lowest rating, in stars, that counts as an event; events here are of type "rating"."""
    if event_type not in ((None, EVENT_TYPE) if text is None else (EVENT_TYPE,)):
        raise ValueError(f"eventType is {event_type!r}; give {EVENT_TYPE!r}, the type of the events here")
    return -math.inf if text is None else Hyperparameter(None, Float(0.5, 5)).parse("eventValueThreshold", text)


def recommendations(model: Any, events: pd.DataFrame, n: int = 25) -> dict:
    """Return the n best items for each user of `events` (columns user, item, timestamp), none of them among these."""
    users, rows = np.unique(events["user"], return_inverse=True)
    if isinstance(model, Popularity):
        scores = np.tile(model.popularity_, (len(users), 1)).astype(float)
    else:
        scores = model.scores_after(events)
    places = pd.Index(model.items_).get_indexer(events["item"])
    scores[rows[places >= 0], places[places >= 0]] = -np.inf
    best = np.argsort(-scores, axis=1, kind="stable")[:, :n]  # of equal scores the smaller id comes first
    found = zip(users, best, scores, strict=True)
    return {user: model.items_[row[of_user[row] > -np.inf]] for user, row, of_user in found}


def measure(model: Any, shown: pd.DataFrame, hidden: pd.DataFrame) -> dict[str, float]:
    """Return the service's offline metrics of a fitted model by name, each in [0, 1], averaged over users.

    `shown` and `hidden` (columns user, item, timestamp) are what it is told of each user, and the later events to find.
    """
    relevant = hidden.groupby("user")["item"].agg(list)
    lists = recommendations(model, shown[shown["user"].isin(relevant.index)])
    pairs = [(lists[user], items) for user, items in relevant.items()]
    metrics: dict[str, Any] = {"mean_reciprocal_rank_at_25": np.mean([reciprocal_rank(*pair) for pair in pairs])}
    for n in (5, 10, 25):
        metrics[f"normalized_discounted_cumulative_gain_at_{n}"] = np.mean([ndcg_at(*pair, n) for pair in pairs])
        metrics[f"precision_at_{n}"] = np.mean([precision_at(*pair, n) for pair in pairs])
    metrics["coverage"] = coverage(lists.values(), model.items_)
    return {name: float(value) for name, value in metrics.items()}
