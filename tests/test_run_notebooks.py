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


@pytest.mark.slow
@pytest.mark.parametrize("wanted", [None, "a folder of the learner"])
def test_kernels_keep_what_they_compile_though_told_not_to_and_where_the_learner_wants_it(tmp_path, wanted):
    cell, path = nbformat.v4.new_code_cell(ASK), tmp_path / "ask.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    unset = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
    clean = {name: value for name, value in os.environ.items() if name not in unset}
    clean |= {"PYTHONPYCACHEPREFIX": str(tmp_path / wanted)} if wanted else {"PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, TOOL, "--in-place", path], env=clean, check=True, capture_output=True)
    said = json.loads(nbformat.read(path, as_version=4).cells[0].outputs[0].text)
    assert said == [False, str(tmp_path / wanted if wanted else TOOL.parents[1] / "build" / "bytecode")]
