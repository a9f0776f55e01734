"""The look: colours told apart by colour-blind eyes, large letters, figures described in words, names as they stand."""

import inspect
from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from scipy.sparse import csr_array

from workshop.plots import exploration, layouts, models, posterior, race, scores, style
from workshop.plots.style import BLACK, CYCLE, STRATEGY_COLOURS
from workshop.tuning import BayesianSearch, Categorical, Float, Space, Trial, tune

ROOMS = (exploration, layouts, models, posterior, race, scores)
PLOTS = [plot for room in ROOMS for name, plot in vars(room).items() if name.startswith("plot_")]

# Machado, Oliveira and Fernandes (2009), table 1: how colours look to colour-blind eyes.
SIMULATIONS = {  # severity 1.0, on linear RGB
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    "normal sight": np.eye(3),
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
AT_A_GLANCE = 10  # a difference (CIE 1976) that nobody has to look for; 2.3 is just noticeable side by side


def lab(colour, simulation):
    """CIE 1976 L*a*b* of a colour as it is seen."""
    srgb = np.array(to_rgb(colour))
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(simulation @ linear, 0, 1) / TO_XYZ.sum(axis=1)
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def nearest(colours, simulation):
    seen = [lab(colour, np.array(simulation)) for colour in colours]
    return min(np.linalg.norm(a - b) for a, b in combinations(seen, 2))


def test_lab_of_known_colours():
    np.testing.assert_allclose(lab("#ffffff", np.eye(3)), [100, 0, 0], atol=0.02)
    np.testing.assert_allclose(lab("#ff0000", np.eye(3)), [53.24, 80.09, 67.20], atol=0.05)


@pytest.mark.parametrize("sight", SIMULATIONS)
def test_strategies_and_the_learner_stay_apart(sight):
    assert nearest([*STRATEGY_COLOURS.values(), BLACK], SIMULATIONS[sight]) > AT_A_GLANCE


@pytest.mark.parametrize("sight", SIMULATIONS)
def test_first_five_of_the_cycle_stay_apart(sight):
    assert nearest(CYCLE[:5], SIMULATIONS[sight]) > AT_A_GLANCE


def test_simulation_tells_good_from_bad():
    assert nearest(["#d62728", "#2ca02c"], SIMULATIONS["normal sight"]) > 60
    assert nearest(["#a05a2c", "#717200"], SIMULATIONS["deuteranopia"]) < AT_A_GLANCE


def test_every_strategy_has_its_own_marker():
    assert style.STRATEGY_MARKERS.keys() == style.STRATEGY_COLOURS.keys()
    assert len(set(style.STRATEGY_MARKERS.values())) == len(style.STRATEGY_MARKERS)


@pytest.mark.parametrize("before", [{"text.color": "white"}, {"text.usetex": True}, {"axes.facecolor": "black"}])
def test_style_begins_with_the_defaults_whatever_was_set_before(before):
    style.use_style()
    wanted = dict(plt.rcParams)
    plt.style.use("dark_background")
    plt.rcParams.update(before)
    style.use_style()
    assert dict(plt.rcParams) == wanted


def test_letters_are_large():
    with plt.rc_context():
        style.use_style()
        assert min(plt.rcParams[k] for k in ("font.size", "xtick.labelsize", "legend.fontsize")) >= 14


def test_show_displays_the_description_and_closes(monkeypatch):
    published = []
    monkeypatch.setattr("IPython.display.display", lambda data, **kw: published.append((data, kw)))
    _, axes = plt.subplots(1, 2)
    axes[0].scatter(*np.random.default_rng(0).normal(size=(2, 500)))
    style.describe(axes[0], "Left.")
    style.describe(axes[1], "Right.")
    monkeypatch.setattr("IPython.get_ipython", object)  # as in a notebook
    style.show()
    (data, keywords), *others = published
    assert not others and not plt.get_fignums()
    assert data["text/plain"] == "Left. Right." == keywords["metadata"]["image/png"]["alt"]
    assert len(data["image/png"]) < 200_000, "small enough for a notebook"


@pytest.mark.parametrize("plot", PLOTS, ids=lambda plot: plot.__name__)
def test_every_picture_has_the_one_signature(plot):
    signature = inspect.signature(plot)
    ax = signature.parameters.get("ax")
    assert signature.return_annotation == ("np.ndarray" if ax is None else "Axes")
    assert ax is None or (ax.kind is ax.KEYWORD_ONLY and ax.default is None and list(signature.parameters)[-1] == "ax")
    assert "axes" not in signature.parameters


FORMULA, BROKEN = "costs $5$", "$x_{$ 2$^"  # what would be read as a formula, and what would break one
USERS = pd.DataFrame({"user": [FORMULA, FORMULA], "timestamp": pd.to_datetime(["2001-01-01", "2002-01-01"])})


def search(*names):
    space = Space({name: Float(0, 1) for name in names})
    return tune(lambda config: config[names[0]], space, BayesianSearch(n_initial=2), 3, progress=False)


def hostile_pictures():
    """Functions that draw each picture in which names or texts of the caller's stand, made of the two above."""
    a, b, xy = FORMULA, BROKEN, {"xlabel": FORMULA, "ylabel": BROKEN}
    runs = {a: [1.0, 2.0], b: [2.0, 3.0]}
    table = pd.DataFrame([[3.0, 4.0], [1.0, 2.0]], index=[a, b], columns=[a, b]).rename_axis(index=a, columns=b)
    knobs = pd.DataFrame({a: [0.1, 0.5], b: [a, b], "FinalObjectiveValue": [1.0, 2.0]})
    numbers = pd.DataFrame([[3.0, 4.0]], index=pd.Index([1.0], name=a), columns=pd.Index([1.0, 2.0], name=b))
    genres = pd.DataFrame({"mean": [3.0, 4.0], "count": [1, 2]}, index=[a, b])
    points = [[0, 0], [1, 1]]
    return {
        "clusters": lambda: models.plot_clusters(points, title=a, **xy),
        "profiles": lambda: models.plot_profiles(table),
        "sparsity": lambda: exploration.plot_sparsity(csr_array([[1.0, 0.0]]), title=a),
        "genres": lambda: exploration.plot_genres(genres),
        "split": lambda: exploration.plot_split(USERS, USERS, [a], title=a),
        "one hot": lambda: models.plot_one_hot(points, {a: [a], b: [b]}),
        "preferences": lambda: models.plot_preferences(table, title=a),
        "map": lambda: models.plot_factor_map(points, [a, b]),
        "grid scores": lambda: layouts.plot_grid_scores(numbers, title=b),
        "efficiency": lambda: layouts.plot_efficiency(range(9), {a: 1.0, b: 2.0}),
        "surfaces": lambda: posterior.plot_surfaces(posterior.step_at(search(a, b), 2)),
        "race": lambda: race.plot_race(runs, **xy),
        "races": lambda: race.plot_races({a: runs, b: runs}, control=a, **xy),
        "scores": lambda: scores.plot_scores({a: 1.0, b: 2.0}, label=a),
        "spread": lambda: scores.plot_spread(runs, xlabel=a),
        "top share": lambda: scores.plot_top_share(runs),
        "curves": lambda: scores.plot_curves({k: pd.Series(v) for k, v in runs.items()}, **xy),
        "knobs": lambda: scores.plot_knobs(knobs, Space({a: Float(0, 1), b: Categorical([a, b])}), ylabel=a),
        "belief": lambda: posterior.BeliefFigure(search(a), ylabel=a, label=b).draw_step(2),
    }


@pytest.mark.parametrize("name", hostile_pictures())
def test_names_are_drawn_as_they_stand(name):
    figure = np.ravel(hostile_pictures()[name]())[0].figure
    figure.draw_without_rendering()
    shown = [text for text in figure.findobj(Text) if "$5" in text.get_text() or "x_{" in text.get_text()]
    assert shown, "a picture without the names in it"
    for text in shown:
        drawn, is_formula = text._preprocess_math(text.get_text())
        assert not is_formula and (FORMULA in drawn or BROKEN in drawn)
    assert FORMULA in style.alternative_text(figure) or BROKEN in style.alternative_text(figure)


NAN, DAYS = float("nan"), pd.DataFrame({"user": [1], "timestamp": pd.to_datetime(["2001-01-01"])})
HALF = pd.DataFrame({"mean": [3.5]}, index=["Noir"])
UNDRAWABLE = {
    "rating has shape": lambda: exploration.plot_stars([]),
    "rating holds NaN": lambda: exploration.plot_stars([4, NAN]),
    "counts has shape": lambda: exploration.plot_means([], []),
    "means has shape": lambda: exploration.plot_means([1, 2], [3.0]),
    "genres has no column 'count'": lambda: exploration.plot_genres(HALF),
    "timestamp holds 1 values of int64": lambda: exploration.plot_years(pd.Series([1])),
    "test has no column 'timestamp'": lambda: exploration.plot_split(DAYS, DAYS[["user"]], [1]),
    "test\\['timestamp'\\] holds 0 values": lambda: exploration.plot_split(DAYS, DAYS[:0], [1]),
    "have no rating in test": lambda: exploration.plot_split(DAYS, DAYS, [2]),
    "X has shape": lambda: models.plot_clusters([[1, 2, 3]]),
    "labels has shape": lambda: models.plot_clusters([[1, 2]], [0, 1]),
    "more than 8 clusters": lambda: models.plot_clusters([[1, 2], [2, 1]], [0, 20]),
    "name 1 columns, but X has 2": lambda: models.plot_one_hot([[1, 0]], {"user": ["a"]}),
    "sizes has shape": lambda: models.plot_profiles(pd.DataFrame({"War": [0.1]}), [5, 7]),
    "table\\['Ann'\\] holds NaN": lambda: models.plot_preferences(pd.DataFrame({"Ann": [3.0, NAN]})),
    "titles holds 1 names": lambda: models.plot_factor_map([[0, 0], [1, 1]], ["Heat"]),
    "table has shape": lambda: layouts.plot_curse(pd.DataFrame()),
    "seed=-1": lambda: layouts.plot_grid_against_random(9, seed=-1),
    "values has shape": lambda: layouts.plot_efficiency([], {}),
    "y has shape": lambda: layouts.plot_scales([0.1], [0.1], [0.1, 1.0], [0.7]),
    "curves has 'a'": lambda: race.plot_race({"a": np.ones((1, 1, 1))}),
    "curves has 'b'": lambda: race.plot_race({"b": [0.7, NAN]}),
    "xscale='odd'": lambda: race.plot_races({1: {"a": [1.0]}}, xscale="odd"),
    "has reported 1 values": lambda: race.plot_median_rule([], Trial(0, {}, values=(0.5,)), [2]),
    "no finished trial": lambda: race.plot_jobs([Trial(0, {})]),
    "brackets=": lambda: race.plot_brackets([[(9, 1)], []]),
    "each of one \\(trials, step\\)": lambda: race.plot_brackets([[(9, 1, 3)]]),
    "curves has 'c'": lambda: race.plot_race({"c": [[0.7], [NAN]]}),
    "table\\['FinalObjectiveValue'\\] has shape": lambda: scores.plot_knobs(
        pd.DataFrame({"eta": [0.1], "FinalObjectiveValue": [NAN]}), Space({"eta": Float(0, 1)})
    ),
    "genres\\['count'\\] holds 'many'": lambda: exploration.plot_genres(HALF.assign(count="many")),
    "curves\\['a'\\] has shape": lambda: scores.plot_curves({"a": pd.Series([], dtype=float)}, xlabel="", ylabel=""),
    "scores is empty; give at least one": lambda: scores.plot_scores({}, label=""),
    "baseline='c'": lambda: scores.plot_scores({"a": 1.0}, label="", baseline="c"),
    "mark='c'": lambda: scores.plot_curves({"a": pd.Series([1.0])}, xlabel="", ylabel="", mark="c"),
    "9 in one picture, .*8 colours": lambda: scores.plot_curves(dict.fromkeys("abcdefghi"), xlabel="", ylabel=""),
    "columns=0": lambda: scores.plot_knobs(pd.DataFrame(), {}, columns=0),
    "no column 'FinalObjectiveValue'": lambda: scores.plot_knobs(pd.DataFrame(), {}),
    "decimals=-1": lambda: scores.plot_spread({"a": [1.0]}, xlabel="", decimals=-1),
    "pools\\['a'\\] has shape": lambda: scores.plot_top_share({"a": np.ones((2, 2))}),
    "width=10 and height=-1": lambda: style.new_axes(height=-1),
}


@pytest.mark.parametrize("words", UNDRAWABLE)
def test_what_cannot_be_drawn_is_refused_by_name(words):
    with pytest.raises(ValueError, match=words):
        UNDRAWABLE[words]()
