"""The Gaussian process in the page: the same numbers as in Python, under the hand, with no kernel."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern

import workshop.widgets
from workshop.objectives import forrester
from workshop.tuning.acquisition import expected_improvement, lower_confidence_bound, probability_of_improvement
from workshop.tuning.surrogate import NO_TREND, GaussianProcess
from workshop.widgets import live_belief

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ENGINE = (Path(workshop.widgets.__file__).parent / "gp.js").read_text(encoding="utf-8")
Z = np.linspace(-0.2, 1.2, 57)
COMPUTE = f"""
(cases) => {{
  const gp = ({ENGINE})(), Z = {Z.tolist()};
  return cases.map(({{ X, y, belief, weight }}) => {{
    const about = gp.believe(X, y, belief), mean = about.mean(Z), std = about.std(Z), best = Math.max(...y);
    const of = (name) => mean.map((one, i) => gp.ACQUISITIONS[name](one, std[i], best, weight));
    return [mean, std, of("expected improvement"), of("probability of improvement"), of("confidence bound"),
      Z.map(() => about.logLikelihood)];
  }});
}}
"""


def history(rng):
    """Trials, and what is needed to believe in them."""
    n = rng.integers(1, 21)
    scale, signal, noise = np.exp(rng.uniform(np.log([0.02, 0.2, 1e-3]), np.log([3, 10, 1])))
    return rng.random(n), rng.normal(scale=2, size=n), scale, signal, noise, rng.random()


SHAPES = {"Matérn 5/2": (Matern, {"nu": 2.5}), "Matérn 1/2": (Matern, {"nu": 0.5}), "squared exponential": (RBF, {})}


@pytest.mark.parametrize("kernel", SHAPES)
def test_a_hundred_histories_are_believed_as_scikit_learn_and_ours_do(offline, kernel):
    rng, cases, expected, (shape, how) = np.random.default_rng(0), [], [], SHAPES[kernel]
    for _ in range(100):
        X, y, scale, signal, noise, weight = history(rng)
        gp = GaussianProcess().fit(X[:, None], y, theta=[*np.log([scale, signal, noise]), NO_TREND])
        oracle = GaussianProcessRegressor(ConstantKernel(signal) * shape(scale, **how), alpha=noise, optimizer=None)
        mean, std = oracle.fit(X[:, None], y - gp.mu_).predict(Z[:, None], return_std=True)
        mean, likelihood = mean + gp.mu_, oracle.log_marginal_likelihood_value_
        if kernel == "Matérn 5/2":
            np.testing.assert_allclose([mean, std], gp.predict(Z[:, None]), atol=1e-7)
        given = -mean, std, -y.max()  # there, larger values are better
        ei, pi = (question(*given, xi=weight) for question in (expected_improvement, probability_of_improvement))
        bound = lower_confidence_bound(*given, kappa=weight)
        expected.append([mean, std, ei, pi, bound, np.full(len(Z), likelihood)])
        belief = {"kernel": kernel, "scale": scale, "signal": signal, "noise": noise, "level": gp.mu_}
        cases.append({"X": X.tolist(), "y": y.tolist(), "belief": belief, "weight": weight})
    np.testing.assert_allclose(offline.evaluate(COMPUTE, cases), expected, atol=1e-7, rtol=1e-7)


def test_functions_drawn_belong_to_the_belief(offline):
    belief = '{ kernel: "Matérn 5/2", scale: 0.2, signal: 1, noise: 0.01, level: 0 }'
    places = [0.1, 0.15, 0.35, 0.9]
    script = f"(normals) => ({ENGINE})().believe([0.3, 0.6], [1, -1], {belief}).draws({places}, normals)"
    drawn = np.array(offline.evaluate(script, np.random.default_rng(0).normal(size=(20_000, 4)).tolist()))
    gp = GaussianProcess().fit([[0.3], [0.6]], [1.0, -1.0], theta=[*np.log([0.2, 1.0, 0.01]), NO_TREND])
    gp.mu_, gp._alpha = 0.0, gp._inverse @ gp.y_
    mean, std = gp.predict(np.array(places)[:, None])
    np.testing.assert_allclose(drawn.mean(axis=0), mean, atol=0.03)
    np.testing.assert_allclose(drawn.std(axis=0), std, rtol=0.03)
    assert np.corrcoef(drawn.T)[0, 1] > 0.6 > np.corrcoef(drawn.T)[0, 3], "neighbours go together"


@pytest.fixture
def belief(offline, tmp_path):
    """The page of a belief with three trials and a question."""
    live_belief([(0.1, 0.5), (0.5, 1.0), (0.8, -1.0)], question="expected improvement").save(tmp_path / "belief.html")
    offline.goto((tmp_path / "belief.html").as_uri())
    return offline


def trials(page):
    """What a screen reader hears of each trial."""
    return page.locator(".trial").evaluate_all("all => all.map((one) => one.getAttribute('aria-valuetext'))")


def test_a_trial_is_dragged_and_the_belief_follows(belief):
    before, box = belief.locator("path.mean").get_attribute("d"), belief.locator(".trial").nth(1).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    frame = belief.locator("rect.frame").first.bounding_box()
    belief.mouse.move(x, y)
    belief.mouse.down()
    belief.mouse.move(x + 0.1 * frame["width"], y + 0.25 * frame["height"], steps=5)
    belief.mouse.up()
    first, moved, last = trials(belief)
    assert (first, last) == ("x 0.10, value 0.50", "x 0.80, value -1.00") and moved.startswith("x 0.60, ")
    assert float(moved.split()[-1]) == pytest.approx(1.0 - 0.25 * 5.6, abs=0.05), "the axis is 5.6 high"
    assert belief.locator("path.mean").get_attribute("d") != before


def test_all_by_keyboard(belief):
    first = belief.locator(".trial").first
    first.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "Shift+ArrowUp"):
        first.press(key)
    assert trials(belief)[0] == "x 0.12, value 0.84"
    first.press("Delete")
    assert len(trials(belief)) == 2 and belief.evaluate("document.activeElement.tagName") == "svg", "focus is not lost"
    belief.get_by_text("What would the search do next?").press("Enter")
    place = belief.locator(".note").inner_text().split("would try x = ")[1].rstrip(".")
    belief.get_by_text("Try it there").press("Enter")
    assert trials(belief)[-1].startswith(f"x {place}")
    where = belief.locator("input[type=number]")
    where.fill("")
    where.press("Enter")
    assert belief.locator(".note").inner_text() == "Give a number from 0 to 1." and len(trials(belief)) == 3
    where.fill("0.95")
    where.press("Enter")
    assert trials(belief)[-1].startswith("x 0.95")
    belief.get_by_text("Remove all").press("Enter")
    assert trials(belief) == [] and belief.evaluate("document.activeElement.textContent") == "Remove all"


def test_every_dial_changes_the_picture(belief):
    def picture():
        return [path.get_attribute("d") for path in belief.locator("svg svg path").all()]

    seen = [picture()]
    for name, value in {"length scale": "-2.5", "noise": "0.5", "exploration": "1.5"}.items():
        belief.get_by_label(name, exact=True).fill(value)
        seen.append(picture())
    assert not belief.get_by_label("fit it to the trials").is_checked(), "the length scale is the learner's now"
    for name, choice in {"kernel": "Matérn 1/2", "question": "confidence bound"}.items():
        belief.get_by_label(name, exact=True).select_option(choice)
        seen.append(picture())
    belief.get_by_label("functions drawn").check()
    seen.append(picture())
    assert len({tuple(one) for one in seen}) == len(seen)


def test_a_hidden_function_answers_and_is_seen_when_asked_for(offline, tmp_path):
    x = np.linspace(0, 1, 200)
    truth = x, np.array([-forrester(value) for value in x])
    live_belief(truth=truth, question="uncertainty").save(tmp_path / "belief.html")
    offline.goto((tmp_path / "belief.html").as_uri())
    assert not offline.locator("path.truth").get_attribute("d")
    frame = offline.locator("rect.frame").first.bounding_box()
    offline.mouse.dblclick(frame["x"] + 0.75 * frame["width"], frame["y"] + 20)
    (said,) = trials(offline)
    assert float(said.split("value ")[1]) == pytest.approx(-forrester(float(said.split()[1].strip(","))), abs=0.2)
    offline.get_by_label("hidden function").check()
    assert offline.locator("path.truth").get_attribute("d")
