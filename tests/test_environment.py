"""The check of a computer: what it says of broken ones, and that it never breaks itself."""

import json
import shutil
import socket
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from workshop import __main__ as command
from workshop.environment import CHECKS, Finding, computer, packages
from workshop.shipped import shipped_folder

ROOT = Path(__file__).parents[1]


def problems(findings):
    return [finding for finding in findings if finding.state == "problem"]


def only(findings):
    (finding,) = problems(findings)
    return finding


def versions(**wrong):
    """Versions as they are here, but for `wrong`: another version, or None where the package shall be missing."""

    def version(name):
        found = wrong.get(name.replace("-", "_"), ...)
        if found is None:
            raise metadata.PackageNotFoundError(name)
        return metadata.version(name) if found is ... else found

    return version


def test_here_everything_is_found(capsys):
    assert command.main(["check"]) == 0
    shown = capsys.readouterr().out
    assert "PROBLEM" not in shown and "Everything is here" in shown


def test_it_imports_nothing_heavy():
    heavy = {"numpy", "pandas", "matplotlib", "ipywidgets", "sklearn", "xgboost", "scipy", "jupyterlab", "IPython"}
    code = f"import sys; from workshop.__main__ import main; main(['check']); print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8")
    assert done.stdout.splitlines()[-1] == "set()"


@pytest.mark.parametrize("version", [(3, 10, 9), (3, 14, 0), (2, 7, 18)])
def test_another_python_is_a_problem(version):
    assert ".".join(map(str, version)) in only(packages.check_python(version)).text
    assert not problems(packages.check_python((3, 13, 7)))


def test_missing_and_old_packages_are_named_with_what_needs_them():
    findings = problems(packages.check_packages(versions=versions(numpy=None, pandas="1.5.3", gensim=None)))
    assert [f.text for f in findings] == [
        "numpy is missing; every notebook needs it",
        "pandas is version 1.5.3, and >=2.2 is needed; every notebook needs it",
        "gensim is missing; notebook 4 needs it",
    ]
    assert {f.remedy for f in findings} == {"make setup"}


def test_a_missing_extra_is_a_note_that_says_what_it_is_for():
    findings = list(packages.check_packages(versions=versions(numba=None)))
    (finding,) = (
        f for f in findings if f.text == "numba is missing (only for a faster sampler for ten million ratings)"
    )
    assert finding.state == "note" and ".[fast]" in finding.remedy


def test_every_extra_is_explained():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert {*packages.NEEDED, *packages.OPTIONAL} == {"", *extras}


def test_without_packaging_it_says_so(monkeypatch):
    monkeypatch.setattr(packages, "Requirement", None)
    assert "packaging" in only(packages.check_packages()).text
    assert not problems(packages.check_lock())


def test_requirements_come_from_the_package_where_there_is_no_clone(tmp_path):
    def names(groups):
        return {extra: {r.name for r in wanted} for extra, wanted in groups.items()}

    assert names(packages.requirements(tmp_path)) == names(packages.requirements())


def test_package_that_is_only_in_this_folder_is_a_problem(tmp_path):
    assert "not installed" in only(packages.check_itself([str(tmp_path)])).text


def test_other_versions_than_locked_are_a_note(tmp_path):
    lock = tmp_path / "requirements.lock"
    lock.write_text("# by hand\nnumpy==0.1\npywin32==300 ; sys_platform == 'nowhere'\n", encoding="utf-8")
    (finding,) = packages.check_lock(lock)
    assert finding.state == "note" and "numpy" in finding.text and "tested: 0.1" in finding.text
    assert not list(packages.check_lock(tmp_path / "absent"))


def test_library_of_xgboost_that_does_not_load_is_a_problem(monkeypatch):
    def refuse(path):
        raise OSError("libgomp.so.1: cannot open shared object file")

    monkeypatch.setattr(packages.ctypes, "CDLL", refuse)
    finding = only(packages.check_xgboost())
    assert "libgomp" in finding.text and finding.remedy


def test_damaged_and_missing_ratings_are_problems(tmp_path):
    copy = shutil.copytree(shipped_folder(), tmp_path / "movielens-small")
    assert not problems(computer.check_data(copy))
    with (copy / "movies.csv.gz").open("ab") as file:
        file.write(b"x")
    assert "movies.csv.gz is damaged" in only(computer.check_data(copy)).text
    (copy / "ratings.csv.gz").unlink()
    assert "ratings.csv.gz is missing" in only(computer.check_data(copy)).text


def kernel(folder, python):
    (folder / "kernels" / "python3").mkdir(parents=True)
    spec = json.dumps({"argv": [python, "-m", "ipykernel_launcher"]})
    (folder / "kernels" / "python3" / "kernel.json").write_text(spec, encoding="utf-8")
    return folder


def test_kernel_of_another_python_is_a_problem(tmp_path):
    other, ours = kernel(tmp_path / "other", "/opt/other/bin/python"), kernel(tmp_path / "ours", sys.executable)
    bare = kernel(tmp_path / "bare", "python")
    assert "/opt/other/bin/python" in only(computer.check_jupyter([other, ours])).text
    assert not problems(computer.check_jupyter([ours, other])) and not problems(computer.check_jupyter([bare]))
    assert "no Python kernel" in only(computer.check_jupyter([])).text


def test_missing_extension_for_widgets_is_a_note(tmp_path):
    findings = list(computer.check_jupyter([kernel(tmp_path, "python")]))
    assert [f.state for f in findings] == ["ok", "note"] and "widgets" in findings[1].text


def test_folder_that_cannot_be_written_is_a_problem(tmp_path, monkeypatch):
    def refuse(dir):
        raise PermissionError(13, "Permission denied")

    assert not problems(computer.check_folders([tmp_path / "not" / "yet"]))
    monkeypatch.setattr(computer.tempfile, "TemporaryFile", refuse)
    assert f"{tmp_path} (Permission denied)" in only(computer.check_folders([tmp_path])).text


def test_port_in_use_is_a_note():
    with socket.create_server(("127.0.0.1", 0)) as other:
        (finding,) = computer.check_port(other.getsockname()[1])
    assert finding.state == "note" and "next free" in finding.remedy


def test_python_without_any_package_gets_an_answer_in_plain_words(tmp_path):
    for name in ("workshop", "data"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    command = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        "import sys; sys.path.insert(0, '.'); import workshop.__main__ as m; m.main(['check'])",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout.count("PROBLEM") >= 3 and "Mend the first problem first" in done.stdout


def test_status_says_whether_there_is_a_problem(monkeypatch, capsys):
    monkeypatch.setattr(command, "examine", lambda: iter([Finding("note", "n"), Finding("problem", "p", "r")]))
    assert command.main(["check"]) == 1
    assert "To mend it: r" in capsys.readouterr().out


def test_every_check_is_run():
    found = {f for room in (packages, computer) for name, f in vars(room).items() if name.startswith("check_")}
    assert found == set(CHECKS)
