"""What goes wrong around a study: kills, disks, clocks, locks. A clear message each time, and nothing told is lost."""

import functools
import hashlib
import http.server
import importlib.util
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import pytest
from studies import outcomes, posix

from workshop.datasets import RELEASES, fetch_movielens
from workshop.tuning import BayesianSearch, Float, RandomSearch, Space, Study, tune

ROOT = Path(__file__).parents[1]
SPACE = Space({"x": Float(0, 1)})
linux = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


def benchmark(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "benchmarks" / f"{name}.py")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)  # workers find its functions by this name
    spec.loader.exec_module(module)
    return module


# Killed: the small sister of benchmarks/kills.py


@pytest.mark.slow
@posix
@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("grid", "three threads"),
        ("random", "one at a time"),
        ("bayesian", "one at a time"),
        ("bayesian", "three threads"),
        ("median rule", "one at a time"),
        ("hyperband", "one at a time"),
        ("hyperband", "three processes"),
    ],
)
def test_killed_again_and_again_a_study_loses_nothing(tmp_path, name, way):
    kills = benchmark("kills")
    settings = {**kills.STUDIES[name], **kills.WAYS[way], "space": kills.SPACE, "n_trials": kills.N_TRIALS}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        count = kills.torture({**settings, "progress": False, "seed": 3}, tmp_path, random.Random(name))
    assert count["kills"] >= 3 and count["lost"] == 0
    assert count["equal"] == 1 or way != "one at a time"


@posix
def test_a_bar_does_not_wait_for_a_lock_that_died_with_another_process():
    """tqdm's own lock is shared by forked processes; one that is killed while drawing never gives it back."""
    program = """
import os, signal
from tqdm.auto import tqdm
from workshop.tuning import Float, RandomSearch, Space, tune
list(tqdm(range(2)))
pid = os.fork()
if pid == 0:
    tqdm.get_lock().acquire()
    os.kill(os.getpid(), signal.SIGKILL)
os.waitpid(pid, 0)
assert not tqdm.get_lock().locks[0].acquire(False)  # so it is: whoever asks for it waits for ever
print(len(tune(lambda config: config["x"], Space({"x": Float(0, 1)}), RandomSearch(), 3).history.complete))
os._exit(0)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "3/3" in done.stderr, done.stderr


# Disks


@pytest.fixture
def small_disk(tmp_path):
    """A real file system of 256 kB; only root may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], capture_output=True
    )
    if not mounted or mounted.returncode:
        pytest.skip(
            "no right to mount a small disk; tests/tuning/test_storage_processes.py limits the file's size instead"
        )
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@linux
def test_a_download_onto_a_full_disk_leaves_nothing_behind(small_disk, tmp_path, monkeypatch):
    release = tmp_path / "ml-100k.zip"
    release.write_bytes(os.urandom(400_000))
    digest = hashlib.md5(release.read_bytes()).hexdigest()
    monkeypatch.setitem(RELEASES, "ml-100k", f"md5:{digest}")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    serve = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(ConnectionError, match="No space left on device"):
            url = f"http://127.0.0.1:{server.server_port}/{release.name}"
            fetch_movielens("ml-100k", small_disk, url=url, progress=False)
        server.shutdown()
    assert not list(small_disk.iterdir())


@linux
def test_a_read_only_disk_says_so(small_disk):
    path = small_disk / "study.sqlite"
    before = tune(lambda config: config["x"], SPACE, RandomSearch(), 3, storage=path, progress=False)
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)  # nobody may write there, not even root
    study = Study(SPACE, RandomSearch(), storage=path)
    assert study.history == before.history  # reading is no problem
    with pytest.raises(OSError, match=r"cannot use storage .*both may be"):
        tune(lambda config: config["x"], SPACE, RandomSearch(), 5, storage=path, progress=False)
    with pytest.raises(OSError, match=r"cannot use storage .*both may be"):
        Study(SPACE, RandomSearch(), storage=small_disk / "new.sqlite")
    with pytest.raises(ConnectionError, match="Read-only file system"):
        fetch_movielens("ml-100k", small_disk / "data", url="http://127.0.0.1:9/", progress=False)


@linux
@pytest.mark.parametrize("path", ["/proc/study.sqlite", "/dev/full"])
def test_places_where_no_file_can_be_say_so(path):
    with pytest.raises((OSError, ValueError), match=rf"storage '?{path}"):
        tune(lambda config: config["x"], SPACE, RandomSearch(), 3, storage=path, progress=False)


def test_a_study_file_that_vanishes_meanwhile_is_missed_at_once(tmp_path):
    path = tmp_path / "study.sqlite"

    def remove(study):
        if len(study.history.complete) == 2 and path.exists():
            path.unlink()
        return False

    with pytest.raises((OSError, ValueError), match=r"storage .*study.sqlite"):
        tune(lambda config: config["x"], SPACE, RandomSearch(), 5, storage=path, until=remove, progress=False)


# Clocks


@pytest.mark.parametrize("strategy", [RandomSearch(), BayesianSearch(n_initial=3)], ids=lambda s: type(s).__name__)
def test_a_clock_that_is_set_back_harms_nothing(tmp_path, strategy):
    """It jumps by an hour every few trials, forwards and backwards: no trial lasts less than nothing."""
    moments, reading = random.Random(0), [1e9]

    def clock():
        reading[0] += moments.choice([0.5, 0.5, 0.5, -3600, 3600])
        return reading[0]

    settings = {"storage": tmp_path / "study.sqlite", "clock": clock}
    for n_trials in (4, 8, 12):  # opened anew, as after a restart of the machine
        study = Study(SPACE, strategy, **settings)
        for _ in range(4):
            trial = study.ask(max_trials=n_trials)
            study.tell(trial, trial.config["x"])
        study.close()
    assert outcomes(study) == outcomes(tune(lambda c: c["x"], SPACE, strategy, 12, progress=False))
    assert all(trial.seconds >= 0 for trial in study.history)
    starts = [trial.started for trial in study.history]
    assert starts == sorted(starts) and starts[0] >= 0


@linux
def test_time_limits_do_not_look_at_the_clock_on_the_wall(tmp_path, monkeypatch):
    """`time.time` may be set by anyone; a study, in a file too, does not even read it."""
    import time

    for name in ("time", "time_ns"):
        monkeypatch.setattr(time, name, lambda: pytest.fail("the clock on the wall was read"))
    settings = {"until": lambda study: study.now() >= 60, "storage": tmp_path / "study.sqlite", "progress": False}
    assert len(tune(lambda config: config["x"], SPACE, RandomSearch(), 5, **settings).history.complete) == 5


@posix
def test_a_stopped_and_continued_process_goes_on(tmp_path):
    """As a laptop that sleeps: nothing is taken from it, and it goes on where it was."""
    path = tmp_path / "study.sqlite"
    pid = os.fork()
    if pid == 0:
        tune(lambda config: config["x"], SPACE, RandomSearch(), 40, storage=path, progress=False)
        os._exit(0)
    while not path.exists():
        pass
    for _ in range(3):
        os.kill(pid, signal.SIGSTOP)
        os.kill(pid, signal.SIGCONT)
    assert os.waitpid(pid, 0)[1] == 0
    study = Study(SPACE, RandomSearch(), storage=path)
    assert outcomes(study) == outcomes(tune(lambda c: c["x"], SPACE, RandomSearch(), 40, progress=False))
