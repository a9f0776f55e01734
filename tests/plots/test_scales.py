import matplotlib.pyplot as plt
import numpy as np
import pytest

from workshop.plots.scales import per_decade, plot_scales


def test_a_linear_grid_crowds_into_the_last_decade_and_a_log_grid_does_not():
    assert per_decade(np.linspace(0.001, 1, 10)).tolist() == [1, 0, 9]
    assert per_decade(np.geomspace(0.0011, 0.99, 9)).tolist() == [3, 3, 3]
    assert per_decade([10]).to_dict() == {"10 to 100": 1}


@pytest.mark.parametrize("values", [[], [0.0, 1.0], [-1.0]])
def test_only_positive_values_have_a_power_of_ten(values):
    with pytest.raises(ValueError, match="positive"):
        per_decade(values)


def test_the_best_of_each_scale_is_read_off_the_curve():
    x = np.geomspace(0.001, 1, 200)
    ax = plot_scales([0.001, 0.5, 1], [0.001, 0.03, 1], x, -np.abs(np.log10(x / 0.03)))
    labels = ax.get_legend_handles_labels()[1]
    assert labels == ["linear grid: best -1.222", "log grid: best -0.001"]
    plt.close(ax.figure)
