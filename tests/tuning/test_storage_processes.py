"""Processes at work on a study in a file: killed, several at once, without rights or room on the disk."""

import os
import shutil
import signal
import sys
import tempfile
from functools import partial
from pathlib import Path

import pytest
from studies import KINDS, forks, holed, outcomes, posix, stored, study_of, unchanged, wait_until

from workshop.tuning import RandomSearch, tune

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


# Shared


@posix
@pytest.mark.parametrize("die", [False, True])
def test_two_processes_share_a_study(tmp_path, die):
    path, log, go = tmp_path / "study.sqlite", tmp_path / "log", tmp_path / "go"

    def objective(config):
        with log.open("a") as file:
            file.write(f"{os.getpid()} {config['x']!r}\n")
        wait_until(go.exists)
        return holed(config)

    pids = [fork(lambda: tune(objective, KINDS, RandomSearch(), 30, storage=path, progress=False)) for _ in range(2)]
    wait_until(lambda: log.exists() and len(log.read_text().splitlines()) == 2)  # both are at their first trial
    if die:
        os.kill(pids[0], signal.SIGKILL)
        assert ended(pids[0]) == signal.SIGKILL
    go.touch()
    assert [ended(pid) for pid in pids[die:]] == [0] * (2 - die)
    study = study_of(path)
    assert len(study.history) == 30 and not study.history.running
    assert [dict(t.config) for t in study.history] == [
        dict(t.config) for t in tune(holed, KINDS, RandomSearch(), 30, progress=False).history
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
            tune(holed, KINDS, RandomSearch(), 500, storage=path, progress=False)

    assert ended(fork(child)) == 0
    before = study_of(path)
    assert 4 < len(before.history) < 200 and not [t for t in before.history[:-1] if t.state == "running"]
    after = tune(holed, KINDS, RandomSearch(), len(before.history) + 5, storage=path, progress=False)
    assert outcomes(after) == outcomes(tune(holed, KINDS, RandomSearch(), len(after.history), progress=False))


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
        tune(holed, KINDS, RandomSearch(), 2, max_parallel=2, progress=False)
        tune(objective, KINDS, RandomSearch(), n_trials, **settings)

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
