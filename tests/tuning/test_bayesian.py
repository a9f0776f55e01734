import math
from functools import partial

import numpy as np
import pytest

from workshop.tuning import (
    BayesianSearch,
    Categorical,
    Float,
    History,
    Int,
    RandomSearch,
    Space,
    Trial,
)
from workshop.tuning.acquisition import expected_improvement, lower_confidence_bound, thompson_sampling
from workshop.tuning.bayesian import believe, ranked
from workshop.tuning.surrogate import GaussianProcess
from workshop.tuning.value_scale import ValueScale


def search(strategy, space, objective, n, seed=0, at_once=1):
    """Return the history of `n` trials, asked `at_once` at a time."""
    trials = []
    while len(trials) < n:
        start = len(trials)
        for number in range(start, start + at_once):
            config = strategy.propose(space, History(trials), np.random.default_rng([seed, number]))
            trials.append(Trial(number, config))
        for number in range(start, start + at_once):
            config = trials[number].config
            result = objective(config)
            trials[number] = (
                Trial(number, config, "complete", result) if np.isfinite(result) else Trial(number, config, "failed")
            )
    return History(trials)


def best(history):
    return min(history.complete, key=lambda trial: trial.value)


def branin(c):
    a = c["y"] - 5.1 / (4 * math.pi**2) * c["x"] ** 2 + 5 / math.pi * c["x"] - 6
    return a**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(c["x"]) + 10 - 0.39788735772973816


BRANIN = Space({"x": Float(-5, 10), "y": Float(0, 15)})


@pytest.mark.slow
def test_bayesian_search_beats_random_search():
    regret = {
        strategy: np.median([best(search(strategy, BRANIN, branin, 25, seed)).value for seed in range(5)])
        for strategy in (BayesianSearch(), RandomSearch())
    }
    assert regret[BayesianSearch()] < 0.05 < 0.2 < regret[RandomSearch()]


@pytest.mark.slow
@pytest.mark.parametrize("acquisition", [partial(lower_confidence_bound, kappa=2.0), thompson_sampling])
def test_other_acquisitions_find_the_valley_too(acquisition):
    space = Space({"x": Float(0, 1), "y": Float(0, 1)})
    history = search(
        BayesianSearch(acquisition=acquisition), space, lambda c: (c["x"] - 0.7) ** 2 + (c["y"] - 0.2) ** 2, 25
    )
    assert best(history).value < 0.003


def test_whole_numbers_and_choices_are_found():
    space = Space({"i": Int(1, 60), "j": Int(1, 1000, log=True), "c": Categorical(list("abcd"))})

    def objective(c):
        return (
            ((c["i"] - 41) / 60) ** 2 + (math.log10(c["j"]) - 1.4) ** 2 + {"a": 1, "b": 0, "c": 0.5, "d": 0.7}[c["c"]]
        )

    trial = best(search(BayesianSearch(), space, objective, 35))
    assert trial.config["c"] == "b" and trial.value < 0.01


def test_parallel_proposals_stay_apart():
    history = search(BayesianSearch(n_initial=6), BRANIN, branin, 24, at_once=6)
    for start in range(6, 24, 6):
        X = BRANIN.encode_all([trial.config for trial in history[start : start + 6]])
        gaps = np.linalg.norm(X[:, None] - X[None], axis=2)[np.triu_indices(6, 1)]
        assert gaps.min() > 1e-3 and np.median(gaps) > 0.05
    assert best(history).value < 20


def test_failed_trials_teach_to_stay_away():
    space = Space({"x": Float(0, 1), "y": Float(0, 1)})

    def objective(c):
        return math.nan if c["x"] < 0.5 else (c["x"] - 0.6) ** 2 + (c["y"] - 0.3) ** 2

    history = search(BayesianSearch(n_initial=6), space, objective, 30)
    assert len(history.failed[3:]) < 8  # a strategy that learned nothing would fail in half of them
    assert best(history).value < 0.002


@pytest.mark.slow
@pytest.mark.parametrize("diverged", [1e9, 1e200])
def test_a_diverged_trial_does_not_hide_the_rest(diverged):
    space = Space({"x": Float(0, 1), "y": Float(0, 1)})

    def objective(c):
        return diverged * c["x"] if c["x"] > 0.9 else (c["x"] - 0.6) ** 2 + (c["y"] - 0.3) ** 2

    history = search(BayesianSearch(), space, objective, 25)
    assert BayesianSearch().believe(space, history).band([{"x": 0.1, "y": 0.3}])[1][0] == pytest.approx(0.25, abs=0.1)
    assert best(history).value < 0.001


def test_the_first_trials_are_counted_by_number_and_leave_no_hole():
    history = search(BayesianSearch(n_initial=9), BRANIN, branin, 9)
    X = BRANIN.encode_all([trial.config for trial in history])
    places = np.random.default_rng(0).random((500, 2))
    farthest = np.linalg.norm(places[:, None] - X[None], axis=2).min(axis=1).max()
    assert farthest < 0.45  # nine draws from anywhere leave a hole of about 0.55
    failed = History(Trial(i, BRANIN.decode(x), "failed") for i, x in enumerate(X))
    assert BRANIN.validate(BayesianSearch(n_initial=9).propose(BRANIN, failed, np.random.default_rng(0)))
    for wrong in (0, 2.5, "8"):
        with pytest.raises(ValueError, match="n_initial="):
            BayesianSearch(n_initial=wrong)


@pytest.mark.parametrize("scale, optimum", [(True, 3e-4), (False, 0.6)])
def test_auto_finds_the_scale_from_the_trials(scale, optimum):
    space = Space({"eta": Float(1e-5, 1, log="auto"), "x": Float(0, 1)})

    def objective(c):
        off = math.log10(c["eta"] / optimum) if scale else 3 * (c["eta"] - optimum)
        return off**2 + c["x"]

    history = search(BayesianSearch(n_initial=10), space, objective, 16)
    assert BayesianSearch().believe(space, history).space["eta"].log is scale


def test_the_search_finds_the_highest_utility():
    space = Space({"x": Float(0, 1), "y": Float(0, 1)})
    history = search(RandomSearch(), space, lambda c: math.sin(5 * c["x"]) + (c["y"] - 0.4) ** 2, 12)
    belief = believe(space, history, expected_improvement)
    found = belief.utility(ranked(belief, np.random.default_rng(0))[:1])[0]
    everywhere = np.stack(np.meshgrid(*[np.linspace(0, 1, 201)] * 2), axis=-1).reshape(-1, 2)
    assert found >= belief.utility(everywhere).max() - 1e-3


def test_utility_gradients_are_those_of_finite_differences():
    space = Space({"x": Float(0, 1), "c": Categorical(["a", "b"])})
    history = search(RandomSearch(), space, lambda c: (c["x"] - 0.3) ** 2 + (c["c"] == "a"), 10)
    belief = believe(space, history, expected_improvement)
    Z = np.random.default_rng(1).random((5, 3))
    gradient = belief.utility_with_gradient(Z)[1]
    for column in range(3):
        step = np.zeros(3)
        step[column] = 1e-5
        numeric = (belief.utility(Z + step) - belief.utility(Z - step)) / 2e-5
        assert np.allclose(gradient[:, column], numeric, rtol=1e-3, atol=1e-3)


def test_a_past_belief_is_that_of_the_history_cut_there():
    history = search(BayesianSearch(n_initial=4), BRANIN, branin, 12)
    belief = BayesianSearch(n_initial=4).believe(BRANIN, history[:9])
    following = BayesianSearch(n_initial=4).propose(BRANIN, history[:9], np.random.default_rng([0, 9]))
    assert following == history[9].config
    elsewhere = [BRANIN.sample(np.random.default_rng(i)) for i in range(300)]
    assert belief.promise([following])[0] >= belief.promise(elsewhere).max()
    low, middle, high = belief.band([trial.config for trial in history[:9]])
    values = np.array([trial.value for trial in history[:9]])
    assert ((low <= middle) & (middle <= high)).all()
    assert np.abs(middle - values).max() < 0.05 * np.ptp(values)


def test_a_belief_expects_nothing_new_from_what_is_running():
    history = search(RandomSearch(), BRANIN, branin, 10)
    running = Trial(10, {"x": 0.0, "y": 7.0})
    before, after = (BayesianSearch().believe(BRANIN, h) for h in (history, History([*history, running])))
    assert after.band([running.config])[1] == pytest.approx(before.band([running.config], n_std=1)[2], rel=0.05)
    assert after.promise([running.config])[0] < before.promise([running.config])[0] / 10


def test_values_of_very_different_size_come_closer_to_normal():
    y = np.exp(np.random.default_rng(0).normal(size=200))
    bent = ValueScale(y).bend(y)
    assert abs(bent.mean()) < 1e-9 and bent.std() == pytest.approx(1)
    skewness = ((y - y.mean()) ** 3).mean() / y.std() ** 3
    assert abs((bent**3).mean()) < skewness / 3
    assert (np.diff(bent[np.argsort(y)]) >= 0).all()
    assert np.allclose(ValueScale(-y).bend(-y), -bent, atol=1e-9)  # the same in both directions
    assert np.allclose(ValueScale(y).unbend(bent), y)


def test_the_bent_scale_is_scipys():
    from scipy.stats import yeojohnson

    y = np.random.default_rng(1).gamma(2.0, size=100)
    scale = ValueScale(y)
    expected = yeojohnson((y - y.mean()) / y.std(), scale.power)
    assert np.allclose(scale.bend(y), (expected - expected.mean()) / expected.std())
    assert scale.power == pytest.approx(yeojohnson((y - y.mean()) / y.std())[1], abs=0.06)


@pytest.mark.slow
def test_large_dimensions_and_long_histories_do_not_hang():
    import time

    space = Space({f"x{i}": Float(0, 1) for i in range(20)})
    history = search(RandomSearch(), space, lambda c: sum(v**2 for v in c.values()), 200)
    start = time.process_time()
    assert space.validate(BayesianSearch().propose(space, history, np.random.default_rng(0)))
    assert time.process_time() - start < 20


def test_the_gaussian_process_works_by_itself_for_a_picture():
    x = np.linspace(0, 1, 50)
    mean, std = GaussianProcess().fit([[0.1], [0.5], [0.9]], [1.0, -1.0, 0.5]).predict(x[:, None])
    assert mean.shape == std.shape == (50,)
