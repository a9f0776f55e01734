"""The line from a running trial back to its study: it reports a value and hears whether to stop.

A stopping rule stands beside the study, a trial perhaps in another process. In a thread its end of the line is a
function call; in a process of this machine, a connection of `multiprocessing`, which hears nobody without its key; on
a dask cluster, wherever its workers are, dask's own queues.
"""

import json
import multiprocessing
import os
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Client, Listener, answer_challenge, deliver_challenge
from threading import RLock, Thread, Timer
from typing import Any

from workshop.tuning.history import Trial
from workshop.tuning.study import Study

KEY_SECONDS = 10  # for a stranger on the line to show the key
MESSAGE_BYTES = 1000  # of a report; a longer one is from nobody we know
ANSWER_SECONDS = 300  # for a dask worker to wait; a Bayesian proposal may be under way meanwhile


class Line:
    """The study's end of the line to its trials.

    Attributes
    ----------
    lock : context manager
        Held while a trial is heard; to be held by whoever else uses the study meanwhile.
    error : exception or None
        What the stopping rule raised: it is for the one who called `tune`, not for the trial.
    """

    def __init__(self, study: Study, executor: Any, in_this_process: bool):
        self.lock, self._study, self._is_open = RLock(), study, True
        self.error: Exception | None = None
        self._trials: dict[int, Trial] = {}
        self._to: Callable = partial(partial, self.report)  # from a trial's number to its end of the line
        self._tidy: Callable = lambda: None
        if study.rules and (client := dask_client(executor)):
            self._open_queue(client)
        elif study.rules and not in_this_process:
            self._open_listener()

    def to(self, trial: Trial) -> Callable:
        """Return the trial's end of the line, a callable (step, value) -> bool that can be pickled if it has to be."""
        self._trials[trial.number] = trial
        return self._to(trial.number)

    def report(self, number: int, step: int, value: float) -> bool:
        """Return whether the trial should be stopped; so it should when nobody listens any more."""
        with self.lock:
            if self._is_open and self.error is None:
                try:
                    return self._study.report(self._trials[number], value, step=step)
                except Exception as error:
                    self.error = error
            return True

    def close(self) -> None:
        """Hang up; trials that still run are told to stop, or hear that nobody is there."""
        with self.lock:
            self._is_open = False
        self._tidy()

    def _open_listener(self):
        """Listen to processes of this machine: on Unix in a folder that only this user may enter."""
        listener, key = Listener(), secrets.token_bytes(32)

        def hear(connection):
            with connection, suppress(OSError, EOFError, ValueError, multiprocessing.AuthenticationError):
                too_late = Timer(KEY_SECONDS, _hang_up, [connection])
                too_late.start()
                try:
                    deliver_challenge(connection, key)  # reads 256 bytes at most
                    answer_challenge(connection, key)
                finally:
                    too_late.cancel()
                while True:
                    answer = self.report(*json.loads(connection.recv_bytes(MESSAGE_BYTES)))
                    connection.send_bytes(json.dumps(answer).encode())

        def listen():
            with listener:
                while (connection := listener.accept()) and self._is_open:
                    Thread(target=hear, args=[connection], daemon=True).start()

        def tidy():
            Client(listener.address).close()  # wakes it, to see that the line is closed
            thread.join()

        thread = Thread(target=listen, daemon=True)
        thread.start()
        self._to, self._tidy = partial(_FromProcess, listener.address, key), tidy

    def _open_queue(self, client):
        """Listen to the workers of a dask cluster: reports come over one queue, each trial's answers over its own."""
        from distributed import Queue

        name, replies = f"reports-{secrets.token_hex(8)}", {}

        def listen():
            reports = Queue(name, client=client)
            while self._is_open:
                with suppress(TimeoutError):
                    *report, reply = reports.get(timeout=0.5)
                    replies.setdefault(reply, Queue(reply, client=client)).put(self.report(*report))

        def tidy():
            thread.join()
            for queue in [Queue(name, client=client), *replies.values()]:
                queue.close()

        def while_connected(function):
            try:
                function()
            except Exception:  # of many types once the scheduler is gone
                if client.status == "running":
                    raise

        thread = Thread(target=while_connected, args=[listen], daemon=True)
        thread.start()
        self._to, self._tidy = partial(_FromDask, name), partial(while_connected, tidy)


class _FromProcess:
    """The end of a trial in another process of the same machine."""

    def __init__(self, address, key, number):
        self._address, self._key, self._number, self._connection = address, key, number, None

    def __reduce__(self):  # a connection stays where it is
        return type(self), (self._address, self._key, self._number)

    def __call__(self, step, value):
        try:
            if self._connection is None:
                self._connection = Client(self._address, authkey=self._key)
            self._connection.send_bytes(json.dumps([self._number, step, value]).encode())
            return json.loads(self._connection.recv_bytes(MESSAGE_BYTES))
        except (OSError, EOFError, multiprocessing.AuthenticationError) as error:
            raise ConnectionError(
                f"the trial cannot ask at {self._address} whether to stop: {error!r}. A stopping rule needs workers on "
                "the machine that tunes, or dask's; leave it out for others"
            ) from error


class _FromDask:
    """The end of a trial on a dask cluster; one that dask runs again gets answers of its own."""

    def __init__(self, reports, number):
        self._reports, self._number, self._reply = reports, number, None

    def __call__(self, step, value):
        from distributed import Queue

        self._reply = self._reply or f"{self._reports}-{secrets.token_hex(8)}"
        Queue(self._reports).put([self._number, step, value, self._reply])
        return Queue(self._reply).get(timeout=ANSWER_SECONDS)


def _hang_up(connection):
    """End a connection that another thread waits on: to close its file alone would not wake that thread."""
    with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)


def dask_client(executor: Any) -> Any:
    """Return the dask client behind an executor made by ``client.get_executor()``, None behind any other."""
    return getattr(executor, "_client", None)
