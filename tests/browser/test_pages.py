"""Pages without a kernel and without a network, in a real browser."""

import importlib.util
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
    cells = nbformat.read(demo / "demo.ipynb", 4).cells
    assert offline.locator("figure.workshop").count() == len(cells) - 1, "a picture per cell, but for the first"
    stepper = offline.locator("figure[aria-label^='Bayesian search']")
    stepper.press("ArrowRight")
    assert stepper.locator("output").inner_text() == "trials: 2"
    assert median_latency(offline, stepper.locator("img"), ["ArrowRight", "ArrowRight", "ArrowLeft"], stepper, 50) <= 50
    belief = offline.locator("figure[aria-label^='A belief']")
    belief.get_by_text("What would the search do next?").click()
    assert "The search would try x = " in belief.locator(".note").inner_text()
    played = offline.locator("figure[aria-label^='k-means']")
    played.get_by_role("button", name="Assign").click()
    assert played.locator(".step").first.inner_text().startswith("Round 1, assign")


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


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        (0, "0", "values of each: give a whole number from 1 to 100."),
        (1, "7.5", "hyperparameters: give a whole number from 1 to 20."),
        (2, "", "minutes per job: give a number above 0 and up to 10,000."),
        (3, "-1", "jobs in parallel: give a whole number from 1 to 10,000."),
    ],
)
def test_calculator_names_the_field_that_is_wrong(offline, tmp_path, field, typed, said):
    curse_explorer().save(tmp_path / "curse.html")
    offline.goto((tmp_path / "curse.html").as_uri())
    offline.locator("input").nth(field).fill(typed)
    assert offline.locator(".big").inner_text() == said


def test_calculator_writes_huge_numbers_short(offline, tmp_path):
    curse_explorer().save(tmp_path / "curse.html")
    offline.goto((tmp_path / "curse.html").as_uri())
    offline.locator("input").nth(0).fill("100")
    offline.locator("input").nth(1).fill("20")
    assert "100^20 = 1.0 × 10^40 jobs" in offline.locator(".big").inner_text()


def play(page, places):
    """Type where to look, and press Enter, for each place."""
    for x in places:
        page.locator("input[type=number]").fill(str(x))
        page.locator("input[type=number]").press("Enter")


def test_game_is_played_by_click_and_by_key(offline, tmp_path):
    hill = [lambda x: 1 - (x - 0.25) ** 2]
    game(hill, budget=3).save(tmp_path / "game.html")
    offline.goto((tmp_path / "game.html").as_uri())
    said, truth = offline.locator(".big"), offline.locator("path.truth")
    offline.locator("input[type=number]").press("Enter")
    assert said.inner_text() == "Give a number from 0 to 1.", "an empty field spends nothing"
    frame = offline.locator("rect.frame").bounding_box()
    offline.mouse.dblclick(frame["x"] + frame["width"] / 2, frame["y"] + 50)
    assert said.inner_text() == "Trial 1: 0.5 gives 0.94; best so far 0.94", "a double click is one trial"
    play(offline, [2])
    assert said.inner_text() == "Give a number from 0 to 1."
    play(offline, [0.5])
    assert said.inner_text() == "0.5 is tried already; no trial is spent."
    play(offline, [0.9])
    assert not truth.get_attribute("d"), "the truth is hidden until the budget is spent"
    play(offline, [0.25])
    assert truth.get_attribute("d") and "you 100.0" in said.inner_text()
    ticks = offline.locator("svg.plot text").all_text_contents()
    assert {"0.2", "0.8", "1"} <= set(ticks), "numbers on both axes"


def test_debrief_steps_through_the_trials_of_each_player(offline, tmp_path):
    game(budget=5).save(tmp_path / "game.html")
    offline.goto((tmp_path / "game.html").as_uri())
    play(offline, [0.1, 0.3, 0.5, 0.7, 0.9])
    slider, story = offline.locator("input[type=range]"), offline.locator("figure p").last
    assert story.inner_text().startswith("Remembering")
    slider.fill("4")
    assert story.inner_text().endswith(": there went trial 5.") and offline.locator("svg .mark").count() == 4
    slider.fill("5")
    offline.locator("select").select_option("you")
    assert offline.locator("svg .mark").count() == 5
    slider.fill("2")
    assert "trial 3 went to 0.50" in story.inner_text()


def test_scores_have_headings_a_total_and_a_file(offline, tmp_path):
    game([np.cos, np.sin], budget=2).save(tmp_path / "game.html")
    offline.goto((tmp_path / "game.html").as_uri())
    play(offline, [0.5, 0.25])
    offline.get_by_text("Next round").click()
    assert offline.evaluate("document.activeElement.textContent") == "Next round", "it keeps the focus"
    assert offline.locator(".title").inner_text().startswith("Round 2 of 2")
    assert not offline.locator("path.truth").get_attribute("d")
    play(offline, [1, 0.5])
    lines = [line.split("\t") for line in offline.locator("table").inner_text().splitlines()]
    assert lines[0] == ["round", "you", "random", "bayesian"] and [line[0] for line in lines[1:]] == ["1", "2", "total"]
    for column in (1, 2, 3):
        assert float(lines[3][column]) == pytest.approx(float(lines[1][column]) + float(lines[2][column]), abs=0.05)
    offline.locator("input[type=text]").fill('Ann "A"')
    with offline.expect_download() as download:
        offline.get_by_text("Download scores").click()
    kept = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert kept[0] == '"name","round","you","random","bayesian"'
    assert kept[1].startswith('"Ann ""A""","1",') and len(kept) == 3
    offline.get_by_text("Start again").click()
    assert offline.locator("table tr").count() == 0 and offline.locator(".title").inner_text().startswith(
        "Round 1 of 2"
    )


def test_remembering_wins_the_smooth_rounds_and_says_why_not_in_the_rough_one(offline, tmp_path):
    game().save(tmp_path / "game.html")
    offline.set_viewport_size({"width": 1280, "height": 800})
    offline.goto((tmp_path / "game.html").as_uri())
    for number in range(6):
        play(offline, np.linspace(0, 1, 8).round(3))
        said = offline.locator(".big").inner_text()
        scores = {
            name: float(said.split(f"{name} ")[1].split()[0].strip(",")) for name in ("you", "random", "bayesian")
        }
        story = offline.locator("figure p").last.inner_text()
        if number < 5:
            assert scores["bayesian"] == max(scores.values()) >= scores["you"] + 2, "you is eight even points"
            assert story.startswith("Remembering paid.")
        else:
            assert scores["bayesian"] < scores["you"]
            assert "narrower than its trials could tell" in story
        box = offline.locator(".big").bounding_box()
        assert box["y"] + box["height"] < 800, "the verdict is seen at once"
        offline.locator("button").nth(1).click()
