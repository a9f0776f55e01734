"""Living figures in JupyterLab, in a real browser with a real kernel."""

import time

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]
STEPPER = "figure[aria-label^='Bayesian search']"
LONGEST_PAUSE = """
() => {
  window.longestPause = 0;
  let last = performance.now();
  const tick = (now) => { longestPause = Math.max(longestPause, now - last); last = now; requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
}
"""


def press_30_a_second(page, focus, keys, seconds=3):
    """Presses keys in turn, one every 33 ms; returns the longest time without a new frame on the screen."""
    focus.focus()
    page.evaluate(LONGEST_PAUSE)
    start = time.perf_counter()
    for number in range(30 * seconds):
        page.keyboard.press(keys[number % len(keys)])
        time.sleep(max(0.0, start + (number + 1) / 30 - time.perf_counter()))
    return page.evaluate("longestPause")


def test_stepper_answers_keys_and_buttons_within_a_blink(notebook, median_latency):
    figure = notebook.locator(STEPPER)
    figure.scroll_into_view_if_needed()
    image, output = figure.locator("img"), figure.locator("output")
    figure.press("Home")  # other tests may have left it elsewhere
    assert output.inner_text() == "trials: 1"
    figure.get_by_label("Forward").click()
    figure.press("ArrowRight")
    figure.press("End")
    figure.press("ArrowLeft")
    assert output.inner_text() == "trials: 11"
    assert "11 trials" in image.get_attribute("alt")
    figure.press("Home")
    assert output.inner_text() == "trials: 1"
    assert notebook.evaluate("jupyterapp.shell.currentWidget.content.mode") == "command", "keys are the figure's own"
    assert median_latency(notebook, image, ["ArrowRight", "ArrowRight", "ArrowLeft"], figure, 50) <= 50


def test_stepper_plays_and_pauses(notebook):
    figure = notebook.locator(STEPPER)
    figure.press("Home")
    figure.press(" ")
    figure.get_by_text("Pause").wait_for()
    figure.get_by_text("trials: 3").wait_for()
    figure.press(" ")
    assert figure.get_by_text("Play").is_visible()


def test_stepper_keeps_up_with_30_presses_a_second(notebook):
    figure = notebook.locator(STEPPER)
    figure.press("Home")
    assert press_30_a_second(notebook, figure, ["ArrowRight", "ArrowRight", "ArrowLeft"]) < 500
    assert figure.locator("output").inner_text() == "trials: 11", "no press is lost: at the end it goes 12, 12, 11"
