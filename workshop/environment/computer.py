"""The computer around Python: files, folders, Jupyter, memory."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from workshop.environment.finding import Finding
from workshop.shipped import shipped_folder, verify_shipped


def check_data(folder: Path | None = None) -> Iterator[Finding]:
    """Whether the ratings are there, and are those that ship."""
    folder = shipped_folder() if folder is None else folder
    try:
        verify_shipped(folder)
        yield Finding("ok", f"The 100,004 ratings are whole, in {folder}")
    except (OSError, ValueError) as error:
        yield Finding("problem", str(error), "in a clone: git checkout -- data")


def check_folders(folders: list[Path] | None = None) -> Iterator[Finding]:
    """Whether files can be written: here, where temporary files go, and where Jupyter keeps its connections."""
    folders = (
        [Path.cwd(), Path(tempfile.gettempdir()), *_jupyter("jupyter_runtime_dir")] if folders is None else folders
    )
    existing = [next(f for f in (folder, *folder.parents) if f.exists()) for folder in folders]
    for folder in existing:
        try:
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(b"0" * 1024)
        except OSError as error:
            remedy = "make room on the disk, or copy the workshop to a folder that is yours"
            yield Finding("problem", f"Nothing can be written into {folder} ({error.strerror})", remedy)
    free = min(shutil.disk_usage(folder).free for folder in existing) / 2**30
    state = "note" if free < 1 else "ok"
    yield Finding(state, f"{free:.1f} GB free on the disk", "a study needs megabytes, make setup about one GB")


def _jupyter(function: str, *arguments) -> list[Path]:
    """Folders that Jupyter names; none where Jupyter is not installed."""
    try:
        from jupyter_core import paths
    except ImportError:
        return []
    found = getattr(paths, function)(*arguments)
    return [Path(found)] if isinstance(found, str) else [Path(folder) for folder in found]


def check_jupyter(data: list[Path] | None = None) -> Iterator[Finding]:
    """Whether JupyterLab will start this Python, and can show widgets.

    Parameters
    ----------
    data : list of Path, optional
        Jupyter's data folders, the first one that has a file wins.
    """
    data = _jupyter("jupyter_path") if data is None else data
    specs = [f for f in (folder / "kernels" / "python3" / "kernel.json" for folder in data) if f.is_file()]
    starts = json.loads(specs[0].read_text(encoding="utf-8"))["argv"][0] if specs else ""
    ours = Path(starts).parent in (Path("."), Path(sys.executable).parent)  # a bare "python" means this one
    if not specs:
        yield Finding("problem", "Jupyter has no Python kernel", "make setup   (or: python -m pip install ipykernel)")
    elif not ours:
        remedy = f"remove the folder {specs[0].parent}, or choose another kernel in JupyterLab"
        yield Finding("problem", f"Jupyter would start another Python, {starts}", remedy)
    else:
        yield Finding("ok", "Jupyter's kernel is this Python")
    manager = ("labextensions", "@jupyter-widgets", "jupyterlab-manager", "package.json")
    if any(folder.joinpath(*manager).is_file() for folder in data):
        yield Finding("ok", "JupyterLab can show widgets")
    else:
        remedy = "python -m pip install --force-reinstall jupyterlab_widgets, then reload the page"
        yield Finding("note", "JupyterLab lacks the extension that shows widgets", remedy)


def check_port(port: int = 8888) -> Iterator[Finding]:
    """Whether JupyterLab will get its usual address."""
    with socket.socket() as listener:
        try:
            listener.bind(("127.0.0.1", port))
            yield Finding("ok", f"Port {port} is free")
        except OSError:
            remedy = "open the address that JupyterLab prints: it takes the next free port"
            yield Finding("note", f"Port {port} is in use, perhaps by another JupyterLab", remedy)


def check_machine() -> Iterator[Finding]:
    """Processors and memory that are free for us."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    yield Finding("ok", f"{cores} processor{'s' if cores != 1 else ''}")
    try:
        import psutil
    except ImportError:
        return  # it comes with ipykernel, whose absence has been said
    free = psutil.virtual_memory().available
    with contextlib.suppress(OSError, ValueError):  # a container may have less
        limit, used = (int(Path("/sys/fs/cgroup", f"memory.{name}").read_text("ascii")) for name in ("max", "current"))
        free = min(free, limit - used)
    if free < 2**30:
        yield Finding(
            "note", f"{free / 2**30:.1f} GB of memory free", "close other programs: a notebook needs up to 1 GB"
        )
    else:
        yield Finding("ok", f"{free / 2**30:.1f} GB of memory free")


def check_programs() -> Iterator[Finding]:
    """Programs that only some things need."""
    programs = {
        "Chromium, for the tests in a real browser": ("chromium", "chromium-browser", "google-chrome", "chrome"),
        "ffmpeg, to save an animation as .mp4": ("ffmpeg",),
    }
    for what, commands in programs.items():
        if any(map(shutil.which, commands)):
            yield Finding("ok", f"There is {what}")
        else:
            yield Finding("note", f"There is no {what}; no notebook needs it")
