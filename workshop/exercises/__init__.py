"""Exercises of the notebooks: `check` an answer, ask for a `hint`, see the `solution`.

An exercise is a function that judges an answer; ``exercises.toml`` has its hint, and its solution, which a test runs.
Each part has its module.
"""

from workshop.exercises import appendices, part1, part2, part3, part4
from workshop.exercises.exercise import check, hint, solution

__all__ = ["check", "hint", "solution"]
