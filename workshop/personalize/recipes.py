"""What each recipe trains, which hyperparameters it has, and how its models are measured.

A recipe is an algorithm with everything settled but a few numbers. The service speaks of them in strings; here they
become values, a `Space` to tune in, and a model. The documented ranges are what tuning uses when a request names none;
the limits, wider, are what a request may ask for.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from workshop.metrics import coverage, ndcg_at, precision_at, reciprocal_rank
from workshop.models import HRNN, Popularity, Sims
from workshop.models.recommender import positions
from workshop.tuning import Categorical, Float, Int, Space

METRICS = (
    "coverage",
    "mean_reciprocal_rank_at_25",
    *(f"normalized_discounted_cumulative_gain_at_{n}" for n in (5, 10, 25)),
    *(f"precision_at_{n}" for n in (5, 10, 25)),
)
OBJECTIVE = "normalized_discounted_cumulative_gain_at_25"
MAX_JOBS, MAX_PARALLEL = 40, 10
DEFAULT_JOBS, DEFAULT_PARALLEL = 10, 2
EVENT_TYPE = "rating"
NOT_OFFERED = (
    "performAutoTraining",
    "performIncrementalUpdate",
    "eventsConfig",
    "optimizationObjective",
    "trainingDataConfig",
    "autoTrainingConfig",
)
KINDS = {Int: "integer", Float: "continuous", Categorical: "categorical"}


@dataclass(frozen=True)
class Knob:
    """A hyperparameter: its default, its hard limits, and where tuning looks unless told otherwise (None: nowhere)."""

    default: float | int | bool
    limits: Int | Float | Categorical
    tuning: Int | Float | Categorical | None = None

    @property
    def kind(self):
        """Which of the service's three lists of ranges it belongs to."""
        return KINDS[type(self.limits)]

    def parse(self, name, text):
        """The value that a request's string stands for."""
        try:
            if not re.fullmatch(r"[\w.+-]*", text, re.ASCII) or "_" in text:  # Python's own numbers may hold more
                raise ValueError
            return self.limits.validate({"integer": int, "continuous": float, "categorical": as_bool}[self.kind](text))
        except ValueError:
            limits = self.limits
            allowed = "true or false" if self.kind == "categorical" else f"{limits.low} to {limits.high}"
            raise ValueError(f"{name} is {text!r}; give {self.kind} {allowed}, as a string") from None


def as_bool(text):
    """True for "true", False for "false", however they are capitalised."""
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"


def as_text(value):
    """A value as the service writes it.

    >>> as_text(True), as_text(40), as_text(0.5)
    ('true', '40', '0.5')
    """
    return str(value).lower()


@dataclass(frozen=True)
class Recipe:
    """An algorithm and its hyperparameters; `features` are those that prepare the data and cannot be tuned."""

    name: str
    model: Callable
    knobs: Mapping = field(default_factory=dict)
    features: Mapping = field(default_factory=dict)

    @property
    def arn(self):
        """The recipe's name in the cloud."""
        return f"arn:aws:personalize:::recipe/{self.name}"

    def defaults(self):
        """The config, a dict, that it trains unless told otherwise."""
        return {name: knob.default for name, knob in self.knobs.items()}

    def train(self, config, features, events):
        """The fitted model of a config; `events` has the columns user, item and timestamp."""
        low, high = (features.get(f"{end}_user_history_length_percentile", k) for k, end in enumerate(("min", "max")))
        length = events.groupby("user")["user"].transform("size")
        by_user = events.groupby("user").size()
        return self.model(**config).fit(events[length.between(by_user.quantile(low), by_user.quantile(high))])


_BOOL, _SHARE = Categorical([True, False]), Float(0, 1)
RECIPES = MappingProxyType(
    {
        recipe.arn: recipe
        for recipe in (
            Recipe(
                "aws-hrnn",
                HRNN,
                {
                    "hidden_dimension": Knob(43, Int(1, 512), Int(32, 256)),
                    "bptt": Knob(32, Int(1, 128), Int(2, 32)),
                    "recency_mask": Knob(True, _BOOL, _BOOL),
                },
                {
                    "min_user_history_length_percentile": Knob(0.0, _SHARE),
                    "max_user_history_length_percentile": Knob(0.99, _SHARE),
                },
            ),
            Recipe(
                "aws-sims",
                Sims,
                {
                    "popularity_discount_factor": Knob(0.5, _SHARE, _SHARE),
                    "min_cointeraction_count": Knob(3, Int(0, 10), Int(0, 10)),
                },
            ),
            Recipe("aws-popularity-count", Popularity),
        )
    }
)


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


def plan(recipe, request):
    """The `Plan` of a CreateSolution request, a dict as the service takes it.

    Raises ValueError, naming the field and the remedy, for what a recipe does not know or allow.

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
    given = parse_all(recipe, recipe.knobs, config.get("algorithmHyperParameters", {}))
    prepared = parse_all(recipe, recipe.features, config.get("featureTransformationParameters", {}))
    features = {name: knob.default for name, knob in recipe.features.items()} | prepared
    if features and features["min_user_history_length_percentile"] > features["max_user_history_length_percentile"]:
        raise ValueError(
            "min_user_history_length_percentile is above max_user_history_length_percentile; exchange them"
        )
    hpo = config.get("hpoConfig", {})
    if "hpoObjective" in hpo:
        raise ValueError(f"hpoObjective cannot be set; tuning goes by {OBJECTIVE}. Leave it out")
    ranges = as_ranges(recipe, hpo.get("algorithmHyperParameterRanges", {}))
    jobs = hpo.get("hpoResourceConfig", {})
    n_jobs = as_count("maxNumberOfTrainingJobs", jobs, MAX_JOBS, DEFAULT_JOBS)
    n_parallel = as_count("maxParallelTrainingJobs", jobs, MAX_PARALLEL, min(n_jobs, DEFAULT_PARALLEL))
    if n_parallel > n_jobs:
        raise ValueError(f"maxParallelTrainingJobs is {n_parallel}; give at most maxNumberOfTrainingJobs, {n_jobs}")
    if both := sorted(ranges.keys() & given.keys()):
        raise ValueError(
            f"{both[0]} has a value in algorithmHyperParameters and a range in hpoConfig; keep one of them"
        )
    threshold = as_threshold(request.get("eventType"), config.get("eventValueThreshold"))
    if not request.get("performHPO", False):
        return Plan(recipe, recipe.defaults() | given, features, threshold)
    if not ranges:
        ranges = {name: knob.tuning for name, knob in recipe.knobs.items() if knob.tuning and name not in given}
    if not ranges:
        raise ValueError(f"performHPO is true, but {recipe.name} has nothing left to tune here; leave performHPO out")
    fixed = {name: value for name, value in (recipe.defaults() | given).items() if name not in ranges}
    return Plan(recipe, fixed, features, threshold, Space(ranges), n_jobs, n_parallel)


def as_threshold(event_type, text):
    """The lowest rating, in stars, that counts as an event; events here are of type "rating"."""
    if event_type not in (None, EVENT_TYPE):
        raise ValueError(f"eventType is {event_type!r}; the events here are of type {EVENT_TYPE!r}")
    if text is None:
        return -math.inf
    if event_type is None:
        raise ValueError(f"eventValueThreshold needs an eventType; add eventType {EVENT_TYPE!r}")
    return Knob(0.5, Float(0.5, 5)).parse("eventValueThreshold", text)


def parse_all(recipe, knobs, texts):
    """Values by name, a dict, of a request's strings."""
    return {name: knob_of(recipe, knobs, name).parse(name, text) for name, text in texts.items()}


def knob_of(recipe, knobs, name):
    """The knob of this name; ValueError if there is none."""
    if name not in knobs:
        known = f"it has {', '.join(knobs)}" if knobs else "it has none here"
        raise ValueError(f"{name} is no hyperparameter of {recipe.name} that can stand here; {known}")
    return knobs[name]


def as_ranges(recipe, lists):
    """The parameters, by name, that a request's algorithmHyperParameterRanges span."""
    ranges = {}
    for kind in ("integer", "continuous", "categorical"):
        for entry in lists.get(f"{kind}HyperParameterRanges", ()):
            name = entry.get("name")
            knob = knob_of(recipe, {n: k for n, k in recipe.knobs.items() if k.tuning}, name)
            if knob.kind != kind:
                raise ValueError(f"{name} is {knob.kind}; move it to {knob.kind}HyperParameterRanges")
            if name in ranges:
                raise ValueError(f"{name} has two ranges; keep one of them")
            ranges[name] = as_range(knob, name, entry)
    return ranges


def as_range(knob, name, entry):
    """The Int, Float or Categorical that one entry of a list of ranges spans."""
    for part in ("values",) if knob.kind == "categorical" else ("minValue", "maxValue"):
        if entry.get(part) in (None, []):
            raise ValueError(f"the range of {name} has no {part}; add it")
    if knob.kind == "categorical":
        return Categorical([knob.parse(name, text) for text in entry["values"]])
    low, high = (knob.parse(name, str(entry[part])) for part in ("minValue", "maxValue"))
    return type(knob.limits)(low, high)


def as_count(name, texts, highest, default):
    """How many jobs the string stands for, an int from 1 to `highest`."""
    text = texts.get(name, str(default))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= highest:
        raise ValueError(f"{name} is {text!r}; give a whole number from 1 to {highest}, as a string")
    return int(text)


def plans(request):
    """The plans, a list, to choose from by the metric that comes second; one, unless performAutoML is true.

    Raises ValueError as `plan`, and for recipes or metrics that do not exist.
    """
    if not request.get("performAutoML", False):
        return [plan(RECIPES[request["recipeArn"]], request)], OBJECTIVE
    config = request.get("solutionConfig", {}).get("autoMLConfig", {})
    metric = config.get("metricName", OBJECTIVE)
    if metric not in METRICS:
        raise ValueError(f"metricName is {metric!r}; give one of {', '.join(METRICS)}")
    return [plan(RECIPES[arn], {}) for arn in config.get("recipeList") or RECIPES], metric


def recommendations(model, events, n=25):
    """The n best items for each user of `events` (columns user, item, timestamp), none of them in it: a dict."""
    users, rows = np.unique(events["user"], return_inverse=True)
    if isinstance(model, Popularity):
        scores = np.tile(model.popularity_, (len(users), 1))
    else:
        scores = model.scores_after(events)
    places = positions(events["item"], model.items_)
    scores[rows[places >= 0], places[places >= 0]] = -np.inf
    best = np.argsort(-scores, axis=1, kind="stable")[:, :n]
    return {
        user: model.items_[row[of_user[row] > -np.inf]] for user, row, of_user in zip(users, best, scores, strict=True)
    }


def measure(model, shown, hidden):
    """The service's offline metrics, a dict of name to number in [0, 1], averaged over users.

    Parameters
    ----------
    model : HRNN, Sims or Popularity, fitted
    shown, hidden : DataFrame
        Columns user, item and timestamp: what the model is told about each user, and the later events to be found.
    """
    relevant = hidden.groupby("user")["item"].agg(np.array)
    lists = recommendations(model, shown[shown["user"].isin(relevant.index)])
    pairs = [(lists[user], items) for user, items in relevant.items()]
    metrics = {"mean_reciprocal_rank_at_25": np.mean([reciprocal_rank(*pair) for pair in pairs])}
    for n in (5, 10, 25):
        metrics[f"normalized_discounted_cumulative_gain_at_{n}"] = np.mean([ndcg_at(*pair, n) for pair in pairs])
        metrics[f"precision_at_{n}"] = np.mean([precision_at(*pair, n) for pair in pairs])
    return {"coverage": coverage(lists.values(), model.items_)} | {
        name: float(value) for name, value in metrics.items()
    }
