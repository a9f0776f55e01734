"""What the notebooks have bound where their exercises stand, as far as solutions and answers use it.

An answer sees all that this file imports and defines, and what the function of its part returns; models and studies are
quick ones.
"""
# ruff: noqa: F401 (what is imported for the answers of answers.toml)

from copy import deepcopy
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.preprocessing import scale

from workshop import cloud, tuning
from workshop.datasets import load_movielens, random_split, temporal_split
from workshop.evaluation import evaluate_ranking, recommend_by_prediction
from workshop.metrics import rmse
from workshop.models import (
    BiasRegressor,
    FactorizationMachineRegressor,
    FeatureBuilder,
    KMeansRecommender,
    Popularity,
    profiles,
)
from workshop.models.kmeans import lloyd_steps
from workshop.objectives import forrester
from workshop.tuning import (
    BayesianSearch,
    Categorical,
    Float,
    Hyperband,
    Int,
    RandomSearch,
    Space,
    Study,
    analysis,
    tune,
)
from workshop.tuning.analysis import best_of_quantiles

ratings = load_movielens()
frame = ratings.frame


def part_1(notebook_cell):
    train, test = random_split(frame)
    old, new = temporal_split(frame)
    biases = BiasRegressor().fit(train[["user", "item"]], train["rating"])
    guess = biases.predict(test[["user", "item"]])
    spread = frame.groupby("item")["rating"].agg(["std", "count"]).join(ratings.items["title"])
    return {
        **{"train": train, "test": test, "old": old, "new": new, "biases": biases, "guess": guess},
        "on_train": biases.predict(train[["user", "item"]]),
        "rounded": np.round(2 * guess) / 2,
        "spread": spread,
        "often": spread[spread["count"] >= 50],
    }


def part_2(notebook_cell):
    train, _ = random_split(frame)
    learn, valid = random_split(train, seed=1)
    biases = BiasRegressor().fit(learn, learn["rating"])
    found = globals() | {
        **{"learn": learn, "valid": valid, "expected": biases.predict(valid)},
        "model": KMeansRecommender(ratings.items, n_clusterings=1).fit(learn, learn["rating"]),
        "residual": learn["rating"] - biases.predict(learn),
        "points": np.array([[1.0], [2.0], [9.0]]),
        "item_of": pd.Series(ratings.items.index, ratings.items["title"]).groupby(level=0).first(),
    }
    for text in ("taste = profiles.genre_tastes(", "plain = ", "def correction"):
        exec(notebook_cell("02", text), found)
    return found | {"thousands": found["plain"].assign(count=found["plain"]["count"] / 1000)}


def loop(w0, w, V, x):
    """Equation 1 of the factorization machine, pair by pair."""
    pairs = sum(V[i] @ V[j] * x[i] * x[j] for i, j in combinations(range(len(x)), 2))
    return w0 + w @ x + pairs


class Machine:
    def __call__(self, w0, w, V, x):
        return loop(w0, w, V, x)

    predict = __call__


def prints(w0, w, V, x):
    print(end="")


def forgets_to_return(w0, w, V, x):
    w0 + w @ x + 0.5 * ((V.T @ x) ** 2 - (V.T**2) @ x**2).sum()


def changes_its_arguments(w0, w, V, x):
    result = loop(w0, w, V, x)
    V *= 0
    x *= 0
    return result


def part_3(notebook_cell):
    learn, valid = random_split(frame.iloc[:9000])
    builder = FeatureBuilder().fit(learn)
    machine = FactorizationMachineRegressor(
        solver="adam", n_iter=12, random_state=0, batch_size=500, linear_lr=0.02, factors_lr=0.05
    ).fit(builder.transform(learn), learn["rating"], validation=(builder.transform(valid), valid["rating"]))
    assert 1 < np.argmin(machine.curves_["validation"]) + 1 < 11
    old, new = temporal_split(frame)
    raters, machine_then = old["item"].value_counts(), BiasRegressor().fit(old, old["rating"]).predict
    often = raters.index[:200]

    def ranked(catalogue, sign=1):
        """A recommender of one's own: the movies of a catalogue by predicted rating, those rated left out."""

        def recommend(user, n=10):
            left = pd.Index(catalogue).difference(old.loc[old["user"] == user, "item"])
            predicted = machine_then(pd.DataFrame({"user": user, "item": left}))
            return pd.Series(sign * predicted, left).sort_values(ascending=False).index[:n]

        return recommend

    found = {
        **{"machines": {0: machine}, "curve": machine.curves_["validation"], "machine_then": machine_then},
        **{"old": old, "new": new, "raters": raters, "often": often, "ranked": ranked},
        "titles": ratings.items.loc[often, "title"].str.split(" (", regex=False).str[0],
        "people": new[new["user"] % 5 == 0],
        "popular": Popularity().fit(old),
    }
    return found | vectors(1, found)


def vectors(seed, found):
    """Vectors of the movies as some seed of the sampler might give them, and what an answer computes from them."""
    rng = np.random.default_rng(seed)
    liking = rng.normal(size=(200, 8)) * rng.uniform(0.5, 2, size=(200, 1))
    unit = liking / np.linalg.norm(liking, axis=1, keepdims=True)
    alien = found["often"].get_loc(1214)
    cosine = pd.Series(unit @ unit[alien], found["titles"].to_numpy())
    return {"liking": liking, "unit": unit, "alien": alien, "cosine": cosine}


def a_space(**changed):
    """The space that is wanted in part 4, with other ranges; None leaves one out."""
    ranges = {"eta": Float(0.001, 1, log=True), "max_depth": Int(2, 10), "subsample": Float(0.5, 1)}
    ranges |= {"reg_lambda": Float(0.001, 1000, log=True)} | changed
    return Space({name: one for name, one in ranges.items() if one is not None})


class Near:
    """A strategy that draws ten trials at random and then stays near the best; `change` says how near."""

    def __init__(self, change=lambda rng, width, n: 0.1 * rng.normal(size=width), n_random=10, best_of=1):
        self.change, self.n_random, self.best_of = change, n_random, best_of

    def propose(self, space, history, rng):
        if len(history.complete) < self.n_random:
            return space.sample(rng)
        best = sorted(history.complete, key=lambda trial: trial.value)[: self.best_of]
        centre = space.encode(best[rng.integers(len(best))].config)
        return space.decode(centre + self.change(rng, space.width, len(history.complete)))


class OneAtATime:
    def propose(self, space, history, rng):
        if len(history) < 10:
            return space.sample(rng)
        config = dict(min(history.complete, key=lambda trial: trial.value).config)
        name = list(space)[rng.integers(len(space))]
        config[name] = float(np.clip(config[name] * np.exp(rng.normal(scale=0.3)), space[name].low, space[name].high))
        return config


class Mine:
    """A strategy whose `propose` is a function of space, history and rng, as learners write it at first."""

    def __init__(self, propose):
        self.propose = propose


def after_ten(propose):
    """A strategy that draws ten trials at random before it proposes."""

    def choose(space, history, rng):
        return propose(space, history, rng) if len(history) >= 10 else space.sample(rng)

    return Mine(choose)


def near(trial, space, rng):
    return space.decode(space.encode(trial.config) + 0.1 * rng.normal(size=space.width))


def part_4(notebook_cell):
    return {
        "hidden": lambda config: -forrester(config["x"]),
        "hidden_space": Space({"x": Float(0, 1)}),
        "maximize": {"direction": "maximize", "progress": False},
    }


class Patience:
    """A rule that stops after five steps without a better value, and what learners write instead."""

    def __init__(self, says=lambda v: len(v) > 5 and min(v[-5:]) >= min(v[:-5])):
        self.says = says

    def stop(self, history, trial):
        return self.says(trial.values)


class CountsSteps:
    patience = 5

    def stop(self, history, trial):
        best = int(np.argmin(trial.values))
        return len(trial.values) - 1 - best >= self.patience


class Loop:
    def stop(self, history, trial):
        best, waited = float("inf"), 0
        for value in trial.values:
            best, waited = (value, 0) if value < best else (best, waited + 1)
        return waited >= 5


class Vectors:
    """Stands in for a trained word2vec: which movies are nearest depends on what is added and subtracted."""

    @property
    def wv(self):
        return self

    def most_similar(self, positive, negative=(), topn=10):
        shift = {(3114, 260): 0, (1, 260): 30, (1, 260, 3114): 60, (260,): 90, (260, 3114): 120}
        start = 100 + (shift[tuple(positive)] if negative or tuple(positive) != (3114, 260) else 150)
        return [(int(item), 0.6 - 0.01 * k) for k, item in enumerate(ratings.items.index[start : start + topn])]


def hpo(n_jobs="6", at_once="3", kind="integer", several=list, more=None, **changed):
    """The `hpoConfig` that is wanted of Personalize, with other fields of its range; None leaves one out."""
    entry = {"name": "hidden_dimension", "minValue": 32, "maxValue": 64} | changed
    entries = several([{name: given for name, given in entry.items() if given is not None}])
    return {
        "algorithmHyperParameterRanges": {f"{kind}HyperParameterRanges": entries} | (more or {}),
        "hpoResourceConfig": {"maxNumberOfTrainingJobs": n_jobs, "maxParallelTrainingJobs": at_once},
    }


def appendices(notebook_cell):
    space, rng, model = Space({"x1": Float(-5, 10), "x2": Float(0, 15)}), np.random.default_rng(0), Vectors()
    contestants = {}
    fixed = {"objective": "binary:logistic", "num_round": "20", "tree_method": "hist", "max_bin": "32"}
    training = cloud.training_job_definition("xgboost", fixed)
    requests = globals() | {"training": training}
    requests["budget"] = {"ResourceLimits": {"MaxNumberOfTrainingJobs": 24, "MaxParallelTrainingJobs": 1}}
    for text in ("ranges = {", 'job = {"Strategy"'):
        exec(notebook_cell("appendix_managed", text), requests)
    ranges, job = requests["ranges"], requests["job"]
    subsample = {"Name": "subsample", "MinValue": "0.5", "MaxValue": "0.99", "ScalingType": "ReverseLogarithmic"}

    def study_of(strategy, seed=0):
        return Study(space, strategy, seed=seed)

    def runs(function, space, strategy, n_trials, at_once):  # what the appendix finds with seeds 0 to 5
        few, many = [0.068, 0.275, 0.313, 1.306, 3.305, 4.463], [0.0, 0.001, 0.002, 0.006, 0.011, 0.032]
        return np.array(few if n_trials == 18 else many)

    def with_subsample(**changed):
        added = {name: given for name, given in (subsample | changed).items() if given is not None}
        return ranges | {"ContinuousParameterRanges": [*ranges["ContinuousParameterRanges"], added]}

    def jobs(wanted={"Type": "Minimize", "MetricName": "validation:rmse"}, learns="reg:squarederror"):  # noqa: B006
        static = training["StaticHyperParameters"] | {"objective": learns}
        return job | {"HyperParameterTuningJobObjective": wanted}, training | {"StaticHyperParameters": static}

    def hyperband(resources={"MinResource": 1, "MaxResource": 20}, **changed):  # noqa: B006
        by_hyperband = {"Strategy": "Hyperband", "StrategyConfig": {"HyperbandStrategyConfig": resources}}
        return job | by_hyperband | requests["budget"] | changed

    return requests | {
        **{"study_of": study_of, "runs": runs, "with_subsample": with_subsample, "jobs": jobs, "hyperband": hyperband},
        **{"contestants": contestants, "run": lambda name, seed: study_of(contestants[name][0], seed)},
        "together": [study_of(Hyperband(27, strategy=BayesianSearch()), k) for k in range(3)],
        **{"branin_space": space, "bayesian": BayesianSearch(n_initial=6), "distance": None, "subsample": subsample},
        **{"auc": 0.77 - 0.05 * rng.exponential(size=200), "titles": ratings.items["title"]},
        **{"model": model, "nearest": model.wv.most_similar([3114, 260], [1], topn=3)},
        "ndcg_by_n": {1: 0.082, 3: 0.095, 10: 0.087, 50: 0.076},
    }


PARTS = {"1": part_1, "2": part_2, "3": part_3, "4": part_4}


def bound(part, notebook_cell):
    """All names that an answer of this part may use; the part is that with which a number begins."""
    return globals() | PARTS.get(part, appendices)(notebook_cell)
