"""A study in a file: it goes on, comes back as it was, and what is no such study is refused and left as it is."""

import enum
import math
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from studies import KINDS, PARENT, RULES, SPACE, curve, outcomes, stored, study_of, unchanged

from workshop.tuning import (
    BayesianSearch,
    Categorical,
    Exhausted,
    Float,
    GridSearch,
    RandomSearch,
    Space,
    Study,
    Trial,
    WarmStart,
    tune,
)
from workshop.tuning.storage import Storage

# Going on


def holed_curve(config):
    """Nine steps, or three and a failure: failures have to be stored too."""
    for step, value in enumerate(curve(config)):
        if config["k"] == 9 and step == 3:
            raise ValueError("nine")
        yield value


@pytest.mark.slow
@pytest.mark.parametrize(
    ("strategy", "rule"),
    [
        (GridSearch(4), None),
        (RandomSearch(), None),
        (BayesianSearch(n_initial=4), None),
        *RULES,
        (WarmStart(RandomSearch(), [PARENT]), None),
        (WarmStart(BayesianSearch(n_initial=4), [PARENT]), None),
        (WarmStart(BayesianSearch(n_initial=4), [PARENT], transfer=True), None),
    ],
    ids=repr,
)
def test_a_study_goes_on_as_if_it_had_never_stopped(tmp_path, strategy, rule):
    path = tmp_path / "a study.sqlite"
    whole = tune(holed_curve, SPACE, strategy, 10, stopping=rule, progress=False)
    for n_trials in (3, 3, 7, 10, 5):
        study = tune(holed_curve, SPACE, strategy, n_trials, stopping=rule, storage=path, progress=False)
    assert outcomes(study) == outcomes(whole)
    assert Study(SPACE, strategy, storage=path).history == study.history
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


def test_values_reported_survive_reading_the_file_again_and_are_stored_when_told(tmp_path):
    path = tmp_path / "study.sqlite"
    one, two = (Study(SPACE, RandomSearch(), storage=path) for _ in range(2))
    first = one.ask()
    one.report(first, 3.0)
    two.tell(two.ask(), 1.0)
    second = one.ask()  # reads what the other study has stored
    assert one.history[0].values == (3.0,) and second.number == 2
    one.report(first, 2.0)
    assert Study(SPACE, RandomSearch(), storage=path).history[0].values == ()
    one.tell(first, stopped=True)
    assert Study(SPACE, RandomSearch(), storage=path).history[0] == one.history[0]
    assert one.history[0].values == (3.0, 2.0)
    one.close()
    two.close()


def test_an_orphan_begins_anew(tmp_path):
    path = tmp_path / "study.sqlite"
    study = Study(SPACE, RandomSearch(), storage=path)
    study.report(study.ask(), 3.0)
    study.close()
    assert study.ask().values == () and study.history[0].values == ()
    study.close()


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


# Refused


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"seed": 1}, "holds a study with seed 0, not 1"),
        ({"direction": "maximize"}, "direction minimize, not maximize"),
        ({"space": Space({"x": Float(-2, 2)})}, "with space"),
        ({"space": Space(reversed(list(KINDS.items())))}, "with space"),
        ({"space": Space(dict(KINDS) | {"kind": Categorical(["a", True, 1, None, 1.5])})}, "with space"),
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
        (["PRAGMA user_version = 2"], "has format 2, and only format 3"),
        (["PRAGMA application_id = 7"], "some other file"),
        (["DELETE FROM trials WHERE number = 1"], "damaged: a trial is missing"),
        *[
            ([f"UPDATE trials SET {change} WHERE number = 2"], "damaged: trial 2 does not match its checksum")
            for change in (
                *("value = 'low'", "value = value + 1e-9", "config = replace(config, '1', '2')"),
                *("seconds = 7", "state = 'stopped'", "steps = '[1.0]'"),
            )
        ],
        (["UPDATE trials SET error = CAST(x'ff' AS TEXT)"], "damaged"),
        (["UPDATE study SET seed = '7'"], "description does not match its checksum"),
        (["DELETE FROM study"], "does not match its checksum"),
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
    for path in (tmp_path, tmp_path / "none" / "study.sqlite"):
        with pytest.raises(OSError, match="a file in a folder that exists"):
            study_of(path)


@given(st.one_of(st.binary(min_size=1, max_size=300), st.binary(max_size=5000).map(b"SQLite format 3\0".__add__)))
@example(b"eta,gamma\n0.1,0.2\n")
@settings(max_examples=60, deadline=None)
def test_what_is_not_sqlite_is_refused(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "study.sqlite")
        path.write_bytes(content)
        with unchanged(path), pytest.raises(ValueError, match="not a study"):
            study_of(path)


def test_a_file_whose_names_are_damaged_is_refused(tmp_path):
    path = stored(tmp_path / "study.sqlite")
    path.write_bytes(path.read_bytes().replace(b"tablestudystudy", b"table\xfftudystudy"))
    with unchanged(path), pytest.raises(ValueError, match=r"damaged.*left as it is"):
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


# The room itself, and several in it


def test_storage_speaks_of_trials_only(tmp_path):
    storage = Storage(tmp_path / "s.sqlite", KINDS, "minimize", 0)
    config = {"x": 0.5, "k": 3, "kind": True}
    assert storage.add(Trial(0, config, started=1.0)) and not storage.add(Trial(0, config, started=2.0))
    done = Trial(0, config, "complete", math.pi, None, 2.0, 1.0)
    assert storage.finish(done) and not storage.finish(done)
    assert storage.read() == [done] and storage.read(1) == [] and storage.adopt(0.0) is None
    storage.leave()


@pytest.mark.parametrize(("raised", "taken"), [(psutil.NoSuchProcess(1), 0), (psutil.AccessDenied(1), None)])
def test_a_trial_of_another_users_process_is_not_taken_over(tmp_path, monkeypatch, raised, taken):
    path = tmp_path / "s.sqlite"
    study_of(path).ask()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE trials SET worker = '1 0.0 another'")

    process = psutil.Process

    def look_at(pid=None):
        if pid == 1:
            raise raised
        return process(pid)

    monkeypatch.setattr(psutil, "Process", look_at)
    assert Storage(path, KINDS, "minimize", 0).adopt(0.0) == taken


def test_choices_of_any_kind_come_back_as_they_were(tmp_path):
    class Optimizer(str, enum.Enum):  # noqa: UP042  (as older code has it)
        SGD = "sgd"
        ADAM = "adam"

    space = Space({"o": Categorical(Optimizer), "l": Categorical({"small": (50,), "large": (100, 50)})})
    settings = {"space": space, "strategy": GridSearch()}
    study = tune(lambda config: len(config["l"]), n_trials=4, storage=tmp_path / "s.sqlite", progress=False, **settings)
    again = study_of(tmp_path / "s.sqlite", **settings)
    assert again.history == study.history and again.history[3].config["o"] is Optimizer.ADAM
    looked = Study.open(tmp_path / "s.sqlite")
    assert dict(looked.best.config) == {"o": "SGD", "l": "small"}


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_a_study_is_opened_without_its_space(tmp_path, direction):
    path = stored(tmp_path / "study.sqlite", direction=direction, seed=3)
    study = Study.open(path)
    assert study.history == study_of(path, direction=direction, seed=3).history and study.direction == direction
    with unchanged(path), pytest.raises(Exhausted, match=r"give Study\.open a strategy"):
        study.ask()
    assert Study.open(path, RandomSearch()).ask().number == 4
    with pytest.raises(OSError, match="a file in a folder that exists"):
        Study.open(tmp_path / "none.sqlite")
    assert not (tmp_path / "none.sqlite").exists()


@pytest.mark.parametrize("harm", ["removed", "cut", "emptied"])
def test_a_file_that_goes_while_the_study_is_open_says_so(tmp_path, harm):
    path = stored(tmp_path / "study.sqlite")
    study = study_of(path)
    trial = study.ask()
    if harm == "removed":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[: 5000 if harm == "cut" else 0])
    for attempt in (lambda: study.tell(trial, 1.0), study.ask):
        with pytest.raises((OSError, ValueError), match=r"storage .*study.sqlite"):
            attempt()
    assert path.exists() == (harm != "removed")
    study.close()


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
