"""Requests to Personalize: what is accepted, and that what is refused changes nothing."""

import pytest

pytest.importorskip("botocore.session")
from pieces import asked, refused

from workshop import cloud
from workshop.cloud.recipes import METRICS, RECIPES, plan, plans
from workshop.cloud.service import as_text
from workshop.tuning import Categorical, Float, Int, Space

HRNN, SIMS, POPULARITY = (f"arn:aws:personalize:::recipe/aws-{name}" for name in ("hrnn", "sims", "popularity-count"))
EXAMPLE = {  # of the service's page about hyperparameters
    "name": "example",
    "datasetGroupArn": cloud.MOVIELENS_ARN,
    "performAutoML": False,
    "recipeArn": HRNN,
    "performHPO": True,
    "solutionConfig": {
        "algorithmHyperParameters": {"hidden_dimension": "55"},
        "hpoConfig": {
            "algorithmHyperParameterRanges": {
                "categoricalHyperParameterRanges": [{"name": "recency_mask", "values": ["true", "false"]}],
                "integerHyperParameterRanges": [{"name": "bptt", "minValue": 20, "maxValue": 40}],
            },
            "hpoResourceConfig": {"maxNumberOfTrainingJobs": "4", "maxParallelTrainingJobs": "2"},
        },
    },
}
AUTO = {"name": "auto", "datasetGroupArn": cloud.MOVIELENS_ARN, "performAutoML": True}


def with_config(recipe=HRNN, fixed=None, **config):
    """The example with another solutionConfig; `fixed` are its algorithmHyperParameters."""
    return EXAMPLE | {"recipeArn": recipe, "solutionConfig": config | {"algorithmHyperParameters": fixed or {}}}


def with_ranges(recipe=HRNN, fixed=None, **lists):
    ranges = {f"{kind}HyperParameterRanges": entries for kind, entries in lists.items()}
    return with_config(recipe, fixed, hpoConfig={"algorithmHyperParameterRanges": ranges})


def with_jobs(n_jobs, n_parallel="1"):
    counts = {"maxNumberOfTrainingJobs": n_jobs, "maxParallelTrainingJobs": n_parallel}
    return with_config(hpoConfig={"hpoResourceConfig": counts})


def span(name, low, high):
    return {"name": name, "minValue": low, "maxValue": high}


def prepared(recipe=HRNN, **features):
    names = {f"{end}_user_history_length_percentile": text for end, text in features.items()}
    return with_config(recipe, featureTransformationParameters=names)


@pytest.fixture
def client(monkeypatch):
    """A client whose versions wait: nobody trains them."""
    monkeypatch.setattr("workshop.cloud.personalize.train_after", lambda *args: None)
    return cloud.client("personalize")


GOOD = [
    EXAMPLE,
    {"name": "a", "datasetGroupArn": cloud.MOVIELENS_ARN, "recipeArn": POPULARITY},
    EXAMPLE | {"name": "A-b_9" * 12, "performAutoTraining": False, "tags": [{"tagKey": "année", "tagValue": "un 2/3"}]},
    with_config(fixed={"recency_mask": "False", "bptt": "128"}) | {"performHPO": False},
    prepared(max="0.9"),
    with_config(eventValueThreshold="4") | {"eventType": "rating"},
    with_ranges(SIMS, continuous=[span("popularity_discount_factor", 0, 0.7)]),
    with_ranges(categorical=[{"name": "bptt", "values": ["20", "32"]}]),
    with_jobs("40", "10"),
    with_config(hpoConfig={"hpoResourceConfig": {"maxNumberOfTrainingJobs": "1"}}),
    AUTO,
    AUTO  # with performAutoML, the service ignores all but autoMLConfig
    | {
        "solutionConfig": {
            "algorithmHyperParameters": {"no_such_thing": "?"},
            "autoMLConfig": {"metricName": "coverage", "recipeList": [SIMS, POPULARITY]},
        }
    },
]


@pytest.mark.parametrize("request_", GOOD, ids=range(len(GOOD)))
def test_accepted_requests_come_back_in_the_answers(client, request_):
    made = {"solutionArn": client.create_solution(**request_)["solutionArn"]}
    solution = asked(client, "describe_solution", **made)["solution"]
    assert solution.items() >= {name: value for name, value in request_.items() if name != "tags"}.items()
    assert solution["performHPO"] is request_.get("performHPO", False)
    assert [each["status"] for each in asked(client, "list_solutions")["solutions"]] == ["ACTIVE"]
    arn = client.create_solution_version(**made, name="first")["solutionVersionArn"]
    version = asked(client, "describe_solution_version", solutionVersionArn=arn)["solutionVersion"]
    assert (version["status"], version["name"], version["solutionArn"]) == ("CREATE PENDING", "first", *made.values())
    assert asked(client, "list_solution_versions", **made)["solutionVersions"][0]["solutionVersionArn"] == arn
    assert client.describe_solution(**made)["solution"]["latestSolutionVersion"]["status"] == "CREATE PENDING"


BPTT = span("bptt", 2, 3)
REFUSED = {  # what a rule of the service says, and requests that break it
    "as a string": [
        *(with_jobs(count) for count in ("0", "41", "four")),
        *(with_jobs("40", count) for count in ("0", "11")),
        *(with_ranges(integer=[span("bptt", *both)]) for both in ((0, 20), (2, 129))),
        with_ranges(SIMS, continuous=[span("popularity_discount_factor", 0.1, float("inf"))]),
        with_ranges(categorical=[{"name": "recency_mask", "values": ["true", "yes"]}]),
        *(with_config(fixed={"hidden_dimension": text}) for text in ("0", "513")),
        with_config(fixed={"hidden_dimension": "513"}) | {"performHPO": False},
        with_config(SIMS, fixed={"min_cointeraction_count": "11"}),
        *(prepared(max=text) for text in ("1.5", "?")),
        *(with_config(eventValueThreshold=text) | {"eventType": "rating"} for text in ("0", "5.5")),
    ],
    "give at most maxNumberOfTrainingJobs, 2": [with_jobs("2", "3")],
    "MinValue must be below MaxValue": [with_ranges(integer=[span("bptt", 40, 20)])],
    "has no maxvalue; add it": [with_ranges(integer=[{"name": "bptt", "minValue": 2}])],
    "has no minvalue; add it": [with_ranges(integer=[{"name": "bptt", "maxValue": 3}])],
    "has no values; add it": [with_ranges(categorical=[{"name": "recency_mask", "values": []}])],
    "name each choice once": [with_ranges(categorical=[{"name": "recency_mask", "values": ["true", "True"]}])],
    "bptt has two ranges": [with_ranges(integer=[BPTT, BPTT])],
    "move it to the": [with_ranges(continuous=[BPTT]), with_ranges(integer=[span("recency_mask", 0, 1)])],
    "is not tunable": [
        with_ranges(integer=[{"minValue": 0, "maxValue": 1}]),
        *(with_ranges(recipe, integer=[BPTT]) for recipe in (SIMS, POPULARITY)),
        *(with_ranges(continuous=[span(name, 0, 1)]) for name in ("Bptt", "min_user_history_length_percentile")),
    ],
    "is not a hyperparameter of aws-": [
        *(with_config(fixed={name: "0.5"}) for name in ("momentum", "min_user_history_length_percentile")),
        with_config(featureTransformationParameters={"x": "1"}),
        prepared(SIMS, min="0.5"),
    ],
    "is above its max_ counterpart": [prepared(min="0.9", max="0.1")],
    "bptt has a fixed value and a range": [with_ranges(fixed={"bptt": "20"}, integer=[BPTT])],
    "nothing to tune": [
        with_config(POPULARITY),
        with_config(SIMS, fixed={"popularity_discount_factor": "0.5", "min_cointeraction_count": "3"}),
    ],
    "hpoObjective cannot be set": [with_config(hpoConfig={"hpoObjective": {"metricName": "coverage"}})],
    "is not offered with aws-hrnn; leave it out": [
        EXAMPLE | {"performAutoTraining": True},
        EXAMPLE | {"performIncrementalUpdate": True},
        with_config(eventsConfig={"eventParametersList": []}),
        with_config(optimizationObjective={"itemAttribute": "price", "objectiveSensitivity": "LOW"}),
        with_config(trainingDataConfig={"excludedDatasetColumns": {"ITEMS": ["a"]}}),
        with_config(autoTrainingConfig={"schedulingExpression": "rate(3 days)"}),
    ],
    "give 'rating', the type of the events here": [
        with_config(eventValueThreshold="4"),
        EXAMPLE | {"eventType": "click"},
    ],
    "leave recipeArn out": [AUTO | {"recipeArn": HRNN}],
    "give a recipeArn": [AUTO | {"performAutoML": False}],
    "metricName is 'accuracy'; give one of coverage": [
        AUTO | {"solutionConfig": {"autoMLConfig": {"metricName": "accuracy"}}}
    ],
}
UNKNOWN = {
    "there is no recipe": [
        EXAMPLE | {"recipeArn": "arn:aws:personalize:::recipe/aws-user-personalization"},
        AUTO | {"solutionConfig": {"autoMLConfig": {"recipeList": [HRNN + "-2"]}}},
    ],
    "there is no dataset group": [EXAMPLE | {"datasetGroupArn": cloud.MOVIELENS_ARN + "-2"}],
}


@pytest.mark.parametrize("words", [*REFUSED, *UNKNOWN])
def test_what_breaks_a_rule_is_refused_in_words_that_help_and_changes_nothing(client, words):
    for request in (REFUSED | UNKNOWN)[words]:
        code = "InvalidInputException" if words in REFUSED else "ResourceNotFoundException"
        refused(client, "create_solution", request, code, words)


def test_calls_about_what_is_not_there_or_not_ready_are_refused(client):
    made = {"solutionArn": client.create_solution(**EXAMPLE)["solutionArn"]}
    version = {"solutionVersionArn": client.create_solution_version(**made, name="first")["solutionVersionArn"]}
    exists, invalid = "ResourceAlreadyExistsException", "InvalidInputException"
    refused(client, "create_solution", EXAMPLE, exists, "choose another name")
    refused(client, "create_solution_version", made | {"name": "first"}, exists, "choose another name")
    refused(client, "create_solution_version", made | {"trainingMode": "UPDATE"}, invalid, "trained in mode 'FULL'")
    refused(client, "get_solution_metrics", version, "ResourceInUseException", "wait until it is done")
    nobody = made["solutionArn"].replace("example", "nobody")
    for method in ("describe_solution", "create_solution_version", "list_solution_versions"):
        refused(client, method, {"solutionArn": nobody}, "ResourceNotFoundException", "there is no solution")
    for method in ("describe_solution_version", "get_solution_metrics"):
        request = {"solutionVersionArn": nobody + "/1"}
        refused(client, method, request, "ResourceNotFoundException", "there is no solution version")
    for method in ("list_solutions", "list_solution_versions"):
        refused(client, method, {"nextToken": "99"}, "InvalidNextTokenException", "give the one of the previous")


@pytest.mark.parametrize(
    ("request_", "space"),
    [
        (EXAMPLE, {"bptt": Int(20, 40), "recency_mask": Categorical([True, False])}),
        (
            with_config(),
            {"hidden_dimension": Int(32, 256), "bptt": Int(2, 32), "recency_mask": Categorical([True, False])},
        ),
        (with_config(SIMS), {"popularity_discount_factor": Float(0, 1), "min_cointeraction_count": Int(0, 10)}),
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
