"""The site, opened from its folder by a browser without a network."""

import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import workshop

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the site, built anew, with what Sphinx complained of in `complaints.txt` beside it."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", "-c", "docs", "-d", folder / "trees"]
    done = subprocess.run([*command, ".", folder / "html"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (folder / "complaints.txt").write_text(done.stderr, encoding="utf-8")
    return folder / "html"


@pytest.fixture
def reader(offline):
    """The page of a reader without a network; what it asks its own folder for has to be there."""
    missing = []
    offline.on("requestfailed", lambda request: missing.append(request.url))
    yield offline
    assert missing == []


def notebooks(site):
    found = sorted((site / "notebooks").glob("*.html"))
    assert [page.stem for page in found] == sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
    return found


def test_no_link_and_no_docstring_is_in_doubt(site):
    assert (site.parent / "complaints.txt").read_text(encoding="utf-8") == ""


def test_every_page_opens_and_none_is_wider_than_a_phone(site, reader):
    pages = [*notebooks(site), *sorted((site / "docs").glob("*.html"))]
    reader.set_viewport_size({"width": 390, "height": 844})
    for page in pages:
        reader.goto(page.as_uri())
        assert reader.locator("h1").count() == 1, page
        assert reader.evaluate("document.documentElement.scrollWidth") <= 390, page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_keeps_anybody_out(site, reader, barriers, scheme):
    pages = [*notebooks(site), *sorted((site / "docs").glob("*.html"))]
    reader.emulate_media(color_scheme=scheme)
    for page in pages if scheme == "light" else pages[3::6]:  # colours are the theme's, the same on every page
        reader.goto(page.as_uri())
        assert barriers(reader) == [], page


def test_first_page_leads_everywhere(site, reader):
    reader.goto((site / "index.html").as_uri())
    reader.wait_for_url("**/docs/index.html")
    named = reader.locator(".sidebar-tree a").evaluate_all("all => all.map(one => one.href)")
    for page in [*notebooks(site), *(site / "docs" / f"{path.stem}.html" for path in (ROOT / "docs").glob("*.md"))]:
        assert page.stem == "index" or page.as_uri() in named
    assert all(Path(link.removeprefix("file://").split("#")[0]).exists() for link in named)


def test_notebooks_show_their_formulas_and_figures(site, reader):
    for page in notebooks(site):
        reader.goto(page.as_uri())
        formulas = reader.locator("math").evaluate_all("all => all.map(one => one.getBoundingClientRect().width)")
        assert all(width > 2 for width in formulas)
        assert "$$" not in reader.locator("article").inner_text()
        pictures = reader.locator("img").evaluate_all("all => all.map(one => [one.naturalWidth, one.alt])")
        assert len(pictures) >= 3 and all(width > 100 and alt for width, alt in pictures)
    reader.goto((site / "notebooks" / "03_factorization_machine.html").as_uri())
    assert reader.locator("math").count() >= 14


@pytest.mark.parametrize(("word", "page"), [("bootstrap", "04_hyperparameter_tuning"), ("silhouette", "02_kmeans")])
def test_search_finds_a_word(site, reader, word, page):
    reader.goto((site / "docs" / "index.html").as_uri())
    reader.locator("input[name=q]").first.fill(word)
    reader.keyboard.press("Enter")
    reader.wait_for_url("**/search.html?q=*")
    found = reader.locator("#search-results li a")
    found.first.wait_for()
    assert any(page in link for link in found.evaluate_all("all => all.map(one => one.href)"))


def test_stepper_moves(site, reader):
    reader.goto((site / "notebooks" / "04_hyperparameter_tuning.html").as_uri())
    stepper = reader.locator("figure.workshop:has(input[type=range])").first
    before = stepper.locator("img").get_attribute("src")
    stepper.press("ArrowRight")
    assert stepper.locator("img").get_attribute("src") != before


def test_cheat_sheet_prints_on_one_page(site, chromium):
    page = chromium.new_page()
    page.goto((site / "docs" / "cheat_sheet.html").as_uri())
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4", prefer_css_page_size=True))) == 1
    page.close()


def test_package_page_has_every_public_name(site):
    page = (site / "docs" / "api.html").read_text(encoding="utf-8")
    for room in pkgutil.iter_modules(workshop.__path__):
        if not room.name.startswith("_"):
            module = importlib.import_module(f"workshop.{room.name}")
            assert f'id="module-workshop.{room.name}"' in page, f"docs/api.md has no section for {room.name}"
            for name in filter(lambda each: callable(getattr(module, each)), getattr(module, "__all__", ())):
                assert f'id="workshop.{room.name}.{name}"' in page, f"{room.name}.{name} is not on the page"
