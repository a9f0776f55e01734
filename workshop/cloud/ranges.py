"""Hyperparameters as both services write them, in strings, and as they are: values, and a `Space` of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
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
    """Return a value as the services write it.

    Examples
    --------
    >>> as_text(True), as_text(40), as_text(0.5), as_text("kmeans++")
    ('true', '40', '0.5', 'kmeans++')
    """
    return value if isinstance(value, str) else str(value).lower()


def parse_all(owner: str, known: Mapping[str, Hyperparameter], texts: Mapping[str, str]) -> dict:
    """Return the values, by name, of strings; ValueError for a name that is not among the `known` of `owner`.

    Examples
    --------
    >>> parse_all("xgboost", {"max_depth": Hyperparameter(6, Int(0, 100))}, {"max_depth": "8"})
    {'max_depth': 8}
    """
    for name in texts.keys() - known.keys():
        has = f"it has {', '.join(known)}" if known else "it has none"
        raise ValueError(f"{name} is not a hyperparameter of {owner} that can stand here; {has}")
    return {name: known[name].parse(name, text) for name, text in texts.items()}


def tunable(known: Mapping[str, Hyperparameter]) -> dict[str, Hyperparameter]:
    """Return those hyperparameters, by name, that may have a range."""
    return {name: parameter for name, parameter in known.items() if parameter.tuning is not None}


def as_ranges(owner: str, known: Mapping[str, Hyperparameter], lists: Mapping, *, scale: str = "Linear") -> dict:
    """Return what the three lists of ranges of a request span: `Int`, `Float` or `Categorical` by name.

    ValueError, naming the hyperparameter and the remedy, for what `owner` does not know or allow.

    Parameters
    ----------
    owner : str
        The recipe or algorithm whose hyperparameters are `known`.
    lists : mapping of str to list of dict
        As either service takes them: they differ in capitals only.
    scale : {"Linear", "Auto"}
        Of a range that names none.

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
                raise ValueError(
                    f"{name} of {owner} is not tunable; give it one fixed value, or leave it out. "
                    f"Tunable are {', '.join(tunable(known)) or 'none'}"
                )
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
        raise ValueError(
            f"{name} has MinValue {low} and MaxValue {high}; MinValue must be below MaxValue. A single value belongs "
            "among the fixed hyperparameters"
        )
    log, needs = SCALES[given["scalingtype"]]
    try:
        return (Int if kind == "integer" else Float)(low, high, log=log)
    except ValueError:
        raise ValueError(
            f"{name} has the scale {given['scalingtype']} from {low} to {high}; it needs {needs}"
        ) from None


def as_space(ranges: Mapping[str, Any], fixed: Mapping) -> Space:
    """Return the space of the ranges; ValueError if it is empty, or names what is `fixed` too.

    Examples
    --------
    >>> as_space({"max_depth": Int(1, 8)}, {"eta": 0.3})
    Space({'max_depth': Int(low=1, high=8, log=False)})
    """
    if both := sorted(ranges.keys() & fixed.keys()):
        raise ValueError(f"{both[0]} has a fixed value and a range; keep one of both")
    if not ranges:
        raise ValueError("no hyperparameter has a range, so there is nothing to tune; give one a range")
    return Space(ranges)
