"""A service as botocore describes it, for the tests of both local services: its client, the shapes of its messages."""

import copy
import json
from datetime import datetime

from botocore.parsers import create_parser
from botocore.session import Session
from botocore.validate import ParamValidator


def service_model(service):
    """botocore's description of a service."""
    return Session().get_service_model(service)


def real_client(service):
    """boto3's own client; the keys are good for nothing, and nothing is sent."""
    keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
    return Session().create_client(service, region_name="us-east-1", **keys)


def conforms(answer, model, operation):
    """Check an answer against its shape, and that it survives the service's own encoding."""
    shape = model.operation_model(operation).output_shape
    report = ParamValidator().validate(answer, shape)
    assert not report.has_errors(), report.generate_report()
    body = json.dumps(answer, default=datetime.timestamp).encode()
    parsed = create_parser("json").parse({"body": body, "headers": {}, "status_code": 200}, shape)
    parsed.pop("ResponseMetadata")
    sent, back = (json.dumps(r, default=lambda d: round(d.timestamp(), 3), sort_keys=True) for r in (answer, parsed))
    assert sent == back


def leaves(shape, value, path=()):
    """(path, shape) of every member of the request, itself left out."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        inner = shape.members[key] if shape.type_name == "structure" else getattr(shape, "member", None) or shape.value
        yield (*path, key), inner
        yield from leaves(inner, part, (*path, key))


def changed(request, path, value):
    """A copy of the request with `value` at `path`, a tuple of keys; ... takes the key out."""
    request = copy.deepcopy(request)
    place = request
    for key in path[:-1]:
        place = place[key]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return request
