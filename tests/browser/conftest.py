"""A real Chromium, and a real JupyterLab with a notebook of living figures."""

import importlib
import json
import os
import random
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
# Chromium's own look-ups would fail, many at a time, where there is no network; as root it has no sandbox.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]

METADATA = {"kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}}
DEMO = [
    """
import numpy as np
from workshop.plots import use_style
from workshop.tuning import BayesianSearch, Float, Space, tune
from workshop.widgets import curse_explorer, game, live_belief, posterior_stepper
use_style()
def objective(config):
    return float(np.sin(9 * config["x"]) * config["x"])
study = tune(objective, Space({"x": Float(0, 1)}), BayesianSearch(n_initial=3), 12, progress=False)
""",
    "posterior_stepper(study)",
    "live_belief([(0.2, 1.0), (0.7, -0.5)], question='expected improvement')",
    "curse_explorer()",
    "game(budget=4)",
]


gallery = importlib.import_module("gallery")
PICTURES = gallery.pictures()
STEPPERS = ("animate", "layout_stepper", "posterior_stepper", "scale_stepper")  # one script; the demo has one of them


def last_call(code):
    """The name of the function that the last line of a cell calls."""
    return code.strip().splitlines()[-1].split("(")[0]


# To these come the pictures of the gallery that are of another kind, one of each.
KINDS = {last_call(picture.code): picture.code for picture in reversed(PICTURES)}
DEMO[-1:-1] = [code for call, code in KINDS.items() if call not in (*STEPPERS, *map(last_call, DEMO))]

# Where the focus is, and what it would have moved had it left the picture: the page, a cell, the mode of the notebook.
# And what can be worked in the picture: [x, y, width, height], whether it holds text, and its HTML.
STATE = """
(figure) => {
  const notebook = window.jupyterapp?.shell.currentWidget.content, focused = document.activeElement;
  const inside = figure.contains(focused), outer = document.querySelector(".jp-WindowedPanel-outer");
  const parts = [...figure.querySelectorAll("button, input, select, [tabindex='0'], svg.plot, img")];
  return [{
    inside, at: inside ? "" : focused.outerHTML.slice(0, 200), mode: notebook?.mode, cells: notebook?.widgets.length,
    scrolled: [scrollX, scrollY, outer?.scrollTop],
    hidden: document.querySelectorAll(".jp-Cell.lm-mod-hidden, .jp-mod-collapsed").length,
  }, focused.matches("select"), parts.map((one) => {
    const { x, y, width, height } = one.getBoundingClientRect();
    const seen = one.checkVisibility({ visibilityProperty: true }) && y > 100 && y + height < 950;
    const takesText = one.matches("select, [type=number], [type=text]");
    return [seen && [x, y, width, height], takesText, one.outerHTML.slice(0, 60)];
  })];
}
"""
KEYS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", " ", "Enter", "Delete", *"abdjkx5"]


def pytest_generate_tests(metafunc):
    """Tests of a `picture` run for each picture of the gallery, tests of a `cell` for each of the demo notebook."""
    if "picture" in metafunc.fixturenames:
        metafunc.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
    if "cell" in metafunc.fixturenames:
        metafunc.parametrize("cell", range(len(DEMO) - 1), ids=[last_call(code) for code in DEMO[1:]])


@pytest.fixture(scope="session")
def alone(tmp_path_factory):
    """A function from a picture of the gallery to the address of the page that shows it alone."""
    folder = tmp_path_factory.mktemp("gallery")
    gallery.write(folder, {picture: picture.made() for picture in PICTURES})
    return lambda picture: (folder / f"{picture.name}.html").as_uri()


@pytest.fixture(scope="session")
def wander():
    """A function of page, picture and seed: two hundred actions at random, none of which leaves or moves the rest."""

    def act(page, figure, seed):
        chance, done = random.Random(seed), []
        figure.focus()
        before, menu, parts = figure.evaluate(STATE)
        for _ in range(200):
            box, text, html = chance.choice(parts)
            kind = chance.choice(["key", "click", "drag"])
            if kind == "key" or not box or (text and kind == "drag"):  # dragging would select the text
                done.append("ArrowDown" if menu else chance.choice(KEYS))  # other keys open a menu
                page.keyboard.press(done[-1])
            else:
                x, y = (start + chance.random() * size for start, size in zip(box[:2], box[2:], strict=True))
                done.append(f"{kind} {html[:40]} at {x:.0f}, {y:.0f}")
                page.mouse.move(x, y)
                page.mouse.down()
                if kind == "drag":
                    page.mouse.move(x + chance.uniform(-90, 90), y + chance.uniform(-30, 30), steps=3)
                page.mouse.up()
            after, menu, parts = figure.evaluate(STATE)
            assert after == before, f"after {done[-4:]}"

    return act


@pytest.fixture(scope="session")
def chromium():
    api = pytest.importorskip("playwright.sync_api", reason="no playwright: install the extra named browser")
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"no Chromium on this machine; looked for {', '.join(BROWSERS)}")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def offline(chromium):
    """A page of a browser without a network; it must ask for nothing and complain of nothing."""
    context = chromium.new_context(viewport={"width": 1024, "height": 768}, offline=True)
    page = context.new_page()
    page.complaints, page.requests = [], []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("console", lambda line: page.complaints.append(line.text) if line.type == "error" else None)
    page.on("request", lambda request: page.requests.append(request.url))
    yield page
    assert page.complaints == []
    assert [url for url in page.requests if not url.startswith(("file:", "data:", "blob:"))] == []
    context.close()


@pytest.fixture(scope="session")
def barriers():
    """A function of a page: what axe-core finds there that keeps people out, one line per element."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="install the extra named browser").Axe()

    def find(page):
        found = axe.run(page, options={"preload": False}).response["violations"]
        return [f"{each['id']}: {node['html'][:120]}" for each in found for node in each["nodes"]]

    return find


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """A folder with a notebook that holds each kind of living figure, not yet executed."""
    folder = tmp_path_factory.mktemp("lab")
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in DEMO]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=METADATA), folder / "demo.ipynb")
    return folder


@pytest.fixture(scope="session")
def lab(demo):
    """The address of a JupyterLab that serves the folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    names = ("JUPYTER_RUNTIME_DIR", "JUPYTERLAB_WORKSPACES_DIR", "JUPYTERLAB_SETTINGS_DIR")
    private = {name: str(demo / "private" / name) for name in names}
    environment = os.environ | private | {"JUPYTER_CONFIG_PATH": str(ROOT / ".jupyter"), "IPYTHONDIR": str(demo / "ip")}
    command = f"{sys.executable} -m jupyterlab --no-browser --allow-root --expose-app-in-browser"
    options = ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", f"--ServerApp.root_dir={demo}"]
    options.append(f"--IdentityProvider.token={token}")
    with (demo / "lab.log").open("w") as log:
        server = subprocess.Popen([*command.split(), *options], env=environment, stdout=log, stderr=log)
    try:
        for _ in range(120):
            assert server.poll() is None, (demo / "lab.log").read_text()
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/api?token={token}", timeout=5) as answer:
                    assert json.load(answer)["version"]
                break
            except OSError:
                time.sleep(0.5)
        yield f"http://127.0.0.1:{port}/lab/tree/demo.ipynb?reset&token={token}"  # reset: no tab that another test left
    finally:
        server.terminate()
        server.wait(20)


def open_notebook(page, address, *, run=True):
    """Show a notebook in JupyterLab and, unless told not to, run its cells, once its kernel is there."""
    panel, path = "window.jupyterapp?.shell.currentWidget", address.split("/tree/")[1].split("?")[0]
    page.goto(address)
    kernel = f"({panel}?.context?.path === '{path}' && {panel}.sessionContext?.session?.kernel)"
    page.wait_for_function(f"{kernel}?.status === 'idle' && {kernel}.connectionStatus === 'connected'", timeout=60_000)
    if run:
        page.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")
        page.wait_for_function("document.querySelector('.jp-OutputArea-prompt')", timeout=60_000)


@pytest.fixture(scope="session")
def notebook(chromium, lab):
    """The notebook open in JupyterLab, all cells run."""
    page = chromium.new_page(viewport={"width": 1280, "height": 1000})
    open_notebook(page, lab)
    page.wait_for_selector("figure[aria-label^='You against']", timeout=60_000)
    yield page
    page.close()


@pytest.fixture
def opened(chromium, lab, demo):
    """A function of a name and cells: the page of a JupyterLab with them as a new notebook, in which they have run."""
    context = chromium.new_context(viewport={"width": 1280, "height": 1000})

    def show(name, cells, *, run=True):
        new = [nbformat.v4.new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
        nbformat.write(nbformat.v4.new_notebook(cells=new, metadata=METADATA), demo / f"{name}.ipynb")
        page = context.new_page()
        open_notebook(page, lab.replace("demo.ipynb", f"{name}.ipynb"), run=run)
        return page

    yield show
    context.close()
