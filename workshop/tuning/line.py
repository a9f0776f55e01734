"""The line from a running trial back to its study: it reports a value and hears whether to stop.

In a thread the line is a function call. A trial that is sent to another process takes an address with it: pickling
its end of the line opens a small server here, on this machine only. A message is a line of JSON, and counts only with
a key that nobody else knows.
"""

import json
import secrets
import socket
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import RLock, Thread


class Line:
    """The study's end.

    Attributes
    ----------
    lock : context manager
        Held while a trial is heard; to be held by whoever else uses the study meanwhile.
    error : exception or None
        What the stopping rule raised: it is for the one who called `tune`, not for the trial.
    """

    def __init__(self, study):
        self.lock, self.error = RLock(), None
        self._study, self._trials = study, {}
        self._server, self._is_open, self._key = None, True, secrets.token_hex(16)

    def to(self, trial):
        """Return the trial's end of the line, a callable (step, value) -> bool."""
        self._trials[trial.number] = trial
        return _Here(self, trial.number)

    def report(self, number, step, value):
        """Return whether the trial should be stopped; so it should when nobody listens any more."""
        with self.lock:
            if self._is_open and self.error is None:
                try:
                    return self._study.report(self._trials[number], value, step=step)
                except Exception as error:
                    self.error = error
            return True

    def address(self):
        """Return (host, port, key) of the server, which the first call starts."""
        with self.lock:
            if self._server is None:
                self._server = _Server(("127.0.0.1", 0), _Conversation)
                self._server.line, self._server.key = self, self._key.encode()
                Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
            return (*self._server.server_address, self._key)

    def close(self):
        """End the server; trials that still run are told to stop."""
        with self.lock:
            self._is_open = False
        if self._server:
            self._server.shutdown()
            self._server.server_close()


class _Server(ThreadingTCPServer):
    daemon_threads, block_on_close = True, False


class _Conversation(StreamRequestHandler):
    """One trial's reports: a key, then a message a step, each answered."""

    def handle(self):
        if secrets.compare_digest(self.rfile.readline().strip(), self.server.key):
            for message in self.rfile:
                answer = self.server.line.report(*json.loads(message))
                self.wfile.write(json.dumps(answer).encode() + b"\n")


class _Here:
    """The end of a trial in this process; pickled, it becomes that of a trial in another."""

    def __init__(self, line, number):
        self._line, self._number = line, number

    def __call__(self, step, value):
        return self._line.report(self._number, step, value)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def __reduce__(self):
        return _There, (*self._line.address(), self._number)


class _There:
    """The end of a trial in another process of the same machine."""

    def __init__(self, host, port, key, number):
        self._address, self._key, self._number, self._file = (host, port), key, number, None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self._file:
            self._file.close()

    def __call__(self, step, value):
        try:
            if self._file is None:
                with socket.create_connection(self._address) as connection:
                    self._file = connection.makefile("rw")
                self._file.write(self._key + "\n")
            self._file.write(json.dumps([self._number, step, value]) + "\n")
            self._file.flush()
            return json.loads(self._file.readline())
        except (OSError, ValueError) as error:
            raise ConnectionError(
                f"the trial cannot ask at {self._address} whether to stop: {error}. A stopping rule needs workers on "
                "the machine that tunes; leave it out for others"
            ) from error
