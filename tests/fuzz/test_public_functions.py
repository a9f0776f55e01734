"""Whatever is handed to a public function, it answers, or says with a documented exception what is wrong.

``make test`` tries a few odd calls of each; ``make fuzz`` tries many, and says how many.
"""

import ast
import copy
import importlib
import json
import os
import pkgutil
import signal
import tempfile
import warnings
from contextlib import contextmanager, redirect_stdout, suppress
from io import StringIO
from pathlib import Path

import good_models  # noqa: F401
import good_pictures  # noqa: F401
import good_services  # noqa: F401
import good_tuning  # noqa: F401
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from good_calls import CALLS
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from odd_values import odd, other_kinds

import workshop
from workshop.tuning import Exhausted

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "3"))
LONGEST = 150  # seconds, after which a call counts as hanging
DOCUMENTED = (ValueError, TypeError, Exhausted)
KINDS = (AttributeError, KeyError, IndexError)  # of pictures, which say which kind of value they take


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


def public_names():
    """What a room of the package says it offers, and all there is in a module that a notebook imports from."""
    rooms = {f"workshop.{m.name}" for m in pkgutil.iter_modules(workshop.__path__) if not m.name.startswith("__")}
    read = imported_by_notebooks()
    for module in map(importlib.import_module, sorted(rooms | read)):
        here = {n: v for n, v in vars(module).items() if getattr(v, "__module__", "") == module.__name__}
        found = [n for n in here if not n.startswith("_")] if module.__name__ in read else []
        for value in (getattr(module, name) for name in getattr(module, "__all__", found)):
            if callable(value):
                yield f"{value.__module__}.{value.__qualname__}"


def test_every_public_function_is_fuzzed():
    missing = sorted(set(public_names()) - {call.name for call in CALLS})
    assert missing == [], "give them a good call, for the fuzzer to start from"


@contextmanager
def time_limit():
    def late(*_):
        raise TimeoutError(f"no answer after {LONGEST} s")

    if not hasattr(signal, "SIGALRM"):
        yield
        return
    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(LONGEST)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def frozen(value):
    """A copy of the tables and arrays among the arguments, to see whether a call changes them."""
    return copy.deepcopy(value) if isinstance(value, (np.ndarray, pd.DataFrame, pd.Series)) else None


def unchanged(value, before):
    if before is None:
        return True
    if isinstance(value, np.ndarray):
        return np.array_equal(value, before, equal_nan=value.dtype.kind in "fc")
    return value.equals(before)


def run(call, arguments):
    with time_limit(), redirect_stdout(StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call.call(**arguments)


@pytest.mark.parametrize("call", CALLS, ids=[call.name.removeprefix("workshop.") for call in CALLS])
def test_good_call_works_and_odd_calls_end_well(call, tmp_path, monkeypatch, inputs_tried):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    documented = DOCUMENTED + call.also + (() if call.kinds else KINDS)
    with suppress(documented if call.fails else ()):
        usual = object
        usual = type(run(call, call.arguments()))
    names = [name for name in call.arguments() if name not in call.keep]
    if not names:
        return

    @settings(
        max_examples=EXAMPLES,
        derandomize=EXAMPLES <= 3,  # make test tries the same calls each time, make fuzz others
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def try_odd(data):
        arguments = call.arguments()
        for name in data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True), label="odd"):
            odd_values = odd(arguments[name]) | other_kinds() if call.kinds else odd(arguments[name])
            arguments[name] = data.draw(odd_values, label=name)
        before = {name: frozen(value) for name, value in arguments.items()}
        inputs_tried()
        try:
            found = run(call, arguments)
        except documented as error:
            assert str(error).strip(), "an exception without a word"
        else:
            assert isinstance(found, usual) or usual is type(None) or not call.kinds, f"{type(found)}, not {usual}"
        finally:
            plt.close("all")
        assert all(unchanged(arguments[name], value) for name, value in before.items()), "an argument was changed"

    try_odd()
