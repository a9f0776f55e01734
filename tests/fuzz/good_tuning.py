"""Good calls of tuning, and of the exercises."""

import functools
import tempfile
from pathlib import Path

import numpy as np
from good_calls import Fresh, good
from good_models import PAIRS, STARS

from workshop import exercises
from workshop import models as m
from workshop import tuning as t
from workshop.tuning import surrogate

# Tuning.
SPACE = t.Space({"x": t.Float(0.1, 1, log=True), "i": t.Int(1, 3), "c": t.Categorical(["a", "b"])})
CONFIG = {"x": 0.5, "i": 2, "c": "a"}


def history():
    return t.History(
        t.Trial(k, {"x": x, "i": 1 + k % 3, "c": "a"}, "complete", x) for k, x in enumerate([0.2, 0.9, 0.4])
    )


def study_of(strategy, n=3):
    return t.tune(lambda config: config["x"], SPACE, strategy, n, progress=False)


good(t.Float, low=0.1, high=1.0, log=True)
good(t.Int, low=1, high=10, log=False)
good(t.Categorical, choices=["a", 1, None, 2.5])
good(t.Space, parameters=Fresh(lambda: dict(SPACE)))
for name, arguments in {
    "validate": {"config": CONFIG},
    "encode": {"config": CONFIG},
    "decode": {"x": np.array([0.1, 0.2, 1.0, 0.0])},
    "grid": {"n_per_param": 2},
}.items():
    good(t.Space, call=getattr(SPACE, name), **arguments)
good(t.Trial, number=0, config=CONFIG, state="complete", value=0.5, error=None, seconds=1.0, started=0.0, values=(0.5,))
good(t.History, trials=Fresh(lambda: list(history())))
good(t.History, call=lambda direction: history().to_frame(direction), direction="minimize")
good(t.GridSearch, call=lambda n: study_of(t.GridSearch(n)), n=2)
good(t.RandomSearch, call=lambda: study_of(t.RandomSearch()))
good(
    t.BayesianSearch,
    call=lambda n, acquisition: study_of(t.BayesianSearch(n, acquisition), 4),
    n=2,
    acquisition=t.expected_improvement,
)
good(
    t.BayesianSearch,
    call=lambda mean: study_of(t.BayesianSearch(2, lambda m, std, best: m * 0 + mean), 3),
    mean=0.5,
    also=(RuntimeError,),
)
good(t.Hyperband, max_steps=4, min_steps=1, eta=2, strategy=Fresh(t.RandomSearch))
good(t.MedianRule, min_trials=1, min_steps=1)
good(
    t.WarmStart,
    call=lambda transfer, **k: study_of(t.WarmStart(transfer=transfer, **k)),
    strategy=Fresh(t.RandomSearch),
    parents=Fresh(lambda: [history()]),
    transfer=True,
)
good(t.Start, call=lambda **k: study_of(t.Start(**k)), configs=[CONFIG], then=Fresh(t.RandomSearch))
good(t.Interrupted, message="39 of 200 trials", study=None)
good(t.Exhausted, message="no config is left", call=lambda message: t.Exhausted(message))
good(
    t.SimulatedClock,
    call=lambda seconds: t.tune(
        lambda c: c["x"], SPACE, t.RandomSearch(), 2, executor=t.SimulatedClock(seconds), progress=False
    ),
    seconds=60,
)
good(
    t.Study,
    space=SPACE,
    strategy=Fresh(t.RandomSearch),
    direction="minimize",
    seed=0,
    storage=Fresh(lambda: Path(tempfile.mkdtemp(), "s.sqlite")),
    also=(OSError,),
)


def told(value, error):
    study = t.Study(SPACE, t.RandomSearch())
    return study.tell(study.ask(), value, error=error)


def tell_trial(trial):
    study = t.Study(SPACE, t.RandomSearch())
    asked = study.ask()
    return study.tell(asked if trial is None else trial, 1.0)


good(t.Study, call=told, value=0.5, error=None)
good(
    t.Study,
    call=lambda value, step: (s := t.Study(SPACE, t.RandomSearch(), stopping=t.MedianRule())).report(
        s.ask(), value, step=step
    ),
    value=0.5,
    step=1,
)
good(
    t.Study,
    call=tell_trial,
    trial=None,
)
good(
    t.tune,
    objective=lambda config: config["x"],
    space=SPACE,
    strategy=Fresh(t.RandomSearch),
    n_trials=2,
    direction="minimize",
    seed=0,
    max_parallel=1,
    progress=False,
    stopping=Fresh(t.MedianRule),
    until=lambda study: False,
    keep=("until",),
)
good(t.tune, call=lambda value: t.tune(lambda config: value, SPACE, t.RandomSearch(), 2, progress=False), value=0.5)
good(
    t.tune,
    call=lambda values: t.tune(lambda config: iter(values), SPACE, t.RandomSearch(), 2, progress=False),
    values=[0.5, 0.4],
)
good(
    t.TuneSearchCV,
    call=lambda X, y, n_trials, cv, **k: (
        t.TuneSearchCV(m.BiasRegressor(), n_trials=n_trials, cv=cv, **k).fit(X, y).best_params_
    ),
    X=PAIRS,
    y=STARS,
    space=t.Space({"user_shrinkage": t.Float(0, 1)}),
    strategy=Fresh(t.RandomSearch),
    n_trials=1,
    cv=2,
    seed=0,
)
MEAN, STD = np.array([0.1, 0.2]), np.array([1.0, 0.5])
for function in (t.expected_improvement, t.probability_of_improvement):
    good(function, mean=MEAN, std=STD, best=0.1, xi=0.0)
good(t.lower_confidence_bound, mean=MEAN, std=STD, best=None, kappa=2.0)
good(t.thompson_sampling, draw=MEAN)

good(surrogate.matern, r=np.array([0.0, 1.0]))
good(
    surrogate.GaussianProcess,
    call=lambda X, y, Z: surrogate.GaussianProcess().fit(X, y).predict(Z),
    X=np.array([[0.0], [0.5], [1.0]]),
    y=np.array([0.0, 1.0, 0.0]),
    Z=np.array([[0.25], [0.75]]),
)


# Exercises: whatever is handed over, an answer comes back.
for number in exercises.exercise.EXERCISES:
    good(exercises.check, call=functools.partial(exercises.check, number), answer=0.5)
good(exercises.check, number="1.1", keep=())
good(exercises.hint, number="1.1")
good(exercises.solution, number="1.1")
