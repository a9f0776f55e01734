"""A client of botocore, its requests answered in this process: no port, no network, no account.

botocore, the library below boto3, asks around just before it sends a request (its event ``before-send``), and whoever
answers there stands in for the network. Everything else stays botocore's own: what a request may hold, exceptions with
their classes, paginators, waiters, times as datetimes. What is left to write is a *service*: a function from the name
of an operation and its request, a dict, to the answer, a dict, that may refuse. Requests of both services write
hyperparameters as strings; the second half of this file makes values and a `Space` of them.
"""

import json
import os
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

from workshop.tuning import Categorical, Float, Int, Space

LARGE = 10**12  # a limit as high as this says nothing
KINDS = {Int: "integer", Float: "continuous", Categorical: "categorical"}
SCALES: dict[str, tuple[bool | str, str]] = {
    "Auto": ("auto", "any ends"),
    "Linear": (False, "any ends"),
    "Logarithmic": (True, "a MinValue above 0"),
    "ReverseLogarithmic": ("reverse", "continuous values, of which none is below 0 and all are below 1"),
}


class Refused(Exception):
    """Raised by a service that does not grant a request; the client raises it as the exception named `code`."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


class Service:
    """A service whose public methods are its operations, each a function from request to answer.

    A method that raises `ValueError` refuses with `broken_rule`, the code of the service for a request that breaks one
    of its rules.
    """

    broken_rule = "ValidationException"

    def __call__(self, operation: str, request: dict) -> dict:
        """Return the answer to a request; `Refused` if there is none."""
        from botocore import xform_name

        offered = [name for name in vars(type(self)) if not name.startswith("_") and callable(getattr(self, name))]
        if (method := xform_name(operation)) not in offered:
            raise Refused("UnknownOperationException", f"not offered here; offered are {', '.join(sorted(offered))}")
        try:
            return getattr(self, method)(request) or {}
        except ValueError as error:
            raise Refused(self.broken_rule, str(error)) from error


@cache
def quiet_session() -> Any:
    """Return a session of botocore that reads no file, no ``AWS_...`` variable and no credentials of this computer.

    There is one for all clients, for it keeps the descriptions of services, of which SageMaker's takes long to read.
    """
    try:
        from botocore.session import Session
    except ImportError as error:
        raise ImportError("workshop.cloud needs boto3: pip install 'recommender-workshop[cloud]'") from error
    silent = {name: (None, None, default, read) for name, (_, _, default, read) in Session.SESSION_VARIABLES.items()}
    nowhere = (None, None, os.devnull, None)
    session = Session(session_vars=silent | {"config_file": nowhere, "credentials_file": nowhere})
    session.set_config_variable("ignore_configured_endpoint_urls", True)
    return session


def new_client(name: str) -> Any:
    """Return a client of botocore's for the service `name` that has no credentials, and asks nobody for them."""
    session = quiet_session()
    from botocore import UNSIGNED
    from botocore.config import Config

    return session.create_client(name, region_name="us-east-1", config=Config(signature_version=UNSIGNED))


def answer_with(client: Any, service: Callable[[str, dict], dict]) -> Any:
    """Return `client`, of boto3 or botocore, its requests answered by `service` from now on; the first one stays."""
    model, events = client.meta.service_model, client.meta.events
    name = model.service_id.hyphenize()
    events.register(f"before-send.{name}", partial(reply, service, model), unique_id="workshop.cloud")
    events.register(f"choose-signer.{name}", unsigned, unique_id="workshop.cloud.unsigned")
    return client


def unsigned(**event: Any) -> Any:
    """Return that a request is not signed: it goes nowhere, and a user without an account has no key to sign with."""
    from botocore import UNSIGNED

    return UNSIGNED


def reply(service: Callable, model: Any, request: Any, event_name: str, **event: Any) -> Any:
    """Return what the network would have brought back: the answer, or the refusal, as JSON in an `AWSResponse`."""
    from botocore.awsrequest import AWSResponse

    operation, content = event_name.split(".")[-1], json.loads(request.body)
    try:
        if problems := list(violations(content, model.operation_model(operation).input_shape)):
            raise Refused(getattr(service, "broken_rule", "ValidationException"), "; ".join(problems))
        status, content = 200, service(operation, content)
    except Refused as refused:
        status, content = 400, {"__type": refused.code, "message": str(refused)}
    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": str(uuid.uuid4())}
    body = json.dumps(content).encode()
    return AWSResponse(request.url, status, headers, SimpleNamespace(stream=lambda: [body]))


def violations(value: Any, shape: Any, path: str = "") -> Iterator[str]:
    """Return in words how `value` breaks limits that botocore describes and leaves to the service to check.

    These are an enumeration, a pattern, and the highest value or greatest length. `shape` is botocore's description.
    """
    limits = shape.metadata
    size = value if isinstance(value, int | float) else len(value)
    if size > limits.get("max", size):
        yield f"{path} is {value!r}; give at most {limits['max']}"
    if value not in limits.get("enum", [value]):
        yield f"{path} is {value!r}; give one of {', '.join(limits['enum'])}"
    pattern = limits.get("pattern", "")
    if r"\p" not in pattern and pattern and not re.fullmatch(pattern, value):  # \p{L} and such are Java's, not Python's
        yield f"{path} is {value!r}; it has to match the pattern {pattern}"
    if shape.type_name == "structure":
        for name, part in value.items():
            yield from violations(part, shape.members[name], f"{path}.{name}".lstrip("."))
    elif shape.type_name == "list":
        for place, part in enumerate(value):
            yield from violations(part, shape.member, f"{path}[{place}]")
    elif shape.type_name == "map":
        for key, part in value.items():
            yield from violations(key, shape.key, f"{path}, its key")
            yield from violations(part, shape.value, f"{path}.{key}")


def page(name: str, entries: list, request: dict, *, size: int, names: tuple = ("NextToken", "MaxResults")) -> dict:
    """Return the entries that a request of a list asks for, and the token of the next page if there are more.

    ValueError for a token that no page gave. `names` are what the service calls the token and the size of a page.
    """
    token, size = request.get(names[0], "0"), request.get(names[1], size)
    if not (token.isascii() and token.isdigit() and int(token) <= len(entries)):
        raise ValueError(f"{names[0]} is {token!r}; give the one of the previous answer")
    stop = int(token) + size
    return {name: entries[int(token) : stop]} | ({names[0]: str(stop)} if stop < len(entries) else {})


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
    def kind(self) -> str:
        """Which of the service's three lists of ranges it belongs to."""
        return KINDS[type(self.limits)]

    def parse(self, name: str, text: str) -> Any:
        """Return the value that a string stands for; ValueError if it stands for none, or one beyond the limits."""
        if text == self.default:  # such as "auto"
            return text
        try:
            if isinstance(self.limits, Categorical):
                choices = {as_text(choice): choice for choice in self.limits.choices}
                return choices[text.lower() if "true" in choices else text]
            if not re.fullmatch(r"-?[0-9.]+(e[+-]?[0-9]+)?", text):  # Python's own numbers hold more: "1_000", " 5"
                raise ValueError(text)
            return self.limits.validate((int if self.kind == "integer" else float)(text))
        except (KeyError, ValueError):
            raise ValueError(f"{name} is {text!r}; give {self.kind} {self._allowed()}, as a string") from None

    def _allowed(self) -> str:
        if isinstance(self.limits, Categorical):
            return " or ".join(map(as_text, self.limits.choices))
        low, high = self.limits.low, self.limits.high
        return f"{low} to {high}" if high < LARGE else f"{low} or more"


def as_text(value: Any) -> str:
    """Return a value as the services write it: True is "true", 40 is "40"."""
    return value if isinstance(value, str) else str(value).lower()


def parse_all(owner: str, known: Mapping[str, Hyperparameter], texts: Mapping[str, str]) -> dict:
    """Return the values, by name, of strings; ValueError for a name that is not among the `known` of `owner`."""
    for name in texts.keys() - known.keys():
        has = f"it has {', '.join(known)}" if known else "it has none"
        raise ValueError(f"{name} is not a hyperparameter of {owner} that can stand here; {has}")
    return {name: known[name].parse(name, text) for name, text in texts.items()}


def tunable(known: Mapping[str, Hyperparameter]) -> dict[str, Hyperparameter]:
    """Return those hyperparameters, by name, that may have a range."""
    return {name: parameter for name, parameter in known.items() if parameter.tuning is not None}


def as_ranges(owner: str, known: Mapping[str, Hyperparameter], lists: Mapping, *, scale: str = "Linear") -> dict:
    """Return what the three lists of ranges of a request span: `Int`, `Float` or `Categorical` by name.

    The services' `lists` differ in capitals only; `scale` is that of a range that names none. ValueError, naming the
    hyperparameter and the remedy, for what is not `known` of `owner`, a recipe or algorithm, or not allowed.

    Examples
    --------
    >>> eta = {"Name": "eta", "MinValue": "0.01", "MaxValue": "0.5", "ScalingType": "Logarithmic"}
    >>> known = {"eta": Hyperparameter(0.3, Float(0, 1), Float(0.1, 0.5))}
    >>> as_ranges("xgboost", known, {"ContinuousParameterRanges": [eta]})
    {'eta': Float(low=0.01, high=0.5, log=True)}
    """
    ranges: dict[str, Int | Float | Categorical] = {}
    for kind in KINDS.values():
        for entry in (entry for title, list_ in lists.items() if title.lower().startswith(kind) for entry in list_):
            given = {"scalingtype": scale} | {key.lower(): value for key, value in entry.items()}
            name = given.get("name")
            if name in ranges:
                raise ValueError(f"{name} has two ranges; keep one of them")
            if name not in tunable(known):
                may = ", ".join(tunable(known)) or "none"
                fixed = "give it one fixed value, or leave it out"
                raise ValueError(f"{name} of {owner} is not tunable; {fixed}. Tunable are {may}")
            ranges[name] = as_range(name, known[name], kind, given)
    return ranges


def as_range(name: str, parameter: Hyperparameter, kind: str, given: Mapping) -> Int | Float | Categorical:
    """Return what one entry, its keys in lower case, in the list of ranges of a `kind` spans."""
    if kind not in (parameter.kind, "categorical"):
        raise ValueError(f"{name} is {parameter.kind}; move it to the {parameter.kind} ranges")
    for part in ("values",) if kind == "categorical" else ("minvalue", "maxvalue"):
        if given.get(part) in (None, []):
            raise ValueError(f"the range of {name} has no {part}; add it")
    if kind == "categorical":  # numbers too: a grid is made of them
        return Categorical(tuple(parameter.parse(name, text) for text in given["values"]))
    low, high = (parameter.parse(name, str(given[end])) for end in ("minvalue", "maxvalue"))
    if low >= high:
        remedy = "MinValue must be below MaxValue. A single value belongs among the fixed hyperparameters"
        raise ValueError(f"{name} has MinValue {low} and MaxValue {high}; {remedy}")
    log, needs = SCALES[given["scalingtype"]]
    try:
        return (Int if kind == "integer" else Float)(low, high, log=log)
    except ValueError:
        scale = given["scalingtype"]
        raise ValueError(f"{name} has the scale {scale} from {low} to {high}; it needs {needs}") from None


def as_space(ranges: Mapping[str, Any], fixed: Mapping) -> Space:
    """Return the space of the ranges; ValueError if it is empty, or names what is `fixed` too."""
    if both := sorted(ranges.keys() & fixed.keys()):
        raise ValueError(f"{both[0]} has a fixed value and a range; keep one of both")
    if not ranges:
        raise ValueError("no hyperparameter has a range, so there is nothing to tune; give one a range")
    return Space(ranges)
