"""Trials on a real cluster of dask: two worker processes, started once."""

import gc
import os
import shutil
import signal
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest
from studies import ALONG_K, NINE, PATIENCE_SECONDS, SPACE, After, bowl, curve, outcomes, wait_until

from workshop.tuning import GridSearch, RandomSearch, Study, tune
from workshop.tuning import parallel as driver

dask = pytest.importorskip("dask")
distributed = pytest.importorskip("distributed")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="sends signals"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning"),
]


def start_cluster(**settings):
    quiet = {"threads_per_worker": 1, "dashboard_address": ":0", "silence_logs": 50, "protocol": "tcp"}
    return distributed.LocalCluster(**quiet | settings)


@pytest.fixture(scope="module", autouse=True)
def nothing_is_left_to_later_tests():
    """Collect what dask leaves open while its warnings are ignored: any later test in which that is done would fail."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def client():
    settings = {
        "distributed.scheduler.allowed-failures": 0,  # a trial that kills its worker fails at once
        "distributed.deploy.lost-worker-timeout": PATIENCE_SECONDS,  # or a killed one that starts slowly is given up
    }
    with (
        dask.config.set(settings),
        start_cluster(n_workers=2) as two,
        distributed.Client(two) as client,
    ):
        yield client


def where(config, folder):
    """Return the worker's process once both workers have been seen."""
    (folder / str(os.getpid())).touch()
    wait_until(lambda: len(list(folder.iterdir())) == 2)
    return float(os.getpid())


def test_trials_run_on_both_workers_and_into_the_stored_study(client, tmp_path):
    settings, folder = {"storage": tmp_path / "study.sqlite", "progress": False}, tmp_path / "seen"
    folder.mkdir()
    objective = partial(where, folder=folder)
    study = tune(objective, SPACE, RandomSearch(), 12, max_parallel=4, executor=client.get_executor(), **settings)
    pids = {trial.value for trial in study.history}
    assert len(pids) == 2 and os.getpid() not in pids
    again = tune(bowl, SPACE, RandomSearch(), 14, **settings)  # the rest on this machine
    assert again.history[:12] == study.history and len(again.history.complete) == 14


def test_a_stopping_rule_reaches_trials_on_the_workers(client):
    settings = {"max_parallel": 2, "executor": client.get_executor(), "progress": False}
    study = tune(curve, ALONG_K, GridSearch(9), 9, stopping=After(2), **settings)
    assert outcomes(study) == outcomes(tune(curve, ALONG_K, GridSearch(9), 9, stopping=After(2), progress=False))
    assert [t.state for t in study.history] == ["complete"] * 4 + ["stopped"] * 5


@pytest.fixture
def another_machine():
    """Yield how to run a command on it: a network namespace with a cable to this one, whose end here is HERE."""
    name = f"ws{os.getpid()}"
    for command in (
        f"netns add {name}",
        f"link add {name}a type veth peer name {name}b netns {name}",
        f"address add {HERE}/30 dev {name}a",
        f"link set {name}a up",
        f"-n {name} address add {THERE}/30 dev {name}b",
        f"-n {name} link set {name}b up",
    ):
        done = shutil.which("ip") and subprocess.run(["ip", *command.split()], capture_output=True)
        if not done or done.returncode:
            subprocess.run(["ip", "netns", "delete", name], capture_output=True) if done else None
            pytest.skip("no right to make a network namespace")
    yield ["ip", "netns", "exec", name]
    subprocess.run(["ip", "netns", "delete", name], check=True)


HERE, THERE = "10.213.77.1", "10.213.77.2"


def test_a_stopping_rule_reaches_trials_on_another_machine(another_machine):
    """It has another address, another loopback and other sockets: only the cluster's own connection leads there."""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent)}  # where the objective is found
    with start_cluster(n_workers=0, host=HERE) as cluster, distributed.Client(cluster) as client:
        command = [sys.executable, "-m", "distributed.cli.dask_worker", cluster.scheduler_address, "--no-nanny"]
        with subprocess.Popen([*another_machine, *command, "--nthreads", "2"], env=environment) as worker:
            try:
                client.wait_for_workers(1, timeout=PATIENCE_SECONDS)
                assert [THERE in address for address in client.nthreads()] == [True]
                settings = {"max_parallel": 2, "executor": client.get_executor(), "progress": False}
                study = tune(curve, ALONG_K, GridSearch(9), 9, stopping=After(2), **settings)
            finally:
                worker.terminate()
    assert [(t.state, len(t.values)) for t in study.history] == [("complete", 9)] * 4 + [("stopped", 2)] * 5


# A worker dies


def deadly(config):
    if config["k"] == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return float(config["k"])


def test_a_trial_that_kills_its_worker_fails_and_the_others_do_not_notice(client, tmp_path):
    path = tmp_path / "study.sqlite"
    settings = {"max_parallel": 2, "executor": client.get_executor(), "storage": path, "progress": False}
    study = tune(deadly, NINE, GridSearch(9), 6, **settings)
    assert [t.state for t in study.history].count("failed") <= 2  # who shares the dying worker's queue may fall with it
    assert study.history[2].state == "failed" and "KilledWorker" in study.history[2].error
    assert all(t.value == t.config["k"] for t in study.history.complete)
    assert Study(NINE, GridSearch(9), storage=path).history == study.history
    client.wait_for_workers(2, timeout=PATIENCE_SECONDS)


def while_killed(config, folder):
    """Say which process runs this, and end once one of them has been killed."""
    (folder / str(os.getpid())).touch()
    wait_until((folder / "killed").exists)
    return 1.0


def test_a_worker_killed_from_outside_costs_no_trial(client, monkeypatch, tmp_path):
    monkeypatch.setattr(client.cluster.scheduler, "allowed_failures", 3)  # dask's own setting
    client.wait_for_workers(2, timeout=PATIENCE_SECONDS)
    victim, *_ = client.run(os.getpid).values()

    def kill():
        wait_until((tmp_path / str(victim)).exists)
        os.kill(victim, signal.SIGKILL)
        (tmp_path / "killed").touch()

    killer, settings = threading.Thread(target=kill), {"executor": client.get_executor(), "progress": False}
    killer.start()
    study = tune(partial(while_killed, folder=tmp_path), NINE, GridSearch(9), 6, max_parallel=2, **settings)
    killer.join()
    assert [t.state for t in study.history] == ["complete"] * 6


# The cluster dies


def when_done(n, action):
    """Return an `until` that never ends the study, but acts when n trials are done."""

    def until(study):
        if len(study.history) - len(study.history.running) == n:
            action()
        return False

    return until


def ends_up_to(last, config):
    """Return at once up to k = `last`; later trials run until their worker ends."""
    if config["k"] > last:
        threading.Event().wait()
    return float(os.getpid())


def test_without_a_scheduler_what_is_told_is_kept(tmp_path):
    settings = {"max_parallel": 2, "storage": tmp_path / "study.sqlite", "stopping": After(9), "progress": False}
    with start_cluster(n_workers=1) as one, distributed.Client(one.scheduler_address) as client:
        limits = {"executor": client.get_executor(), "until": when_done(4, one.close)}
        with pytest.warns(RuntimeWarning, match="scheduler is gone.* 4 of 9 trials are done and kept"):
            study = tune(partial(ends_up_to, 4), NINE, GridSearch(9), 9, **settings, **limits)
        with pytest.warns(RuntimeWarning, match="scheduler is gone.* 4 of 9 trials are done and kept"):
            assert tune(bowl, NINE, GridSearch(9), 9, **settings, executor=client.get_executor()).history
    assert len(study.history.complete) == 4 and not study.history.failed
    again = tune(lambda config: 1.0, NINE, GridSearch(9), 9, **settings)
    assert len(again.history.complete) == 9 and again.history[0] == study.history[0]
    assert [t.config["k"] for t in again.history] == list(range(1, 10))


def test_without_workers_tune_does_not_wait_for_ever(monkeypatch):
    monkeypatch.setattr(driver, "PATIENCE_SECONDS", 3)
    with start_cluster(n_workers=1) as one, distributed.Client(one) as client:
        monkeypatch.setattr(one.scheduler, "allowed_failures", 3)  # a trial that loses its worker waits for another
        limits = {"executor": client.get_executor(), "until": when_done(2, partial(one.scale, 0))}
        with pytest.warns(RuntimeWarning, match="has lost its last worker .* 2 of 9 trials are done and kept"):
            study = tune(partial(ends_up_to, 2), NINE, GridSearch(9), 9, progress=False, **limits)
    assert [t.state for t in study.history] == ["complete", "complete", "running"]


# One job on both workers


def test_a_distributed_job_runs_on_two_workers_of_the_cluster(client):
    from workshop.datasets import load_movielens
    from workshop.distributed import DistributedAUC, dask_executors
    from workshop.objectives import LikedAUC

    client.wait_for_workers(2, timeout=PATIENCE_SECONDS)
    objective, config = LikedAUC(load_movielens(), n_train=1000), {"eta": 0.3, "max_depth": 3, "num_round": 8}
    with pytest.raises(ValueError, match="n_workers=3, but the cluster has 2"):
        dask_executors(client, 3)
    on_cluster = DistributedAUC(objective, metric="joint", executors=dask_executors(client, 2))
    assert on_cluster(config) == DistributedAUC(objective, metric="joint")(config)
