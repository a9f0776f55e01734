"""The doctor: what it says of broken set-ups, and that it never breaks down itself."""

import re
import shutil
import sys
from pathlib import Path

import pytest

from benchmarks import doctor
from workshop import __main__ as command
from workshop import check, shipped

ROOT = Path(__file__).parents[1]
HERE = [  # two of each kind take long; `python benchmarks/doctor.py` tries all
    "own file: pandas.py",
    "other copy: PYTHONPATH of the kernel",
    "kernel: description is not JSON",
    "package: numpy is missing",
    "package: gensim is damaged",
    "place: a zip file, nothing installed",
]


@pytest.mark.slow
def test_here_everything_works(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert command.main(["check"]) == 0
    shown = capsys.readouterr().out
    assert "PROBLEM" not in shown and f"A notebook in {ROOT}" in shown


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return doctor.build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the set-ups are made of links")
@pytest.mark.parametrize(
    "fault", [fault for fault in doctor.FAULTS if fault.name in HERE], ids=lambda fault: fault.name
)
def test_cause_stands_in_the_first_line(built, tmp_path, fault):
    setup = doctor.Setup(tmp_path / "setup", built)
    shutil.copy(ROOT / "notebooks" / "01_data_exploration.ipynb", setup.here)
    fault.breaks(setup)
    said, _ = setup.check()
    assert doctor.is_named(fault, said), said


def test_thirty_set_ups_are_tried():
    kinds = [fault.name.split(":")[0] for fault in doctor.FAULTS]
    assert len(kinds) >= 30 and all(kinds.count(kind) >= 2 for kind in kinds)
    assert set(HERE) <= {fault.name for fault in doctor.FAULTS}


def test_advice_can_be_followed_where_it_is_given(monkeypatch, tmp_path):
    monkeypatch.setattr(check.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert "make" in check.install_anew() and str(ROOT) in check.install_anew()
    monkeypatch.setattr(check.shutil, "which", lambda name: None)
    assert "make" not in check.install_anew() and "--editable" in check.install_anew()
    monkeypatch.setattr(check, "BESIDE", tmp_path)  # as installed from a wheel: no pyproject.toml beside it
    assert "make" not in check.install_anew() and ".whl" in check.install_anew()


def test_all_that_a_notebook_needs_is_asked_for_and_explained():
    groups = {group: {name for each, name, _ in check.requirements() if each == group} for group in check.NEEDED}
    assert {"numpy", "matplotlib", "scikit-learn"} <= groups[""] and "gensim" in groups["word2vec"]
    (extras,) = re.findall("^LAB_EXTRAS := (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    assert {*extras.split(","), ""} == {*check.NEEDED, "lab"}


def test_a_file_that_hides_a_module_stops_only_where_it_was_imported(tmp_path):
    for name in ("numpy/__init__.py", "random.py", "notes.py", "statistics.txt", "code/mine.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("", encoding="utf-8")
    found = list(check.hiding([tmp_path], [str(tmp_path / "numpy" / "__init__.py")]))
    assert [finding.state for finding in found] == ["problem", "note"]
    assert "numpy" in found[0].text and "random" in found[1].text


def test_damaged_ratings_are_a_problem(tmp_path, monkeypatch):
    copy = shutil.copytree(shipped.shipped_folder(), tmp_path / "movielens-small")
    with (copy / "movies.csv.gz").open("ab") as file:
        file.write(b"x")
    monkeypatch.setattr(check, "shipped_folder", lambda: copy)
    problem, note = check.check_itself(tmp_path)
    assert "movies.csv.gz is damaged" in problem.text and problem.state == "problem"
    assert "no notebook" in note.text and note.state == "note"


@pytest.mark.parametrize("version", [(3, 10, 9), (3, 14, 0)])
def test_another_python_is_a_problem(version, monkeypatch):
    monkeypatch.setattr(check.sys, "version_info", version)
    assert next(check.check_itself(ROOT / "notebooks")).text.endswith("the workshop needs 3.11, 3.12 or 3.13")


def test_folder_that_cannot_be_written_is_a_problem(tmp_path, monkeypatch):
    def refuse(dir):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(check.tempfile, "TemporaryFile", refuse)
    found = {finding.text: finding.state for finding in check.check_computer(tmp_path)}
    assert found[f"Nothing can be written into {tmp_path} (Permission denied)"] == "problem"
    assert found[f"Nothing can be written into {Path.home()} (Permission denied)"] == "note"


@pytest.mark.parametrize("error", [RuntimeError("odd"), ModuleNotFoundError("no zmq", name="zmq"), OSError(5, "disk")])
def test_a_check_that_breaks_down_is_a_finding(error, tmp_path):
    def check_nothing(folder):
        """Whether it breaks."""
        raise error
        yield

    (finding,) = check.attempt(check_nothing, tmp_path)
    assert finding.state == "problem" and (str(error) in finding.text or "zmq is missing" in finding.text)


def test_problems_come_first_and_are_the_exit_status(monkeypatch, capsys):
    found = [check.Finding("note", "n"), check.Finding("ok", "o"), check.Finding("problem", "p", "r")]
    monkeypatch.setattr(check, "attempt", lambda each, folder: found[:2] if each is check.check_itself else found[2:])
    assert check.main() == 1
    assert capsys.readouterr().out.startswith("PROBLEM  p\n         To mend it: r\n")
