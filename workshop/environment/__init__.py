"""Whether this computer has all that the workshop needs, and what to do where it has not: ``python -m workshop check``.

>>> from workshop.environment import examine
>>> {finding.state for finding in examine()} <= {"ok", "note", "problem"}
True
"""

from __future__ import annotations

from collections.abc import Iterator

from workshop.environment import computer, packages
from workshop.environment.finding import Finding

CHECKS = (
    packages.check_python,
    packages.check_packages,
    packages.check_itself,
    packages.check_lock,
    packages.check_xgboost,
    computer.check_data,
    computer.check_jupyter,
    computer.check_folders,
    computer.check_port,
    computer.check_machine,
    computer.check_programs,
)

__all__ = ["CHECKS", "Finding", "examine"]


def examine() -> Iterator[Finding]:
    """Findings of every check, in the order in which one would mend things.

    Examples
    --------
    >>> next(examine()).text.startswith("Python 3.")
    True
    """
    for check in CHECKS:
        yield from check()
