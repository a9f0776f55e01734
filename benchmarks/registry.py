"""The list of models that `recommenders.py` measures; each `recommenders_*.py` beside it adds its own."""

from collections.abc import Callable
from dataclasses import dataclass

TASKS = ("rating", "liked", "ranking")
MODELS = []


@dataclass(frozen=True)
class Model:
    task: str
    name: str
    knows: str
    run: Callable
    slow: bool
    peer: bool


def model(task, name, *, knows="ids", slow=False, peer=False):
    """Decorate ``run(train, test, ratings) -> answer`` to have it measured under `name`.

    train, test : DataFrames with user, item, rating, timestamp (`run` must not look at test["rating"])
    ratings     : the `Ratings` with items (title, year, genres) and users
    answer      : task "rating": predicted stars (n_test,), clipped by the benchmark to 0.5 to 5
                  task "liked": predicted probability (n_test,) of a rating of 4 or more
                  task "ranking": a function recommend(user, n) -> item ids, best first, none rated in train
                  or a pair (answer, seconds), when `run` measures its own time; otherwise the whole call is timed
    knows       : what the model sees: "ids", "ids + genres, year", "... + day (context-aware)", ...
    slow        : only run when asked for with --slow
    peer        : somebody else's package
    """
    if task not in TASKS:
        raise ValueError(f"task is {task!r}; choose one of {TASKS}")

    def add(run):
        MODELS.append(Model(task, name, knows, run, slow, peer))
        return run

    return add
