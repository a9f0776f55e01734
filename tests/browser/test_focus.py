"""Two hundred actions at random in every living figure, in JupyterLab: none leaves it, or moves anything else."""

import random

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]
KEYS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", " ", "Enter", "Delete", *"abdjkx5"]
FIGURES = ["Bayesian search", "A belief to play with", "k-means to play with", "The curse", "You against"]
STATE = """
(figure) => ({
  inside: figure.contains(document.activeElement),
  scrolled: document.querySelector(".jp-WindowedPanel-outer").scrollTop,
  cells: jupyterapp.shell.currentWidget.content.widgets.length,
  hidden: document.querySelectorAll(".jp-Cell.lm-mod-hidden, .jp-mod-collapsed").length,
  mode: jupyterapp.shell.currentWidget.content.mode,
  at: figure.contains(document.activeElement) ? "" : document.activeElement.outerHTML.slice(0, 200),
})
"""


@pytest.mark.parametrize("name", FIGURES)
def test_focus_stays_inside(notebook, name):
    figure, chance, complaints = notebook.locator(f"figure[aria-label^='{name}']"), random.Random(name), []
    notebook.on("pageerror", lambda error: complaints.append(str(error)))
    notebook.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    figure.evaluate("one => one.scrollIntoView({ block: 'center' })")
    figure.focus()
    before, done = figure.evaluate(STATE), []
    for _ in range(200):
        part = chance.choice(figure.locator("button, input, select, [tabindex='0'], svg.plot, img").all())
        kind, box = chance.choice(["key", "click", "drag"]), part.bounding_box()
        text = part.evaluate(
            "one => one.matches('select, [type=number], [type=text]')"
        )  # a menu opens, text is selected
        if kind == "key" or not 100 < box["y"] < 950 - box["height"] or (text and kind == "drag"):
            key = chance.choice(KEYS)
            menu = figure.evaluate("() => document.activeElement.matches('select')")
            done.append(key if not menu else "ArrowDown")
            notebook.keyboard.press(done[-1])
        else:
            x, y = (box[a] + chance.random() * box[size] for a, size in (("x", "width"), ("y", "height")))
            done.append(f"{kind} {part.evaluate('one => one.outerHTML')[:40]} at {x:.0f}, {y:.0f}")
            notebook.mouse.move(x, y)
            notebook.mouse.down()
            if kind == "drag":
                notebook.mouse.move(x + chance.uniform(-90, 90), y + chance.uniform(-30, 30), steps=3)
            notebook.mouse.up()
        assert figure.evaluate(STATE) == before, f"after {done[-4:]}"
    assert complaints == []
