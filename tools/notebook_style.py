"""Print how a notebook reads: lines a cell, words of prose per line of code. Exit 1 if one is outside its limits.

Run it with ``make style``. The limits come from what well-liked teaching material does: short cells, one idea each, and
several words of explanation for every line of code. And nobody learns by running cells: few stand between two *acts* of
the learner, which are a check, a guess and whatever else of `workshop.widgets` takes a hand.
"""

import ast
import json
import re
import statistics
import sys
from pathlib import Path

MEDIAN, P90, LONGEST, PROSE = 5, 15, 30, (8, 18)
WIDTH = 88  # characters a line: what JupyterLab shows at 1280 pixels beside its file browser
# Lines of code; 150 for the others. Before lines ended at 88 characters the same code stood in 244 and 150 lines.
TOTAL = {"04_hyperparameter_tuning": 265, "appendix_managed_services": 172}
FINISHED = 8  # code cells between two acts of the learner
ROOT = Path(__file__).parents[1]
NO_ACTS = {"my_guesses", "my_ratings", "wait_while"}  # widgets that show, read or wait


def code_lines(cell: dict) -> int:
    """Number of lines of a cell that are neither blank nor comments; what asks the learner is not code to be read."""
    lines = (line.strip() for line in "".join(cell["source"]).splitlines())
    return sum(
        bool(line) and not line.removeprefix("widgets.").startswith(("#", "guess(", "my_guesses(", "check("))
        for line in lines
    )


# What is folded below an exercise is read by those who ask; formulas, tables, code, tags and links are not prose.
FOLDED = r"<details><summary>(?:Hint |Solution |Answer |\([a-d]\)).*?</details>|<summary>.*?</summary>"
NOT_PROSE = re.compile(
    FOLDED + r"|```.*?```|\$\$.*?\$\$|\$[^$]*\$|(?<=\])\([^)]*\)|^\|[^\n]*$|<[^>]*>", re.DOTALL | re.MULTILINE
)


def prose_words(cell: dict) -> int:
    """Number of words of a Markdown cell that are prose."""
    return len(re.findall(r"[^\W_][\w'’.,-]*", NOT_PROSE.sub(" ", "".join(cell["source"]))))


def names_of_acts() -> set[str]:
    """Names of the functions that a cell calls to let the learner act."""
    tree = ast.parse((ROOT / "workshop/widgets/__init__.py").read_text(encoding="utf-8"))
    (listed,) = [node.value for node in tree.body if ast.unparse(node).startswith("__all__ =")]
    return {"check", *(name.value for name in listed.elts)} - NO_ACTS


def is_act(source: str, acts: set[str]) -> bool:
    """Whether a cell calls one of the acts, as `guess(...)` or `widgets.game()`; a `model.predict(...)` is none."""
    called = [ast.unparse(node.func) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return any(name.removeprefix("widgets.") in acts for name in called)


def most_finished(cells: list[dict], acts: set[str]) -> int:
    """Largest number of code cells between two acts, before the first or after the last one."""
    run, longest = 0, 0
    for source in ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"):
        run = 0 if is_act(source, acts) else run + 1
        longest = max(longest, run)
    return longest


def measure(path: Path) -> dict:
    """Figures of one notebook."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = [c for c in cells if c["cell_type"] == "code"]
    lines = sorted(n for c in code if (n := code_lines(c)))
    words = sum(prose_words(c) for c in cells if c["cell_type"] == "markdown")
    return {
        "median": statistics.median(lines),
        "p90": lines[int(0.9 * (len(lines) - 1))],
        "longest": lines[-1],
        "widest": max(len(line) for c in code for line in "".join(c["source"]).splitlines()),
        "total": sum(lines),
        "prose": words / sum(lines),
        "finished": most_finished(cells, names_of_acts()),
    }


def problems(name: str, m: dict) -> list[str]:
    """What is outside the limits, in words."""
    limit = TOTAL.get(name, 150)
    checks = {
        f"the median cell has {m['median']:g} lines, more than {MEDIAN}": m["median"] > MEDIAN,
        f"one cell in ten has over {m['p90']} lines, more than {P90}": m["p90"] > P90,
        f"the longest cell has {m['longest']} lines, more than {LONGEST}": m["longest"] > LONGEST,
        f"the widest line has {m['widest']} characters, more than {WIDTH}": m["widest"] > WIDTH,
        f"{m['total']} lines of code, more than {limit}": m["total"] > limit,
        f"{m['prose']:.1f} words of prose a line of code, outside {PROSE}": not PROSE[0] <= m["prose"] <= PROSE[1],
        f"{m['finished']} cells without an act of the learner, more than {FINISHED}": m["finished"] > FINISHED,
    }
    return [text for text, wrong in checks.items() if wrong]


def main(paths: list[str]) -> int:
    """Print a row a notebook; the number of problems found."""
    heads = f"{'notebook':36} {'median':>7} {'p90':>5} {'longest':>8} {'widest':>7} {'code lines':>11}"
    print(heads, f"{'words per line':>15} {'cells an act':>13}")
    wrong = []
    for path in map(Path, paths):
        m = measure(path)
        print(
            f"{path.stem:36} {m['median']:7g} {m['p90']:5} {m['longest']:8} {m['widest']:7} {m['total']:11} "
            f"{m['prose']:15.1f} {m['finished']:13}"
        )
        wrong += [f"{path.stem}: {text}" for text in problems(path.stem, m)]
    print(*wrong, sep="\n")
    return len(wrong)


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1:]) else 0)
