"""Titles, names and texts that are HTML, on every page, slide and living figure: a real browser runs none of it."""

import base64
import importlib
import io
from pathlib import Path

import nbformat
import pytest
from PIL import Image

from workshop.plots.style import describe, new_axes
from workshop.widgets import curse_explorer, game, live_belief, live_kmeans
from workshop.widgets.in_page import InPage, animate

offline_pages, slides = (importlib.import_module(name) for name in ("offline_pages", "slides"))

pytestmark = [pytest.mark.browser, pytest.mark.slow]
RUN = "window.ran = (window.ran || 0) + 1"
HOSTILE = [
    f'"><script>{RUN}</script>',
    f"'><img src=x onerror='{RUN}'>",
    f'</title></script></style></figure><svg onload="{RUN}">',
    f'" onload="{RUN}" autofocus onfocus="{RUN}" x="',
    f'{{{{ 7 * 7 }}}} <!-- --><iframe srcdoc="<script>parent.{RUN}</script>"></iframe>',
    f"x onload={RUN.replace(' ', '')}",
]


def picture(kind):
    file = io.BytesIO()
    Image.new("RGB", (400, 300), "white").save(file, kind)
    return base64.b64encode(file.getvalue()).decode()


def hostile_notebook(text):
    """A notebook in which everything that is not code, Markdown or HTML of its author is `text`."""
    v4, new = nbformat.v4, []
    for kind in ("png", "jpeg"):
        about = {f"image/{kind}": {"alt": text, "width": text, "height": text}}
        data = {f"image/{kind}": picture(kind), "text/plain": text}
        new.append(v4.new_output("display_data", data, metadata=about))
        new.append(v4.new_output("display_data", data))
    new += [
        v4.new_output("stream", text=text),
        v4.new_output("execute_result", {"text/plain": text}, execution_count=1),
        v4.new_output("display_data", {"text/vnd.mermaid": text}),
        v4.new_output("error", ename=text, evalue=text, traceback=[text]),
    ]
    cells = [
        v4.new_markdown_cell("# A title\n\nSome prose."),
        v4.new_markdown_cell("## 1. A section\n\nAn image and more."),
        v4.new_code_cell(f"# {text}", outputs=new, metadata={"tags": [text]}),
    ]
    return v4.new_notebook(cells=cells, metadata={"title": text})


def assert_nothing_ran(page, text):
    page.wait_for_timeout(100)
    assert page.evaluate("window.ran") is None, f"a script ran: {text}"
    assert page.locator("[onload], [onerror], [onfocus], iframe[srcdoc]").count() == 0, text


@pytest.mark.parametrize("text", HOSTILE)
def test_exported_page(offline, tmp_path, text):
    page = tmp_path / "page.html"
    page.write_text(offline_pages.offline_page(hostile_notebook(text), text), encoding="utf-8")
    offline.goto(page.as_uri())
    assert_nothing_ran(offline, text)
    assert offline.title() == text
    assert offline.locator("img").evaluate_all("all => all.map((one) => one.alt)") == [text, "", text, ""]


@pytest.mark.parametrize("text", HOSTILE)
def test_slides(offline, tmp_path, text):
    made = slides.deck(hostile_notebook(text), {})
    made = [*made, slides.Slide(text, text, "title"), slides.outlined(slides.Section(text, []), {"section": text})]
    (tmp_path / "slides.html").write_text(slides.page([made[-2], *made]), encoding="utf-8")
    offline.goto((tmp_path / "slides.html").as_uri())
    offline.wait_for_function("Reveal.isReady()")
    for number in range(len(made) + 1):
        offline.evaluate(f"Reveal.slide({number}, 0, 99)")
    assert_nothing_ran(offline, text)
    assert offline.title() == text and text in offline.locator("h1").all_text_contents()


def draw(step):
    return describe(new_axes(width=4, height=3), f"Picture of {step}")


@pytest.mark.parametrize("text", HOSTILE)
def test_stepper(offline, tmp_path, text):
    stepper = animate(lambda step, menu: draw(step), {text: [text, "b"], "menu": [text, "d"]}, name=text)
    stepper.save(tmp_path / "page.html")
    offline.goto((tmp_path / "page.html").as_uri())
    figure = offline.locator("figure.workshop")
    figure.press("ArrowRight")
    figure.press("ArrowLeft")
    assert_nothing_ran(offline, text)
    assert offline.title() == text and figure.get_attribute("aria-label") == text
    assert figure.locator("img").get_attribute("alt") == f"Picture of {text}"


@pytest.mark.parametrize("text", HOSTILE)
def test_game_and_calculator(offline, tmp_path, text):
    played = game(budget=1)
    played.name = text
    played.save(tmp_path / "game.html")
    offline.goto((tmp_path / "game.html").as_uri())
    offline.locator("input[type=number]").fill("0.5")
    offline.get_by_text("Evaluate").click()
    offline.locator("input[type=text]").evaluate("(field, text) => { field.value = text; }", text)
    with offline.expect_download() as download:
        offline.get_by_text("Download scores").click()
    assert_nothing_ran(offline, text)
    assert text.replace('"', '""') in Path(download.value.path()).read_text(encoding="utf-8")
    live_belief([(0.5, 1.0)], question="uncertainty", xlabel=text, ylabel=text).save(tmp_path / "belief.html")
    offline.goto((tmp_path / "belief.html").as_uri())
    offline.get_by_text("What would the search do next?").click()
    assert_nothing_ran(offline, text)
    assert text in offline.locator("svg text").all_text_contents()
    live_kmeans([[0, 0], [1, 1]], 2, xlabel=text, ylabel=text).save(tmp_path / "kmeans.html")
    offline.goto((tmp_path / "kmeans.html").as_uri())
    offline.get_by_text("Assign", exact=True).click()
    assert_nothing_ran(offline, text)
    assert text in offline.locator("svg text").all_text_contents()
    InPage(curse_explorer().script, curse_explorer().data, static=curse_explorer().static, name=text).save(
        tmp_path / "curse.html"
    )
    offline.goto((tmp_path / "curse.html").as_uri())
    assert_nothing_ran(offline, text)
