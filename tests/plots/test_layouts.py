import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from workshop.plots.layouts import (
    best_of_layouts,
    grid_layout,
    n_distinct,
    plot_grid_against_random,
    plot_grid_scores,
    random_layout,
)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize("n", [4, 9, 16, 49])
def test_a_grid_of_n_tries_root_n_values_and_random_tries_n(n):
    side = round(n**0.5)
    assert n_distinct(grid_layout(n)) == (side, side)
    assert n_distinct(random_layout(n)) == (n, n)


@pytest.mark.parametrize("n", [0, 8])
def test_a_grid_needs_a_square_number(n):
    with pytest.raises(ValueError, match=f"n={n} is no square number"):
        grid_layout(n)


def test_the_projections_hold_as_many_values_as_were_tried():
    grid, random = plot_grid_against_random(9, seed=1)
    for ax, n in ((grid, 3), (random, 9)):
        on_top = ax.child_axes[0].get_lines()[1]
        assert len(np.unique(on_top.get_xdata().round(9))) == n
        assert f"{n} distinct values of the important" in ax.get_label()


def test_random_wins_on_most_hills_because_it_tries_more_places():
    found = best_of_layouts(9, n_hills=2000, seed=3)
    assert found["random"].mean() > found["grid"].mean()
    assert ((found >= 0) & (found <= 1)).all(axis=None)


def test_the_best_of_a_grid_is_framed_at_its_place():
    index, columns = pd.Index([1.0, 10.0], name="C"), pd.Index([0.1, 1.0, 10.0], name="gamma")
    ax = plot_grid_scores(pd.DataFrame([[0.5, 0.6, 0.7], [0.5, 0.9, 0.4]], index=index, columns=columns))
    assert ax.patches[0].get_xy() == (0.5, 0.5)
    assert "best at C = 10, gamma = 1" in ax.get_label()
    assert [text.get_text() for text in ax.texts][:3] == [".500", ".600", ".700"]
