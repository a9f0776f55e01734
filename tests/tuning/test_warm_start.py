"""Studies that begin with what others have found."""

import pickle
import re

import numpy as np
import pytest
from reporting import SPACE, outcomes

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


def bowl(config):
    return (config["x"] - 1) ** 2 + 0.1 * (config["k"] - 4) ** 2


@pytest.fixture(scope="module")
def parent():
    return tune(bowl, SPACE, RandomSearch(), 12, seed=5, progress=False)


# Identical data


def test_the_parents_trials_come_first_and_values_stay(parent):
    other = tune(bowl, SPACE, RandomSearch(), 3, seed=6, progress=False)
    own = History([Trial(0, {"x": 0.0, "k": 1}, "complete", 9.0), Trial(1, {"x": 1.0, "k": 1})])
    known = WarmStart(RandomSearch(), [parent, other]).known(SPACE, own)
    assert [t.number for t in known] == list(range(17))
    assert [t.value for t in known] == [t.value for t in [*parent.history, *other.history, *own]]
    assert [t.config for t in known] == [t.config for t in [*parent.history, *other.history, *own]]
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


@pytest.mark.parametrize("transfer", [False, True])
@pytest.mark.parametrize("inner", [RandomSearch(), BayesianSearch(n_initial=4)], ids=repr)
def test_it_is_a_function_of_the_history_and_resumes(parent, inner, transfer, tmp_path):
    strategy = WarmStart(inner, [parent], transfer)
    whole = tune(bowl, SPACE, strategy, 6, progress=False)
    for n_trials in (2, 6):
        study = tune(bowl, SPACE, strategy, n_trials, storage=tmp_path / "s.sqlite", progress=False)
    assert outcomes(study) == outcomes(whole)
    assert pickle.loads(pickle.dumps(strategy)) == strategy


def test_later_trials_of_a_parent_are_not_known():
    parent = tune(bowl, SPACE, RandomSearch(), 3, progress=False)
    strategy = WarmStart(BayesianSearch(), [parent])
    before = strategy.known(SPACE, History())
    parent.tell(parent.ask(), 0.0)
    assert strategy.known(SPACE, History()) == before


def test_maximising_is_minimising_with_the_sign_changed():
    studies = []
    for sign, direction in ((1, "minimize"), (-1, "maximize")):
        settings = {"direction": direction, "progress": False}
        objective = lambda c: sign * bowl(c)  # noqa: B023, E731
        parent = tune(objective, SPACE, RandomSearch(), 9, **settings)
        studies.append(tune(objective, SPACE, WarmStart(BayesianSearch(), [parent]), 4, **settings))
    assert [t.config for t in studies[0].history] == [t.config for t in studies[1].history]


def test_the_strategy_inside_may_stop_trials(parent):
    curve = lambda c: (bowl(c) + 1 / step for step in range(1, 10))  # noqa: E731
    study = tune(curve, SPACE, WarmStart(Hyperband(9), [parent]), 15, progress=False)
    assert [outcomes(study)] == [outcomes(tune(curve, SPACE, Hyperband(9), 15, progress=False))]
    assert study.history.stopped and not Study(SPACE, WarmStart(RandomSearch(), [parent])).rules
    grandchild = WarmStart(BayesianSearch(), [study])
    assert len(grandchild.known(SPACE, History()).stopped) == len(study.history.stopped)
    assert tune(curve, SPACE, grandchild, 2, stopping=MedianRule(), progress=False).history


# Other spaces


def test_what_has_no_place_in_the_new_space_is_left_out(parent):
    narrow = Space({"x": Float(0, 2)})  # no k, and half the range
    known = WarmStart(BayesianSearch(), [parent]).known(narrow, History())
    inside = [t for t in parent.history if t.config["x"] >= 0]
    assert [dict(t.config) for t in known] == [{"x": t.config["x"]} for t in inside] and 0 < len(inside) < 12
    assert [t.value for t in known] == [t.value for t in inside]
    assert narrow.validate(WarmStart(BayesianSearch(), [parent]).propose(narrow, known[:0], np.random.default_rng(0)))


@pytest.mark.parametrize(
    ("space", "text"),
    [
        (Space({"x": Float(-2, 2), "eta": Float(0, 1)}), "'eta': Float(low=0.0, high=1.0"),
        (Space({"x": Float(10, 20)}), "[{'x': "),
        (Space({"k": Categorical(["a", "b"])}), "out of range or lacks a parameter"),
    ],
)
def test_parents_of_no_use_are_refused(parent, space, text):
    with pytest.raises(ValueError, match=f"no trial of the parents .*{re.escape(text)}"):
        tune(lambda c: 1.0, space, WarmStart(BayesianSearch(), [parent]), 1, progress=False)


def test_wrong_arguments_are_named(parent):
    with pytest.raises(TypeError, match=r"parents=\[\] must be a list of at least one study"):
        WarmStart(BayesianSearch(), [])
    with pytest.raises(TypeError, match=r"strategy=.* has no propose"):
        WarmStart(BayesianSearch, [parent])
    with pytest.raises(TypeError, match="must be a list of at least one study"):
        WarmStart(BayesianSearch(), [3])
    with pytest.raises(TypeError, match="parents=Study"):
        WarmStart(BayesianSearch(), parent)
    with pytest.raises(ValueError, match="none has ended"):
        tune(bowl, SPACE, WarmStart(BayesianSearch(), [Study(SPACE, RandomSearch())]), 1, progress=False)


# Transfer


def test_levels_are_found_and_each_parent_is_standardised(parent):
    """The parents' values are 100 + 7 bowl and 5 bowl - 3; on the new data bowl + 20: all agree but for the spread."""
    parents = [
        History(Trial(t.number, t.config, "complete", level + scale * t.value) for t in parent.history)
        for level, scale in ((100, 7), (-3, 5))
    ]
    strategy = WarmStart(BayesianSearch(), parents, transfer=True)
    known = strategy.known(SPACE, History())
    values = np.array([t.value for t in known]).reshape(2, 12)
    np.testing.assert_allclose(values[0], values[1])
    assert values[0].mean() == pytest.approx(0) and values[0].std() == pytest.approx(
        6 * np.std([t.value for t in parent.history])
    )
    assert [t.number for t in known] == list(range(-24, 0))
    own = History(Trial(0, parent.history[3].config, "complete", 20.0) for _ in range(1))
    moved = strategy.known(SPACE, own)
    z = (parent.history[3].value - np.mean([t.value for t in parent.history])) / np.std(
        [t.value for t in parent.history]
    )
    spread = np.std([t.value for t in parents[0]]) / 2 + np.std([t.value for t in parents[1]]) / 2
    kept = [t for t in parent.history if t.number != 3]
    for t, original in zip([t for t in moved if t.number < 0], kept * 2, strict=True):
        z_t = (original.value - np.mean([t.value for t in parent.history])) / np.std([t.value for t in parent.history])
        assert t.value == pytest.approx(20 + spread * (z_t - z), abs=0.15 * spread)
    assert moved[-1] == own[0]


def test_knowledge_fades_trial_by_trial(parent):
    """Each own trial takes the place of the parent's nearest; after as many, nothing of the parent is left."""
    strategy, own = WarmStart(BayesianSearch(), [parent], transfer=True), []
    rng = np.random.default_rng(0)
    left = {t.number: SPACE.encode(t.config) for t in parent.history}
    for number in range(14):
        config = SPACE.sample(rng)
        own.append(Trial(number, config, "complete", bowl(config)))
        if left:
            x = SPACE.encode(config)
            del left[min(left, key=lambda k: np.linalg.norm(left[k] - x))]
        known = strategy.known(SPACE, History(own))
        assert [dict(t.config) for t in known if t.number < 0] == [dict(parent.history[k].config) for k in sorted(left)]
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
