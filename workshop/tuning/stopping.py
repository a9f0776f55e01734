"""Which trials to give up: a stopping rule is a function of the history, as a strategy is.

A rule is asked after every step that a trial reports. It sees the history, the values in it to be minimised, and the
trial as it stands there; it keeps nothing of its own.
"""

from dataclasses import dataclass

import numpy as np

from workshop.tuning.checks import whole


@dataclass(frozen=True)
class MedianRule:
    """Give up a trial whose value is worse than the median of the running averages of earlier trials at its step.

    Earlier trials are those that have ended, complete or stopped, and came at least as far. A running average is the
    mean of a trial's values up to that step: early values weigh on it, so that trials on a good way are not judged by
    noise.

    Parameters
    ----------
    min_trials : int
        How many earlier trials it takes to judge one; at least 1.
    min_steps : int
        No trial is judged before it has come so far: for objectives whose first steps say little of the last.

    References
    ----------
    Golovin et al. (2017), Google Vizier, section 3.2.2, who compare the best value up to the step with the trials that
    are complete. Taken here as Amazon SageMaker states its early stopping, "Auto": the value at the step, and all
    earlier trials.

    Examples
    --------
    >>> from workshop.tuning import History, Trial
    >>> history = History(Trial(k, {}, "complete", end, values=(1.0, end)) for k, end in enumerate([0.2, 0.4, 0.6]))
    >>> MedianRule(min_trials=3).stop(history, Trial(3, {}, values=(1.0, 0.8)))  # averages are 0.6, 0.7 and 0.8
    True
    """

    min_trials: int = 3
    min_steps: int = 1

    def __post_init__(self):
        whole("min_trials", self.min_trials, 1)
        whole("min_steps", self.min_steps, 1)

    def stop(self, history, trial):
        """Return whether to stop `trial` after the values it has reported, a bool."""
        step = len(trial.values)
        averages = [
            np.mean(other.values[:step])
            for other in history
            if other.state in ("complete", "stopped") and len(other.values) >= step
        ]
        judged = step >= self.min_steps and len(averages) >= self.min_trials
        return judged and bool(trial.values[-1] > np.median(averages))
