"""Every way in: the cell for Google Colab, the package without a clone, and the files of Binder and of containers."""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path

import colab
import nbformat
import pytest
import yaml
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
(LAB_EXTRAS,) = re.findall("^LAB_EXTRAS := (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_first_code_cell_says_which_python_has_no_workshop_and_installs_nothing(path):
    cells = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    assert cells[0].source == colab.GUARD and cells[0].outputs == []
    assert not [cell for cell in cells if "%pip" in cell.source or ".invalid" in cell.source]


def test_the_first_cell_names_a_python_without_the_workshop_and_does_nothing_where_there_is_no_colab():
    bare = [sys.executable, "-I", "-S", "-c", colab.GUARD]
    done = subprocess.run(bare, capture_output=True, text=True, encoding="utf-8")
    assert f"The workshop is not installed in {sys.executable}" in done.stderr.splitlines()[-1]
    lines = colab.INSTALL.replace("%pip", "raise SystemExit #")
    done = subprocess.run([sys.executable, "-I", "-c", lines], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_copies_for_colab_are_written_only_once_there_is_an_address(tmp_path, capsys):
    assert colab.main(tmp_path / "colab", None) == 1 and not (tmp_path / "colab").exists()
    assert "[project.urls]" in capsys.readouterr().out
    assert colab.main(tmp_path / "colab", "https://github.com/me/mine") == 0
    assert [path.name for path in sorted((tmp_path / "colab").iterdir())] == [path.name for path in NOTEBOOKS]
    for path in (tmp_path / "colab").iterdir():
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        first, *others = (cell.source for cell in notebook.cells if cell.cell_type == "code")
        assert "git+https://github.com/me/mine" in first and colab.GUARD not in others


def test_address_comes_from_pyproject(tmp_path):
    file = tmp_path / "pyproject.toml"
    file.write_text("[project]\nname = 'x'\n", encoding="utf-8")
    assert colab.repository(file) is None
    file.write_text("[project.urls]\nRepository = 'https://github.com/me/mine.git'\n", encoding="utf-8")
    assert colab.repository(file) == "https://github.com/me/mine.git"
    google, binder = colab.links("1", colab.repository(file))
    assert google == "https://colab.research.google.com/github/me/mine/blob/HEAD/colab/1.ipynb"
    assert binder == "https://mybinder.org/v2/gh/me/mine/HEAD?urlpath=lab%2Ftree%2Fnotebooks%2F1.ipynb"


@pytest.fixture(scope="module")
def empty_python(tmp_path_factory):
    """Python of an environment that has the workshop's dependencies, but not the workshop."""
    folder = tmp_path_factory.mktemp("elsewhere") / "Lern umgebung ü"  # spaces and umlauts, as at home
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    command = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8").stdout.strip()
    ours = sysconfig.get_path("purelib")  # a folder named in a .pth file: packages in it count, editable ones do not
    (Path(packages) / "dependencies.pth").write_text(f"{ours}\n", encoding="utf-8")
    (Path(packages) / "google" / "colab").mkdir(parents=True)  # as Google Colab has it
    return python


ELSEWHERE = """
import sys
from importlib import metadata
from pathlib import Path
import workshop
from workshop.datasets import load_movielens
from workshop.lab import make_copy
from workshop.shipped import shipped_folder
assert Path(sys.prefix) in Path(workshop.__file__).parents, workshop.__file__
assert Path(sys.prefix).resolve() in shipped_folder().resolve().parents, shipped_folder()
assert (shipped_folder() / "README.md").is_file()
assert set(Path("files.txt").read_text(encoding="utf-8").splitlines()) <= {
    file.as_posix() for file in metadata.files("recommender-workshop")
}
print(*make_copy(Path("mine")))
assert len(list(Path("mine").glob("*.ipynb"))) >= 9
print(load_movielens())
"""


@pytest.mark.slow
def test_cell_installs_package_and_ratings_where_there_is_no_clone(empty_python, tmp_path):
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is no clone, so there is nothing to install from")
    committed = ["git", "ls-tree", "-r", "--name-only", "HEAD", "workshop"]
    with (tmp_path / "files.txt").open("wb") as file:
        subprocess.run(committed, cwd=ROOT, stdout=file, check=True)
    script = tmp_path / "first_cells.ipy"
    cell = colab.INSTALL.replace("REPOSITORY", ROOT.as_uri().replace("file:///", "file://localhost/"))
    script.write_text(f"{cell}\n{ELSEWHERE}", encoding="utf-8")
    command = [empty_python, "-m", "IPython", "--no-banner", "--colors=nocolor", script]
    environment = os.environ | {"IPYTHONDIR": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, encoding="utf-8", env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("Ratings('movielens-small': 100,004 ratings, 671 users, 9,066 items)\n")


def test_container_is_made_of_what_there_is_and_what_is_locked_and_is_no_root():
    copied = re.findall(r"^COPY (?:--\S+ )?(.+) \S+$", DOCKERFILE, re.M)
    assert copied and all((ROOT / name).exists() for line in copied for name in line.split())
    (minor,) = re.findall(r"^FROM python:3\.(\d+)-slim@sha256:[0-9a-f]{64}$", DOCKERFILE, re.M)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"3.{minor}" in SpecifierSet(project["requires-python"])
    installs = re.findall(r"\bpip install (.+)", DOCKERFILE)
    options = [set(re.findall(r"(?<=--)[\w-]+", install)) for install in installs]  # no index: that is its user's
    assert options == [{"no-cache-dir"}, {"system", "no-cache", "compile-bytecode", "constraint", "editable"}]
    assert "uv==" in installs[0] and "--constraint requirements.lock" in installs[1]
    users = re.findall(r"^USER (\S+)", DOCKERFILE, re.M)
    assert users and users[-1] not in ("root", "0")
    assert not re.search(r"allow.root|token=|password=", DOCKERFILE)
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".git", ".venv", "**/*.sqlite"} <= set(ignored)
    assert not {"notebooks", "workshop", "data", ".jupyter", "requirements.lock"} & set(ignored)
    made = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    assert (ROOT / ".devcontainer" / made["build"]["dockerfile"]).resolve() == ROOT / "Dockerfile"
    assert f"useradd --create-home --uid 1000 {made['remoteUser']}" in DOCKERFILE


@pytest.mark.parametrize("file", ["Dockerfile", ".devcontainer/devcontainer.json", "docs/delivery.md", "README.md"])
def test_every_way_in_installs_what_the_notebooks_need(file):
    text = (ROOT / file).read_text(encoding="utf-8")
    needed = set(LAB_EXTRAS.split(","))
    found = [set(extras.split(",")) for extras in re.findall(r"\[(\w+(?:,\w+)+)\]", text)]
    assert found and all(needed - {"lab"} <= extras for extras in found) and any(needed <= e for e in found)


def test_workflow_runs_targets_and_files_that_exist():
    workflow = (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"run: make ([\w-]+)", workflow)
    assert targets and all(re.search(rf"^{target}:", makefile, re.M) for target in targets)
    assert all((ROOT / file).is_file() for file in re.findall(r"python (tests/\S+\.py)", workflow))
    extras = set(re.search(r"-e '\.\[(.*)\]'", workflow).group(1).split(","))
    assert {*LAB_EXTRAS.split(","), "test"} <= extras
    assert set(yaml.safe_load(workflow)["jobs"]) == {"test", "processors", "ranges", "places", "wheel", "fuzz"}
