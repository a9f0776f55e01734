"""Print which files of workshop/ some calls enter: how many of them a reader has to open to follow the call.

python tools/entered.py
"""

import sys
import time
from pathlib import Path

begin = time.perf_counter()
import workshop  # noqa: E402  (its time is what is measured)

seconds = time.perf_counter() - begin
PACKAGE = str(Path(workshop.__file__).parent)
HEAVY = ("socket", "concurrent.futures", "multiprocessing", "sqlite3", "scipy", "sklearn", "pandas")


def entered(call):
    """Return the files of workshop/ whose functions `call` runs, sorted."""
    files = set()

    def note(frame, event, argument):
        name = frame.f_code.co_filename
        if event == "call" and frame.f_code.co_name != "<module>" and name.startswith(PACKAGE):
            files.add(name[len(PACKAGE) + 1 :])

    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(None)
    return sorted(files)


def main():
    """Print the figures."""
    print(f"import workshop: {seconds:.3f} s")
    from workshop.tuning import Float, Int, RandomSearch, Space, tune

    space = Space({"eta": Float(0.01, 1, log=True), "depth": Int(1, 10)})

    def six(strategy):
        return tune(lambda c: c["eta"] * c["depth"], space, strategy, 6, progress=False)

    files = entered(lambda: six(RandomSearch()))
    print(f"6 trials of RandomSearch: {len(files)} files, {', '.join(files)}")
    print("imported for it:", ", ".join(name for name in HEAVY if name in sys.modules) or "none of", *HEAVY)
    from workshop.tuning import BayesianSearch

    six(BayesianSearch(n_initial=3))  # what is imported on the way is not counted
    files = entered(lambda: six(BayesianSearch(n_initial=3)))
    print(f"6 trials of BayesianSearch: {len(files)} files, {', '.join(files)}")


if __name__ == "__main__":
    main()
