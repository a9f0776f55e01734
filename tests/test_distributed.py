"""A training job of several instances: one model, and whose score it is."""

import os
import signal
import sys
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from threading import Event, Thread

import numpy as np
import pytest

import workshop.distributed as module
from workshop.datasets import load_movielens
from workshop.distributed import DistributedAUC, _train_part, shards
from workshop.metrics import auc
from workshop.objectives import LikedAUC
from workshop.tuning import Float, GridSearch, Space, tune

pytestmark = pytest.mark.slow

CONFIG = {"eta": 0.3, "max_depth": 3, "num_round": 8}


@pytest.fixture(scope="module")
def objective():
    return LikedAUC(load_movielens(), n_train=1000)


@pytest.mark.parametrize("n_workers", [1, 2, 3])
def test_every_instance_judges_the_same_model(objective, n_workers):
    """The joint value is the AUC of one model on all rows; the own values are those of that model on the parts.

    Histograms of sketched columns differ a little from one machine's, so trees do; the AUC by less than noise.
    """
    own = sorted(DistributedAUC(objective, n_workers, metric="own").reports(CONFIG))
    joint = sorted(DistributedAUC(objective, n_workers, metric="joint").reports(CONFIG))
    assert [report.worker for report in own] == [report.worker for report in joint] == list(range(n_workers))
    assert len({report.value for report in joint}) == 1 and {report.n_rows for report in joint} == {9003}
    assert sum(report.n_rows for report in own) == 9003
    assert len({report.value for report in own}) == n_workers
    assert joint[0].value == pytest.approx(objective(CONFIG), abs=0.01)  # two standard errors
    assert n_workers > 1 or own == joint


def test_the_joint_auc_is_that_of_the_pooled_predictions(objective, monkeypatch):
    """Against an oracle: the predictions of all instances, collected on the side, and scikit-learn."""
    from sklearn.metrics import roc_auc_score

    seen = []
    monkeypatch.setattr(module, "auc", lambda liked, score: seen.append((liked, score)) or auc(liked, score))
    own = DistributedAUC(objective, metric="own").reports(CONFIG)
    pooled = [np.concatenate(column) for column in zip(*seen, strict=True)]
    joint = DistributedAUC(objective, metric="joint")(CONFIG)
    assert joint == pytest.approx(roc_auc_score(*pooled), abs=1e-12)
    for report in own:
        assert any(report.value == pytest.approx(roc_auc_score(*pair), abs=1e-12) for pair in seen)


class InThread(Executor):
    """Runs a call in a thread and hands its result over after that of another: so one chooses who reports last."""

    def __init__(self, after=None):
        self.after = after

    def submit(self, function, /, *args):
        future = Future()
        future.set_running_or_notify_cancel()
        self.handed_over = Event()

        def work():
            try:
                result = function(*args)  # trains with the other, which has therefore been submitted as well
                if self.after:
                    assert self.after.handed_over.wait(300)
                future.set_result(result)
                self.handed_over.set()
            except Exception as error:
                future.set_exception(error)

        Thread(target=work).start()
        return future


def test_the_last_to_report_decides_and_a_wrong_config_wins(objective):
    space = Space({"max_depth": Float(0, 1)})  # two configs: shallow and deep
    configs = {0.0: {"max_depth": 2, "eta": 0.1}, 1.0: {"max_depth": 6, "eta": 0.3}}
    first = InThread()
    in_order, reversed_order = [first, InThread(after=first)], [InThread(after=first), first]
    true = {name: DistributedAUC(objective, metric="joint")(config) for name, config in configs.items()}
    assert true[0.0] > true[1.0] + 0.005  # the shallow one is better, beyond doubt
    own = {name: sorted(DistributedAUC(objective).reports(config)) for name, config in configs.items()}
    last_1 = DistributedAUC(objective, executors=in_order)
    last_0 = DistributedAUC(objective, executors=reversed_order)
    for name, config in configs.items():
        assert last_1(config) == own[name][1].value != last_0(config) == own[name][0].value

    def judged_by_chance(choice):  # the good config's last report is worker 0's, the bad one's is worker 1's
        return (last_0 if choice["max_depth"] == 0.0 else last_1)(configs[choice["max_depth"]])

    study = tune(judged_by_chance, space, GridSearch(2), 2, direction="maximize", progress=False)
    wrong_wins = own[1.0][1].value > own[0.0][0].value
    assert (study.best.config["max_depth"] == 1.0) == wrong_wins

    def judged_jointly(choice):
        executors = in_order if choice["max_depth"] else reversed_order
        return DistributedAUC(objective, metric="joint", executors=executors)(configs[choice["max_depth"]])

    study = tune(judged_jointly, space, GridSearch(2), 2, direction="maximize", progress=False)
    assert study.best.config["max_depth"] == 0.0 and study.best.value == true[0.0]


def test_shards_keep_every_row_once(objective):
    for n_shards in (1, 3, 7):
        parts = shards(objective.valid, n_shards, by="year")
        assert sorted(row for part in parts for row in part.index) == sorted(objective.valid.index)
        assert max(map(len, parts)) - min(map(len, parts)) <= 1
    low, high = shards(objective.valid, 2, by="user_count")
    assert low["user_count"].max() <= high["user_count"].min()


def test_arguments_are_checked(objective):
    for options, message in [
        ({"by": "stars"}, "by='stars' is not a column; choose one of user_count"),
        ({"n_workers": 0}, "n_shards=0 must be a whole number of at least 1"),
        ({"metric": "mean"}, "metric='mean' is unknown; use 'own' or 'joint'"),
        ({"executors": [InThread()]}, "executors=1 of them for n_workers=2"),
    ]:
        with pytest.raises(ValueError, match=message):
            DistributedAUC(objective, **options)


def test_hyperparameters_mean_what_they_mean_to_one_worker(objective):
    """One worker with all rows trains the objective's model, DART's included; XGBoost may cut its bins otherwise."""
    scores = []
    for rate in (0, 0.5):
        config = {**CONFIG, "num_round": 12, "rate_drop": rate}
        scores.append(DistributedAUC(objective, 1)(config))
        assert scores[-1] == pytest.approx(objective(config), abs=0.01)
    assert abs(scores[0] - scores[1]) > 1e-4


# An instance fails


def test_a_config_that_cannot_be_trained_says_why(objective):
    with pytest.raises(RuntimeError, match=r"an instance of the job with {'max_depth': -3} failed.*greater equal to 0"):
        DistributedAUC(objective)({"max_depth": -3})


def fails_late(worker, *arguments):
    if worker == 1:
        raise MemoryError("worker 1 is full")
    return _train_part(*arguments)


class Fails(InThread):
    def __init__(self, worker):
        super().__init__()
        self.worker = worker

    def submit(self, function, /, *args):
        return super().submit(partial(fails_late, self.worker), *args)


def test_when_one_instance_fails_nobody_waits_for_ever(objective):
    with pytest.raises(RuntimeError, match="worker 1 is full"):
        DistributedAUC(objective, executors=[Fails(0), Fails(1)])(CONFIG)
    assert DistributedAUC(objective)(CONFIG) > 0.6  # and the next job is none the worse


def dies(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)


class Dies(Executor):
    def __init__(self, pool):
        self.pool = pool

    def submit(self, function, /, *args):
        return self.pool.submit(dies, *args)


@pytest.mark.skipif(sys.platform == "win32", reason="sends signals")
def test_instances_in_processes_and_one_that_is_killed(objective):
    spawn = get_context("spawn")
    with ProcessPoolExecutor(1, spawn) as one, ProcessPoolExecutor(1, spawn) as two:
        job = DistributedAUC(objective, metric="joint", executors=[one, two])
        assert job(CONFIG) == DistributedAUC(objective, metric="joint")(CONFIG)
        job.executors = [one, Dies(two)]
        with pytest.warns(RuntimeWarning, match="all 1 trials failed"):
            study = tune(lambda config: job(CONFIG), Space({"x": Float(0, 1)}), GridSearch(2), 1, progress=False)
        assert "BrokenProcessPool" in study.history[0].error
