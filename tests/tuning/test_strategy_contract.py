"""What every strategy promises, checked on every strategy and on spaces of every kind."""

import copy
import pickle
import subprocess
import sys
from functools import partial

import numpy as np
import pytest

from workshop.tuning import (
    BayesianSearch,
    Categorical,
    Exhausted,
    Float,
    GridSearch,
    History,
    Int,
    RandomSearch,
    Space,
    Trial,
)
from workshop.tuning.acquisition import (
    expected_improvement,
    lower_confidence_bound,
    probability_of_improvement,
    thompson_sampling,
)

STRATEGIES = {
    "grid": GridSearch(3),
    "random": RandomSearch(),
    "expected": BayesianSearch(n_initial=3),
    "explore": BayesianSearch(n_initial=3, acquisition=partial(expected_improvement, xi=0.2)),
    "probability": BayesianSearch(n_initial=3, acquisition=probability_of_improvement),
    "bound": BayesianSearch(n_initial=3, acquisition=partial(lower_confidence_bound, kappa=1.0)),
    "thompson": BayesianSearch(n_initial=3, acquisition=thompson_sampling),
    "own": BayesianSearch(n_initial=3, acquisition=lambda mean, std, best: -mean),
}
SPACES = {
    "one float": Space({"x": Float(-1, 2)}),
    "scales": Space(
        {"a": Float(1e-4, 1, log=True), "b": Float(0, 0.999, log="reverse"), "c": Float(0.1, 10, log="auto")}
    ),
    "whole": Space({"i": Int(1, 6), "j": Int(1, 4000, log=True)}),
    "choices": Space({"c": Categorical(["a", "b", None]), "d": Categorical([True, 1, 0.5, False])}),
    "fixed": Space({"x": Float(0, 1), "one": Int(5, 5), "only": Categorical(["a"]), "same": Float(2, 2)}),
    "mixed": Space({"x": Float(0, 1), "i": Int(1, 10), "c": Categorical(["a", "b", "c"])}),
}


def value(config):
    """Numbers and choices both matter."""
    return sum(v**2 if type(v) in (int, float) else len(str(v)) for v in config.values()) % 7.3


def history_of(space, n=7, failed=(2,), running=(5,)):
    trials = []
    for number in range(n):
        config = space.sample(np.random.default_rng(number))
        state = "failed" if number in failed else "running" if number in running else "complete"
        trials.append(Trial(number, config, state, value(config) if state == "complete" else None))
    return History(trials)


@pytest.fixture(params=STRATEGIES)
def strategy(request):
    return STRATEGIES[request.param]


@pytest.fixture(params=SPACES)
def space(request):
    return SPACES[request.param]


@pytest.mark.parametrize(
    "trials",
    [
        {"n": 0},
        {"n": 2},
        {"n": 7},
        {"n": 4, "failed": range(4)},
        {"n": 4, "running": range(4)},
        {"n": 3, "running": (0, 1)},
    ],
    ids=["nothing", "two", "some of each", "all failed", "all running", "one complete or failed"],
)
def test_proposals_are_valid_pure_and_leave_the_history_alone(strategy, space, trials):
    history = history_of(space, **trials)
    before = copy.deepcopy(history)
    config = strategy.propose(space, history, np.random.default_rng([3, len(history)]))
    assert space.validate(config) == config and list(config) == list(space)
    assert [type(v) for v in config.values()] == [type(v) for v in space.validate(config).values()]
    assert history == before
    again = strategy.propose(space, history, np.random.default_rng([3, len(history)]))
    assert again == config


def test_equal_values_are_no_obstacle(strategy, space):
    history = History(Trial(t.number, t.config, "complete", 1.0) for t in history_of(space))
    assert space.validate(strategy.propose(space, history, np.random.default_rng(0)))


def test_values_of_any_size_are_no_obstacle(strategy):
    space = SPACES["mixed"]
    for scale in (1e-12, 1e12):
        history = History(Trial(t.number, t.config, "complete", scale * value(t.config)) for t in history_of(space))
        assert space.validate(strategy.propose(space, history, np.random.default_rng(0)))


def test_strategies_compare_copy_and_pickle_by_their_parameters(strategy):
    assert copy.copy(strategy) == strategy
    if getattr(getattr(strategy, "acquisition", None), "__name__", "") != "<lambda>":
        assert type(pickle.loads(pickle.dumps(strategy))) is type(strategy)
    assert hash(strategy) == hash(copy.copy(strategy))


@pytest.mark.parametrize("name", ["grid", "expected", "explore", "probability", "bound", "thompson", "own"])
def test_a_finite_space_is_tried_config_by_config_and_then_exhausted(name):
    strategy, space = STRATEGIES[name], Space({"i": Int(1, 3), "c": Categorical(["a", "b", "c"]), "one": Int(4, 4)})
    trials = []
    for number in range(9):
        config = strategy.propose(space, History(trials), np.random.default_rng([0, number]))
        trials.append(
            Trial(number, config, "complete", value(config)) if number % 3 else Trial(number, config, "failed")
        )
    assert len({tuple(trial.config.values()) for trial in trials}) == 9
    with pytest.raises(Exhausted, match="have been tried"):
        strategy.propose(space, History(trials), np.random.default_rng([0, 9]))


def test_another_process_proposes_the_same():
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import test_strategy_contract as c, numpy as np\n"
        "for name in ('grid', 'random', 'expected', 'thompson'):\n"
        "    s = c.SPACES['mixed']\n"
        "    print(c.STRATEGIES[name].propose(s, c.history_of(s), np.random.default_rng([1, 7])))"
    )
    folder = __file__.rsplit("/", 1)[0]
    out = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True).stdout
    space = SPACES["mixed"]
    here = [
        STRATEGIES[name].propose(space, history_of(space), np.random.default_rng([1, 7]))
        for name in ("grid", "random", "expected", "thompson")
    ]
    assert out.splitlines() == [str(config) for config in here]
