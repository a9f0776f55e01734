"""A guess is kept before the answer is told: in an exported page without a kernel, and in JupyterLab."""

import importlib

import nbformat
import pytest

from workshop.datasets import load_movielens
from workshop.widgets import guess, my_guesses, predict, rate_movies
from workshop.widgets.predict import FOLD

offline_page = importlib.import_module("offline_pages").offline_page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
v4 = nbformat.v4
HOSTILE = '"><img src=x onerror="window.ran = 1"></script></style><script>window.ran = 1</script>'
SEEN = f"<details><summary>{FOLD}</summary>\n\n**What we see.** It is three.\n\n</details>"


def asked():
    """Two questions, the second with an output and a fold below it, and the list of guesses."""
    return [
        ("widgets.guess('1a')", guess("1a")),
        ("widgets.guess('1b')", guess("1b")),
        ("print('the answer')", None),
        (SEEN, None),
        ("widgets.my_guesses(1)", my_guesses(1)),
    ]


def exported(pieces, path):
    """The address of a page of (source, piece of the page) pairs."""
    cells = [v4.new_markdown_cell("# Guesses")]
    for source, piece in pieces:
        result = v4.new_output("stream", text="the answer\n")
        if piece:
            result = v4.new_output("execute_result", piece._repr_mimebundle_(), execution_count=1)
        code = v4.new_code_cell(source, outputs=[result], execution_count=1)
        cells.append(v4.new_markdown_cell(SEEN) if source == SEEN else code)
    path.write_text(offline_page(v4.new_notebook(cells=cells), "page"), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def page(offline, tmp_path):
    offline.goto(exported(asked(), tmp_path / "page.html"))
    return offline


def figure(page, start):
    return page.locator(f"figure[aria-label^='{start}']")


def test_exported_page_covers_the_answer_until_it_is_guessed(page):
    average, printed = figure(page, "Predict: What is the average"), page.get_by_text("the answer", exact=True)
    page.emulate_media(media="print")
    assert printed.is_visible(), "on paper nothing can be guessed"
    page.emulate_media(media="screen")
    assert printed.is_hidden() and page.locator("details").get_attribute("open") is None
    field, said = average.locator("input"), average.get_by_role("status")
    field.fill("9")
    field.press("Enter")
    assert said.inner_text() == "Give a number from 0.5 to 5." and printed.is_hidden()
    field.fill("2.7")
    field.press("Enter")
    assert said.inner_text() == "You said 2.7 stars; it is 3.54 stars: 0.84 too low."
    assert field.is_disabled() and average.get_by_role("button", name="Keep my guess").is_disabled()
    assert printed.is_visible() and page.get_by_text("It is three.").is_visible()


def test_first_guess_counts_is_kept_and_can_be_taken_back(page):
    stars = figure(page, "Predict: Which number")
    stars.get_by_role("button", name="5", exact=True).focus()
    page.keyboard.press("Enter")
    other = stars.get_by_role("button", name="4.5")
    assert other.is_disabled() and float(other.evaluate("one => getComputedStyle(one).opacity")) < 0.6, "and looks so"
    other.click(force=True)
    assert stars.get_by_role("status").inner_text() == "You said 5; it is 4."
    page.reload()
    assert stars.get_by_role("status").inner_text() == "You said 5; it is 4."
    rows = figure(page, "My guesses").locator("tbody tr")
    assert rows.first.inner_text().split("\t")[1:] == ["5", "4", "not so"]
    stars.get_by_role("button", name="Guess again").click()
    stars.get_by_role("button", name="4", exact=True).click()
    assert rows.first.inner_text().split("\t")[1:] == ["4", "4", "right"]
    assert "1 of 1 right" in figure(page, "My guesses").inner_text()
    figure(page, "My guesses").get_by_role("button").click()
    assert "no guess yet" in rows.first.inner_text() and stars.get_by_role("status").inner_text() == ""


def test_answer_is_shown_to_somebody_who_does_not_guess(page):
    average = figure(page, "Predict: What is the average")
    average.get_by_role("button", name="Show me").click()
    assert average.get_by_role("status").inner_text() == "It is 3.54 stars."
    assert page.get_by_text("the answer", exact=True).is_visible() and page.get_by_text("It is three.").is_visible()


def test_a_guess_unfolds_what_we_see_in_jupyterlab(opened):
    page = opened(
        "guesses", ["from workshop.widgets import guess, my_guesses", "guess('1b')", v4.new_markdown_cell(SEEN)]
    )
    average = figure(page, "Predict: What is the average")
    average.locator("input").fill("2.7", timeout=60_000)
    average.locator("input").press("Enter")
    assert average.get_by_role("status").inner_text() == "You said 2.7 stars; it is 3.54 stars: 0.84 too low."
    assert page.locator("details[open]").count() == 1


def test_ratings_are_given_changed_and_taken_back_by_keyboard(offline, tmp_path):
    rate_movies(load_movielens()).page.save(tmp_path / "rate.html")
    offline.goto((tmp_path / "rate.html").as_uri())
    field, rated = offline.get_by_label("Find a movie"), offline.locator(".movies").nth(1).locator(".stars")
    for words, key in [("toy story", "5"), ("matrix the", "4"), ("amélie", "3"), ("exorcist", "1")]:
        field.fill(words)
        for each in ("ArrowDown", key, "ArrowRight"):
            offline.keyboard.press(each)
    given = {one.get_attribute("aria-label"): one.get_attribute("aria-valuenow") for one in rated.all()}
    assert sorted(given.values()) == ["1.5", "3.5", "4.5", "5"], "half a star more, and never more than 5"
    rated.first.focus()
    offline.keyboard.press("Delete")
    assert "3 rated" in figure(offline, "Rate movies").inner_text()
    forget = offline.get_by_role("button", name="Forget")
    forget.click()
    assert forget.inner_text() == "Forget all 3? Then click again"
    forget.click()
    assert {one.get_attribute("aria-valuenow") for one in rated.all()} <= {"0"}


def test_answers_of_a_quiz_stand_with_their_own_question(offline, tmp_path):
    answers = "\n".join(f"<details><summary>({letter})</summary>No.</details>" for letter in "abc")
    quiz = "\n\n".join(f"**{number}.** Which?\n\n{answers}" for number in (1, 2))
    path = tmp_path / "quiz.html"
    guesses = v4.new_output("execute_result", my_guesses(1)._repr_mimebundle_(), execution_count=1)
    cells = [v4.new_code_cell("my_guesses(1)", outputs=[guesses]), v4.new_markdown_cell(f"# Quiz\n\n{quiz}")]
    path.write_text(offline_page(v4.new_notebook(cells=cells), "page"), encoding="utf-8")
    offline.goto(path.as_uri())
    for summary in offline.locator("summary").all():
        summary.click()
    question = offline.get_by_text("2. Which?").bounding_box()
    last, first = (offline.locator("details").nth(number).bounding_box() for number in (2, 3))
    above = question["y"] - (last["y"] + last["height"])
    assert above > first["y"] - (question["y"] + question["height"]), "nearer to its answers than to those before"


@pytest.mark.parametrize(
    "said, words",
    [("71", "right"), ("70", "1 too low: close"), ("149", "2.1 times too high"), ("20", "3.5 times too low")],
)
def test_how_far_off(offline, tmp_path, said, words):
    guess("1c").save(tmp_path / "one.html")
    offline.goto((tmp_path / "one.html").as_uri())
    offline.locator("input").fill(said)
    offline.get_by_text("Keep my guess").click()
    assert offline.get_by_role("status").inner_text().endswith(f"{words}.")


def test_widgets_keep_nobody_out(offline, barriers, tmp_path):
    rating = ("widgets.rate_movies(ratings)", rate_movies(load_movielens()).page)
    offline.goto(exported([rating, *asked()], tmp_path / "page.html"))
    figure(offline, "Predict: Which number").get_by_role("button", name="5", exact=True).click()
    offline.get_by_label("Find a movie").fill("star wars")
    offline.locator(".stars").first.click()
    assert "1 rated" in figure(offline, "Rate movies").inner_text()
    assert barriers(offline) == []


def test_guess_is_kept_where_a_browser_stores_nothing(offline, tmp_path):
    offline.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })")
    guess("1a").save(tmp_path / "one.html")
    offline.goto((tmp_path / "one.html").as_uri())
    offline.get_by_role("button", name="4", exact=True).click()
    assert offline.get_by_role("status").inner_text() == "You said 4: right."


def test_hostile_texts(offline, tmp_path):
    piece = predict(HOSTILE, answer=HOSTILE, options=[HOSTILE, "other"])
    piece.save(tmp_path / "one.html")
    offline.goto((tmp_path / "one.html").as_uri())
    offline.get_by_role("button").first.click()
    assert offline.evaluate("window.ran") is None
    assert offline.get_by_role("status").inner_text() == f"You said {HOSTILE}: right."


def test_without_scripts_the_answer_is_folded(chromium, tmp_path):
    my_guesses(1).save(tmp_path / "list.html")
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto((tmp_path / "list.html").as_uri())
    assert page.get_by_text("3.54 stars").is_hidden()
    page.get_by_text("Answer").nth(1).click()
    assert page.get_by_text("3.54 stars").is_visible()
    page.context.close()
