"""``python -m workshop check``: try what a notebook does; say what is in its way, and how to mend it.

Whether a file or a version is there says little. So the first cells of the first notebook, up to the first picture, are
run in the kernel that a notebook would get and in its folder; there every package is imported, too. What fails is then
explained, the cause first. Advice is such as can be followed: who has a wheel is not told of make. Nothing is changed.
"""

from __future__ import annotations

import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from queue import Empty

from workshop import __version__, lab
from workshop.shipped import BESIDE, PACKAGE, shipped_folder, verify_shipped

# Groups of packages, and what needs them; the extras that no notebook needs are left out.
NEEDED = {"": "every notebook", "cloud": "notebook 4", "cluster": "notebook 4", "word2vec": "the appendix on word2vec"}
MODULES = {"scikit-learn": "sklearn", "xgboost-cpu": "xgboost"}  # where a module is not called as its package
INNER = {"gensim": "gensim.models", "botocore": "botocore.session"}  # where the first import says too little
BASIC = ["numpy", "scipy", "pandas", "matplotlib"]  # where one of these is damaged, others fail because of it
SIGNS = {"problem": "PROBLEM", "note": "note   ", "ok": "ok     "}
SECONDS = 60  # how long the kernel may take for one answer


@dataclass(frozen=True)
class Finding:
    """One thing that was found: its state ("problem" stops a notebook, "note", "ok"), what it is, what to do about it.

    Examples
    --------
    >>> print(Finding("problem", "numpy is missing", "python -m pip install numpy"))
    PROBLEM  numpy is missing
             To mend it: python -m pip install numpy
    """

    state: str
    text: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{SIGNS[self.state]}  {self.text}" + (f"\n{' ' * 9}To mend it: {self.remedy}" if self.remedy else "")


def pip_install(what: str) -> str:
    """Return the command that installs `what` into this Python."""
    return f'"{sys.executable}" -m pip install {what}'


def install_anew() -> str:
    """Return how to install the workshop anew in the way it was installed here: from its folder, or from a wheel."""
    if not (BESIDE / "pyproject.toml").is_file():
        return pip_install("--force-reinstall --no-deps FILE, where FILE is the wheel of the workshop (.whl)")
    if shutil.which("make"):
        return f"in the folder {BESIDE}: make clean setup"
    return f"in the folder {BESIDE}: " + pip_install(f'--editable ".[lab,{",".join(filter(None, NEEDED))}]"')


def requirements() -> Iterator[tuple[str, str, str]]:
    """Yield group, package and allowed versions of all that a notebook needs on this platform."""
    lines = metadata.requires(PACKAGE) or []
    from packaging.requirements import Requirement

    for line in lines:
        group, requirement = line.partition("extra ==")[2].strip(" \"'"), Requirement(line)
        if group in NEEDED and (requirement.marker is None or requirement.marker.evaluate({"extra": group})):
            yield group, requirement.name, str(requirement.specifier)


def look_around(modules: dict[str, str]) -> None:
    """Print, as JSON, what happens when each module is imported, and from where; its source is sent to the kernel."""
    import importlib
    import json
    import sys
    import traceback
    from importlib import metadata

    packages, files = {}, []
    for package, module in modules.items():
        try:
            importlib.import_module(module)
            packages[package] = [metadata.version(package), ""]
        except BaseException as error:  # a damaged package may raise anything
            packages[package] = ["", f"{type(error).__name__}: {error}"]
            files += [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
            files += [str(getattr(error, "filename", ""))]
    for loaded in list(sys.modules.values()):
        files += [str(getattr(loaded, "__file__", "")), *map(str, getattr(loaded, "__path__", []))]
    workshop = getattr(sys.modules.get("workshop"), "__file__", None)
    print(json.dumps({"python": sys.executable, "packages": packages, "files": files, "workshop": workshop}))


class Kernel:
    """The kernel of a notebook in `folder`: why it failed (`error`, "" if it did not), what it printed and drew."""

    def __init__(self, folder: Path):
        self.folder, self.error, self.remedy, self.printed, self.pictures = folder, "", "", "", 0

    def run(self, sources: list[str]) -> None:
        """Start the kernel and run each cell; the first error is kept."""
        from IPython.paths import get_ipython_dir
        from jupyter_client.kernelspec import KernelSpecManager
        from jupyter_client.manager import KernelManager

        where = KernelSpecManager().find_kernel_specs().get("python3", "")
        manager = KernelManager(kernel_name="python3")
        with tempfile.TemporaryFile() as complaints:
            try:
                manager.start_kernel(cwd=str(self.folder), stdout=subprocess.DEVNULL, stderr=complaints)
            except Exception as error:
                self.error = f"The kernel described in {where or 'no folder'} cannot be started: {error}"
                self.remedy = f"remove the folder {where}, then: {pip_install('--force-reinstall ipykernel')}"
                return
            client = manager.blocking_client()
            client.start_channels()
            try:
                client.wait_for_ready(timeout=SECONDS)
                for source in sources:
                    self._run_cell(source, manager, client)
            except RuntimeError as error:  # it died, or is silent
                complaints.seek(0)
                self.printed += complaints.read().decode(errors="replace")
                lines = [line for line in self.printed.splitlines() if line.strip() and "WARNING" not in line]
                self.error = f"The kernel described in {where} ends at once: {[str(error), *lines][-1]}"
                self.remedy = pip_install("--force-reinstall ipykernel")
                if first := [str(file) for file in Path(get_ipython_dir()).glob("profile_default/startup/*.*py")]:
                    self.error += f"; before a notebook it runs {', '.join(first)}"
                    self.remedy = "rename what runs before a notebook"
            finally:
                client.stop_channels()
                manager.shutdown_kernel(now=True)

    def _run_cell(self, source, manager, client):
        asked, begun = client.execute(source), time.monotonic()
        while manager.is_alive() and time.monotonic() < begun + SECONDS:
            try:
                message = client.get_iopub_msg(timeout=0.5)
            except Empty:
                continue
            content = message["content"]
            if message["parent_header"].get("msg_id") == asked:
                self.printed += content.get("text", "")
                self.pictures += "image/png" in content.get("data", {})
                if message["msg_type"] == "error":
                    self.error = self.error or f"The first cells fail: {content['ename']}: {content['evalue']}"
                if content.get("execution_state") == "idle":
                    return
        raise RuntimeError(f"no answer to {source.strip().splitlines()[0]}")


def first_cells() -> list[str]:
    """Return the code of the first notebook, down to the first cell that draws a picture."""
    sources = []
    for cell in next(iter(lab.shipped_notebooks().values()))["cells"]:
        if cell["cell_type"] == "code":
            sources.append("".join(cell["source"]))
            if any("image/png" in output.get("data", {}) for output in cell["outputs"]):
                break
    return sources


def hiding(folders: list[Path], files: list[str]) -> Iterator[Finding]:
    """Yield what lies in one of the folders under the name of a module; a problem if it is among the imported files."""
    names = {*sys.stdlib_module_names, *MODULES, *MODULES.values(), *BASIC, "workshop", "ipykernel", "IPython"}
    for own in (path for folder in folders for path in sorted(folder.glob("*"))):
        module = own.suffix == ".py" or (own / "__init__.py").is_file() or (own.name == "workshop" and own.is_dir())
        if module and own.stem in names and own != BESIDE / "workshop":
            used = any(Path(file).is_relative_to(own) for file in files)
            text = f"{own} hides the module {own.stem}, " + ("which notebooks need" if used else "without harm so far")
            yield Finding("problem" if used else "note", text, "rename it, then Kernel, Restart Kernel in the notebook")


def check_notebook(folder: Path) -> Iterator[Finding]:
    """Whether a notebook in `folder` runs, and if not, why: the cause first."""
    from packaging.specifiers import SpecifierSet

    wanted = sorted(requirements(), key=lambda each: each[1] not in BASIC)
    modules = {name: (MODULES | INNER).get(name, name) for _, name, _ in wanted}
    from jupyter_core.utils import ensure_event_loop

    kernel = Kernel(folder)
    with closing(ensure_event_loop()):  # what talks to the kernel makes one in this thread, and leaves it open
        kernel.run([*first_cells(), f"{inspect.getsource(look_around)}\nlook_around({modules!r})"])
    found = kernel.printed.splitlines()[-1:] or [""]
    seen = json.loads(found[0]) if found[0].startswith('{"python"') else {"packages": {}, "files": []}
    said = re.findall(r'File "?([^":]+\.py)', kernel.printed) if not seen["packages"] else []
    problems: list[Finding] = []
    for group, name, versions in wanted if seen["packages"] else ():
        version, error = seen["packages"][name]
        if error or not SpecifierSet(versions).contains(version, prereleases=True):
            missing = error.startswith("ModuleNotFoundError") and f"'{modules[name].split('.')[0]}'" in error
            what = "is missing" if missing else f"cannot be imported ({error})" if error else f"is version {version}"
            force = "--force-reinstall " if error and not missing else ""
            text = f"{name} {what}; {NEEDED[group]} needs {name}{versions}"
            problems.append(Finding("problem", text, pip_install(f'{force}"{name}{versions}"')))
    python = seen.get("python", sys.executable)
    paths = [Path(each).resolve() for each in os.environ.get("PYTHONPATH", "").split(os.pathsep) if each]
    yield from hiding([folder, *paths], [*seen["files"], *said] if kernel.error or problems else [])
    if (kernel.error or problems) and Path(python).parent != Path(sys.executable).parent:
        text = f"Notebooks run in another Python, {python}, not in {sys.executable}"
        yield Finding("problem", text, "choose another kernel, top right in the notebook")
    if seen.get("workshop") and Path(seen["workshop"]).resolve().parent != BESIDE / "workshop":
        text = (
            f"Notebooks import another copy of the workshop, that in {Path(seen['workshop']).parents[1]}, not {BESIDE}"
        )
        yield Finding("problem", text, "go to the folder of the copy that you mean, and install it: " + install_anew())
    yield from sorted(problems, key=lambda each: "is missing" not in each.text)
    if kernel.error and not problems:
        yield Finding("problem", kernel.error, kernel.remedy or install_anew())
    elif not kernel.error and not kernel.pictures:
        yield Finding("problem", "The first cells of a notebook run, and no picture comes out of them", install_anew())
    elif not problems:
        yield Finding("ok", f"A notebook in {folder} works; its Python is {python}, with all {len(modules)} packages")


def check_itself(folder: Path) -> Iterator[Finding]:
    """Whether this Python is one that the workshop is tested with, and the ratings are those that ship."""
    if not (3, 11) <= sys.version_info[:2] < (3, 14):
        text = f"This is Python {sys.version.split()[0]}; the workshop needs 3.11, 3.12 or 3.13"
        yield Finding("problem", text, "install one of them, and with it the workshop in an environment of its own")
    try:
        verify_shipped(shipped_folder())
    except (OSError, ValueError) as error:
        clone = (BESIDE / ".git").exists() and shutil.which("git")
        remedy = f"in the folder {BESIDE}: git checkout -- data" if clone else install_anew()
        yield Finding("problem", str(error).split(";")[0], remedy)
    if not any(folder.glob("*.ipynb")):
        yield Finding("note", f"There is no notebook in {folder}", f'"{sys.executable}" -m workshop lab')


def check_jupyterlab(folder: Path) -> Iterator[Finding]:
    """Whether JupyterLab starts, is new enough, and can show what asks the kernel while you move it."""
    from jupyter_core.paths import jupyter_path

    command = [sys.executable, "-P", "-m", "jupyterlab", "--version"]
    asked = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace")
    version = asked.stdout.strip().split(".")
    if asked.returncode:
        said = (asked.stderr.strip().splitlines() or ["it says nothing"])[-1]
        text = f"JupyterLab does not start ({said}); you need it unless VS Code or a hub shows your notebooks"
        yield Finding("note", text, pip_install('--force-reinstall "jupyterlab>=4.3"'))
    elif (int(version[0]), int(version[1])) < (4, 3):
        text = f"JupyterLab is version {'.'.join(version)}; living figures need 4.3 or newer"
        yield Finding("note", text, pip_install('--upgrade "jupyterlab>=4.3"'))
    places = jupyter_path("labextensions", "@jupyter-widgets", "jupyterlab-manager", "package.json")
    manager = next(
        (json.loads(Path(each).read_text(encoding="utf-8")) for each in places if Path(each).is_file()), None
    )
    if manager is None or int(manager["version"].split(".")[0]) < 5:
        state = "too old" if manager else "missing"
        text = f"The part of JupyterLab that shows sliders, jupyterlab_widgets, is {state}"
        yield Finding("note", text, pip_install('--force-reinstall "jupyterlab_widgets>=3", and reload the page'))


def check_computer(folder: Path) -> Iterator[Finding]:
    """Whether files can be written, and how much room there is."""
    home = Path(os.path.expanduser("~"))  # it stays "~" where a user has no home at all, as in a container
    for place, state in {home: "note", Path(tempfile.gettempdir()): "problem", folder: "problem"}.items():
        try:
            with tempfile.TemporaryFile(dir=place) as file:
                file.write(b"0" * 1024)
        except OSError as error:
            remedy = "copy your notebooks to a folder that is yours, or make room on the disk"
            yield Finding(
                state, f"Nothing can be written into {place} ({error.strerror})", remedy * (state == "problem")
            )
    if (free := shutil.disk_usage(folder).free / 2**30) < 1:
        yield Finding("note", f"Only {free:.1f} GB are free on the disk")


def attempt(check: Callable[[Path], Iterator[Finding]], folder: Path) -> list[Finding]:
    """Return what a check finds; that it breaks down is a finding, too."""
    try:
        return list(check(folder))
    except metadata.PackageNotFoundError:
        return [Finding("problem", f"The workshop is not installed in {sys.executable}", install_anew())]
    except ModuleNotFoundError as error:
        return [Finding("problem", f"The package {error.name} is missing", pip_install(str(error.name)))]
    except Exception as error:
        text = f"{check.__doc__} That cannot be tried: {type(error).__name__}: {error}"
        return [Finding("problem", text, install_anew())]


def examine(folder: Path) -> list[Finding]:
    """Return the findings of every check for notebooks in `folder`, problems first."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as private, ThreadPoolExecutor() as pool:
        os.environ.update(lab.writable_places(Path(private)))
        checks = (check_itself, check_notebook, check_jupyterlab, check_computer)
        findings = [each for found in pool.map(attempt, checks, [folder] * len(checks)) for each in found]
    return sorted(findings, key=lambda finding: list(SIGNS).index(finding.state))


def main() -> int:
    """Print what was found, the cause first; return 1 if something stops a notebook, otherwise 0."""
    here = Path.cwd()
    folder = next((each for each in (here, here / lab.USUAL, here / "notebooks") if any(each.glob("*.ipynb"))), here)
    findings = examine(folder)
    print(*findings, sep="\n")
    print(f"\nRecommender Workshop {__version__}, in {BESIDE / 'workshop'}, with {sys.executable}")
    problem = findings[0].state == "problem"
    if problem:
        print("Mend the first problem first, it may be the cause of others; then check again: python -m workshop check")
    return int(problem)
