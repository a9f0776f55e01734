"""The curse of dimensionality in the learner's hands: how many jobs a grid needs, and how many hours these take."""

from pathlib import Path

from workshop.plots.curse import curse_table
from workshop.plots.in_page import InPage


def curse_explorer(*, n_values=10, n_hyperparameters=4, minutes_per_job=10, max_parallel=1) -> InPage:
    """A calculator with the exact numbers: jobs of a grid, rounds, hours and days, for what the learner sets.

    Parameters
    ----------
    n_values : int
        Values of each hyperparameter (points per axis) at the start, 1 to 100.
    n_hyperparameters : int
        How many hyperparameters at the start, 1 to 20.
    minutes_per_job : float
        How long one training job takes.
    max_parallel : int
        How many jobs run at once.

    Examples
    --------
    >>> curse_explorer()
    The curse of dimensionality: jobs of a grid, and hours
    """
    fields = [
        {"key": "values", "name": "values of each", "value": n_values, "max": 100},
        {"key": "hyperparameters", "name": "hyperparameters", "value": n_hyperparameters, "max": 20},
        {"key": "minutes", "name": "minutes per job", "value": minutes_per_job, "max": 10_000},
        {"key": "parallel", "name": "jobs in parallel", "value": max_parallel, "max": 10_000},
    ]
    table = curse_table()
    head = "".join(f'<th scope="col">{n} hyperparameters</th>' for n in table.columns)
    body = "".join(
        f'<tr><th scope="row">{n} values of each</th>{"".join(f"<td>{jobs:,} jobs</td>" for jobs in row)}</tr>'
        for n, row in zip(table.index, table.to_numpy(), strict=True)
    )
    return InPage(
        Path(__file__).with_name("curse.js"),
        {"fields": fields, "rows": table.index.tolist(), "columns": table.columns.tolist()},
        static=f"<table><thead><tr><th></th>{head}</tr></thead><tbody>{body}</tbody></table>",
        name="The curse of dimensionality: jobs of a grid, and hours",
    )
