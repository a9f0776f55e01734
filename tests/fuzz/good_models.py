"""Good calls of the models, of their evaluation, and of the objectives made from them."""

import functools

import numpy as np
from good_calls import FRAME, ITEMS, Fresh, frame, good, items, pairs, ratings, stars

from workshop import distributed, evaluation, objectives
from workshop import models as m
from workshop.models import item_vectors, lloyd, profiles

PAIRS, STARS = Fresh(pairs), Fresh(stars)
LIKED = Fresh(lambda: (stars() >= 3).astype(int))


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
regressor(m.BiasRegressor, user_shrinkage=5.0, item_shrinkage=3.0)
regressor(m.KMeansRecommender, items=ITEMS, n_user_clusters=2, n_item_clusters=2, n_clusterings=1, shrinkage=5.0)
regressor(m.ModelPerContext, min_ratings=1)
ranker(m.Popularity)
ranker(m.EASE, penalty=70.0, power=2.0, half_age=10.0)
ranker(m.Sims, popularity_discount_factor=0.5, min_cointeraction_count=1)
ranker(m.Transitions, window=2, half_age=1.0)
ranker(m.HRNN, hidden_dimension=3, bptt=4, n_epochs=1, learning_rate=0.01, seed=0)
ranker(m.ItemVectors, min_count=1, window_size=2, negative_samples=2, epochs=1, vector_dim=3, n_recent=2, seed=0)
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


@functools.cache
def clustered():
    return m.KMeansRecommender(items(), None, 2, 2, n_clusterings=1).fit(pairs(), stars())


good(profiles.describe_user_clusters, model=Fresh(clustered), n_words=2)
good(profiles.taste_by_cluster, model=Fresh(clustered))
PLANE, CENTERS = (
    Fresh(lambda: np.arange(12.0).reshape(6, 2) ** 1.5),
    Fresh(lambda: np.array([[0.0, 1.0], [20.0, 30.0]])),
)
good(lloyd.lloyd_steps, call=lambda **k: list(lloyd.lloyd_steps(**k)), X=PLANE, centers=CENTERS, max_steps=5)

# Evaluation and objectives.
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


# One model on several workers.
def tiny():
    return frame()[["item", "rating"]].assign(liked=(stars() >= 3).astype(int))


@functools.cache
def objective():
    return objectives.LikedAUC(ratings(), n_train=50)


good(distributed.Report, call=lambda **k: distributed.Report(**k), worker=0, value=0.5, n_rows=3, kinds=False)
good(distributed.shards, rows=FRAME, n_shards=2, by="rating")
good(
    distributed.DistributedAUC,
    call=lambda **k: distributed.DistributedAUC(objective(), **k),
    n_workers=2,
    metric="own",
    by="user_count",
)
good(distributed.DistributedAUC, objective=Fresh(objective), n_workers=2, metric="joint", by="item_count")
good(distributed.dask_executors, client=None, n_workers=1, fails=True)
good(distributed.gathered, values=np.array([1.0, 2.0]))
good(item_vectors.kept_share, counts=np.array([990.0, 10.0]), sampling_threshold=0.01)
good(profiles.genre_tastes, rows=FRAME, items=ITEMS)
