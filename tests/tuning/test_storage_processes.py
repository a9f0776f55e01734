"""Processes at work on a study in a file: killed, several at once, without rights or room on the disk."""

import os
import random
import shutil
import signal
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import pytest
from reporting import forks, outcomes, posix, wait_until
from stored import SPACE, bowl, stored, study_of, unchanged

from workshop.tuning import BayesianSearch, GridSearch, RandomSearch, Study, tune

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")]


def fork(function):
    """Run `function` in a child process; return its pid."""
    pid = os.fork()
    if pid == 0:
        try:
            function()
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    return pid


def ended(pid):
    return os.waitpid(pid, 0)[1]


# Killed


@posix
@pytest.mark.parametrize("max_parallel", [1, 3])
@pytest.mark.parametrize(
    "strategy", [GridSearch(2), RandomSearch(), BayesianSearch(n_initial=4)], ids=lambda s: type(s).__name__
)
def test_killed_at_any_moment_nothing_told_is_lost(tmp_path, strategy, max_parallel):
    path, told_path, moments = tmp_path / "study.sqlite", tmp_path / "told", random.Random(0)
    settings = {"seed": 5, "storage": path, "max_parallel": max_parallel, "progress": False}

    def child():
        tell = Study.tell

        def tell_and_say_so(study, trial, **outcome):
            tell(study, trial, **outcome)
            with told_path.open("a") as told:
                told.write(f"{trial.number}\n")

        Study.tell = tell_and_say_so
        tune(bowl, SPACE, strategy, 12, **settings)

    kills, status = 0, 1
    while status != 0:
        pid = fork(child)
        time.sleep(moments.uniform(0.0, 0.004 * 1.15**kills))  # ever later, so that any machine gets there
        os.kill(pid, signal.SIGKILL)
        status = ended(pid)
        assert status in (0, signal.SIGKILL)
        kills += status == signal.SIGKILL
        if path.exists():
            states = {t.number: t.state for t in study_of(path, seed=5).history}
            numbers = told_path.read_text().split() if told_path.exists() else []
            assert all(states[int(number)] != "running" for number in numbers)
    assert kills >= 3
    study = tune(bowl, SPACE, strategy, 12, **settings)
    assert len(study.history) == 12 and not study.history.running
    if max_parallel == 1:
        assert outcomes(study) == outcomes(tune(bowl, SPACE, strategy, 12, seed=5, progress=False))
    assert {p.name for p in tmp_path.iterdir()} == {"study.sqlite", "told"}


# Shared


@posix
@pytest.mark.parametrize("die", [False, True])
def test_two_processes_share_a_study(tmp_path, die):
    path, log, go = tmp_path / "study.sqlite", tmp_path / "log", tmp_path / "go"

    def objective(config):
        with log.open("a") as file:
            file.write(f"{os.getpid()} {config['x']!r}\n")
        wait_until(go.exists)
        return bowl(config)

    pids = [fork(lambda: tune(objective, SPACE, RandomSearch(), 30, storage=path, progress=False)) for _ in range(2)]
    wait_until(lambda: log.exists() and len(log.read_text().splitlines()) == 2)  # both are at their first trial
    if die:
        os.kill(pids[0], signal.SIGKILL)
        assert ended(pids[0]) == signal.SIGKILL
    go.touch()
    assert [ended(pid) for pid in pids[die:]] == [0] * (2 - die)
    study = study_of(path)
    assert len(study.history) == 30 and not study.history.running
    assert [dict(t.config) for t in study.history] == [
        dict(t.config) for t in tune(bowl, SPACE, RandomSearch(), 30, progress=False).history
    ]
    ran = [line.split() for line in log.read_text().splitlines()]
    assert {int(pid) for pid, _ in ran} == set(pids)
    assert len({x for _, x in ran}) == 30 and len(ran) == 30 + die
    assert {p.name for p in tmp_path.iterdir()} == {"study.sqlite", "log", "go"}


@posix
def test_trials_of_a_living_process_are_left_alone(tmp_path):
    path = tmp_path / "study.sqlite"

    def child():
        study = study_of(path)
        study.ask()
        signal.pause()

    pid = fork(child)
    wait_until(lambda: path.exists() and len(study_of(path).history) == 1)
    study = study_of(path)
    assert study.ask().number == 1
    os.kill(pid, signal.SIGSTOP)  # as a sleeping laptop: no sign of life, but alive
    assert study.ask().number == 2
    os.kill(pid, signal.SIGKILL)
    ended(pid)
    assert study.ask().number == 0 and study.ask().number == 3
    study.close()
    assert list(tmp_path.iterdir()) == [path]


def test_two_studies_of_one_process_share_a_file(tmp_path):
    one, two = study_of(tmp_path / "s.sqlite"), study_of(tmp_path / "s.sqlite")
    trials = [one.ask(), two.ask(), one.ask(), two.ask()]
    assert [t.number for t in trials] == [0, 1, 2, 3]
    two.tell(trials[1], 1.0)
    with pytest.raises(ValueError, match="trial 1 is told already"):
        one.tell(trials[1], 2.0)
    assert one.history[1].value == 1.0
    one.close()
    assert [two.ask().number for _ in range(3)] == [0, 2, 4]
    one.tell(trials[0], 3.0)  # late, and still the first to tell it
    with pytest.raises(ValueError, match="told already"):
        two.tell(two.history[0], 4.0)
    del two
    assert [one.ask().number for _ in range(4)] == [2, 3, 4, 5]


# The disk


@posix
@pytest.mark.parametrize("what", ["folder", "file"])
def test_what_may_not_be_written_says_so(what):
    folder = Path(tempfile.mkdtemp())
    path = stored(folder / "study.sqlite")
    (folder if what == "folder" else path).chmod(0o555 if what == "folder" else 0o444)
    folder.chmod(0o555)

    def child():
        if os.getuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        assert len(study_of(path).history) == 4  # reading is no problem
        attempts = [lambda: study_of(path).ask()] + [lambda: study_of(folder / "new.sqlite")] * (what == "folder")
        for attempt in attempts:
            with pytest.raises(OSError, match=f"cannot use storage {folder}.*both may be"):
                attempt()

    with unchanged(path):
        assert ended(fork(child)) == 0
    folder.chmod(0o755)
    shutil.rmtree(folder)


@posix
def test_a_full_disk_says_so_and_loses_nothing(tmp_path):
    import resource

    path = stored(tmp_path / "study.sqlite")

    def child():
        limit = path.stat().st_size + 4096
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        with pytest.raises(OSError, match="the disk has room"):
            tune(bowl, SPACE, RandomSearch(), 500, storage=path, progress=False)

    assert ended(fork(child)) == 0
    before = study_of(path)
    assert 4 < len(before.history) < 200 and not [t for t in before.history[:-1] if t.state == "running"]
    after = tune(bowl, SPACE, RandomSearch(), len(before.history) + 5, storage=path, progress=False)
    assert outcomes(after) == outcomes(tune(bowl, SPACE, RandomSearch(), len(after.history), progress=False))


def says_so_and_waits(config, log):
    with log.open("a") as file:
        file.write(f"{os.getpid()}\n")
    signal.pause()


@posix
@pytest.mark.parametrize("n_trials", [1, 2], ids=["one idle", "both busy"])
def test_workers_end_with_the_process_that_tunes(tmp_path, n_trials):
    psutil, log = pytest.importorskip("psutil"), tmp_path / "log"
    objective, settings = partial(says_so_and_waits, log=log), {"max_parallel": 2, "executor": forks, "progress": False}

    def threads_and_then_processes():
        tune(bowl, SPACE, RandomSearch(), 2, max_parallel=2, progress=False)
        tune(objective, SPACE, RandomSearch(), n_trials, **settings)

    pid = fork(threads_and_then_processes)
    wait_until(lambda: log.exists() and log.read_text().count("\n") == n_trials)
    wait_until(lambda: len(psutil.Process(pid).children()) == 2)  # both start with the first trial
    workers = [worker.pid for worker in psutil.Process(pid).children()]
    os.kill(pid, signal.SIGKILL)
    ended(pid)
    wait_until(lambda: not any(map(is_alive, workers)))


def is_alive(pid):
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"  # a zombie waits for nothing but its burial
    except (ProcessLookupError, FileNotFoundError):
        return False
