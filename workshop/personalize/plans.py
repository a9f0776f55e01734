"""From a request, all strings, to a plan in values; and what is wrong with the request, if anything is."""

import math
from dataclasses import dataclass

from workshop.aws import Hyperparameter
from workshop.personalize.recipes import METRICS, OBJECTIVE, RECIPES, Recipe
from workshop.tuning import Categorical, Float, Space

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
    >>> from workshop.personalize.recipes import RECIPES
    >>> sims = RECIPES["arn:aws:personalize:::recipe/aws-sims"]
    >>> wish = {"performHPO": True, "solutionConfig": {"algorithmHyperParameters": {"min_cointeraction_count": "5"}}}
    >>> plan(sims, wish).space
    Space({'popularity_discount_factor': Float(low=0.0, high=1.0, log=False)})
    """
    config = request.get("solutionConfig", {})
    for name in NOT_OFFERED:
        if request.get(name) or name in config:
            raise ValueError(f"{name} is not offered with {recipe.name}; leave it out")
    given = parse_all(recipe, recipe.hyperparameters, config.get("algorithmHyperParameters", {}))
    prepared = parse_all(recipe, recipe.features, config.get("featureTransformationParameters", {}))
    features = {name: parameter.default for name, parameter in recipe.features.items()} | prepared
    if features and features["min_user_history_length_percentile"] > features["max_user_history_length_percentile"]:
        raise ValueError("min_user_history_length_percentile is above its max_ counterpart; exchange them")
    threshold = as_threshold(request.get("eventType"), config.get("eventValueThreshold"))
    ranges, n_jobs, n_parallel = as_tuning(recipe, config.get("hpoConfig", {}))
    if both := sorted(ranges.keys() & given.keys()):
        raise ValueError(
            f"{both[0]} has a value in algorithmHyperParameters and a range in hpoConfig; keep one of both"
        )
    if not request.get("performHPO", False):
        return Plan(recipe, recipe.defaults() | given, features, threshold)
    ranges = ranges or {name: p.tuning for name, p in tunable(recipe).items() if name not in given}
    if not ranges:
        raise ValueError(f"performHPO is true, but {recipe.name} has nothing left to tune here; leave performHPO out")
    fixed = {name: value for name, value in (recipe.defaults() | given).items() if name not in ranges}
    return Plan(recipe, fixed, features, threshold, Space(ranges), n_jobs, n_parallel)


def tunable(recipe):
    """The hyperparameters, by name, that tuning may change."""
    return {name: parameter for name, parameter in recipe.hyperparameters.items() if parameter.tuning}


def as_tuning(recipe, hpo):
    """The ranges by name, the number of jobs, and how many at once, of a request's hpoConfig."""
    if "hpoObjective" in hpo:
        raise ValueError(f"hpoObjective cannot be set; tuning goes by {OBJECTIVE}. Leave it out")
    jobs = hpo.get("hpoResourceConfig", {})
    n_jobs = as_count("maxNumberOfTrainingJobs", jobs, MAX_JOBS, DEFAULT_JOBS)
    n_parallel = as_count("maxParallelTrainingJobs", jobs, MAX_PARALLEL, min(n_jobs, DEFAULT_PARALLEL))
    if n_parallel > n_jobs:
        raise ValueError(f"maxParallelTrainingJobs is {n_parallel}; give at most maxNumberOfTrainingJobs, {n_jobs}")
    return as_ranges(recipe, hpo.get("algorithmHyperParameterRanges", {})), n_jobs, n_parallel


def as_threshold(event_type, text):
    """The lowest rating, in stars, that counts as an event; events here are of type "rating"."""
    if event_type not in (None, EVENT_TYPE):
        raise ValueError(f"eventType is {event_type!r}; the events here are of type {EVENT_TYPE!r}")
    if text is None:
        return -math.inf
    if event_type is None:
        raise ValueError(f"eventValueThreshold needs an eventType; add eventType {EVENT_TYPE!r}")
    return Hyperparameter(0.5, Float(0.5, 5)).parse("eventValueThreshold", text)


def parse_all(recipe, hyperparameters, texts):
    """Values by name, a dict, of a request's strings."""
    return {name: find(recipe, hyperparameters, name).parse(name, text) for name, text in texts.items()}


def find(recipe, hyperparameters, name):
    """The hyperparameter of this name; ValueError if there is none."""
    if name not in hyperparameters:
        known = f"it has {', '.join(hyperparameters)}" if hyperparameters else "it has none here"
        raise ValueError(f"{name} is no hyperparameter of {recipe.name} that can stand here; {known}")
    return hyperparameters[name]


def as_ranges(recipe, lists):
    """The parameters, by name, that a request's algorithmHyperParameterRanges span."""
    ranges = {}
    for kind in ("integer", "continuous", "categorical"):
        for entry in lists.get(f"{kind}HyperParameterRanges", ()):
            name = entry.get("name")
            parameter = find(recipe, tunable(recipe), name)
            if parameter.kind != kind:
                raise ValueError(f"{name} is {parameter.kind}; move it to {parameter.kind}HyperParameterRanges")
            if name in ranges:
                raise ValueError(f"{name} has two ranges; keep one of them")
            ranges[name] = as_range(parameter, name, entry)
    return ranges


def as_range(parameter, name, entry):
    """The Int, Float or Categorical that one entry of a list of ranges spans."""
    for part in ("values",) if parameter.kind == "categorical" else ("minValue", "maxValue"):
        if entry.get(part) in (None, []):
            raise ValueError(f"the range of {name} has no {part}; add it")
    if parameter.kind == "categorical":
        return Categorical([parameter.parse(name, text) for text in entry["values"]])
    low, high = (parameter.parse(name, str(entry[part])) for part in ("minValue", "maxValue"))
    return type(parameter.limits)(low, high)


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
