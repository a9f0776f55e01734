import json
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest

from workshop.datasets import load_movielens
from workshop.widgets import my_ratings, rate_movies
from workshop.widgets.asked import item_means
from workshop.widgets.my_ratings import ANN, VARIABLE

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ratings():
    return load_movielens()


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Where ratings are kept: in the folder of the notebook, as for a learner."""
    monkeypatch.delenv(VARIABLE)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "my_ratings.csv"


def test_whoever_rated_nothing_is_ann(ratings, file):
    mine = my_ratings(ratings)
    assert mine.name == "Ann" and len(mine) == len(ANN) >= 10
    assert dict(zip(ratings.items.loc[mine.index, "title"], mine, strict=True)) == ANN
    assert not file.exists()


def test_what_the_page_sends_is_kept_and_read_back(ratings, file):
    rate_movies(ratings).text.value = json.dumps({"1": 4.5, "260": 0.5})
    mine = my_ratings(ratings)
    assert mine.name == "you" and mine.to_dict() == {1: 4.5, 260: 0.5}
    assert pd.read_csv(file)["title"].tolist() == ["Toy Story", "Star Wars: Episode IV - A New Hope"]
    again = rate_movies(ratings)
    assert again.page.data["stored"] == {1: 4.5, 260: 0.5}, "a page that is opened again begins with them"
    assert {1, 260} <= {row[0] for row in again.page.data["movies"]}
    again.text.value = "{}"
    assert my_ratings(ratings).name == "Ann", "all forgotten"


def test_nothing_is_kept_where_the_variable_is_empty(ratings, file, monkeypatch):
    file.write_text("item,title,rating\n1,Toy Story,1\n")
    monkeypatch.setenv(VARIABLE, "")
    piece = rate_movies(ratings)
    piece.text.value = json.dumps({"2": 3})
    assert "Not kept" in piece.status.value and file.read_text().endswith("1,Toy Story,1\n")
    assert my_ratings(ratings).name == "Ann" and piece.page.data["stored"] == {}


def test_movie_that_nobody_knows_is_not_lost_when_it_stands_in_the_file(ratings, file):
    rare = int(ratings.frame["item"].value_counts().idxmin())
    file.write_text(f"item,title,rating\n{rare},Rare,5\n")
    page = rate_movies(ratings).page.data
    assert page["stored"] == {rare: 5} and rare in {row[0] for row in page["movies"]}


def test_another_file_can_be_named(ratings, file, monkeypatch):
    monkeypatch.setenv(VARIABLE, "bo.csv")
    rate_movies(ratings).text.value = json.dumps({"1": 2})
    assert my_ratings(ratings)[1] == 2 and (file.parent / "bo.csv").exists() and not file.exists()


@pytest.mark.parametrize(
    "text, why",
    [
        ("item,rating\n1,7\n", "item 1 is unknown, twice there or not of 0.5 to 5"),
        ("item,rating\n1,5\n1,4\n", "item 1 is unknown, twice"),
        ("item,rating\n-3,5\n", "item -3 is unknown"),
        ("item,rating\n1,\n", "item 1"),
        ("item,rating\n1,good\n", "no columns item and rating"),
        ("movie,stars\n1,5\n", "no columns item and rating"),
        ("", "no columns item and rating"),
    ],
)
def test_file_changed_by_hand_into_something_else_is_refused(ratings, file, text, why):
    file.write_text(text)
    with pytest.raises(ValueError, match=why):
        my_ratings(ratings)


def test_page_knows_what_pandas_computes(ratings):
    data, frame, user = rate_movies(ratings).page.data, ratings.frame, 15
    counts, own = frame["item"].value_counts(), frame[frame["user"] == user]
    above = (own["rating"].to_numpy() - item_means(frame)[own["item"]].to_numpy()).mean()
    place = sorted(frame["user"].unique()).index(user)
    np.testing.assert_allclose(data["users"][place], [np.median(counts[own["item"]]), above], atol=0.006)
    assert len(data["users"]) == 671
    assert {row[0] for row in data["movies"]} == set(counts.index[counts >= 5])
    assert set(my_ratings(ratings).index) < {row[0] for row in data["movies"]}, "Ann's can all be found"


@pytest.mark.parametrize("tool", ["nbval", "make run"])
def test_notebooks_are_tested_and_executed_as_ann_beside_a_file_of_ratings(tmp_path, monkeypatch, tool):
    monkeypatch.delenv(VARIABLE)
    folder, lines = tmp_path / "notebooks", ["from workshop.datasets import load_movielens"]
    lines += ["from workshop.widgets import my_ratings", "my_ratings(load_movielens()).name"]
    folder.mkdir()
    (folder / "my_ratings.csv").write_text("item,title,rating\n1,Toy Story,1\n")
    output = nbformat.v4.new_output("execute_result", {"text/plain": "'Ann'"}, execution_count=1)
    cell = nbformat.v4.new_code_cell("\n".join(lines), outputs=[output], execution_count=1)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), folder / "who.ipynb")
    shutil.copy(ROOT / "conftest.py", tmp_path)
    command = "-m pytest -q --nbval --nbval-current-env -p no:cacheprovider notebooks".split()
    if tool == "make run":
        command = [ROOT / "tools" / "run_notebooks.py", "--in-place", folder / "who.ipynb"]
    done = subprocess.run([sys.executable, *command], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert nbformat.read(folder / "who.ipynb", 4).cells[0].outputs[0]["data"]["text/plain"] == "'Ann'"
