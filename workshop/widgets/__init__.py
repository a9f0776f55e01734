"""What the learner moves: a thin layer over `workshop.plots`.

Steppers and games live in the page: they need no kernel and no network, and answer within a blink. Only
`posterior_explorer` asks the kernel, because its parameters are free.
"""

from workshop.widgets.explorer import curse_explorer, posterior_explorer, wait_while
from workshop.widgets.game import game
from workshop.widgets.in_page import animate
from workshop.widgets.my_ratings import my_ratings, rate_movies
from workshop.widgets.predict import guess, my_guesses, predict
from workshop.widgets.steppers import layout_stepper, posterior_stepper, scale_stepper

__all__ = [
    "animate",
    "curse_explorer",
    "game",
    "guess",
    "layout_stepper",
    "my_guesses",
    "my_ratings",
    "posterior_explorer",
    "posterior_stepper",
    "predict",
    "rate_movies",
    "scale_stepper",
    "wait_while",
]
