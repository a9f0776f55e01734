"""A request of a service, taken apart and put together wrongly."""

import copy

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from botocore.validate import ParamValidator


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


def asked(client, method, **request):
    """The answer to a request, once it is what botocore says that it has to be."""
    answer = getattr(client, method)(**request)
    rest = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    operation = client.meta.method_to_api_mapping[method]
    report = ParamValidator().validate(rest, client.meta.service_model.operation_model(operation).output_shape)
    assert not report.has_errors(), report.generate_report()
    return answer


def beyond_limits(request, shape, code):
    """Requests that botocore sends and the service has to refuse, by the limits in botocore's own description."""
    for path, inner in leaves(shape, request):
        limit = inner.metadata
        if inner.type_name == "string" and limit.get("pattern", ".*") not in (".*", ".+") and r"\p" not in str(limit):
            yield changed(request, path, "& " * 15), code
        if "enum" in limit:
            yield changed(request, path, "Sideways"), code
        if inner.type_name == "string" and limit.get("max", 10**6) < 3000:
            yield changed(request, path, "a" * (limit["max"] + 1)), code


def refused(client, content, method, request, expected):
    """The error that the call gives, which has to be the expected one, and to change nothing of `content`."""
    before = content()
    with pytest.raises(ClientError if isinstance(expected, str) else expected) as caught:
        getattr(client, method)(**copy.deepcopy(request))
    if expected is not ParamValidationError:
        error = caught.value.response["Error"]
        assert error["Code"] == expected, (method, request, caught.value)
        assert type(caught.value) is client.exceptions.from_code(expected)
        assert len(error["Message"]) > 15
    assert content() == before, (method, request)
    return caught.value
