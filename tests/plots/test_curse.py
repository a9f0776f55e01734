import matplotlib.pyplot as plt
import pytest

from workshop.plots.curse import curse_table, plot_curse, training_hours


def test_the_table_is_the_known_one():
    assert curse_table().to_numpy().tolist() == [
        [4, 8, 16, 32],
        [9, 27, 81, 243],
        [25, 125, 625, 3125],
        [100, 1000, 10_000, 100_000],
    ]


@pytest.mark.parametrize(("n_jobs", "parallel", "hours"), [(60, 1, 10), (60, 10, 1), (61, 10, 7 / 6), (1, 10, 1 / 6)])
def test_jobs_run_in_rounds(n_jobs, parallel, hours):
    assert training_hours(n_jobs, minutes_per_job=10, max_parallel=parallel) == pytest.approx(hours)


def test_impossible_jobs_are_refused():
    with pytest.raises(ValueError, match="minutes_per_job=0"):
        training_hours(10, minutes_per_job=0)


def test_a_line_a_row_in_hours():
    ax = plot_curse(curse_table(), minutes_per_job=30, max_parallel=2)
    assert ax.get_lines()[0].get_ydata().tolist() == [25, 250, 2500, 25_000]
    assert "25,000 hours" in ax.get_label()
    plt.close(ax.figure)
