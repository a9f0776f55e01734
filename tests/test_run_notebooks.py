"""The tool that executes the notebooks: what its kernels are given."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

TOOL = Path(__file__).parents[1] / "tools" / "run_notebooks.py"
ASK = "import sys, json; print(json.dumps([sys.dont_write_bytecode, sys.pycache_prefix]))"


def what_a_kernel_says(path, environment):
    cell = nbformat.v4.new_code_cell(ASK)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    unset = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
    clean = {name: value for name, value in os.environ.items() if name not in unset}
    subprocess.run([sys.executable, TOOL, "--in-place", path], env=clean | environment, check=True, capture_output=True)
    return json.loads(nbformat.read(path, as_version=4).cells[0].outputs[0].text)


@pytest.mark.slow
def test_kernels_keep_what_they_compile_even_if_told_not_to(tmp_path):
    build = TOOL.parents[1] / "build" / "bytecode"
    assert what_a_kernel_says(tmp_path / "ask.ipynb", {"PYTHONDONTWRITEBYTECODE": "1"}) == [False, str(build)]


@pytest.mark.slow
def test_kernels_keep_what_they_compile_where_the_learner_wants_it(tmp_path):
    assert what_a_kernel_says(tmp_path / "ask.ipynb", {"PYTHONPYCACHEPREFIX": str(tmp_path)}) == [False, str(tmp_path)]
