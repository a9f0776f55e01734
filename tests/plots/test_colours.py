"""Strategies stay apart for colour-blind eyes: simulated as Machado, Oliveira and Fernandes (2009) do, table 1."""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from workshop.plots.style import BLACK, CYCLE, STRATEGY_COLOURS, STRATEGY_MARKERS

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
    assert len(set(STRATEGY_MARKERS.values())) == len(STRATEGY_MARKERS), "and their markers differ"


@pytest.mark.parametrize("sight", SIMULATIONS)
def test_first_five_of_the_cycle_stay_apart(sight):
    assert nearest(CYCLE[:5], SIMULATIONS[sight]) > AT_A_GLANCE


def test_simulation_tells_good_from_bad():
    assert nearest(["#d62728", "#2ca02c"], SIMULATIONS["normal sight"]) > 60
    assert nearest(["#a05a2c", "#717200"], SIMULATIONS["deuteranopia"]) < AT_A_GLANCE
