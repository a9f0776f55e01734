"""The slides as a room sees them: in a browser without a network, on a screen of 1280 x 720."""

import importlib
import re
import tomllib
from pathlib import Path

import nbformat
import pytest

tool = importlib.import_module("slides")
ROOT = Path(__file__).parents[2]
PARTS = sorted((ROOT / "notebooks").glob("0*.ipynb"))

# What is outside the screen, what overflows its place on the slide, and how large pictures are.
MEASURE = """() => {
  const slide = Reveal.getCurrentSlide(), shown = (one) => !one.closest("aside, style, script");
  const outside = [...slide.querySelectorAll("*")].filter(shown).map((one) => one.getBoundingClientRect())
    .filter((box) => box.width && (box.right > 1281 || box.bottom > 721 || box.left < -1 || box.top < -1)).length;
  const place = slide.querySelector(".body")?.getBoundingClientRect();
  const inner = slide.querySelector(".fit")?.getBoundingClientRect();
  const overflows = inner ? inner.right > place.right + 1 || inner.bottom > place.bottom + 1 : false;
  const images = [...slide.querySelectorAll("img")];
  return { outside, overflows, sizes: images.map((one) => [one.naturalWidth, one.getBoundingClientRect().height]),
    alts: images.map((one) => one.alt) };
}"""


@pytest.fixture(scope="module")
def decks():
    return {path.stem: tool.make(path) for path in PARTS}


@pytest.fixture
def show(offline, tmp_path):
    """A function that opens a deck in a browser without a network."""
    offline.set_viewport_size({"width": 1280, "height": 720})

    def open_deck(slides):
        page = tmp_path / "slides.html"
        page.write_text(tool.page(slides), encoding="utf-8")
        offline.goto(page.as_uri())
        offline.wait_for_function("Reveal.isReady()")
        return offline

    return open_deck


@pytest.mark.parametrize("path", PARTS, ids=lambda path: path.stem)
def test_printed_deck_has_a_page_per_slide_and_nothing_is_cut(decks, offline, barriers, tmp_path, path):
    (tmp_path / "slides.html").write_text(tool.page(decks[path.stem]), encoding="utf-8")
    offline.goto((tmp_path / "slides.html").as_uri())
    offline.wait_for_function("Reveal.isReady()")
    assert barriers(offline) == []
    offline.goto((tmp_path / "slides.html").as_uri() + "?print-pdf")
    offline.wait_for_function("document.querySelectorAll('.pdf-page').length > 0 && Reveal.isReady()")
    offline.wait_for_timeout(200)
    printed = offline.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == len(decks[path.stem])
    cut = """() => [...document.querySelectorAll(".pdf-page .fit")].filter((inner) => {
      const place = inner.parentElement.getBoundingClientRect(), box = inner.getBoundingClientRect();
      return box.right > place.right + 2 || box.bottom > place.bottom + 2;
    }).map((inner) => inner.closest("section").innerText.slice(0, 60))"""
    assert offline.evaluate(cut) == []


def test_no_slide_has_more_words_than_a_room_reads(decks):
    for name, slides in decks.items():
        for slide in slides:
            text = slide.body if slide.kind == "predict" else ""
            words = tool.n_words(slide.title, *slide.text, re.sub("<[^>]*>", " ", text))
            assert words <= tool.MAX_WORDS, f"{name}: {words} words on {slide.title!r}: {slide.text or text}"


def test_each_question_to_predict_is_a_slide(decks):
    for path in PARTS:
        cells = [c.source for c in nbformat.read(path, 4).cells if c.cell_type == "markdown"]
        asked = sum(source.count("**Predict first") for source in cells)
        shown = [slide for slide in decks[path.stem] if slide.kind == "predict"]
        assert asked == len(shown) > 0
        assert all("?" in slide.body or ":" in slide.body for slide in shown), "the question itself is on the slide"


def test_questions_come_before_their_answers(decks):
    """Within a section the slides keep the order of the notebook from a question to what follows it."""
    for path in PARTS:
        for section in tool.sections(nbformat.read(path, 4)):
            order = [block.html for block in section.blocks if block.kind in tool.SHOWN]
            kept = [s.body for s in decks[path.stem] if s.section == section.heading and s.kind in tool.SHOWN[1:]]
            assert kept == [html for html in order if html in kept], section.heading


def test_numbers_written_for_slides_stand_in_the_notebook():
    for path in PARTS:
        known = path.read_text(encoding="utf-8")
        outline = tool.OUTLINES / f"{path.stem}.toml"
        said = tomllib.loads(outline.read_text(encoding="utf-8")) if outline.exists() else {}
        for line in (
            line for slide in said.get("slide", []) for line in [slide.get("title", ""), *slide.get("text", [])]
        ):
            for number in re.findall(r"\d+\.\d+|\d+%|\d[\d,]+\d", line):
                assert number in known, f"{outline.name}: {number}"


@pytest.mark.parametrize("entry", [{"section": "9. Nowhere"}, {"section": "1. One", "show": "figure 2"}])
def test_outline_that_names_what_is_not_there_is_refused(entry):
    cells = [nbformat.v4.new_markdown_cell("# Why?"), nbformat.v4.new_markdown_cell("## 1. One\n\nText.")]
    with pytest.raises(ValueError, match=r"Nowhere|has no 'figure 2'"):
        tool.deck(nbformat.v4.new_notebook(cells=cells), {"slide": [entry]})


def test_lists_are_divided_and_long_texts_cut_at_sentences():
    lines = ["one two three four five six seven"] * 8
    parts = tool.chunks(lines, "Title")
    assert [len(part) for part in parts] == [4, 4]
    assert tool.opening("It fell by 0.5 stars. Then it rose.", 6) == "It fell by 0.5 stars."
    assert tool.opening("A sentence that is far too long.", 3) == ""
    assert tool.question("Nobody knows yet. Is it three?", 4) == "Is it three?"


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("path", PARTS, ids=lambda path: path.stem)
def test_every_slide_fits_and_figures_fill_it(decks, show, path):
    page = show(decks[path.stem])
    for number, slide in enumerate(decks[path.stem]):
        page.evaluate(f"Reveal.slide({number}, 0, 99)")
        if slide.kind == "stepper":
            page.wait_for_timeout(150)  # what draws itself in the page does so in the next frames
        found = page.evaluate(MEASURE)
        assert (found["outside"], found["overflows"]) == (0, False), f"{number + 1}: {slide.title} ({slide.kind})"
        for width, height in found["sizes"]:
            assert width > 300 and height >= 300, f"{number + 1}: {slide.title}: {height} pixels high"
        assert all(found["alts"])
        assert slide.kind != "figure" or found["sizes"]


@pytest.mark.browser
@pytest.mark.slow
def test_stepper_moves_and_the_slide_stays(decks, show):
    page = show(decks["04_hyperparameter_tuning"])
    number = next(i for i, s in enumerate(decks["04_hyperparameter_tuning"]) if "Bayesian search over x" in s.body)
    page.evaluate(f"Reveal.slide({number})")
    stepper = page.locator("section.present figure.workshop")
    before = stepper.locator("img").get_attribute("src")
    stepper.click(position={"x": 5, "y": 5})
    page.keyboard.press("ArrowRight")
    assert stepper.locator("img").get_attribute("src") != before
    assert page.evaluate("Reveal.getIndices().h") == number


@pytest.mark.browser
@pytest.mark.slow
def test_speaker_reads_the_prose_of_the_notebook(decks, show):
    slides = decks["02_kmeans_collaborative_filtering"]
    page = show(slides)
    number = next(i for i, slide in enumerate(slides) if slide.kind == "predict")
    page.evaluate(f"Reveal.slide({number})")
    with page.context.expect_page() as opened:
        page.keyboard.press("s")
    notes = opened.value.locator(".speaker-controls-notes .value")
    notes.locator("text=k-means answers by repeating two steps").wait_for()
    opened.value.close()
