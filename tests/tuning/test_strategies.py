"""What every strategy promises, on spaces of every kind, and what grid, random and own configs do besides."""

import copy
import math
import pickle
import subprocess
import sys
from functools import partial

import numpy as np
import pytest
from studies import RULES, SPACE, bowl, curve

from workshop.tuning import (
    BayesianSearch,
    Categorical,
    Exhausted,
    Float,
    GridSearch,
    History,
    Hyperband,
    Int,
    MedianRule,
    RandomSearch,
    Space,
    Start,
    Study,
    Trial,
    WarmStart,
    tune,
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


def history_of(space, n=7, failed=(2,), running=(5,), value=value):
    trials = []
    for number in range(n):
        config = space.sample(np.random.default_rng(number))
        state = "failed" if number in failed else "running" if number in running else "complete"
        trials.append(Trial(number, config, state, value(config) if state == "complete" else None))
    return History(trials)


@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
@pytest.mark.parametrize(
    "trials",
    [
        {"n": 0},
        {"n": 2},
        {"n": 7},
        {"n": 4, "failed": range(4)},
        {"n": 4, "running": range(4)},
        {"n": 3, "running": (0, 1)},
        {"value": lambda config: 1.0},
        {"value": lambda config: 1e-12 * value(config)},
        {"value": lambda config: 1e12 * value(config)},
    ],
    ids=["nothing", "two", "some of each", "all failed", "all running", "one ended", "equal", "tiny", "huge"],
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


@pytest.mark.parametrize("each", [*STRATEGIES.values(), *RULES[0], Hyperband(27, strategy=BayesianSearch())], ids=repr)
def test_strategies_and_rules_compare_copy_and_pickle_by_their_parameters(each):
    copies = [copy.copy(each)]
    if getattr(getattr(each, "acquisition", None), "__name__", "") != "<lambda>":
        copies.append(pickle.loads(pickle.dumps(each)))
    for other in copies:
        assert type(other) is type(each) and (other == each or isinstance(each.acquisition, partial))
    assert copies[0] == each and hash(copies[0]) == hash(each)


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
    names, space = ("grid", "random", "expected", "thompson"), SPACES["mixed"]
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import test_strategies as c, numpy as np\n"
        f"for name in {names}:\n"
        "    s = c.SPACES['mixed']\n"
        "    print(c.STRATEGIES[name].propose(s, c.history_of(s), np.random.default_rng([1, 7])))"
    )
    folder = __file__.rsplit("/", 1)[0]
    out = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True).stdout
    here = [STRATEGIES[name].propose(space, history_of(space), np.random.default_rng([1, 7])) for name in names]
    assert out.splitlines() == [str(config) for config in here]


@pytest.mark.parametrize(
    ("strategy", "rule"), [(GridSearch(3), None), (RandomSearch(), None), (BayesianSearch(3), None), *RULES], ids=repr
)
def test_maximising_is_minimising_with_the_sign_changed(strategy, rule):
    low = tune(curve, SPACE, strategy, 9, stopping=rule, progress=False)
    negated = lambda config: (-value for value in curve(config))  # noqa: E731
    high = tune(negated, SPACE, strategy, 9, stopping=rule, direction="maximize", progress=False)
    assert [(t.config, t.state) for t in low.history] == [(t.config, t.state) for t in high.history]
    assert [t.values for t in low.history] == [tuple(-v for v in t.values) for t in high.history]
    assert bool(low.history.stopped) == bool(low.rules)
    assert low.best.number == high.best.number == min(low.history.complete, key=lambda t: t.value).number
    assert low.to_frame()["FinalObjectiveValue"].equals(-high.to_frame()["FinalObjectiveValue"])


@pytest.mark.parametrize("strategy", [BayesianSearch(n_initial=4), Hyperband(9, strategy=BayesianSearch(4))], ids=repr)
def test_a_proposal_depends_on_seed_number_and_history_only(strategy):
    study, inner = tune(curve, SPACE, strategy, 7, seed=3, progress=False), BayesianSearch(n_initial=4)
    for k, trial in enumerate(study.history):
        assert inner.propose(SPACE, study.history[:k], np.random.default_rng([3, k])) == dict(trial.config)


# Each one's own


def test_a_grid_is_tried_in_order_and_then_ends():
    space, trials = Space({"a": Int(1, 2), "b": Categorical("x y".split())}), []
    for number, expected in enumerate(space.grid(5)):
        assert GridSearch(5).propose(space, History(trials), None) == expected
        trials.append(Trial(number, expected, "complete", 1.0))
    with pytest.raises(Exhausted, match="n_per_param=5"):
        GridSearch(5).propose(space, History(trials), None)


def test_a_huge_grid_starts_at_once():
    space = Space({f"x{i}": Float(0, 1) for i in range(30)})
    assert set(GridSearch(10).propose(space, History(), None).values()) == {0.0}


def test_random_search_tries_no_config_of_a_finite_space_twice():
    space = Space({"k": Int(1, 9), "kind": Categorical(["a", "b"])})
    study = tune(lambda config: config["k"], space, RandomSearch(), 50, progress=False)
    assert sorted(tuple(t.config.values()) for t in study.history) == [(k, c) for k in range(1, 10) for c in "ab"]
    skewed = Space({"k": Int(1, 10**12, log=True)})
    history = History(Trial(k - 1, {"k": k}) for k in range(1, 2000))
    assert not history.holds(RandomSearch().propose(skewed, history, np.random.default_rng(0)))


def test_a_grid_is_completed_whoever_else_proposed():
    space, own = Space({"x": Float(0, 1), "k": Int(1, 3)}), [{"x": 1.0, "k": 3}, {"x": 0.3, "k": 1}]
    study = tune(lambda config: config["x"], space, Start(own, GridSearch(3)), 50, progress=False)
    configs = [dict(t.config) for t in study.history]
    assert configs[:2] == own and len(configs) == 10 and all(config in configs for config in space.grid(3))


def test_searches_end_between_two_neighbouring_numbers():
    space = Space({"x": Float(1.0, math.nextafter(1.0, 2))})
    assert len(tune(lambda config: config["x"], space, RandomSearch(), 5, progress=False).history) == 5
    assert len(tune(lambda config: config["x"], space, GridSearch(5), 5, progress=False).history) <= 2


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: Start({"x": 1.0}, RandomSearch()), TypeError, "is one config; give a list"),
        (lambda: Start([], "random"), TypeError, "then='random' has no propose"),
        (lambda: tune(len, SPACE, Start([{"x": 3.0, "k": 1}], RandomSearch()), 1), ValueError, "x: 3.0 is out"),
        (lambda: MedianRule(0), ValueError, "min_trials=0"),
        (lambda: MedianRule(min_steps=0), ValueError, "min_steps=0"),
        (lambda: Hyperband(0), ValueError, "max_steps=0"),
        (lambda: Hyperband(9, 10), ValueError, "max_steps=9 must be .* at least 10"),
        (lambda: Hyperband(9, eta=1), ValueError, "eta=1"),
        (lambda: Hyperband(9.5), ValueError, "max_steps=9.5"),
        (lambda: Hyperband(9, strategy=RandomSearch), TypeError, "has no propose"),
        (lambda: WarmStart(BayesianSearch(), []), TypeError, r"parents=\[\] must be a list of at least one study"),
        (lambda: WarmStart(BayesianSearch(), [3]), TypeError, "must be a list of at least one study"),
        (lambda: WarmStart(BayesianSearch(), Study(SPACE, RandomSearch())), TypeError, "parents=Study"),
        (lambda: WarmStart(BayesianSearch, [History()]), TypeError, r"strategy=.* has no propose"),
        (lambda: tune(bowl, SPACE, WarmStart(RandomSearch(), [History()]), 1), ValueError, "none has ended"),
    ],
)
def test_wrong_arguments_are_named(make, error, text):
    with pytest.raises(error, match=text):
        make()
