"""What may be tried: the space that parameters span.

A strategy thinks in the unit cube, where every parameter has the same length; an objective wants a config, a
dict of ordinary values. This file goes from one to the other.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice, product
from typing import Any

import numpy as np

from workshop.tuning.parameter import Categorical, Float, Int, as_numbers, whole


class Space(Mapping):
    """The parameters by name: what a config must hold.

    Parameters
    ----------
    parameters : mapping of str to Float, Int or Categorical, or iterable of (name, parameter) pairs
        At least one, no name twice.

    Examples
    --------
    >>> space = Space({"eta": Float(0.01, 1, log=True), "depth": Int(1, 4), "booster": Categorical(["tree", "dart"])})
    >>> space.encode({"eta": 0.1, "depth": 4, "booster": "dart"})
    array([0.5  , 0.875, 0.   , 1.   ])
    >>> space.decode([0.5, 0.875, 0, 1])
    {'eta': 0.1, 'depth': 4, 'booster': 'dart'}
    """

    def __init__(self, parameters: Mapping | Iterable):
        pairs = list(parameters.items() if isinstance(parameters, Mapping) else parameters)
        if not all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in pairs):
            raise TypeError(f"parameters={parameters!r} has no names; give a dict, {{'name': Float(0, 1), ...}}")
        self._parameters: dict[str, Any] = {}
        self._grids: dict[int, list] = {}
        for name, parameter in pairs:
            if not isinstance(name, str) or not name:
                raise TypeError(f"name={name!r} is not a name; give each parameter a str")
            if name in self._parameters:
                raise ValueError(f"name={name!r} is there twice; name each parameter once")
            if not isinstance(parameter, (Float, Int, Categorical)):
                raise TypeError(f"{name}={parameter!r} is not a parameter; use Float, Int or Categorical")
            self._parameters[name] = parameter
        if not pairs:
            raise ValueError("the space is empty; give at least one parameter")

    def __getitem__(self, name):
        return self._parameters[name]

    def __iter__(self):
        return iter(self._parameters)

    def __len__(self):
        return len(self._parameters)

    def __repr__(self):
        return f"Space({self._parameters})"

    @property
    def width(self) -> int:
        """How many columns an encoded config has: d."""
        return sum(parameter.width for parameter in self.values())

    @property
    def n_configs(self) -> float:
        """How many different configs there are, `math.inf` as soon as one parameter has no steps."""
        return math.prod(parameter.n_values for parameter in self.values())

    @property
    def columns(self) -> dict[str, slice]:
        """Which of the d columns belong to each parameter."""
        stops = np.cumsum([parameter.width for parameter in self.values()]).tolist()
        return {name: slice(stop - self[name].width, stop) for name, stop in zip(self, stops, strict=True)}

    def validate(self, config: Mapping) -> dict:
        """Return `config` as a dict of ordinary values in the space's order, or say what is wrong with it."""
        if not isinstance(config, Mapping):
            raise TypeError(f"config={config!r} is not a dict; give a value for each of {list(self)}")
        if config.keys() != self.keys():
            wrong = sorted(map(str, config.keys() ^ self.keys()))
            raise ValueError(f"config has names missing or too many: {wrong}; it needs exactly {list(self)}")
        values = {}
        for name, parameter in self.items():
            try:
                values[name] = parameter.validate(config[name])
            except (TypeError, ValueError) as error:
                raise type(error)(f"{name}: {error}") from None
        return values

    def encode(self, config: Mapping) -> np.ndarray:
        """Return `config` as a point (d,) of the unit cube: one column for a number, one-hot columns for a choice."""
        return self.encode_all([self.validate(config)])[0]

    def encode_all(self, configs: Iterable[Mapping]) -> np.ndarray:
        """Return n configs, taken to be valid, as points (n, d) of the unit cube."""
        configs = list(configs)
        return np.hstack([parameter.encode([c[name] for c in configs]) for name, parameter in self.items()])

    def decode(self, x: np.ndarray) -> dict:
        """Return the config nearest to point x (d,) of the unit cube; values outside are clipped."""
        x = as_numbers("x", x, self.width)
        return {name: self[name].decode(x[part]) for name, part in self.columns.items()}

    def snap(self, U: np.ndarray) -> np.ndarray:
        """Return U (m, len(self)) in the unit cube as encoded configs (m, d): one position for each parameter."""
        return np.hstack([parameter.snap(u) for parameter, u in zip(self.values(), U.T, strict=True)])

    def sample(self, rng: np.random.Generator) -> dict:
        """Return a config drawn evenly along every parameter's scale."""
        return {name: parameter.sample(rng) for name, parameter in self.items()}

    def grid(self, n_per_param: int) -> list[dict]:
        """Return all combinations of at most `n_per_param` values of each number and every choice."""
        return list(self.iter_grid(n_per_param))

    def iter_grid(self, n_per_param: int, start: int = 0) -> Iterator[dict]:
        """Return the configs of `grid` from place `start` on, one by one; the last parameter moves fastest."""
        n = whole("n_per_param", n_per_param, 1)
        if n not in self._grids:
            self._grids[n] = [parameter.grid(n) for parameter in self.values()]
        return (dict(zip(self, values, strict=True)) for values in islice(product(*self._grids[n]), start, None))

    def __getstate__(self):  # what is only remembered to save time is neither copied nor compared
        return self.__dict__ | {"_grids": {}}

    def with_scales(self, scales: Mapping) -> "Space":
        """Return this space with `log` of some parameters replaced; `scales` is a dict of name to log."""
        return Space({n: replace(p, log=scales[n]) if n in scales else p for n, p in self.items()})
