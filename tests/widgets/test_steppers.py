import io
import shutil

import numpy as np
import pytest
from PIL import Image

from workshop.plots import describe, new_axes, use_style
from workshop.plots.animation import animate, snapshot
from workshop.plots.layouts import grid_layout, n_distinct
from workshop.plots.posterior import step_at
from workshop.tuning import BayesianSearch, Float, Space, tune
from workshop.widgets import layout_stepper, posterior_stepper, race_stepper, scale_stepper

pytestmark = pytest.mark.slow


def dots(n, size="big"):
    """A figure with n dots, whose text says so."""
    ax = new_axes(width=4, height=3)
    ax.plot(np.arange(n), np.zeros(n), "o", ms=20 if size == "big" else 5)
    return describe(ax, f"{n} {size} dots.")


@pytest.fixture(scope="module")
def study():
    return tune(
        lambda config: float(np.sin(9 * config["x"])),
        Space({"x": Float(0, 1)}),
        BayesianSearch(n_initial=2),
        5,
        progress=False,
    )


def test_frames_are_in_order_with_their_texts_and_pictures():
    animation = animate(dots, {"n": [1, 2, 3], "size": ["big", "small"]}, name="Dots")
    texts = [text for _, text in animation.frames]
    assert texts == [f"{n} {size} dots." for size in ("big", "small") for n in (1, 2, 3)], "the first runs fastest"
    assert len({picture for picture, _ in animation.frames}) == 6
    assert {Image.open(io.BytesIO(picture)).size for picture, _ in animation.frames} == {(320, 240)}


def test_first_picture_stands_there_without_a_script():
    animation = animate(dots, {"n": [1, 2]}, name="Dots <of> all", start=[1])
    assert '<img alt="2 big dots." src="data:image/png;base64,' in animation.static
    assert "</script" not in animation.html.split("<script>")[1].removesuffix("</script></figure>")
    assert 'aria-label="Dots &lt;of&gt; all"' in animation.html and 'tabindex="0"' in animation.html
    assert "http" not in animation.html.replace("data:image", ""), "nothing is fetched"
    assert animation._repr_mimebundle_()["text/plain"] == repr(animation) == "Dots <of> all"


def test_palette_keeps_the_colours_apart():
    picture, _ = snapshot(dots(3))
    exact = dots(3).figure
    exact.savefig(file := io.BytesIO(), dpi=80)
    small, large = (np.asarray(Image.open(source).convert("RGB"), int) for source in (io.BytesIO(picture), file))
    assert np.abs(small - large).mean() < 3 and len(picture) < file.tell()


def test_gif_holds_every_frame_for_as_long_as_asked(tmp_path):
    animation = animate(dots, {"n": [1, 2, 3]}, name="Dots")
    animation.save(tmp_path / "dots.gif", seconds=0.5)
    with Image.open(tmp_path / "dots.gif") as gif:
        assert gif.n_frames == 3 and gif.info["duration"] == 500


def test_html_file_is_a_page(tmp_path):
    animate(dots, {"n": [1, 2]}, name="Dots").save(tmp_path / "dots.html")
    page = (tmp_path / "dots.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>") and "<title>Dots</title>" in page and page.count("<figure") == 1


def test_mp4_without_ffmpeg_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeError, match=r"ffmpeg.*save as \.gif or \.html"):
        animate(dots, {"n": [1]}, name="Dots").save(tmp_path / "dots.mp4")


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="no ffmpeg on this machine")
def test_mp4_is_a_video(tmp_path):
    animate(dots, {"n": [1, 2]}, name="Dots").save(tmp_path / "dots.mp4")
    assert (tmp_path / "dots.mp4").read_bytes()[4:8] == b"ftyp"


def test_bad_input_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"controls={'n': \[\]}"):
        animate(dots, {"n": []}, name="Dots")
    with pytest.raises(ValueError, match=r"dots\.png.* must end in \.html, \.gif or \.mp4"):
        animate(dots, {"n": [1]}, name="Dots").save(tmp_path / "dots.png")


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
        assert f"{n_distinct(grid_layout(n))[0]} distinct values of the important hyperparameter" in text
        assert f"Random layout of {n} trials: {n} distinct values" in text


def test_scale_stepper_spreads_the_budget_on_both_scales():
    x = np.geomspace(0.001, 1, 30)
    animation = scale_stepper(x, 0.7 - (np.log10(x) + 2) ** 2 / 50, budgets=[4, 7])
    assert "log grid 0.700" in animation.frames[1][1], "0.01 is one of 7 values on the log scale"
    assert "linear grid 0.700" not in animation.frames[1][1]


def test_race_stepper_says_who_leads_under_each_condition():
    runs = np.array([[0.70, 0.74], [0.72, 0.74]])
    races = {"one": {"grid": runs, "random": runs}, "all": {"grid": runs, "random": runs - 0.02}}
    animation = race_stepper(races, x={"one": [10, 20], "all": [5, 10]}, xlabel="Seconds")
    assert "random 0.7400" in animation.frames[0][1] and "random 0.7200" in animation.frames[1][1]
