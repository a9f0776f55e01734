"""Measure what the notebooks say: ``python -m benchmarks.evidence``, or ``make evidence``.

What was measured is remembered in ``build/evidence.json``, seed by seed, so an interrupted run goes on where it was;
what the code below `ROOMS` has changed since is measured anew. In the end docs/evidence.md is written. Exit code 1 if a
sentence does not hold, or no longer stands in its notebook.
"""

import argparse
import ast
import hashlib
import json
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

from tqdm import tqdm

from benchmarks.evidence import CLAIMS
from benchmarks.evidence.claims import Claim, Effect, Seeds
from benchmarks.evidence.prose import NOTEBOOKS, ROOT, plain, sentences

CACHE, PAGE = ROOT / "build" / "evidence.json", ROOT / "docs" / "evidence.md"
ROOMS = ["datasets", "models", "metrics.py", "evaluation.py", "objectives.py", "distributed.py"]
SEARCHES = {"part4", "race", "practice", "stopping", "papers", "tonight"}  # they hang on strategies, too


@cache
def _digest(module: str) -> str:
    """Return a fingerprint of the code below a module of this folder; its table of sentences is not part of that."""
    rooms = [*ROOMS, "tuning"] if module in SEARCHES else ROOMS
    paths = [p for room in rooms for p in [ROOT / "workshop" / room, *(ROOT / "workshop" / room).rglob("*.py")]]
    parts = [p.read_text(encoding="utf-8") for p in sorted(paths) if p.is_file()]
    parts.append((Path(__file__).parent / f"{module}.py").read_text(encoding="utf-8").split("\nCLAIMS = [")[0])
    code = "".join(ast.dump(ast.parse(part)) for part in parts)  # comments and line breaks do not count
    return hashlib.sha256(code.encode()).hexdigest()[:12]


def digest(claim: Claim) -> str:
    """Return the fingerprint of what a claim is measured by; another one means that it has to be measured anew."""
    of = claim.measure.of
    own = [of.__code__.co_code.hex(), of.__code__.co_names, type(claim.measure).__name__]
    own += [c for c in of.__code__.co_consts if not hasattr(c, "co_code")]
    own += [getattr(c.cell_contents, "__qualname__", c.cell_contents) for c in of.__closure__ or ()]
    shown = "".join(map(str, own))
    return _digest(of.__module__.rpartition(".")[2]) + hashlib.sha256(shown.encode()).hexdigest()[:6]


def remembered(path: Path) -> dict:
    """Return what was measured before: for each name its values, commit and fingerprint."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def measure(claims: list[Claim], path: Path = CACHE, *, keep: bool = False, bar: bool = True) -> dict:
    """Return what was measured of every claim, from `path` as far as it is there; the file grows as it goes.

    With `keep`, what older code measured counts as well.
    """
    known = remembered(path)
    stale = [c for c in claims if c.name not in known or (not keep and known[c.name]["digest"] != digest(c))]
    for claim in stale:
        known[claim.name] = {"digest": digest(claim), "commit": commit(), "values": []}
    todo = [c for c in claims if len(known[c.name]["values"]) < (c.n_units if isinstance(c.measure, Seeds) else 1)]
    saved = time.monotonic()
    with tqdm(total=sum(c.n_units for c in todo), unit="run", disable=not bar) as progress:
        for claim in todo:
            values = known[claim.name]["values"]
            progress.set_description(claim.name)
            if isinstance(claim.measure, Seeds):
                progress.update(len(values))
                for seed in range(len(values), claim.n_units):
                    values.append(float(claim.measure.of(seed)))
                    if time.monotonic() - saved > 1 or seed == claim.n_units - 1:
                        save(known, path)
                        saved = time.monotonic()
                    progress.update()
            else:
                values += claim.measure.summary()
                save(known, path)
                progress.update()
    return known


def save(known: dict, path: Path) -> None:
    """Write what was measured, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps(known), encoding="utf-8")
    new.replace(path)


@cache
def commit() -> str:
    """Return the short name of the commit that is checked out, with a plus if the code has changed since."""
    name, changed = (
        subprocess.run(["git", *command], cwd=ROOT, capture_output=True, text=True).stdout.strip()
        for command in (["rev-parse", "--short", "HEAD"], ["status", "--porcelain", "workshop", "benchmarks/evidence"])
    )
    return name + ("+" if changed else "")


def stands(claim: Claim) -> bool:
    """Return True if the sentence of the claim is in its notebook, word for word."""
    return any(plain(claim.sentence) in text for text in _prose(claim.notebook))


@cache
def _prose(notebook):
    cells = json.loads(NOTEBOOKS[notebook].read_text(encoding="utf-8"))["cells"]
    return [plain("".join(cell["source"])) for cell in cells if cell["cell_type"] == "markdown"]


def section(claim: Claim) -> str:
    """Return the heading under which the sentence stands, or an empty text."""
    start = plain(claim.sentence)
    near = (s.section for s in sentences(claim.notebook) if s.text in start or start in s.text)
    return next(near, "")


def shown(sentence: str) -> str:
    """Return a sentence as a cell of a table."""
    return plain(sentence).strip("| ").replace("|", "/")


def said(effect: Effect) -> str:
    """Return an effect as the table shows it."""
    if effect.low == effect.high:
        return f"{effect.estimate:.4g}"
    digits = max(0, min(4, 2 - int(f"{effect.high - effect.low:e}".partition("e")[2])))
    low, high = (f"{end:+.{digits}f}" for end in effect[1:])
    return f"{effect.estimate:+.{digits}f} [{low}, {high}]"


def verdict(claim: Claim, known: dict) -> tuple[str, str, str]:
    """Return effect, "yes" or "**no**", and commit of a row; "not yet" if it is not measured, or not to the end."""
    found = known.get(claim.name, {"values": []})
    needed = claim.n_units if isinstance(claim.measure, Seeds) else 1
    if len(found["values"]) < needed:
        return "", "not yet", ""
    effect = claim.measure.effect(found["values"])
    return said(effect), "yes" if claim.rule.holds(effect) else "**no**", found["commit"]


def page(claims: list[Claim], known: dict) -> str:
    """Return docs/evidence.md: a row for each claim, under the name of its notebook."""
    lines = [HEAD.format(n=len(claims))]
    for notebook, path in NOTEBOOKS.items():
        rows = [claim for claim in claims if claim.notebook == notebook]
        if rows:
            lines += [f"\n## [{path.stem}](../notebooks/{path.name})\n", COLUMNS]
        for claim in rows:
            effect, holds, at = verdict(claim, known)
            cells = [f"`{claim.name}`", section(claim), shown(claim.sentence), claim.what, str(claim.measure), effect]
            lines.append("| " + " | ".join([*cells, claim.rule.words, holds, at]) + " |")
    return "\n".join(lines) + "\n"


HEAD = """# Evidence

Every comparison that the notebooks state, and what it rests on, in {n} rows. A test wants each sentence with a figure
or a comparison to be shown by a cell above it, or to have a row here. There are three ways of measuring:

- **users drawn**: on the same rows, whole users are drawn anew with replacement. Ratings of one user are not
  independent, so rows are never drawn.
- **seeds**: the same comparison with new seeds, at least 16: other starts, other splits, other draws.
- **exact**: a count or a formula.

The effect stands before its 95% interval, and the sentence holds if it meets the rule. Intervals are not widened for
the number of rows: a few that hold narrowly may hold by chance. The last column is the commit at which the row was
measured. `make evidence` measures all anew, goes on after an interruption, writes this page, and fails where a
sentence does not hold; `python -m benchmarks.evidence --only NAME` does so for rows whose name begins with NAME."""

COLUMNS = """| row | section | sentence | what was measured | on | effect [95% interval] | holds if | holds | at |
|---|---|---|---|---|---|---|---|---|"""


def main(arguments: list[str]) -> int:
    """Measure, write the page, and return 1 if a sentence does not hold or is not in its notebook, otherwise 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evidence", description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", metavar="NAME", help="rows whose name begins with one of these")
    parser.add_argument("--quick", action="store_true", help="rows that take a second or two, without writing the page")
    parser.add_argument("--page", action="store_true", help="measure nothing; write the page from what is remembered")
    parser.add_argument("--keep", action="store_true", help="keep what was measured with older code; only add to it")
    options = parser.parse_args(arguments)
    chosen = [c for c in CLAIMS if not options.only or c.name.startswith(tuple(options.only))]
    if options.quick:
        chosen = [c for c in chosen if c.quick]
    known = remembered(CACHE) if options.page else measure(chosen, keep=options.keep)
    if not options.quick:
        PAGE.write_text(page(CLAIMS, known), encoding="utf-8")
    wrong = 0
    for claim in chosen:
        effect, holds, _ = verdict(claim, known)
        if not stands(claim):
            wrong += 1
            print(f"{claim.name}: not in {claim.notebook}: {claim.sentence}")
        if holds == "**no**":
            wrong += 1
            print(f"{claim.name}: {effect}, wanted {claim.rule.words}: {claim.sentence}")
    unmeasured = sum(verdict(claim, known)[1] == "not yet" for claim in chosen)
    print(f"{len(chosen)} rows: {wrong} are wrong, {unmeasured} not yet measured")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
