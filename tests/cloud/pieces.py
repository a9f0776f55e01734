"""Pieces of requests to SageMaker, and how an answer or a refusal is looked at."""

import copy

import pytest
from botocore.validate import ParamValidator

CREATE = "create_hyper_parameter_tuning_job"
ETA = {"Name": "eta", "MinValue": "0.01", "MaxValue": "0.5"}
DEPTH = {"Name": "max_depth", "MinValue": "1", "MaxValue": "8"}
STATIC = {"objective": "binary:logistic", "num_round": "3", "tree_method": "hist", "max_bin": "32"}
IDENTICAL, TRANSFER = "IdenticalDataAndAlgorithm", "TransferLearning"


def continuous(*entries):
    return {"ContinuousParameterRanges": list(entries)}


def integer(*entries):
    return {"IntegerParameterRanges": list(entries)}


def categorical(**values):
    return {"CategoricalParameterRanges": [{"Name": name, "Values": texts} for name, texts in values.items()]}


def ends(entry, low, high, **more):
    return entry | {"MinValue": low, "MaxValue": high} | more


def limits(n_jobs=2, n_parallel=1, **more):
    return {"ResourceLimits": {"MaxNumberOfTrainingJobs": n_jobs, "MaxParallelTrainingJobs": n_parallel} | more}


def objective(name, kind):
    return {"HyperParameterTuningJobObjective": {"MetricName": name, "Type": kind}}


def hyperband(**resources):
    return {"Strategy": "Hyperband", "StrategyConfig": {"HyperbandStrategyConfig": resources}}


def asked(client, method, **request):
    """The answer to a request, once it is what botocore says that it has to be."""
    answer = getattr(client, method)(**request)
    rest = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    operation = client.meta.method_to_api_mapping[method]
    report = ParamValidator().validate(rest, client.meta.service_model.operation_model(operation).output_shape)
    assert not report.has_errors(), report.generate_report()
    return answer


def refused(client, method, request, code, words=""):
    """Try a request, which the service has to refuse in these words, and which has to change nothing."""
    lists = [name for name in ("list_hyper_parameter_tuning_jobs", "list_solutions") if hasattr(client, name)]
    lists += ["list_solution_versions"] if hasattr(client, "list_solutions") else []
    everything = lambda: [getattr(client, name)() | {"ResponseMetadata": None} for name in lists]  # noqa: E731
    before = everything()
    with pytest.raises(client.exceptions.from_code(code)) as caught:
        getattr(client, method)(**copy.deepcopy(request))
    error = caught.value.response["Error"]
    assert error["Code"] == code and words in error["Message"] and len(error["Message"]) > 15, (request, error)
    assert everything() == before, request
