"""Every committed notebook in JupyterLab on a laptop, the file browser open: no cell has to be scrolled sideways."""

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


@pytest.fixture(scope="module")
def laptop(chromium, lab, demo):
    """JupyterLab as it opens on a laptop."""
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
