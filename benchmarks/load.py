"""A room of learners on one machine: everybody runs the whole workshop at once, and all have to finish.

    OMP_NUM_THREADS=1 python benchmarks/load.py --learners 1              # a table: memory and CPU after each notebook
    OMP_NUM_THREADS=1 python benchmarks/load.py --learners 10             # each with a copy of the notebooks
    OMP_NUM_THREADS=1 python benchmarks/load.py --learners 10 --shared    # all in one folder
    OMP_NUM_THREADS=1 python benchmarks/load.py --learners 40 --stagger 30

A learner opens one notebook after the other, each with a kernel of its own, and runs it from the top. Memory is that of
the kernels and the processes they start, nothing else: as resident size, which counts shared libraries once for each
process, and as proportional size (Linux), which divides them. All learners must print the committed text, and no file
may be left beside the notebooks. Expect learners x the CPU seconds of the table, divided by the number of cores.
"""

import argparse
import hashlib
import json
import multiprocessing
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor, wait
from contextlib import suppress
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from traitlets.config import Config

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
MEGABYTE = 2**20


def processes_of(pid):
    """Return the process with this id and all that it has started, a list of psutil.Process."""
    try:
        kernel = psutil.Process(pid)
        return [kernel, *kernel.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def memory(pid):
    """Return (resident, proportional) MB of a process and all that it has started."""
    resident = proportional = 0
    for process in processes_of(pid):
        with suppress(psutil.Error, OSError):
            resident += process.memory_info().rss
            proportional += getattr(process.memory_full_info(), "pss", 0)
    return resident / MEGABYTE, proportional / MEGABYTE


def cpu_seconds(pid):
    """Return the processor's seconds of a process and of its children, those that have ended included."""
    times = [process.cpu_times() for process in processes_of(pid)]
    own = sum(t.user + t.system for t in times)
    return own + times[0].children_user + times[0].children_system


def run_notebook(path, kernels):
    """Return what running one notebook took, a dict; `kernels` is a folder in which the kernel's pid is noted."""
    notebook = nbformat.read(path, as_version=4)
    config = Config({"KernelManager": {"transport_encryption": "auto"}})
    client = NotebookClient(
        notebook, timeout=3600, startup_timeout=120, kernel_name="python3", store_widget_state=False, config=config,
        resources={"metadata": {"path": str(path.parent)}},
    )  # fmt: skip
    begin = time.perf_counter()
    with client.setup_kernel():
        pid = client.km.provisioner.pid
        note = kernels / str(pid)
        note.touch()
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
        resident, proportional = memory(pid)
        found = {"resident": resident, "proportional": proportional, "cpu": cpu_seconds(pid)}
        note.unlink()
    return {"notebook": path.stem, "seconds": time.perf_counter() - begin, "text": printed(notebook), **found}


def printed(notebook):
    """Return a hash of all that the notebook's cells printed, a str."""
    text = hashlib.sha256()
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            text.update(output.get("text", "").encode())
    return text.hexdigest()


def run_once_it_starts(path, kernels):
    """Return what `run_notebook` does, and how often the kernel was started.

    Kernels that many processes start at once may choose the same port: then, as JupyterLab does, start one anew.
    """
    for starts in (1, 2, 3):
        try:
            return run_notebook(path, kernels) | {"starts": starts}
        except RuntimeError as error:
            if starts == 3 or isinstance(error, DeadKernelError):
                raise


def learn(folder, names, kernels, delay):
    """Return the figures of one learner, a list of dicts; the last says what went wrong, if anything did."""
    time.sleep(delay)
    figures = []
    for name in names:
        try:
            figures.append(run_once_it_starts(folder / name, kernels))
        except Exception as error:
            return [*figures, {"notebook": Path(name).stem, "error": f"{type(error).__name__}: {error}"[:2000]}]
    return figures


def watch(running, kernels):
    """Return the largest (number of kernels, resident MB, proportional MB) while the learners run, and the seconds."""
    peak, begin = (0, 0.0, 0.0), time.perf_counter()
    while wait(running, timeout=2).not_done:
        pids = [int(note.name) for note in kernels.iterdir()]
        found = [memory(pid) for pid in pids]
        now = (len(pids), sum(r for r, _ in found), sum(p for _, p in found))
        peak = tuple(map(max, peak, now))
    return peak, time.perf_counter() - begin


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--learners", type=int, default=10)
    parser.add_argument("--stagger", type=float, default=0, help="seconds between one learner's start and the next's")
    parser.add_argument("--shared", action="store_true", help="all work in one folder instead of a copy each")
    parser.add_argument("--notebooks", nargs="+", default=sorted(path.name for path in NOTEBOOKS.glob("*.ipynb")))
    parser.add_argument("--save", type=Path, help="write all figures to this JSON file")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        kernels = Path(place, "kernels")
        kernels.mkdir()
        folders = [Path(place, "shared" if arguments.shared else f"learner-{k}") for k in range(arguments.learners)]
        for folder in set(folders):
            folder.mkdir()
            for name in arguments.notebooks:
                shutil.copy(NOTEBOOKS / name, folder)
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(arguments.learners, spawn) as pool:
            running = [
                pool.submit(learn, folder, arguments.notebooks, kernels, k * arguments.stagger)
                for k, folder in enumerate(folders)
            ]
            peak, seconds = watch(running, kernels)
            learners = [future.result() for future in running]
        left = sorted({path.name for folder in set(folders) for path in folder.iterdir()} - set(arguments.notebooks))
    return report(learners, peak, seconds, left, arguments.save)


def report(learners, peak, seconds, left, save):
    """Print a row a notebook (of all learners the largest) and a line for the room; 1 if something went wrong."""
    if save:
        save.write_text(json.dumps(learners, indent=1), encoding="utf-8")
    rows = defaultdict(list)
    for figures in learners:
        for figure in figures:
            rows[figure["notebook"]].append(figure)
    heads = ("resident MB", "proportional MB", "CPU s", "wall s", "texts")
    print("{:34} {:>5} {:>12} {:>16} {:>7} {:>7} {:>6}".format("notebook", "runs", *heads))
    different = anew = 0
    for name, found in rows.items():
        found = [figure for figure in found if "error" not in figure]
        largest = {
            key: max((figure[key] for figure in found), default=0)
            for key in ("resident", "proportional", "cpu", "seconds")
        }
        committed = printed(nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4))
        texts = len({committed, *(figure["text"] for figure in found)})
        different += texts > 1
        anew += sum(figure["starts"] - 1 for figure in found)
        print("{:34} {:5} {:12.0f} {:16.0f} {:7.1f} {:7.1f} {:6}".format(name, len(found), *largest.values(), texts))
    failed = [figures[-1] for figures in learners if "error" in figures[-1]]
    kernels, resident, proportional = peak
    print(
        f"{len(learners) - len(failed)} of {len(learners)} learners finished in {seconds:.0f} s; at most {kernels} "
        f"kernels at once, {resident:.0f} MB resident, {proportional:.0f} MB proportional; files left: "
        f"{', '.join(left) or 'none'}; notebooks whose text is not everywhere as committed: {different}; kernels "
        f"started anew: {anew}"
    )
    for figure in failed:
        print(figure["notebook"], figure["error"], sep="\n", file=sys.stderr)
    return 1 if failed or left or different else 0


if __name__ == "__main__":
    sys.exit(main())
