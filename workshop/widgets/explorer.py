"""What the learner sets: an acquisition while the belief stays, the size of a grid; and a line to wait by."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import ipywidgets
import numpy as np
from IPython.display import display

from workshop.plots.posterior import ACQUISITIONS, BeliefFigure
from workshop.tuning import Interrupted, Study
from workshop.tuning.analysis import curse_table
from workshop.widgets.in_page import InPage, animate

WEIGHTS = (0.0, 0.5, 2.0)  # those that a page without a kernel offers


class PosteriorExplorer(ipywidgets.VBox):
    """A widget with the traits `trials`, `question` and `weight` (controls) and `image`; see `posterior_explorer`."""

    def __init__(self, study: Study, k: int, **labels: Any):
        self._figure = BeliefFigure(study, **labels)
        self._fallback = animate(
            lambda weight, name: self._figure.draw_acquisition(k, name, weight),
            {"exploration": WEIGHTS, "question": list(ACQUISITIONS)},
            name=f"What to ask of a belief after {k} trials",
            start=[1, 0],
        )
        look = {"style": {"description_width": "initial"}, "layout": {"width": "300px"}}
        self.trials = ipywidgets.IntSlider(k, 1, len(study.history), description="trials", **look)
        self.question = ipywidgets.Dropdown(options=list(ACQUISITIONS), description="question", **look)
        self.weight = ipywidgets.FloatSlider(0.5, min=0, max=3, step=0.05, description="exploration", **look)
        self.image, self.text = ipywidgets.Image(format="png"), ipywidgets.Label()
        controls = [self.trials, self.question, self.weight]
        super().__init__([ipywidgets.HBox(controls, layout={"flex_flow": "row wrap"}), self.image, self.text])
        for control in controls:
            control.observe(self._update, "value")
        self._update()

    def __repr__(self):
        return "What to ask of a belief: trials, question and exploration to choose"

    def _repr_mimebundle_(self, **kwargs):
        """The widget; and for a page without a kernel, pictures of a few choices."""
        return super()._repr_mimebundle_(**kwargs) | {"text/html": self._fallback.html}

    def _update(self, change=None):
        chosen = self.trials.value, self.question.value, self.weight.value
        self.image.value, self.text.value = self._figure.picture(*chosen)


def posterior_explorer(
    study: Study, k: int | None = None, *, truth: tuple[np.ndarray, np.ndarray] | None = None, ylabel: str = "Objective"
) -> PosteriorExplorer:
    """Return a widget to choose trials, acquisition and exploration weight, and see where the next trial would go.

    Parameters
    ----------
    study : Study
        Of one number, with a `BayesianSearch`.
    k : int, optional
        How many trials are shown first; half of them if not given.
    truth, ylabel
        As of `workshop.plots.posterior.plot_steps`.

    Examples
    --------
    >>> from workshop.tuning import BayesianSearch, Float, Space, tune
    >>> space, strategy = Space({"x": Float(0, 1)}), BayesianSearch(n_initial=2)
    >>> study = tune(lambda config: (config["x"] - 0.3) ** 2, space, strategy, 4, progress=False)
    >>> posterior_explorer(study)
    What to ask of a belief: trials, question and exploration to choose
    """
    return PosteriorExplorer(study, k or max(1, len(study.history) // 2), truth=truth, ylabel=ylabel)


def curse_explorer() -> InPage:
    """Return a calculator with the exact numbers: jobs of a grid, rounds, hours and days, for what the learner sets.

    Examples
    --------
    >>> curse_explorer()
    The curse of dimensionality: jobs of a grid, and hours
    """
    fields = [
        {"key": "values", "name": "values of each", "value": 10, "max": 100},
        {"key": "hyperparameters", "name": "hyperparameters", "value": 4, "max": 20},
        {"key": "minutes", "name": "minutes per job", "value": 10, "max": 10_000},
        {"key": "parallel", "name": "jobs in parallel", "value": 1, "max": 10_000},
    ]
    table = curse_table()
    head = "".join(f'<th scope="col">{n} hyperparameters</th>' for n in table.columns)
    body = "".join(
        f'<tr><th scope="row">{n} values of each</th>{"".join(f"<td>{jobs:,} jobs</td>" for jobs in row)}</tr>'
        for n, row in zip(table.index, table.to_numpy(), strict=True)
    )
    return InPage(
        "curse.js",
        {"fields": fields, "rows": table.index.tolist(), "columns": table.columns.tolist()},
        static=f"<table><thead><tr><th></th>{head}</tr></thead><tbody>{body}</tbody></table>",
        name="The curse of dimensionality: jobs of a grid, and hours",
    )


class Waiting(ipywidgets.Label):
    """A line that says how the work stands; a page without a kernel says only that somebody waited."""

    def __repr__(self):
        return "Waiting until the work is done"

    def _repr_mimebundle_(self, **kwargs):
        return super()._repr_mimebundle_(**kwargs) | {"text/html": f"<small>{self!r}</small>"}


def wait_while(status: Callable[[], str], *unfinished: str, seconds: float = 1.0) -> str:
    """Return the first status that is not one of `unfinished`; until then a line shows it, and the seconds.

    Ctrl-C raises `workshop.tuning.Interrupted`: the work itself goes on.

    Parameters
    ----------
    status : callable
        Asks for the status; called every `seconds`.
    *unfinished : str
        Statuses that will change.
    seconds : float
        Time between two questions.

    Examples
    --------
    >>> wait_while(lambda: "ACTIVE", "CREATE PENDING", "CREATE IN_PROGRESS")
    Waiting until the work is done
    'ACTIVE'
    """
    line, started = Waiting(), time.monotonic()
    display(line)
    now = "not known yet"
    try:
        while True:
            now = status()
            line.value = f"{now}, {time.monotonic() - started:.0f} s waited"
            if now not in unfinished:
                return now
            time.sleep(seconds)
    except KeyboardInterrupt:
        message = f"interrupted: the status is {now}, and the work itself goes on. To wait again, run this cell again"
        raise Interrupted(message) from None
