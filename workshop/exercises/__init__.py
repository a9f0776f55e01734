"""Exercises of the notebooks: `check` an answer, ask for a `hint`, see the `solution`.

An exercise is data (`Exercise`): a number, a hint, a solution that a test runs, and a function that judges an answer.
Each part has its own module.
"""

from workshop.exercises.catalogue import check, hint, solution

__all__ = ["check", "hint", "solution"]
