"""From a request's ParameterRanges, all strings, to a space; and what is wrong with them, if anything is."""

from workshop.tuning import Categorical, Float, Int, Space

MAX_RANGES = 30
SCALES = {"Auto": "auto", "Linear": False, "Logarithmic": True, "ReverseLogarithmic": "reverse"}
KINDS = ("Integer", "Continuous", "Categorical")


def as_space(algorithm, lists):
    """The `Space` that a request's ParameterRanges span.

    Raises ValueError, naming the hyperparameter and the remedy.

    Parameters
    ----------
    algorithm : Algorithm
    lists : dict
        ParameterRanges, as the service takes them.

    Examples
    --------
    >>> from workshop.sagemaker.algorithms import XGBOOST
    >>> eta = {"Name": "eta", "MinValue": "0.01", "MaxValue": "0.5", "ScalingType": "Logarithmic"}
    >>> as_space(XGBOOST, {"ContinuousParameterRanges": [eta]})
    Space({'eta': Float(low=0.01, high=0.5, log=True)})
    """
    if lists.get("AutoParameters"):
        raise ValueError("AutoParameters are not offered here; give each hyperparameter a range of its own")
    entries = [(kind, entry) for kind in KINDS for entry in lists.get(f"{kind}ParameterRanges", ())]
    if not entries:
        raise ValueError("ParameterRanges are empty; give at least one hyperparameter a range")
    if len(entries) > MAX_RANGES:
        raise ValueError(f"ParameterRanges hold {len(entries)} hyperparameters; give at most {MAX_RANGES} in all")
    space = {}
    for kind, entry in entries:
        name = entry["Name"]
        if name in space:
            raise ValueError(f"{name} has two ranges; keep one of them")
        space[name] = as_parameter(algorithm, kind, entry)
    return Space(space)


def as_parameter(algorithm, kind, entry):
    """The Int, Float or Categorical of one entry in the list of ranges of a `kind`."""
    name = entry["Name"]
    parameter = algorithm.find(name)
    if parameter.tuning is None:
        raise ValueError(
            f"{name} of {algorithm.name} is not tunable; give it one value in StaticHyperParameters. "
            f"Tunable are {', '.join(algorithm.tunable())}"
        )
    if kind == "Categorical":
        for text in entry["Values"]:
            algorithm.parse(name, text)
        if len(set(entry["Values"])) < len(entry["Values"]):
            raise ValueError(f"{name} has the Values {entry['Values']}; name each one once")
        return Categorical(entry["Values"])
    if parameter.kind != kind.lower():
        raise ValueError(f"{name} is {parameter.kind}; move it to {parameter.kind.title()}ParameterRanges")
    low, high = (parameter.parse(name, entry[end]) for end in ("MinValue", "MaxValue"))
    if low >= high:
        raise ValueError(
            f"{name} has MinValue {entry['MinValue']} and MaxValue {entry['MaxValue']}; MinValue must be below "
            "MaxValue. A single value belongs in StaticHyperParameters"
        )
    scale = entry.get("ScalingType", "Auto")
    if scale == "ReverseLogarithmic" and kind == "Integer":
        raise ValueError(f"{name} has the ScalingType {scale}, which is for ContinuousParameterRanges only")
    if scale == "Logarithmic" and low <= 0:
        raise ValueError(f"{name} has the ScalingType {scale} from {entry['MinValue']}; give a MinValue above 0")
    if scale == "ReverseLogarithmic" and not (0 <= low and high < 1):
        raise ValueError(f"{name} has the ScalingType {scale}; its values must lie within 0 <= x < 1.0")
    return {"Integer": Int, "Continuous": Float}[kind](low, high, log=SCALES[scale])


def as_config(algorithm, texts):
    """Values by name, a dict, of a request's strings; those that start with "_" are the service's own."""
    return {name: algorithm.parse(name, text) for name, text in texts.items() if not name.startswith("_")}
