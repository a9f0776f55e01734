"""What one hyperparameter may be: a number on a scale of its own, a whole number, or one of some choices.

A parameter carries no name: the space gives it one.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from numbers import Integral, Real

import numpy as np

# log= : (to the scale on which equal steps matter equally, and back)
SCALES = {
    False: (lambda x: x, lambda z: z),
    True: (np.log, np.exp),
    "reverse": (lambda x: -np.log1p(-x), lambda z: -np.expm1(-z)),
}


class _Number:
    """What Float and Int share: an interval, and the scale on which it is measured."""

    width = 1  # columns in the unit cube
    _kind, _article, _half_step, _max_size = Real, "a number", 0.0, 1e300

    def __post_init__(self):
        for end in ("low", "high"):
            object.__setattr__(self, end, self._plain(getattr(self, end), end))
        if self.low > self.high:
            raise ValueError(f"low={self.low} is above high={self.high}; swap them")
        if self.log not in (*SCALES, "auto"):
            raise ValueError(f"log={self.log!r} is no scale; use False, True, 'reverse' or 'auto'")
        if self.log not in (*self.scales, "auto"):
            need = "low > 0" if self.log is True else "0 <= low <= high < 1"
            raise ValueError(f"log={self.log!r} needs {need}, got low={self.low}, high={self.high}")

    def _plain(self, value, name="value"):
        """Return `value` as an ordinary Python number, or say why it is none."""
        if isinstance(value, (bool, np.bool_)) or not isinstance(value, self._kind):
            raise TypeError(f"{name}={value!r} is not {self._article}; give {self._article}, without quotes")
        value = int(value) if self._kind is Integral else float(value)
        if not -self._max_size <= value <= self._max_size:
            raise ValueError(f"{name}={value} is not finite, or too large; give {self._article}")
        return value

    @property
    def scales(self):
        """The values of `log` that this interval allows, a tuple."""
        allowed = {False: True, True: self.low > 0, "reverse": 0 <= self.low and self.high < 1}
        return tuple(scale for scale, possible in allowed.items() if possible)

    def validate(self, value):
        """Return `value` as an ordinary Python number; an error unless it lies in the interval."""
        value = self._plain(value)
        if not self.low <= value <= self.high:
            raise ValueError(f"{value} is out of range; give {self._article} from {self.low} to {self.high}")
        return value

    def _interval(self):
        """Return the scale's two functions, and where on that scale the interval starts and stops."""
        forward, backward = SCALES[False if self.log == "auto" else self.log]
        return forward, backward, forward(self.low - self._half_step), forward(self.high + self._half_step)

    def encode(self, values):
        """Return n values as a column (n, 1) in [0, 1]; "auto" is linear until a scale is found."""
        forward, _, start, stop = self._interval()
        position = forward(np.asarray(values, dtype=float)[:, None])
        return np.clip((position - start) / (stop - start), 0, 1) if stop > start else np.full_like(position, 0.5)

    def _nearest(self, u):
        """Return the values nearest to positions u (m,) in [0, 1], floats."""
        _, backward, start, stop = self._interval()
        values = np.where(u <= 0, self.low, np.where(u >= 1, self.high, backward(start + u * (stop - start))))
        return np.clip(np.rint(values) if self._half_step else values, self.low, self.high)

    def decode(self, x):
        """Return the value nearest to column x (1,): 0.1 rather than 0.10000000000000002."""
        value = float(f"{self._nearest(x[0]):.15g}")
        return int(value) if self._half_step else min(max(value, self.low), self.high)

    def snap(self, u):
        """Return positions u (m,) in [0, 1] moved to the nearest value that exists, as a column (m, 1)."""
        return u[:, None] if self.n_values == math.inf else self.encode(self._nearest(u))

    def sample(self, rng):
        """Return a value drawn evenly along the scale; "auto" first draws one of its possible scales."""
        if self.log == "auto":
            return replace(self, log=self.scales[rng.integers(len(self.scales))]).sample(rng)
        return self.decode(rng.random(1))

    def grid(self, n):
        """Return at most n different values, a list, evenly spread along the scale, both ends among them."""
        if self.n_values <= n:
            return list(range(int(self.low), int(self.high) + 1)) if self._half_step else [self.low]
        positions = np.linspace(*self.encode([self.low, self.high])[:, 0], n) if n > 1 else [0.5]
        return list(dict.fromkeys(self.decode([u]) for u in positions))


@dataclass(frozen=True)
class Float(_Number):
    """A real number from `low` to `high`, both possible.

    Parameters
    ----------
    low, high : float
        Finite, low <= high.
    log : {False, True, "reverse", "auto"}
        The scale on which equal steps matter equally: the value itself; its logarithm (needs low > 0); the
        logarithm of 1 - value (needs 0 <= low, high < 1; for momentum, say); or "auto": `BayesianSearch` finds
        it from the trials, and until then values are drawn from every possible scale.

    Examples
    --------
    >>> Float(0.01, 1, log=True).grid(3)
    [0.01, 0.1, 1.0]
    """

    low: float
    high: float
    log: bool | str = field(default=False, kw_only=True)

    n_values = property(lambda self: 1 if self.low == self.high else math.inf, doc="How many values there are.")


@dataclass(frozen=True)
class Int(_Number):
    """A whole number from `low` to `high`, both possible.

    Each number owns the cell half a step around it, so that the ends get as much weight as the rest. `log` is
    as in `Float`; "reverse" allows nothing but 0.

    Examples
    --------
    >>> Int(1, 4).grid(10), Int(1, 1000, log=True).grid(4)
    ([1, 2, 3, 4], [1, 10, 100, 1000])
    """

    low: int
    high: int
    log: bool | str = field(default=False, kw_only=True)

    _kind, _article, _half_step, _max_size = Integral, "a whole number", 0.5, 10**12
    n_values = property(lambda self: self.high - self.low + 1, doc="How many values there are.")


@dataclass(frozen=True)
class Categorical:
    """One of `choices`, in no order.

    Parameters
    ----------
    choices : iterable of str, int, float, bool or None
        At least one, all different (True and 1 are two choices).

    Examples
    --------
    >>> Categorical(["gbtree", "dart"]).encode(["dart", "gbtree"])
    array([[0., 1.],
           [1., 0.]])
    """

    choices: tuple

    n_values = property(lambda self: len(self.choices), doc="How many values there are.")
    width = n_values  # one column a choice
    log = False

    def __post_init__(self):
        if isinstance(self.choices, (str, Mapping)):
            raise TypeError(f"choices={self.choices!r} is no sequence of choices; give a list, such as ['a', 'b']")
        choices = tuple(c.item() if isinstance(c, np.generic) else c for c in self.choices)
        object.__setattr__(self, "choices", choices)
        if not choices:
            raise ValueError("choices is empty; give at least one choice")
        for i, choice in enumerate(choices):
            if not isinstance(choice, (str, int, float, bool, type(None))):
                raise TypeError(f"choice {choice!r} is no str, int, float, bool or None; give its name instead")
            if isinstance(choice, float) and not math.isfinite(choice):
                raise ValueError(f"choice {choice!r} is not finite; use None or a name instead")
            if self._index(choice) != i:
                raise ValueError(f"choice {choice!r} is there twice; name each choice once")

    def _index(self, value):
        """Return the place of `value` among the choices, or None."""
        same = (i for i, c in enumerate(self.choices) if type(c) is type(value) and c == value)
        return next(same, None)

    def validate(self, value):
        """Return `value` as it stands among the choices; ValueError if it does not."""
        index = self._index(value.item() if isinstance(value, np.generic) else value)
        if index is None:
            raise ValueError(f"{value!r} is no choice; give one of {self.choices}")
        return self.choices[index]

    def encode(self, values):
        """Return n values as one-hot columns (n, n_choices): 1 at the value, 0 elsewhere."""
        return np.eye(self.width)[[self._index(value) for value in values]]

    def decode(self, x):
        """Return the choice with the largest of columns x (n_choices,)."""
        return self.choices[int(np.argmax(x))]

    def snap(self, u):
        """Return positions u (m,) in [0, 1] as one-hot columns (m, n_choices), each choice with equal share."""
        return np.eye(self.width)[np.minimum((u * self.width).astype(int), self.width - 1)]

    def sample(self, rng):
        """Return a choice, each as likely as the others."""
        return self.choices[rng.integers(self.width)]

    def grid(self, n):
        """Return all choices, a list, however many: leaving some out would follow no order."""
        return list(self.choices)
