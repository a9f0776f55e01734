"""Write copies of the notebooks for Google Colab into ``colab/``: their first code cell installs the workshop there.

The cell has to know where your copy of this repository is. Say it once, in pyproject.toml::

    [project.urls]
    Repository = "https://github.com/your-name/recommender-workshop"

then run ``make colab``, commit ``colab/`` and push. It prints the links that open the notebooks on Colab and on Binder.
"""

import json
import sys
import tomllib
from pathlib import Path
from urllib.parse import quote

from workshop.lab import shipped_notebooks, without_outputs

ROOT = Path(__file__).parents[1]
# The first code cell of every notebook; a copy for Colab has INSTALL in its place.
GUARD = """\
import sys
from importlib.util import find_spec

# If this stops: click on the kernel's name, top right, and choose another Python.
assert find_spec("workshop"), f"The workshop is not installed in {sys.executable}\""""
INSTALL = """\
# On Google Colab this cell installs the workshop, which takes a minute. Elsewhere it does nothing.
try:
    import google.colab
    %pip install --quiet "recommender-workshop[cloud,cluster,word2vec] @ git+REPOSITORY"
except ImportError:
    pass"""


def repository(pyproject: Path = ROOT / "pyproject.toml") -> str | None:
    """Return the address of this repository that pyproject.toml names; None if it names none."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    return project.get("urls", {}).get("Repository")


def for_colab(notebook: dict, address: str) -> dict:
    """Return the notebook without outputs, and with the cell that installs the workshop from `address`."""
    copy = without_outputs(notebook)
    (guard,) = (cell for cell in copy["cells"] if "".join(cell["source"]) == GUARD)
    guard["source"] = INSTALL.replace("REPOSITORY", address).splitlines(keepends=True)
    return copy


def links(name: str, address: str) -> list[str]:
    """Return the links that open a notebook of a repository on GitHub: on Google Colab, and on Binder."""
    where = address.removesuffix("/").removesuffix(".git").removeprefix("https://github.com/")
    return [
        f"https://colab.research.google.com/github/{where}/blob/HEAD/colab/{name}.ipynb",
        f"https://mybinder.org/v2/gh/{where}/HEAD?urlpath={quote(f'lab/tree/notebooks/{name}.ipynb', safe='')}",
    ]


def main(folder: Path = ROOT / "colab", address: str | None = repository()) -> int:
    """Write the copies into `folder`; 1, and nothing is written, where no address is known."""
    if address is None:
        print('First say where your copy is, in pyproject.toml: [project.urls] with Repository = "https://..."')
        return 1
    folder.mkdir(exist_ok=True)
    for name, notebook in shipped_notebooks().items():
        text = json.dumps(for_colab(notebook, address), indent=1, ensure_ascii=False)
        (folder / f"{name}.ipynb").write_text(text + "\n", encoding="utf-8")
        print(folder / f"{name}.ipynb", *(links(name, address) if "//github.com/" in address else []), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
