import time

import ipywidgets
import nbformat
import pytest
from nbclient import NotebookClient
from packaging.version import Version

from workshop.widgets import wait_while

pytestmark = pytest.mark.slow


def test_it_asks_until_the_status_is_final_and_says_so_meanwhile(monkeypatch):
    statuses = iter(["CREATE PENDING", "CREATE IN_PROGRESS", "CREATE IN_PROGRESS", "CREATE FAILED", "ACTIVE"])
    shown, lines, now = [], [], [50.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "sleep", lambda seconds: now.append(now.pop() + 1000 * seconds))

    def status():
        lines.append(shown[0].value)
        return next(statuses)

    monkeypatch.setattr("workshop.widgets.waiting.display", shown.append)
    assert wait_while(status, "CREATE PENDING", "CREATE IN_PROGRESS", seconds=0.001) == "CREATE FAILED"
    assert next(statuses) == "ACTIVE"
    assert lines[:2] == ["", "CREATE PENDING, 0 s waited"]
    assert lines[2:] == ["CREATE IN_PROGRESS, 1 s waited", "CREATE IN_PROGRESS, 2 s waited"]
    assert shown[0].value == "CREATE FAILED, 3 s waited"


def outputs_of(source, **how):
    """What a notebook shows below a cell with this source."""
    cell = nbformat.v4.new_code_cell(f"from workshop.widgets import wait_while\n{source}")
    notebook = nbformat.v4.new_notebook(cells=[cell])
    NotebookClient(notebook, timeout=60, kernel_name="python3", store_widget_state=False, **how).execute()
    return notebook.cells[0].outputs


def test_an_interrupt_ends_the_notebook_with_one_line_that_says_how_to_go_on():
    source = """
def status():
    if asked.append(1) or len(asked) == 2:
        raise KeyboardInterrupt
    return "InProgress"

asked = []
wait_while(status, "InProgress", seconds=0.01)
"""
    (line,) = outputs_of(source, allow_errors=True)[-1]["traceback"]
    assert line.startswith("interrupted: the status is InProgress") and "run this cell again" in line


@pytest.mark.parametrize("n_questions", [1, 3])
def test_a_notebook_keeps_the_same_outputs_however_long_it_took(n_questions):
    statuses = f"statuses = iter(['InProgress'] * {n_questions - 1} + ['Completed'])"
    line, answer = outputs_of(f"{statuses}\nwait_while(lambda: next(statuses), 'InProgress', seconds=0.01)")
    assert line["data"]["text/plain"] == "Waiting until the work is done"
    if Version(ipywidgets.__version__) >= Version("8"):  # before, a page could show its text only
        assert line["data"]["text/html"] == "<small>Waiting until the work is done</small>"
    assert answer["data"]["text/plain"] == "'Completed'"
