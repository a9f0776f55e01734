"""Tuning jobs that are really run: every algorithm and strategy, early stopping, warm start, criteria, ends."""

import pytest

pytest.importorskip("botocore.session")
from shapes import asked

from workshop import cloud
from workshop.cloud.algorithms import ALGORITHMS, KMEANS, Data, train_kmeans, train_machine, train_xgboost
from workshop.cloud.sagemaker import SageMaker
from workshop.cloud.service import answer_with, new_client, parse_all, tunable
from workshop.cloud.tuning_job import as_job, has_converged
from workshop.datasets import load_movielens
from workshop.objectives import LikedAUC
from workshop.tuning import Float, History, Int, RandomSearch, Space, Study, Trial, tune

pytestmark = pytest.mark.slow

STATIC = {"objective": "binary:logistic", "num_round": "3", "tree_method": "hist", "max_bin": "32"}
NAME = {"HyperParameterTuningJobName": "films"}
FM = {"predictor_type": "binary_classifier", "num_factors": "2", "epochs": "2", "factors_init_sigma": "0.01"}
LINEAR = {"ContinuousParameterRanges": [{"Name": "linear_lr", "MinValue": "0.001", "MaxValue": "0.1"}]}
GRID = {"CategoricalParameterRanges": [{"Name": "max_depth", "Values": ["2", "6"]}, {"Name": "eta", "Values": ["0.3"]}]}


@pytest.fixture(scope="session")
def data():
    return Data(load_movielens())


@pytest.fixture
def client(data):
    service = SageMaker()
    service._data[cloud.MOVIELENS_URI] = data  # read once for all tests
    return answer_with(new_client("sagemaker"), service)


def trials(client, name="films"):
    return asked(
        client,
        "list_training_jobs_for_hyper_parameter_tuning_job",
        HyperParameterTuningJobName=name,
        MaxResults=100,
    )["TrainingJobSummaries"]


def values(client, name="films"):
    return [job["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for job in trials(client, name)]


@pytest.mark.parametrize("strategy", ["Bayesian", "Random", "Grid", "Hyperband"])
def test_every_strategy_finds_what_training_here_finds(client, a_request, wait, strategy):
    config = {"Strategy": strategy, "static": STATIC | {"num_round": "9"}}
    if strategy == "Grid":
        config |= {"ranges": GRID, "ResourceLimits": {"MaxParallelTrainingJobs": 2}}
    if strategy == "Hyperband":
        config["StrategyConfig"] = {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 9}}
        config["ResourceLimits"] = {"MaxNumberOfTrainingJobs": 10, "MaxParallelTrainingJobs": 1}
    client.create_hyper_parameter_tuning_job(**a_request(**config))
    found = wait(client)
    assert found["HyperParameterTuningJobStatus"] == "Completed"
    best = found["BestTrainingJob"]
    whole = LikedAUC(load_movielens())
    tuned = {key: float(text) if key == "eta" else int(text) for key, text in best["TunedHyperParameters"].items()}
    assert best["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] == whole({"num_round": 9} | tuned)
    described = asked(client, "describe_training_job", TrainingJobName=best["TrainingJobName"])
    assert described["HyperParameters"]["_tuning_objective_metric"] == "validation:auc"
    assert described["FinalMetricDataList"][0]["Value"] == max(
        job["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]
        for job in trials(client)
        if job["TrainingJobStatus"] == "Completed"
    )
    done, objective = found["TrainingJobStatusCounters"], found["ObjectiveStatusCounters"]
    n_jobs = {"Grid": 2, "Hyperband": 10}.get(strategy, 2)
    assert done["Completed"] + done["Stopped"] == objective["Succeeded"] == len(trials(client)) == n_jobs
    assert (done["Stopped"] > 0) == (strategy == "Hyperband")


def test_the_same_seed_gives_the_same_jobs_as_tune(client, a_request, wait, data):
    client.create_hyper_parameter_tuning_job(**a_request())
    wait(client)
    space = Space({"max_depth": Int(1, 8, log="auto"), "eta": Float(0.01, 0.5, log=True)})
    whole = LikedAUC(load_movielens())
    study = tune(
        lambda config: whole({"num_round": 3} | config), space, RandomSearch(), 2, direction="maximize", progress=False
    )
    assert values(client) == [trial.value for trial in study.history]


@pytest.mark.parametrize(
    ("algorithm", "metric", "static"),
    [
        ("factorization-machines", "test:binary_classification_accuracy", FM),
        ("factorization-machines", "test:rmse", FM | {"predictor_type": "regressor"}),
        ("kmeans", "test:msd", {"k": "5"}),
        ("xgboost", "validation:rmse", {"num_round": "2"}),
    ],
)
def test_every_algorithm(client, a_request, wait, data, algorithm, metric, static):
    width = {"factorization-machines": data.one_hot[0][0].shape[1], "kmeans": data.tastes[0].shape[1]}
    if algorithm in width:
        static = static | {"feature_dim": str(width[algorithm])}
    batches = {"IntegerParameterRanges": [{"Name": "mini_batch_size", "MinValue": "100", "MaxValue": "600"}]}
    ranges = {"xgboost": None, "kmeans": batches}.get(algorithm, LINEAR)
    objective = {"Type": ALGORITHMS[algorithm].directions()[metric], "MetricName": metric}
    request = a_request(algorithm=algorithm, static=static, ranges=ranges, HyperParameterTuningJobObjective=objective)
    client.create_hyper_parameter_tuning_job(**request)
    found = wait(client)
    assert found["HyperParameterTuningJobStatus"] == "Completed", found
    choose = {"Maximize": max, "Minimize": min}[objective["Type"]]
    best = found["BestTrainingJob"]
    assert best["FinalHyperParameterTuningJobObjectiveMetric"] == objective | {"Value": choose(values(client))}
    config = parse_all(algorithm, ALGORITHMS[algorithm].hyperparameters, static | best["TunedHyperParameters"])
    again = list(ALGORITHMS[algorithm].train(config, data, metric.split(":")[1]))
    assert again[-1] == choose(values(client))


def test_two_jobs_at_once_and_more_in_the_queue(client, a_request, wait):
    limits = {"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": 2}
    for name in ("one", "two"):
        client.create_hyper_parameter_tuning_job(**a_request(name, ResourceLimits=limits))
    for name in ("one", "two"):
        assert wait(client, name)["TrainingJobStatusCounters"]["Completed"] == 4
    assert values(client, "one") == values(client, "two"), "the seed is the same"


def test_auto_stops_what_is_worse_than_the_median(client, a_request, wait):
    limits = {"MaxNumberOfTrainingJobs": 16, "MaxParallelTrainingJobs": 1}
    early = {"static": STATIC | {"num_round": "9"}, "TrainingJobEarlyStoppingType": "Auto"}
    client.create_hyper_parameter_tuning_job(**a_request(ResourceLimits=limits, **early))
    found = wait(client)
    stopped = [job for job in trials(client) if job["TrainingJobStatus"] == "Stopped"]
    assert found["HyperParameterTuningJobStatus"] == "Completed"
    assert found["TrainingJobStatusCounters"]["Stopped"] == len(stopped) > 0
    assert all(job["ObjectiveStatus"] == "Succeeded" for job in stopped)
    assert found["BestTrainingJob"]["TrainingJobStatus"] == "Completed"


def test_a_warm_start_knows_its_parent_and_says_which_was_best_of_all(client, a_request, wait):
    client.create_hyper_parameter_tuning_job(
        **a_request("parent", ResourceLimits={"MaxNumberOfTrainingJobs": 9, "MaxParallelTrainingJobs": 1})
    )
    wait(client, "parent")
    for kind in ("IdenticalDataAndAlgorithm", "TransferLearning"):
        warm = a_request(kind, warm=(kind, "PARENT"), Strategy="Bayesian")
        client.create_hyper_parameter_tuning_job(**warm)
        found = wait(client, kind)
        assert found["HyperParameterTuningJobStatus"] == "Completed", found
        assert found["WarmStartConfig"] == warm["WarmStartConfig"]
        if kind == "TransferLearning":
            assert "OverallBestTrainingJob" not in found
            continue
        overall = found["OverallBestTrainingJob"]["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]
        assert overall == max(values(client, "parent") + values(client, kind))
        seen = [job["TunedHyperParameters"] for job in trials(client, "parent")]
        assert not [job for job in trials(client, kind) if job["TunedHyperParameters"] in seen], "tried already"


def test_a_parent_may_have_had_as_static_what_is_tuned_now(client, a_request, wait):
    depth_only = {
        "IntegerParameterRanges": a_request()["HyperParameterTuningJobConfig"]["ParameterRanges"][
            "IntegerParameterRanges"
        ]
    }
    static = STATIC | {"eta": "0.2"}
    client.create_hyper_parameter_tuning_job(**a_request("parent", static=static, ranges=depth_only))
    wait(client, "parent")
    client.create_hyper_parameter_tuning_job(
        **a_request(Strategy="Bayesian", warm=("IdenticalDataAndAlgorithm", "parent"))
    )
    assert wait(client)["HyperParameterTuningJobStatus"] == "Completed"


@pytest.mark.parametrize(
    ("criteria", "n_done"),
    [
        ({"TargetObjectiveMetricValue": 0.5}, 1),
        ({"BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 3}}, None),
        ({"ConvergenceDetected": {"CompleteOnConvergence": "Enabled"}}, None),
    ],
)
def test_criteria_end_a_job_before_its_number_of_training_jobs(client, a_request, wait, criteria, n_done):
    limits = {"MaxNumberOfTrainingJobs": 40, "MaxParallelTrainingJobs": 1}
    depth = {"IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "3", "MaxValue": "60"}]}
    request = a_request(ranges=depth, ResourceLimits=limits, Strategy="Bayesian", TuningJobCompletionCriteria=criteria)
    client.create_hyper_parameter_tuning_job(**request)
    found = wait(client)
    n = found["TrainingJobStatusCounters"]["Completed"]
    assert (found["HyperParameterTuningJobStatus"], n < 40) == ("Completed", True)
    assert n_done in (None, n)
    details = found["TuningJobCompletionDetails"]
    if "BestObjectiveNotImproving" in criteria:
        assert details["NumberOfTrainingJobsObjectiveNotImproving"] == 3
    assert ("ConvergenceDetectedTime" in details) == ("ConvergenceDetected" in criteria)


def test_stop_ends_a_job_and_its_running_training_job(client, a_request, wait):
    static = STATIC | {"num_round": "100000"}
    client.create_hyper_parameter_tuning_job(**a_request(static=static))
    while not trials(client):
        pass
    running = asked(client, "describe_training_job", TrainingJobName=trials(client)[0]["TrainingJobName"])
    assert (running["TrainingJobStatus"], running["SecondaryStatus"]) == ("InProgress", "Training")
    client.stop_hyper_parameter_tuning_job(**NAME)
    found = wait(client)
    assert found["HyperParameterTuningJobStatus"] == "Stopped"
    assert found["TrainingJobStatusCounters"]["Stopped"] == 1 == len(trials(client))
    with pytest.raises(client.exceptions.ClientError, match="because the tuning job is Stopped"):
        client.stop_hyper_parameter_tuning_job(**NAME)


def test_a_training_job_ends_when_its_time_is_over(client, a_request, wait):
    static = STATIC | {"num_round": "100000"}
    request = a_request(static=static, ResourceLimits={"MaxNumberOfTrainingJobs": 1, "MaxParallelTrainingJobs": 1})
    request["TrainingJobDefinition"]["StoppingCondition"] = {"MaxRuntimeInSeconds": 1}
    client.create_hyper_parameter_tuning_job(**request)
    assert wait(client)["HyperParameterTuningJobStatus"] == "Completed"
    (job,) = trials(client)
    assert job["TrainingJobStatus"] == "Stopped"
    assert 1 <= (job["TrainingEndTime"] - job["TrainingStartTime"]).total_seconds() < 20


@pytest.mark.parametrize("kind", ["IdenticalDataAndAlgorithm", "TransferLearning"])
def test_a_warm_start_whose_parent_shares_no_range_is_a_cold_one(client, a_request, wait, kind):
    def eta(low, high):
        return {"ContinuousParameterRanges": [{"Name": "eta", "MinValue": low, "MaxValue": high}]}

    client.create_hyper_parameter_tuning_job(**a_request("parent", ranges=eta("0.01", "0.05")))
    wait(client, "parent")
    client.create_hyper_parameter_tuning_job(**a_request(ranges=eta("0.2", "0.5"), warm=(kind, "parent")))
    assert wait(client)["TrainingJobStatusCounters"]["Completed"] == 2
    client.create_hyper_parameter_tuning_job(**a_request("cold", ranges=eta("0.2", "0.5")))
    wait(client, "cold")
    assert values(client) == values(client, "cold")


@pytest.mark.parametrize("kind", ["IdenticalDataAndAlgorithm", "TransferLearning"])
def test_a_warm_start_from_a_parent_that_completed_nothing_is_a_cold_one(client, a_request, wait, kind):
    client.create_hyper_parameter_tuning_job(**a_request("parent", static=STATIC | {"num_round": "100000"}))
    client.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName="parent")
    assert wait(client, "parent")["HyperParameterTuningJobStatus"] == "Stopped"
    client.create_hyper_parameter_tuning_job(**a_request(warm=(kind, "parent")))
    assert wait(client)["TrainingJobStatusCounters"]["Completed"] == 2


def test_a_job_whose_training_jobs_all_fail_says_why(client, a_request, wait):
    static = STATIC | {"objective": "reg:squarederror"}
    client.create_hyper_parameter_tuning_job(**a_request(static=static))
    found = wait(client)
    assert found["HyperParameterTuningJobStatus"] == "Failed"
    assert "metric validation:auc needs objective binary:logistic" in found["FailureReason"]
    assert "BestTrainingJob" not in found
    assert found["TrainingJobStatusCounters"]["NonRetryableError"] == 2
    summaries = client.list_training_jobs_for_hyper_parameter_tuning_job(**NAME)
    assert summaries["TrainingJobSummaries"][0]["FailureReason"].startswith("AlgorithmError: ValueError: metric")
    by_value = client.list_training_jobs_for_hyper_parameter_tuning_job(**NAME, SortBy="FinalObjectiveMetricValue")
    assert by_value["TrainingJobSummaries"] == []
    assert cloud.analytics(client, "films")["FinalObjectiveValue"].isna().all()


def test_analytics_has_the_columns_of_the_package_sagemaker(client, a_request, wait):
    client.create_hyper_parameter_tuning_job(**a_request())
    wait(client)
    table = cloud.analytics(client, "films")
    assert set(table.columns[:2]) == {"eta", "max_depth"}
    assert list(table.columns[2:]) == [
        "TrainingJobName",
        "TrainingJobStatus",
        "FinalObjectiveValue",
        "TrainingStartTime",
        "TrainingEndTime",
        "TrainingElapsedTimeSeconds",
    ]
    assert list(table["FinalObjectiveValue"]) == values(client)
    assert (table["TrainingElapsedTimeSeconds"] > 0).all()
    assert list(table["eta"]) == [float(job["TunedHyperParameters"]["eta"]) for job in trials(client)]


def test_the_waiter_of_training_jobs_comes_back(client, a_request, wait):
    client.create_hyper_parameter_tuning_job(**a_request())
    wait(client)
    waiter = client.get_waiter("training_job_completed_or_stopped")
    assert waiter.wait(TrainingJobName=trials(client)[0]["TrainingJobName"]) is None


def test_many_training_jobs_come_page_by_page(client, a_request, wait):
    limits = {"MaxNumberOfTrainingJobs": 12, "MaxParallelTrainingJobs": 2}
    static = STATIC | {"num_round": "1"}
    client.create_hyper_parameter_tuning_job(**a_request(static=static, ResourceLimits=limits))
    wait(client)
    pages = client.get_paginator("list_training_jobs_for_hyper_parameter_tuning_job").paginate(**NAME)
    assert [len(page["TrainingJobSummaries"]) for page in pages] == [10, 2]
    assert len(cloud.analytics(client, "films")) == 12


def test_the_description_of_a_training_job_has_what_the_service_fills_in(client, a_request, wait):
    client.create_hyper_parameter_tuning_job(**a_request() | {"Tags": [{"Key": "course", "Value": "four"}]})
    found = wait(client)
    job = asked(client, "describe_training_job", TrainingJobName=found["BestTrainingJob"]["TrainingJobName"])
    assert job["HyperParameters"].items() >= found["BestTrainingJob"]["TunedHyperParameters"].items()
    assert job["HyperParameters"]["_tuning_objective_metric"] == "validation:auc"
    assert job["OutputDataConfig"]["KmsKeyId"] == ""
    assert job["ResourceConfig"]["InstanceCount"] == 1
    assert {"Name": "validation:auc", "Regex": ".*"} in job["AlgorithmSpecification"]["MetricDefinitions"]
    assert job["TuningJobArn"] == found["HyperParameterTuningJobArn"]
    tags = client.list_tags(ResourceArn=found["HyperParameterTuningJobArn"])["Tags"]
    assert tags == [{"Key": "course", "Value": "four"}]
    assert client.list_tags(ResourceArn=job["TrainingJobArn"])["Tags"] == []


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
