"""From hand to picture: how long a live picture takes to answer a key, a dragged mouse and a click in Chromium.

    python benchmarks/pictures.py              # every picture of the gallery
    python benchmarks/pictures.py belief game  # these

The browser's own clock runs from the event to the frame in which the picture has changed (frames come every 17 ms, so
8 ms is the mean wait for one). The median of 30; of three rounds the quickest, since other work only makes it slower.
"""

from __future__ import annotations

import random
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))
from gallery import pictures, write

WATCH = """
(figure) => {
  window.spans = [];
  let since = null;
  for (const kind of ["keydown", "pointermove", "click"]) {
    document.addEventListener(kind, (event) => { since = event.timeStamp; }, true);
  }
  new MutationObserver(() => {
    const start = since;
    since = null;
    if (start !== null) requestAnimationFrame(() => spans.push(performance.now() - start));
  }).observe(figure, { subtree: true, childList: true, attributes: true, characterData: true });
}
"""
SLIDERS = "[role=slider], input[type=range]"
NEEDS = {"key": f"{SLIDERS}, input[type=number]", "drag": SLIDERS, "click": "svg.plot, button"}


def keys(page, figure, chance):
    """Arrow keys on the first part that takes them; to and fro, so that it does not end."""
    part = figure.locator(SLIDERS if figure.locator(SLIDERS).count() else NEEDS["key"]).first
    pair = ("ArrowUp", "ArrowDown") if part.get_attribute("type") == "number" else ("ArrowRight", "ArrowLeft")
    part.focus()
    for number in range(30):
        yield page.keyboard.press(pair[number // 3 % 2])


def drag(page, figure, chance):
    """The mouse, pressed on the first part that moves, to places near by."""
    box = figure.locator(SLIDERS).first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for _ in range(30):
        yield page.mouse.move(x + chance.uniform(-80, 80), y + chance.uniform(-30, 30))
    page.mouse.up()


def click(page, figure, chance):
    """Clicks anywhere in a plot, or on the last button that can be pressed."""
    plot = figure.locator("svg.plot")
    for _ in range(30):
        part = plot.first if plot.count() else figure.locator("button:not([aria-disabled=true])").last
        box = part.bounding_box()
        share = chance.uniform(0.2, 0.8) if plot.count() else 0.5
        yield page.mouse.click(box["x"] + share * box["width"], box["y"] + box["height"] / 2)


GESTURES = {"key": keys, "drag": drag, "click": click}


def median(page, address, gesture) -> float | None:
    """Return the milliseconds of a gesture, the quickest of three rounds; None if the picture does not answer it."""
    rounds = []
    for seed in range(3):
        page.goto(address)
        figure = page.locator("figure.workshop")
        figure.evaluate(WATCH)
        if not figure.locator(NEEDS[gesture]).first.is_visible():
            return None
        for _ in GESTURES[gesture](page, figure, random.Random(seed)):
            page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        spans = page.evaluate("spans")
        if len(spans) < 5:
            return None
        rounds.append(statistics.median(spans))
    return min(rounds)


def main() -> None:
    """Print a table: a row per picture, a column per gesture."""
    chosen = {p: p.made() for p in pictures() if not sys.argv[1:] or p.name in sys.argv[1:]}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        write(Path(folder), chosen)
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        print("| picture | key | drag | click |\n|---|---|---|---|")
        for picture in chosen:
            address = (Path(folder) / f"{picture.name}.html").as_uri()
            found = [median(page, address, gesture) for gesture in GESTURES]
            print(f"| {picture.name} | {' | '.join('' if ms is None else f'{ms:.0f}' for ms in found)} |", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
