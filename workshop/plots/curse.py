"""The curse of dimensionality: how many training jobs a grid needs, as numbers and as a picture."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from workshop.plots.style import CYCLE, GREY, MARKERS, describe, new_axes

PERIODS = {"a working day": 8, "a month": 730, "a year": 8760}  # hours


def curse_table(n_values=(2, 3, 5, 10), n_hyperparameters=(2, 3, 4, 5)) -> pd.DataFrame:
    """The number of configs of each grid: a row a number of values per hyperparameter, a column a number of these.

    Parameters
    ----------
    n_values : sequence of int
        Values tried of each hyperparameter (points per axis).
    n_hyperparameters : sequence of int
        How many hyperparameters are tuned together.

    Examples
    --------
    >>> curse_table().loc[10].tolist()
    [100, 1000, 10000, 100000]
    """
    rows = [[n**d for d in n_hyperparameters] for n in n_values]
    return pd.DataFrame(
        rows,
        index=pd.Index(n_values, name="values of each"),
        columns=pd.Index(n_hyperparameters, name="hyperparameters"),
    )


def training_hours(n_jobs, *, minutes_per_job: float, max_parallel: int = 1):
    """Hours until `n_jobs` jobs have run in rounds of `max_parallel`; shaped as `n_jobs` (int, array or DataFrame).

    Examples
    --------
    >>> training_hours(625, minutes_per_job=10, max_parallel=4)
    26.166666666666668
    """
    if minutes_per_job <= 0 or max_parallel < 1:
        raise ValueError(
            f"minutes_per_job={minutes_per_job} must be above 0 and max_parallel={max_parallel} at least 1"
        )
    return -(-n_jobs // max_parallel) * minutes_per_job / 60


def plot_curse(
    table: pd.DataFrame, *, minutes_per_job: float = 10, max_parallel: int = 1, ax: Axes | None = None
) -> Axes:
    """Hours of training on a logarithmic axis against the number of hyperparameters; a line a row of `table`.

    Parameters
    ----------
    table : DataFrame
        Numbers of jobs, as of `curse_table`.
    minutes_per_job : float
        How long one training job takes.
    max_parallel : int
        How many jobs run at once.

    Examples
    --------
    >>> ax = plot_curse(curse_table())
    >>> ax.get_yscale(), len(ax.get_lines()) - len(PERIODS)
    ('log', 4)
    """
    ax = new_axes(ax, height=5)
    hours = training_hours(table, minutes_per_job=minutes_per_job, max_parallel=max_parallel)
    for (n, line), colour, marker in zip(hours[::-1].iterrows(), CYCLE, MARKERS, strict=False):
        ax.plot(line.index, line, marker=marker, color=colour, label=f"{n} values of each")
    left, right = min(table.columns), max(table.columns)
    for name, period in PERIODS.items():
        ax.axhline(period, color=GREY, ls="--", lw=1.5)
        ax.text(right + 0.15, period, name, color="#555555", fontsize=14, va="center")
    ax.set(yscale="log", xlabel="Number of hyperparameters", ylabel="Hours of training", xticks=list(table.columns))
    ax.set_title(f"{minutes_per_job:g} minutes a job, {max_parallel} at a time")
    ax.set_xlim(left - 0.1, right + 0.1)
    ax.legend(loc="upper left", frameon=True, framealpha=1, edgecolor="white")
    most = table.to_numpy().max()
    return describe(
        ax,
        f"Hours of training against number of hyperparameters, a line a grid: the largest, {most:,} jobs, takes "
        f"{hours.to_numpy().max():,.0f} hours.",
    )
