"""The map of movies in the page: the neighbours that Python computes, by mouse, keyboard and touch, with no kernel."""

import numpy as np
import pandas as pd
import pytest

from workshop.widgets import movie_map

pytestmark = [pytest.mark.browser, pytest.mark.slow]
N = 120
TITLES = pd.Series([f"Movie {i}" for i in range(N - 2)] + ["Amélie", "Heat"], index=range(1, N + 1))
MINE = pd.Series({3: 5.0, 10: 4.0, 40: 4.5, 41: 1.0, 999: 2.0}, name="you")
RATED = [2, 9, 39, 40]  # their places on the map
LIKED = [2, 9, 39]  # above the mean of all five, 3.3


@pytest.fixture(scope="module")
def places():
    """Three directions; the third, which no map shows, is as wide as the second."""
    return np.round(np.random.default_rng(0).normal(size=(N, 3)) * [0.4, 0.15, 0.15], 3)


@pytest.fixture
def page(offline, tmp_path, places):
    movie_map(places, TITLES, MINE).save(tmp_path / "map.html")
    offline.set_viewport_size({"width": 1280, "height": 800})
    offline.goto((tmp_path / "map.html").as_uri())
    return offline


def nearest(places, at, without):
    """Lines of the list: the six nearest to a place, as Python finds them."""
    far = np.linalg.norm(places - at, axis=1)
    six = [i for i in np.argsort(far, kind="stable") if i not in without][:6]
    stars = {i: f"you gave {MINE[i + 1]:g} " for i in RATED}
    return [f"{TITLES.iloc[i]} {stars.get(i, '')}{far[i]:.2f}" for i in six]


def listed(page):
    """What the list says."""
    entries = page.locator(".nearest button").all()
    return [" ".join(part.strip() for part in entry.locator("span").all_text_contents()) for entry in entries]


def find(page, title):
    """Mark a movie by the search."""
    page.get_by_role("combobox").fill(title)
    page.keyboard.press("Enter")


def middle(page, selector):
    """Where on the screen a dot stands."""
    box = page.locator(selector).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


HEAT, RATED_40 = ".movie[aria-label='Heat']", ".movie[aria-label='Movie 39, you gave 4.5']"


def test_every_movie_has_the_neighbours_that_python_computes(page, places):
    assert page.locator(".marks .movie:not(.me)").count() == N
    for i in [0, 17, 39, N - 2, N - 1]:
        find(page, TITLES.iloc[i])
        assert listed(page) == nearest(places, places[i], {i})
        assert page.locator(".near path").count() == 6
    plane = {row.rsplit(" ", 1)[0] for row in nearest(places[:, :2], places[N - 1, :2], {N - 1})}
    both = len(plane & {row.rsplit(" ", 1)[0] for row in listed(page)})
    assert both < 6 and f"would name {both} of these 6" in page.locator("figure").inner_text()


def test_the_learner_stands_in_the_middle_of_what_was_liked(page, places):
    assert page.locator(".head").inner_text() == "Nearest to you, of what you did not rate"
    assert listed(page) == nearest(places, places[LIKED].mean(axis=0), set(RATED))
    said = page.locator("figure > .note").last.inner_text()
    assert "middle of the 3 movies" in said and "your mean of 3.30 stars" in said and "has not seen your" in said
    assert page.locator(".marks .liked").count() == 3 and page.locator(".marks .less").count() == 1
    page.locator(".nearest button").first.click()
    assert page.locator(".head").inner_text() != "Nearest to you, of what you did not rate"
    page.get_by_text("Where do you stand?").press("Enter")
    assert listed(page) == nearest(places, places[LIKED].mean(axis=0), set(RATED))


def test_a_browser_that_remembers_ratings_takes_the_place_of_ann(offline, tmp_path, places):
    movie_map(places, TITLES, MINE.rename("Ann")).save(tmp_path / "map.html")
    offline.goto((tmp_path / "map.html").as_uri())
    assert "Ann stands in the middle" in offline.locator("figure > .note").last.inner_text()
    offline.evaluate("localStorage.setItem('workshop-my-ratings', JSON.stringify({ 5: 4.5 }))")
    offline.reload()
    assert "You stand at the one movie" in offline.locator("figure > .note").last.inner_text()
    assert listed(offline) == nearest(places, places[4], {4})


@pytest.mark.parametrize("mine", [pd.Series(dtype=float), pd.Series({999: 4.0}, name="you")])
def test_whoever_rated_nothing_here_stands_nowhere(offline, tmp_path, places, mine):
    movie_map(places, TITLES, mine).save(tmp_path / "map.html")
    offline.goto((tmp_path / "map.html").as_uri())
    assert offline.locator(".me").count() == 0 and offline.get_by_text("Where do").count() == 0
    assert offline.locator(".head").inner_text() == "Nearest to Movie 0"


def test_hovering_names_and_a_click_chooses(page):
    page.mouse.move(*middle(page, HEAT))
    assert page.locator(".tip text").text_content() == "Heat" and "Heat" not in page.locator(".head").inner_text()
    page.mouse.move(*middle(page, RATED_40))
    assert page.locator(".tip text").text_content() == "Movie 39, you gave 4.5"
    page.mouse.click(*middle(page, RATED_40))
    assert page.locator(".head").inner_text() == "Nearest to Movie 39 (you gave 4.5)"
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    page.mouse.move(2, 2)
    assert page.locator(".tip text").count() == 0


def test_what_is_found_is_marked_while_typing_and_chosen_by_enter_or_click(page, places):
    field = page.get_by_role("combobox")
    field.press_sequentially("amelie")
    assert page.locator(".hit").count() == 1 and page.locator(".tip text").text_content() == "Amélie"
    field.press("Enter")
    assert listed(page) == nearest(places, places[N - 2], {N - 2})
    field.fill("movie 1")
    page.get_by_role("option").nth(2).click()
    assert page.locator(".head").inner_text() == "Nearest to Movie 11"


def test_arrow_keys_lead_to_the_next_dot_in_their_direction(page):
    current = ".movie[tabindex='0']"
    page.locator(current).focus()
    for key, axis, sign in [("ArrowLeft", 0, -1), ("ArrowUp", 1, -1), ("ArrowRight", 0, 1), ("ArrowDown", 1, 1)]:
        before = middle(page, current)
        page.keyboard.press(key)
        assert sign * (middle(page, current)[axis] - before[axis]) > 0
        assert page.locator(f"{current}.at").evaluate("(one) => one === document.activeElement"), "named, and focused"


def test_names_never_touch_each_other(page):
    boxes = "all => all.map((one) => one.getBoundingClientRect()).map((b) => [b.left, b.top, b.right, b.bottom])"
    for title in ["Heat", "Movie 5", "Movie 77"]:
        find(page, title)
        for _ in range(2):
            found = page.locator(".names text").evaluate_all(boxes)
            assert len(found) >= 8
            for i, a in enumerate(found):
                for b in found[:i]:
                    assert a[0] >= b[2] - 1 or b[0] >= a[2] - 1 or a[1] >= b[3] - 1 or b[1] >= a[3] - 1
            page.get_by_text("Closer").click()
        page.get_by_text("Wider").click()
        page.get_by_text("Wider").click()


def test_closer_keeps_the_movie_in_the_middle_and_the_focus(page):
    find(page, "Movie 8")
    closer = page.get_by_text("Closer")
    for _ in range(4):
        closer.press("Enter")
    assert page.evaluate("document.activeElement.textContent") == "Closer"
    assert closer.get_attribute("aria-disabled") == "true"
    frame, (x, y) = page.locator("rect.frame").bounding_box(), middle(page, ".movie[aria-label='Movie 8']")
    assert frame["x"] < x < frame["x"] + frame["width"] and frame["y"] < y < frame["y"] + frame["height"]
