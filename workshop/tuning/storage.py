"""A study on disk: one SQLite file, two small tables, and a lock file for each process at work on it.

A trial is stored when it is asked and again when it is told, each time in one transaction, so that a process killed
at any moment loses no trial it has told. What a trial reports on the way is stored when it is told: one that is
asked again starts anew, so that earlier it would be of no use. SQLite's default journal, fully synchronised, also
survives a power cut and leaves no second file behind. (Keep the file on a local disk: locks on network disks are often
broken.)

A trial's number is its primary key: when two processes propose the same number, one of them cannot store it and
proposes again, now knowing the other's. Which trials are orphans needs no clock and no list of processes: each
process holds a lock on a file of its own, which the operating system releases when the process ends, however it ends.
"""

import json
import os
import sqlite3
import uuid
import weakref
from contextlib import closing, contextmanager, suppress
from glob import escape
from pathlib import Path

from workshop.tuning.history import Trial

APPLICATION = 0x574B5350  # "WKSP", in the header of every file of ours
FORMAT = 2  # 1 had no column for the values that a trial reports
UNREADABLE = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class Storage:
    """The file at `path` as the store of one study; made if it is not there.

    Raises ValueError if the file holds another study, none, or a damaged one, and leaves it as it is; OSError if it
    cannot be read or written.
    """

    def __init__(self, path, space, direction, seed):
        self.path = Path(path).absolute()
        if self.path.is_dir() or not self.path.parent.is_dir():
            raise OSError(f"storage={str(path)!r} is no file in an existing folder; name a file, or make the folder")
        self._space = space
        self._study = {"space": json.dumps(space.to_json()), "direction": direction, "seed": str(seed)}
        self._worker, self._release = None, None
        with self._open() as db:
            if self._is_new(db):
                self._create(db)
            self._check(db)
            if _pragma(db, "user_version") == 1:
                self._update(db)
        self._living()  # which clears away what killed processes left

    @contextmanager
    def _open(self):
        """Yield a connection in which every statement is a transaction; say what helps when something goes wrong."""
        try:
            with closing(sqlite3.connect(self.path, timeout=60, isolation_level=None)) as db:
                db.execute("PRAGMA synchronous = EXTRA")
                yield db
        except UnicodeDecodeError as error:  # SQLite names what is damaged, and the name is damaged too
            raise self._refusal(f"is damaged: {error}") from error
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF in UNREADABLE:
                raise self._refusal(f"is damaged, or no study: {error}") from error
            raise OSError(
                f"cannot use storage {self.path}: {error}. Check that the file and its folder may be written, that "
                "the disk has room and that no other program holds the file; no trial that was told is lost"
            ) from error

    def _refusal(self, why):
        return ValueError(f"storage {self.path} {why}. It is left as it is; name another file, or restore this one")

    def _is_new(self, db):
        tables = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]  # first, for it mends a killed creation
        return tables == 0 and self.path.stat().st_size == 0

    def _create(self, db):
        db.execute("BEGIN IMMEDIATE")
        if self._is_new(db):  # still: another process may have been faster
            db.execute("CREATE TABLE study (space TEXT, direction TEXT, seed TEXT)")
            db.execute("INSERT INTO study VALUES (:space, :direction, :seed)", self._study)
            db.execute(
                "CREATE TABLE trials (number INTEGER PRIMARY KEY, config TEXT, state TEXT, value REAL, error TEXT, "
                "seconds REAL, started REAL, worker TEXT, steps TEXT)"
            )
            db.execute(f"PRAGMA application_id = {APPLICATION}")
            db.execute(f"PRAGMA user_version = {FORMAT}")
        db.execute("COMMIT")

    def _update(self, db):
        """Give a file of format 1 what it lacks; its trials stay as they are."""
        db.execute("BEGIN IMMEDIATE")
        if _pragma(db, "user_version") == 1:  # still: another process may have been faster
            db.execute("ALTER TABLE trials ADD COLUMN steps TEXT")
            db.execute(f"PRAGMA user_version = {FORMAT}")
        db.execute("COMMIT")

    def _check(self, db):
        """Refuse the file unless it is sound, of this format, and of this study."""
        if _pragma(db, "application_id") != APPLICATION:
            raise self._refusal("is no study but some other file")
        if (version := _pragma(db, "user_version")) not in range(1, FORMAT + 1):
            raise self._refusal(
                f"has format {version}, and only formats up to {FORMAT} are known here; update this package"
            )
        if (health := _pragma(db, "integrity_check")) != "ok":
            raise self._refusal(f"is damaged: {health}")
        stored = db.execute("SELECT space, direction, seed FROM study").fetchone()
        for (name, here), there in zip(self._study.items(), stored or (None,) * 3, strict=True):
            if here != there:
                raise self._refusal(f"holds a study with {name} {there}, not {here}")

    def read(self, first=0):
        """Return the stored trials from number `first` on, a list."""
        with self._open() as db:
            rows = db.execute(
                "SELECT number, config, steps, state, value, error, seconds, started FROM trials WHERE number >= ? "
                "ORDER BY number",
                [first],
            ).fetchall()
        try:
            if [row[0] for row in rows] != list(range(first, first + len(rows))):
                raise ValueError("a trial is missing")
            return [
                Trial(number, self._space.validate(json.loads(config)), *rest, json.loads(steps or "[]"))
                for number, config, steps, *rest in rows
            ]
        except (TypeError, ValueError) as error:
            raise self._refusal(f"is damaged: {error}") from error

    def add(self, trial):
        """Return whether `trial`, just asked, is stored now: not if its number has been taken meanwhile."""
        self._enter()
        row = (trial.number, json.dumps(dict(trial.config)), trial.state, trial.started, self._worker)
        with self._open() as db:
            insert = "INSERT OR IGNORE INTO trials (number, config, state, started, worker) VALUES (?, ?, ?, ?, ?)"
            return db.execute(insert, row).rowcount == 1

    def finish(self, trial):
        """Return whether `trial`, just told, is stored now: not if it has been told meanwhile."""
        row = (trial.state, trial.value, trial.error, trial.seconds, json.dumps(trial.values), trial.number)
        with self._open() as db:
            update = (
                "UPDATE trials SET state = ?, value = ?, error = ?, seconds = ?, steps = ? "
                "WHERE number = ? AND state = ?"
            )
            return db.execute(update, (*row, "running")).rowcount == 1

    def adopt(self, started):
        """Return the number of the first trial whose process is gone, now this process's own; None if there is none."""
        with self._open() as db:
            others = "SELECT number, worker FROM trials WHERE state = 'running' AND worker IS NOT ? ORDER BY number"
            running = db.execute(others, [self._worker]).fetchall()
            living = self._living() if running else set()  # looked at after the rows: their locks are older than they
            for number, worker in running:
                if worker not in living:
                    self._enter()
                    take = "UPDATE trials SET worker = ?, started = ? WHERE number = ? AND worker = ? AND state = ?"
                    if db.execute(take, (self._worker, started, number, worker, "running")).rowcount:
                        return number
        return None

    def leave(self):
        """Release this process's lock: trials it has asked and not told become orphans."""
        if self._worker:
            self._worker = None
            self._release()

    def _enter(self):
        """Take a lock file of our own, if we have none, and keep it until `leave`, or the end of the process."""
        while self._worker is None:
            worker = uuid.uuid4().hex
            path = self.path.with_name(f"{self.path.name}-worker-{worker}")
            with self._open():  # only for its error messages
                lock = _lock(path)
            if lock and path.exists():
                self._worker, self._release = worker, weakref.finalize(self, _unlock, lock, path, os.getpid())
            elif lock:  # another process cleared the file away before it was locked
                lock.close()

    def _living(self):
        """Return the names of the processes at work, a set; lock files of those that are gone are removed."""
        living = set()
        for path in self.path.parent.glob(f"{escape(self.path.name)}-worker-*"):
            if (lock := _lock(path)) is None:
                living.add(path.name.rpartition("-")[2])
            else:
                _unlock(lock, path, os.getpid())
        return living


def _pragma(db, name):
    return db.execute(f"PRAGMA {name}").fetchone()[0]


def _lock(path):
    """Return a connection that locks the file at `path` while it is open, or None if another one does.

    SQLite's own locks: they work on every platform, and between two studies of the same process.
    """
    lock = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        lock.execute("PRAGMA journal_mode = OFF")  # there is nothing to roll back: no journal file
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        lock.close()
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        return None
    return lock


def _unlock(lock, path, owner):
    """Release the lock and remove its file; nothing in a fork of the process that owns it."""
    if os.getpid() == owner:
        for step in (path.unlink, lock.close, path.unlink):  # while locked, so that nobody else can lock it;
            with suppress(OSError):  # but Windows removes no open file
                step()
