"""``python -m workshop lab``: a working copy of the notebooks, which is yours, and JupyterLab opened on it.

The notebooks that ship are read, never written. A working copy only grows: nothing in this file overwrites or deletes,
but for solutions that are to be taken out of notebooks which nobody has edited. A copy remembers in its metadata which
notebook it was made from, so that after an update of the workshop the new notebook is put beside the one that you have
edited.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from workshop.shipped import shipped_root

USUAL = "my-workshop"
DOCUMENTS = {
    "cheat_sheet.md": "docs/cheat_sheet.md",
    "cluster.md": "docs/cluster.md",
    "glossary.md": "docs/glossary.md",
    "DATA_LICENCE.md": "data/movielens-small/README.md",
}
NO_SOLUTIONS = "no_solutions.txt"  # where a file of this name lies beside the notebooks, `solution` tells nothing
TOLD = re.compile(r"<details><summary>(?:Solution|Answer) .*?</details>\n*", re.DOTALL)
TO_BE_RUN = {"output_type": "display_data", "metadata": {}, "data": {"text/plain": "Run this cell to use it."}}


def version_of(notebook: dict) -> str:
    """Return a short text that differs between notebooks whose cells differ; outputs do not count.

    Examples
    --------
    >>> cell = {"cell_type": "code", "source": ["1 +\\n", "1"], "outputs": ["2"]}
    >>> version_of({"cells": [cell]}) == version_of({"cells": [cell | {"source": "1 +\\n1", "outputs": []}]})
    True
    """
    cells = [[cell["cell_type"], "".join(cell["source"])] for cell in notebook["cells"]]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()[:16]


def without_outputs(notebook: dict) -> dict:
    """Return the notebook as somebody finds it who has not run it: a living figure says that its cell has to be run.

    Examples
    --------
    >>> cell = {"cell_type": "code", "source": "1", "outputs": [{"data": {"text/plain": "1"}}], "execution_count": 3}
    >>> without_outputs({"metadata": {}, "cells": [cell]})["cells"][0]["outputs"]
    []
    """
    cells = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"]).replace("](../docs/", "](")  # in a working copy all lies in one folder
        cell = cell | {"source": source.splitlines(keepends=True)}
        if cell["cell_type"] == "code":
            pages = ["".join(each.get("data", {}).get("text/html", "")) for each in cell["outputs"]]
            living = any('<figure class="workshop"' in page for page in pages)
            cell |= {"execution_count": None, "outputs": [TO_BE_RUN] if living else []}
        cells.append(cell)
    return notebook | {"cells": cells, "metadata": notebook["metadata"] | {"made_from": version_of(notebook)}}


def without_solutions(notebook: dict) -> dict:
    """Return the notebook without the solutions and answers that are folded in it; hints stay.

    Examples
    --------
    >>> text = "What is 1 + 1? <details><summary>Solution 1.1</summary>2</details>"
    >>> without_solutions({"cells": [{"cell_type": "markdown", "source": text}]})
    {'cells': [{'cell_type': 'markdown', 'source': 'What is 1 + 1? '}]}
    """
    cells = [cell | {"source": TOLD.sub("", "".join(cell["source"]))} for cell in notebook["cells"]]
    return notebook | {"cells": cells}


def shipped_notebooks(*, solutions: bool = True) -> dict[str, dict]:
    """Return the notebooks that ship, by name, with or without solutions: ``01_data_exploration`` comes first."""
    paths = sorted((shipped_root() / "notebooks").glob("*.ipynb"))
    shipped = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths}
    return shipped if solutions else {name: without_solutions(notebook) for name, notebook in shipped.items()}


def write_notebook(notebook: dict, folder: Path, name: str) -> Path:
    """Write a notebook under `name`, or the next name that is free (``name_2``, ...); return where it is."""
    path, number = folder / f"{name}.ipynb", 1
    while path.exists():
        number += 1
        path = folder / f"{name}_{number}.ipynb"
    with path.open("x", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")
    return path


def copies_in(folder: Path, name: str) -> dict[Path, tuple[dict, set]]:
    """Return what is in the folder of a notebook: each copy, the version it equals and the one that it was made from.

    A learner's file that is broken is left out, so that a whole one is put beside it.
    """
    found = {}
    for path in folder.glob(f"{name}*.ipynb"):
        try:
            notebook = json.loads(path.read_text(encoding="utf-8"))
            found[path] = notebook, {version_of(notebook), notebook["metadata"].get("made_from")}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            pass
    return found


def take_out_solutions(folder: Path) -> Iterator[str]:
    """Take the solutions out of the copies in `folder` that nobody has edited, and yield what was done, or was not.

    Outputs stay. A notebook whose text or code was edited is left as it is: it may hold a learner's work.
    """
    for name, notebook in shipped_notebooks().items():
        unedited = version_of(without_outputs(notebook))
        for path, (copy, _) in copies_in(folder, name).items():
            bare = without_solutions(copy)
            if version_of(bare) == version_of(copy):
                continue
            if version_of(copy) == unedited:
                bare["metadata"] |= {"made_from": version_of(without_solutions(notebook))}
                write_notebook(bare, folder, name).replace(path)
                yield f"The solutions are taken out of {path.name}"
            else:
                remedy = "Move it elsewhere before you hand this folder out"
                yield f"{path.name} was edited: it stays as it is, WITH SOLUTIONS. {remedy}"


def make_copy(folder: Path, *, solutions: bool = True) -> Iterator[str]:
    """Put into `folder` what it lacks of the workshop, and yield what was done, a sentence each.

    Without `solutions` it is a copy to hand out: none stands in it, and there `workshop.exercises.solution` tells none.
    It stays one, whatever is said later, while the file no_solutions.txt is in it. If `folder` holds a copy with
    solutions, they are taken out; a sentence names the notebooks that were edited, and so keep theirs.
    Raises ValueError for the folder in which the workshop keeps its own notebooks.
    """
    if folder.resolve().is_relative_to(shipped_root() / "notebooks"):
        raise ValueError(f"{folder} holds the workshop's own notebooks; name another folder for your copy of them")
    folder.mkdir(parents=True, exist_ok=True)
    if folder.resolve().is_relative_to(shipped_root()) and not (folder / ".gitignore").exists():
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")  # so that a clone stays as it was
    if not solutions:
        (folder / NO_SOLUTIONS).write_text("While this file is here, solution() tells none.\n", encoding="utf-8")
        yield from take_out_solutions(folder)
    new = 0
    for name, notebook in shipped_notebooks(solutions=not (folder / NO_SOLUTIONS).exists()).items():
        if any(version_of(notebook) in versions for _, versions in copies_in(folder, name).values()):
            continue
        path = write_notebook(without_outputs(notebook), folder, name)
        new += 1
        if path.stem != name:
            yield f"There is a new version of {name}. Yours stays as it is; the new one is {path.name}"
    for name, source in DOCUMENTS.items():
        if not (folder / name).exists():
            text = (shipped_root() / source).read_text(encoding="utf-8").replace("](../notebooks/", "](")
            text = re.sub(r"\[([^]]*)\]\(\.\./[^)]*\)", r"\1", text)  # what is not copied has no link
            (folder / name).write_text(text, encoding="utf-8")
    yield f"Your copy is {folder.resolve()} ({new or 'no'} new notebook{'s' * (new != 1)})"


def usual_folder() -> Path:
    """Return the working copy in which one stands, or ``my-workshop`` in this folder."""
    return Path.cwd() if Path.cwd().name == USUAL else Path(USUAL)


def copy_notebook(name: str, folder: Path) -> Path:
    """Put a fresh notebook into `folder` under a name that is free; return where it is.

    `name` is enough of a name to know which is meant: ``01``, ``early``; ValueError names those there are if it is not.
    """
    notebooks = shipped_notebooks(solutions=not (folder / NO_SOLUTIONS).exists())
    wanted = re.sub(r"_\d+$", "", Path(name).stem)
    meant = [each for each in notebooks if wanted == each] or [each for each in notebooks if wanted in each]
    if len(meant) != 1:
        raise ValueError(f"{name!r} is not the name of one notebook; there are {', '.join(notebooks)}")
    folder.mkdir(parents=True, exist_ok=True)
    return write_notebook(without_outputs(notebooks[meant[0]]), folder, meant[0])


def writable_places(folder: Path) -> dict[str, str]:
    """Return variables that lead Jupyter, IPython and matplotlib below `folder`; none where HOME can be written."""
    try:
        with tempfile.TemporaryFile(dir=Path.home()):
            return {}
    except (OSError, RuntimeError):
        names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR", "MPLCONFIGDIR")
        settings = folder.resolve() / ".settings"
        settings.mkdir(exist_ok=True)  # IPython goes elsewhere, with a warning, if it is not there
        return {name: str(settings / name.lower()) for name in names if name not in os.environ}


def open_lab(folder: Path, options: list[str]) -> int:
    """Open JupyterLab on `folder`, with this Python; return its exit status when it is closed."""
    os.environ.update(writable_places(folder))
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # small models do not gain from more
    os.environ.setdefault("JUPYTER_CONFIG_PATH", str(shipped_root() / ".jupyter"))
    command = [sys.executable, "-P", "-m", "jupyterlab", f"--ServerApp.root_dir={folder.resolve()}", *options]
    try:
        return subprocess.run(command).returncode
    except KeyboardInterrupt:  # Ctrl-C is how one closes it
        return 0
