"""Whether the dask cluster behind an executor still answers, so that nobody waits for it in vain.

Dask itself runs a trial again when its worker dies, and gives up when that has happened too often (its setting
"distributed.scheduler.allowed-failures"): then the trial is failed. Two things it leaves to its user. When the
scheduler dies, all trials are cancelled, which is no fault of theirs. And a worker that dies while it starts is not
started again: when every trial kills its worker at once, soon there are no workers, and trials would wait for ever.
"""

import time

PATIENCE_SECONDS = 300  # without any worker; longer than most clusters need to replace one


class Cluster:
    """The cluster of an executor made by ``client.get_executor()``; other executors have none, and never trouble."""

    def __init__(self, executor):
        self._client = getattr(executor, "_client", None)
        self._seen = self._looked = None  # when there were workers, and when one looked

    def trouble(self):
        """Return why no trial will ever end, a str; None if all is well, as far as one can tell from here."""
        if self._client is None:
            return None
        if self._client.status != "running":
            return "the cluster's scheduler is gone, or its client is closed"
        now = time.monotonic()
        if self._looked is None or now > self._looked + 1:
            self._looked = now
            if self._client.scheduler_info()["workers"]:
                self._seen = now
        if self._seen is not None and now > self._seen + PATIENCE_SECONDS:  # before the first came, one may queue
            return f"the cluster has lost its last worker {PATIENCE_SECONDS} seconds ago (does a trial kill it?)"
        return None
