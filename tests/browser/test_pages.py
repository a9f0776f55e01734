"""Pages without a kernel and without a network, in a real browser."""

import importlib
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

offline_page = importlib.import_module("offline_pages").offline_page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def export(path, folder):
    """The page of a notebook as it is committed."""
    page = folder / f"{path.stem}.html"
    page.write_text(offline_page(nbformat.read(path, 4), path.stem), encoding="utf-8")
    return page


def test_exported_notebook_is_alive_without_kernel_and_network(offline, demo, tmp_path):
    tool = [sys.executable, ROOT / "tools" / "run_notebooks.py", demo / "demo.ipynb", "--output", tmp_path]
    subprocess.run(tool, check=True, capture_output=True)
    offline.goto((tmp_path / "demo.html").as_uri())
    cells = nbformat.read(demo / "demo.ipynb", 4).cells
    assert offline.locator("figure.workshop").count() == len(cells) - 1, "a picture per cell, but for the first"
    stepper = offline.locator("figure[aria-label^='Bayesian search']")
    stepper.press("ArrowRight")
    assert stepper.locator("output").inner_text() == "trials: 2"
    belief = offline.locator("figure[aria-label^='A belief']")
    belief.get_by_text("What would the search do next?").click()
    assert "The search would try x = " in belief.locator(".note").inner_text()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_committed_notebook_shows_all_it_has_to_everybody(offline, barriers, tmp_path, path):
    markdown = "".join(c.source for c in nbformat.read(path, 4).cells if c.cell_type == "markdown")
    offline.goto(export(path, tmp_path).as_uri())
    formulas = offline.locator("math").evaluate_all("all => all.map(one => one.getBoundingClientRect().width)")
    assert len(formulas) >= markdown.count("$$") // 2 and all(width > 2 for width in formulas)
    assert "$$" not in offline.locator("main").inner_text()
    pictures = offline.locator("img").evaluate_all("all => all.map(one => [one.naturalWidth, one.alt])")
    assert all(width > 100 for width, _ in pictures)
    assert not [alt for _, alt in pictures if not alt or alt.startswith("No description")]
    assert offline.locator("text=Error displaying widget").count() == 0
    title = offline.title()
    assert title == offline.locator("h1").first.inner_text().removesuffix("¶").strip() != path.stem
    hashes = offline.locator("nav.contents a").evaluate_all("all => all.map((one) => one.hash)")
    targets = [unquote(each[1:]) for each in hashes]
    assert len(targets) >= 4 and offline.evaluate("(ids) => ids.every((id) => document.getElementById(id))", targets)
    assert barriers(offline) == []
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


@pytest.fixture
def shown(offline, tmp_path):
    """A function of a picture: the page that shows it alone."""

    def show(picture):
        picture.save(tmp_path / "picture.html")
        offline.goto((tmp_path / "picture.html").as_uri())
        return offline

    return show


def test_calculator_says_what_python_computes_or_what_is_wrong(shown):
    page = shown(curse_explorer())

    def told(settings):
        for field, typed in enumerate(settings):
            page.locator("input").nth(field).fill(str(typed))
        return page.locator(".big").inner_text()

    for settings in [(10, 4, 10, 1), (2, 5, 1, 7), (7, 3, 45, 16), (1, 1, 1, 1)]:
        values, count, minutes, parallel = settings
        hours = training_hours(values**count, minutes_per_job=minutes, max_parallel=parallel)
        said = told(settings).replace(",", "")
        assert f"= {values**count} jobs" in said
        stated = float(said.split("jobs: ")[1].split(" hours")[0])
        assert stated == pytest.approx(hours, abs=0.5 if hours >= 100 else 0.05)
    assert "100^20 = 1.0 × 10^40 jobs" in told((100, 20))
    assert told((0, 4, 10, 1)) == "values of each: give a whole number from 1 to 100."
    assert told((10, 7.5)) == "hyperparameters: give a whole number from 1 to 20."
    assert told((10, 4, "")) == "minutes per job: give a number above 0 and up to 10,000."
    assert told((10, 4, 10, -1)) == "jobs in parallel: give a whole number from 1 to 10,000."


def play(page, places):
    """Type where to look, and press Enter, for each place."""
    for x in places:
        page.locator("input[type=number]").fill(str(x))
        page.locator("input[type=number]").press("Enter")


def test_game_is_played_by_click_and_by_key(shown):
    page = shown(game([lambda x: 1 - (x - 0.25) ** 2], budget=3))
    said, truth, frame = page.locator(".big"), page.locator("path.truth"), page.locator("rect.frame").bounding_box()
    page.locator("input[type=number]").press("Enter")
    assert said.inner_text() == "Give a number from 0 to 1.", "an empty field spends nothing"
    page.mouse.dblclick(frame["x"] + frame["width"] / 2, frame["y"] + 50)
    assert said.inner_text() == "Trial 1: 0.5 gives 0.94; best so far 0.94", "a double click is one trial"
    play(page, [2])
    assert said.inner_text() == "Give a number from 0 to 1."
    play(page, [0.5])
    assert said.inner_text() == "0.5 is tried already; no trial is spent."
    play(page, [0.9])
    assert not truth.get_attribute("d"), "the truth is hidden until the budget is spent"
    play(page, [0.25])
    assert truth.get_attribute("d") and "you 100.0" in said.inner_text()
    assert {"0.2", "0.8", "1"} <= set(page.locator("svg.plot text").all_text_contents()), "numbers on both axes"


def test_debrief_steps_through_the_trials_of_each_player(shown):
    page = shown(game(budget=5))
    play(page, [0.1, 0.3, 0.5, 0.7, 0.9])
    slider, story = page.locator("input[type=range]"), page.locator("figure p").last
    assert story.inner_text().startswith("Remembering")
    slider.fill("4")
    assert story.inner_text().endswith(": there went trial 5.") and page.locator("svg .mark").count() == 4
    slider.fill("5")
    page.locator("select").select_option("you")
    assert page.locator("svg .mark").count() == 5
    slider.fill("2")
    assert "trial 3 went to 0.50" in story.inner_text()


def test_scores_have_headings_a_total_and_a_file(shown):
    page = shown(game([np.cos, np.sin], budget=2))
    play(page, [0.5, 0.25])
    page.get_by_text("Next round").click()
    assert page.evaluate("document.activeElement.textContent") == "Next round", "it keeps the focus"
    assert page.locator(".title").inner_text().startswith("Round 2 of 2")
    assert not page.locator("path.truth").get_attribute("d")
    play(page, [1, 0.5])
    lines = [line.split("\t") for line in page.locator("table").inner_text().splitlines()]
    assert lines[0] == ["round", "you", "random", "bayesian"] and [line[0] for line in lines[1:]] == ["1", "2", "total"]
    for column in (1, 2, 3):
        assert float(lines[3][column]) == pytest.approx(float(lines[1][column]) + float(lines[2][column]), abs=0.05)
    page.locator("input[type=text]").fill('Ann "A"')
    with page.expect_download() as download:
        page.get_by_text("Download scores").click()
    kept = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert kept[0] == '"name","round","you","random","bayesian"'
    assert kept[1].startswith('"Ann ""A""","1",') and len(kept) == 3
    page.get_by_text("Start again").click()
    assert page.locator("table tr").count() == 0 and page.locator(".title").inner_text().startswith("Round 1 of 2")


def test_remembering_wins_the_smooth_rounds_and_says_why_not_in_the_rough_one(shown):
    page = shown(game())
    page.set_viewport_size({"width": 1280, "height": 800})
    for number in range(6):
        play(page, np.linspace(0, 1, 8).round(3))
        said = page.locator(".big").inner_text()
        scores = {
            name: float(said.split(f"{name} ")[1].split()[0].strip(",")) for name in ("you", "random", "bayesian")
        }
        story = page.locator("figure p").last.inner_text()
        if number < 5:
            assert scores["bayesian"] == max(scores.values()) >= scores["you"] + 2, "you is eight even points"
            assert story.startswith("Remembering paid.")
        else:
            assert scores["bayesian"] < scores["you"]
            assert "narrower than its trials could tell" in story
        box = page.locator(".big").bounding_box()
        assert box["y"] + box["height"] < 800, "the verdict is seen at once"
        page.locator("button").nth(1).click()
