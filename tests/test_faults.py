"""What goes wrong around a study: kills, disks, clocks, locks. A clear message each time, and nothing told is lost."""

import random
import subprocess
import sys
import warnings

import pytest
from reporting import outcomes, posix

from benchmarks import kills
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
def test_time_limits_do_not_look_at_the_clock_on_the_wall(monkeypatch):
    """`time.time` may be set by anyone; a study does not even read it."""
    import time

    monkeypatch.setattr(time, "time", lambda: pytest.fail("the clock on the wall was read"))
    study = tune(lambda config: config["x"], SPACE, RandomSearch(), 5, until=lambda s: s.now() >= 60, progress=False)
    assert len(study.history.complete) == 5
