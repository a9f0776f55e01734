"""Trials that a rule stops, wherever they run."""

import multiprocessing
import pickle
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.connection import Client

import pytest
from studies import PATIENCE_SECONDS, RULES, SPACE, After, curve, forks, outcomes, posix

from workshop.tuning import (
    GridSearch,
    History,
    Hyperband,
    Int,
    RandomSearch,
    SimulatedClock,
    Space,
    Study,
    Trial,
    tune,
)
from workshop.tuning.parallel import Line

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


# Rules


@pytest.mark.parametrize(("strategy", "rule"), RULES, ids=repr)
def test_a_decision_depends_on_the_history_only(strategy, rule):
    study = tune(curve, SPACE, strategy, 15, stopping=rule, progress=False)
    judge = rule or strategy
    for trial in study.history:
        for step in range(1, len(trial.values) + 1):
            then = Trial(trial.number, trial.config, values=trial.values[:step])
            stopped = judge.stop(History([*study.history[: trial.number], then]), then)
            assert stopped == (trial.state == "stopped" and step == len(trial.values))


def test_strategy_and_rule_are_both_asked():
    both = tune(curve, SPACE, Hyperband(9), 20, stopping=After(4), progress=False)
    assert {len(t.values) for t in both.history.stopped} >= {1, 4}


@pytest.mark.parametrize(
    "executor",
    [None, ThreadPoolExecutor, pytest.param(forks, marks=posix)],
    ids=["here", "threads", "processes"],
)
def test_an_error_of_the_rule_reaches_the_caller_and_the_trial_can_be_resumed(executor, tmp_path):
    class Wrong:
        def stop(self, history, trial):
            raise LookupError("the rule is wrong")

    settings = {"storage": tmp_path / "study.sqlite", "progress": False}
    with pytest.raises(LookupError, match="the rule is wrong"):
        tune(curve, SPACE, RandomSearch(), 3, stopping=Wrong(), executor=executor, **settings)
    assert outcomes(tune(curve, SPACE, RandomSearch(), 3, **settings)) == outcomes(
        tune(curve, SPACE, RandomSearch(), 3, progress=False)
    )


def test_a_stopped_objective_can_tidy_up():
    tidied = []

    def objective(config):
        try:
            yield from curve(config)
        finally:
            tidied.append(config["k"])

    study = tune(objective, Space(dict(SPACE) | {"k": Int(5, 9)}), RandomSearch(), 3, stopping=After(2), progress=False)
    assert tidied == [t.config["k"] for t in study.history.stopped] and len(tidied) == 3


# Executors


@pytest.mark.parametrize(("strategy", "rule"), RULES, ids=repr)
@pytest.mark.parametrize(
    "executor",
    [ThreadPoolExecutor, SimulatedClock(2), pytest.param(forks, marks=posix)],
    ids=["threads", "clock", "processes"],
)
def test_one_at_a_time_every_executor_gives_the_same_study(strategy, rule, executor):
    here = tune(curve, SPACE, strategy, 12, stopping=rule, progress=False)
    there = tune(curve, SPACE, strategy, 12, stopping=rule, executor=executor, progress=False)
    assert here.history.stopped and outcomes(here) == outcomes(there)


@pytest.mark.parametrize(
    "executor", [ThreadPoolExecutor, pytest.param(forks, marks=posix)], ids=["threads", "processes"]
)
def test_several_at_a_time_are_stopped_where_the_rule_says(executor):
    study = tune(curve, SPACE, GridSearch(9), 40, stopping=After(3), max_parallel=3, executor=executor, progress=False)
    assert [(t.config["k"] > 4, len(t.values)) for t in study.history] == [
        (t.state == "stopped", 3 if t.state == "stopped" else 9) for t in study.history
    ]


@pytest.fixture
def line():
    line = Line(Study(SPACE, RandomSearch(), stopping=After(9)), ProcessPoolExecutor(1))
    yield line
    line.close()


def test_a_trial_elsewhere_is_heard_until_the_line_is_closed(line):
    there = pickle.loads(pickle.dumps(line.to(line._study.ask())))
    assert there(0.5, step=1) is False and line._study.history[0].values == (0.5,)
    again = pickle.loads(pickle.dumps(line.to(line._study.history[0])))
    line._replies[0].put(("the first run", True))  # a late answer to a worker that has died
    assert again(0.75, step=1) is False and line._study.history[0].values == (0.75,)
    line.close()
    with pytest.raises((OSError, EOFError)):
        again(0.25, step=2)
    assert line.report(0, 0.25, 2) is True  # nobody listens any more


def test_strangers_on_the_line_are_not_heard_and_keep_nobody_waiting(line):
    there, address = line.to(line._study.ask()), line._manager.address
    with pytest.raises(multiprocessing.AuthenticationError):
        Client(address, authkey=b"guess")
    with Client(address) as loud, pytest.raises((OSError, EOFError)):  # who never shows a key
        loud.send_bytes(b"x" * 10**6)
        while True:
            loud.recv_bytes()
    with Client(address) as silent:
        assert silent.recv_bytes()  # the challenge
        assert there(0.5, step=1) is False and line._study.history[0].values == (0.5,)


@posix
def test_no_thread_and_no_socket_is_left():
    before = set(threading.enumerate())
    tune(curve, SPACE, RandomSearch(), 4, stopping=After(2), executor=forks, progress=False)
    left = set(threading.enumerate()) - before
    for thread in left:
        thread.join(PATIENCE_SECONDS)
    assert not any(thread.is_alive() for thread in left)
