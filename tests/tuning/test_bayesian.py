import math
from functools import partial

import numpy as np
import pytest

from workshop.tuning import (
    BayesianSearch,
    Categorical,
    Exhausted,
    Float,
    History,
    Int,
    RandomSearch,
    Space,
    Trial,
)
from workshop.tuning.acquisition import lower_confidence_bound, thompson_sampling
from workshop.tuning.bayesian import ranked
from workshop.tuning.surrogate import ValueScale, scales_for


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
    belief = BayesianSearch().believe(space, history)
    found = belief.utility(ranked(belief, np.random.default_rng(0))[:1])[0]
    everywhere = np.stack(np.meshgrid(*[np.linspace(0, 1, 201)] * 2), axis=-1).reshape(-1, 2)
    assert found >= belief.utility(everywhere).max() - 1e-3


def test_utility_gradients_are_those_of_finite_differences():
    space = Space({"x": Float(0, 1), "c": Categorical(["a", "b"])})
    history = search(RandomSearch(), space, lambda c: (c["x"] - 0.3) ** 2 + (c["c"] == "a"), 10)
    belief = BayesianSearch().believe(space, history)
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


def test_scales_bend_by_the_slope_that_they_say():
    y = np.random.default_rng(2).gamma(0.5, size=60)
    for scale in scales_for(y):
        inner = np.sort(y)[1:30]
        numeric = (scale.bend(inner + 1e-7) - scale.bend(inner - 1e-7)) / 2e-7
        assert np.allclose(np.exp(scale.log_slope(inner)), numeric, rtol=1e-5)
    assert np.allclose(scale.unbend(scale.bend(y)), y)  # beyond the knee too
    assert len(scales_for(y[:11])) == len(scales_for(np.zeros(20))) == 1


def test_a_cliff_does_not_hide_what_distinguishes_the_good():
    space = Space({"x": Float(0, 1), "y": Float(0, 1)})

    def objective(c):
        return (c["x"] - 0.6) ** 2 + (c["y"] - 0.3) ** 2 + (math.exp(25 * (0.5 - c["x"])) if c["x"] < 0.5 else 0)

    history = search(RandomSearch(), space, objective, 30)
    belief = BayesianSearch().believe(space, history)
    assert belief.scale.knee < 10
    found = [best(search(BayesianSearch(), space, objective, 30, seed)).value for seed in range(5)]
    assert np.median(found) < 1e-4


@pytest.mark.parametrize("across, turned", [([1, 2], True), ([1, 0], False)])
def test_axes_are_turned_only_for_a_valley_that_lies_across_them(across, turned):
    space, rng = Space({"x": Float(0, 1), "y": Float(0, 1)}), np.random.default_rng(2)
    wall = lambda c: abs((c["x"] - 0.5) * across[0] + (c["y"] - 0.5) * across[1])  # noqa: E731
    history = History(Trial(i, c, "complete", wall(c)) for i, c in enumerate(space.sample(rng) for _ in range(25)))
    axes = BayesianSearch().believe(space, history).gp.axes_
    assert (axes != np.eye(2)).any() == turned
    if turned:
        assert abs(axes[:, 1] @ across) == pytest.approx(np.sqrt(5), abs=0.05)


def test_proposals_lie_on_a_lattice_that_becomes_finer_around_the_best():
    space = Space({"x": Float(0, 1), "y": Float(0, 1)})

    def digits(values):
        belief = BayesianSearch().believe(space, values)
        (z,) = belief.on_lattice(np.array([[1 / 3, 2 / 3]]))
        return [len(str(number)) - 2 for number in z.tolist()]

    near = [{"x": 0.3 + 1e-4 * i, "y": 0.6 - 2e-4 * i} for i in range(3)]
    far = [{"x": 0.1, "y": 0.9}, {"x": 0.8, "y": 0.2}, {"x": 0.4, "y": 0.4}]
    trials = [Trial(i, c, "complete", float(i)) for i, c in enumerate([*near, *far])]
    assert digits(History(trials[3:])) == [3, 3] and digits(History(trials)) == [5, 5]
    config = BayesianSearch(n_initial=3).propose(space, History(trials[3:]), np.random.default_rng(0))
    assert all(value == round(value, 3) for value in config.values())


@pytest.mark.parametrize("high", [1e6 + 1e-9, float(np.nextafter(1e6, 2e6))])
@pytest.mark.parametrize("others", [{}, {"c": Categorical(["a", "b", "c"])}, {"i": Int(1, 3), "c": Categorical([0])}])
@pytest.mark.parametrize("n_initial", [1, 100])
def test_an_interval_of_a_few_values_is_exhausted(high, others, n_initial):
    space, trials = Space({"x": Float(1e6, high), **others}), []
    with pytest.raises(Exhausted, match="have been tried"):
        for number in range(100):
            config = BayesianSearch(n_initial).propose(space, History(trials), np.random.default_rng([0, number]))
            trials.append(Trial(number, config, "complete", float(number % 5)))
    assert len({tuple(trial.config.values()) for trial in trials}) == len(trials) >= (3 if others else 1)


def test_the_last_config_of_a_larger_space_is_found():
    space = Space({"i": Int(1, 60), "j": Int(1, 50)})
    *tried, last = space.grid(100)
    history = History(Trial(i, config, "failed") for i, config in enumerate(tried))
    assert BayesianSearch(n_initial=5000).propose(space, history, np.random.default_rng(0)) == last


def test_many_choices_are_one_length_scale_and_are_found():
    space = Space({"c": Categorical(range(1000)), "x": Float(0, 1)})
    history = search(RandomSearch(), space, lambda c: (c["c"] % 10) + c["x"], 40)
    belief = BayesianSearch().believe(space, history)
    assert belief.gp.theta_.shape == (5,)
    config = BayesianSearch().propose(space, history, np.random.default_rng(0))
    assert config["c"] % 10 == 0 or config["c"] not in {trial.config["c"] for trial in history}


@pytest.mark.parametrize("n_trials, looks_far", [(99, False), (104, False), (105, True), (106, False)])
def test_after_a_hundred_trials_every_other_one_looks_beyond_the_minimum_found(n_trials, looks_far):
    space, rng = Space({"x": Float(0, 1), "y": Float(0, 1)}), np.random.default_rng(0)
    around = np.array([0.3, 0.7]) + rng.uniform(-0.02, 0.02, (n_trials - 40, 2))
    X = np.vstack([rng.random((40, 2)), around])
    values = ((X - [0.3, 0.7]) ** 2).sum(axis=1) + 100 * (X[:, 0] > 0.6)  # a cliff, which wants the second scale
    trials = [Trial(i, space.decode(x), "complete", y) for i, (x, y) in enumerate(zip(X, values, strict=True))]
    belief = BayesianSearch().believe(space, History(trials))
    assert np.isinf(belief.scale.knee) == looks_far and (max(belief.gp.scales_) > 0.2) == looks_far


def test_of_a_long_history_the_better_half_and_some_others_are_learned_from():
    space = Space({"x": Float(0, 1), "y": Float(0, 1)})
    history = search(RandomSearch(), space, lambda c: c["x"] ** 2 + c["y"], 600)
    belief = BayesianSearch().believe(space, history)
    values = np.sort([trial.value for trial in history])
    assert len(belief.gp.y_) <= 400 and belief.gp.y_.max() == pytest.approx(belief.scale.bend(values[-1:])[0])
    assert np.allclose(belief.scale.unbend(np.sort(belief.gp.y_)[:200]), values[:200])


def test_an_acquisition_can_be_named_and_a_wrong_one_is_refused_at_once():
    assert BayesianSearch(acquisition="expected_improvement") == BayesianSearch()
    assert BayesianSearch(acquisition="thompson_sampling").acquisition is thompson_sampling
    with pytest.raises(ValueError, match=r"'ei' is unknown; use .*'expected_improvement'"):
        BayesianSearch(acquisition="ei")
    with pytest.raises(TypeError, match=r"acquisition=3 must take \(mean, std, best\)"):
        BayesianSearch(acquisition=3)
    with pytest.raises(TypeError, match=r"must take \(mean, std, best\)"):
        BayesianSearch(acquisition=lambda mean: mean)
    with pytest.raises(ValueError, match=r"returns shape \(\) for mean"):
        BayesianSearch(acquisition=lambda mean, std, best: 0.0)
