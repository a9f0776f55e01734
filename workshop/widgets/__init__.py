"""What the learner moves: a thin layer over `workshop.plots`.

Steppers and games live in the page: they need no kernel and no network, and answer within a blink. Only
`posterior_explorer` asks the kernel, because its parameters are free.
"""

from workshop.widgets.steppers import layout_stepper, posterior_stepper, race_stepper, scale_stepper

__all__ = ["layout_stepper", "posterior_stepper", "race_stepper", "scale_stepper"]
