"""Requests to Personalize: what is accepted, and that what is refused changes nothing."""

import copy

import pytest

pytest.importorskip("botocore.session")
from botocore.exceptions import ParamValidationError
from shapes import asked, beyond_limits, refused

from workshop.cloud import MOVIELENS_ARN
from workshop.cloud.recipes import METRICS, RECIPES, plan, plans
from workshop.cloud.service import as_text
from workshop.tuning import Categorical, Float, Int, Space

HRNN, SIMS, POPULARITY = (f"arn:aws:personalize:::recipe/aws-{name}" for name in ("hrnn", "sims", "popularity-count"))
NOBODY = "arn:aws:personalize:local:000000000000:solution/nobody"
CONFIG = {  # of the example on the service's page about hyperparameters
    "algorithmHyperParameters": {"hidden_dimension": "55"},
    "hpoConfig": {
        "algorithmHyperParameterRanges": {
            "categoricalHyperParameterRanges": [{"name": "recency_mask", "values": ["true", "false"]}],
            "integerHyperParameterRanges": [{"name": "bptt", "minValue": 20, "maxValue": 40}],
        },
        "hpoResourceConfig": {"maxNumberOfTrainingJobs": "4", "maxParallelTrainingJobs": "2"},
    },
}
EXAMPLE = {
    "name": "example",
    "datasetGroupArn": MOVIELENS_ARN,
    "performAutoML": False,
    "recipeArn": HRNN,
    "performHPO": True,
    "solutionConfig": CONFIG,
}


def variation(**changes):
    return copy.deepcopy(EXAMPLE) | changes


def with_config(**config):
    return variation(solutionConfig=config)


def with_ranges(recipe=HRNN, **lists):
    ranges = {f"{kind}HyperParameterRanges": entries for kind, entries in lists.items()}
    return variation(recipeArn=recipe, solutionConfig={"hpoConfig": {"algorithmHyperParameterRanges": ranges}})


def with_jobs(**jobs):
    request = variation()
    request["solutionConfig"]["hpoConfig"]["hpoResourceConfig"] = jobs
    return request


GOOD = [
    EXAMPLE,
    {"name": "a", "datasetGroupArn": MOVIELENS_ARN, "recipeArn": POPULARITY},
    variation(name="A-b_9" * 12),
    variation(performAutoTraining=False, tags=[{"tagKey": "année", "tagValue": "un deux/3"}]),
    variation(performHPO=False),
    variation(solutionConfig={}),
    with_config(algorithmHyperParameters={"recency_mask": "False", "bptt": "128"}),
    with_config(featureTransformationParameters={"max_user_history_length_percentile": "0.9"}),
    with_config(eventValueThreshold="4") | {"eventType": "rating"},
    variation(recipeArn=SIMS, solutionConfig={"algorithmHyperParameters": {"popularity_discount_factor": "1e-1"}}),
    with_ranges(SIMS, continuous=[{"name": "popularity_discount_factor", "minValue": 0, "maxValue": 0.7}]),
    with_ranges(categorical=[{"name": "bptt", "values": ["20", "32"]}]),
    with_jobs(maxNumberOfTrainingJobs="40", maxParallelTrainingJobs="10"),
    with_jobs(maxNumberOfTrainingJobs="1"),
    {"name": "auto", "datasetGroupArn": MOVIELENS_ARN, "performAutoML": True},
    {
        "name": "auto",
        "datasetGroupArn": MOVIELENS_ARN,
        "performAutoML": True,
        "solutionConfig": {  # with performAutoML, the service ignores all but autoMLConfig
            "algorithmHyperParameters": {"no_such_thing": "?"},
            "autoMLConfig": {"metricName": "coverage", "recipeList": [SIMS, POPULARITY]},
        },
    },
]


@pytest.mark.parametrize("request_", GOOD, ids=range(len(GOOD)))
def test_accepted_requests_come_back_in_the_answers(waiting, request_):
    client, _ = waiting
    made = {"solutionArn": client.create_solution(**copy.deepcopy(request_))["solutionArn"]}
    solution = asked(client, "describe_solution", **made)["solution"]
    assert solution.items() >= {name: value for name, value in request_.items() if name != "tags"}.items()
    assert solution["performHPO"] is request_.get("performHPO", False)
    listed = asked(client, "list_solutions")["solutions"]
    assert [s["status"] for s in listed] == ["ACTIVE"]
    arn = client.create_solution_version(**made, name="first")["solutionVersionArn"]
    version = asked(client, "describe_solution_version", solutionVersionArn=arn)["solutionVersion"]
    assert (version["status"], version["name"], version["solutionArn"]) == ("CREATE PENDING", "first", *made.values())
    assert asked(client, "list_solution_versions", **made)["solutionVersions"][0]["solutionVersionArn"] == arn
    assert client.describe_solution(**made)["solution"]["latestSolutionVersion"]["status"] == "CREATE PENDING"


FULL = variation(
    eventType="rating",
    performAutoTraining=False,
    tags=[{"tagKey": "course", "tagValue": "four"}],
    solutionConfig=CONFIG | {"eventValueThreshold": "3", "featureTransformationParameters": {}},
)


def wrong_values():
    """What only the service can know."""
    bad = "InvalidInputException"
    for count in ("0", "41", "-1", "2.5", "", "four", "1e1", " 4", "４", "4_0", "²"):
        yield with_jobs(maxNumberOfTrainingJobs=count), bad
    for count in ("0", "11", "-1", "1.0", "", "two", "+2", "2 "):
        yield with_jobs(maxNumberOfTrainingJobs="40", maxParallelTrainingJobs=count), bad
    yield with_jobs(maxNumberOfTrainingJobs="2", maxParallelTrainingJobs="3"), bad
    for low, high in (
        (40, 20),
        (0, 20),
        (-5, 3),
        (2, 129),
        (20, 1_000_001),
        (1_000_000, 1_000_000),
        (2, None),
        (None, 3),
    ):
        ends = {"minValue": low, "maxValue": high}
        entry = {"name": "bptt"} | {name: end for name, end in ends.items() if end is not None}
        yield with_ranges(integer=[entry]), bad
    for low, high in ((0.5, 0.1), (-0.1, 0.5), (0.5, 1.5), (float("nan"), 0.5), (0.1, float("inf"))):
        entry = {"name": "popularity_discount_factor", "minValue": low, "maxValue": high}
        yield with_ranges(SIMS, continuous=[entry]), bad
    for values in ([], ["yes"], ["true", "true"], ["true", "True"], ["1", "0"], [""]):
        yield with_ranges(categorical=[{"name": "recency_mask", "values": values}]), bad
    bptt = {"name": "bptt", "minValue": 2, "maxValue": 3}
    yield with_ranges(integer=[bptt, bptt]), bad
    yield with_ranges(continuous=[bptt]), bad
    yield with_ranges(integer=[{"name": "recency_mask", "minValue": 0, "maxValue": 1}]), bad
    yield with_ranges(integer=[{"minValue": 0, "maxValue": 1}]), bad
    yield with_ranges(integer=[bptt] * 101), bad
    yield with_ranges(SIMS, integer=[bptt]), bad
    yield with_ranges(POPULARITY, integer=[bptt]), bad
    for name in ("momentum", "min_user_history_length_percentile", "Bptt", ""):
        yield with_ranges(continuous=[{"name": name, "minValue": 0.0, "maxValue": 1.0}]), bad
        yield with_config(algorithmHyperParameters={name: "0.5"}), bad
    wrong = {
        "hidden_dimension": ("0", "513", "-3", "4.5", "many", "", "1_0", "True"),
        "bptt": ("0", "129", "2.0", " 20", "0x10"),
        "recency_mask": ("1", "yes", "", "none"),
    }
    for name, texts in wrong.items():
        for text in texts:
            yield with_config(algorithmHyperParameters={name: text}), bad
            yield with_config(algorithmHyperParameters={name: text}) | {"performHPO": False}, bad
    for name, texts in {
        "popularity_discount_factor": ("1.01", "-0.1", "nan", "inf", "half", ""),
        "min_cointeraction_count": ("11", "-1", "3.5", "three"),
    }.items():
        for text in texts:
            yield variation(recipeArn=SIMS, solutionConfig={"algorithmHyperParameters": {name: text}}), bad
    for name, text in (
        ("min_user_history_length_percentile", "1.5"),
        ("max_user_history_length_percentile", "?"),
        ("x", "1"),
    ):
        yield with_config(featureTransformationParameters={name: text}), bad
        yield variation(recipeArn=SIMS, solutionConfig={"featureTransformationParameters": {name: "0.5"}}), bad
    ends = {"min_user_history_length_percentile": "0.9", "max_user_history_length_percentile": "0.1"}
    yield with_config(featureTransformationParameters=ends), bad
    request = variation()
    request["solutionConfig"]["algorithmHyperParameters"]["bptt"] = "20"  # it has a range, too
    yield request, bad
    yield with_config(hpoConfig={"hpoObjective": {"metricName": "coverage"}}), bad
    everything = {"popularity_discount_factor": "0.5", "min_cointeraction_count": "3"}
    yield variation(recipeArn=SIMS, solutionConfig={"algorithmHyperParameters": everything}), bad
    yield variation(recipeArn=POPULARITY, solutionConfig={}), bad
    yield variation(performAutoTraining=True), bad
    yield variation(performIncrementalUpdate=True), bad
    for config in (
        {"eventsConfig": {"eventParametersList": []}},
        {"optimizationObjective": {"itemAttribute": "price", "objectiveSensitivity": "LOW"}},
        {"optimizationObjective": {"objectiveSensitivity": "EXTREME"}},
        {"trainingDataConfig": {"excludedDatasetColumns": {"ITEMS": ["a"]}}},
        {"autoTrainingConfig": {"schedulingExpression": "rate(3 days)"}},
        {"eventValueThreshold": "4"},
    ):
        yield with_config(**config), bad
    for text in ("0", "5.5", "four", ""):
        yield with_config(eventValueThreshold=text) | {"eventType": "rating"}, bad
    yield variation(eventType="click"), bad
    auto = {"name": "auto", "datasetGroupArn": MOVIELENS_ARN, "performAutoML": True}
    yield auto | {"recipeArn": HRNN}, bad
    yield auto | {"solutionConfig": {"autoMLConfig": {"metricName": "accuracy"}}}, bad
    yield auto | {"solutionConfig": {"autoMLConfig": {"recipeList": [HRNN + "-2"]}}}, "ResourceNotFoundException"
    yield auto | {"performAutoML": False}, bad
    for recipe in (HRNN + "-coldstart", "arn:aws:personalize:::recipe/aws-user-personalization"):
        yield variation(recipeArn=recipe), "ResourceNotFoundException"
    yield variation(datasetGroupArn=MOVIELENS_ARN + "-2"), "ResourceNotFoundException"
    yield variation(name="taken"), "ResourceAlreadyExistsException"


def wrong_calls():
    taken = NOBODY.replace("nobody", "taken")
    waiting = taken + "/WAITING"  # put in place of the version that waits
    missing, unknown, in_use = ParamValidationError, "ResourceNotFoundException", "ResourceInUseException"
    for method in ("describe_solution", "create_solution_version", "list_solution_versions"):
        yield method, {"solutionArn": NOBODY}, unknown
        yield method, {"solutionArn": "nobody"}, "InvalidInputException"
    for method in ("describe_solution_version", "get_solution_metrics"):
        yield method, {"solutionVersionArn": NOBODY + "/1"}, unknown
        yield method, {"solutionVersionArn": "1"}, "InvalidInputException"
        yield method, {}, missing
    yield "get_solution_metrics", {"solutionVersionArn": waiting}, in_use
    for mode in ("UPDATE", "AUTOTRAIN", "full", "HALF"):
        yield "create_solution_version", {"solutionArn": taken, "trainingMode": mode}, "InvalidInputException"
    yield "create_solution_version", {"solutionArn": taken, "name": "waiting"}, "ResourceAlreadyExistsException"
    yield "create_solution_version", {"solutionArn": taken, "name": "no blanks"}, "InvalidInputException"
    for method in ("list_solutions", "list_solution_versions"):
        for token in ("x", "-1", "99"):
            yield method, {"nextToken": token}, "InvalidNextTokenException"
        yield method, {"maxResults": 101}, "InvalidInputException"
        yield method, {"maxResults": 0}, missing


def test_bad_requests_get_the_right_exception_and_change_nothing(waiting):
    client, service = waiting
    arn = client.create_solution(**variation(name="taken"))["solutionArn"]
    version = client.create_solution_version(solutionArn=arn, name="waiting")["solutionVersionArn"]
    shape = client.meta.service_model.operation_model("CreateSolution").input_shape
    texts = list(beyond_limits(FULL, shape, "InvalidInputException"))
    cases = [("create_solution", *case) for case in [*texts, *wrong_values()]] + list(wrong_calls())
    for method, request, expected in cases:
        if "WAITING" in request.get("solutionVersionArn", ""):
            request = {"solutionVersionArn": version}
        refused(client, service.content, method, request, expected)
    assert len(cases) >= 150


@pytest.mark.parametrize(
    ("request_", "space"),
    [
        (EXAMPLE, {"bptt": Int(20, 40), "recency_mask": Categorical([True, False])}),
        (
            variation(solutionConfig={}),
            {"hidden_dimension": Int(32, 256), "bptt": Int(2, 32), "recency_mask": Categorical([True, False])},
        ),
        (
            variation(recipeArn=SIMS, solutionConfig={}),
            {"popularity_discount_factor": Float(0, 1), "min_cointeraction_count": Int(0, 10)},
        ),
    ],
)
def test_space_of_a_request(request_, space):
    found = plan(RECIPES[request_["recipeArn"]], request_)
    assert dict(found.space) == dict(Space(space))
    assert found.fixed.keys() | found.space.keys() == found.recipe.hyperparameters.keys()


def test_plan_holds_what_was_asked_for():
    found = plan(RECIPES[HRNN], EXAMPLE)
    assert (found.fixed, found.n_jobs, found.n_parallel) == ({"hidden_dimension": 55}, 4, 2)
    assert found.features == {"min_user_history_length_percentile": 0, "max_user_history_length_percentile": 0.99}
    untuned = plan(RECIPES[HRNN], EXAMPLE | {"performHPO": False})
    assert (untuned.space, untuned.fixed) == (None, {"hidden_dimension": 55, "bptt": 32, "recency_mask": True})
    candidates, metric = plans({"performAutoML": True, "solutionConfig": {"autoMLConfig": {"metricName": "coverage"}}})
    assert [c.recipe.arn for c in candidates] == list(RECIPES)
    assert metric == "coverage"
    assert len(METRICS) == 8


def test_texts_come_back_as_values():
    for recipe in RECIPES.values():
        for name, parameter in (recipe.hyperparameters | recipe.features).items():
            assert parameter.parse(name, as_text(parameter.default)) == parameter.default
