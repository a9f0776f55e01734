import numpy as np
import pytest

from workshop.objectives import branin, forrester
from workshop.plots.posterior import BeliefFigure, plot_surfaces, step_at
from workshop.plots.style import alternative_text
from workshop.tuning import BayesianSearch, Categorical, Float, Int, Space, Study, tune


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


def test_a_failed_trial_leaves_no_dot_and_what_is_no_step_is_refused(study):
    def objective(config):
        return 1 / 0 if config["x"] > 0.5 else config["x"]

    failing = tune(objective, study.space, BayesianSearch(n_initial=6), 6, progress=False)
    assert 0 < len(failing.history.failed) < 6
    assert len(step_at(failing, 6).values) == len(failing.history.complete)
    for k in (0, 9):
        with pytest.raises(ValueError, match=f"k={k}"):
            step_at(study, k)
    choices = Study(Space({"booster": Categorical(("gbtree", "dart"))}), BayesianSearch())
    with pytest.raises(ValueError, match="one or two numbers"):
        step_at(choices, 1)


def test_what_is_drawn_is_the_step(study):
    step = step_at(study, 4)
    truth = np.linspace(0, 1, 5), np.arange(5.0)
    figure = BeliefFigure(study, truth=truth)
    above, below = figure.draw_step(4)
    lines = {line.get_label(): line for line in above.get_lines()}
    np.testing.assert_array_equal(lines["belief"].get_ydata(), step.mean)
    np.testing.assert_array_equal(lines["truth"].get_xdata(), truth[0])
    np.testing.assert_array_equal(lines["trials"].get_ydata(), step.values)
    assert set(lines["next trial"].get_xdata()) == {step.next_config[0]}
    np.testing.assert_array_equal(below.get_lines()[0].get_ydata(), step.acquisition)
    assert "after 4 trials" in alternative_text(above.figure)


def test_nothing_jumps_between_steps(study):
    figure = BeliefFigure(study)
    ends = [(ax.get_ylim(), ax.get_position().bounds) for k in (3, 5) for ax in figure.draw_step(k)[:1]]
    assert ends[0] == ends[1]


def test_two_hyperparameters_give_three_maps_on_their_own_scales(study_2d):
    step = step_at(study_2d, 6)
    assert step.mean.shape == step.std.shape == step.acquisition.shape == (60, 16)
    axes = plot_surfaces(step)
    for ax, name in zip(axes, ("Belief", "Uncertainty", "Acquisition"), strict=True):
        assert ax.get_label().startswith(f"Map of the {name}")
    assert (axes[0].get_xscale(), axes[0].get_yscale()) == ("log", "linear")
