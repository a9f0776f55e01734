"""A good call of every public function and of every method that a learner calls: what the fuzzer starts from."""

import functools
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from botocore.exceptions import BotoCoreError, ClientError

from workshop import datasets as d
from workshop import environment, evaluation, exercises, metrics, objectives, shipped
from workshop import models as m
from workshop import tuning as t
from workshop.models import clustering, context, factorization, profiles
from workshop.personalize import MOVIELENS_ARN, LocalPersonalize


@dataclass(frozen=True)
class Good:
    """A call that works.

    Parameters
    ----------
    name : str
        Of the public function or class that it tests.
    call : callable
        The function itself, or one that calls it.
    keep : tuple of str
        Arguments that stay as they are: functions of the caller's own, sizes that would only cost time.
    kinds : bool
        Whether values of another kind are tried as well, not only odd ones of the same kind.
    also : tuple of exceptions
        Documented ones beside ValueError and TypeError.
    fails : bool
        The call is good in form, but what it asks for may not be there.
    """

    name: str
    call: Callable
    arguments: Callable
    keep: tuple = ()
    kinds: bool = True
    also: tuple = ()
    fails: bool = False


CALLS = []


def good(function, *, name=None, call=None, keep=(), kinds=True, also=(), fails=False, **arguments):
    """Add a call; every argument is a value, or (in a lambda) made anew for each call."""

    def make():
        return {k: v() if isinstance(v, Fresh) else v for k, v in arguments.items()}

    CALLS.append(
        Good(name or f"{function.__module__}.{function.__qualname__}", call or function, make, keep, kinds, also, fails)
    )


class Fresh:
    """A value made anew for every call."""

    def __init__(self, make):
        self.make = make

    def __call__(self):
        return self.make()


def frame(n=18):
    """Ratings of 3 users and 6 items."""
    return pd.DataFrame(
        {
            "user": np.repeat([1, 2, 3], 6)[:n],
            "item": np.tile([10, 20, 30, 40, 50, 60], 3)[:n],
            "rating": (np.arange(18) * 7 % 10 / 2 + 0.5)[:n],
            "timestamp": pd.to_datetime(1_000_000_000 + 86_400 * (np.arange(18) * 5 % 18)[:n], unit="s").astype(
                "datetime64[s]"
            ),
        }
    )


def items():
    return pd.DataFrame(
        {
            "title": [f"Movie {i}" for i in range(6)],
            "year": pd.array([1990, 1995, 2000, 2005, 2010, None], "Int64"),
            "genres": [("Drama",), ("Comedy",), ("Drama", "Crime"), ("Crime",), ("Comedy", "Crime"), ()],
        },
        index=pd.Index([10, 20, 30, 40, 50, 60], name="item"),
    )


def users():
    return pd.DataFrame(index=pd.Index([1, 2, 3], name="user"))


def pairs():
    return frame()[["user", "item"]].to_numpy()


def stars():
    return frame()["rating"].to_numpy()


FRAME, ITEMS, USERS = Fresh(frame), Fresh(items), Fresh(users)
PAIRS, STARS = Fresh(pairs), Fresh(stars)
LIKED = Fresh(lambda: (stars() >= 3).astype(int))
RNG = Fresh(lambda: np.random.default_rng(0))


@functools.cache
def ratings():
    return d.synthetic_ratings(400, n_users=20, n_items=40)


# Data.
good(
    d.Ratings,
    frame=FRAME,
    items=ITEMS,
    users=USERS,
    name_="tiny",
    name=None,
    call=lambda frame, items, users, name_: d.Ratings(frame, items, users, name_),
)
good(d.random_split, frame=FRAME, test_size=0.3, seed=0)
good(d.temporal_split, frame=FRAME, test_size=0.3)
good(d.leave_last_out, frame=FRAME)
good(d.synthetic_ratings, n_ratings=60, n_users=10, n_items=20, rank=2, seed=0)
good(d.load_movielens, path=Fresh(shipped.shipped_folder), also=(OSError,))
good(
    d.fetch_movielens,
    release="ml-100k",
    folder=Fresh(tempfile.mkdtemp),
    url="file:///there/is/no/such.zip",
    progress=False,
    also=(OSError,),
    fails=True,
)
good(shipped.shipped_folder)
good(shipped.verify_shipped, folder=Fresh(shipped.shipped_folder), also=(OSError,), kinds=False)
good(environment.examine, call=lambda: list(environment.examine()))
good(environment.Finding, state="ok", text="all is well", remedy="")

# Metrics.
TRUE, GUESS = np.array([1.0, 2.0, 3.0]), np.array([1.5, 2.0, 2.5])
CLASS, CHANCE = np.array([0, 1, 1, 0]), np.array([0.1, 0.8, 0.6, 0.4])
good(metrics.rmse, y_true=TRUE, y_pred=GUESS)
good(metrics.mae, y_true=TRUE, y_pred=GUESS)
good(metrics.accuracy, y_true=CLASS, y_pred=CHANCE, threshold=0.5)
good(metrics.auc, y_true=CLASS, score=CHANCE)
good(metrics.log_loss, y_true=CLASS, probability=CHANCE)
for function in (metrics.precision_at, metrics.recall_at, metrics.ndcg_at):
    good(function, recommended=[10, 20, 30], relevant=[20, 40], n=2)
good(metrics.reciprocal_rank, recommended=[10, 20, 30], relevant=[20, 40])
good(metrics.coverage, recommended_lists=[[10, 20], [20, 30]], catalogue=[10, 20, 30, 40])


# Models: built, fitted and asked, every hyperparameter and every table odd in turn.
def asked(model, X, y, user=1, n=3, **options):
    fitted = model(**options).fit(X, y)
    return fitted.predict(X), fitted.recommend(user, n)


def listed(model, X, y=None, user=1, n=3, **options):
    return model(**options).fit(X, y).recommend(user, n)


def regressor(model, **options):
    good(model, call=functools.partial(asked, model), X=PAIRS, y=STARS, user=1, n=3, **options)


def ranker(model, **options):
    good(model, call=functools.partial(listed, model), X=FRAME, user=1, n=3, **options)


regressor(m.GlobalMean)
regressor(m.BiasRegressor, user_shrinkage=5.0, item_shrinkage=3.0, n_sweeps=3)
regressor(m.KMeansRecommender, items=ITEMS, n_user_clusters=2, n_item_clusters=2, n_clusterings=1, shrinkage=5.0)
regressor(m.ModelPerContext, min_ratings=1)
ranker(m.Popularity)
ranker(m.EASE, penalty=70.0, power=3.0)
ranker(m.Sims, popularity_discount_factor=0.5, min_cointeraction_count=1)
ranker(
    m.HRNN, hidden_dimension=3, bptt=4, n_epochs=1, n_rivals=3, n_lanes=2, learning_rate=0.01, session_hours=1.0, seed=0
)
ranker(m.ItemVectors, min_count=1, window_size=2, negative_samples=2, epochs=1, vector_dim=3, n_recent=2, seed=0)
good(
    context.UserClusters,
    call=lambda X, y, **o: context.UserClusters(**o).fit(X, y).groups(X),
    X=PAIRS,
    y=STARS,
    items=ITEMS,
    n_clusters=2,
    random_state=0,
)
good(
    context.MovieGenres,
    call=lambda X, y, items: context.MovieGenres(items).fit(X, y).groups(X),
    X=PAIRS,
    y=STARS,
    items=ITEMS,
)
good(
    m.FeatureBuilder,
    call=lambda X, items, who_rated, day: m.FeatureBuilder(items, who_rated=who_rated, day=day).fit(X).transform(X),
    X=FRAME,
    items=ITEMS,
    who_rated=True,
    day=True,
)
good(m.Field, name_="user", n_columns=3, call=lambda name_, n_columns: m.Field(name_, n_columns))


def machine(model, y, X, **options):
    return model(**options).fit(X, y).predict(X)


for model, y in ((m.FactorizationMachineRegressor, STARS), (m.FactorizationMachineClassifier, LIKED)):
    for solver in ("gibbs", "als", "adam"):
        if model is m.FactorizationMachineClassifier and solver == "als":
            continue
        good(
            model,
            call=functools.partial(machine, model),
            X=Fresh(lambda: np.eye(18)[:, :5]),
            y=y,
            n_factors=2,
            solver=solver,
            n_iter=3,
            n_samples=2,
            init_sigma=0.1,
            random_state=0,
        )
good(
    factorization.row_variance,
    call=lambda n: factorization.row_variance(np.eye(n), fitted_machine().samples_[0]),
    n=5,
    keep=("n",),
)


@functools.cache
def fitted_machine():
    return m.FactorizationMachineRegressor(2, n_iter=3, n_samples=2, random_state=0).fit(np.eye(18)[:, :5], stars())


@functools.cache
def clustered():
    return m.KMeansRecommender(items(), None, 2, 2, n_clusterings=1).fit(pairs(), stars())


good(profiles.describe_user_clusters, model=Fresh(clustered), view="taste", n_words=2)
good(profiles.describe_item_clusters, model=Fresh(clustered), view="genres and year", n_words=2)
good(profiles.taste_by_cluster, model=Fresh(clustered), view="taste")
PLANE, CENTERS = (
    Fresh(lambda: np.arange(12.0).reshape(6, 2) ** 1.5),
    Fresh(lambda: np.array([[0.0, 1.0], [20.0, 30.0]])),
)
good(clustering.lloyd_steps, call=lambda **k: list(clustering.lloyd_steps(**k)), X=PLANE, centers=CENTERS, max_steps=5)
good(
    clustering.kmeans_plusplus_steps,
    call=lambda **k: list(clustering.kmeans_plusplus_steps(**k)),
    X=PLANE,
    n_clusters=2,
    rng=RNG,
)
good(clustering.squared_distances, X=PLANE, centers=CENTERS)

# Evaluation and objectives.
BIASES = Fresh(m.BiasRegressor)
good(evaluation.cross_validate, model=BIASES, X=PAIRS, y=STARS, n_splits=2, seed=0, response="predict")
ROWS = Fresh(lambda: (pairs(), stars()))
good(
    evaluation.make_objective,
    call=lambda config, **k: evaluation.make_objective(**k)(config),
    model=BIASES,
    train=ROWS,
    valid=ROWS,
    response="predict",
    config={"user_shrinkage": 1.0},
)
good(
    evaluation.Objective,
    call=lambda **k: evaluation.Objective(**k)({}),
    model=BIASES,
    train=ROWS,
    valid=ROWS,
    metric=metrics.rmse,
    response="predict",
    keep=("metric", "train", "valid", "model", "response"),
)
good(
    evaluation.evaluate_ranking,
    recommend=lambda user, n: np.array([10, 20])[:n],
    train=Fresh(lambda: frame().query("item > 20")),
    test=Fresh(lambda: frame().query("item <= 20")),
    n=2,
    liked=1.0,
    catalogue=[10, 20, 30],
    keep=("recommend",),
)
good(
    evaluation.recommend_by_prediction,
    call=lambda user, n, **k: evaluation.recommend_by_prediction(**k)(user, n),
    predict=lambda X: np.zeros(len(X)),
    train=Fresh(lambda: frame(4)),
    catalogue=[10, 20, 30, 40, 50],
    user=1,
    n=2,
    keep=("predict",),
)
good(objectives.branin, x1=1.0, x2=2.0)
good(objectives.forrester, x=0.5)
good(objectives.rating_features, past=FRAME, rows=FRAME, items=ITEMS)
good(
    objectives.LikedAUC,
    call=lambda config, n_train, seed: objectives.LikedAUC(ratings(), n_train=n_train, seed=seed)(config),
    n_train=50,
    seed=0,
    config={"eta": 0.3, "num_round": 2},
)

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
good(t.Space, call=t.Space.from_json, data=SPACE.to_json())
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
    max_seconds=10.0,
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


# Exercises: whatever is handed over, an answer comes back.
for number in exercises.catalogue.EXERCISES:
    good(exercises.check, call=functools.partial(exercises.check, number), answer=0.5)
good(exercises.check, number="1.1", keep=())
good(exercises.hint, number="1.1")
good(exercises.solution, number="1.1")


# Amazon Personalize's requests.
@functools.cache
def client():
    return LocalPersonalize()


def request(operation, **arguments):
    """The answer of a local service; its own exceptions are documented."""
    try:
        return getattr(client(), operation)(**arguments)
    except (BotoCoreError, ClientError) as error:
        raise ValueError(str(error)) from error


SOLUTION = {
    "name": "films",
    "datasetGroupArn": MOVIELENS_ARN,
    "recipeArn": "arn:aws:personalize:::recipe/aws-hrnn",
    "performHPO": True,
    "solutionConfig": {
        "algorithmHyperParameters": {"hidden_dimension": "55"},
        "hpoConfig": {
            "algorithmHyperParameterRanges": {
                "categoricalHyperParameterRanges": [{"name": "recency_mask", "values": ["true", "false"]}],
                "integerHyperParameterRanges": [{"name": "bptt", "minValue": 20, "maxValue": 40}],
            },
            "hpoResourceConfig": {"maxNumberOfTrainingJobs": "4", "maxParallelTrainingJobs": "2"},
        },
    },
}
SOLUTION_ARN = "arn:aws:personalize:local:000000000000:solution/films"
for operation, arguments in {
    "create_solution": SOLUTION,
    "describe_solution": {"solutionArn": SOLUTION_ARN},
    "list_solutions": {"maxResults": 10},
    "delete_solution": {"solutionArn": SOLUTION_ARN},
    "create_solution_version": {"solutionArn": SOLUTION_ARN + "-unknown", "trainingMode": "FULL"},
    "describe_solution_version": {"solutionVersionArn": SOLUTION_ARN + "/1"},
    "list_solution_versions": {"solutionArn": SOLUTION_ARN, "maxResults": 10},
    "get_solution_metrics": {"solutionVersionArn": SOLUTION_ARN + "/1"},
}.items():
    keep = ("name_",) if operation == "create_solution" else ()
    call = functools.partial(request, operation)
    if "name" in arguments:
        arguments = {**arguments, "name_": arguments["name"]}
        del arguments["name"]
        call = functools.partial(lambda operation, name_, **rest: request(operation, name=name_, **rest), operation)
    good(LocalPersonalize, call=call, keep=keep, fails=True, **arguments)
good(
    LocalPersonalize,
    call=lambda path: LocalPersonalize(path),
    path=Fresh(lambda: Path(tempfile.mkdtemp(), "p.sqlite")),
    also=(OSError,),
)
