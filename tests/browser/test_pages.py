"""Pages without a kernel and without a network, in a real browser."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import nbformat
import numpy as np
import pytest

from workshop.tuning.analysis import training_hours
from workshop.widgets import curse_explorer, game

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROOT = Path(__file__).parents[2]
SPEC = importlib.util.spec_from_file_location("offline_pages", ROOT / "tools" / "offline_pages.py")
OFFLINE = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(OFFLINE)
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def export(path, folder):
    """The page of a notebook as it is committed."""
    page = folder / f"{path.stem}.html"
    page.write_text(OFFLINE.offline_page(nbformat.read(path, 4), path.stem), encoding="utf-8")
    return page


def test_exported_notebook_is_alive_without_kernel_and_network(offline, demo, tmp_path, median_latency):
    tool = [sys.executable, ROOT / "tools" / "run_notebooks.py", demo / "demo.ipynb", "--output", tmp_path]
    subprocess.run(tool, check=True, capture_output=True)
    offline.goto((tmp_path / "demo.html").as_uri())
    assert offline.locator("figure.workshop").count() == 4, "stepper, pictures of the explorer, calculator, game"
    stepper = offline.locator("figure[aria-label^='Bayesian search']")
    stepper.press("ArrowRight")
    assert stepper.locator("output").inner_text() == "trials: 2"
    assert median_latency(offline, stepper.locator("img"), ["ArrowRight", "ArrowRight", "ArrowLeft"], stepper, 50) <= 50
    explorer = offline.locator("figure[aria-label^='What to ask']")
    explorer.locator("select").select_option("expected improvement (xi)")
    assert "expected improvement (xi) = 0.5" in explorer.locator("img").get_attribute("alt")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_committed_notebook_shows_its_mathematics_and_pictures_offline(offline, tmp_path, path):
    markdown = "".join(c.source for c in nbformat.read(path, 4).cells if c.cell_type == "markdown")
    offline.goto(export(path, tmp_path).as_uri())
    formulas = offline.locator("math").evaluate_all("all => all.map(one => one.getBoundingClientRect().width)")
    assert len(formulas) >= markdown.count("$$") // 2 and all(width > 2 for width in formulas)
    assert "$$" not in offline.locator("main").inner_text()
    pictures = offline.locator("img").evaluate_all("all => all.map(one => [one.naturalWidth, one.alt])")
    assert all(width > 100 for width, _ in pictures)
    assert not [alt for _, alt in pictures if not alt or alt.startswith("No description")]
    assert offline.locator("text=Error displaying widget").count() == 0


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_committed_notebook_is_open_to_everybody(offline, barriers, tmp_path, path):
    offline.goto(export(path, tmp_path).as_uri())
    assert barriers(offline) == []
    title = offline.title()
    assert title == offline.locator("h1").first.inner_text().removesuffix("¶").strip() != path.stem
    hashes = offline.locator("nav.contents a").evaluate_all("all => all.map((one) => one.hash)")
    targets = [unquote(each[1:]) for each in hashes]
    assert len(targets) >= 4 and offline.evaluate("(ids) => ids.every((id) => document.getElementById(id))", targets)
    offline.set_viewport_size({"width": 390, "height": 844})
    assert offline.evaluate("document.documentElement.scrollWidth") <= 390
    assert barriers(offline) == []


def test_links_between_notebooks_lead_to_pages(tmp_path):
    pages = [export(path, tmp_path) for path in NOTEBOOKS]
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    links = set(re.findall(r'href="([^":#]+)(?:#[^"]*)?"', text))
    assert len(links) >= 8
    assert [link for link in links if not link.startswith("../docs/") and not (tmp_path / link).exists()] == []
    assert [link for link in links if link.startswith("../") and not (ROOT / "build" / link).resolve().exists()] == []


@pytest.mark.parametrize("settings", [(10, 4, 10, 1), (2, 5, 1, 7), (7, 3, 45, 16), (1, 1, 1, 1)])
def test_calculator_says_what_python_computes(offline, tmp_path, settings):
    curse_explorer().save(tmp_path / "curse.html")
    offline.goto((tmp_path / "curse.html").as_uri())
    for field, number in enumerate(settings):
        offline.locator("input").nth(field).fill(str(number))
    values, count, minutes, parallel = settings
    jobs = values**count
    hours = training_hours(jobs, minutes_per_job=minutes, max_parallel=parallel)
    said = offline.locator(".big").inner_text().replace(",", "")
    assert f"= {jobs} jobs" in said
    assert float(said.split("jobs: ")[1].split(" hours")[0]) == pytest.approx(hours, abs=0.5 if hours >= 100 else 0.05)


def test_calculator_asks_for_numbers_that_make_sense(offline, tmp_path):
    curse_explorer().save(tmp_path / "curse.html")
    offline.goto((tmp_path / "curse.html").as_uri())
    offline.locator("input").first.fill("0")
    assert offline.locator(".big").inner_text() == "Give a number from 1 to 100 in each field."


def test_game_is_played_by_click_and_by_key_and_keeps_scores(offline, tmp_path):
    hill = [lambda x: 1 - (x - 0.25) ** 2]
    played = game(hill, budget=3)
    played.save(tmp_path / "game.html")
    offline.goto((tmp_path / "game.html").as_uri())
    assert offline.locator(".truth").count() == 0, "the truth is hidden until the budget is spent"
    plot = offline.locator("svg").first
    box = plot.bounding_box()
    plot.click(position={"x": box["width"] * (50 + 0.5 * 880) / 940, "y": 50})
    assert "Trial 1 of 3: 0.499 gives 0.938" in offline.locator(".note").inner_text()
    where = offline.locator("input[type=number]")
    where.fill("2")
    where.press("Enter")
    assert offline.locator(".note").inner_text() == "Give a number from 0 to 1."
    for x in ("0.9", "0.25"):
        where.fill(x)
        where.press("Enter")
    assert offline.locator(".truth").count() == 1
    said = offline.locator(".big").inner_text()
    for name, trials in played.data["rounds"][0]["plays"].items():
        assert f"{name} {max(value for _, value in trials):.3f}" in said
    offline.locator("input[type=text]").fill('Ann "A"')
    offline.get_by_text("Keep my score").click()
    with offline.expect_download() as download:
        offline.get_by_text("Download scores").click()
    kept = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert kept[0] == "name,round,you,random,bayesian"
    assert kept[1].startswith('"Ann ""A""","1",')
    assert json.loads(offline.evaluate("localStorage['workshop-game-scores']"))[0][0] == 'Ann "A"'


def test_game_waits_for_the_next_round(offline, tmp_path):
    game([np.cos, np.sin], budget=1).save(tmp_path / "game.html")
    offline.goto((tmp_path / "game.html").as_uri())
    offline.get_by_text("Evaluate").click()
    offline.get_by_text("Next round").click()
    assert offline.locator(".note").inner_text().startswith("Round 2")
    assert offline.locator(".truth").count() == 0
