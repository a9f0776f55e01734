"""Print how big the house is and how far one walks through it: lines, files, and files entered by a typical call.

Run it with ``make size``. Exit 1 if one of the limits that CONTRIBUTING.md names is passed.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
MOST_LINES, MOST_FILES, LONGEST = 10_800, 60, 330

# What is run, and how many files of the package its calls may enter.
WALKS = {
    "six trials of RandomSearch": (6, "tune(objective, space, RandomSearch(), 6, progress=False)"),
    "six trials of BayesianSearch": (10, "tune(objective, space, BayesianSearch(n_initial=3), 6, progress=False)"),
    "the factorization machine's fit": (4, "machine.fit(features, stars)"),
    "EASE's fit and a list of ten": (2, "ease.fit(frame).recommend(1, 10)"),
}
WALK = """
import sys
import pandas as pd
from workshop.datasets import load_movielens
from workshop.models import EASE, FactorizationMachineRegressor, FeatureBuilder
from workshop.tuning import BayesianSearch, Float, RandomSearch, Space, tune

space, objective = Space({{"x": Float(0, 1), "y": Float(0, 1)}}), lambda config: config["x"] ** 2 + config["y"]
frame = load_movielens().frame.query("user <= 20")
table, stars = frame[["user", "item"]], frame["rating"]
features = FeatureBuilder().fit(table).transform(table)
machine, ease, files = FactorizationMachineRegressor(n_factors=2), EASE(), set()

def enter(moment, event, arg):
    name = moment.f_code.co_filename
    if event == "call" and "/workshop/" in name and moment.f_code.co_name != "<module>":
        files.add(name[name.rindex("/workshop/") + 1 :])

sys.setprofile(enter)
{call}
sys.setprofile(None)
print(" ".join(sorted(files)))
"""
IMPORT = """
import sys, time
start = time.perf_counter()
import workshop
seconds = time.perf_counter() - start
import workshop.tuning
workshop.tuning.tune(lambda c: c["x"], workshop.tuning.Space({"x": workshop.tuning.Float(0, 1)}),
                     workshop.tuning.RandomSearch(), 6, progress=False)
loaded = {"socket", "multiprocessing.connection", "concurrent.futures.process", "sqlite3"} & set(sys.modules)
print(f"import workshop: {seconds:.3f} s; random search imports {sorted(loaded) or 'no sockets, executors or SQLite'}")
"""


def run(code: str) -> str:
    """Return what a fresh Python prints that runs `code`."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout


def main() -> int:
    """Print every figure; return how many limits are passed."""
    passed = 0
    lines = {p.relative_to(ROOT): len(p.read_text("utf-8").splitlines()) for p in (ROOT / "workshop").rglob("*.py")}
    rooms = {}
    for path, count in lines.items():
        room = path.parts[1] if len(path.parts) > 2 else "(top)"
        rooms.setdefault(room, []).append(count)
    for room, counts in sorted(rooms.items()):
        print(f"{room:12} {sum(counts):6,} lines {len(counts):3} files")
    for what, number, most in [
        ("lines in workshop/", sum(lines.values()), MOST_LINES),
        ("files in workshop/", len(lines), MOST_FILES),
        ("lines in the longest file", max(lines.values()), LONGEST),
    ]:
        print(f"{what:34} {number:6,}  (at most {most:,})")
        passed += number > most
    tests = sum(len(p.read_text("utf-8").splitlines()) for p in (ROOT / "tests").rglob("*.py"))
    print(f"{'lines in tests/':34} {tests:6,}")
    for what, (most, call) in WALKS.items():
        files = run(WALK.format(call=call)).split()
        print(f"{what:34} {len(files):6}  files (at most {most}): {' '.join(files)}")
        passed += len(files) > most
    print(run(IMPORT).strip())
    return passed


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
