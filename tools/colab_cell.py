"""Give every notebook its first code cell: it installs the workshop where it is missing, and elsewhere does nothing.

The cell has to know where your copy of this repository is. Say it once, in pyproject.toml::

    [project.urls]
    Repository = "https://github.com/your-name/recommender-workshop"

and run ``make colab``: it writes the address into every notebook, and prints the links that open them on Google Colab
and on Binder.
"""

import argparse
import sys
import tomllib
from pathlib import Path
from urllib.parse import quote

import nbformat

ROOT = Path(__file__).parents[1]
CELL = """\
# Where the workshop is not installed yet, as on Google Colab, this cell installs it. Elsewhere it does nothing.
from importlib.util import find_spec

if find_spec("workshop") is None:
    %pip install --quiet "recommender-workshop[cloud,cluster,word2vec] @ git+{repository}\""""
MARK = CELL.splitlines()[0]
NO_ADDRESS = "https://the-address-of-your-copy-is-not-yet-in-pyproject-toml.invalid"


def repository(pyproject: Path = ROOT / "pyproject.toml") -> str:
    """Address of this repository as pyproject.toml names it; one that cannot exist if it names none."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    return project.get("urls", {}).get("Repository", NO_ADDRESS)


def insert(notebook: nbformat.NotebookNode, address: str) -> bool:
    """Whether `notebook` had to be changed so that the cell for `address` follows its title."""
    source = CELL.format(repository=address)
    cell = next((c for c in notebook.cells if c.source.startswith(MARK)), None)
    if cell is not None and cell.source == source:
        return False
    if cell is None:
        cell = nbformat.v4.new_code_cell(source, id="colab", metadata={"tags": ["colab"]})
        notebook.cells.insert(1, cell)
        _number_from_one(notebook)
    cell.source = source
    return True


def _number_from_one(notebook: nbformat.NotebookNode) -> None:
    """Count the code cells anew: the new one does nothing, so the outputs of the others stay what they are."""
    code = [c for c in notebook.cells if c.cell_type == "code" and c.source.strip()]
    for count, cell in enumerate(code, start=1):
        cell.execution_count = count
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = count


def links(path: Path, address: str) -> list[str]:
    """Links that open a notebook of a repository on GitHub: on Google Colab, and on Binder."""
    where = address.removesuffix("/").removesuffix(".git").removeprefix("https://github.com/")
    return [
        f"https://colab.research.google.com/github/{where}/blob/HEAD/notebooks/{path.name}",
        f"https://mybinder.org/v2/gh/{where}/HEAD?urlpath={quote(f'lab/tree/notebooks/{path.name}', safe='')}",
    ]


def main() -> int:
    """Insert or mend the cell in the notebooks named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="+", type=Path)
    arguments = parser.parse_args()
    address = repository()
    for path in arguments.notebooks:
        notebook = nbformat.read(path, as_version=4)
        if insert(notebook, address):
            nbformat.write(notebook, path)
            print(f"{path}: written")
        if address.startswith("https://github.com/"):
            print(*links(path, address), sep="\n")
    if address == NO_ADDRESS:
        print(
            'pyproject.toml has no [project.urls] with Repository = "https://...": the cell cannot install anything yet'
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
