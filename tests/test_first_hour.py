"""The mistakes of the first hour: one thing handed over for another. Each is answered with what to give instead."""

import numpy as np
import pandas as pd
import pytest

from workshop.datasets import load_movielens, random_split
from workshop.evaluation import evaluate_ranking
from workshop.models import BiasRegressor, FactorizationMachineClassifier, FactorizationMachineRegressor, Popularity
from workshop.objectives import LikedAUC
from workshop.plots import scores
from workshop.tuning import Float, RandomSearch, Space, tune
from workshop.widgets import long_tail, my_ratings, posterior_stepper, rate_movies, rater_profile

RATINGS = load_movielens()
FRAME = RATINGS.frame
IDS, STARS = FRAME[["user", "item"]], FRAME["rating"]
X, Y = np.eye(4), [1.0, 2.0, 3.0, 4.0]
machine = FactorizationMachineRegressor(1, n_iter=1)
names = {"xlabel": "epoch", "ylabel": "error"}

MISTAKES = {
    "a split of Ratings": ("frame is Ratings; give one of its tables: .frame", lambda: random_split(RATINGS)),
    "a model of Ratings": ("X is Ratings; give its table", lambda: BiasRegressor().fit(RATINGS, STARS)),
    "ids for features": ("give its features, those of FeatureBuilder", lambda: machine.fit(FRAME, STARS)),
    "ids to classify": ("FeatureBuilder", lambda: FactorizationMachineClassifier().fit(IDS, STARS >= 4)),
    "ids to predict": ("FeatureBuilder", lambda: FactorizationMachineRegressor(1, n_iter=1).fit(X, Y).predict(IDS)),
    "validation without y": ("validation is ndarray; give a pair", lambda: machine.fit(X, Y, validation=X)),
    "sizes for fields": ("must be a list of Field", lambda: machine.fit(X, Y, fields=[2, 2])),
    "a model for its lists": (
        "recommend is Popularity; give a function, such as model.recommend",
        lambda: evaluate_ranking(Popularity().fit(IDS), FRAME, FRAME),
    ),
    "parameters without names": ("has no names; give a dict", lambda: Space([Float(0, 1)])),
    "scores without names": ("scores is list; give a dict", lambda: scores.plot_scores([1, 2], label="error")),
    "curves without names": ("list has no names", lambda: scores.plot_curves([pd.Series([1, 2])], **names)),
    "a curve without its x": ("give a Series", lambda: scores.plot_curves({"test": [1, 2]}, **names)),
    **{
        f"{call.__name__} of a frame": ("ratings is DataFrame, not Ratings", lambda call=call: call(FRAME))
        for call in (LikedAUC, long_tail, my_ratings, rate_movies)
    },
    "rater_profile of a frame": ("ratings is DataFrame, not Ratings", lambda: rater_profile(FRAME, STARS)),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_one_thing_for_another_is_answered_with_what_to_give(mistake):
    words, call = MISTAKES[mistake]
    with pytest.raises(TypeError) as answer:
        call()
    assert words in str(answer.value)


def test_a_search_without_a_belief_has_no_picture_of_it():
    study = tune(lambda config: config["x"], Space({"x": Float(0, 1)}), RandomSearch(), 3, progress=False)
    with pytest.raises(ValueError, match="RandomSearch, which has no belief; give BayesianSearch"):
        posterior_stepper(study)
