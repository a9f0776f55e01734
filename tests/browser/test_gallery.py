"""Every picture of the gallery, on its own page and without a network: by mouse, keyboard and touch, for everybody."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# What can be worked, in an order in which nothing takes away what comes later; a picture is clicked as a whole, too.
CONTROLS = ("[role=slider]", "input", "select", "button", "summary", "svg.plot")
LISTEN = """
(figure) => {
  figure.clicks = 0;
  figure.addEventListener("click", () => { figure.clicks += 1; }, true);
}
"""
# What an action should change: where the focus is, how many clicks have arrived, and the value.
NOW = """
(one) => ({
  focused: one === document.activeElement, clicks: one.closest("figure").clicks,
  value: one.matches("[type=checkbox]") ? one.checked : one.value ?? one.getAttribute("aria-valuetext"),
})
"""
ANSWERS = """
([one, before, way]) => {
  const now = (NOW)(one), moved = now.value !== before.value;
  if (one.matches("button, summary")) return now.clicks > before.clicks;
  if (one.matches("svg")) return now.clicks > before.clicks;
  if (one.matches("[type=range], [type=checkbox]")) return moved;
  return way === "keyboard" ? moved : moved || now.focused;
}
""".replace("NOW", NOW)
STOPS = """
(all) => all.filter((one) => one.checkVisibility({ visibilityProperty: true }))
  .map((one, i) => (one.dataset.stop = String(i)))
"""
# Handles may cover each other: the nearest is meant.
REACHED = """
(one, [x, y]) => {
  const there = document.elementFromPoint(x, y);
  return one.contains(there) || (one.matches(".hold") && Boolean(there?.closest(".hold")));
}
"""
# How large the letters of a drawing are on the screen.
SIZES = """
(all) => all.map((one) => {
  const drawing = one.closest("svg.plot") ?? one.ownerSVGElement;
  const zoom = drawing.getBoundingClientRect().width / drawing.viewBox.baseVal.width;
  return zoom * parseFloat(getComputedStyle(one).fontSize);
})
"""


def work(page, one, way):
    """Do with a control what a mouse, a finger or a key does."""
    kind = one.get_attribute("type") or one.evaluate("one => one.getAttribute('role') ?? one.tagName.toLowerCase()")
    if way == "keyboard":
        one.focus()
        last = one.evaluate(
            "one => one.selectedIndex > 0 || (one.value ?? one.ariaValueNow) === (one.max ?? one.ariaValueMax)"
        )
        keys = {"checkbox": " ", "number": "7", "text": "a", "select": "ArrowUp" if last else "ArrowDown"}
        arrow = "ArrowLeft" if last else "ArrowRight"
        return page.keyboard.press(keys.get(kind, arrow if kind in ("range", "slider") else "Enter"))
    one.scroll_into_view_if_needed()
    box, share = one.bounding_box(), 0.5
    if kind == "range":  # not where it stands already
        share = one.evaluate("one => one.value * 2 > Number(one.max) + Number(one.min) ? 0.2 : 0.8")
    x, y = box["x"] + share * box["width"], box["y"] + box["height"] / 2
    assert one.evaluate(REACHED, [x, y]), "something covers it"
    (page.touchscreen.tap if way == "touch" else page.mouse.click)(x, y)


@pytest.fixture(params=["mouse", "keyboard", "touch"])
def way(request):
    return request.param


def test_every_control_answers(chromium, alone, picture, way):
    size = {"width": 390, "height": 844} if way == "touch" else {"width": 1280, "height": 800}
    page = chromium.new_context(viewport=size, has_touch=way == "touch", offline=True).new_page()
    page.goto(alone(picture))
    figure = page.locator("figure.workshop")
    figure.evaluate(LISTEN)
    found = [one for kind in CONTROLS for one in figure.locator(kind).element_handles() if one.is_visible()]
    for one in found:
        if not one.evaluate("one => one.isConnected") or not one.is_visible():
            continue  # another control has taken it away
        if way == "keyboard" and one.evaluate("one => one.tagName") == "svg":
            continue  # what a click in the picture does, a field or a button does too
        before, name = one.evaluate(NOW), one.evaluate("one => one.outerHTML")[:120]
        work(page, one, way)
        assert page.evaluate(ANSWERS, [one, before, way]), f"no answer to the {way}: {name}"
        if way != "touch":  # a finger on a slider moves it, and gives it no focus
            assert figure.evaluate("figure => figure.contains(document.activeElement)"), f"the focus has left: {name}"
    assert found
    page.context.close()


def test_tab_reaches_every_control(offline, alone, picture):
    offline.goto(alone(picture))
    stops = offline.locator("figure.workshop :is(button, input, select, summary, [role=slider])").evaluate_all(STOPS)
    reached = []
    for _ in range(len(stops) + 4):
        offline.keyboard.press("Tab")
        reached.append(offline.evaluate("document.activeElement.dataset.stop"))
    assert [stop for stop in reached if stop is not None] == stops


def test_focus_stays_inside_and_the_page_where_it_is(offline, alone, wander, picture):
    offline.set_viewport_size({"width": 1280, "height": 1000})
    offline.goto(alone(picture))
    wander(offline, offline.locator("figure.workshop"), picture.name)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_keeps_nobody_out(offline, alone, barriers, picture, scheme):
    offline.emulate_media(color_scheme=scheme)
    offline.goto(alone(picture))
    assert barriers(offline) == []


def test_can_be_read_on_a_telephone(offline, alone, picture):
    offline.set_viewport_size({"width": 390, "height": 844})
    offline.goto(alone(picture))
    assert offline.evaluate("document.documentElement.scrollWidth") <= 390
    ends = offline.locator("figure.workshop :is(button, input, select, svg)").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect().right)"
    )
    assert max(ends) <= 390, "nothing to be worked is outside"
    sizes = offline.locator("figure.workshop svg text").evaluate_all(SIZES)
    assert min(sizes, default=12) >= 11, "pixels"
    shares = offline.locator("figure.workshop > img").evaluate_all(
        "all => all.map((one) => one.width / one.naturalWidth)"
    )
    assert min(shares, default=1) > 0.6, "frames are not made smaller than can be read; they scroll by themselves"


def test_fills_the_screen_of_a_projector(offline, alone, picture):
    offline.set_viewport_size({"width": 1920, "height": 1080})
    offline.goto(alone(picture))
    box = offline.locator("figure.workshop").bounding_box()
    assert box["width"] > 1800 or box["y"] + box["height"] > 1000, "as wide as the screen, or as high"
    assert offline.evaluate("document.documentElement.scrollWidth") <= 1920


def test_a_finger_drags_a_handle_and_the_page_stays(chromium, alone, picture):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, offline=True)
    page = context.new_page()
    page.goto(alone(picture))
    for handle in page.locator("svg.plot [role=slider]").all()[:1]:
        handle.scroll_into_view_if_needed()
        heard, scrolled, box = handle.get_attribute("aria-valuetext"), page.evaluate("scrollY"), handle.bounding_box()
        x, y, finger = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, context.new_cdp_session(page)
        for kind, way in (("touchStart", 0), ("touchMove", 20), ("touchMove", 60)):
            touches = [{"x": x + way, "y": y + way}]
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})
        finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        assert handle.get_attribute("aria-valuetext") != heard
        assert page.evaluate("scrollY") == scrolled
    context.close()
