"""The rules of an AWS service, taken from the service's own model, so that they hold here as they do there.

botocore, the library below boto3, ships a description of every service: operations, shapes, limits, exceptions. A local
client checks requests against it in two steps, as in the cloud. What boto3 finds before anything is sent (a missing or
unknown argument, a wrong type) is a `ParamValidationError`; what the service would refuse is one of its exceptions.
"""

import re

__all__ = ["ServiceModel"]

# The patterns are written for Java; this is what Python's `re` calls its classes of letters.
JAVA_CLASSES = {
    r"\p{L}": r"\w",
    r"\p{M}": r"\w",
    r"\p{N}": r"\w",
    r"\p{Z}": " \u00a0\u2000-\u200a\u2028\u2029\u3000",
    r"\p{Alnum}": "a-zA-Z0-9",
    r"\p{ASCII}": "[\x00-\x7f]",
}


class ServiceModel:
    """What may be asked of a service.

    Parameters
    ----------
    name : str
        As in ``boto3.client(name)``.

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

    def __init__(self, name):
        try:
            from botocore.errorfactory import ClientExceptionsFactory
            from botocore.session import Session
        except ImportError as error:
            raise ImportError("the local services need botocore: pip install 'recommender-workshop[cloud]'") from error
        self._model = Session().get_service_model(name)
        self.exceptions = ClientExceptionsFactory().create_client_exceptions(self._model)

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
            raise self.error(operation, "InvalidInputException", count + "; ".join(problems))

    def error(self, operation, code, message):
        """Return the service's exception named `code`, to be raised."""
        response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 400}}
        return getattr(self.exceptions, code)(response, operation)


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
