import os
import signal
import threading
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import partial

import pytest
from studies import ALONG_K, PATIENCE_SECONDS, SPACE, After, bowl, curve, forks, outcomes, posix

from workshop.tuning import BayesianSearch, Float, GridSearch, Int, RandomSearch, SimulatedClock, Space, tune

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


# Any executor


@pytest.mark.parametrize("max_parallel", [1, 4])
@pytest.mark.parametrize("n_workers", [None, 8], ids=["threads of its own", "more than trials may run"])
def test_threads_give_the_same_trials_and_never_more_at_once(n_workers, max_parallel):
    lock, at_once, most = threading.Lock(), 0, 0
    together = threading.Barrier(max_parallel, timeout=PATIENCE_SECONDS)

    def objective(config):
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        together.wait()  # a trial goes on once as many as may run are running
        with lock:
            at_once -= 1
        return bowl(config)

    with ThreadPoolExecutor(n_workers) as pool:
        settings = {"max_parallel": max_parallel, "executor": n_workers and pool, "progress": False}
        study = tune(objective, SPACE, RandomSearch(), 16, **settings)
        assert pool.submit(int).result() == 0  # the caller's executor is left open
    assert outcomes(study) == outcomes(tune(bowl, SPACE, RandomSearch(), 16, progress=False))
    assert most == max_parallel


class Awkward(Exception):
    """Cannot be made again from its arguments, so it cannot travel between processes."""

    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")


def awkward(config):
    raise Awkward("this", "that")


@posix
def test_errors_travel_as_text():
    settings = {"max_parallel": 2, "executor": forks, "progress": False}
    with pytest.warns(RuntimeWarning, match="all 2 trials failed; .*Awkward: this and that"):
        tune(awkward, SPACE, RandomSearch(), 2, **settings)
    with pytest.warns(RuntimeWarning, match="all 2 trials failed; .*([Pp]ickle|local object)"):  # as Python 3.13 says
        tune(lambda config: 1.0, SPACE, RandomSearch(), 2, **settings)


def test_an_executor_that_gives_up_on_a_trial_fails_it():
    class Cancels(Executor):
        def submit(self, function, /, *args):
            future = Future()
            future.cancel()
            future.set_running_or_notify_cancel()
            return future

    with pytest.warns(RuntimeWarning, match="all 3 trials failed"):
        study = tune(bowl, SPACE, RandomSearch(), 3, max_parallel=2, executor=Cancels(), progress=False)
    assert [t.state for t in study.history] == ["failed"] * 3 and "CancelledError" in study.history[0].error


# A worker dies


def deadly(config, log, bystanders):
    """Report three steps, then kill the worker if k = 3, and the first time if k = 8; a bystander waits for that."""
    k = config["k"]
    with log.open("a") as file:
        file.write(f"{k}\n")
    first = log.read_text().split().count(str(k)) == 1
    for step, value in enumerate(curve(config), 1):
        yield value
        if step == 3 and (k == 3 or (k == 8 and first)):
            os.kill(os.getpid(), signal.SIGKILL)
        while step == 3 and k in bystanders and first:
            signal.pause()


class Reset:
    """Stops nothing, and fails if a value of an earlier run of the trial is still there."""

    def stop(self, history, trial):
        assert trial.values == tuple(curve(trial.config))[: len(trial.values)]
        return False


@posix
@pytest.mark.parametrize("rule", [None, Reset()], ids=["deaf", "heard"])
@pytest.mark.parametrize("max_parallel, bystanders", [(1, []), (3, [1, 2])], ids=["1", "3"])
def test_only_the_trial_that_kills_its_worker_fails_and_others_begin_anew(tmp_path, max_parallel, bystanders, rule):
    log, path = tmp_path / "log", tmp_path / "study.sqlite"
    settings = {"max_parallel": max_parallel, "executor": forks, "storage": path, "progress": False}
    objective = partial(deadly, log=log, bystanders=bystanders)
    study = tune(objective, ALONG_K, GridSearch(9), 9, stopping=rule, **settings)
    assert [t.config["k"] for t in study.history.failed] == [3]
    assert "BrokenProcessPool" in study.history[2].error and len(study.history[2].values) == (3 if rule else 0)
    assert [t.values for t in study.history.complete] == [tuple(curve(t.config)) for t in study.history.complete]
    ran = log.read_text().split()
    assert all(ran.count(str(k)) == 2 for k in (3, 8, *bystanders))
    assert tune(bowl, ALONG_K, GridSearch(9), 9, storage=path, progress=False).history == study.history


@posix
def test_a_borrowed_executor_that_breaks_ends_the_study_with_its_trials(tmp_path):
    objective = partial(deadly, log=tmp_path / "log", bystanders=[2])
    with forks(2) as executor, pytest.warns(RuntimeWarning, match="a worker died .* of 9 trials"):
        study = tune(objective, ALONG_K, GridSearch(9), 9, max_parallel=2, executor=executor, progress=False)
    assert [t.state for t in study.history] == ["complete", "failed", "failed"]
    assert all("BrokenProcessPool" in trial.error for trial in study.history.failed)
    with pytest.warns(RuntimeWarning, match="a worker died"), pytest.warns(RuntimeWarning, match="all 2 trials failed"):
        study = tune(objective, ALONG_K, GridSearch(9), 9, max_parallel=2, executor=executor, progress=False)
    assert len(study.history) == len(study.history.failed) == 2  # it was broken from the start


# Simulated time


def lasts(config):
    return 10.0 + config["k"]


@pytest.mark.parametrize("max_parallel", [1, 2, 5, 30])
def test_simulated_trials_fill_their_places(max_parallel):
    """The schedule is that of a queue: a trial starts when the first of the places is free."""
    clock = SimulatedClock(lasts)
    study = tune(bowl, SPACE, RandomSearch(), 30, max_parallel=max_parallel, executor=clock, progress=False)
    free = [0.0] * max_parallel
    for trial in study.history:
        place = free.index(min(free))
        assert trial.started == free[place] and trial.seconds == pytest.approx(lasts(trial.config), abs=1e-9)
        free[place] = trial.started + trial.seconds
    assert clock.now() == max(free)


def test_simulated_runs_are_reproducible_and_know_what_is_running():
    known = []

    class Spy(BayesianSearch):
        def propose(self, space, history, rng):
            known.append((len(history.complete), len(history.running)))
            return super().propose(space, history, rng)

    runs = []
    for _ in range(2):
        clock = SimulatedClock(lasts)
        study = tune(bowl, SPACE, Spy(n_initial=4), 8, max_parallel=3, executor=clock, progress=False)
        runs.append([(t.config, t.value, t.started, t.seconds) for t in study.history])
    assert runs[0] == runs[1]
    assert known[:4] == [(0, 0), (0, 1), (0, 2), (1, 2)] and all(running <= 2 for _, running in known)


def test_simulated_time_has_limits_failures_and_a_store(tmp_path):
    path = tmp_path / "study.sqlite"
    clock = SimulatedClock(60)
    settings = {"max_parallel": 2, "storage": path, "progress": False}
    with pytest.warns(RuntimeWarning, match="all 6 trials failed; the first: ZeroDivisionError"):
        study = tune(
            lambda c: 1 / 0, SPACE, RandomSearch(), 100, executor=clock, until=lambda s: s.now() >= 150, **settings
        )
    assert [t.started for t in study.history] == [0, 0, 60, 60, 120, 120] and len(study.history.failed) == 6
    resumed = tune(bowl, SPACE, RandomSearch(), 8, executor=SimulatedClock(60), **settings)
    assert resumed.history[:6] == study.history and [t.started for t in resumed.history[6:]] == [180, 180]
    resumed = tune(bowl, SPACE, RandomSearch(), 9, executor=clock, **settings)  # a clock that is not at 0
    assert resumed.history[8].started == 240 and clock.now() == 240


def test_trials_that_last_no_time_end_too():
    study = tune(bowl, SPACE, RandomSearch(), 5, max_parallel=2, executor=SimulatedClock(0), progress=False)
    assert [t.started for t in study.history] == [0.0] * 5 and len(study.history.complete) == 5


def test_simulated_seconds_depend_on_the_steps_done():
    clock = SimulatedClock(lambda config: config["k"])
    study = tune(curve, SPACE, RandomSearch(), 20, stopping=After(3), max_parallel=4, executor=clock, progress=False)
    assert study.history.stopped and study.history.complete
    for trial in study.history:
        assert trial.seconds == pytest.approx(len(trial.values) * trial.config["k"])
    assert clock.now() == max(t.started + t.seconds for t in study.history)


def test_simulated_trials_know_what_others_have_reported_by_then():
    seen = {}

    class Spy:
        def stop(self, history, trial):
            seen[trial.number, len(trial.values)] = [len(t.values) for t in history]
            return False

    clock = SimulatedClock(lambda config: config["k"])
    space, settings = Space({"x": Float(0, 0), "k": Int(1, 3)}), {"executor": clock, "progress": False}
    study = tune(curve, space, GridSearch(3), 3, max_parallel=3, stopping=Spy(), **settings)
    for (number, step), lengths in seen.items():
        now = step * study.history[number].config["k"]
        for other, length in zip(study.history, lengths, strict=True):
            done = min(9, now / other.config["k"])
            assert done - 1 <= length <= done  # a step that ends this moment may be told before or after
