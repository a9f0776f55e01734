"""k-means in the page: the same labels and centres as in Python, under the hand, with no kernel."""

import re
from pathlib import Path

import numpy as np
import pytest

import workshop.widgets
from workshop.models.kmeans import lloyd_steps
from workshop.widgets import live_kmeans

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ENGINE = (Path(workshop.widgets.__file__).parent / "lloyd.js").read_text(encoding="utf-8")
COMPUTE = f"""
(cases) => cases.map(([points, start]) => {{
  const {{ assign, move, inertia }} = ({ENGINE})(), steps = [];
  for (let centers = start, labels = null; ;) {{
    const next = assign(points, centers);
    steps.push([next, centers, inertia(points, centers, next)]);
    if (String(next) === String(labels)) return steps;
    labels = next;
    centers = move(points, centers, labels);
  }}
}})
"""
START = [[0.0, 0.0], [1.0, 0.0], [-30.0, 30.0]]
POINTS = [[0, 1], [1, 1], [2, 1], [7, 8], [8, 8], [9, 8], [8, 9], [0, 0], [1, 0]]
BOXES = "all => all.map((one) => one.getBoundingClientRect().toJSON())"
AT_REST = "document.querySelector('.step').textContent.startsWith('At rest')"


def problem(rng):
    """Points and a start: every third time on a lattice, with ties and equal points; often with a centre far away."""
    n, k = rng.integers(1, 120), rng.integers(1, 7)
    points = rng.integers(-3, 4, (n, 2)).astype(float) if rng.random() < 1 / 3 else rng.normal(size=(n, 2))
    start = points[rng.integers(0, n, k)] if rng.random() < 0.5 else rng.normal(size=(k, 2)).round()
    if rng.random() < 0.5:
        start[rng.integers(k)] = 50.0
    return points, start


def test_a_hundred_problems_are_solved_as_in_python(offline):
    rng = np.random.default_rng(0)
    cases = [problem(rng) for _ in range(100)]
    found = offline.evaluate(COMPUTE, [[points.tolist(), start.tolist()] for points, start in cases])
    ties = empty = 0
    for (points, start), ours in zip(cases, found, strict=True):
        steps = list(lloyd_steps(points, start))
        assert len(ours) == len(steps)
        for (labels, centers, inertia), (expected, places, value) in zip(ours, steps, strict=True):
            np.testing.assert_array_equal(labels, expected)
            np.testing.assert_allclose(centers, places, rtol=0, atol=1e-9)
            assert inertia == pytest.approx(value, rel=1e-9, abs=1e-9)
            distances = np.sort(((points[:, None] - places) ** 2).sum(axis=2), axis=1)
            ties += len(places) > 1 and bool((distances[:, 0] == distances[:, 1]).any())
            empty += len(np.unique(expected)) < len(places)
    assert ties >= 20 and empty >= 20, "what is hard has to occur"


@pytest.fixture
def page(offline, tmp_path):
    """The page of nine points, with three centres, one of them far away."""
    live_kmeans(POINTS, centers=START).save(tmp_path / "kmeans.html")
    offline.goto((tmp_path / "kmeans.html").as_uri())
    return offline


def centres(page):
    """Where each centre stands, and what it owns, as a screen reader hears it."""
    return page.locator(".centre").evaluate_all("all => all.map((one) => one.getAttribute('aria-valuetext'))")


def press(page, *names):
    for name in names:
        page.get_by_role("button", name=name, exact=True).press("Enter")


def told(page):
    return page.locator(".step").first.inner_text()


def until_it_stops(page):
    press(page, "Until it stops")
    page.wait_for_function(AT_REST, timeout=30_000)


def runs(page):
    return page.locator(".runs button:visible").all_inner_texts()


def test_assign_and_move_alternate_as_in_python_until_nothing_changes(page):
    steps = list(lloyd_steps(POINTS, START))
    assert centres(page)[2] == "x -30.00, y 30.00, no points yet" and page.locator("img").count() == 0
    for number, (labels, places, inertia) in enumerate(steps, 1):
        press(page, "Assign")
        for j, heard in enumerate(centres(page)):
            x, y = places[j]
            n = (labels == j).sum()
            assert heard == f"x {x:.2f}, y {y:.2f}, {n} {'point' if n == 1 else 'points'}"
        assert page.locator(".big").inner_text() == f"Inertia {float(f'{inertia:.4g}'):g}"
        if number < len(steps):
            press(page, "Move")
            assert told(page) == f"Round {number}, move: every centre goes to the mean of its points."
    assert told(page) == f"At rest in round {len(steps)}: no point changes its centre. C has no point."
    assert runs(page) == [f"as given: {float(f'{inertia:.4g}'):g} in round {len(steps)}, best"]
    press(page, "Assign")
    assert told(page).startswith("At rest") and len(runs(page)) == 1, "nothing is left to do"
    assert page.evaluate("document.activeElement.textContent") == "Assign", "and it keeps the focus"


def test_inertia_falls_with_every_step(page):
    until_it_stops(page)
    heights = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", page.locator("path.fall").get_attribute("d"))]
    assert len(heights) == 2 * len(list(lloyd_steps(POINTS, START))) - 1
    assert heights == sorted(heights), "down the page"


def test_colours_and_shapes_tell_the_clusters_apart(page):
    shown = "all => all.map((one) => one.getAttribute('d')).filter(Boolean).length"
    assert page.locator("path.points").evaluate_all(shown) == 1, "all grey before the first step"
    press(page, "Assign")
    assert page.locator("path.points").evaluate_all(shown) == 2, "the third centre owns nothing"
    press(page, "Move", "Assign")
    fills = page.locator("path.points").evaluate_all("all => all.map((one) => one.getAttribute('fill'))")
    icons = page.locator(".key path").evaluate_all("all => all.map((one) => one.getAttribute('d'))")
    assert len(set(fills)) == 7 and len(set(icons)) == 3
    assert page.locator(".centre text").all_text_contents() == ["A", "B", "C"]


def test_a_centre_is_dragged_by_mouse(page):
    until_it_stops(page)
    box, frame = page.locator(".centre").nth(0).bounding_box(), page.locator("rect.frame").first.bounding_box()
    (left, right), x = live_kmeans(POINTS, centers=START).data["x"], box["x"] + box["width"] / 2
    before = float(centres(page)[0].split()[1].strip(","))
    page.mouse.move(x, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(x - 0.25 * frame["width"], box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    after = float(centres(page)[0].split()[1].strip(","))
    assert after == pytest.approx(before - 0.25 * (right - left), abs=0.05)
    assert told(page).startswith("Drag the centres") and centres(page)[0].endswith("no points yet")
    until_it_stops(page)
    assert runs(page)[0].startswith("by hand: ") and len(runs(page)) == 2


def test_by_keys_and_colours_that_follow_the_hand(page):
    page.get_by_label("colour while I drag").check()
    first = page.locator(".centre").first
    first.focus()
    for key in ("ArrowRight", "ArrowUp", "Shift+ArrowRight", "Shift+ArrowDown"):
        first.press(key)
    (left, right), (bottom, top) = (live_kmeans(POINTS, centers=START).data[axis] for axis in "xy")
    x, y = 0.06 * (right - left), -0.04 * (top - bottom)
    labels, _, inertia = next(lloyd_steps(POINTS, [[x, y], *START[1:]]))
    assert centres(page)[0] == f"x {x:.2f}, y {y:.2f}, {(labels == 0).sum()} points"
    assert page.locator(".big").inner_text() == f"Inertia {float(f'{inertia:.4g}'):g}"
    assert page.evaluate("document.activeElement.classList.contains('centre')"), "the focus stays"
    assert page.evaluate("scrollY") == 0
    press(page, "Move")
    assert told(page).startswith("Round 1, move")


def test_a_run_that_ends_badly_is_known_by_the_best_and_starts_again(offline, tmp_path):
    corners = [[0, 0], [0, 1], [4, 0], [4, 1]]
    live_kmeans(corners, centers=[[2, 0], [2, 1]], n_clusters=2).save(tmp_path / "kmeans.html")
    offline.goto((tmp_path / "kmeans.html").as_uri())
    until_it_stops(offline)
    assert runs(offline) == ["as given: 16 in round 2, best"], "it knows no better yet"
    a, b = offline.locator(".centre").all()
    for mark, key in ((a, "Shift+ArrowLeft"), (b, "Shift+ArrowRight")):
        for _ in range(8):
            mark.press(key)
    until_it_stops(offline)
    assert runs(offline) == ["by hand: 1 in round 2, best", "as given: 16 in round 2, 1,500% above the best"]
    assert offline.locator(".lowest").count() == 1 and offline.locator("path.best").get_attribute("d")
    offline.locator(".runs button").nth(1).press("Enter")
    assert centres(offline) == ["x 2.00, y 0.00, no points yet", "x 2.00, y 1.00, no points yet"]
    assert "as given" in offline.evaluate("document.activeElement.textContent"), "the focus stays in the list"
    offline.get_by_label("centres", exact=True).select_option("3")
    assert runs(offline) == [], "other numbers of centres are not compared"


def test_random_starts_are_points_and_come_again_with_their_seed(page):
    seed = page.get_by_label("seed")
    seed.fill("7")
    seed.press("Enter")
    first = centres(page)
    places = {f"x {x:.2f}, y {y:.2f}, no points yet" for x, y in POINTS}
    assert set(first) <= places and len(set(first)) == 3 and seed.input_value() == "8"
    press(page, "Centres at random")
    assert centres(page) != first
    seed.fill("7")
    press(page, "Centres at random")
    assert centres(page) == first
    press(page, "Assign", "Move", "Start again")
    assert centres(page) == first
    for typed in ("", "-1", "2.5"):
        seed.fill(typed)
        seed.press("Enter")
        assert told(page) == "Give a whole number of 0 or more as the seed." and centres(page) == first
    for k in ("1", "6"):
        seed.fill("0")
        page.get_by_label("centres", exact=True).select_option(k)
        assert len(centres(page)) == int(k)
        until_it_stops(page)


def test_it_pauses_when_asked_and_when_a_centre_is_moved(page):
    press(page, "Until it stops", "Pause")
    assert page.get_by_role("button", name="Until it stops").count() == 1
    press(page, "Until it stops")
    page.locator(".centre").first.press("ArrowLeft")
    assert page.get_by_role("button", name="Pause").count() == 0
    assert told(page).startswith("Drag the centres")


@pytest.mark.parametrize("factor", [1e-9, 1e6, 1e60])
def test_numbers_of_every_size_stand_inside_the_picture_and_apart(offline, tmp_path, factor):
    live_kmeans(factor * np.array(POINTS), centers=factor * np.array(START)).save(tmp_path / "kmeans.html")
    offline.goto((tmp_path / "kmeans.html").as_uri())
    press(offline, "Assign")
    for plot in offline.locator("svg.plot").all():
        edge = plot.bounding_box()["x"]
        *ticks, label = plot.locator("g").first.locator("text").evaluate_all(BOXES)
        beside = label["x"] + label["width"]
        assert label["x"] >= edge and all(tick["x"] > beside for tick in ticks)
