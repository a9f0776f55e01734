"""Studies in files: what the tests of the storage have in common."""

import hashlib
from contextlib import contextmanager

from workshop.tuning import Categorical, Float, Int, RandomSearch, Space, Study, tune

SPACE = Space({"x": Float(-2, 2), "k": Int(1, 9), "kind": Categorical(["a", 1, True, None, 1.5])})


def bowl(config):
    """A bowl that fails for one k: failures have to be stored too."""
    if config["k"] == 9:
        raise ValueError("nine")
    return (config["x"] - 1) ** 2 + 0.1 * config["k"]


def study_of(path, **change):
    return Study(**({"space": SPACE, "strategy": RandomSearch(), "storage": path} | change))


def stored(path, **change):
    tune(bowl, SPACE, RandomSearch(), 4, storage=path, progress=False, **change)
    return path


@contextmanager
def unchanged(path):
    before = hashlib.sha256(path.read_bytes()).hexdigest(), sorted(path.parent.iterdir())
    yield
    assert (hashlib.sha256(path.read_bytes()).hexdigest(), sorted(path.parent.iterdir())) == before
