"""The look: colours told apart by colour-blind eyes, large letters, figures described in words."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from workshop.plots import style

# Machado, Oliveira and Fernandes 2009, "A physiologically-based model for simulation of color vision deficiency",
# severity 1.0; applied to linear RGB.
DEFICIENCIES = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def to_linear(colour):
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def to_lab(linear):
    """CIE L*a*b* (D65) of linear sRGB."""
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ linear
    t = xyz / [0.9505, 1.0, 1.089]
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("deficiency", [None, *DEFICIENCIES])
def test_strategy_colours_differ_for_every_kind_of_eye(deficiency):
    matrix = np.eye(3) if deficiency is None else np.array(DEFICIENCIES[deficiency])
    seen = {name: to_lab(np.clip(matrix @ to_linear(c), 0, 1)) for name, c in style.STRATEGY_COLOURS.items()}
    for one, other in itertools.combinations(seen, 2):
        assert np.linalg.norm(seen[one] - seen[other]) > 15, (one, other)  # 2.3 is just noticeable


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
    style.describe(axes[0], "Left.")
    style.describe(axes[1], "Right.")
    monkeypatch.setattr("IPython.get_ipython", object)  # as in a notebook
    style.show()
    (data, keywords), *others = published
    assert not others and not plt.get_fignums()
    assert data["text/plain"] == "Left. Right." == keywords["metadata"]["image/png"]["alt"]


def test_png_is_small_enough_for_a_notebook():
    ax = style.new_axes()
    ax.scatter(*np.random.default_rng(0).normal(size=(2, 500)))
    assert len(style.png(ax.figure)) < 150_000
    plt.close(ax.figure)
