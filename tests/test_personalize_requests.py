"""Requests as botocore and the service see them: what is accepted, and that what is refused changes nothing."""

import copy
import gc
import sqlite3
from contextlib import closing

import pytest

pytest.importorskip("botocore.session")
from botocore.exceptions import ClientError, ParamValidationError
from botocore.stub import Stubber
from shapes import changed, conforms, leaves, real_client, service_model
from workshop.aws import as_text
from workshop.personalize import MOVIELENS_ARN, LocalPersonalize
from workshop.personalize.plans import plan, plans
from workshop.personalize.recipes import METRICS, RECIPES

from workshop import personalize
from workshop.tuning import Categorical, Float, Int, Space

HRNN, SIMS, POPULARITY = (f"arn:aws:personalize:::recipe/aws-{name}" for name in ("hrnn", "sims", "popularity-count"))
NOBODY = "arn:aws:personalize:local:000000000000:solution/nobody"
CONFIG = personalize.EXAMPLE["solutionConfig"]
EXAMPLE = {"name": "example", "datasetGroupArn": MOVIELENS_ARN, **personalize.EXAMPLE}


@pytest.fixture
def client(tmp_path, monkeypatch):
    """A client that trains nothing: its versions wait."""
    monkeypatch.setattr("workshop.personalize.client.start_trainer", lambda path: None)
    return LocalPersonalize(tmp_path / "personalize.sqlite")


@pytest.fixture(scope="session")
def model():
    return service_model("personalize")


@pytest.fixture(scope="session")
def cloud():
    return real_client("personalize")


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
    with_ranges(integer=[{"name": "bptt", "minValue": 20, "maxValue": 20}]),
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


@pytest.mark.slow
@pytest.mark.parametrize("request_", GOOD, ids=range(len(GOOD)))
def test_accepted_requests_and_their_answers_pass_through_the_real_client(client, cloud, model, request_):
    calls = [("create_solution", "CreateSolution", request_)]
    for method, operation, arguments in calls:
        answer = getattr(client, method)(**copy.deepcopy(arguments))
        conforms(answer, model, operation)
        with Stubber(cloud) as stub:
            stub.add_response(method, answer, arguments)
            assert getattr(cloud, method)(**arguments) == answer
        if method == "create_solution":
            calls += [("describe_solution", "DescribeSolution", answer), ("list_solutions", "ListSolutions", {})]
            calls += [("create_solution_version", "CreateSolutionVersion", answer | {"name": "first"})]
            calls += [("list_solution_versions", "ListSolutionVersions", answer)]
        if method == "create_solution_version":
            calls += [("describe_solution_version", "DescribeSolutionVersion", answer)]
            assert client.describe_solution_version(**answer)["solutionVersion"]["status"] == "CREATE PENDING"
        if method == "describe_solution":
            kept = {name: value for name, value in request_.items() if name != "tags"}
            assert answer["solution"].items() >= kept.items()
            assert answer["solution"]["performHPO"] is request_.get("performHPO", False)


FULL = variation(
    eventType="rating",
    performAutoTraining=False,
    tags=[{"tagKey": "course", "tagValue": "four"}],
    solutionConfig=CONFIG | {"eventValueThreshold": "3", "featureTransformationParameters": {}},
)
WRONG_TYPES = {
    "string": (7, None, ["x"], {"x": "y"}),
    "boolean": ("true", 1, None),
    "integer": ("20", 2.5, None),
    "structure": ("x", [], None),
    "list": ("x", {}, None),
    "map": ("x", [], None),
}


def wrong_types(model):
    shape = model.operation_model("CreateSolution").input_shape
    for path, inner in leaves(shape, FULL):
        for value in WRONG_TYPES[inner.type_name]:
            yield "create_solution", changed(FULL, path, value), ParamValidationError
        if inner.type_name == "structure":
            yield "create_solution", changed(FULL, (*path, "surprise"), "x"), ParamValidationError


def wrong_texts(model):
    shape = model.operation_model("CreateSolution").input_shape
    for path, inner in leaves(shape, FULL):
        if inner.type_name == "string":
            yield "create_solution", changed(FULL, path, "a" * 1001), "InvalidInputException"
        if "pattern" in inner.metadata:
            for text in ("&", "a b&", "\n"):
                yield "create_solution", changed(FULL, path, text), "InvalidInputException"
        if inner.metadata.get("min"):
            if inner.type_name == "string":
                yield "create_solution", changed(FULL, path, ""), ParamValidationError


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
    yield with_ranges(categorical=[{"name": "bptt", "values": ["20"]}]), bad
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
        {"autoTrainingConfig": {"schedulingExpression": "now and then"}},
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
    tags = [{"tagKey": str(i), "tagValue": "x"} for i in range(201)]
    yield variation(tags=tags[:51]), "TooManyTagsException"
    yield variation(tags=tags), bad


def wrong_calls():
    taken = NOBODY.replace("nobody", "taken")
    waiting = taken + "/WAITING"  # put in place of the version that waits
    missing, unknown, in_use = ParamValidationError, "ResourceNotFoundException", "ResourceInUseException"
    for name in ("name", "datasetGroupArn"):
        yield "create_solution", {k: v for k, v in EXAMPLE.items() if k != name}, missing
    for method in ("describe_solution", "delete_solution", "create_solution_version", "list_solution_versions"):
        yield method, {"solutionArn": NOBODY}, unknown
        yield method, {"solutionArn": "nobody"}, "InvalidInputException"
        yield method, {"solutionArn": 5}, missing
        yield method, {"solution_arn": taken}, missing
    for method in ("describe_solution_version", "get_solution_metrics"):
        yield method, {"solutionVersionArn": NOBODY + "/1"}, unknown
        yield method, {"solutionVersionArn": "1"}, "InvalidInputException"
        yield method, {}, missing
    yield "get_solution_metrics", {"solutionVersionArn": waiting}, in_use
    yield "delete_solution", {"solutionArn": taken}, in_use
    for mode in ("UPDATE", "AUTOTRAIN", "full", "HALF"):
        yield "create_solution_version", {"solutionArn": taken, "trainingMode": mode}, "InvalidInputException"
    yield "create_solution_version", {"solutionArn": taken, "name": "waiting"}, "ResourceAlreadyExistsException"
    yield "create_solution_version", {"solutionArn": taken, "name": "no blanks"}, "InvalidInputException"
    for method in ("list_solutions", "list_solution_versions"):
        for token in ("x", "-1", "99"):
            yield method, {"nextToken": token}, "InvalidNextTokenException"
        yield method, {"nextToken": "é"}, "InvalidInputException"
        yield method, {"maxResults": 101}, "InvalidInputException"
        yield method, {"maxResults": 0}, missing


def content(client):
    with closing(sqlite3.connect(client._state.path)) as db:
        return list(db.iterdump())


@pytest.mark.slow
def test_bad_requests_get_the_right_exception_and_change_nothing(client, model):
    solution = client.create_solution(**variation(name="taken"))
    version = client.create_solution_version(**solution, name="waiting")["solutionVersionArn"]
    before, n_requests = content(client), 0
    cases = [*wrong_types(model), *wrong_texts(model), *wrong_calls()]
    cases += [("create_solution", request, expected) for request, expected in wrong_values()]
    for method, request, expected in cases:
        if request.get("solutionVersionArn", "").__class__ is str and "WAITING" in request.get(
            "solutionVersionArn", ""
        ):
            request = {"solutionVersionArn": version}
        named = ClientError if isinstance(expected, str) else expected
        with pytest.raises(named) as caught:
            getattr(client, method)(**request)
        if isinstance(expected, str):
            assert type(caught.value) is getattr(client.exceptions, expected), (method, request, caught.value)
            assert caught.value.response["Error"]["Code"] == expected
            assert len(caught.value.response["Error"]["Message"]) > 15
        n_requests += 1
        assert content(client) == before, (method, request)
    assert n_requests >= 200


def test_botocore_itself_refuses_what_we_refuse_before_sending(client, cloud, model):
    for method, request, expected in [*wrong_types(model), *wrong_calls()]:
        if expected is ParamValidationError:
            with pytest.raises(ParamValidationError) as there:
                getattr(cloud, method)(**request)
            with pytest.raises(ParamValidationError) as here:
                getattr(client, method)(**request)
            assert str(here.value) == str(there.value)


def test_exceptions_are_caught_as_in_the_cloud(client):
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="DescribeSolution operation: no solution"):
        client.describe_solution(solutionArn=NOBODY)
    with pytest.raises(TypeError):
        client.describe_solution(NOBODY)


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


def test_pages(client):
    for name in "abcde":
        client.create_solution(name=name, datasetGroupArn=MOVIELENS_ARN, recipeArn=SIMS)
    names, page = [], {}
    while True:
        page = client.list_solutions(maxResults=2, **page)
        names += [solution["name"] for solution in page["solutions"]]
        if "nextToken" not in page:
            break
        page = {"nextToken": page["nextToken"]}
    assert names == list("abcde")
    assert client.list_solutions(datasetGroupArn=MOVIELENS_ARN + "-2") == {"solutions": []}


def test_deleted_solutions_are_gone(client):
    made = client.create_solution(name="a", datasetGroupArn=MOVIELENS_ARN, recipeArn=SIMS)
    assert client.delete_solution(**made) is None
    assert client.list_solutions() == {"solutions": []}
    client.create_solution(name="a", datasetGroupArn=MOVIELENS_ARN, recipeArn=SIMS)


@pytest.mark.slow
def test_only_so_many_versions_may_wait(client):
    made = client.create_solution(name="a", datasetGroupArn=MOVIELENS_ARN, recipeArn=SIMS)
    for _ in range(20):
        client.create_solution_version(**made)
    with pytest.raises(client.exceptions.LimitExceededException, match="20 versions are in training or wait"):
        client.create_solution_version(**made)
    assert len(client.list_solution_versions(**made)["solutionVersions"]) == 20


def test_a_file_that_is_something_else_is_left_as_it_is(tmp_path):
    other = tmp_path / "notes.txt"
    other.write_text("not a database, but quite a long text " * 100)
    for path in (other, tmp_path / "nowhere" / "x.sqlite", tmp_path):
        with pytest.raises(OSError, match="name a file of this client"):
            LocalPersonalize(path)
    assert other.read_text().startswith("not a database")


def test_without_a_path_every_client_starts_empty():
    for _ in range(2):  # as in a notebook that is run again
        client = LocalPersonalize()
        client.create_solution(name="a", datasetGroupArn=MOVIELENS_ARN, recipeArn=SIMS)
    folder = client._state.path.parent
    del client
    gc.collect()
    assert not folder.exists()


def test_without_botocore_the_message_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "botocore.session", None)
    with pytest.raises(ImportError, match=r"pip install 'recommender-workshop\[cloud\]'"):
        LocalPersonalize(tmp_path / "x.sqlite")
