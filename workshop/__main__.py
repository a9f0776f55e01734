"""Commands of the workshop: ``lab`` (your copy, opened in JupyterLab), ``copy`` (a fresh notebook), ``check``."""

import os
import sys

if __name__ == "__main__":
    # A file of your own in this folder (random.py, a folder called workshop) shall not be taken for Python's or ours.
    if not getattr(sys.flags, "safe_path", False) and sys.path[0] in ("", os.getcwd()):
        sys.path.pop(0)
    if getattr(sys.modules["workshop"], "__file__", None) is None:
        del sys.modules["workshop"]

import argparse
from pathlib import Path

from workshop import check, lab


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status: 0 if all went well."""
    parser = argparse.ArgumentParser(prog="python -m workshop", description=__doc__.replace("``", ""))
    commands = parser.add_subparsers(dest="command", required=True)
    opens = commands.add_parser("lab", help="make a copy of the notebooks that is yours, and open it in JupyterLab")
    opens.add_argument("folder", nargs="?", type=Path, help=f"default: {lab.USUAL}, where you stand")
    copies = commands.add_parser("copy", help="put a fresh notebook beside one that you have edited")
    asked = copies.add_mutually_exclusive_group(required=True)
    asked.add_argument("notebook", nargs="?", help="its name, or a part of it that says which one")
    asked.add_argument(
        "--no-solutions", type=Path, metavar="FOLDER", help="all notebooks, to be handed out for homework"
    )
    commands.add_parser("check", help="try what a notebook does, say what is in its way; change nothing")
    given, options = parser.parse_known_args(arguments)
    if options and given.command != "lab":
        parser.error(f"unknown: {' '.join(options)}")
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr] # a folder's name may have letters that an old console has not
    if given.command == "check":
        return check.main()
    try:
        if given.command == "copy" and given.no_solutions:
            print(*lab.make_copy(given.no_solutions, solutions=False), sep="\n")
            return 0
        if given.command == "copy":
            print(f"A fresh notebook is {lab.copy_notebook(given.notebook, lab.usual_folder())}")
            return 0
        folder = given.folder or lab.usual_folder()
        print(*lab.make_copy(folder), sep="\n", flush=True)
    except (OSError, ValueError) as error:
        print(f"That did not work: {error}", file=sys.stderr)
        return 1
    return lab.open_lab(folder, options)  # what is left are options of JupyterLab: --no-browser, say


if __name__ == "__main__":
    sys.exit(main())
