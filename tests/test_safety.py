"""What the package must not do: unpickle, evaluate text, extract archives, guess an encoding."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted(f for folder in ("workshop", "tools") for f in (ROOT / folder).rglob("*.py"))
FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal", "joblib", "imp"}
FORBIDDEN_CALLS = {"eval", "exec", "execfile", "__import__", "compile"}
FORBIDDEN_METHODS = {"read_pickle", "extractall", "extract_all", "system", "popen", "unpack_archive", "literal_eval"}
TEXT_METHODS = {"read_text", "write_text"}


def calls(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield node, name, isinstance(node.func, ast.Attribute)


def problems(path):
    """Each line of a file that does what it must not, in words."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        yield from (f"line {node.lineno} imports {n}" for n in names if n.split(".")[0] in FORBIDDEN_MODULES)
    for node, name, is_method in calls(path):
        options = {k.arg: k.value for k in node.keywords}
        if name in (FORBIDDEN_METHODS if is_method else FORBIDDEN_CALLS):
            yield f"line {node.lineno} calls {name}"
        if isinstance(options.get("shell"), ast.Constant) and options["shell"].value:
            yield f"line {node.lineno} runs a shell"
        if isinstance(options.get("allow_pickle"), ast.Constant) and options["allow_pickle"].value:
            yield f"line {node.lineno} allows pickles"
        if is_method and name in TEXT_METHODS and "encoding" not in options and not names_encoding(node, name):
            yield f"line {node.lineno} does not say which encoding"
        if name in ("open", "fdopen") and opens_text(node, is_method) and "encoding" not in options:
            yield f"line {node.lineno} opens text and does not say which encoding"


def names_encoding(node, name):
    """Whether the encoding stands among the positions of a call of read_text or write_text."""
    return len(node.args) > (0 if name == "read_text" else 1)


def opens_text(node, is_method):
    """Whether a call of open gives text; methods of things that are no files (archives, databases) have no mode."""
    places = node.args if is_method else node.args[1:]
    modes = [
        a.value for a in [*places, *(k.value for k in node.keywords if k.arg == "mode")] if isinstance(a, ast.Constant)
    ]
    modes = [m for m in modes if isinstance(m, str) and set(m) <= set("rwaxbt+")]
    return "b" not in modes[0] if modes else not is_method


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_file_runs_no_text_and_names_its_encodings(path):
    assert list(problems(path)) == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("import pickle", "imports pickle"),
        ("from joblib import load", "imports joblib"),
        ("eval('1')", "calls eval"),
        ("archive.extractall(folder)", "calls extractall"),
        ("subprocess.run('ls', shell=True)", "runs a shell"),
        ("np.load(file, allow_pickle=True)", "allows pickles"),
        ("path.read_text()", "which encoding"),
        ("path.write_text('x')", "which encoding"),
        ("open(name)", "which encoding"),
        ("path.open('w')", "which encoding"),
    ],
)
def test_it_would_be_found(line, found, tmp_path):
    (tmp_path / "bad.py").write_text(line, encoding="utf-8")
    (problem,) = problems(tmp_path / "bad.py")
    assert found in problem


@pytest.mark.parametrize("line", ["path.read_text('utf-8')", "path.open('rb')", "open(f, 'w', encoding='utf-8')"])
def test_what_is_right_passes(line, tmp_path):
    (tmp_path / "good.py").write_text(line, encoding="utf-8")
    assert list(problems(tmp_path / "good.py")) == []
