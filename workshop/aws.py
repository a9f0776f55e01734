"""What the local AWS services share: the rules of the cloud, hyperparameters as strings, and a file that keeps state.

botocore, the library below boto3, ships a description of every service: operations, shapes, limits, exceptions. A local
client checks requests against it in two steps, as in the cloud. What boto3 finds before anything is sent (a missing or
unknown argument, a wrong type) is a `ParamValidationError`; what the service would refuse is one of its exceptions.
"""

import re
import sqlite3
import tempfile
import weakref
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from workshop.tuning import Categorical, Float, Int

__all__ = ["Hyperparameter", "Lock", "ServiceModel", "StateFile", "as_text", "page", "temporary_folder"]

# The patterns are written for Java; this is what Python's `re` calls its classes of letters.
JAVA_CLASSES = {
    r"\p{L}": r"\w",
    r"\p{M}": r"\w",
    r"\p{N}": r"\w",
    r"\p{Z}": " \u00a0\u2000-\u200a\u2028\u2029\u3000",
    r"\p{Alnum}": "a-zA-Z0-9",
    r"\p{ASCII}": "[\x00-\x7f]",
}
KINDS = {Int: "integer", Float: "continuous", Categorical: "categorical"}
LARGE = 10**12  # a limit as high as this says nothing


class ServiceModel:
    """What may be asked of a service.

    Parameters
    ----------
    name : str
        As in ``boto3.client(name)``.
    refusal : str
        The code of the exception for a request that breaks a rule of the service.

    Attributes
    ----------
    exceptions : object
        The service's exception classes as attributes, all of them `botocore.exceptions.ClientError`.

    Raises
    ------
    ImportError
        If botocore is not installed.

    Examples
    --------
    >>> personalize = ServiceModel("personalize")
    >>> personalize.check("DescribeSolution", {"solutionArn": "arn:aws:personalize:::solution/films"})
    >>> personalize.check("DescribeSolution", {"solutionArn": "films"})  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    InvalidInputException: An error occurred (InvalidInputException) when calling the DescribeSolution operation: ...
    """

    def __init__(self, name, refusal="InvalidInputException"):
        try:
            import botocore.session  # noqa: F401
        except ImportError as error:
            raise ImportError("the local services need botocore: pip install 'recommender-workshop[cloud]'") from error
        (self._model, self.exceptions), self._refusal = load(name), refusal

    def check(self, operation, request):
        """Return nothing if `request`, a dict, may be sent to `operation`.

        Raises `ParamValidationError` as boto3 would before sending, or the service's exception for a text that is too
        long or does not match its pattern, a number or list beyond its limits, a value not in its enumeration.
        """
        from botocore.exceptions import ParamValidationError
        from botocore.validate import ParamValidator

        shape = self._model.operation_model(operation).input_shape
        report = ParamValidator().validate(request, shape)
        if report.has_errors():
            raise ParamValidationError(report=report.generate_report())
        problems = list(violations(request, shape, ""))
        if problems:
            count = f"{len(problems)} validation error{'s' * (len(problems) > 1)} detected: "
            raise self.error(operation, self._refusal, count + "; ".join(problems))

    def error(self, operation, code, message):
        """Return the service's exception named `code`, to be raised; a plain ClientError if it has no class."""
        response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 400}}
        return self.exceptions.from_code(code)(response, operation)


@cache
def load(name):
    """botocore's model of the service and its exception classes; read once, for SageMaker's takes a second."""
    from botocore.errorfactory import ClientExceptionsFactory
    from botocore.session import Session

    model = Session().get_service_model(name)
    return model, ClientExceptionsFactory().create_client_exceptions(model)


def violations(value, shape, path):
    """What is wrong with `value`, of the right type, by the limits of a botocore `shape`: an iterator of sentences."""
    failed, limits = f"Value {value!r} at {path!r} failed to satisfy constraint: Member must ", shape.metadata
    if "max" in limits:
        kind, size = ("value", value) if isinstance(value, int | float) else ("length", len(value))
        if size > limits["max"]:
            yield f"{failed}have {kind} less than or equal to {limits['max']}"
    if "enum" in limits and value not in limits["enum"]:
        yield f"{failed}satisfy enum value set: {limits['enum']}"
    if "pattern" in limits and not re.fullmatch(as_python(limits["pattern"]), value):
        yield f"{failed}satisfy regular expression pattern: {limits['pattern']}"
    if shape.type_name == "structure":
        for name, part in value.items():
            yield from violations(part, shape.members[name], f"{path}.{name}".lstrip("."))
    elif shape.type_name == "list":
        for place, part in enumerate(value, 1):
            yield from violations(part, shape.member, f"{path}.{place}.member")
    elif shape.type_name == "map":
        for key, part in value.items():
            yield from violations(key, shape.key, f"{path}.{key}.key")
            yield from violations(part, shape.value, f"{path}.{key}.value")


def as_python(pattern):
    """The same pattern, a str, in the syntax of Python's `re`."""
    for java, python in JAVA_CLASSES.items():
        pattern = pattern.replace(java, python)
    return pattern


def page(name, entries, token, size):
    """A dict with up to `size` entries under `name` from the place where `token` stands, and the next token, or None.

    Raises ValueError for a token that no page gave.

    >>> page("jobs", ["a", "b", "c"], "0", 2)
    ({'jobs': ['a', 'b']}, '2')
    """
    if not token.isdigit() or int(token) > len(entries):
        raise ValueError(f"the token of the next page is {token!r}; give the one of the previous answer")
    stop = int(token) + size
    return {name: entries[int(token) : stop]}, str(stop) if stop < len(entries) else None


@dataclass(frozen=True)
class Hyperparameter:
    """A hyperparameter: its default, its hard limits, and where tuning looks unless told otherwise (None: nowhere).

    Examples
    --------
    >>> Hyperparameter(6, Int(0, 100)).parse("max_depth", "8")
    8
    """

    default: float | int | bool | str | None
    limits: Int | Float | Categorical
    tuning: Int | Float | Categorical | None = None

    @property
    def kind(self):
        """Which of the service's three lists of ranges it belongs to."""
        return KINDS[type(self.limits)]

    def parse(self, name, text):
        """The value that a request's string stands for; ValueError if it stands for none, or one beyond the limits."""
        try:
            if not re.fullmatch(r"[\w.+:-]*", text, re.ASCII):
                raise ValueError
            if self.kind == "categorical":
                return self.limits.validate(as_bool(text) if True in self.limits.choices else text)
            if "_" in text:  # Python's own numbers may hold more
                raise ValueError
            return self.limits.validate({"integer": int, "continuous": float}[self.kind](text))
        except ValueError:
            raise ValueError(f"{name} is {text!r}; give {self.kind} {self._allowed()}, as a string") from None

    def _allowed(self):
        if self.kind == "categorical":
            return " or ".join(as_text(choice) for choice in self.limits.choices)
        low, high = self.limits.low, self.limits.high
        return f"{low} to {high}" if high < LARGE else f"{low} or more"


def as_bool(text):
    """True for "true", False for "false", however they are capitalised."""
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"


def as_text(value):
    """A value as the services write it.

    >>> as_text(True), as_text(40), as_text(0.5), as_text("kmeans++")
    ('true', '40', '0.5', 'kmeans++')
    """
    return value if isinstance(value, str) else str(value).lower()


class StateFile:
    """A SQLite file at `path`, made if it is not there. OSError if it cannot be used.

    A subclass gives the tables as `schema`; its methods work in `transaction`, one each.
    """

    schema = ""

    def __init__(self, path):
        self.path = Path(path).absolute()
        try:
            with self.transaction() as db:
                for statement in self.schema.split(";"):
                    db.execute(statement)
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # of a name that is damaged too
            raise OSError(
                f"path={str(path)!r}: {error}; name a file of this client, or a new one in a folder"
            ) from error

    @contextmanager
    def transaction(self):
        """Yield a connection; what is done with it is kept if nothing is raised."""
        with closing(sqlite3.connect(self.path, timeout=60, isolation_level=None)) as db:
            db.row_factory = sqlite3.Row
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")


class Lock:
    """A lock on the file at `path`, held by one process or thread; it is released when the holder ends, however."""

    def __init__(self, path):
        self._path, self._held = path, None

    def take(self, patience=0):
        """Whether the lock is held by this object now; it waits up to `patience` seconds for another to let go."""
        lock = sqlite3.connect(self._path, timeout=patience, isolation_level=None, check_same_thread=False)
        try:
            lock.execute("PRAGMA journal_mode = OFF")
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            lock.close()
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            return False
        self._held = lock
        return True

    def release(self):
        """Let others take it."""
        self._held.close()


def temporary_folder(owner):
    """The path of a new folder, removed when `owner` is, or Python ends."""
    folder = tempfile.TemporaryDirectory(prefix="workshop-", ignore_cleanup_errors=True)
    weakref.finalize(owner, folder.cleanup)
    return Path(folder.name)
