"""A study on disk: one SQLite file, two small tables, and a lock file for each process at work on it.

A trial is stored when it is asked and again when it is told, each time in one transaction, so that a process killed
at any moment loses no trial it has told. What a trial reports on the way is stored when it is told: one that is
asked again starts anew, so that earlier it would be of no use. SQLite's default journal, fully synchronised, also
survives a power cut and leaves no second file behind. (Keep the file on a local disk: locks on network disks are often
broken.) SQLite does not notice when a byte of a value changes on the disk; the checksum of each row does.

A trial's number is its primary key: when two processes propose the same number, one of them cannot store it and
proposes again, now knowing the other's. Which trials are orphans needs no clock and no list of processes: each
process holds a lock on a file of its own, which the operating system releases when the process ends, however it ends.
"""

import json
import os
import sqlite3
import uuid
import weakref
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import Any

from workshop.tuning.history import Trial
from workshop.tuning.space import Space

APPLICATION = 0x574B5350  # "WKSP", in the header of every file of ours
FORMAT = 3
UNREADABLE = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
COLUMNS = "number, config, state, value, error, seconds, started, steps"


class Storage:
    """The file at `path` as the store of one study; made if it is not there.

    Raises ValueError if the file holds another study, none, or a damaged one, and leaves it as it is; OSError if it
    cannot be read or written.
    """

    def __init__(self, path: str | os.PathLike, space: Space, direction: str, seed: int):
        self.path = _checked(path)
        self._space = space
        self._study = {"space": json.dumps(space.to_json()), "direction": direction, "seed": str(seed)}
        self._worker: str | None = None
        self._release: Any = None
        with _open(self.path, "rwc") as db:
            if _is_new(db, self.path):
                self._create(db)
            for name, there in _description(db, self.path).items():
                if self._study[name] != there:
                    raise _refusal(self.path, f"holds a study with {name} {there}, not {self._study[name]}")
        with suppress(OSError):  # a file may be looked at where nothing may be written
            self._living()  # which clears away what killed processes left

    def _create(self, db):
        db.execute("BEGIN IMMEDIATE")
        if _is_new(db, self.path):  # still: another process may have been faster
            db.execute("CREATE TABLE study (space TEXT, direction TEXT, seed TEXT, checksum INTEGER)")
            db.execute("INSERT INTO study VALUES (?, ?, ?, ?)", _with_checksum(self._study.values()))
            db.execute(
                "CREATE TABLE trials (number INTEGER PRIMARY KEY, config TEXT, state TEXT, value REAL, error TEXT, "
                "seconds REAL, started REAL, steps TEXT, checksum INTEGER, worker TEXT)"
            )
            db.execute(f"PRAGMA application_id = {APPLICATION}")
            db.execute(f"PRAGMA user_version = {FORMAT}")
        db.execute("COMMIT")

    def _row(self, trial):
        """Return a trial as the file holds it, in the order of COLUMNS and with its checksum."""
        config, steps = json.dumps(self._space.to_labels(trial.config)), json.dumps(trial.values)
        value, seconds, started = map(_as_stored, (trial.value, trial.seconds, trial.started))
        return _with_checksum((trial.number, config, trial.state, value, trial.error, seconds, started, steps))

    def read(self, first: int = 0) -> list[Trial]:
        """Return the stored trials from number `first` on."""
        select = f"SELECT {COLUMNS}, checksum FROM trials WHERE number >= ? ORDER BY number"
        with _open(self.path) as db:
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
        return Trial(number, self._space.from_labels(json.loads(config)), *outcome, json.loads(steps))

    def add(self, trial: Trial) -> bool:
        """Return whether `trial`, just asked, is stored now: not if its number has been taken meanwhile."""
        self._enter()
        insert = f"INSERT OR IGNORE INTO trials ({COLUMNS}, checksum, worker) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        with _open(self.path) as db:
            return db.execute(insert, (*self._row(trial), self._worker)).rowcount == 1

    def finish(self, trial: Trial) -> bool:
        """Return whether `trial`, just told, is stored now: not if it has been told meanwhile."""
        with _open(self.path) as db:
            return self._replace(db, trial, "state = 'running'")

    def _replace(self, db, trial, condition, *arguments):
        """Return whether the row of a trial, which met the condition, is as `trial` says now."""
        update = (
            f"UPDATE trials SET ({COLUMNS}, checksum) = (?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE number = ? AND {condition}"
        )
        return db.execute(update, (*self._row(trial), trial.number, *arguments)).rowcount == 1

    def adopt(self, started: float) -> int | None:
        """Return the number of the first trial whose process is gone, now this process's own; None if there is none."""
        with _open(self.path) as db:
            others = "SELECT number, worker FROM trials WHERE state = 'running' AND worker IS NOT ? ORDER BY number"
            running = db.execute(others, [self._worker]).fetchall()
        living = self._living() if running else set()  # looked at after the rows: their locks are older than they
        for number, worker in running:
            if worker not in living and self._take(number, worker, started):
                return number
        return None

    def _take(self, number, worker, started):
        """Return whether a running trial of a process that is gone is this process's own now, begun anew."""
        self._enter()
        anew = Trial(number, self.read(number)[0].config, started=started)
        with _open(self.path) as db:
            db.execute("BEGIN IMMEDIATE")
            taken = self._replace(db, anew, "worker = ? AND state = 'running'", worker)
            if taken:
                db.execute("UPDATE trials SET worker = ? WHERE number = ?", (self._worker, number))
            db.execute("COMMIT")
        return taken

    def leave(self) -> None:
        """Release this process's lock: trials it has asked and not told become orphans."""
        if self._worker:
            self._worker = None
            self._release()

    def _enter(self):
        """Take a lock file of our own, if we have none, and keep it until `leave`, or the end of the process."""
        while self._worker is None:
            worker = uuid.uuid4().hex
            path = self.path.with_name(f"{self.path.name}-worker-{worker}")
            with _saying_what_helps(self.path):
                path.touch(exist_ok=False)
                made = path.stat().st_ino
                lock = _lock(path)
            if lock and path.exists() and path.stat().st_ino == made:
                self._worker, self._release = worker, weakref.finalize(self, _unlock, lock, path, os.getpid())
            elif lock:  # another process cleared the file away before it was locked
                lock.close()

    def _living(self):
        """Return the names of the processes at work, a set; lock files of those that are gone are removed."""
        living = set()
        for path in self.path.parent.glob(f"{escape(self.path.name)}-worker-*"):
            with _saying_what_helps(path):
                lock = _lock(path) if path.exists() else None
            if lock:
                _unlock(lock, path, os.getpid())
            elif path.exists():
                living.add(path.name.rpartition("-")[2])
        return living


def read_description(path: str | os.PathLike) -> tuple[dict, str, int]:
    """Return what the file at `path` says of its study: space (as JSON), direction and seed; errors as in `Storage`."""
    file = _checked(path)
    if not file.exists():
        raise FileNotFoundError(f"storage {file} is not there; name the file that keeps the study")
    with _open(file) as db:
        description = _description(db, file)
    return json.loads(description["space"]), description["direction"], int(description["seed"])


def _checked(path):
    """Return `path` as an absolute Path; OSError unless it may be a file in an existing folder."""
    whole_path = Path(path).absolute()
    if whole_path.is_dir() or not whole_path.parent.is_dir():
        raise OSError(f"storage={str(path)!r} is not a file in an existing folder; name a file, or make the folder")
    return whole_path


def _refusal(path, why):
    return ValueError(f"storage {path} {why}. It is left as it is; name another file, or restore this one")


@contextmanager
def _saying_what_helps(path) -> Iterator[None]:
    """Turn what goes wrong with a file into an error that says what helps."""
    try:
        yield
    except UnicodeDecodeError as error:  # SQLite names what is damaged, and the name is damaged too
        raise _refusal(path, f"is damaged: {error}") from error
    except (sqlite3.Error, OSError) as error:
        if isinstance(error, sqlite3.Error) and _code(error) in UNREADABLE:
            raise _refusal(path, f"is damaged, or not a study: {error}") from error
        raise OSError(
            f"cannot use storage {path}: {error}. Check that the file and its folder may be written, that the disk has "
            "room and that no other program holds the file; no trial that was told is lost"
        ) from error


def _code(error):
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def _connect(path, mode, seconds):
    """Return a connection in which every statement is a transaction; only mode "rwc" makes a file that is not there."""
    address = f"{path.as_uri()}?mode={mode}"
    return sqlite3.connect(address, uri=True, timeout=seconds, isolation_level=None, check_same_thread=False)


@contextmanager
def _open(path, mode="rw") -> Iterator[sqlite3.Connection]:
    """Yield a connection to a study."""
    with _saying_what_helps(path), closing(_connect(path, mode, 60)) as db:
        db.execute("PRAGMA synchronous = EXTRA")
        yield db


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


def _as_stored(number):
    """Return a number, or None, as SQLite gives it back: a float, and never -0.0."""
    return None if number is None else float(number) + 0.0


def _with_checksum(values):
    """Return the values of a row, a tuple, and behind them a checksum of their JSON."""
    values = tuple(values)
    return (*values, zlib.crc32(json.dumps(values).encode()))


def _lock(path):
    """Return a connection that locks the file at `path` while it is open, or None if another one does.

    SQLite's own locks: they work on every platform, between two studies of one process, and no child inherits them.
    The file is never made here: one that was cleared away a moment ago must not come back.
    """
    try:
        lock = _connect(path, "rw", 0)
    except sqlite3.OperationalError:
        if path.exists():
            raise
        return None
    try:
        lock.execute("PRAGMA journal_mode = OFF")  # there is nothing to roll back: no journal file
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        lock.close()
        if _code(error) != sqlite3.SQLITE_BUSY and path.exists():
            raise
        return None
    return lock


def _unlock(lock, path, owner):
    """Release the lock and remove its file; nothing in a fork of the process that owns it."""
    if os.getpid() == owner:
        with suppress(OSError):  # while it is locked, so that nobody else can lock it; Windows refuses that
            path.unlink()
        lock.close()
        with suppress(OSError):
            path.unlink()
