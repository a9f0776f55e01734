"""Execute notebooks from top to bottom, as a reader would, and say how long each takes and which cell is slowest.

``make run`` writes the result into ``build/`` as HTML that needs no network; ``make notebooks`` (``--in-place``) writes
the executed notebooks back, which is how they are committed.
"""

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from offline_pages import offline_page, without_live_views
from tqdm.auto import tqdm
from traitlets.config import Config

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
BYTECODE = Path(__file__).resolve().parents[1] / "build" / "bytecode"


def keep_bytecode(folder: Path) -> None:
    """Let the kernels keep in `folder` what they compile, if Python was told to keep nothing beside the packages.

    Otherwise every kernel, and every process that it starts, compiles all packages again: four seconds each.
    """
    if sys.dont_write_bytecode:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(folder)


def execute(path: Path, position: int = 0) -> tuple[nbformat.NotebookNode, float, list[float]]:
    """The executed notebook, its seconds in all, and the seconds of each code cell; `position` is the bar's line."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    seconds, started = [], {}
    with tqdm(total=len(code), desc=path.stem, unit="cell", leave=False, position=position) as bar:

        def begin(cell, cell_index):
            started[cell_index] = time.perf_counter()

        def finish(cell, cell_index, execute_reply):
            seconds.append(time.perf_counter() - started[cell_index])
            bar.update()

        client = NotebookClient(
            notebook,
            timeout=300,
            kernel_name="python3",
            record_timing=False,
            store_widget_state=False,
            config=Config({"KernelManager": {"transport_encryption": "auto"}}),
            resources={"metadata": {"path": str(path.parent)}},
            on_cell_execute=begin,
            on_cell_executed=finish,
        )
        begun = time.perf_counter()
        client.execute()
    return notebook, time.perf_counter() - begun, seconds


def save(notebook: nbformat.NotebookNode, path: Path, output: Path | None) -> None:
    """Write an executed notebook: as a page into the folder `output`, or back to `path` if that is None."""
    if output is None:
        nbformat.write(without_live_views(notebook), path)
    else:
        output.mkdir(parents=True, exist_ok=True)
        (output / f"{path.stem}.html").write_text(offline_page(notebook, path.stem), encoding="utf-8")


def main() -> int:
    """Execute every notebook named on the command line; 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="+", type=Path)
    parser.add_argument("--in-place", action="store_true", help="write the executed notebooks back instead of HTML")
    parser.add_argument("--output", type=Path, default=Path("build"), help="folder of the HTML pages (default: build)")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="how many at a time (default: 2)")
    arguments = parser.parse_args()

    keep_bytecode(BYTECODE)
    os.environ["WORKSHOP_RATINGS"] = ""  # as Ann, whoever has rated movies in this folder
    begun = time.perf_counter()
    print(f"{'notebook':36} {'seconds':>8} {'slowest cell':>13}")
    with ProcessPoolExecutor(arguments.jobs) as pool:
        largest_first = sorted(
            arguments.notebooks, key=lambda path: path.stat().st_size, reverse=True
        )  # they take longest
        running = {path: pool.submit(execute, path, position) for position, path in enumerate(largest_first)}
        for path, future in sorted(running.items()):
            try:
                notebook, elapsed, seconds = future.result()
            except CellExecutionError as error:
                print(f"{path}: a cell failed\n{error}", file=sys.stderr)
                pool.shutdown(cancel_futures=True)
                return 1
            print(f"{path.stem:36} {elapsed:8.1f} {max(seconds, default=0):13.1f}", flush=True)
            save(notebook, path, None if arguments.in_place else arguments.output)
    print(f"{'all':36} {time.perf_counter() - begun:8.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
