"""What the tests of every part's exercises use."""

import json
from pathlib import Path

import pytest

from workshop.exercises import check
from workshop.exercises.catalogue import find


@pytest.fixture
def said(capsys):
    """A function (number, *answers, **more) -> the line that check prints."""

    def listen(number, *answers, **more):
        check(number, *answers, **more)
        printed = capsys.readouterr().out
        assert printed.count("\n") == 1, "a check says one line"
        return printed.strip()

    return listen


@pytest.fixture
def solved():
    """A function (number, namespace) -> the answers that the solution binds when it runs in a copy of the namespace."""

    def run(number, namespace):
        names = dict(namespace)
        exec(find(number).solution, names)
        return [names[name] for name in find(number).answers]

    return run


@pytest.fixture(scope="session")
def notebook_cell():
    """A function (part, text) -> the code of the one cell of the part's notebook that holds the text."""

    def read(part, text):
        (path,) = (Path(__file__).parents[2] / "notebooks").glob(f"0{part}_*.ipynb")
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        (source,) = [s for c in cells if c["cell_type"] == "code" and text in (s := "".join(c["source"]))]
        return source

    return read
