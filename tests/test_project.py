"""The project's own promises: versions in step, arrows of import, no leftovers, notebooks as they should be."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import draw_map
import pytest
import size
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKED = [
    Requirement(line)
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
# Every platform we support, as the markers of a requirement see it.
PLATFORMS = [
    {"sys_platform": system, "platform_machine": machine, "os_name": os_name, "platform_system": name}
    | {"python_version": python, "python_full_version": f"{python}.9", "implementation_name": "cpython"}
    for system, os_name, name, machine in [
        ("linux", "posix", "Linux", "x86_64"),
        ("linux", "posix", "Linux", "aarch64"),
        ("darwin", "posix", "Darwin", "arm64"),
        ("win32", "nt", "Windows", "AMD64"),
    ]
    for python in ("3.11", "3.12", "3.13")
]


# What `make lab` installs beside the dependencies, so that every notebook runs.
(LAB_EXTRAS,) = (
    names.split(",") for names in re.findall("^LAB_EXTRAS := (.*)$", (ROOT / "Makefile").read_text(), re.M)
)


def declared():
    extras = (r for group in PYPROJECT["optional-dependencies"].values() for r in group)
    return [Requirement(r) for r in [*PYPROJECT["dependencies"], *extras]]


@pytest.mark.parametrize(
    "platform", PLATFORMS, ids=lambda p: f"{p['sys_platform']}-{p['platform_machine']}-{p['python_version']}"
)
def test_lock_pins_every_dependency_once_within_its_range(platform):
    locked = {}
    for pin in LOCKED:
        if pin.marker is None or pin.marker.evaluate(platform):
            assert canonicalize_name(pin.name) not in locked, f"{pin.name} is locked twice"
            locked[canonicalize_name(pin.name)] = pin
    for requirement in declared():
        if requirement.marker is None or requirement.marker.evaluate(platform):
            (exact,) = locked[canonicalize_name(requirement.name)].specifier
            assert exact.operator == "=="
            assert requirement.specifier.contains(exact.version), f"{requirement} is locked at {exact.version}"


def test_lock_holds_no_index_address():
    assert not re.search(r"https?://|file:|--index|--find-links", (ROOT / "requirements.lock").read_text())


def test_environment_yml_says_what_pyproject_says():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    conda = [d for d in environment["dependencies"] if isinstance(d, str) and d != "pip"]
    (pip,) = [d["pip"] for d in environment["dependencies"] if isinstance(d, dict)]
    python = f"python{PYPROJECT['requires-python']}"
    found = {str(Requirement(d)) for d in [*conda, *(p for p in pip if not p.startswith("--editable"))]}
    extras = [d for name in LAB_EXTRAS for d in PYPROJECT["optional-dependencies"][name]]
    assert found == {str(Requirement(d)) for d in [*PYPROJECT["dependencies"], *extras, python]}
    assert "--editable ." in pip


# Who may import whom: a room may import those that stand before it in its own row, and those it names.
ROOMS = ["shipped", "datasets", "metrics", "models", "evaluation"]
ENGINE = ["tuning"]
MAY_IMPORT = {
    "tuning": set(),
    **{room: set(ROOMS[:i]) for i, room in enumerate(ROOMS)},
    "objectives": {*ROOMS, "tuning"},
    "distributed": {*ROOMS, "tuning", "objectives"},
    "cloud": {*ROOMS, "tuning", "objectives"},
    "plots": {*ROOMS, "tuning", "objectives"},
    "lab": {"shipped"},
    "check": {"shipped", "lab"},
    "widgets": {*ROOMS, "tuning", "objectives", "plots"},
}
IMPORTED_BY_NOTHING = {"widgets", "exercises", "cloud"}  # they stand last; exercises may read anything
ONLY_IN = {"matplotlib": {"plots"}, "ipywidgets": {"widgets"}, "botocore": {"cloud"}, "boto3": {"cloud"}}


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import; write the full name"
            yield node.module


each_file = pytest.mark.parametrize(
    "path", sorted((ROOT / "workshop").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT))
)


@each_file
def test_imports_follow_the_arrows(path):
    room = path.relative_to(ROOT / "workshop").parts[0].removesuffix(".py")
    for name in imports(path):
        package, *rest = name.split(".")
        if package in ONLY_IN:
            assert room in ONLY_IN[package], f"{path} imports {package}; only {ONLY_IN[package]} may"
        if package == "workshop" and rest and rest[0] != room:
            assert room not in MAY_IMPORT or rest[0] in MAY_IMPORT[room], f"{path}: an arrow backwards, to {name}"
            assert rest[0] not in IMPORTED_BY_NOTHING, f"{path}: nothing imports {rest[0]}"


def public_functions(path):
    """Yield name and node of every public function, public method and constructor of a public class of a file."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        members = node.body if isinstance(node, ast.ClassDef) else [node]
        for function in members:
            if isinstance(function, ast.FunctionDef) and not node.name.startswith("_"):
                if function.name == "__init__" or not function.name.startswith("_"):
                    yield function.name if function is node else f"{node.name}.{function.name}", function


def without_annotation(function):
    """Return the arguments that have no annotation, and "return", of a function; self and cls need none."""
    of = function.args
    arguments = [a for a in (*of.posonlyargs, *of.args, of.vararg, *of.kwonlyargs, of.kwarg) if a]
    missing = [a.arg for a in arguments if a.annotation is None and a.arg not in ("self", "cls")]
    return missing + ["return"] * (function.returns is None and function.name != "__init__")


@each_file
def test_public_functions_are_annotated(path):
    missing = {name: names for name, function in public_functions(path) if (names := without_annotation(function))}
    assert not missing, f"{path.relative_to(ROOT)}: without annotation: {missing}"


def test_import_of_the_package_is_light():
    code = "import sys, workshop; print(sorted({'matplotlib', 'ipywidgets', 'sklearn', 'xgboost'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def test_the_four_notebooks_are_there():
    parts = ["data_exploration", "kmeans_collaborative_filtering", "factorization_machine", "hyperparameter_tuning"]
    assert [path.stem for path in NOTEBOOKS[:4]] == [f"0{part}_{name}" for part, name in enumerate(parts, start=1)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_is_committed_small_executed_in_order_and_without_errors(path):
    assert path.stat().st_size < 3_000_000
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = [c for c in cells if c["cell_type"] == "code" and "".join(c["source"]).strip()]
    assert [c["execution_count"] for c in code] == list(range(1, len(code) + 1)), "run it from the top: make notebooks"
    outputs = [o for c in code for o in c["outputs"]]
    assert not [o for o in outputs if o["output_type"] == "error" or o.get("name") == "stderr"]
    pictures = ["".join(o["data"]["image/png"]) for o in outputs if "image/png" in o.get("data", {})]
    assert len(pictures) >= 3, "a workshop notebook shows pictures; without stored outputs nbval would compare nothing"
    assert max(map(len, pictures)) * 3 / 4 <= 150_000


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_keeps_to_the_measured_style(path):
    done = subprocess.run([sys.executable, ROOT / "tools" / "notebook_style.py", path], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@each_file
def test_no_file_is_long_and_none_is_a_junk_room(path):
    assert path.name not in {"utils.py", "common.py", "helpers.py", "misc.py"}
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 330, f"{path} is long; two rooms would be clearer"


# The map of the package, docs/map.md, is that of the package.
MAP = (ROOT / "docs" / "map.md").read_text(encoding="utf-8")


def test_the_picture_is_the_one_drawn_from_the_imports():
    drawn = draw_map.draw(draw_map.arrows(ROOT / "workshop"))
    assert draw_map.PICTURE.read_text(encoding="utf-8") == drawn, "draw it anew: python tools/draw_map.py"


def test_arrows_are_the_imports_of_other_rooms(tmp_path):
    rooms = {"low": "import numpy", "middle": "from shop.low import x\nimport shop.middle", "high": ""}
    (tmp_path / "shop" / "high").mkdir(parents=True)
    for room, code in rooms.items():
        (tmp_path / "shop" / f"{room}.py").write_text(code)
    (tmp_path / "shop" / "high" / "part.py").write_text("def f():\n    from shop import low, middle\n")
    graph = draw_map.arrows(tmp_path / "shop")
    assert graph == {"low": set(), "middle": {"low"}, "high": {"low", "middle"}}
    assert draw_map.reduced(graph)["high"] == {"middle"}, "what follows from other arrows is left out"
    assert draw_map.draw(graph).count("<line") == 2


@pytest.mark.parametrize("path", re.findall(r"`(workshop/[^`]+\.py)`", MAP))
def test_every_file_that_the_page_names_is_there(path):
    assert (ROOT / Path(path)).is_file()


def test_five_files_come_first_and_every_file_is_told_what_it_buys_the_reader():
    assert len(re.findall(r"^\d\. `workshop/", MAP, re.MULTILINE)) == 5
    told = re.findall(r"`(\w+\.py)`", MAP.partition("## What the lines buy")[2])
    files = {path.name for path in (ROOT / "workshop").rglob("*.py")}
    assert sorted(told) == sorted(files), "a line of docs/map.md for each file"


@pytest.mark.slow
@pytest.mark.parametrize("walk", size.WALKS)
def test_who_steps_through_a_call_opens_few_files(walk):
    most, call = size.WALKS[walk]
    assert 2 <= len(size.run(size.WALK.format(call=call)).split()) <= most
