"""What arguments must be."""

from numbers import Integral


def whole(name, value, low):
    """Return the argument `value` as an int; ValueError naming it unless it is one of at least `low`."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < low:
        raise ValueError(f"{name}={value!r} must be a whole number of at least {low}")
    return int(value)


def able(name, value, method, example):
    """Return nothing; TypeError naming the argument unless `value` is an object, not a class, with this method."""
    if not callable(getattr(value, method, None)) or isinstance(value, type):
        raise TypeError(f"{name}={value!r} has no {method}; give one such as {example}")
