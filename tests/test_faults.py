"""What goes wrong around a study: kills, disks, clocks, locks. A clear message each time, and nothing told is lost."""

import functools
import hashlib
import http.server
import os
import random
import shutil
import subprocess
import sys
import threading
import warnings

import pytest
from studies import outcomes, posix

from benchmarks import kills
from workshop.datasets import RELEASES, fetch_movielens
from workshop.tuning import BayesianSearch, Float, RandomSearch, Space, Study, tune

SPACE = Space({"x": Float(0, 1)})
linux = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


# Killed: the small sister of benchmarks/kills.py


@pytest.mark.slow
@posix
@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("median rule", "one at a time"),
        ("hyperband", "one at a time"),
        ("hyperband", "three processes"),
    ],
)
def test_killed_again_and_again_a_study_loses_nothing(tmp_path, name, way):
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


# Disks and clocks


@pytest.fixture
def small_disk(tmp_path):
    """A real file system of 256 kB; only root may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no right to mount a small disk")
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
@pytest.mark.parametrize("path", ["/proc/study.sqlite", "/dev/full"])
def test_places_where_no_file_can_be_say_so(path):
    with pytest.raises((OSError, ValueError), match=rf"storage '?{path}"):
        tune(lambda config: config["x"], SPACE, RandomSearch(), 3, storage=path, progress=False)


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
