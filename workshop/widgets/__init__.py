"""What the learner moves: a thin layer over `workshop.plots`.

All of it lives in the page: it needs no kernel and no network, and answers within a blink. Only `wait_while` speaks
with the kernel.
"""

from workshop.widgets.asked import long_tail, movie_map, rater_profile
from workshop.widgets.in_page import animate
from workshop.widgets.live import curse_explorer, game, live_belief, live_kmeans
from workshop.widgets.my_ratings import my_ratings, rate_movies
from workshop.widgets.predict import guess, my_guesses, predict
from workshop.widgets.steppers import layout_stepper, posterior_stepper, scale_stepper
from workshop.widgets.waiting import wait_while

__all__ = [
    "animate",
    "curse_explorer",
    "game",
    "guess",
    "layout_stepper",
    "live_belief",
    "live_kmeans",
    "long_tail",
    "movie_map",
    "my_guesses",
    "my_ratings",
    "posterior_stepper",
    "predict",
    "rate_movies",
    "rater_profile",
    "scale_stepper",
    "wait_while",
]
