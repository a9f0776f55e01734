"""Acquisition functions while watching the posterior: the question changes, the belief stays."""

from __future__ import annotations

import ipywidgets

from workshop.plots.animation import animate
from workshop.plots.redraw import QUESTIONS, BeliefFigure

WEIGHTS = (0.0, 0.5, 2.0)  # those that a page without a kernel offers


class PosteriorExplorer(ipywidgets.VBox):
    """A widget with the traits `trials`, `question` and `weight` (controls) and `image`; see `posterior_explorer`."""

    def __init__(self, study, k, **labels):
        self._figure = BeliefFigure(study, **labels)
        self._fallback = animate(
            lambda weight, question: self._figure.draw_question(k, question, weight),
            {"exploration": WEIGHTS, "question": list(QUESTIONS)},
            name=f"What to ask of a belief after {k} trials",
            start=[1, 0],
        )
        wide, layout = {"description_width": "initial"}, {"width": "300px"}
        self.trials = ipywidgets.IntSlider(k, 1, len(study.history), description="trials", style=wide, layout=layout)
        self.question = ipywidgets.Dropdown(options=list(QUESTIONS), description="question", style=wide, layout=layout)
        self.weight = ipywidgets.FloatSlider(
            0.5, min=0, max=3, step=0.05, description="exploration", style=wide, layout=layout
        )
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


def posterior_explorer(study, k: int | None = None, *, truth=None, ylabel: str = "Objective") -> PosteriorExplorer:
    """A widget: choose trials, acquisition function and exploration weight, and watch where the next trial would go.

    Parameters
    ----------
    study : Study
        Of one number, with a `BayesianSearch`.
    k : int, optional
        How many trials are shown first; half of them if not given.
    truth : pair of (n,) arrays, optional
        Hyperparameter and true value where it is known.
    ylabel : str
        What the objective is.

    Examples
    --------
    >>> from workshop.tuning import BayesianSearch, Float, Space, tune
    >>> space, strategy = Space({"x": Float(0, 1)}), BayesianSearch(n_initial=2)
    >>> study = tune(lambda config: (config["x"] - 0.3) ** 2, space, strategy, 4, progress=False)
    >>> posterior_explorer(study)
    What to ask of a belief: trials, question and exploration to choose
    """
    return PosteriorExplorer(study, k or max(1, len(study.history) // 2), truth=truth, ylabel=ylabel)
