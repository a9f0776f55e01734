import ipywidgets
import numpy as np
import pytest

from workshop.plots.posterior import ACQUISITIONS
from workshop.tuning import BayesianSearch, Float, Space, tune
from workshop.widgets import curse_explorer, game, posterior_explorer
from workshop.widgets.game import hidden_function

pytestmark = pytest.mark.slow

UPHILL = {"direction": "maximize", "progress": False}


@pytest.fixture(scope="module")
def study():
    space = Space({"eta": Float(0.01, 1, log=True)})
    return tune(lambda c: -((np.log10(c["eta"]) + 1.2) ** 2), space, BayesianSearch(n_initial=3), 8, **UPHILL)


@pytest.fixture(scope="module")
def explorer(study):
    return posterior_explorer(study, 5)


def test_every_control_changes_the_picture_and_its_text(explorer):
    explorer.question.value = "confidence bound (kappa)"
    seen = [(explorer.image.value, explorer.text.value)]
    explorer.weight.value = 2.5
    seen.append((explorer.image.value, explorer.text.value))
    explorer.question.value = "expected improvement (xi)"
    seen.append((explorer.image.value, explorer.text.value))
    explorer.trials.value = 7
    seen.append((explorer.image.value, explorer.text.value))
    assert len({picture for picture, _ in seen}) == len({text for _, text in seen}) == 4
    assert seen[-1][1].startswith("After 7 trials, expected improvement (xi) = 2.5: next trial at eta = ")


@pytest.mark.skipif(ipywidgets.__version__.startswith("7."), reason="version 7 is for Google Colab, which has a kernel")
def test_page_without_a_kernel_gets_pictures_and_a_constant_text(explorer):
    bundle = explorer._repr_mimebundle_()
    assert bundle["text/plain"] == repr(explorer) and "0x" not in repr(explorer)
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert all(question in bundle["text/html"] for question in ACQUISITIONS)


def test_explorer_wants_one_hyperparameter():
    space = Space({"a": Float(0, 1), "b": Float(0, 1)})
    study = tune(lambda c: c["a"], space, BayesianSearch(n_initial=2), 3, progress=False)
    with pytest.raises(ValueError, match=r"\['a', 'b'\].*one hyperparameter"):
        posterior_explorer(study)


def test_calculator_starts_from_the_table_of_all_grids():
    html = curse_explorer().html
    assert all(f"<td>{jobs} jobs</td>" in html for jobs in ("4", "81", "3,125", "100,000"))


def test_game_plays_fair():
    objectives = [hidden_function(0), hidden_function(1)]
    played = game(objectives, budget=6)
    for one, objective in zip(played.data["rounds"], objectives, strict=True):
        truth = np.array(one["truth"])
        np.testing.assert_allclose(truth, objective(np.linspace(0, 1, len(truth))), atol=1e-4)
        assert truth.min() == 0 and truth.max() == 1
        for trials in one["plays"].values():
            x, values = np.array(trials).T
            assert len(trials) == 6 and (np.abs(values - objective(x)) < 2e-3).all()
    assert played.html == game(objectives, budget=6).html, "the same page every time"


def test_hidden_functions_differ():
    x = np.linspace(0, 1, 50)
    assert np.abs(hidden_function(0)(x) - hidden_function(1)(x)).max() > 0.3


def test_game_names_a_bad_objective_and_a_bad_budget():
    with pytest.raises(ValueError, match="objective 0 must turn x"):
        game([lambda x: 1.0])
    with pytest.raises(ValueError, match="budget=0"):
        game(budget=0)
