"""Break an installation of the workshop in thirty ways; does `python -m workshop check` name the cause at once?

    python benchmarks/doctor.py             # all of them
    python benchmarks/doctor.py kernel      # those that have this word in their name

Each is an environment of its own, made of links to the packages of this one, with the workshop from a wheel (or as a
folder), in which one thing is broken. Right is: the first line names the cause, there is no traceback, no advice that
cannot be followed, and it takes less than eight seconds on a machine that does nothing else.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import textwrap
import time
import venv
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
SITE = Path(sysconfig.get_path("purelib"))


def build_wheel(folder: Path) -> Path:
    """Return the wheel of this repository, built into `folder`."""
    source = folder / "source"
    leave_out = shutil.ignore_patterns(".git", ".venv", "build", "*.egg-info", "__pycache__", "my-workshop")
    shutil.copytree(ROOT, source, ignore=leave_out)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, source]
    subprocess.run(command, check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


class Setup:
    """An environment in `folder`, with the workshop from a wheel, that can be broken.

    Parameters
    ----------
    folder : Path
        Does not exist yet.
    wheel : Path, optional
        None leaves the workshop out.
    """

    def __init__(self, folder: Path, wheel: Path | None):
        self.folder, self.here = folder, folder / "my notebooks é"
        for each in (self.here, folder / "home"):
            each.mkdir(parents=True)
        venv.create(folder / "env", symlinks=True)
        (self.site,) = (folder / "env" / "lib").glob("python3.*/site-packages")
        for path in SITE.iterdir():
            if not re.match(r"__editable__|recommender_workshop|__pycache__", path.name):
                (self.site / path.name).symlink_to(path)
        self.share = folder / "env" / "share"
        shutil.copytree(Path(sys.prefix) / "share" / "jupyter", self.share / "jupyter")
        self.python = folder / "env" / "bin" / "python"
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(folder / "home"), "LANG": "C.UTF-8"}
        if wheel is not None:
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(self.site)
            (data,) = self.site.glob("recommender_workshop-*.data")
            shutil.copytree(data / "data", folder / "env", dirs_exist_ok=True)
            shutil.rmtree(data)
            self.kernels("copied", self.python)

    def kernels(self, _, python) -> None:
        """Describe the kernel python3 as the one of `python`."""
        spec = {"argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"], "language": "python"}
        self.write("../env/share/jupyter/kernels/python3/kernel.json", json.dumps(spec | {"display_name": "Python 3"}))

    def write(self, name: str, text: str = "") -> Path:
        """Write a file, its name as seen from the notebooks' folder."""
        path = self.here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def remove(self, *patterns: str) -> None:
        """Remove packages: links, or folders that were copied."""
        for pattern in patterns:
            for path in self.site.glob(pattern):
                path.unlink() if path.is_symlink() or path.is_file() else shutil.rmtree(path)

    def damage(self, package: str, text: str) -> None:
        """Put `text` in the place of a package's code; its metadata stay."""
        self.remove(package)
        self.write(f"{self.site}/{package}/__init__.py", text)

    def pretend(self, package: str, version: str) -> None:
        """Let the metadata of a package say another version."""
        (info,) = self.site.glob(f"{package}-*.dist-info")
        text = (info / "METADATA").read_text(encoding="utf-8")
        self.remove(info.name)
        changed = re.sub(r"(?m)^Version: .*$", f"Version: {version}", text, count=1)
        self.write(f"{self.site}/{package}-{version}.dist-info/METADATA", changed)

    def check(self) -> tuple[str, float]:
        """Return what the doctor says, and the seconds that it takes."""
        import resource  # not on Windows, where the tests read this file, too

        begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [self.python, "-m", "workshop", "check"]
        done = subprocess.run(
            command, cwd=self.here, env=self.environment, capture_output=True, text=True, encoding="utf-8", timeout=300
        )
        after, seconds = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - begun
        self.processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return done.stdout + done.stderr, seconds


@dataclass(frozen=True)
class Fault:
    """A way to break a set-up: what it is called, what the first line has to match, and how it is done."""

    name: str
    expected: str
    breaks: Callable[[Setup], object]


def another_copy(setup: Setup, variable: str) -> None:
    """Stand in a second copy of the workshop, while notebooks get the installed one, or the other way round."""
    shutil.copytree(setup.site / "workshop", setup.folder / "second" / "workshop")
    if variable == "cwd":
        shutil.copytree(ROOT / "notebooks", setup.folder / "second" / "notebooks")
        shutil.copytree(ROOT / "data", setup.folder / "second" / "data")
        shutil.copy(ROOT / "pyproject.toml", setup.folder / "second")
        setup.here = setup.folder / "second"
    else:
        path = setup.share / "jupyter" / "kernels" / "python3" / "kernel.json"
        spec = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps(spec | {"env": {"PYTHONPATH": str(setup.folder / "second")}}), encoding="utf-8")


def without_any_package(setup: Setup) -> None:
    """Leave nothing but an unpacked zip file of the repository, in which one stands."""
    setup.remove("*")
    for name in ("workshop", "data", "docs", "notebooks", "pyproject.toml"):
        path = ROOT / name
        shutil.copytree(path, setup.here / name) if path.is_dir() else shutil.copy(path, setup.here)


def shared(setup: Setup) -> Path:
    """Return the folder of what ships beside the code."""
    return setup.share / "recommender-workshop"


def kernel_file(setup: Setup, text: str) -> None:
    """Put `text` in the place of the kernel's description."""
    setup.write("../env/share/jupyter/kernels/python3/kernel.json", text)


def other_python(setup: Setup) -> None:
    """Let the kernel's description name an environment that has packages, but not the workshop."""
    other = Setup(setup.folder / "other", None)
    setup.kernels("other", other.python)


def change_ratings(setup: Setup) -> None:
    """Change one byte of the ratings."""
    path = shared(setup) / "data" / "movielens-small" / "ratings.csv.gz"
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)


def old_manager(setup: Setup) -> None:
    """Exchange the front end's part of ipywidgets for the one of ipywidgets 7."""
    (path,) = (setup.share / "jupyter" / "labextensions" / "@jupyter-widgets").glob("*/package.json")
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"version": "3.1.0"}), encoding="utf-8")


EXTENSION = "jupyter/labextensions/@jupyter-widgets"
FAULTS = [
    Fault("own file: random.py", r"random\.py", lambda s: s.write("random.py", "print('dice')\n")),
    Fault("own file: pandas.py", r"pandas\.py", lambda s: s.write("pandas.py", "# my notes\n")),
    Fault("own file: types.py that is not Python", r"types\.py", lambda s: s.write("types.py", "dear diary\n")),
    Fault("own file: a package numpy", r"numpy", lambda s: s.write("numpy/__init__.py", "version = 1\n")),
    Fault("other copy: one stands in it", r"another copy.*site-packages", lambda s: another_copy(s, "cwd")),
    Fault("other copy: PYTHONPATH of the kernel", r"another copy.*second", lambda s: another_copy(s, "kernel")),
    Fault("other copy: a folder workshop here", r"workshop", lambda s: s.write("workshop/notes.txt")),
    Fault("kernel: description is not JSON", r"kernel", lambda s: kernel_file(s, "{")),
    Fault("kernel: description without a program", r"kernel", lambda s: kernel_file(s, '{"argv": []}')),
    Fault("kernel: its Python is gone", r"kernel.*/gone/python", lambda s: s.kernels("gone", "/gone/python")),
    Fault("kernel: a Python without the workshop", r"another Python.*/other/", other_python),
    Fault("kernel: ipykernel is missing", r"ipykernel", lambda s: s.remove("ipykernel*")),
    Fault("package: numpy is missing", r"numpy is missing", lambda s: s.remove("numpy", "numpy-*")),
    Fault("package: botocore is missing", r"botocore is missing", lambda s: s.remove("botocore", "botocore-*")),
    Fault("package: pandas is damaged", r"pandas.*half", lambda s: s.damage("pandas", "raise OSError('half a file')")),
    Fault("package: gensim is damaged", r"gensim.*binary", lambda s: s.damage("gensim", "raise ValueError('binary')")),
    Fault("package: XGBoost's library", r"xgboost.*libgomp", lambda s: s.damage("xgboost", "raise OSError('libgomp')")),
    Fault(
        "kernel: it ends in a cell", r"kernel.*ends.*no answer", lambda s: s.damage("pandas", "import os; os._exit(4)")
    ),
    Fault(
        "package: scikit-learn is too old",
        r"scikit-learn is version 0\.24",
        lambda s: s.pretend("scikit_learn", "0.24"),
    ),
    Fault("package: pandas is too old", r"pandas is version 1\.5", lambda s: s.pretend("pandas", "1.5.3")),
    Fault("package: packaging is missing", r"packaging", lambda s: s.remove("packaging", "packaging-*")),
    Fault(
        "front end: JupyterLab is missing", r"JupyterLab.*No module", lambda s: s.remove("jupyterlab", "jupyterlab-*")
    ),
    Fault(
        "front end: JupyterLab is damaged",
        r"JupyterLab.*mine",
        lambda s: s.damage("jupyterlab", "raise OSError('mine')"),
    ),
    Fault(
        "front end: JupyterLab is too old",
        r"JupyterLab is version 3\.6",
        lambda s: s.damage("jupyterlab", "") or s.write(f"{s.site}/jupyterlab/__main__.py", "print('3.6.1')"),
    ),
    Fault("front end: no widgets", r"widgets.*missing", lambda s: shutil.rmtree(s.share / EXTENSION)),
    Fault("front end: widgets are too old", r"widgets.*too old", old_manager),
    Fault("ratings: a byte is wrong", r"ratings\.csv\.gz is damaged", change_ratings),
    Fault("ratings: they are gone", r"csv\.gz is missing", lambda s: shutil.rmtree(shared(s) / "data")),
    Fault("place: an empty folder", r"no notebook", lambda s: s.remove("nothing")),
    Fault("place: a zip file, nothing installed", r"missing|not installed", without_any_package),
    Fault("place: the folder cannot be written", r"written into /proc", lambda s: setattr(s, "here", Path("/proc"))),
    Fault("place: HOME cannot be written", r"written into /proc", lambda s: s.environment.update(HOME="/proc")),
    Fault(
        "start-up: IPython's files end it",
        r"startup/a\.py",
        lambda s: s.write("../home/.ipython/profile_default/startup/a.py", "import os; os._exit(3)\n"),
    ),
    Fault(
        "start-up: a matplotlibrc that is wrong",
        r"backend|matplotlib",
        lambda s: s.environment.update(MPLBACKEND="paper"),
    ),
]


def is_named(fault: Fault, said: str) -> bool:
    """Return whether the first line names the cause, and nothing is a traceback."""
    return bool(re.search(fault.expected, said.partition("\n")[0])) and "Traceback" not in said


def main() -> int:
    """Try the faults, print two lines for each; 1 if more than two of them are not named at once."""
    chosen = [fault for fault in FAULTS if any(word in fault.name for word in sys.argv[1:] or [""])]
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        wheel = build_wheel(Path(name))
        for number, fault in enumerate(chosen):
            setup = Setup(Path(name) / str(number), wheel)
            if "empty" not in fault.name:
                shutil.copy(ROOT / "notebooks" / "01_data_exploration.ipynb", setup.here)
            fault.breaks(setup)
            said, seconds = setup.check()
            first, good = said.partition("\n")[0], is_named(fault, said)
            wrong += not good
            took = f"{seconds:5.1f} s ({setup.processor:.1f} s of processor)"
            print(f"{'named' if good else 'NOT NAMED':10} {took}  {fault.name}")
            print(f"{'':19}{first}", flush=True)
            if not good:
                print(textwrap.indent(said, f"{'':19}| "))
    print(f"{len(chosen) - wrong} of {len(chosen)} named in the first line")
    return int(wrong > 2)


if __name__ == "__main__":
    sys.exit(main())
