"""A study on disk: one SQLite file of two small tables.

A trial is stored when it is asked and again when it is told, each time in one statement, so that a process killed
at any moment loses no trial it has told. What it reports on the way is stored when it is told: a trial that is asked
again starts anew. SQLite's default journal, fully synchronised, survives a power cut as well and leaves no second file
behind. SQLite does not notice when a byte of a value changes on the disk; the checksum of each row does.

A trial's number is its primary key: when two processes propose the same number, one of them cannot store it and
proposes again, now knowing the other's. Beside each trial stands who runs it; where that process is gone, the trial is
an orphan, which the next one to ask takes over. Processes are looked for on this computer only: one on another
computer that shares the file looks as if it had ended, and its trials are run a second time. So keep the file on a
local disk, and let all who share it run there; locks on network disks are often broken as well.
"""

import json
import os
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4
from weakref import WeakSet

import psutil

from workshop.tuning.history import Trial
from workshop.tuning.parameter import Categorical, Float, Int, identity
from workshop.tuning.space import Space

APPLICATION = 0x574B5350  # "WKSP", in the header of every file of ours
FORMAT = 3
UNREADABLE = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
TABLES = f"""
    CREATE TABLE study (space TEXT, direction TEXT, seed TEXT, checksum INTEGER);
    CREATE TABLE trials (number INTEGER PRIMARY KEY, config TEXT, state TEXT, value REAL, error TEXT,
        seconds REAL, started REAL, steps TEXT, checksum INTEGER, worker TEXT);
    PRAGMA application_id = {APPLICATION};
    PRAGMA user_version = {FORMAT}"""
COLUMNS = "number, config, state, value, error, seconds, started, steps, checksum"
MARKS = ", ".join("?" * 10)  # for these and the worker


class Storage:
    """The file at `path` as the store of one study; made if it is not there.

    Raises ValueError if the file holds another study, none, or a damaged one, and leaves it as it is; OSError if it
    cannot be read or written.
    """

    _alive: ClassVar[WeakSet] = WeakSet()  # those of this process

    def __init__(self, path: str | os.PathLike, space: Space, direction: str, seed: int):
        self.path, self._space, text = Path(path).absolute(), space, to_json(space)
        self._labelled = from_json(text)  # the same space, but that labels stand for the choices
        self._alive.add(self)
        self.leave()
        study = {"space": text, "direction": direction, "seed": str(seed)}
        with _open(self.path, "rwc") as db:
            if _is_new(db, self.path):
                db.execute("BEGIN IMMEDIATE")
                if _is_new(db, self.path):  # still: another process may have been faster
                    for statement in TABLES.split(";"):
                        db.execute(statement)
                    db.execute("INSERT INTO study VALUES (?, ?, ?, ?)", _with_checksum(study.values()))
                db.execute("COMMIT")
            for name, there in _description(db, self.path).items():
                if study[name] != there:
                    raise _refusal(self.path, f"holds a study with {name} {there}, not {study[name]}")

    @property
    def _worker(self):
        """Who runs the trials asked here: a process, as its number and beginning tell, and a study in it."""
        return f"{os.getpid()} {psutil.Process().create_time()} {self._token}"

    def _row(self, trial):
        """Return a trial as the file holds it: COLUMNS, and the worker that runs it."""
        config = json.dumps(_translated(trial.config, self._space, self._labelled))
        row = (trial.number, config, trial.state, trial.value, trial.error, trial.seconds, trial.started)
        return (*_with_checksum((*row, json.dumps(trial.values))), self._worker)

    def read(self, first: int = 0) -> list[Trial]:
        """Return the stored trials from number `first` on."""
        with _open(self.path) as db:
            select = f"SELECT {COLUMNS} FROM trials WHERE number >= ? ORDER BY number"
            rows = db.execute(select, [first]).fetchall()
        try:
            trials = [self._trial(row) for row in rows]
            if [trial.number for trial in trials] != list(range(first, first + len(rows))):
                raise ValueError("a trial is missing")
            return trials
        except (TypeError, ValueError) as error:
            raise _refusal(self.path, f"is damaged: {error}") from error

    def _trial(self, row):
        if _with_checksum(row[:-1]) != row:
            raise ValueError(f"trial {row[0]} does not match its checksum")
        number, config, *outcome, steps, _ = row
        return Trial(number, _translated(json.loads(config), self._labelled, self._space), *outcome, json.loads(steps))

    def add(self, trial: Trial) -> bool:
        """Return whether `trial`, just asked, is stored now: not if its number has been taken meanwhile."""
        with _open(self.path) as db:
            insert = f"INSERT OR IGNORE INTO trials ({COLUMNS}, worker) VALUES ({MARKS})"
            return db.execute(insert, self._row(trial)).rowcount == 1

    def finish(self, trial: Trial, *worker: str) -> bool:
        """Return whether `trial`, just told or taken over from a worker, is stored now: not if another was faster."""
        update = f"UPDATE trials SET ({COLUMNS}, worker) = ({MARKS}) WHERE number = ? AND state = 'running'"
        with _open(self.path) as db:
            update += " AND worker = ?" * len(worker)
            return db.execute(update, (*self._row(trial), trial.number, *worker)).rowcount == 1

    def adopt(self, started: float) -> int | None:
        """Return the number of the first trial that nobody runs any more, now run by this study; None if none is."""
        with _open(self.path) as db:
            running = db.execute("SELECT number, worker FROM trials WHERE state = 'running' ORDER BY number").fetchall()
        for number, worker in running:
            if not self._is_at_work(worker) and self.finish(replace(self.read(number)[0], started=started), worker):
                return number
        return None

    def _is_at_work(self, worker):
        """Return whether the process of a worker runs and, if it is this one, its study is neither left nor lost."""
        try:
            pid, began, token = worker.split()
            if int(pid) == os.getpid():
                return token in {storage._token for storage in self._alive}
            process = psutil.Process(int(pid))
            same = abs(process.create_time() - float(began)) < 2  # seconds: not another one that has its number now
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.AccessDenied:  # it runs, for another user
            return True
        except (psutil.NoSuchProcess, ValueError):  # gone, or of an earlier version of this file
            return False

    def leave(self) -> None:
        """Begin anew as another worker: trials that were asked here and not told become orphans."""
        self._token = uuid4().hex


# What is written


def to_json(space: Space) -> str:
    """Return a space as text, choices by their labels; ValueError if these may be others in the next process."""
    entries: dict[str, dict] = {}
    for name, p in space.items():
        if isinstance(p, Categorical):
            labels = p.labels or tuple(map(_label, p.choices))
            if len(set(map(identity, labels))) < p.width or any(" at 0x" in str(label) for label in labels):
                raise ValueError(f"choices {p.choices} need names in a file; give a dict, such as {{'small': (50,)}}")
            arguments = {"choices": labels}
        else:
            step = {} if p.step == type(p).step else {"step": p.step}
            arguments = {"low": p.low, "high": p.high, "log": p.log, **step}
        entries[name] = {"type": type(p).__name__, **arguments}
    return json.dumps(entries)


def _label(choice):
    """Return how a file names a choice: as it is where JSON can hold it, else by a name of its own, or its repr."""
    if type(choice) in (str, int, float, bool, type(None)):
        return choice
    return choice.name if isinstance(choice, Enum) else getattr(choice, "__qualname__", repr(choice))


def from_json(text: str) -> Space:
    """Return the space that `to_json` wrote, with the labels of choices in their place.

    Examples
    --------
    >>> from_json('{"eta": {"type": "Float", "low": 0.01, "high": 1.0, "log": true}}')
    Space({'eta': Float(low=0.01, high=1.0, log=True)})
    """
    kinds: dict[str, Any] = {"Float": Float, "Int": Int, "Categorical": Categorical}
    return Space({name: kinds[entry.pop("type")](**entry) for name, entry in json.loads(text).items()})


def _translated(config: Mapping, space: Space, other: Space) -> dict:
    """Return a config of one space in another, which has other names for the same choices."""
    config = space.validate(config)
    for name, p in space.items():
        if isinstance(p, Categorical):
            config[name] = other[name].choices[p.index(config[name])]
    return config


def _with_checksum(values):
    """Return the values of a row, a tuple, and behind them a checksum of their JSON."""
    # SQLite gives a whole number in a column of reals back as a float, and never -0.0.
    values = tuple(value + 0.0 if isinstance(value, float) else value for value in values)
    return (*values, zlib.crc32(json.dumps(values).encode()))


# The file


def read_description(path: str | os.PathLike) -> tuple[Space, str, int]:
    """Return space, direction and seed of the study in the file at `path`; errors as in `Storage`."""
    file = Path(path).absolute()
    with _open(file) as db:
        study = _description(db, file)
    return from_json(study["space"]), study["direction"], int(study["seed"])


def _refusal(path, why):
    return ValueError(f"storage {path} {why}. It is left as it is; name another file, or restore this one")


@contextmanager
def _open(path, mode="rw") -> Iterator[sqlite3.Connection]:
    """Yield a connection in which every statement is a transaction; only mode "rwc" makes a file that is not there.

    What goes wrong with a file becomes an error that says what helps.
    """
    try:
        address = f"{path.as_uri()}?mode={mode}"
        with closing(sqlite3.connect(address, uri=True, timeout=60, isolation_level=None)) as db:
            db.execute("PRAGMA synchronous = EXTRA")
            yield db
    except UnicodeDecodeError as error:  # SQLite names what is damaged, and the name is damaged too
        raise _refusal(path, f"is damaged: {error}") from error
    except (sqlite3.Error, OSError) as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if isinstance(error, sqlite3.Error) and code in UNREADABLE:
            raise _refusal(path, f"is damaged, or not a study: {error}") from error
        raise OSError(
            f"cannot use storage {path}: {error}. Check that it is a file in a folder that exists, that both may be "
            "written, that the disk has room and that no other program holds the file; no trial that was told is lost"
        ) from error


def _is_new(db, path):
    tables = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]  # first, for it mends a killed creation
    return tables == 0 and path.stat().st_size == 0


def _description(db, path):
    """Return space, direction and seed of the study in the file, a dict of str; refuse any other file."""

    def pragma(name):
        return db.execute(f"PRAGMA {name}").fetchone()[0]

    if pragma("application_id") != APPLICATION:
        raise _refusal(path, "is not a study but some other file")
    if (version := pragma("user_version")) != FORMAT:
        raise _refusal(path, f"has format {version}, and only format {FORMAT} is known here; use the other version")
    if (health := pragma("integrity_check")) != "ok":
        raise _refusal(path, f"is damaged: {health}")
    row = db.execute("SELECT space, direction, seed, checksum FROM study").fetchone()
    if row is None or _with_checksum(row[:-1]) != row:
        raise _refusal(path, "is damaged: its description does not match its checksum")
    return dict(zip(("space", "direction", "seed"), row, strict=False))
