"""Studies that begin with what others have found."""

import re

import numpy as np
import pytest
from studies import PARENT, SPACE, bowl, curve, outcomes

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
    Study,
    Trial,
    WarmStart,
    tune,
)

# Identical data


def test_the_parents_trials_come_first_and_values_stay():
    other = tune(bowl, SPACE, RandomSearch(), 3, seed=6, progress=False)
    own = History([Trial(0, {"x": 0.0, "k": 1}, "complete", 9.0), Trial(1, {"x": 1.0, "k": 1})])
    known = WarmStart(RandomSearch(), [PARENT, other]).known(SPACE, own)
    assert [t.number for t in known] == list(range(17))
    assert [t.value for t in known] == [t.value for t in [*PARENT, *other.history, *own]]
    assert [t.config for t in known] == [t.config for t in [*PARENT, *other.history, *own]]
    assert known[16].state == "running"


def test_one_study_in_two_parts_is_one_study():
    """A child of nine trials goes on as a study of nine trials would, seeds being equal."""
    whole = tune(bowl, SPACE, BayesianSearch(n_initial=4), 10, progress=False)
    config = WarmStart(BayesianSearch(n_initial=4), [tune(bowl, SPACE, BayesianSearch(n_initial=4), 9, progress=False)])
    assert config.propose(SPACE, History(), np.random.default_rng([0, 9])) == dict(whole.history[9].config)


def test_a_grid_goes_on_where_its_parents_ended():
    space = Space({"k": Int(1, 9)})
    parent = tune(lambda c: c["k"], space, GridSearch(9), 4, progress=False)
    child = tune(lambda c: c["k"], space, WarmStart(GridSearch(9), [parent]), 9, progress=False)
    assert [t.config["k"] for t in child.history] == [5, 6, 7, 8, 9]


@pytest.mark.slow
@pytest.mark.parametrize("transfer", [False, True])
def test_a_warm_study_is_better_from_its_first_trial_on(transfer):
    warm, cold = [], []
    for seed in range(10):
        parent = tune(bowl, SPACE, BayesianSearch(), 12, seed=100 + seed, progress=False)
        objective = (lambda c: 50 + 3 * bowl(c)) if transfer else bowl
        strategy = WarmStart(BayesianSearch(), [parent], transfer=transfer)
        warm.append(tune(objective, SPACE, strategy, 3, seed=seed, progress=False).best.value)
        cold.append(tune(objective, SPACE, BayesianSearch(), 3, seed=seed, progress=False).best.value)
    assert sum(w < c for w, c in zip(warm, cold, strict=True)) >= 8


# The contract of strategies


def test_later_trials_of_a_parent_are_not_known():
    parent = tune(bowl, SPACE, RandomSearch(), 3, progress=False)
    strategy = WarmStart(BayesianSearch(), [parent])
    before = strategy.known(SPACE, History())
    parent.tell(parent.ask(), 0.0)
    assert strategy.known(SPACE, History()) == before


def test_the_strategy_inside_may_stop_trials():
    study = tune(curve, SPACE, WarmStart(Hyperband(9), [PARENT]), 15, progress=False)
    assert [outcomes(study)] == [outcomes(tune(curve, SPACE, Hyperband(9), 15, progress=False))]
    assert study.history.stopped and not Study(SPACE, WarmStart(RandomSearch(), [PARENT])).rules
    grandchild = WarmStart(BayesianSearch(), [study])
    assert len(grandchild.known(SPACE, History()).stopped) == len(study.history.stopped)
    assert tune(curve, SPACE, grandchild, 2, stopping=MedianRule(), progress=False).history


# Other spaces


def test_what_has_no_place_in_the_new_space_is_left_out():
    narrow = Space({"x": Float(0, 2)})  # no k, and half the range
    known = WarmStart(BayesianSearch(), [PARENT]).known(narrow, History())
    inside = [t for t in PARENT if t.config["x"] >= 0]
    assert [dict(t.config) for t in known] == [{"x": t.config["x"]} for t in inside] and 0 < len(inside) < 12
    assert [t.value for t in known] == [t.value for t in inside]
    assert narrow.validate(WarmStart(BayesianSearch(), [PARENT]).propose(narrow, known[:0], np.random.default_rng(0)))


def test_a_parent_that_maximises_is_minimised_with_the_sign_changed():
    """A history is taken to be minimised, a study says its direction."""
    high = tune(lambda config: -bowl(config), SPACE, RandomSearch(), 9, direction="maximize", progress=False)
    for parent, sign in ((high, 1), (high.history, -1)):
        (known,) = WarmStart(BayesianSearch(), [parent]).parents
        assert [t.value for t in known] == [sign * bowl(t.config) for t in known]


@pytest.mark.parametrize(
    ("space", "text"),
    [
        (Space({"x": Float(-2, 2), "eta": Float(0, 1)}), "'eta': Float(low=0.0, high=1.0"),
        (Space({"x": Float(10, 20)}), "[{'x': "),
        (Space({"k": Categorical(["a", "b"])}), "out of range or lacks a parameter"),
    ],
)
def test_parents_of_no_use_are_refused(space, text):
    with pytest.raises(ValueError, match=f"no trial of the parents .*{re.escape(text)}"):
        tune(lambda c: 1.0, space, WarmStart(BayesianSearch(), [PARENT]), 1, progress=False)


# Transfer


def test_levels_are_found_and_each_parent_is_standardised():
    """Two parents hold 100 + 7 bowl and 5 bowl - 3: standardised they are one, moved to where the own trial shows."""
    plain = np.array([t.value for t in PARENT])
    parents = [
        History(Trial(t.number, t.config, "complete", level + scale * t.value) for t in PARENT)
        for level, scale in ((100, 7), (-3, 5))
    ]
    z, spread = (plain - plain.mean()) / plain.std(), 6 * plain.std()
    strategy = WarmStart(BayesianSearch(), parents, transfer=True)
    known = strategy.known(SPACE, History())
    assert [t.number for t in known] == list(range(-24, 0))
    np.testing.assert_allclose([t.value for t in known], np.tile(spread * z, 2))
    own = History([Trial(0, PARENT[3].config, "complete", 20.0)])
    *moved, last = strategy.known(SPACE, own)  # each parent's trial 3 gives way to it
    expected = np.tile(np.delete(20 + spread * (z - z[3]), 3), 2)
    np.testing.assert_allclose([t.value for t in moved], expected, atol=0.15 * spread)
    assert last == own[0]


def test_knowledge_fades_trial_by_trial():
    """Each own trial takes the place of the parent's nearest; after as many, nothing of the parent is left."""
    strategy, own = WarmStart(BayesianSearch(), [PARENT], transfer=True), []
    rng = np.random.default_rng(0)
    left = {t.number: SPACE.encode(t.config) for t in PARENT}
    for number in range(14):
        config = SPACE.sample(rng)
        own.append(Trial(number, config, "complete", bowl(config)))
        if left:
            x = SPACE.encode(config)
            del left[min(left, key=lambda k: np.linalg.norm(left[k] - x))]
        known = strategy.known(SPACE, History(own))
        assert [dict(t.config) for t in known if t.number < 0] == [dict(PARENT[k].config) for k in sorted(left)]
    assert known == History(own)


def test_other_datas_configs_may_be_tried_again():
    """A grid begins anew, and a finite space is not exhausted by what was tried on other data."""
    space = Space({"k": Int(1, 4)})
    parent = tune(lambda c: (c["k"] - 3) ** 2, space, GridSearch(4), 4, progress=False)
    grid = tune(lambda c: c["k"], space, WarmStart(GridSearch(4), [parent], transfer=True), 9, progress=False)
    assert [t.config["k"] for t in grid.history] == [1, 2, 3, 4]
    child = tune(lambda c: 7 + (c["k"] - 3) ** 2, space, WarmStart(BayesianSearch(), [parent], True), 9, progress=False)
    assert child.history[0].config["k"] == 3 and len(child.history) == 4
    with pytest.raises(Exhausted):
        WarmStart(BayesianSearch(), [parent]).propose(space, History(), np.random.default_rng(0))
