"""What the learner moves: a thin layer over `workshop.plots`.

Steppers and games live in the page: they need no kernel and no network, and answer within a blink. Only
`posterior_explorer` asks the kernel, because its parameters are free.
"""

from workshop.widgets.curse import curse_explorer
from workshop.widgets.explorer import posterior_explorer
from workshop.widgets.game import game
from workshop.widgets.steppers import layout_stepper, posterior_stepper, race_stepper, scale_stepper
from workshop.widgets.waiting import wait_while

__all__ = [
    "curse_explorer",
    "game",
    "layout_stepper",
    "posterior_explorer",
    "posterior_stepper",
    "race_stepper",
    "scale_stepper",
    "wait_while",
]
