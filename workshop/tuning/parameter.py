"""What one hyperparameter may be: a number on a scale of its own, or one of some choices.

A parameter carries no name: the space gives it one.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from numbers import Real
from typing import Any, NamedTuple

import numpy as np


def whole(name: str, value: Any, low: int) -> int:
    """Return the argument `value` as an int; ValueError naming it unless it is a whole number of at least `low`."""
    if not isinstance(value, Real) or isinstance(value, bool) or value % 1 != 0 or value < low:
        raise ValueError(f"{name}={value!r} must be a whole number of at least {low}")
    return int(value)  # type: ignore[call-overload]  # whole numbers can do that


def able(name: str, value: Any, method: str, example: str) -> None:
    """Raise TypeError naming the argument unless `value` is an object, not a class, with this method."""
    if not callable(getattr(value, method, None)) or isinstance(value, type):
        raise TypeError(f"{name}={value!r} has no {method}; give one such as {example}")


def one_of(name: str, value: Any, choices: Iterable) -> None:
    """Raise ValueError naming the argument unless `value` is one of the choices."""
    if value not in list(choices):
        raise ValueError(f"{name}={value!r} is unknown; use {' or '.join(map(repr, choices))}")


def as_numbers(name: str, values: Any, n: int | None = None) -> np.ndarray:
    """Return the argument `values` as an array (n,); ValueError naming it unless it is a row of n finite numbers."""
    try:
        array = np.asarray(values)
    except ValueError:  # lists of unequal length
        array = np.array(None)
    if array.dtype.kind not in "iuf" or array.ndim != 1 or n not in (None, len(array)) or not np.isfinite(array).all():
        raise ValueError(f"{name} must be {n or 'some'} finite numbers in a row, got {values!r}")
    return array.astype(float)


class Scale(NamedTuple):
    """A value of `log`: to the scale on which equal steps matter equally, and back; what it needs."""

    forward: Callable
    backward: Callable
    need: str
    fits: Callable


SCALES = {
    False: Scale(lambda x: x, lambda z: z, "", lambda low, high: True),
    True: Scale(np.log, np.exp, "low > 0", lambda low, high: low > 0),
    "reverse": Scale(
        lambda x: -np.log1p(-x), lambda z: -np.expm1(-z), "0 <= low <= high < 1", lambda low, high: 0 <= low <= high < 1
    ),
}


class _Number:
    """What Float and Int share: an interval, the step in it if there is one, and the scale on which it is measured."""

    width = 1  # columns in the unit cube
    _kind: type = float
    _article, _max_size = "a number", 1e300
    low: Any
    high: Any
    step: Any
    log: Any

    def __post_init__(self):
        for end in ("low", "high"):
            object.__setattr__(self, end, self._plain(getattr(self, end), end))
        if self.low > self.high:
            raise ValueError(f"low={self.low} is above high={self.high}; swap them")
        if self.log not in (*SCALES, "auto"):
            raise ValueError(f"log={self.log!r} is not a scale; use False, True, 'reverse' or 'auto'")
        if self.log not in (*self.scales, "auto"):
            need = SCALES[self.log].need
            raise ValueError(f"log={self.log!r} needs {need}, got low={self.low}, high={self.high}")
        if self.step != type(self).step:
            self._check_step()

    def _check_step(self):
        object.__setattr__(self, "step", self._plain(self.step, "step"))
        if self.step <= 0 or self.log:
            raise ValueError(f"step={self.step}, log={self.log!r}: a step is above 0, and goes with log=False only")
        last = float(f"{self.low + math.floor((self.high - self.low) / self.step + 1e-9) * self.step:.15g}")
        if abs(last - self.high) > 1e-9 * self.step:
            raise ValueError(f"step={self.step} does not lead from low={self.low} to high={self.high}; use high={last}")

    def __repr__(self):
        step = "" if self.step == type(self).step else f", step={self.step}"
        return f"{type(self).__name__}(low={self.low}, high={self.high}{step}, log={self.log!r})"

    def _plain(self, value, name="value"):
        """Return `value` as an ordinary Python number; TypeError or ValueError if it is not one."""
        value = value.item() if isinstance(value, np.generic) else value
        if not isinstance(value, Real) or isinstance(value, bool) or (self._kind is int and value % 1 != 0):
            raise TypeError(f"{name}={value!r} is not {self._article}; give {self._article}, without quotes")
        if not -self._max_size <= value <= self._max_size:
            raise ValueError(f"{name}={value} is not finite, or too large; give {self._article}")
        return self._kind(value)

    @property
    def scales(self) -> tuple:
        """The values of `log` that this interval allows, a tuple."""
        return tuple(log for log, scale in SCALES.items() if scale.fits(self.low, self.high))

    @property
    def n_values(self) -> float:
        """How many values there are: `math.inf` between two numbers without a step."""
        if self.low == self.high:
            return 1
        return math.inf if self.step is None else round((self.high - self.low) / self.step) + 1

    def validate(self, value: Any) -> float:
        """Return `value` as an ordinary Python number; an error unless it is one of the values."""
        value = self._plain(value)
        if not self.low <= value <= self.high:
            raise ValueError(f"{value} is out of range; give {self._article} from {self.low} to {self.high}")
        if self.step == type(self).step:
            return value
        nearest = self.decode(self.encode([value])[0])
        if abs(value - nearest) > 1e-9 * self.step:
            raise ValueError(f"{value} is between two steps of {self.step} from {self.low}; the nearest is {nearest}")
        return nearest

    def _interval(self):
        """Return the scale, and where on it the interval starts and stops: half a step around the values."""
        scale, half = SCALES[False if self.log == "auto" else self.log], (self.step or 0) / 2
        return scale, scale.forward(self.low - half), scale.forward(self.high + half)

    def encode(self, values: Iterable) -> np.ndarray:
        """Return n values as a column (n, 1) in [0, 1]; "auto" is linear until a scale is found."""
        scale, start, stop = self._interval()
        position = scale.forward(as_numbers("values", values)[:, None])
        return np.clip((position - start) / (stop - start), 0, 1) if stop > start else np.full_like(position, 0.5)

    def _nearest(self, u):
        """Return the values nearest to positions u (m,) in [0, 1], floats."""
        scale, start, stop = self._interval()
        values = np.where(u <= 0, self.low, np.where(u >= 1, self.high, scale.backward(start + u * (stop - start))))
        if self.step:
            values = self.low + np.rint((values - self.low) / self.step) * self.step
        return np.clip(values, self.low, self.high)

    def decode(self, x: np.ndarray) -> float:
        """Return the value nearest to column x (1,): 0.1 rather than 0.10000000000000002."""
        value = float(f"{self._nearest(as_numbers('x', x, 1)[0]):.15g}")
        return int(value) if self._kind is int else min(max(value, self.low), self.high)

    def snap(self, u: np.ndarray) -> np.ndarray:
        """Return positions u (m,) in [0, 1] moved to the nearest value that exists, as a column (m, 1)."""
        u = as_numbers("u", u)
        return u[:, None] if self.n_values == math.inf else self.encode(self._nearest(u))

    def sample(self, rng: np.random.Generator) -> float:
        """Return a value drawn evenly along the scale; "auto" first draws one of its possible scales."""
        able("rng", rng, "random", "np.random.default_rng(0)")
        if self.log == "auto":
            scale = self.scales[rng.integers(len(self.scales))]
            return replace(self, log=scale).sample(rng)  # type: ignore[type-var]  # Float and Int are dataclasses
        return self.decode(rng.random(1))

    def grid(self, n: int) -> list:
        """Return at most n different values, a list, evenly spread along the scale, both ends among them."""
        n = whole("n", n, 1)
        if self.n_values == 1:
            return [self.low]
        if self.n_values <= n:
            values = [self.low + i * self.step for i in range(int(self.n_values))]
            return values if self._kind is int else [float(f"{value:.15g}") for value in values]
        first, last = self.encode([self.low, self.high])[:, 0]
        positions = np.linspace(first, last, n) if n > 1 else [0.5]
        return list(dict.fromkeys(self.decode(np.array([u])) for u in positions))


@dataclass(frozen=True, repr=False)
class Float(_Number):
    """A real number from `low` to `high`, both possible.

    Parameters
    ----------
    low, high : float
        Finite, low <= high.
    step : float, optional
        Only low, low + step, low + 2 step, ..., high are possible.
    log : {False, True, "reverse", "auto"}
        The scale on which equal steps matter equally: the value itself; its logarithm (needs low > 0); the
        logarithm of 1 - value (needs 0 <= low, high < 1; for momentum, say); or "auto": `BayesianSearch` finds
        it from the trials, and until then values are drawn from every possible scale.

    Examples
    --------
    >>> Float(0.01, 1, log=True).grid(3), Float(0, 1, step=0.25).n_values
    ([0.01, 0.1, 1.0], 5)
    """

    low: float
    high: float
    step: float | None = field(default=None, kw_only=True)
    log: bool | str = field(default=False, kw_only=True)


@dataclass(frozen=True, repr=False)
class Int(_Number):
    """A whole number from `low` to `high`, both possible.

    Each number owns the cell half a step around it, so that the ends get as much weight as the rest. `step` and `log`
    are as in `Float`; "reverse" allows nothing but 0.

    Examples
    --------
    >>> Int(1, 4).grid(10), Int(1, 1000, log=True).grid(4), Int(16, 64, step=16).grid(10)
    ([1, 2, 3, 4], [1, 10, 100, 1000], [16, 32, 48, 64])
    """

    low: int
    high: int
    step: int = field(default=1, kw_only=True)
    log: bool | str = field(default=False, kw_only=True)

    _kind, _article, _max_size = int, "a whole number", 10**12


@dataclass(frozen=True)
class Categorical:
    """One of `choices`, in no order.

    Parameters
    ----------
    choices : iterable, or mapping from label to choice
        At least one, all different (True and 1 are two choices). Anything may be a choice. A file holds its label:
        itself if it is a str, int, float, bool or None, else the label given here, or its name or repr.

    Examples
    --------
    >>> Categorical(["gbtree", "dart"]).encode(["dart", "gbtree"])
    array([[0., 1.],
           [1., 0.]])
    >>> Categorical({"small": (50,), "large": (100, 50)}).labels
    ('small', 'large')
    """

    choices: tuple
    labels: tuple | None = field(init=False, repr=False, compare=False)
    _places: dict = field(init=False, repr=False, compare=False)  # from the identity of a choice to where it stands

    log = False

    def __post_init__(self):
        if isinstance(self.choices, (str, bytes)) or not isinstance(self.choices, Iterable):
            raise TypeError(f"choices={self.choices!r} is not a sequence of choices; give a list, or a dict of choices")
        given = self.choices.values() if isinstance(self.choices, Mapping) else self.choices
        choices = tuple(c.item() if isinstance(c, np.generic) else c for c in given)
        object.__setattr__(self, "labels", tuple(self.choices) if isinstance(self.choices, Mapping) else None)
        object.__setattr__(self, "choices", choices)
        object.__setattr__(self, "_places", {identity(choice): i for i, choice in reversed([*enumerate(choices)])})
        if not choices:
            raise ValueError("choices is empty; give at least one choice")
        for i, choice in enumerate(choices):
            if isinstance(choice, float) and not math.isfinite(choice):
                raise ValueError(f"choice {choice!r} is not finite; use None or a name instead")
            if self.index(choice) != i:
                raise ValueError(f"choice {choice!r} is there twice; name each choice once")

    @property
    def n_values(self) -> int:
        """How many values there are."""
        return len(self.choices)

    width = n_values  # one column for each choice

    def index(self, value: Any) -> int:
        """Return the place of `value` among the choices: of the same type or, if none is, of a subclass and equal."""
        value = value.item() if isinstance(value, np.generic) else value
        if (place := self._places.get(identity(value))) is not None:
            return place
        for i, choice in enumerate(self.choices):  # an Enum of str, say, where its value is meant
            related = isinstance(choice, type(value)) or isinstance(value, type(choice))
            if related and bool not in (type(choice), type(value)) and choice is not None and choice == value:
                return i
        raise ValueError(f"{value!r} is not a choice; give one of {self.choices}")

    def validate(self, value: Any) -> Any:
        """Return `value` as it stands among the choices; ValueError if it does not."""
        return self.choices[self.index(value)]

    def encode(self, values: Iterable) -> np.ndarray:
        """Return n values as one-hot columns (n, n_choices): 1 at the value, 0 elsewhere."""
        return np.eye(self.width)[[self.index(value) for value in values]]

    def decode(self, x: np.ndarray) -> Any:
        """Return the choice with the largest of columns x (n_choices,)."""
        return self.choices[int(np.argmax(as_numbers("x", x, self.width)))]

    def snap(self, u: np.ndarray) -> np.ndarray:
        """Return positions u (m,) in [0, 1] as one-hot columns (m, n_choices), each choice with equal share."""
        return np.eye(self.width)[np.minimum((as_numbers("u", u) * self.width).astype(int), self.width - 1)]

    def sample(self, rng: np.random.Generator) -> Any:
        """Return a choice, each as likely as the others."""
        able("rng", rng, "integers", "np.random.default_rng(0)")
        return self.choices[rng.integers(self.width)]

    def grid(self, n: int) -> list:
        """Return all choices, a list, however many: leaving some out would follow no order."""
        return list(self.choices)


def identity(value: Any) -> tuple:
    """Return something hashable that is equal for equal values of one type only: True is not 1 here."""
    try:
        hash(value)
    except TypeError:
        return type(value), repr(value)
    return type(value), value
