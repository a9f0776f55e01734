"""What the local service knows, in one SQLite file: solutions, their versions, and the events that wait for training.

A version goes from CREATE PENDING over CREATE IN_PROGRESS to ACTIVE or CREATE FAILED. The trainer holds a lock beside
the file as long as it works; the operating system releases it when the process ends, however it ends. So whoever gets
the lock knows that no trainer is at work, and that a version still in progress has lost its trainer: it failed.
"""

import json
import time
from datetime import UTC, datetime
from io import BytesIO

import numpy as np
import pandas as pd

from workshop.aws import Lock, StateFile

PENDING, IN_PROGRESS, ACTIVE, FAILED = "CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE", "CREATE FAILED"
LOST = "the process that trained this version ended before it was done; create another version"

SCHEMA = """
CREATE TABLE IF NOT EXISTS solutions (
    arn TEXT PRIMARY KEY, name TEXT, request TEXT, best_recipe_arn TEXT, created REAL, updated REAL);
CREATE TABLE IF NOT EXISTS versions (
    number INTEGER PRIMARY KEY, arn TEXT UNIQUE, name TEXT, solution_arn TEXT, training_mode TEXT, status TEXT,
    failure TEXT, tuned TEXT, metrics TEXT, hours REAL, events BLOB, created REAL, updated REAL);
"""


class State(StateFile):
    """The file at `path`, made if it is not there; every method is one transaction. OSError if it cannot be used."""

    schema = SCHEMA

    def __init__(self, path):
        super().__init__(path)
        self._lock = Lock(f"{self.path}-trainer")

    def add_solution(self, arn, request):
        """Whether the solution is kept now: not if there is one of its name."""
        with self.transaction() as db:
            row = (arn, request["name"], json.dumps(request), time.time())
            insert = (
                "INSERT OR IGNORE INTO solutions (arn, name, request, created, updated) VALUES (?1, ?2, ?3, ?4, ?4)"
            )
            return db.execute(insert, row).rowcount == 1

    def solution(self, arn):
        """The solution as a dict, or None."""
        return next((s for s in self.solutions() if s["arn"] == arn), None)

    def solutions(self):
        """All solutions, oldest first: a list of dicts."""
        with self.transaction() as db:
            return [read(row) for row in db.execute("SELECT * FROM solutions ORDER BY created, rowid")]

    def delete_solution(self, arn):
        """Remove a solution and its versions."""
        with self.transaction() as db:
            db.execute("DELETE FROM versions WHERE solution_arn = ?", [arn])
            db.execute("DELETE FROM solutions WHERE arn = ?", [arn])

    def add_version(self, arn, solution_arn, name, training_mode, events):
        """Let a version wait for training on `events`, a DataFrame."""
        row = (arn, name, solution_arn, training_mode, PENDING, pack(events), time.time())
        with self.transaction() as db:
            db.execute(
                "INSERT INTO versions (arn, name, solution_arn, training_mode, status, events, created, updated) "
                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
                row,
            )

    def versions(self, solution_arn=None):
        """The versions of a solution, or of all, oldest first: a list of dicts."""
        columns = (
            "number, arn, name, solution_arn, training_mode, status, failure, tuned, metrics, hours, created, updated"
        )
        with self.transaction() as db:
            rows = db.execute(f"SELECT {columns} FROM versions ORDER BY number").fetchall()
        return [read(row) for row in rows if solution_arn in (None, row["solution_arn"])]

    def version(self, arn):
        """The version as a dict, or None."""
        return next((v for v in self.versions() if v["arn"] == arn), None)

    def begin_work(self, patience=0):
        """Whether this process is the one trainer now; it waits up to `patience` seconds for another to end."""
        if not self._lock.take(patience):
            return False
        with self.transaction() as db:
            lost = (FAILED, LOST, time.time(), IN_PROGRESS)
            db.execute("UPDATE versions SET status = ?, failure = ?, events = NULL, updated = ? WHERE status = ?", lost)
        return True

    def end_work(self):
        """Let others be the trainer."""
        self._lock.release()

    def next_version(self):
        """The ARN, request and events of the version to train now; None, and work has ended, if none waits.

        Work ends inside the transaction that found nothing. So a version is either added before, and found, or after,
        when whoever adds it finds no trainer at work and starts one.
        """
        with self.transaction() as db:
            row = db.execute(
                "SELECT v.arn, s.request, v.events FROM versions v JOIN solutions s ON s.arn = v.solution_arn "
                "WHERE v.status = ? ORDER BY v.number",
                [PENDING],
            ).fetchone()
            if row is None:
                self.end_work()
                return None
            db.execute(
                "UPDATE versions SET status = ?, updated = ? WHERE arn = ?", (IN_PROGRESS, time.time(), row["arn"])
            )
        return row["arn"], json.loads(row["request"]), unpack(row["events"])

    def finish(self, arn, outcome, hours):
        """Keep what came of a version: a dict with recipe_arn, tuned and metrics."""
        tuned, metrics = (json.dumps(outcome[name]) for name in ("tuned", "metrics"))
        with self.transaction() as db:
            db.execute(
                "UPDATE versions SET status = ?, tuned = ?, metrics = ?, hours = ?, events = NULL, updated = ? "
                "WHERE arn = ?",
                (ACTIVE, tuned, metrics, hours, time.time(), arn),
            )
            db.execute(
                "UPDATE solutions SET best_recipe_arn = ? "
                "WHERE arn = (SELECT solution_arn FROM versions WHERE arn = ?)",
                (outcome["recipe_arn"], arn),
            )

    def fail(self, arn, reason):
        """Keep why a version could not be trained."""
        with self.transaction() as db:
            update = "UPDATE versions SET status = ?, failure = ?, events = NULL, updated = ? WHERE arn = ?"
            db.execute(update, (FAILED, reason, time.time(), arn))


def read(row):
    """A row as a dict of Python values."""
    values = dict(row)
    for name in ("request", "tuned", "metrics"):
        if values.get(name) is not None:
            values[name] = json.loads(values[name])
    for name in ("created", "updated"):
        values[name] = datetime.fromtimestamp(values[name], UTC)
    return values


def pack(events):
    """The columns of a DataFrame as bytes."""
    buffer = BytesIO()
    np.savez_compressed(buffer, **{name: column.to_numpy() for name, column in events.items()})
    return buffer.getvalue()


def unpack(data):
    """The DataFrame that was packed."""
    with np.load(BytesIO(data)) as columns:
        return pd.DataFrame(dict(columns))
