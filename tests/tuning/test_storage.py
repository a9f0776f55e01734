import hashlib
import math
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from workshop.tuning import BayesianSearch, Categorical, Float, GridSearch, Int, RandomSearch, Space, Study, Trial, tune
from workshop.tuning.storage import Storage

SPACE = Space({"x": Float(-2, 2), "k": Int(1, 9), "kind": Categorical(["a", 1, True, None, 1.5])})
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs fork and signals")
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


def bowl(config):
    if config["k"] == 9:
        raise ValueError("nine")
    return (config["x"] - 1) ** 2 + 0.1 * config["k"]


def outcomes(study):
    return [(t.number, dict(t.config), t.state, t.value, t.error) for t in study.history]


def study_of(path, **change):
    return Study(**({"space": SPACE, "strategy": RandomSearch(), "storage": path} | change))


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


@contextmanager
def unchanged(path):
    before = hashlib.sha256(path.read_bytes()).hexdigest(), sorted(path.parent.iterdir())
    yield
    assert (hashlib.sha256(path.read_bytes()).hexdigest(), sorted(path.parent.iterdir())) == before


# Going on


@pytest.mark.parametrize(
    "strategy", [GridSearch(2), RandomSearch(), BayesianSearch(n_initial=4)], ids=lambda s: type(s).__name__
)
def test_a_study_goes_on_as_if_it_had_never_stopped(tmp_path, strategy):
    path = tmp_path / "a study.sqlite"
    whole = tune(bowl, SPACE, strategy, 10, progress=False)
    for n_trials in (3, 3, 7, 10, 5):
        study = tune(bowl, SPACE, strategy, n_trials, storage=path, progress=False)
    assert outcomes(study) == outcomes(whole)
    ends = [t.started + t.seconds for t in study.history]
    assert ends == sorted(ends)
    assert list(tmp_path.iterdir()) == [path]


def test_a_trial_is_stored_when_it_is_asked(tmp_path):
    path = tmp_path / "study.sqlite"
    study = study_of(str(path), direction="maximize", seed=2**70)
    first, second = study.ask(), study.ask()
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT number, state, value FROM trials").fetchall()
    assert rows == [(0, "running", None), (1, "running", None)]
    study.tell(second, 0.1 + 0.2)
    study.close()
    again = study_of(path, direction="maximize", seed=2**70)
    assert again.history[1].value == 0.1 + 0.2 and again.history[0] == first
    orphan = again.ask()
    assert (orphan.number, orphan.config) == (0, first.config)
    assert again.ask().number == 2


texts = st.text(st.characters(), max_size=20)


@given(
    choice=st.one_of(texts, st.integers(-(10**30), 10**30), st.floats(allow_nan=False, allow_infinity=False)),
    low=st.floats(-1e300, 1e300),
    value=st.floats(allow_nan=False, allow_infinity=False),
    error=texts,
)
@example(choice="'; DROP TABLE trials; --", low=-0.0, value=5e-324, error="\x00\ud800")
@example(choice=1, low=0.1 + 0.2, value=1e308, error="")
@settings(max_examples=60, deadline=None)
def test_configs_values_and_errors_come_back_as_they_were(choice, low, value, error):
    space = Space({"a 'name'; \ud800": Categorical([choice, True, None, False]), "low": Float(low, low)})
    with tempfile.TemporaryDirectory() as folder:
        study = study_of(Path(folder, "study.sqlite"), space=space, strategy=GridSearch())
        study.tell(study.ask(), value)
        study.tell(study.ask(), error=error)
        again = study_of(Path(folder, "study.sqlite"), space=space, strategy=GridSearch())
        study.close()
    assert again.history == study.history and again.history[0].value == value
    for here, there in zip(study.history, again.history, strict=True):
        assert [repr(v) for v in here.config.values()] == [repr(v) for v in there.config.values()]


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
    path, log = tmp_path / "study.sqlite", tmp_path / "log"

    def objective(config):
        with log.open("a") as file:
            file.write(f"{os.getpid()} {config['x']!r}\n")
        time.sleep(0.02)
        return bowl(config)

    pids = [fork(lambda: tune(objective, SPACE, RandomSearch(), 30, storage=path, progress=False)) for _ in range(2)]
    if die:
        while not log.exists() or str(pids[0]) not in log.read_text():
            time.sleep(0.01)
        os.kill(pids[0], signal.SIGKILL)
    assert [ended(pid) for pid in pids] == [signal.SIGKILL if die else 0, 0]
    study = study_of(path)
    assert len(study.history) == 30 and not study.history.running
    assert [dict(t.config) for t in study.history] == [
        dict(t.config) for t in tune(bowl, SPACE, RandomSearch(), 30, progress=False).history
    ]
    ran = [line.split() for line in log.read_text().splitlines()]
    assert {int(pid) for pid, _ in ran} == set(pids)
    assert 30 <= len(ran) <= 31 if die else len({x for _, x in ran}) == len(ran) == 30
    assert {p.name for p in tmp_path.iterdir()} == {"study.sqlite", "log"}


@posix
def test_trials_of_a_living_process_are_left_alone(tmp_path):
    path = tmp_path / "study.sqlite"

    def child():
        study = study_of(path)
        study.ask()
        time.sleep(60)

    pid = fork(child)
    while not path.exists() or len(study_of(path).history) < 1:
        time.sleep(0.01)
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


def test_a_lock_cleared_away_before_it_was_taken_is_taken_anew(tmp_path, monkeypatch):
    import workshop.tuning.storage as module

    lock, taken = module._lock, []

    def cleared(path):
        held = lock(path)
        if len(taken) < 2:
            path.unlink()
        taken.append(path)
        return held

    monkeypatch.setattr(module, "_lock", cleared)
    study = study_of(tmp_path / "s.sqlite")
    study.ask()
    assert len(set(taken)) == 3 and taken[2].exists()
    study.close()


# Refused


def stored(path, **change):
    tune(bowl, SPACE, RandomSearch(), 4, storage=path, progress=False, **change)
    return path


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"seed": 1}, "holds a study with seed 0, not 1"),
        ({"direction": "maximize"}, "direction minimize, not maximize"),
        ({"space": Space({"x": Float(-2, 2)})}, "with space"),
        ({"space": Space(reversed(list(SPACE.items())))}, "with space"),
        ({"space": Space(dict(SPACE) | {"kind": Categorical(["a", True, 1, None, 1.5])})}, "with space"),
    ],
)
def test_another_study_is_refused(tmp_path, change, text):
    path = stored(tmp_path / "study.sqlite")
    with unchanged(path), pytest.raises(ValueError, match=text) as refusal:
        study_of(path, **change)
    assert str(path) in str(refusal.value) and "left as it is" in str(refusal.value)


def edited(path, *statements):
    with closing(sqlite3.connect(path)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()


@pytest.mark.parametrize(
    ("statements", "text"),
    [
        (["PRAGMA user_version = 3"], "has format 3, .* update this package"),
        (["PRAGMA application_id = 7"], "some other file"),
        (["DELETE FROM trials WHERE number = 1"], "damaged: a trial is missing"),
        (["UPDATE trials SET value = NULL WHERE number = 1"], "damaged"),
        (["UPDATE trials SET value = 'low' WHERE number = 1"], "damaged"),
        (["UPDATE trials SET state = 'done' WHERE number = 1"], "damaged: state='done'"),
        (["UPDATE trials SET config = '{' WHERE number = 1"], "damaged"),
        (["UPDATE trials SET config = '{\"x\": 9}' WHERE number = 1"], "damaged"),
        (["UPDATE trials SET error = CAST(x'ff' AS TEXT)"], "damaged"),
        (["DELETE FROM study"], "with space None"),
        (["DROP TABLE trials"], "no such table"),
    ],
)
def test_a_newer_or_inconsistent_file_is_refused(tmp_path, statements, text):
    path = stored(tmp_path / "study.sqlite")
    edited(path, *statements)
    with unchanged(path), pytest.raises(ValueError, match=text):
        study_of(path)


def test_other_files_are_refused(tmp_path):
    foreign = tmp_path / "foreign.sqlite"
    edited(foreign, "CREATE TABLE mine (a)")
    with unchanged(foreign), pytest.raises(ValueError, match="some other file"):
        study_of(foreign)
    with pytest.raises(OSError, match="no file in an existing folder"):
        study_of(tmp_path)
    with pytest.raises(OSError, match="make the folder"):
        study_of(tmp_path / "none" / "study.sqlite")


@given(st.one_of(st.binary(min_size=1, max_size=300), st.binary(max_size=5000).map(b"SQLite format 3\0".__add__)))
@example(b"eta,gamma\n0.1,0.2\n")
@settings(max_examples=60, deadline=None)
def test_what_is_not_sqlite_is_refused(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "study.sqlite")
        path.write_bytes(content)
        with unchanged(path), pytest.raises(ValueError, match="no study"):
            study_of(path)


@given(st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_is_refused_or_does_no_harm(tmp_path_factory, data):
    whole = tmp_path_factory.getbasetemp() / "whole.sqlite"
    if not whole.exists():
        stored(whole)
    content = bytearray(whole.read_bytes())
    if data.draw(st.booleans(), label="cut"):
        del content[data.draw(st.integers(1, len(content) - 1)) :]
    else:
        start = data.draw(st.integers(0, len(content) - 1))
        junk = data.draw(st.binary(min_size=1, max_size=64))
        content[start : start + len(junk)] = junk
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "study.sqlite")
        path.write_bytes(content)
        with unchanged(path):
            try:
                history = study_of(path).history
            except ValueError as refusal:
                assert "left as it is" in str(refusal)
            else:
                assert len(history) == 4


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
            with pytest.raises(OSError, match=f"cannot use storage {folder}.*may be written"):
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


def test_no_wall_clock_is_read(tmp_path, monkeypatch):
    for name in ("time", "time_ns"):
        monkeypatch.setattr(time, name, lambda: pytest.fail("the wall clock may go backwards"))
    stored(tmp_path / "study.sqlite")
    assert study_of(tmp_path / "study.sqlite").ask().number == 4


def test_storage_speaks_of_trials_only(tmp_path):
    storage = Storage(tmp_path / "s.sqlite", SPACE, "minimize", 0)
    config = {"x": 0.5, "k": 3, "kind": True}
    assert storage.add(Trial(0, config, started=1.0)) and not storage.add(Trial(0, config, started=2.0))
    done = Trial(0, config, "complete", math.pi, None, 2.0, 1.0)
    assert storage.finish(done) and not storage.finish(done)
    assert storage.read() == [done] and storage.read(1) == [] and storage.adopt(0.0) is None
    storage.leave()
