"""Working copies: made, brought up to date and made again, they never lose what somebody has done in them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from workshop import __main__ as command
from workshop import lab
from workshop.exercises import solution

ROOT = Path(__file__).parents[1]


@pytest.fixture
def ours(tmp_path, monkeypatch):
    """A small workshop of its own, whose notebooks a test may bring up to date."""
    root = tmp_path / "the workshop"
    (root / "notebooks").mkdir(parents=True)
    for name in lab.DOCUMENTS.values():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    for name in ("01_one", "02_two"):
        publish(root, name, "1 + 1")
    monkeypatch.setattr(lab, "shipped_root", lambda: root)
    return root


@pytest.fixture
def mine(ours, tmp_path):
    """A copy of that workshop, in which somebody has edited the first notebook."""
    list(lab.make_copy(tmp_path / "mine"))
    edit(tmp_path / "mine" / "01_one.ipynb", "my note")
    return tmp_path / "mine"


def publish(root, name, source):
    output = nbformat.v4.new_output("execute_result", {"text/plain": "the answer"}, execution_count=1)
    cells = [nbformat.v4.new_code_cell(source, outputs=[output], execution_count=1)]
    cells += [
        nbformat.v4.new_markdown_cell("[Words](../docs/glossary.md) <details><summary>Solution 1</summary>2</details>")
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), root / "notebooks" / f"{name}.ipynb")


def edit(path, text):
    """What JupyterLab does when somebody changes the first cell, runs it and saves."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].source += f"\n# {text}"
    notebook.cells[0].outputs = [nbformat.v4.new_output("stream", text=text)]
    nbformat.write(notebook, path)


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_copy_of_all_that_ships_has_no_output_and_is_valid(tmp_path):
    list(lab.make_copy(tmp_path / "mine"))
    made = sorted((tmp_path / "mine").glob("*.ipynb"))
    assert [path.name for path in made] == sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    living = 0
    for path in made:
        notebook, original = nbformat.read(path, 4), nbformat.read(ROOT / "notebooks" / path.name, 4)
        nbformat.validate(notebook)
        assert [cell.id for cell in notebook.cells] == [cell.id for cell in original.cells]
        outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
        assert all(output == lab.TO_BE_RUN for output in outputs)
        living += len(outputs)
    originals = [path.read_text(encoding="utf-8") for path in (ROOT / "notebooks").iterdir()]
    figures = sum(text.count('<figure class=\\"workshop\\"') for text in originals)
    assert living == figures > 5, "each living figure says that its cell has to be run"


def test_copy_to_hand_out_has_hints_and_no_solutions(tmp_path, monkeypatch, capsys):
    assert command.main(["copy", "--no-solutions", str(tmp_path / "class")]) == 0
    made = sorted((tmp_path / "class").glob("*.ipynb"))
    text = "".join(path.read_text(encoding="utf-8") for path in made)
    shipped_text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "notebooks").glob("*.ipynb"))
    for word in ("Solution", "Answer"):
        assert f"<summary>{word} " in shipped_text and f"<summary>{word} " not in text
    for kept in ("<summary>Hint ", "<summary>Guess first", "check(", "<summary>(a)</summary>"):
        assert text.count(kept) == shipped_text.count(kept) > 0
    assert text.count("<details>") == text.count("</details>"), "nothing is cut in two"
    for path in made:
        nbformat.validate(nbformat.read(path, 4))
    monkeypatch.chdir(tmp_path / "class")
    capsys.readouterr()
    solution("3.1")
    assert capsys.readouterr().out == "Exercise 3.1: this copy has no solutions; hint('3.1') helps.\n"
    assert command.main(["copy", "--no-solutions", str(tmp_path / "class")]) == 0
    assert "(no new notebooks)" in capsys.readouterr().out, "the second time nothing changes"
    assert "(no new notebooks)" in list(lab.make_copy(tmp_path / "class"))[-1], "whoever opens it gets none either"
    assert "<summary>Solution " not in lab.copy_notebook("03", tmp_path / "class").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    solution("3.1")
    assert "n_pairs" in capsys.readouterr().out


def test_links_of_a_copy_lead_to_its_files(tmp_path):
    list(lab.make_copy(tmp_path))
    for path in (*tmp_path.glob("*.ipynb"), *(tmp_path / name for name in lab.DOCUMENTS)):
        text = path.read_text(encoding="utf-8")
        for link in {piece.split(")")[0].split("#")[0] for piece in text.split("](")[1:]}:
            if link.endswith((".ipynb", ".md", ".py")) and "//" not in link:
                assert (tmp_path / link).exists(), f"{path.name}: {link}"


def test_solutions_are_taken_out_of_a_copy_that_nobody_edited_and_an_edited_one_is_named(mine, capsys):
    run = nbformat.read(mine / "02_two.ipynb", 4)
    run.cells[0].outputs = [nbformat.v4.new_output("stream", text="2")]
    nbformat.write(run, mine / "02_two.ipynb")  # it was run, and not edited
    before = content(mine)
    assert command.main(["copy", "--no-solutions", str(mine)]) == 0
    said, after = capsys.readouterr().out.splitlines(), content(mine)
    assert "The solutions are taken out of 02_two.ipynb" in said
    assert (
        "01_one.ipynb was edited: it stays as it is, WITH SOLUTIONS. Move it elsewhere before you hand this folder out"
        in said
    )
    assert after["01_one.ipynb"] == before["01_one.ipynb"]
    assert [name for name in after if b"Solution 1" in after[name]] == ["01_one.ipynb"]
    assert nbformat.read(mine / "02_two.ipynb", 4).cells[0].outputs == run.cells[0].outputs, "what was run is kept"
    assert after.keys() - before.keys() == {"01_one_2.ipynb", lab.NO_SOLUTIONS}, "a copy without beside the edited one"
    assert command.main(["copy", "--no-solutions", str(mine)]) == 0
    said = capsys.readouterr().out
    assert "01_one.ipynb was edited" in said and "(no new notebooks)" in said and content(mine) == after


def test_second_time_nothing_changes(mine):
    (mine / "glossary.md").write_text("my words", encoding="utf-8")
    before = content(mine)
    assert list(lab.make_copy(mine)) == [f"Your copy is {mine.resolve()} (no new notebooks)"]
    assert content(mine) == before


def test_update_puts_the_new_notebook_beside_the_edited_one_and_says_so(ours, mine):
    before = content(mine)
    for number, source in enumerate(["2 + 2", "3 + 3"], start=2):
        publish(ours, "01_one", source)
        said = list(lab.make_copy(mine))
        assert f"01_one_{number}.ipynb" in said[0] and "01_one" in said[0] and "1 new notebook)" in said[1]
        assert nbformat.read(mine / f"01_one_{number}.ipynb", 4).cells[0].source == source
        assert len(list(lab.make_copy(mine))) == 1, "and only once"
    after = content(mine)
    assert {name: after[name] for name in before} == before, "nothing lost"
    assert after.keys() - before.keys() == {"01_one_2.ipynb", "01_one_3.ipynb"}


@pytest.mark.parametrize(
    "broken", ["", "{", "[]", '{"cells": 3}', '{"cells": [{}], "metadata": {}}', "not utf-8: \udcff"]
)
def test_broken_notebook_is_kept_and_a_whole_one_put_beside_it(mine, broken):
    (mine / "01_one.ipynb").write_bytes(broken.encode(errors="surrogateescape"))
    before = content(mine)
    list(lab.make_copy(mine))
    assert content(mine).items() >= before.items() and "01_one_2.ipynb" in content(mine)
    assert len(list(lab.make_copy(mine))) == 1


@pytest.mark.parametrize("name", ["01_one", "01", "one.ipynb", "my-workshop/01_one.ipynb", "01_one_7.ipynb"])
def test_fresh_notebook_gets_a_name_that_is_free(mine, name):
    before = content(mine)
    assert [lab.copy_notebook(name, mine).name for _ in range(2)] == ["01_one_2.ipynb", "01_one_3.ipynb"]
    assert content(mine).items() >= before.items()


@pytest.mark.parametrize("name", ["0", "three", "", "../01_one/x"])
def test_name_that_means_no_single_notebook_names_those_there_are(ours, tmp_path, name):
    with pytest.raises(ValueError, match="there are 01_one, 02_two"):
        lab.copy_notebook(name, tmp_path)


def test_own_notebooks_of_the_workshop_are_no_working_copy(ours):
    before = content(ours / "notebooks")
    with pytest.raises(ValueError, match="name another folder"):
        list(lab.make_copy(ours / "notebooks"))
    assert content(ours / "notebooks") == before


def test_copy_inside_a_clone_leaves_the_clone_clean(ours):
    git = lambda *words: subprocess.run(["git", *words], cwd=ours, check=True, capture_output=True, text=True).stdout  # noqa: E731
    git("init", "--quiet")
    git("add", ".")
    list(lab.make_copy(ours / "anything"))
    edit(ours / "anything" / "01_one.ipynb", "my note")
    assert git("status", "--porcelain", "--", "anything") == ""
    assert git("clean", "--dry-run", "-d") == "", "git clean keeps it, too"


def test_make_clean_knows_nothing_of_working_copies():
    if shutil.which("make") is None:
        pytest.skip("no make")
    done = subprocess.run(["make", "--dry-run", "clean"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert lab.USUAL not in done.stdout and "*.ipynb" not in done.stdout and "git clean" not in done.stdout


def test_command_makes_the_copy_and_opens_it_with_this_python(ours, tmp_path, monkeypatch, capsys):
    started = []
    monkeypatch.setattr(
        lab.subprocess, "run", lambda words: started.append(words) or subprocess.CompletedProcess(words, 0)
    )
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.chdir(tmp_path)
    assert command.main(["lab", "--no-browser", "--port=9000"]) == 0
    assert (tmp_path / "my-workshop" / "01_one.ipynb").exists()
    assert started[0][0] == sys.executable and started[0][-2:] == ["--no-browser", "--port=9000"]
    assert f"--ServerApp.root_dir={tmp_path / 'my-workshop'}" in started[0]
    monkeypatch.chdir(tmp_path / "my-workshop")
    assert command.main(["lab"]) == 0 and command.main(["copy", "02"]) == 0
    assert not (tmp_path / "my-workshop" / "my-workshop").exists(), "who stands in a copy means that copy"
    assert (tmp_path / "my-workshop" / "02_two_2.ipynb").exists()
    assert command.main(["lab", str(tmp_path / "Kurs ü")]) == 0 and (tmp_path / "Kurs ü" / "01_one.ipynb").exists()


@pytest.mark.parametrize("words", [["copy", "nothing"], ["lab", "a file"]])
def test_what_cannot_be_done_is_said_in_a_line(ours, tmp_path, monkeypatch, capsys, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a file").write_text("", encoding="utf-8")
    assert command.main(words) == 1
    assert capsys.readouterr().err.startswith("That did not work: ")


def no_home():
    raise RuntimeError("Could not determine home directory.")  # as pathlib says of an unknown user


@pytest.mark.parametrize("home", [lambda: Path(__file__) / "absent", no_home])
def test_settings_go_beside_the_notebooks_where_home_cannot_be_written(tmp_path, monkeypatch, home):
    assert lab.writable_places(tmp_path) == {}
    monkeypatch.setattr(lab.Path, "home", home)
    places = lab.writable_places(tmp_path)
    assert places.keys() == {"JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR", "MPLCONFIGDIR"} - os.environ.keys()
    assert all(Path(place).parent == tmp_path.resolve() / ".settings" for place in places.values())
    assert (tmp_path / ".settings").is_dir()


@pytest.mark.parametrize("stray", ["workshop/notes.txt", "random.py", "argparse.py", "json.py", "tempfile.py"])
def test_commands_work_beside_files_that_have_the_name_of_a_module(tmp_path, stray):
    (tmp_path / stray).parent.mkdir(exist_ok=True)
    (tmp_path / stray).write_text("this is not Python", encoding="utf-8")
    words = [sys.executable, "-m", "workshop", "copy", "nothing"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8")
    assert done.stderr.startswith("That did not work: 'nothing' is not the name of one notebook")
