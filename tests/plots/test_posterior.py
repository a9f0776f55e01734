import io

import numpy as np
import pytest
from PIL import Image
from scipy.stats import norm

from workshop.objectives import branin, forrester
from workshop.plots.posterior import ACQUISITIONS, LEAST_KNOWN, BeliefFigure, plot_steps, plot_surfaces, step_at
from workshop.plots.style import alternative_text
from workshop.tuning import BayesianSearch, Categorical, Float, Int, Space, tune


@pytest.fixture(scope="module")
def study():
    space, strategy = Space({"x": Float(0, 1)}), BayesianSearch(n_initial=3)
    return tune(lambda c: -forrester(c["x"]), space, strategy, 8, direction="maximize", progress=False)


@pytest.fixture(scope="module")
def study_2d():
    space = Space({"a": Float(0.1, 10, log=True), "b": Int(0, 15)})
    return tune(lambda c: branin(c["a"], c["b"]), space, BayesianSearch(n_initial=4), 8, progress=False)


def test_a_step_knows_the_first_k_trials_and_no_more(study):
    step = step_at(study, 4)
    assert step.tried[:, 0].tolist() == [trial.config["x"] for trial in study.history[:4]]
    assert step.values.tolist() == [trial.value for trial in study.history[:4]]
    assert step.next_config.tolist() == [study.history[4].config["x"]]
    assert step_at(study, 8).next_config is None


def test_the_belief_passes_through_the_trials_in_the_objectives_own_unit(study):
    step = step_at(study, 8)
    (x,) = step.axes
    at_trials = np.interp(step.tried[:, 0], x, step.mean)
    assert np.abs(at_trials - step.values).max() < 0.05 * np.ptp(step.values)
    assert (step.low <= step.mean).all() and (step.mean <= step.high).all()


def test_the_next_trial_stands_where_the_acquisition_is_highest(study):
    for k in range(3, 8):
        step = step_at(study, k)
        (x,) = step.axes
        highest = x[step.acquisition >= 0.95 * step.acquisition.max()]
        assert np.abs(highest - step.next_config[0]).min() <= 1 / 299


def test_a_failed_trial_leaves_no_dot():
    def objective(config):
        return 1 / 0 if config["x"] > 0.5 else config["x"]

    study = tune(objective, Space({"x": Float(0, 1)}), BayesianSearch(n_initial=6), 6, progress=False)
    assert 0 < len(study.history.failed) < 6
    assert len(step_at(study, 6).values) == len(study.history.complete)


@pytest.mark.parametrize("k", [0, 9])
def test_a_step_outside_the_study_is_refused(study, k):
    with pytest.raises(ValueError, match=f"k={k}"):
        step_at(study, k)


def test_only_one_or_two_numbers_can_be_drawn():
    space = Space({"booster": Categorical(("gbtree", "dart"))})
    study = tune(lambda c: 1.0, space, BayesianSearch(), 1, progress=False)
    with pytest.raises(ValueError, match="one or two numbers"):
        step_at(study, 1)


def test_what_is_drawn_is_the_step(study):
    step = step_at(study, 4)
    truth = np.linspace(0, 1, 5), np.arange(5.0)
    above, below = plot_steps([step], truth=truth)[:, 0]
    lines = {line.get_label(): line for line in above.get_lines()}
    np.testing.assert_array_equal(lines["belief"].get_ydata(), step.mean)
    np.testing.assert_array_equal(lines["truth"].get_xdata(), truth[0])
    np.testing.assert_array_equal(lines["trials"].get_ydata(), step.values)
    assert set(lines["next trial"].get_xdata()) == {step.next_config[0]}
    np.testing.assert_array_equal(below.get_lines()[0].get_ydata(), step.acquisition)
    assert "after 4 trials" in alternative_text(above.figure)


def test_steps_share_their_scales(study):
    axes = plot_steps([step_at(study, 3), step_at(study, 5)])
    assert axes[0, 0].get_ylim() == axes[0, 1].get_ylim() and axes[1, 0].get_ylim() == axes[1, 1].get_ylim()


def test_two_hyperparameters_give_three_maps_on_their_own_scales(study_2d):
    step = step_at(study_2d, 6)
    assert step.mean.shape == step.std.shape == step.acquisition.shape == (60, 16)
    axes = plot_surfaces(step)
    for ax, name in zip(axes, ("Belief", "Uncertainty", "Acquisition"), strict=True):
        assert ax.get_label().startswith(f"Map of the {name}")
    assert (axes[0].get_xscale(), axes[0].get_yscale()) == ("log", "linear")


@pytest.fixture(scope="module")
def eta_study():
    space = Space({"eta": Float(0.01, 1, log=True)})
    settings = {"direction": "maximize", "progress": False}
    return tune(lambda c: -((np.log10(c["eta"]) + 1.2) ** 2), space, BayesianSearch(n_initial=3), 8, **settings)


def drawn(study, k, name, weight):
    """Return what the explorer's lower curve shows: values of the hyperparameter, and their acquisition."""
    figure = BeliefFigure(study)
    return figure.draw_acquisition(k, name, weight)[1].get_lines()[0].get_data()


def test_quick_picture_is_what_drawing_anew_gives(eta_study):
    quick, slow = BeliefFigure(eta_study), BeliefFigure(eta_study)
    for weight in (0.0, 0.5, 2.0):
        fast, _ = quick.picture(6, "expected improvement (xi)", weight)
    slow.draw_acquisition(6, "expected improvement (xi)", 2.0)
    slow.figure.savefig(file := io.BytesIO(), format="png", dpi=80)
    a, b = (np.asarray(Image.open(each).convert("RGB"), int) for each in (io.BytesIO(fast), file))
    assert a.shape == b.shape and (np.abs(a - b).max(axis=2) > 40).mean() < 0.01


def test_the_curve_is_the_acquisition_of_the_belief(eta_study):
    eta, curve = drawn(eta_study, 6, "probability of improvement (xi)", 0.3)
    mean, std, best = step_at(eta_study, 6).given
    expected = norm.cdf((best - 0.3 - mean) / std)
    np.testing.assert_allclose(curve, (expected - expected.min()) / np.ptp(expected), atol=1e-9)
    assert eta[0] == pytest.approx(0.01) and eta[-1] == pytest.approx(1)


def test_the_strategys_own_acquisition_is_what_its_function_says_of_what_it_is_given(eta_study):
    step = step_at(eta_study, 6)
    np.testing.assert_allclose(ACQUISITIONS["expected improvement (xi)"](0.0)(*step.given), step.acquisition)


def test_most_uncertain_place_is_far_from_all_trials_and_best_place_is_near_the_best(eta_study):
    eta, unknown = drawn(eta_study, 8, LEAST_KNOWN, 0.0)
    tried = np.log([trial.config["eta"] for trial in eta_study.history])
    distance = np.abs(np.log(eta)[:, None] - tried).min(axis=1)
    assert distance[unknown.argmax()] > np.median(distance)
    _, greedy = drawn(eta_study, 8, "confidence bound (kappa)", 0.0)
    assert eta[greedy.argmax()] == pytest.approx(eta_study.best.config["eta"], rel=0.1), "values to be maximised"
