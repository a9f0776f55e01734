"""A client of botocore, its requests answered in this process: no port, no network, no account.

botocore, the library below boto3, asks around just before it sends a request (its event ``before-send``), and whoever
answers there stands in for the network. Everything else stays botocore's own: what a request may hold, exceptions with
their classes, paginators, waiters, times as datetimes. What is left to write is a *service*: a function from the name
of an operation and its request, a dict, to the answer, a dict, that may refuse.
"""

import json
import os
import re
import uuid
from collections.abc import Callable, Iterator
from functools import cache, partial
from types import SimpleNamespace
from typing import Any


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

    Examples
    --------
    >>> page("jobs", ["a", "b", "c"], {"MaxResults": 2}, size=10)
    {'jobs': ['a', 'b'], 'NextToken': '2'}
    """
    token, size = request.get(names[0], "0"), request.get(names[1], size)
    if not (token.isascii() and token.isdigit() and int(token) <= len(entries)):
        raise ValueError(f"{names[0]} is {token!r}; give the one of the previous answer")
    stop = int(token) + size
    return {name: entries[int(token) : stop]} | ({names[0]: str(stop)} if stop < len(entries) else {})
