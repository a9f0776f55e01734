"""Versions that are really trained: metrics, tuning, the queue, and what is left when a process is killed."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("botocore.session")
from pieces import asked

from workshop import cloud
from workshop.cloud.personalize import defaults_within, train
from workshop.cloud.recipes import METRICS, RECIPES, Plan, measure, recommendations
from workshop.datasets import Ratings, temporal_split
from workshop.metrics import coverage, ndcg_at, precision_at, reciprocal_rank
from workshop.models import Popularity, Sims
from workshop.tuning import Int, Space

HRNN, SIMS, POPULARITY = (f"arn:aws:personalize:::recipe/aws-{name}" for name in ("hrnn", "sims", "popularity-count"))
GROUP = "arn:aws:personalize:local:000000000000:dataset-group/walks"
PATIENCE = 600  # seconds; a trainer imports for some seconds before it trains, on a busy machine for a minute or two


def walks(n_users=60, length=20, n_items=40, seed=0):
    """Ratings of users who walk around a circle of items, mostly forwards, one item an hour."""
    rng = np.random.default_rng(seed)
    start = rng.integers(n_items, size=(n_users, 1))
    items = (start + np.arange(length) + (rng.random((n_users, length)) < 0.1)) % n_items
    frame = pd.DataFrame({"user": np.repeat(np.arange(n_users), length), "item": items.ravel()})
    hours = np.tile(np.arange(length), n_users)
    frame["rating"] = 0.5 + rng.integers(10, size=len(frame)) / 2
    frame["timestamp"] = (np.datetime64("2020-01-01", "s") + hours * np.timedelta64(3600, "s")).astype("datetime64[s]")
    frame = frame.drop_duplicates(["user", "item"]).reset_index(drop=True)
    films = pd.DataFrame({"title": "x", "year": pd.array([2000] * n_items, "Int64"), "genres": [()] * n_items})
    return Ratings(frame, films, pd.DataFrame(index=range(n_users)), "walks")


def wait(client, version, *statuses):
    """The version's description once it has one of the statuses, and the statuses it had until then."""
    seen, end = [], time.monotonic() + PATIENCE
    while time.monotonic() < end:
        described = asked(client, "describe_solution_version", **version)["solutionVersion"]
        if described["status"] not in seen:
            seen.append(described["status"])
        if described["status"] in (statuses or ("ACTIVE", "CREATE FAILED")):
            return described, seen
        time.sleep(0.05)
    raise AssertionError(f"still {seen[-1]} after {PATIENCE} seconds")


@pytest.fixture
def client():
    return cloud.client("personalize", datasets={GROUP: walks()})


def start(client, name, **request):
    made = client.create_solution(name=name, datasetGroupArn=GROUP, **request)
    made = client.create_solution_version(solutionArn=made["solutionArn"])
    return {"solutionVersionArn": made["solutionVersionArn"]}


def test_measures_equal_the_metrics_one_user_at_a_time():
    shown, hidden = temporal_split(walks().frame)
    model = Sims().fit(shown)
    truth = {user: rows["item"].to_numpy() for user, rows in hidden.groupby("user")}
    lists = {user: model.recommend(user, 25) for user in truth}
    mean = lambda metric, *n: pytest.approx(np.mean([metric(lists[user], truth[user], *n) for user in truth]))  # noqa: E731
    expected = {"coverage": coverage(lists.values(), model.items_), "mean_reciprocal_rank_at_25": mean(reciprocal_rank)}
    for n in (5, 10, 25):
        expected[f"normalized_discounted_cumulative_gain_at_{n}"] = mean(ndcg_at, n)
        expected[f"precision_at_{n}"] = mean(precision_at, n)
    assert measure(model, shown, hidden) == expected
    assert expected.keys() == set(METRICS)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda r: r.name)
def test_recommendations_hold_nothing_seen(recipe):
    shown, _ = temporal_split(walks().frame)
    features = {name: parameter.default for name, parameter in recipe.features.items()}
    model = recipe.train(recipe.defaults(), features, shown)
    for user, items in recommendations(model, shown, n=40).items():
        seen = set(shown.loc[shown["user"] == user, "item"])
        assert not seen & set(items)
        assert len(items) == 40 - len(seen)


def test_history_percentiles_leave_users_out():
    frame = walks().frame
    frame = frame[frame.groupby("user").cumcount() < frame["user"] + 1]  # user k has k + 1 events, up to 20
    recipe = RECIPES[HRNN]
    features = {"min_user_history_length_percentile": 0.1, "max_user_history_length_percentile": 1.0}
    model = recipe.train(recipe.defaults() | {"hidden_dimension": 4}, features, frame)
    assert model.users_.min() == 6  # the tenth percentile of lengths 1, 2, ... 20, 20, ... is 6.9


def test_training_never_sees_the_test_users():
    events = walks().frame
    tested = np.random.default_rng(0).choice(60, 6, replace=False)
    outcome = train({"recipeArn": POPULARITY}, events)
    is_test = events["user"].isin(tested)
    shown, hidden = temporal_split(events[is_test])
    assert outcome["metrics"] == measure(Popularity().fit(events[~is_test]), shown, hidden)
    assert "tunedHPOParams" not in outcome


def test_event_threshold_leaves_low_ratings_out():
    events = walks().frame.assign(rating=5.0)
    noise = pd.DataFrame({"user": 0, "item": np.arange(1000, 1500), "rating": 1.0, "timestamp": events["timestamp"][0]})
    noisy = pd.concat([events, noise.astype({"timestamp": "datetime64[s]"})], ignore_index=True)
    request = {"recipeArn": SIMS, "eventType": "rating", "solutionConfig": {"eventValueThreshold": "4.5"}}
    assert train(request, noisy) == train(request, events)


def test_first_job_is_the_default_where_the_ranges_have_it():
    recipe, fixed = RECIPES[HRNN], {"hidden_dimension": 43}
    assert defaults_within(Plan(recipe, fixed, {}, space=Space({"bptt": Int(20, 40)}))) == [{"bptt": 32}]
    assert defaults_within(Plan(recipe, fixed, {}, space=Space({"bptt": Int(2, 3)}))) == []


@pytest.mark.slow
def test_versions_are_trained_in_turn_and_the_result_is_the_same_as_here(client):
    wish = {"hpoConfig": {"hpoResourceConfig": {"maxNumberOfTrainingJobs": "4", "maxParallelTrainingJobs": "2"}}}
    request = {"recipeArn": SIMS, "performHPO": True, "solutionConfig": wish}
    tuned, few = start(client, "tuned", **request), {"autoMLConfig": {"recipeList": [POPULARITY, SIMS]}}
    auto = start(client, "auto", performAutoML=True, solutionConfig=few)
    second, seen = wait(client, auto)
    first, _ = wait(client, tuned)
    assert seen[0] == "CREATE PENDING", "the notebook goes on meanwhile"
    assert (first["status"], second["status"]) == ("ACTIVE", "ACTIVE")
    assert first["lastUpdatedDateTime"] <= second["lastUpdatedDateTime"]
    metrics = asked(client, "get_solution_metrics", **tuned)["metrics"]
    config = first["tunedHPOParams"]["algorithmHyperParameters"]
    assert set(config) == {"popularity_discount_factor", "min_cointeraction_count"}
    assert all(isinstance(text, str) for text in config.values())
    again = train({"recipeArn": SIMS, "solutionConfig": {"algorithmHyperParameters": config}}, walks().frame)
    assert metrics == pytest.approx(again["metrics"])
    assert second["recipeArn"] == SIMS, "walks are not about popularity"
    described = asked(client, "describe_solution", solutionArn=second["solutionArn"])["solution"]
    assert described["autoMLResult"] == {"bestRecipeArn": SIMS}
    assert described["latestSolutionVersion"]["status"] == "ACTIVE"
    assert 0 < first["trainingHours"] < 1


@pytest.mark.slow
def test_a_version_that_cannot_be_trained_says_why():
    client = cloud.client("personalize", datasets={GROUP: walks(n_users=20)})
    version = start(client, "few", recipeArn=POPULARITY)
    described, _ = wait(client, version)
    assert described["status"] == "CREATE FAILED"
    assert "at least 1000 events and 25 such users" in described["failureReason"]
    with pytest.raises(client.exceptions.InvalidInputException, match="failed: ValueError: the data set has"):
        client.get_solution_metrics(**version)


def test_a_trainer_that_cannot_start_fails_the_version(client, monkeypatch):
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    described, _ = wait(client, start(client, "films", recipeArn=POPULARITY))
    assert described["status"] == "CREATE FAILED"
    assert described["failureReason"].startswith("the trainer ended with exit code 1. ")


def pythons(of):
    """Process numbers of the children of process `of` that run Python."""
    command = ["ps", "-o", "pid=,comm=", "--ppid", str(of)]
    listed = subprocess.run(command, capture_output=True, text=True).stdout.splitlines()
    return {int(line.split()[0]) for line in listed if "python" in line}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="kill -9, and ps with --ppid")
def test_a_killed_trainer_fails_its_version_and_the_next_one_is_trained(client):
    before = pythons(os.getpid())
    big = {"algorithmHyperParameters": {"hidden_dimension": "512"}}
    lost = start(client, "lost", recipeArn=HRNN, solutionConfig=big)
    next_ = start(client, "next", recipeArn=POPULARITY)
    while not (trainers := pythons(os.getpid()) - before):
        time.sleep(0.05)
    os.kill(trainers.pop(), signal.SIGKILL)
    described, _ = wait(client, lost)
    assert described["status"] == "CREATE FAILED"
    assert described["failureReason"].startswith("the trainer ended with exit code -9")
    assert wait(client, next_)[0]["status"] == "ACTIVE"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="kill -9, and ps with --ppid")
def test_the_trainer_ends_with_a_killed_kernel():
    kernel = f"""
        import os, signal, subprocess
        from workshop import cloud
        client = cloud.client("personalize")
        made = client.create_solution(name="films", datasetGroupArn=cloud.MOVIELENS_ARN, recipeArn={HRNN!r})
        client.create_solution_version(solutionArn=made["solutionArn"])
        list_children = ["ps", "-o", "pid=,comm=", "--ppid", str(os.getpid())]
        while "python" not in (listed := subprocess.run(list_children, capture_output=True, text=True).stdout):
            pass
        print(next(line.split()[0] for line in listed.splitlines() if "python" in line), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(kernel)], capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL
    about, end = Path(f"/proc/{int(done.stdout)}/stat"), time.monotonic() + PATIENCE
    while about.exists() and about.read_text().split()[2] != "Z":  # Z: ended, but nobody has asked how
        assert time.monotonic() < end
        time.sleep(0.05)
