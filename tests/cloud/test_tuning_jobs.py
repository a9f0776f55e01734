"""Tuning jobs that are really run: every algorithm and strategy, early stopping, warm start, criteria, ends."""

import time

import pytest

pytest.importorskip("botocore.session")
from pieces import (
    DEPTH,
    ETA,
    IDENTICAL,
    STATIC,
    TRANSFER,
    asked,
    categorical,
    continuous,
    ends,
    hyperband,
    integer,
    limits,
)
from pieces import objective as metric_of

from workshop import cloud
from workshop.cloud.algorithms import ALGORITHMS, KMEANS, Data, train_kmeans, train_machine, train_xgboost
from workshop.cloud.sagemaker import SageMaker
from workshop.cloud.service import answer_with, new_client, parse_all, tunable
from workshop.cloud.tuning_job import as_job, has_converged
from workshop.datasets import load_movielens
from workshop.objectives import LikedAUC
from workshop.tuning import Float, History, Int, RandomSearch, Space, Study, Trial, tune

pytestmark = pytest.mark.slow

PATIENCE = 120  # seconds
NAME = {"HyperParameterTuningJobName": "films"}
ENDLESS = STATIC | {"num_round": "100000"}
FM = {"predictor_type": "binary_classifier", "num_factors": "2", "epochs": "2", "factors_init_sigma": "0.01"}
LINEAR = continuous(ends({"Name": "linear_lr"}, "0.001", "0.1"))
BATCHES = integer(ends({"Name": "mini_batch_size"}, "100", "600"))


@pytest.fixture(scope="module")
def data():
    return Data(load_movielens())


def a_client(data):
    service = SageMaker()
    service._data[cloud.MOVIELENS_URI] = data  # read once for all tests
    return answer_with(new_client("sagemaker"), service)


@pytest.fixture
def client(data):
    return a_client(data)


def wait(client, name="films"):
    """The description of a tuning job, once it has ended."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = asked(client, "describe_hyper_parameter_tuning_job", HyperParameterTuningJobName=name)
        if found["HyperParameterTuningJobStatus"] not in ("InProgress", "Stopping"):
            return found
        time.sleep(0.02)
    raise AssertionError(f"still {found['HyperParameterTuningJobStatus']} after {PATIENCE} seconds")


@pytest.fixture
def run(client, a_request):
    """A function that runs a tuning job to its end, and returns its description."""

    def to_its_end(name="films", **config):
        client.create_hyper_parameter_tuning_job(**a_request(name, **config))
        return wait(client, name)

    return to_its_end


def trials(client, name="films"):
    method = "list_training_jobs_for_hyper_parameter_tuning_job"
    return asked(client, method, HyperParameterTuningJobName=name, MaxResults=100)["TrainingJobSummaries"]


def value_of(job):
    return job["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]


def values(client, name="films"):
    return [value_of(job) for job in trials(client, name)]


@pytest.mark.parametrize(
    ("config", "n_jobs"),
    [
        ({"Strategy": "Bayesian"}, 2),
        ({"Strategy": "Random"}, 2),
        ({"Strategy": "Grid", "ranges": categorical(max_depth=["2", "6"], eta=["0.3"])} | limits(2, 2), 2),
        (hyperband(MinResource=1, MaxResource=9) | limits(10), 10),
    ],
    ids=lambda config: config["Strategy"] if isinstance(config, dict) else "",
)
def test_every_strategy_finds_what_training_here_finds(client, run, config, n_jobs):
    found = run(static=STATIC | {"num_round": "9"}, **config)
    assert found["HyperParameterTuningJobStatus"] == "Completed"
    best = found["BestTrainingJob"]
    tuned = {key: float(text) if key == "eta" else int(text) for key, text in best["TunedHyperParameters"].items()}
    assert value_of(best) == LikedAUC(load_movielens())({"num_round": 9} | tuned)
    assert value_of(best) == max(value_of(job) for job in trials(client) if job["TrainingJobStatus"] == "Completed")
    done, objective = found["TrainingJobStatusCounters"], found["ObjectiveStatusCounters"]
    assert done["Completed"] + done["Stopped"] == objective["Succeeded"] == len(trials(client)) == n_jobs
    assert (done["Stopped"] > 0) == (config["Strategy"] == "Hyperband")


def test_the_same_seed_gives_the_same_jobs_as_tune_also_to_two_jobs_that_run_at_once(client, a_request):
    for name in ("one", "two"):
        client.create_hyper_parameter_tuning_job(**a_request(name, **limits(4, 2)))
    for name in ("one", "two"):
        assert wait(client, name)["TrainingJobStatusCounters"]["Completed"] == 4
    space = Space({"max_depth": Int(1, 8, log="auto"), "eta": Float(0.01, 0.5, log=True)})
    whole = LikedAUC(load_movielens())
    objective = lambda config: whole({"num_round": 3} | config)  # noqa: E731
    study = tune(objective, space, RandomSearch(), 4, direction="maximize", progress=False)
    assert values(client, "one") == values(client, "two") == [trial.value for trial in study.history]


@pytest.mark.parametrize(
    ("algorithm", "metric", "static", "ranges"),
    [
        ("factorization-machines", "test:binary_classification_accuracy", FM, LINEAR),
        ("factorization-machines", "test:rmse", FM | {"predictor_type": "regressor"}, LINEAR),
        ("kmeans", "test:msd", {"k": "5"}, BATCHES),
        ("xgboost", "validation:rmse", {"num_round": "2"}, None),
    ],
)
def test_every_algorithm(client, run, data, algorithm, metric, static, ranges):
    width = {"factorization-machines": data.one_hot[0][0].shape[1], "kmeans": data.tastes[0].shape[1]}
    if algorithm in width:
        static = static | {"feature_dim": str(width[algorithm])}
    kind = ALGORITHMS[algorithm].directions()[metric]
    found = run(algorithm=algorithm, static=static, ranges=ranges, **metric_of(metric, kind))
    assert found["HyperParameterTuningJobStatus"] == "Completed", found
    best = found["BestTrainingJob"]
    expected = {"Maximize": max, "Minimize": min}[kind](values(client))
    told = {"Type": kind, "MetricName": metric, "Value": expected}
    assert best["FinalHyperParameterTuningJobObjectiveMetric"] == told
    config = parse_all(algorithm, ALGORITHMS[algorithm].hyperparameters, static | best["TunedHyperParameters"])
    assert list(ALGORITHMS[algorithm].train(config, data, metric.split(":")[1]))[-1] == expected


def test_auto_stops_what_is_worse_than_the_median(client, run):
    found = run(static=STATIC | {"num_round": "9"}, TrainingJobEarlyStoppingType="Auto", **limits(16))
    stopped = [job for job in trials(client) if job["TrainingJobStatus"] == "Stopped"]
    assert found["HyperParameterTuningJobStatus"] == "Completed"
    assert found["TrainingJobStatusCounters"]["Stopped"] == len(stopped) > 0
    assert all(job["ObjectiveStatus"] == "Succeeded" for job in stopped)
    assert found["BestTrainingJob"]["TrainingJobStatus"] == "Completed"


def test_a_warm_start_knows_its_parent_and_says_which_was_best_of_all(client, run):
    run("parent", **limits(9))
    for kind in (IDENTICAL, TRANSFER):
        found = run(kind, warm=(kind, "PARENT"), Strategy="Bayesian")
        assert found["HyperParameterTuningJobStatus"] == "Completed", found
        assert found["WarmStartConfig"]["WarmStartType"] == kind
        assert ("OverallBestTrainingJob" in found) == (kind == IDENTICAL)
        if kind == IDENTICAL:
            overall = value_of(found["OverallBestTrainingJob"])
            assert overall == max(values(client, "parent") + values(client, kind))
            seen = [job["TunedHyperParameters"] for job in trials(client, "parent")]
            assert not [job for job in trials(client, kind) if job["TunedHyperParameters"] in seen], "tried already"


def test_a_parent_may_have_had_as_static_what_is_tuned_now(run):
    run(
        "parent",
        static=STATIC | {"eta": "0.2"},
        ranges=integer({"Name": "max_depth", "MinValue": "1", "MaxValue": "8"}),
    )
    found = run(Strategy="Bayesian", warm=(IDENTICAL, "parent"))
    assert found["HyperParameterTuningJobStatus"] == "Completed"


@pytest.mark.parametrize("kind", [IDENTICAL, TRANSFER])
def test_a_warm_start_whose_parent_has_nothing_in_its_ranges_is_a_cold_one(client, a_request, run, kind):
    run("far", ranges=continuous(ends(ETA, "0.01", "0.05")))
    client.create_hyper_parameter_tuning_job(**a_request("empty", static=ENDLESS))
    client.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName="empty")
    assert wait(client, "empty")["HyperParameterTuningJobStatus"] == "Stopped"
    ranges = continuous(ends(ETA, "0.2", "0.5"))
    run("cold", ranges=ranges)
    run("from-far", ranges=ranges, warm=(kind, "far"))
    assert values(client, "from-far") == values(client, "cold")
    assert run("from-empty", warm=(kind, "empty"))["TrainingJobStatusCounters"]["Completed"] == 2


@pytest.mark.parametrize(
    ("criterion", "setting", "n_done"),
    [
        ("TargetObjectiveMetricValue", 0.5, 1),
        ("BestObjectiveNotImproving", {"MaxNumberOfTrainingJobsNotImproving": 3}, None),
        ("ConvergenceDetected", {"CompleteOnConvergence": "Enabled"}, None),
    ],
)
def test_criteria_end_a_job_before_its_number_of_training_jobs(run, criterion, setting, n_done):
    depth = integer(ends(DEPTH, "3", "60"))
    criteria = {"Strategy": "Bayesian", "TuningJobCompletionCriteria": {criterion: setting}}
    found = run(ranges=depth, **criteria, **limits(40))
    n = found["TrainingJobStatusCounters"]["Completed"]
    assert (found["HyperParameterTuningJobStatus"], n < 40) == ("Completed", True)
    assert n_done in (None, n)
    details = found["TuningJobCompletionDetails"]
    if criterion == "BestObjectiveNotImproving":
        assert details["NumberOfTrainingJobsObjectiveNotImproving"] == 3
    assert ("ConvergenceDetectedTime" in details) == (criterion == "ConvergenceDetected")


def test_stop_ends_a_job_and_its_running_training_job(client, a_request):
    client.create_hyper_parameter_tuning_job(**a_request(static=ENDLESS))
    while not trials(client):
        pass
    running = asked(client, "describe_training_job", TrainingJobName=trials(client)[0]["TrainingJobName"])
    assert (running["TrainingJobStatus"], running["SecondaryStatus"]) == ("InProgress", "Training")
    client.stop_hyper_parameter_tuning_job(**NAME)
    found = wait(client)
    assert found["HyperParameterTuningJobStatus"] == "Stopped"
    assert found["TrainingJobStatusCounters"]["Stopped"] == 1 == len(trials(client))


def test_a_training_job_ends_when_its_time_is_over(client, run):
    stopping = {"StoppingCondition": {"MaxRuntimeInSeconds": 1}}
    assert run(static=ENDLESS, definition=stopping, **limits(1))["HyperParameterTuningJobStatus"] == "Completed"
    (job,) = trials(client)
    assert job["TrainingJobStatus"] == "Stopped"
    assert (job["TrainingEndTime"] - job["TrainingStartTime"]).total_seconds() >= 1


def test_a_job_whose_training_jobs_all_fail_says_why(client, run):
    found = run(static=STATIC | {"objective": "reg:squarederror"})
    assert found["HyperParameterTuningJobStatus"] == "Failed"
    assert "metric validation:auc needs objective binary:logistic" in found["FailureReason"]
    assert "BestTrainingJob" not in found
    assert found["TrainingJobStatusCounters"]["NonRetryableError"] == 2
    assert trials(client)[0]["FailureReason"].startswith("AlgorithmError: ValueError: metric")
    by_value = client.list_training_jobs_for_hyper_parameter_tuning_job(**NAME, SortBy="FinalObjectiveMetricValue")
    assert by_value["TrainingJobSummaries"] == []
    assert cloud.analytics(client, "films")["FinalObjectiveValue"].isna().all()


@pytest.fixture(scope="module")
def finished(data, a_request):
    """A client whose job, films, has finished twelve training jobs."""
    client, tags = a_client(data), {"Tags": [{"Key": "course", "Value": "four"}]}
    client.create_hyper_parameter_tuning_job(**a_request(static=STATIC | {"num_round": "1"}, **limits(12, 2)) | tags)
    wait(client)
    return client


def test_analytics_has_the_columns_of_the_package_sagemaker(finished):
    table, jobs = cloud.analytics(finished, "films"), trials(finished)
    assert set(table.columns[:2]) == {"eta", "max_depth"}
    times = ["TrainingStartTime", "TrainingEndTime", "TrainingElapsedTimeSeconds"]
    assert list(table.columns[2:]) == ["TrainingJobName", "TrainingJobStatus", "FinalObjectiveValue", *times]
    assert list(table["FinalObjectiveValue"]) == values(finished)
    assert (table["TrainingElapsedTimeSeconds"] > 0).all()
    assert list(table["eta"]) == [float(job["TunedHyperParameters"]["eta"]) for job in jobs]


def test_paginators_and_waiters_of_training_jobs_are_answered(finished):
    pages = finished.get_paginator("list_training_jobs_for_hyper_parameter_tuning_job").paginate(**NAME)
    assert [len(page["TrainingJobSummaries"]) for page in pages] == [10, 2]
    waiter = finished.get_waiter("training_job_completed_or_stopped")
    assert waiter.wait(TrainingJobName=trials(finished)[0]["TrainingJobName"]) is None


def test_the_description_of_a_training_job_has_what_the_service_fills_in(finished):
    found = asked(finished, "describe_hyper_parameter_tuning_job", **NAME)
    best = found["BestTrainingJob"]
    job = asked(finished, "describe_training_job", TrainingJobName=best["TrainingJobName"])
    filled_in = {"_tuning_objective_metric": "validation:auc"}
    assert job["HyperParameters"].items() >= (best["TunedHyperParameters"] | filled_in).items()
    assert job["FinalMetricDataList"][0]["Value"] == value_of(best)
    assert job["OutputDataConfig"]["KmsKeyId"] == ""
    assert job["ResourceConfig"]["InstanceCount"] == 1
    assert {"Name": "validation:auc", "Regex": ".*"} in job["AlgorithmSpecification"]["MetricDefinitions"]
    assert job["TuningJobArn"] == found["HyperParameterTuningJobArn"]
    tags = [finished.list_tags(ResourceArn=arn)["Tags"] for arn in (job["TuningJobArn"], job["TrainingJobArn"])]
    assert tags == [[{"Key": "course", "Value": "four"}], []]


def test_xgboost_reports_every_round(data):
    config = {"objective": "binary:logistic", "num_round": 4, "tree_method": "hist", "max_bin": 32}
    reported = list(train_xgboost(config, data, "auc"))
    whole = LikedAUC(load_movielens())
    assert reported == pytest.approx(whole.learning_curve({"num_round": 4})[:, 1], abs=1e-6)
    accuracy, error = (next(train_xgboost(config, data, metric)) for metric in ("accuracy", "error"))
    assert accuracy + error == 1
    mse, rmse = (next(train_xgboost({"num_round": 1}, data, metric)) for metric in ("mse", "rmse"))
    assert mse == pytest.approx(rmse**2)


def test_factorization_machine_learns_from_epoch_to_epoch(data):
    width = data.one_hot[0][0].shape[1]
    config = {"feature_dim": width, "num_factors": 4, "predictor_type": "regressor", "epochs": 3, "linear_lr": 0.01}
    reported = list(train_machine(config, data, "rmse"))
    assert len(reported) == 3
    assert reported[2] < reported[0]
    with pytest.raises(ValueError, match=f"feature_dim is 7; these data have {width} columns"):
        next(train_machine(config | {"feature_dim": 7}, data, "rmse"))
    with pytest.raises(ValueError, match="needs predictor_type binary_classifier; it is regressor"):
        next(train_machine(config, data, "binary_f_beta"))


def test_kmeans_measures_the_distance_to_the_nearest_centre(data):
    config = {"feature_dim": data.tastes[0].shape[1], "k": 1}
    (msd,) = train_kmeans(config, data, "msd")
    older, newer = data.tastes
    assert msd == pytest.approx(((newer - older.mean(axis=0)) ** 2).sum(axis=1).mean(), rel=0.02)
    (ssd,) = train_kmeans(config, data, "ssd")
    assert ssd == pytest.approx(msd * len(newer))
    (tighter,) = train_kmeans(config | {"k": 20}, data, "msd")
    assert tighter < 0.9 * msd
    with pytest.raises(ValueError, match="k is 672; there are 671 rows"):
        next(train_kmeans(config | {"k": 672}, data, "msd"))
    assert "k" not in tunable(KMEANS), "more clusters are always tighter"


def test_the_newest_tenth_is_never_seen(data):
    older, newer = data.split
    newest = load_movielens().frame.drop([*older.index, *newer.index])
    assert len(newest) == 9991
    for user in (1, 2, 3):
        held = newest.loc[newest["user"] == user, "timestamp"].min()
        assert newer.loc[newer["user"] == user, "timestamp"].max() <= held


def told(a_request, reported, kind="Maximize", **config):
    """A tuning job and a study in which these values were reported."""
    metric = {"Maximize": "validation:auc", "Minimize": "validation:rmse"}[kind]
    objective = {"Type": kind, "MetricName": metric}
    request = a_request(HyperParameterTuningJobObjective=objective, **config)
    job = as_job(request, {cloud.MOVIELENS_URI: Data()}, None)
    job.study = Study(job.space, RandomSearch())
    for value in reported:
        job.study.tell(job.study.ask(), value)
    return job


@pytest.mark.parametrize(
    ("reported", "kind", "count"),
    [
        ([], "Minimize", 0),
        ([1.0], "Minimize", 0),
        ([1.0, 0.98, 0.97, 0.5], "Minimize", 0),
        ([1.0, 0.995, 0.991], "Minimize", 2),
        ([0.5, 0.51, 0.511, 0.4], "Maximize", 2),
    ],
)
def test_not_improving_counts_from_the_last_improvement_of_1_percent(a_request, reported, kind, count):
    assert told(a_request, reported, kind).n_not_improving() == count


@pytest.mark.parametrize(("kind", "reached"), [("Maximize", [False, True, True]), ("Minimize", [True, True, False])])
def test_a_target_is_reached_in_the_metric_s_direction(a_request, kind, reached):
    criteria = {"TuningJobCompletionCriteria": {"TargetObjectiveMetricValue": 0.7}}
    jobs = [told(a_request, [value], kind, **criteria) for value in (0.69, 0.7, 0.71)]
    assert [job.is_over(job.study) for job in jobs] == reached


def test_convergence_needs_trials_and_a_flat_outlook():
    space = Space({"x": Float(0, 1)})
    flat = History(Trial(k, {"x": k / 14}, "complete", 1 + 1e-4 * (k / 14 - 0.5) ** 2) for k in range(15))
    steep = History(Trial(k, {"x": k / 30}, "complete", 1 - k / 30) for k in range(15))
    assert has_converged(space, flat)
    assert not has_converged(space, flat[:9])
    assert not has_converged(space, steep)
