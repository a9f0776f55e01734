"""What the local service knows: one file of tuning jobs, and beside it a study a job, which holds its training jobs.

A tuning job goes from InProgress, or over Stopping, to Completed, Stopped or Failed. Whoever runs it holds a lock,
which the operating system releases when the process ends. So a job in progress whose lock is free has lost its runner:
the next client goes on with it, and the study begins with the trials that were running.
"""

import json
import time
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from workshop.aws import Lock, StateFile
from workshop.sagemaker.plans import plan
from workshop.tuning import History
from workshop.tuning.storage import Storage

IN_PROGRESS, STOPPING, STOPPED = "InProgress", "Stopping", "Stopped"
COMPLETED, FAILED = "Completed", "Failed"
ACTIVE = (IN_PROGRESS, STOPPING)


@dataclass(frozen=True)
class Job:
    """A tuning job as the file has it; times in seconds since 1970, None while they have not come."""

    folder: Path
    number: int
    name: str
    request: dict
    source: str
    status: str
    created: float
    updated: float
    reason: str | None = None
    began: float | None = None
    ended: float | None = None
    converged: float | None = None

    @cached_property
    def plan(self):
        """The `Plan` of its request."""
        return plan(self.request, [self.source])

    @property
    def study_path(self):
        """Where its study is kept."""
        return self.folder / f"{self.number:04}.study"

    @property
    def lock(self):
        """The `Lock` that its runner holds."""
        return Lock(self.folder / f"{self.number:04}.lock")

    @cached_property
    def history(self):
        """Its trials as they were when first asked for, a `History` with the values as they were reported."""
        if not self.study_path.exists():
            return History()
        wish = self.plan
        return History(Storage(self.study_path, wish.space, wish.direction, wish.seed).read())

    def training_job_name(self, trial):
        """What the training job of a trial is called."""
        return f"{self.name}-{trial.number + 1:03}-{zlib.crc32(f'{self.number}/{trial.number}'.encode()):08x}"


class Jobs(StateFile):
    """The tuning jobs in the file ``jobs.sqlite`` of a folder; every method is one transaction."""

    schema = """
    CREATE TABLE IF NOT EXISTS jobs (
        number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT COLLATE NOCASE, request TEXT, source TEXT, status TEXT,
        reason TEXT, created REAL, updated REAL, began REAL, ended REAL, converged REAL, deleted INTEGER DEFAULT 0);
    CREATE UNIQUE INDEX IF NOT EXISTS names ON jobs (name) WHERE deleted = 0
    """

    def __init__(self, folder):
        self.folder = Path(folder).absolute()
        self.folder.mkdir(parents=True, exist_ok=True)
        super().__init__(self.folder / "jobs.sqlite")

    def add(self, name, request, source):
        """Whether the job is kept now: not if there is one of its name."""
        row = (name, json.dumps(request, default=float), source, IN_PROGRESS, time.time())
        with self.transaction() as db:
            insert = (
                "INSERT OR IGNORE INTO jobs (name, request, source, status, created, updated) "
                "VALUES (?1, ?2, ?3, ?4, ?5, ?5)"
            )
            return db.execute(insert, row).rowcount == 1

    def jobs(self, *, deleted=False):
        """The jobs, oldest first, a list; with those that were deleted, if asked."""
        columns = "number, name, request, source, status, reason, created, updated, began, ended, converged"
        with self.transaction() as db:
            rows = db.execute(f"SELECT {columns} FROM jobs WHERE deleted <= ? ORDER BY number", [deleted]).fetchall()
        return [Job(**(dict(row) | {"folder": self.folder, "request": json.loads(row["request"])})) for row in rows]

    def job(self, name):
        """The job of this name, in capitals or not; None if there is none."""
        return next((job for job in self.jobs() if job.name.lower() == name.lower()), None)

    def status(self, number):
        """The status of a job."""
        with self.transaction() as db:
            return db.execute("SELECT status FROM jobs WHERE number = ?", [number]).fetchone()["status"]

    def update(self, number, **columns):
        """Set columns of a job, such as ``status=STOPPING``."""
        columns["updated"] = time.time()
        names = ", ".join(f"{name} = :{name}" for name in columns)
        with self.transaction() as db:
            db.execute(f"UPDATE jobs SET {names} WHERE number = :number", columns | {"number": number})


def moment(seconds):
    """Seconds since 1970 as a datetime."""
    return datetime.fromtimestamp(seconds, UTC)
