import io

import numpy as np
import pytest
from PIL import Image

from workshop.plots import describe, new_axes, use_style
from workshop.plots.posterior import step_at
from workshop.plots.style import snapshot
from workshop.tuning import BayesianSearch, Float, Space, tune
from workshop.widgets import animate, layout_stepper, posterior_stepper, scale_stepper

pytestmark = pytest.mark.slow


def dots(n, size="big"):
    """A figure with n dots, whose text says so."""
    ax = new_axes(width=4, height=3)
    ax.plot(np.arange(n), np.zeros(n), "o", ms=20 if size == "big" else 5)
    return describe(ax, f"{n} {size} dots.")


@pytest.fixture(scope="module")
def study():
    space, strategy = Space({"x": Float(0, 1)}), BayesianSearch(n_initial=2)
    return tune(lambda config: float(np.sin(9 * config["x"])), space, strategy, 5, progress=False)


def test_frames_are_in_order_with_their_texts_and_pictures():
    animation = animate(dots, {"n": [1, 2, 3], "size": ["big", "small"]}, name="Dots")
    texts = [text for _, text in animation.frames]
    assert texts == [f"{n} {size} dots." for size in ("big", "small") for n in (1, 2, 3)], "the first runs fastest"
    assert len({picture for picture, _ in animation.frames}) == 6
    assert {Image.open(io.BytesIO(picture)).size for picture, _ in animation.frames} == {(320, 240)}


def test_first_picture_stands_there_without_a_script_and_in_a_page_of_its_own(tmp_path):
    animation = animate(dots, {"n": [1, 2]}, name="Dots <of> all", start=[1])
    assert '<img alt="2 big dots." src="data:image/png;base64,' in animation.static
    assert "</script" not in animation.html.split("<script>")[1].removesuffix("</script></figure>")
    assert 'aria-label="Dots &lt;of&gt; all"' in animation.html and 'tabindex="0"' in animation.html
    assert "http" not in animation.html.replace("data:image", ""), "nothing is fetched"
    assert animation._repr_mimebundle_()["text/plain"] == repr(animation) == "Dots <of> all"
    animation.save(tmp_path / "dots.html")
    page = (tmp_path / "dots.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>") and "<title>Dots &lt;of&gt; all</title>" in page


def test_palette_keeps_the_colours_apart():
    picture, _ = snapshot(dots(3))
    exact = dots(3).figure
    exact.savefig(file := io.BytesIO(), dpi=80)
    small, large = (np.asarray(Image.open(source).convert("RGB"), int) for source in (io.BytesIO(picture), file))
    assert np.abs(small - large).mean() < 3 and len(picture) < file.tell()


def test_bad_input_is_named():
    with pytest.raises(ValueError, match=r"controls={'n': \[\]}"):
        animate(dots, {"n": []}, name="Dots")
    for start in ([2], [-1], [], [0, 0]):
        with pytest.raises(ValueError, match="start="):
            animate(dots, {"n": [1, 2]}, name="Dots", start=start)


def test_posterior_stepper_is_the_history_cut_at_each_step(study):
    use_style()
    animation = posterior_stepper(study, first=2)
    assert animation.controls == {"trials": ["2", "3", "4", "5"]}
    for k, (_, text) in enumerate(animation.frames[:-1], start=2):
        assert f"after {k} trials" in text
        assert f"Next: x = {study.history[k].config['x']:.3g}" in text
        assert step_at(study, k).next_config[0] == study.history[k].config["x"]
    assert "Next" not in animation.frames[-1][1]
    assert len(animation.html) / len(animation.frames) < 60_000


def test_posterior_stepper_draws_two_hyperparameters():
    space = Space({"a": Float(0, 1), "b": Float(0, 1)})
    study = tune(lambda c: (c["a"] - c["b"]) ** 2, space, BayesianSearch(n_initial=3), 4, progress=False)
    animation = posterior_stepper(study, first=4)
    assert "Belief" in animation.frames[0][1] and "Uncertainty" in animation.frames[0][1]


def test_layout_stepper_counts_the_values_of_each_budget():
    animation = layout_stepper([4, 9])
    for n, (_, text) in zip((4, 9), animation.frames, strict=True):
        assert f"{round(n**0.5)} distinct values of the important hyperparameter" in text
        assert f"Random layout of {n} trials: {n} distinct values" in text


def test_scale_stepper_spreads_the_budget_on_both_scales():
    x = np.geomspace(0.001, 1, 30)
    animation = scale_stepper(x, 0.7 - (np.log10(x) + 2) ** 2 / 50, budgets=[4, 7])
    assert "log grid 0.700" in animation.frames[1][1], "0.01 is one of 7 values on the log scale"
    assert "linear grid 0.700" not in animation.frames[1][1]
