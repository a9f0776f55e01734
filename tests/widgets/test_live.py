import json

import numpy as np
import pytest

from workshop.widgets import curse_explorer, game, live_belief, live_kmeans
from workshop.widgets.in_page import InPage
from workshop.widgets.live import ROUNDS, hidden_function


def test_a_hidden_function_gives_the_axes_of_the_belief():
    x = np.linspace(2.0, 4.0, 30)
    data = live_belief([(2.5, 1.0)], truth=(x, -(x**2)), question="uncertainty").data
    assert data["x"] == [2.0, 4.0] and data["y"][0] < -16 and data["y"][1] > 1.0
    assert json.dumps(data), "what the page is given has to be JSON"
    assert live_belief().data["middle"] == 0 and live_belief().data["spread"] == 1, "standard normal before any trial"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"trials": [(1.5, 0.0)]}, "trials=.*from 0 to 1"),
        ({"trials": [(0.5, np.nan)]}, "trials=.*finite"),
        ({"truth": ([0.0, 0.0], [1.0, 2.0])}, "truth must be x.*ascending"),
        ({"truth": ([0.0, 1.0], [1.0])}, "truth must be x"),
        ({"question": "luck"}, "question='luck' must be one of"),
        ({"length_scale": 0.0}, "length_scale=0.0 must be from"),
    ],
)
def test_bad_input_is_named(arguments, named):
    with pytest.raises(ValueError, match=named):
        live_belief(**arguments)


def test_kmeans_starts_at_the_first_points_in_a_plane_with_equal_units():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(40, 2)) * [30, 1]
    played = live_kmeans(points, 4, xlabel="a < b")
    assert played.data["points"] == points.tolist() and played.data["centers"] == points[:4].tolist()
    (left, right), (bottom, top) = played.data["x"], played.data["y"]
    assert right - left == pytest.approx(1.2 * (top - bottom)), "a distance looks as k-means measures it"
    assert left < points[:, 0].min() and top > points[:, 1].max()
    assert json.dumps(played.data) and played.data["xlabel"] == "a < b"
    assert '<img alt="Before the first step: 40 points." src="data:image/png' in played.static
    far = live_kmeans(points, centers=[[200, 0], [0, 0], [0, 1]])
    assert far.data["x"][1] > 200, "centres stand within the plane"
    assert np.ptp(live_kmeans([[2, 2]], 1).data["x"]) > 0, "a single point has room around it"


@pytest.mark.parametrize(
    ("points", "arguments", "named"),
    [
        ([1, 2], {}, r"points has shape \(2,\); it must hold n x 2 numbers"),
        ([[1, np.nan]] * 3, {}, "points holds NaN; drop or repair"),
        (np.zeros((5001, 2)), {}, "points has 5001 rows; give at most 5000"),
        (np.eye(2), {}, "n_clusters=3 must be at most 6, and not above the number of points, 2"),
        (np.zeros((9, 2)), {"n_clusters": 7}, "n_clusters=7 must be at most 6"),
        (np.zeros((9, 2)), {"n_clusters": 2.5}, "n_clusters=2.5 must be a whole number"),
        (np.zeros((9, 2)), {"centers": [[0, 0]]}, "centers has 1 rows but n_clusters=3; give both the same"),
        (np.zeros((9, 2)), {"centers": [0, 0, 0]}, r"centers has shape \(3,\)"),
        ([[-1e308, 0], [1e308, 0]], {"n_clusters": 1}, "points reach from -1e.308 to 1e.308; divide them"),
    ],
)
def test_kmeans_names_bad_input(points, arguments, named):
    with pytest.raises(ValueError, match=named):
        live_kmeans(points, **arguments)


def test_calculator_starts_from_the_table_of_all_grids():
    html = curse_explorer().html
    assert all(f"<td>{jobs} jobs</td>" in html for jobs in ("4", "81", "3,125", "100,000"))


def test_rounds_of_the_game_differ_in_curve_and_in_values():
    played = game(budget=6)
    truths = [np.array(one["truth"]) for one in played.data["rounds"]]
    assert len(truths) == len(ROUNDS) == 6
    tops, bottoms = [truth.max() for truth in truths], [truth.min() for truth in truths]
    assert len(set(tops)) == len(set(bottoms)) == 6, "no round gives away the next"
    for one, (seed, roughness) in zip(played.data["rounds"], ROUNDS, strict=True):
        np.testing.assert_allclose(one["truth"], hidden_function(seed, roughness)(np.linspace(0, 1, 401)), atol=1e-4)
        assert len(one["random"]) == 6
    assert played.html == game(budget=6).html, "the same page every time"


def test_game_names_a_bad_objective_and_a_bad_budget():
    with pytest.raises(ValueError, match="objective 0 must turn x"):
        game([lambda x: 1.0])
    with pytest.raises(ValueError, match="budget=0"):
        game(budget=0)


def test_what_a_script_uses_stands_in_the_page():
    piece = InPage("curse.js", {}, static="<p>two</p>", name="Two", uses=["gp.js"])
    assert "expected improvement" in piece.html and "</script" not in piece.html.split("<script>")[1][:-18]
