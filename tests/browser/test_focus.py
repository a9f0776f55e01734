"""Two hundred actions at random in every kind of picture, in JupyterLab: none leaves it, or moves anything else."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_focus_stays_inside(notebook, wander, cell):
    complaints = []
    notebook.on("pageerror", lambda error: complaints.append(str(error)))
    notebook.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    figure = notebook.locator(".jp-Cell").nth(cell + 1).locator("figure.workshop")
    figure.evaluate("one => one.scrollIntoView({ block: 'center' })")
    wander(notebook, figure, f"cell {cell}")
    assert complaints == []
