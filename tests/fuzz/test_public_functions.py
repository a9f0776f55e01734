"""Whatever is handed to a public function, it answers, or says with a documented exception what is wrong.

The calls that the doctests make are known to work; here their arguments are exchanged. ``make test`` tries a few odd
calls of each doctest; ``make fuzz`` tries many, and says how many.
"""

import ast
import doctest
import importlib
import inspect
import json
import os
import pkgutil
import random
import re
import signal
import tempfile
import warnings
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from known_calls import KnownCalls

import workshop

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "3"))
SEED = os.environ.get("FUZZ_SEED", "0")  # another one tries other calls
LONGEST = 60  # seconds, after which a call counts as hanging
MODULES = sorted(m.name for m in pkgutil.walk_packages(workshop.__path__, "workshop.") if "__main__" not in m.name)


def imported_by_notebooks():
    """Modules of the package that a notebook imports something from."""
    found = set()
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = "\n".join("".join(c["source"]) for c in cells[1:] if c["cell_type"] == "code")
        lines = [line for line in code.splitlines() if not line.lstrip().startswith("%")]
        code = "\n".join(line if line.strip() != 'if find_spec("workshop") is None:' else "" for line in lines)
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.ImportFrom) and node.module.startswith("workshop"):
                found.add(node.module)
                package = Path(importlib.import_module(node.module).__file__).parent
                found |= {f"{node.module}.{a.name}" for a in node.names if (package / f"{a.name}.py").is_file()}
    return found


def public_functions():
    """What a room of the package says it offers, and all there is in a module that a notebook imports from."""
    rooms = {f"workshop.{m.name}" for m in pkgutil.iter_modules(workshop.__path__) if not m.name.startswith("__")}
    read = imported_by_notebooks()
    for module in map(importlib.import_module, sorted(rooms | read)):
        here = {n: v for n, v in vars(module).items() if getattr(v, "__module__", "") == module.__name__}
        found = [n for n in here if not n.startswith("_")] if module.__name__ in read else []
        yield from filter(callable, (getattr(module, name) for name in getattr(module, "__all__", found)))


PUBLIC = set(public_functions())


def is_public(function):
    """Whether a function, a class, a method of one, or a request to a service is among what learners call."""
    of = getattr(function, "__self__", None)
    if of is None:
        return (inspect.isroutine(function) and function in PUBLIC) or (
            inspect.isclass(function) and function in PUBLIC
        )
    if type(of).__module__ == "botocore.client":
        return True
    kinds = (of if inspect.isclass(of) else type(of)).__mro__
    return bool(PUBLIC & set(kinds)) and function.__module__.startswith("workshop") and function.__name__[0] != "_"


def doctests(module):
    """Doctests of a module, of its classes and of its functions."""
    module = importlib.import_module(module)
    for test in doctest.DocTestFinder(exclude_empty=True).find(module, module.__name__):
        if test.examples:
            test.globs = dict(vars(module))
            yield test


@contextmanager
def in_silence_and_in_time():
    def late(*_):
        raise TimeoutError(f"no answer after {LONGEST} s")

    alarm = getattr(signal, "SIGALRM", None)
    if alarm:
        before = signal.signal(alarm, late)
        signal.alarm(LONGEST)
    try:
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        plt.close("all")
        if alarm:
            signal.alarm(0)
            signal.signal(alarm, before)


def test_every_public_function_is_in_a_doctest():
    shown = "".join(each.source for module in MODULES for test in doctests(module) for each in test.examples)
    called = {word for word in re.findall(r"\w+", shown)}
    returned_or_raised = {"SearchStep", "RateMovies", "Exhausted", "Interrupted"}
    on_a_cluster = {"gathered", "dask_executors"}
    assert {function.__name__ for function in PUBLIC} - called <= returned_or_raised | on_a_cluster


@pytest.mark.parametrize("module", MODULES)
def test_known_calls_made_odd_end_well(module, tmp_path, monkeypatch, inputs_tried):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    wrong = {}
    for test in doctests(module):
        with in_silence_and_in_time():
            known = KnownCalls(test, is_public)
        for number in range(EXAMPLES if known.usual else 0):
            with in_silence_and_in_time():
                odd_call, found = known.try_odd(random.Random(f"{SEED} {test.name} {number}"))
            inputs_tried(bool(odd_call))
            wrong |= {each.split("): ")[-1]: each for each in found}
    assert not wrong, "\n".join(wrong.values())
