import pytest

from workshop.tuning import Categorical, Exhausted, Float, GridSearch, History, Int, Space, Trial


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
