"""Python and its packages: each there, in a version that works, and whole.

What is installed is read from the packages' metadata: importing them would be slow, and would fail where one is broken.
"""

from __future__ import annotations

import contextlib
import ctypes
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from workshop.environment.finding import Finding

try:
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name
except ImportError:  # pip has a copy; where it is gone as well, `check_packages` says what to do
    try:
        from pip._vendor.packaging.requirements import Requirement
        from pip._vendor.packaging.utils import canonicalize_name
    except ImportError:
        Requirement = None

CLONE = Path(__file__).parents[2]
PACKAGE = "recommender-workshop"
NEEDED = {"": "every notebook", "cloud": "notebook 4", "cluster": "notebook 4", "word2vec": "notebook 4"}
OPTIONAL = {
    "lab": "JupyterLab, unless somebody else runs it for you",
    "fast": "a faster sampler for ten million ratings",
    "site": "the site and the slides",
    "test": "the tests",
    "browser": "the tests in a real browser",
}


def requirements(clone: Path = CLONE) -> dict[str, list]:
    """Requirements of each group, as pyproject.toml of a clone or the installed package names them.

    Parameters
    ----------
    clone : Path
        Folder in which pyproject.toml is looked for.

    Returns
    -------
    dict
        Name of the extra ("" for what is always needed) to a list of ``packaging`` Requirements; those for other
        platforms are left out. Empty if neither is there.

    Examples
    --------
    >>> "numpy" in [requirement.name for requirement in requirements()[""]]
    True
    """
    groups: dict[str, list[str]] = {}
    if (clone / "pyproject.toml").is_file():
        project = tomllib.loads((clone / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        groups = {"": project["dependencies"], **project["optional-dependencies"]}
    else:
        with contextlib.suppress(metadata.PackageNotFoundError):
            for line in metadata.requires(PACKAGE) or []:
                extra = line.partition("extra ==")[2].strip(" \"'")
                groups.setdefault(extra, []).append(line)
    parsed = {extra: [Requirement(text) for text in texts] for extra, texts in groups.items()}
    return {extra: [r for r in found if _applies(r, extra)] for extra, found in parsed.items()}


def _applies(requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def check_python(version: tuple[int, ...] = sys.version_info[:3]) -> Iterator[Finding]:
    """Whether this Python is one that the workshop is tested with."""
    shown = ".".join(map(str, version))
    if (3, 11) <= version < (3, 14):
        yield Finding("ok", f"Python {shown} at {sys.executable}")
    else:
        yield Finding(
            "problem",
            f"This is Python {shown}; the workshop needs 3.11, 3.12 or 3.13",
            "install one of them, remove the folder .venv, then: make PYTHON=/path/to/python3.12 setup",
        )


def check_packages(groups: dict[str, list] | None = None, versions=metadata.version) -> Iterator[Finding]:
    """Whether each package is there, in a version that the workshop works with.

    Parameters
    ----------
    groups : dict, optional
        As `requirements` gives them.
    versions : callable
        Name of a package to its version; raises PackageNotFoundError if it is not installed.
    """
    if Requirement is None:
        yield Finding("problem", "The package packaging is missing", "python -m pip install packaging")
        return
    groups = requirements() if groups is None else groups
    if not groups:
        yield Finding("problem", "The workshop is not installed", "in its folder: make setup")
    for extra, wanted in groups.items():
        use = NEEDED.get(extra) or OPTIONAL.get(extra, extra)
        wrong = [text for requirement in wanted if (text := _wrong_version(requirement, versions))]
        if not wrong:
            names = ", ".join(r.name for r in wanted)
            yield Finding("ok", f"For {use}: {names}")
        elif extra in NEEDED:
            for text in wrong:
                yield Finding("problem", f"{text}; {use} needs it", "make setup")
        else:
            yield Finding(
                "note", f"{'; '.join(wrong)} (only for {use})", f'python -m pip install --editable ".[{extra}]"'
            )


def _wrong_version(requirement, versions) -> str | None:
    """What is wrong with an installed package, in words; None if nothing is."""
    try:
        found = versions(requirement.name)
    except metadata.PackageNotFoundError:
        return f"{requirement.name} is missing"
    if requirement.specifier.contains(found, prereleases=True):
        return None
    return f"{requirement.name} is version {found}, and {requirement.specifier} is needed"


def check_itself(folders: list[str] | None = None) -> Iterator[Finding]:
    """Whether a notebook, which runs in another folder, can import the workshop."""
    here = str(Path.cwd())
    folders = [f for f in sys.path if f not in ("", here)] if folders is None else folders
    if any(metadata.distributions(name=PACKAGE, path=folders)):
        yield Finding("ok", f"The workshop can be imported from any folder; it is in {CLONE}")
    else:
        yield Finding("problem", "Notebooks cannot import the workshop: it is not installed here", "make setup")


def check_lock(file: Path = CLONE / "requirements.lock", versions=metadata.version) -> Iterator[Finding]:
    """Whether the versions are those that everything was tested with."""
    if Requirement is None or not file.is_file():
        return
    pins = [line for line in file.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    other, count = [], 0
    for pin in map(Requirement, pins):
        with contextlib.suppress(metadata.PackageNotFoundError):
            if _applies(pin, ""):
                found, count = versions(canonicalize_name(pin.name)), count + 1
                if not pin.specifier.contains(found, prereleases=True):
                    other.append(f"{pin.name} {found} (tested: {str(pin.specifier).removeprefix('==')})")
    if other:
        shown = ", ".join(other[:5]) + (f" and {len(other) - 5} more" if len(other) > 5 else "")
        remedy = "nothing to do unless something looks odd; then: make clean setup"
        yield Finding("note", f"Other versions than those of {file.name}: {shown}", remedy)
    else:
        yield Finding("ok", f"All {count} versions are those of {file.name}")


def check_xgboost() -> Iterator[Finding]:
    """Whether the compiled part of XGBoost can be loaded; it needs a library that not every system has."""
    name = "xgboost" if sys.platform == "darwin" else "xgboost-cpu"
    try:
        files = [f.locate() for f in metadata.files(name) or [] if f.stem in ("libxgboost", "xgboost")]
        for file in (f for f in files if f.suffix in (".so", ".dylib", ".dll")):
            ctypes.CDLL(str(file))
            yield Finding("ok", "XGBoost's library can be loaded")
    except metadata.PackageNotFoundError:
        return  # `check_packages` says so
    except OSError as error:
        remedy = {"darwin": "brew install libomp", "win32": "install Microsoft's Visual C++ Redistributable (x64)"}
        advice = remedy.get(sys.platform, "apt install libgomp1, or what your system calls GNU OpenMP")
        yield Finding("problem", f"XGBoost's library cannot be loaded: {error}", advice)
