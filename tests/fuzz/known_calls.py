"""The calls that doctests make: known to work, so that the fuzzer starts from them.

A doctest is run as it stands but for one call of a public function, in which one or two arguments are exchanged for odd
values. The lines after it run as well: a model that accepts odd ratings at `fit` has to answer at `predict`.
"""

import ast
import builtins
import doctest
import inspect
import re
import traceback
from collections import Counter
from pathlib import Path

import botocore.exceptions
import numpy as np
from odd_values import holds_nan, kept, odd, other_kind, unchanged

PACKAGE = str(Path(__file__).parents[2] / "workshop")
DRAWS = ("workshop.plots", "workshop.widgets")  # there contents are exchanged, but numbers and tables keep their kind
DATA = (bool, int, float, str, list, tuple, dict, np.generic, np.ndarray)
# What scikit-learn and NumPy say of tables:
SAYS_ENOUGH = "inhomogeneous|Found array|Found input|could not convert|Expected 2D array|is not compatible with"
SEVERAL = inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD


class ByWayOfUs(ast.NodeTransformer):
    """Write ``_call(number, f, x)`` for each call ``f(x)``, numbered by its place in the text."""

    def __init__(self):
        self.n_places = 0

    def visit_Call(self, node):
        self.generic_visit(node)
        self.n_places += 1
        arguments = [ast.Constant(self.n_places), node.func, *node.args]
        return ast.Call(ast.Name("_call", ast.Load()), arguments, node.keywords)


def name_of(function):
    """Return the name of a function as it is called: that of a client's method is made by botocore."""
    return function.__name__ if "<locals>" in function.__qualname__ else function.__qualname__


def words_about(function):
    """Return what documents a function, and the class that it belongs to."""
    return f"{inspect.getdoc(function)}\n{inspect.getdoc(type(getattr(function, '__self__', None)))}"


def documented(function):
    """Return the exceptions that a call may raise: ValueError, TypeError, and those that its docstring names."""
    if function.__module__.startswith("botocore"):
        return botocore.exceptions.ClientError, botocore.exceptions.ParamValidationError
    scope = vars(builtins) | vars(botocore.exceptions) | vars(inspect.getmodule(function))
    named = [scope.get(word) for word in re.findall(r"\b[A-Z]\w+\b", words_about(function))]
    return ValueError, TypeError, *(each for each in named if inspect.isclass(each) and issubclass(each, Exception))


def is_data(value):
    """Whether a value is a number, a text, a table or several of them, and no object with methods of its own."""
    return isinstance(value, DATA) or hasattr(value, "iloc")


def is_raw(error):
    """Whether an exception comes from the depths, instead of from a line of the package that raises it on purpose."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return not (last.filename.startswith(PACKAGE) and last.line.startswith("raise"))


def kind_of(value):
    """Return the kind of an answer: all numbers and arrays of numbers are of one kind."""
    number = isinstance(value, (bool, int, float, np.generic, np.ndarray))
    return "numbers" if number and np.asarray(value).dtype.kind in "biuf" else type(value).__name__


class KnownCalls:
    """A doctest, the calls of public functions in which can be made odd one by one.

    Parameters
    ----------
    test : doctest.DocTest
    is_public : callable
        Whether a function, a class or a method is one to be tried.
    """

    def __init__(self, test, is_public):
        self.test, self.is_public = test, is_public
        by_way_of_us, shown = ByWayOfUs(), [each for each in test.examples if doctest.SKIP not in each.options]
        trees = [ast.fix_missing_locations(by_way_of_us.visit(ast.parse(each.source))) for each in shown]
        self.lines = [
            (compile(tree, "<doctest>", "exec"), each.exc_msg) for tree, each in zip(trees, shown, strict=True)
        ]
        self._run(odd_place=None)
        self.usual = dict(self.seen)  # (place, how often it was passed): kind of the answer, whether it holds NaN

    def try_odd(self, rng):
        """Run the doctest with one call made odd; return in words which, and a list of what went wrong."""
        place = rng.choice(sorted({place for place, _ in self.usual}))
        self.rng = rng
        self._run(rng.choice([each for each in self.usual if each[0] == place]))
        return self.odd_call, self.wrong

    def _run(self, odd_place):
        self.odd_place, self.odd_call, self.wrong = odd_place, "", []
        self.visits, self.seen, self.judged = Counter(), {}, None
        scope = dict(self.test.globs) | {"_call": self._call}
        for line, shown_error in self.lines:
            try:
                exec(line, scope)
            except Exception:
                if self.odd_call:
                    return
                if not shown_error:
                    raise

    def _call(self, place, function, *args, **options):
        if not self.is_public(function):
            return function(*args, **options)
        here = place, self.visits[place]
        self.visits[place] += 1
        bound = inspect.signature(function).bind(*args, **options)
        if here == self.odd_place:
            self._make_odd(function, bound)
        before = {name: kept(value) for name, value in bound.arguments.items()}
        try:
            found = function(*bound.args, **bound.kwargs)
            found = iter(list(found)) if inspect.isgenerator(found) else found
        except Exception as error:
            if self.odd_call and error is not self.judged:
                self.judged = error
                self._judge(function, error, at_once=here == self.odd_place)
            raise
        self.seen[here] = kind_of(found), holds_nan(found)
        if self.odd_call and here in self.usual:
            kind, had_nan = self.usual[here]
            if kind_of(found) != kind != "NoneType":
                self._complain(function, f"returns {kind_of(found)}, usually {kind}")
            if holds_nan(found) and not had_nan and "NaN" not in words_about(function):
                self._complain(function, "returns NaN")
        if not all(unchanged(bound.arguments[name], value) for name, value in before.items()):
            self._complain(function, "changes an argument")
        return found

    def _make_odd(self, function, bound):
        given = set(bound.arguments)
        bound.apply_defaults()
        values = dict(bound.arguments)
        several = {each.name for each in bound.signature.parameters.values() if each.kind in SEVERAL}
        only_contents = function.__module__.startswith(DRAWS)
        names = [
            name
            for name, value in values.items()
            if (value if name in several else is_data(value) or not only_contents)
        ]
        if not names:
            return
        self.changed, self.other_kind = self.rng.sample(names, min(len(names), self.rng.choice([1, 1, 2]))), False
        for name in self.changed:
            exchange = not only_contents and name not in several and self.rng.random() < 0.4
            self.other_kind |= exchange or not is_data(values[name])
            others = [other_kind(self.rng), other_kind(self.rng), *values.values()]
            bound.arguments[name] = self.rng.choice(others) if exchange else odd(values[name], self.rng)
        for name in set(values) - given - set(self.changed):
            del bound.arguments[name]
        words = ", ".join(f"{name}={bound.arguments[name]!r:.80}" for name in self.changed)
        self.odd_function, self.odd_call = function, f"{name_of(function)}({words})".replace("\n", " ")

    def _judge(self, function, error, at_once):
        said = f"raises {type(error).__name__}: {error}"
        no_method = self.other_kind and inspect.ismethod(self.odd_function) and isinstance(error, AttributeError)
        if not isinstance(error, documented(function)) and not no_method:
            files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
            if [name for name in files if name.startswith((PACKAGE, "<doctest>"))][-1] != "<doctest>":
                self._complain(function, said)  # an error in a line of the doctest itself is none of the package's
        elif not str(error).strip():
            self._complain(function, f"raises {type(error).__name__} without a word")
        elif at_once and not self.other_kind and isinstance(error, ValueError) and is_raw(error):
            if not re.search("|".join([SAYS_ENOUGH, *map(re.escape, self.changed)]), str(error)):
                self._complain(function, f"does not say which argument: {said}")

    def _complain(self, function, what):
        self.wrong.append(f"{self.odd_call}: {name_of(function)} {what}".replace("\n", " "))
