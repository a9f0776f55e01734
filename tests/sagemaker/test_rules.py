"""What the service's rules say of a tuning job: names, limits, warm starts, scales, lists."""

from datetime import UTC, datetime, timedelta

import pytest

pytest.importorskip("botocore.session")
from bad_requests import BAD, refused
from good_requests import BINARY, CREATE, DEPTH, ETA, FINISHED, GOOD, SOURCE, continuous, integer
from shapes import changed
from workshop.sagemaker import LocalSageMaker, training_job_definition
from workshop.sagemaker.algorithms import ALGORITHMS, find_algorithm
from workshop.sagemaker.plans import plan
from workshop.sagemaker.ranges import as_space
from workshop.sagemaker.state import Jobs

from workshop.tuning import Categorical, Float, Int


def test_a_taken_name_is_resource_in_use(with_jobs, a_request):
    with pytest.raises(with_jobs.exceptions.ResourceInUse, match="already exists"):
        with_jobs.create_hyper_parameter_tuning_job(**a_request("taken"))


def test_no_more_than_100_tuning_jobs_at_once(idle, a_request):
    for k in range(100):
        idle._jobs.add(f"job{k}", a_request(f"job{k}"), SOURCE)
    with pytest.raises(idle.exceptions.ResourceLimitExceeded, match="100 tuning jobs are in progress"):
        idle.create_hyper_parameter_tuning_job(**a_request())


def warm_child(a_request, n_extra):
    """A parent with `n_extra` static hyperparameters, and a child that gives each another value."""
    extra = ["alpha", "gamma", "lambda", "seed", "base_score", "min_child_weight", "skip_drop", "rate_drop", "one_drop"]
    extra = [*extra, "max_leaves", "scale_pos_weight"][:n_extra]
    static = [BINARY | {name: text for name in extra} for text in ("1", "1")]
    static[1] |= {name: "0" if name in ("skip_drop", "rate_drop", "one_drop") else "2" for name in extra}
    return a_request(FINISHED, static=static[0]), a_request(static=static[1], warm=("TransferLearning", FINISHED))


@pytest.mark.parametrize(("n_changes", "accepted"), [(10, True), (11, False)])
def test_a_warm_start_allows_ten_changes_of_static_values(idle, a_request, n_changes, accepted):
    parent, child = warm_child(a_request, n_changes)
    idle.create_hyper_parameter_tuning_job(**parent)
    idle._jobs.update(1, status="Completed")
    if accepted:
        idle.create_hyper_parameter_tuning_job(**child)
    else:
        assert "11 values became static" in str(refused(idle, CREATE, child, BAD))


def test_identical_means_the_same_image_and_data(tmp_path, monkeypatch, a_request):
    monkeypatch.setattr("workshop.sagemaker.client.run", lambda *args: None)
    client = LocalSageMaker(tmp_path, datasets={SOURCE: None, "s3://mine": None})
    client.create_hyper_parameter_tuning_job(**a_request(FINISHED))
    client._jobs.update(1, status="Stopped")
    for kind, accepted in (("IdenticalDataAndAlgorithm", False), ("TransferLearning", True)):
        moved = a_request(warm=(kind, FINISHED))
        static = moved["TrainingJobDefinition"]["StaticHyperParameters"]
        moved["TrainingJobDefinition"] = training_job_definition("xgboost", static, "s3://mine")
        newer = a_request(f"newer{accepted:d}", warm=(kind, FINISHED))
        newer["TrainingJobDefinition"]["AlgorithmSpecification"]["TrainingImage"] = "x/sagemaker-xgboost:1.7-1"
        for request in (moved, newer):
            if accepted:
                client.create_hyper_parameter_tuning_job(**request)
            else:
                refused(client, CREATE, request, BAD)


@pytest.mark.parametrize(
    ("scale", "log"), [("Auto", "auto"), ("Linear", False), ("Logarithmic", True), ("ReverseLogarithmic", "reverse")]
)
def test_scales(scale, log):
    xgboost = ALGORITHMS["xgboost"]
    assert dict(as_space(xgboost, continuous(ETA | {"ScalingType": scale}))) == {"eta": Float(0.01, 0.5, log=log)}
    if log != "reverse":
        assert dict(as_space(xgboost, integer(DEPTH | {"ScalingType": scale}))) == {"max_depth": Int(1, 8, log=log)}


def test_a_plan_holds_what_was_asked_for(a_request):
    found = plan(a_request(**GOOD[2] | {"RandomSeed": 7}), [SOURCE])
    assert (found.n_jobs, found.n_parallel, found.seed, found.metric) == (6, 6, 7, "auc")
    assert dict(found.space)["eta"] == Categorical(["0.1", "0.3"])
    inferred = plan(a_request(**GOOD[6]), [SOURCE])
    assert (inferred.resources, inferred.direction) == ((1, 9), "minimize")
    seeds = {
        plan(changed(a_request(name), ("HyperParameterTuningJobConfig", "RandomSeed"), ...), [SOURCE]).seed
        for name in ("a", "b")
    }
    assert len(seeds) == 2


@pytest.mark.parametrize(
    "image",
    ["811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:latest", "x/sagemaker-xgboost:1.7-1", "x/kmeans:1"],
)
def test_images_are_known_by_how_they_end(image):
    assert find_algorithm({"TrainingImage": image}).name in image
    assert find_algorithm({"AlgorithmName": "factorization-machines"}).required[0] == "feature_dim"


@pytest.mark.parametrize("algorithm", ALGORITHMS.values(), ids=lambda a: a.name)
def test_defaults_and_recommended_ranges_are_within_the_limits(algorithm):
    for name, parameter in algorithm.hyperparameters.items():
        for value in [parameter.default] if parameter.default not in (None, "auto") else []:
            assert algorithm.parse(name, str(value)) == value
        if parameter.tuning is not None and parameter.kind != "categorical":
            assert parameter.limits.low <= parameter.tuning.low < parameter.tuning.high <= parameter.limits.high
    assert not algorithm.elsewhere & algorithm.hyperparameters.keys()
    assert set(algorithm.required) <= algorithm.hyperparameters.keys()


def test_lists_are_filtered_sorted_and_cut_into_pages(idle, a_request):
    for name in ("beta", "Alpha", "gamma"):
        idle.create_hyper_parameter_tuning_job(**a_request(name))
    idle._jobs.update(3, status="Failed", reason="because")

    def names(**request):
        listed = idle.list_hyper_parameter_tuning_jobs(**request)["HyperParameterTuningJobSummaries"]
        return [job["HyperParameterTuningJobName"] for job in listed]

    assert names() == ["Alpha", "beta", "gamma"]
    assert names(SortBy="CreationTime") == ["beta", "Alpha", "gamma"]
    assert names(SortBy="Status", SortOrder="Descending")[-1] == "gamma"
    assert names(NameContains="A", StatusEquals="InProgress") == ["Alpha", "beta"]
    assert names(CreationTimeAfter=datetime.now(UTC) + timedelta(hours=1)) == []
    assert len(names(CreationTimeAfter="2020-01-01", LastModifiedTimeBefore=datetime.now(UTC))) == 3
    first = idle.list_hyper_parameter_tuning_jobs(MaxResults=2)
    assert names(NextToken=first["NextToken"]) == ["gamma"]


def test_a_job_of_other_data_fails_when_nobody_has_them(tmp_path, monkeypatch, a_request):
    monkeypatch.setattr("workshop.sagemaker.client.run", lambda *args: None)
    client = LocalSageMaker(tmp_path, datasets={"s3://mine": None})
    definition = training_job_definition("xgboost", BINARY, "s3://mine")
    client.create_hyper_parameter_tuning_job(**a_request() | {"TrainingJobDefinition": definition})
    found = LocalSageMaker(tmp_path).describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="films")
    assert found["HyperParameterTuningJobStatus"] == "Failed"
    assert found["FailureReason"] == "no data at s3://mine; hand it to LocalSageMaker(datasets=...)"


def test_a_folder_that_is_something_else_is_left_as_it_is(tmp_path):
    (tmp_path / "jobs.sqlite").write_text("not a database, but quite a long text " * 100)
    with pytest.raises(OSError, match="name a file of this client"):
        LocalSageMaker(tmp_path)
    with pytest.raises(OSError):
        Jobs(tmp_path / "jobs.sqlite")


def test_without_botocore_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "botocore.session", None)
    with pytest.raises(ImportError, match=r"pip install 'recommender-workshop\[cloud\]'"):
        LocalSageMaker()
