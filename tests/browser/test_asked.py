"""The long tail and the rater's profile in the page: what they state is what pandas computes, by every kind of hand."""

import re

import numpy as np
import pandas as pd
import pytest

from workshop.datasets import Ratings, load_movielens
from workshop.widgets import long_tail, my_ratings, rater_profile
from workshop.widgets.asked import item_means

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def ratings():
    return load_movielens()


@pytest.fixture(scope="module")
def pieces(ratings, tmp_path_factory):
    """The address of each picture, as a page of its own."""
    folder, mine = tmp_path_factory.mktemp("asked"), my_ratings(ratings)
    made = {"tail": long_tail(ratings), "profile": rater_profile(ratings, mine)}
    for name, piece in made.items():
        piece.save(folder / f"{name}.html")
    return {name: (folder / f"{name}.html").as_uri() for name in made}


@pytest.fixture
def tail(offline, pieces):
    offline.goto(pieces["tail"])
    return offline


@pytest.fixture
def profile(offline, pieces):
    offline.goto(pieces["profile"])
    return offline


def numbers(text):
    """Numbers of a sentence; shares from 0 to 1."""
    found = re.findall(r"\d[\d,]*(?:\.\d+)?%?", text)
    return [float(one.replace(",", "").rstrip("%")) / (100 if one.endswith("%") else 1) for one in found]


def near(share):
    """A share as it is stated, with two digits, or one decimal near 100%."""
    return pytest.approx(share, rel=0.06 if share < 0.1 else 0, abs=0.0051)


def asked_for(page, text):
    """What is offered for a text that is typed."""
    page.get_by_role("combobox", name="Find a movie").fill(text)
    return page.locator(".hits [role=option]")


def test_share_of_the_first_movies(tail, ratings):
    counts = np.sort(ratings.frame["item"].value_counts())[::-1]
    field = tail.get_by_label("How many of the first movies")
    for n in [2, 90, 500, 906, 907, 3000, 6003, 8000, 9065, 9066]:
        field.fill(str(n))
        of_movies, of_ratings = numbers(tail.locator(".big").inner_text())
        assert of_movies == near(n / 9066) and of_ratings == near(counts[:n].sum() / 100_004)
        last = tail.locator(".note").filter(has_text="The last of them").inner_text()
        assert f", {counts[n - 1]} rating" in last
        rest = counts[n:]
        assert not len(rest) or f"The other {len(rest):,} have {rest.mean():.1f} each" in last
    field.fill("1")
    assert "movie collects 0.34% of all ratings" in tail.locator(".big").inner_text()
    field.fill("9067")
    assert "give a whole number from 1 to 9,066" in tail.locator(".big").inner_text()


def test_movie_is_found_and_stands_where_it_belongs(tail, ratings):
    counts = ratings.frame["item"].value_counts()
    some = counts.sample(25, random_state=1).index
    titles = ratings.items["title"] + " (" + ratings.items["year"].astype("string") + ")"
    for item in [356, *some]:
        options = asked_for(tail, titles[item])
        options.get_by_text(titles[item], exact=True).first.click()
        said = tail.locator(".told").first.inner_text()
        n, first, last = counts[item], (counts > counts[item]).sum() + 1, (counts >= counts[item]).sum()
        places = f"place {first:,} of" if first == last else f"places {first:,} to {last:,} of 9,066, which "
        assert said.startswith(f"{titles[item]}: {n} rating") and places in said
        assert numbers(said.split(" of all; ")[0])[-1] == pytest.approx(n / 100_004, rel=0.06)
    assert tail.evaluate("document.activeElement.tagName") == "INPUT", "the field keeps the focus"


def test_genre_and_where_its_movies_lie(tail, ratings):
    counts, of = ratings.frame["item"].value_counts(), ratings.items["genres"]
    menu = tail.locator("select").first
    for genre in sorted(of.explode().dropna().unique()):
        menu.select_option(genre)
        has = np.array([genre in of[item] for item in counts.index])
        *stated, first, _, _ = numbers(tail.locator(".told").nth(1).inner_text())
        assert stated == [has.sum(), near(has.mean()), near(counts[has].sum() / 100_004)] and first == 90
        bars = np.array(
            re.findall(r"M([\d.]+) 64V([\d.]+)H([\d.]+)V64z", tail.locator("path.share").get_attribute("d")), float
        )
        usual = 64 - float(tail.locator("path.usual").get_attribute("d").split()[1].split("H")[0])
        height, width = 64 - bars[:, 1], bars[:, 2] + 1 - bars[:, 0]
        assert np.average(height, weights=width) == pytest.approx(usual, rel=0.01), "the bars are shares of all movies"
    tail.get_by_label("How many of the first movies").fill("9066")
    *_, n, share = numbers(tail.locator(".told").nth(1).inner_text())
    assert n == has.sum() and share == near(has.mean()), "left of the end stand all"
    menu.select_option("any")
    assert tail.locator(".told").nth(1).inner_text() == ""


def test_search_by_keyboard(tail):
    field, options = tail.get_by_role("combobox", name="Find a movie"), asked_for(tail, "star wars")
    assert options.first.inner_text() == "Star Wars: Episode IV - A New Hope (1977)"
    assert all("Star Wars" in text for text in options.all_inner_texts())
    field.press("ArrowDown")
    second = options.nth(1).inner_text()
    assert field.get_attribute("aria-activedescendant") == options.nth(1).get_attribute("id")
    field.press("Enter")
    assert field.input_value() == second and tail.locator(".told").first.inner_text().startswith(second)
    assert field.get_attribute("aria-expanded") == "false" and options.count() == 0
    asked_for(tail, "heat")
    field.press("ArrowDown")
    field.press("ArrowUp")
    assert tail.locator("[aria-selected=true]").count() == 1
    field.press("Escape")
    assert options.count() == 0
    assert asked_for(tail, "AMÉLIE").count() == asked_for(tail, "amelie").count() > 0, "accents and case do not matter"
    assert "Schindler's List (1993)" in asked_for(tail, "schindlers list").all_inner_texts()
    assert " It " in asked_for(tail, "it").first.inner_text(), "whole words come first"
    for typed, title in [("spiderman", "Spider-Man (2002)"), ("xmen", "X-Men (2000)"), ("walle", "WALL·E (2008)")]:
        assert asked_for(tail, typed).first.inner_text() == title, "spaces and hyphens do not matter"
    assert asked_for(tail, "zzz").count() == 0 and "none found" in tail.get_by_role("status").inner_text()


def line(page):
    return int(page.locator(".handle").get_attribute("aria-valuenow"))


def test_line_by_keyboard_and_by_mouse(tail):
    handle = tail.locator(".handle")
    handle.focus()
    for key, n in {
        "ArrowRight": 91,
        "Shift+ArrowRight": 101,
        "PageUp": 201,
        "ArrowDown": 200,
        "Home": 1,
        "End": 9066,
    }.items():
        tail.keyboard.press(key)
        assert line(tail) == n and tail.get_by_label("How many").input_value() == str(n)
    frame = tail.locator("rect.frame").first.bounding_box()
    tail.mouse.move(frame["x"] + 0.2 * frame["width"], frame["y"] + 50)
    tail.mouse.down()
    tail.mouse.move(frame["x"] + 0.5 * frame["width"], frame["y"] + 90, steps=4)
    tail.mouse.up()
    assert line(tail) == pytest.approx(4533, abs=20)
    assert tail.evaluate("document.activeElement.classList.contains('handle')")
    tail.locator("select").nth(1).select_option("logarithmic")
    tail.mouse.click(frame["x"] + 0.5 * frame["width"], frame["y"] + 90)
    assert line(tail) == pytest.approx(np.sqrt(0.5 * 9066.5), abs=2), "half way of equal factors"


def choose(page, name):
    page.locator("select").first.select_option(name)
    return page.locator(".big").inner_text(), page.locator(".note").first.inner_text()


def view(page, name):
    page.locator("select").nth(1).select_option(name)


SOME = [1, 15, 23, 73, 119, 224, 310, 405, 500, 547, 624, 671]


def test_stars_of_a_person(profile, ratings):
    per_user = ratings.frame.groupby("user")["rating"].agg(["size", "mean"])
    assert choose(profile, "Ann")[0] == "Ann: 10 ratings, 3.65 stars on average"
    for user in SOME:
        n, mean = per_user.loc[user]
        told, beside = choose(profile, f"user {user}")
        assert told == f"User {user}: {n:,.0f} ratings, {mean:.2f} stars on average"
        others = per_user.drop(user)
        assert numbers(beside) == [near((others["size"] < n).mean()), near((others["mean"] < mean).mean())]
        shown = [int(text) for text in profile.locator("svg svg g text").all_text_contents()]
        given = ratings.frame.loc[ratings.frame["user"] == user, "rating"].value_counts().sort_index()
        assert shown == given.tolist()


def test_genres_of_a_person(profile, ratings):
    frame, means = ratings.frame, item_means(ratings.frame)
    rows = frame.assign(above=frame["rating"] - frame["item"].map(means))
    by_genre = rows.join(ratings.items["genres"].explode().rename("genre"), on="item")
    of = by_genre.groupby(["user", "genre"])["above"].agg(["size", "mean"])
    spread = rows.groupby("user")["above"].std()
    view(profile, "genres")
    for user in SOME[:6]:
        for genre in ("Drama", "Horror", "Film-Noir", "IMAX"):
            profile.locator("select").nth(2).select_option(genre)
            told, beside = choose(profile, f"user {user}")
            if (user, genre) not in of.index:
                assert told == f"No movie of {genre} rated by user {user}"
                continue
            n, mean = of.loc[(user, genre)]
            stated, reach = numbers(told.split(": ")[1])
            assert stated == pytest.approx(abs(mean), abs=0.0051)
            assert reach == pytest.approx(2 * spread[user] / np.sqrt(n), abs=0.0052)
            assert ("below" in told) == (mean < 0) and ("too few" in beside) == (n < 5)
            others = of.xs(genre, level="genre")["mean"].drop(user)
            assert numbers(beside)[0] == n and numbers(beside)[-1] == near((others < mean).mean())
    hollow, full = profile.locator("circle.few").count(), profile.locator(".row circle").count()
    own = of.loc[SOME[5]]
    assert (hollow, full) == ((own["size"] < 5).sum(), len(own)), "few ratings are told by the eye"


def test_days_of_a_person(profile, ratings):
    days = ratings.frame.groupby("user")["timestamp"].agg(lambda when: when.dt.date.nunique())
    view(profile, "days")
    for user in SOME:
        told, beside = choose(profile, f"user {user}")
        when = ratings.frame.loc[ratings.frame["user"] == user, "timestamp"].dt.date.value_counts()
        assert told == f"User {user}: {when.sum():,} ratings on {len(when)} day{'s' * (len(when) > 1)}"
        busiest, share = numbers(beside)
        assert busiest == when.max() and share == near((days.drop(user) < len(when)).mean())
        assert profile.locator("path.stem").count() == len(when)
    assert choose(profile, "Ann")[0] == "No dates are known for Ann"


def test_room_by_mouse_and_by_keyboard(profile, ratings):
    n = ratings.frame["user"].value_counts().sort_index()
    told, asked = profile.locator(".big"), profile.get_by_role("slider")
    dot = profile.locator("circle.other").nth(n.argmax()).bounding_box()
    profile.mouse.click(dot["x"] + dot["width"] / 2, dot["y"] + dot["height"] / 2)
    assert told.inner_text().startswith(f"User {n.idxmax()}: 2,391 ratings")
    assert profile.evaluate("document.activeElement.getAttribute('role')") == "slider"
    asked.press("ArrowLeft")
    assert told.inner_text().startswith(f"User {n.nlargest(2).index[1]}: ")
    mean = ratings.frame.groupby("user")["rating"].mean().sort_values()
    choose(profile, f"user {mean.index[-1]}")
    asked.press("ArrowDown")
    assert told.inner_text().startswith(f"User {mean.index[-2]}: ")
    asked.press("Home")
    assert told.inner_text().startswith("Ann"), "who has the fewest"
    profile.get_by_role("button", name="Somebody else").press("Enter")
    assert profile.locator("select").first.input_value() != "Ann"
    assert profile.evaluate("document.activeElement.tagName") == "BUTTON"


def test_row_of_a_genre_turns_the_room_to_it(profile):
    view(profile, "genres")
    profile.locator(".row").nth(11).click()
    assert profile.locator("select").nth(2).input_value() == "Horror"
    assert "ratings of Horror" in profile.locator("svg.plot").first.text_content()


def test_two_ratings_are_enough(offline, tmp_path):
    frame = pd.DataFrame({"user": [1, 1], "item": [1, 2], "rating": [4.0, 5.0]})
    frame["timestamp"] = pd.to_datetime(["1999-12-31", "2000-01-02"]).astype("datetime64[s]")
    items = pd.DataFrame(
        {"title": ["A", "B"], "year": pd.array([1999, None], "Int64"), "genres": [("War",), ()]}, [1, 2]
    )
    tiny = Ratings(frame, items, pd.DataFrame(index=[1]), "tiny")
    for piece in (long_tail(tiny), rater_profile(tiny, pd.Series({2: 5.0}, name="you"))):
        piece.save(tmp_path / "tiny.html")
        offline.goto((tmp_path / "tiny.html").as_uri())
        for menu in offline.locator("select").all():
            for option in range(menu.locator("option").count()):
                if menu.is_visible():
                    menu.select_option(index=option)
                said = offline.locator("figure").inner_text()
                assert "NaN" not in said and "undefined" not in said and "Infinity" not in said
