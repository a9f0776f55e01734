"""The day of a learner: from ten ratings in part 1 to two lists in the evening; in JupyterLab, and on pages without.

The cells are those of the notebooks, and only those that lead from the ratings to what is seen of them. What only takes
time is made small. A link that breaks (a name, a file, a column, a step of a widget) breaks the test.
"""

import ast
import importlib
import json
import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from workshop.datasets import load_movielens
from workshop.widgets.predict import QUESTIONS

offline_page = importlib.import_module("offline_pages").offline_page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FOLDER = Path(__file__).parents[2] / "notebooks"
BY_MOUSE = ["Toy Story (1995)", "Star Wars: Episode IV", "Matrix, The (1999)", "Pulp Fiction", "Forrest Gump"]
BY_KEYBOARD = {"fargo": 4, "alien 1979": 5, "exorcist": 1, "titanic 1997": 2, "finding nemo": 3}
SHORTER = {
    "n_iter=60, n_samples=40": "n_iter=3, n_samples=2",
    "range(1, 61)": "range(1, 4)",
    "n_iter=45, n_samples=30": "n_iter=3, n_samples=2",
    "KMeansRecommender(ratings.items)": "KMeansRecommender(ratings.items, n_clusterings=1)",
    "BayesianSearch(n_initial=6), 12,": "BayesianSearch(n_initial=2), 3,",
}
UP_TO_THE_RATINGS = """() => {
    const { content } = jupyterapp.shell.currentWidget;
    const rates = (cell) => cell.model.sharedModel.source.startsWith("rate_movies(");
    content.activeCellIndex = 1 + content.widgets.findIndex(rates);
    void jupyterapp.commands.execute("notebook:run-all-above");
}"""


def leading_to(notebook, goals):
    """The sources of the cells `goals`, by id, and of those before them that bind the names they use, in order."""
    wanted, chosen = set(), []
    for cell in reversed([cell for cell in notebook.cells if cell.cell_type == "code"]):
        nodes = list(ast.walk(ast.parse(cell.source)))
        names = {node.id: node for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        bound = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        bound |= {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
        bound |= {node.asname or node.name for node in nodes if isinstance(node, ast.alias)}
        if cell.id in goals or bound & wanted:
            wanted = wanted - bound | set(names) - bound - {n.arg for n in nodes if isinstance(n, ast.arg)}
            chosen.insert(0, cell.source)
    return chosen


def rate(page, piece):
    """Rate five movies with the mouse and five with keys, as somebody would who searches for them."""
    find = piece.get_by_label("Find a movie")
    for title in BY_MOUSE:
        find.fill(title)
        stars = piece.get_by_role("slider", name=title).first
        stars.click(position={"x": 0.95 * stars.bounding_box()["width"], "y": 8})
        assert stars.get_attribute("aria-valuenow") == "5"
    for words, key in BY_KEYBOARD.items():
        find.fill(words)
        find.press("ArrowDown")
        page.keyboard.press(str(key))
    assert "10 rated" in piece.inner_text() and "more, and the next" not in piece.inner_text()


@pytest.fixture
def part(opened, tmp_path):
    """A function of a notebook's name and of cells: the page in which what leads to them has run, or is to be run."""

    def open_part(name, goals, *, run=True):
        notebook = nbformat.read(FOLDER / f"{name}.ipynb", 4)
        assert goals <= {cell.id for cell in notebook.cells}
        sources = [f"import os\nos.environ['WORKSHOP_RATINGS'] = {str(tmp_path / 'mine.csv')!r}"]
        for source in leading_to(notebook, goals):
            for long, short in SHORTER.items():
                source = source.replace(long, short)
            sources.append(source)
        return opened(f"day_{name}", sources, run=run)

    return open_part


ENDED = """() => {
    const { widgets } = jupyterapp.shell.currentWidget.content;
    const ran = ({ model }) => model.type !== "code" || model.executionCount;
    return document.querySelector(".jp-OutputArea-output[data-mime-type$='.error']") || widgets.every(ran);
}"""


def printed(page, pattern):
    """The match of a pattern in what the notebook printed, once all of it has run; an error is told instead."""
    page.wait_for_function(ENDED, timeout=300_000)
    text = "\n".join(page.locator(".jp-OutputArea-output").all_inner_texts())
    found = re.search(pattern, text)
    assert found, text
    return found


def table(page, heading):
    """The last table of a notebook that has a column of this name."""
    printed(page, re.escape(heading))
    found = page.locator(".jp-OutputArea-output table").filter(has_text=heading).last
    columns = found.locator("thead tr").first.locator("th").all_inner_texts()[1:]
    rows = [row.locator("td").all_inner_texts() for row in found.locator("tbody tr").all()]
    return pd.DataFrame(rows, columns=columns)


def test_ratings_of_the_morning_make_the_list_of_the_evening(part, tmp_path):
    titles = load_movielens().items["title"]
    page = part("01_data_exploration", {"code-rate", "code-me"}, run=False)
    page.evaluate(UP_TO_THE_RATINGS)
    piece = page.locator("figure[aria-label^='Rate movies']")
    piece.get_by_label("Find a movie").wait_for(timeout=120_000)
    rate(page, piece)
    page.get_by_text("10 ratings kept in").wait_for(timeout=60_000)
    mine = pd.read_csv(tmp_path / "mine.csv", index_col="item")["rating"]
    assert sorted(mine) == sorted([5.0] * 5 + [float(stars) for stars in BY_KEYBOARD.values()])
    page.evaluate("void jupyterapp.commands.execute('notebook:run-all-below')")
    assert printed(page, r"you: ([+-]\d\.\d\d) stars, above \d+% of the users")[1].startswith("+")

    page = part("02_kmeans_collaborative_filtering", {"code-47", "code-48", "code-tonight"})
    assert printed(page, r"you, among \d+ people who like")
    assert list(table(page, "Bo").columns) == ["you", "Bo"]
    advice = table(page, "title")["title"]
    assert len(advice) == 8 and not set(advice) & set(titles[mine.index])

    page = part("03_factorization_machine", {"code-36", "code-hide"})
    hidden = table(page, "anybody")
    assert [float(stars) for stars in hidden["you"]] == list(mine[::3])
    assert hidden["machine"].astype(float).between(0.5, 5).all()

    page = part("04_hyperparameter_tuning", {"code-tonight"})
    lists = table(page, "you, tuned")
    assert list(lists.columns) == ["you, before", "you, tuned"] and len(lists) == 8
    assert not set(lists.stack()) & set(titles[mine.index])

    page = part("appendix_tonight", {"search", "lists"})
    stay = int(printed(page, r"you: (\d) of 8 titles stay")[1])
    lists = table(page, "k-means, tuned")
    assert stay == len(set(lists["k-means, part 2"]) & set(lists["k-means, tuned"]))
    assert not set(lists.stack()) & set(titles[mine.index])


@pytest.mark.parametrize("name", sorted({path.stem for path in FOLDER.glob("0*.ipynb")}))
def test_page_without_a_kernel_takes_ratings_guesses_and_answers(offline, tmp_path, name):
    path = tmp_path / f"{name}.html"
    path.write_text(offline_page(nbformat.read(FOLDER / f"{name}.ipynb", 4), name), encoding="utf-8")
    offline.goto(path.as_uri())
    if name.startswith("01"):
        piece = offline.locator("figure[aria-label^='Rate movies']")
        rate(offline, piece)
        offline.reload()
        assert "10 rated" in piece.inner_text(), "the browser remembers"
    questions = {key: given for key, given in QUESTIONS.items() if key[0] == name[1]}
    for given in questions.values():
        asked = offline.locator(f"figure[aria-label={json.dumps('Predict: ' + given['question'])}]")
        if options := given.get("options"):
            asked.get_by_role("button", name=options[-1], exact=True).click()
        else:
            asked.get_by_role("spinbutton").fill(str(given["answer"]))
            asked.get_by_role("spinbutton").press("Enter")
        assert asked.get_by_role("status").inner_text().startswith("You said")
    guessed = offline.locator("figure[aria-label^='My guesses'] tbody tr")
    assert len(guessed.all()) == len(questions) and "no guess yet" not in guessed.locator("..").inner_text()
    assert offline.locator(".workshop-covered").count() == 0, "all that was covered is seen"
    quiz = offline.locator("details", has=offline.locator("summary", has_text=re.compile(r"^\([abc]\)$")))
    for answer in quiz.all():
        answer.locator("summary").click()
    told = quiz.all_inner_texts()
    assert len(told) >= 6 and sum("Right." in text for text in told) == len(told) / 3
