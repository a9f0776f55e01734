import math

import numpy as np
import pytest

from workshop.tuning import (
    Categorical,
    Exhausted,
    Float,
    GridSearch,
    History,
    Int,
    RandomSearch,
    Space,
    Start,
    Trial,
    tune,
)


def test_grid_search_tries_the_grid_in_order_and_then_ends():
    space, trials = Space({"a": Int(1, 2), "b": Categorical("x y".split())}), []
    for number, expected in enumerate(space.grid(5)):
        assert GridSearch(5).propose(space, History(trials), None) == expected
        trials.append(Trial(number, expected, "complete", 1.0))
    with pytest.raises(Exhausted, match="n_per_param=5"):
        GridSearch(5).propose(space, History(trials), None)


def test_grid_search_starts_at_once_on_a_huge_grid():
    space = Space({f"x{i}": Float(0, 1) for i in range(30)})
    assert set(GridSearch(10).propose(space, History(), None).values()) == {0.0}


def test_random_search_tries_no_config_of_a_finite_space_twice():
    space = Space({"k": Int(1, 9), "kind": Categorical(["a", "b"])})
    study = tune(lambda config: config["k"], space, RandomSearch(), 50, progress=False)
    assert sorted((t.config["k"], t.config["kind"]) for t in study.history) == [
        (k, c) for k in range(1, 10) for c in "ab"
    ]
    skewed = Space({"k": Int(1, 10**12, log=True)})
    history = History(Trial(k - 1, {"k": k}) for k in range(1, 2000))
    assert not history.holds(RandomSearch().propose(skewed, history, np.random.default_rng(0)))


def test_a_grid_is_completed_whoever_else_proposed():
    space = Space({"x": Float(0, 1), "k": Int(1, 3)})
    strategy = Start([{"x": 1.0, "k": 3}, {"x": 0.3, "k": 1}], GridSearch(3))
    study = tune(lambda config: config["x"], space, strategy, 50, progress=False)
    configs = [dict(t.config) for t in study.history]
    assert configs[:2] == [{"x": 1.0, "k": 3}, {"x": 0.3, "k": 1}] and len(configs) == 10
    assert all(config in configs for config in space.grid(3))


def test_searches_end_between_two_neighbouring_numbers():
    space = Space({"x": Float(1.0, math.nextafter(1.0, 2))})
    assert len(tune(lambda config: config["x"], space, RandomSearch(), 5, progress=False).history) == 5
    assert len(tune(lambda config: config["x"], space, GridSearch(5), 5, progress=False).history) <= 2


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: Start({"x": 1.0}, RandomSearch()), TypeError, "is one config; give a list"),
        (lambda: Start([], "random"), TypeError, "then='random' has no propose"),
        (
            lambda: tune(len, Space({"x": Float(0, 1)}), Start([{"x": 2.0}], RandomSearch()), 1),
            ValueError,
            "x: 2.0 is out",
        ),
    ],
)
def test_a_start_that_makes_no_sense_is_refused(make, error, text):
    with pytest.raises(error, match=text):
        make()
