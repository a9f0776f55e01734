"""``python -m workshop check``: what is missing or wrong on this computer, and how to mend it."""

import argparse
import sys
import textwrap

from workshop import __version__
from workshop.environment import Finding, examine

SIGNS = {"ok": "ok     ", "note": "note   ", "problem": "PROBLEM"}


def describe(finding: Finding) -> str:
    """Text of a finding, its remedy below it.

    Examples
    --------
    >>> print(describe(Finding("problem", "numpy is missing", "make setup")))
    PROBLEM  numpy is missing
             To mend it: make setup
    """
    lines = textwrap.wrap(finding.text, 100, break_long_words=False, break_on_hyphens=False)
    if finding.remedy and finding.state != "ok":
        lines += [f"{'To mend it' if finding.state == 'problem' else 'If you like'}: {finding.remedy}"]
    return "\n".join(f"{SIGNS[finding.state] if i == 0 else ' ' * 7}  {line}" for i, line in enumerate(lines))


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 if every notebook will run, 1 if something is missing."""
    parser = argparse.ArgumentParser(prog="python -m workshop", description=__doc__)
    parser.add_argument("command", choices=["check"], help="look at this computer, change nothing")
    parser.parse_args(arguments)
    sys.stdout.reconfigure(errors="replace")  # a folder's name may have letters that an old console has not
    print(f"Recommender Workshop {__version__}: is everything here?\n")
    problems = 0
    for finding in examine():
        print(describe(finding), flush=True)
        problems += finding.state == "problem"
    if problems == 0:
        print("\nEverything is here. Start with: make lab   (or: jupyter lab notebooks)")
    else:
        print(
            "\nMend the first problem first, it may be the cause of others; then check again: python -m workshop check"
        )
    return int(problems > 0)


if __name__ == "__main__":
    sys.exit(main())
