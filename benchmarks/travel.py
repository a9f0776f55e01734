"""From the wheel alone: does the workshop run where there is no repository, no git and no make, in an awkward place?

    python benchmarks/travel.py             # the four notebooks
    python benchmarks/travel.py all         # the appendices, too

It makes a new environment with nothing but the wheel and what it requires, and a folder whose path has blanks, accents
and 150 characters. HOME cannot be written, and IPython's start-up file asks for windows that nobody can open. There
`lab` has to serve the notebooks, `check` has to find nothing, and each notebook of the working copy has to run from top
to bottom. The repository around the copy has to stay clean.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from doctor import ROOT, build_wheel

EXTRAS = "lab,cloud,cluster,word2vec"
STARTUP = 'import matplotlib\n\nmatplotlib.use("TkAgg")\n'


def long_folder(parent: Path, length: int = 150) -> Path:
    """Return a folder in `parent` whose path has blanks, accents and `length` characters."""
    name = "Ein schöner Kurs für Zoé à l'école "
    missing = length - len(str(parent)) - 1
    folder = parent / (name * 5)[:missing].replace("  ", " ").strip().ljust(missing, "x")
    folder.mkdir(parents=True)
    return folder


class Place:
    """A new environment with the wheel, a folder to work in, and an awkward environment around it."""

    def __init__(self, parent: Path):
        wheel = build_wheel(parent)
        subprocess.run([sys.executable, "-m", "venv", parent / "env"], check=True)
        self.python = parent / "env" / "bin" / "python"
        self.here = long_folder(parent)
        lock = ["--constraint", ROOT / "requirements.lock"]
        install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", self.python]
        subprocess.run([*install, *lock, f"{wheel}[{EXTRAS}]"], check=True)
        shutil.rmtree(parent / "source")
        (parent / "only").mkdir()  # a PATH without git and make
        start = parent / "ipython" / "profile_default" / "startup" / "windows.py"
        start.parent.mkdir(parents=True)
        start.write_text(STARTUP, encoding="utf-8")
        self.environment = {"PATH": str(parent / "only"), "HOME": "/proc", "IPYTHONDIR": str(parent / "ipython")}

    def start(self, *words, **options) -> subprocess.Popen:
        """Start this environment's Python with `words`, in the folder with the long name."""
        output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "encoding": "utf-8"}
        command = [self.python, *words]
        return subprocess.Popen(command, cwd=self.here, env=self.environment, **output | options)

    def run(self, *words) -> tuple[int, str]:
        """Run this environment's Python with `words`; return its status and what it said."""
        with self.start(*words) as process:
            said = process.communicate(timeout=3600)[0]
        return process.returncode, said


def answers(place: Place, port: int = 8931, seconds: int = 120) -> bool:
    """Return whether `python -m workshop lab` serves the working copy; it is ended afterwards."""
    words = ["--no-browser", "--allow-root", f"--ServerApp.port={port}", "--IdentityProvider.token=abc"]
    with place.start("-m", "workshop", "lab", *words, stdout=subprocess.DEVNULL, start_new_session=True) as process:
        try:
            for _ in range(seconds):
                try:
                    with urllib.request.urlopen(f"http://localhost:{port}/api/contents?token=abc", timeout=5) as answer:
                        return b"01_data_exploration.ipynb" in answer.read()
                except (OSError, urllib.error.URLError):
                    time.sleep(1)
            return False
        finally:
            os.killpg(process.pid, 15)


def execute(notebook: str) -> list[str]:
    """Return the words that run a notebook in place, with the environment that `lab` gives to JupyterLab."""
    code = f"""
import os, nbformat
from nbclient import NotebookClient
from pathlib import Path
from workshop.lab import writable_places
os.environ.update(writable_places(Path("my-workshop")))
path = Path("my-workshop", {notebook!r})
notebook = nbformat.read(path, as_version=4)
NotebookClient(notebook, timeout=900, resources={{"metadata": {{"path": "my-workshop"}}}}).execute()
nbformat.write(notebook, path)
"""
    return ["-c", code]


def main() -> int:
    """Print a line for each thing that has to work; return how many do not."""
    wrong = 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        place = Place(Path(name))
        print(f"{len(str(place.here))} characters: {place.here}")

        def say(what: str, good: bool, said: str = "") -> None:
            nonlocal wrong
            wrong += not good
            print(f"{'works' if good else 'FAILS':6} {what}" + (f"\n{said}" if not good else ""), flush=True)

        git = ["git", "-c", "safe.directory=*", "-C", str(place.here)]
        subprocess.run([*git, "init", "--quiet"], check=True)
        (place.here / ".gitignore").write_text("/my-workshop*/\n", encoding="utf-8")  # as in this repository
        say("lab", answers(place))
        status, said = place.run("-m", "workshop", "check")
        say("check", status == 0 and "PROBLEM" not in said, said)
        pattern = "*.ipynb" if "all" in sys.argv else "0*.ipynb"
        for path in sorted((place.here / "my-workshop").glob(pattern)):
            begun = time.perf_counter()
            status, said = place.run(*execute(path.name))
            say(f"{path.stem}, {time.perf_counter() - begun:.0f} s", status == 0, said[-3000:])
        left = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=True).stdout
        say("git status", left == "?? .gitignore\n", left)
    return wrong


if __name__ == "__main__":
    sys.exit(main())
