"""Living figures and committed notebooks in JupyterLab, in a real browser with a real kernel."""

import shutil
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))

# Every cell is drawn, not those in view alone; and opened without a kernel.
DRAW_ALL = """
(all) => jupyterapp.serviceManager.settings.save(
  "@jupyterlab/notebook-extension:tracker", all ? '{"windowingMode": "none"}' : "{}")
"""
OPEN = """
async (path) => {
  const kernelPreference = { shouldStart: false, canStart: false, autoStartDefault: false };
  const panel = await jupyterapp.commands.execute("docmanager:open", { path, factory: "Notebook", kernelPreference });
  await panel.context.ready;
  await panel.revealed;
}
"""
DRAWN = """
(path) => {
  const { content, context } = jupyterapp.shell.currentWidget;
  const drawn = content.widgets.every((cell) => cell.node.isConnected && !cell.isPlaceholder());
  return context.path === path && content.widgets.length > 5 && drawn;
}
"""
WIDE = """
() => [...jupyterapp.shell.currentWidget.content.node.querySelectorAll(
  ".cm-scroller, .jp-OutputArea-output, .jp-MarkdownOutput")]
  .filter((box) => box.scrollWidth > box.clientWidth + 1 && box.clientWidth)
  .map((box) => `${box.scrollWidth} in ${box.clientWidth}: ${box.textContent.slice(0, 80)}`)
"""


def test_stepper_answers_keys_and_buttons_plays_and_pauses(notebook):
    figure = notebook.locator("figure[aria-label^='Bayesian search']")
    figure.scroll_into_view_if_needed()
    image, output = figure.locator("img"), figure.locator("output")
    figure.press("Home")  # other tests may have left it elsewhere
    assert output.inner_text() == "trials: 1"
    figure.get_by_label("Forward").click()
    for key in ("ArrowRight", "End", "ArrowLeft"):
        figure.press(key)
    assert output.inner_text() == "trials: 11"
    assert "11 trials" in image.get_attribute("alt")
    for number in range(90):
        notebook.keyboard.press(["ArrowRight", "ArrowRight", "ArrowLeft"][number % 3])
    assert output.inner_text() == "trials: 11", "no press is lost: at the end it goes 12, 12, 11"
    figure.press("Home")
    figure.press(" ")
    figure.get_by_text("Pause").wait_for()
    figure.get_by_text("trials: 3").wait_for()
    figure.press(" ")
    assert figure.get_by_text("Play").is_visible()
    assert notebook.evaluate("jupyterapp.shell.currentWidget.content.mode") == "command", "keys are the figure's own"


def test_two_hundred_actions_neither_leave_a_picture_nor_move_anything_else(notebook, wander, cell):
    complaints = []
    notebook.on("pageerror", lambda error: complaints.append(str(error)))
    notebook.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    figure = notebook.locator(".jp-Cell").nth(cell + 1).locator("figure.workshop")
    figure.evaluate("one => one.scrollIntoView({ block: 'center' })")
    wander(notebook, figure, f"cell {cell}")
    assert complaints == []


@pytest.fixture(scope="module")
def laptop(chromium, lab, demo):
    """JupyterLab as it opens on a laptop, the file browser open."""
    page = chromium.new_page(viewport={"width": 1280, "height": 800})
    for path in NOTEBOOKS:
        shutil.copy(path, demo / path.name)
    page.goto(lab)
    page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell", timeout=60_000)
    page.evaluate(DRAW_ALL, True)
    page.reload()
    page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell", timeout=60_000)
    assert page.locator(".jp-FileBrowser").is_visible()
    yield page
    page.evaluate(DRAW_ALL, False)
    page.close()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_cell_scrolls_sideways(laptop, path):
    laptop.evaluate(OPEN, path.name)
    laptop.wait_for_function(DRAWN, arg=path.name, timeout=60_000)
    assert laptop.evaluate(WIDE) == []
