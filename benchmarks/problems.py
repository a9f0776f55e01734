"""Objectives with a known or estimated minimum, for `benchmarks/tuning.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from workshop.tuning import Categorical, Float, Int, Space


@dataclass(frozen=True)
class Problem:
    """An objective to minimise: `truth(config)`, measured with normal noise of standard deviation `noise`."""

    space: Space
    truth: Callable
    n_trials: int
    minimum: float | None  # None: unknown; then the lowest value of the whole report stands in
    noise: float = 0.0


def cube(d, low=0.0, high=1.0):
    return Space({f"x{i}": Float(low, high) for i in range(d)})


def on_vector(function):
    """The objective of a config whose values, in order, are the vector that `function` takes."""
    return lambda config: float(function(np.array(list(config.values()), dtype=float)))


def branin(x):
    a, b = x[1] - 5.1 / (4 * np.pi**2) * x[0] ** 2 + 5 / np.pi * x[0] - 6, 1 - 1 / (8 * np.pi)
    return a**2 + 10 * b * np.cos(x[0]) + 10


WEIGHTS = np.array([1.0, 1.2, 3.0, 3.2])
SLOPES_3 = np.array([[3, 10, 30], [0.1, 10, 35], [3, 10, 30], [0.1, 10, 35]])
PEAKS_3 = 1e-4 * np.array([[3689, 1170, 2673], [4699, 4387, 7470], [1091, 8732, 5547], [381, 5743, 8828]])
SLOPES_6 = np.array(
    [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
)
PEAKS_6 = 1e-4 * np.array(
    [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ]
)


def hartmann(slopes, peaks):
    return lambda x: -WEIGHTS @ np.exp(-(slopes * (x - peaks) ** 2).sum(axis=1))


def ackley(x):
    x = x - 3.3
    return 20 + np.e - 20 * np.exp(-0.2 * np.sqrt((x**2).mean())) - np.exp(np.cos(2 * np.pi * x).mean())


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def levy(x):
    w = 1 + (x - 1) / 4
    middle = ((w[:-1] - 1) ** 2 * (1 + 10 * np.sin(np.pi * w[:-1] + 1) ** 2)).sum()
    return np.sin(np.pi * w[0]) ** 2 + middle + (w[-1] - 1) ** 2 * (1 + np.sin(2 * np.pi * w[-1]) ** 2)


def styblinski_tang(x):
    return 0.5 * (x**4 - 16 * x**2 + 5 * x).sum() + 39.16616570377142 * len(x)


def edge(x):
    """A cone whose tip is close to a corner."""
    return np.sqrt((np.array([4, 1, 1, 0.2]) * (x - np.array([0.97, 0.03, 0.9, 0.05])) ** 2).sum())


NETWORK = Space(
    {
        "rate": Float(1e-5, 1, log=True),
        "depth": Int(1, 12),
        "width": Int(8, 512, log=True),
        "dropout": Float(0, 0.9),
        "activation": Categorical(["relu", "tanh", "gelu", "elu"]),
    }
)


def network(config):
    """Looks like a network's loss: logarithmic, whole and categorical parameters that depend on each other."""
    rate, depth = np.log10(config["rate"]) + 2.3, (config["depth"] - 7) / 6
    width = np.log2(config["width"] / 96) / 3
    dropout = config["dropout"] - 0.2 - 0.3 * max(width, 0)
    kind = {"relu": 0.5, "tanh": 0.0, "gelu": 0.3, "elu": 0.9}[config["activation"]]
    return 0.3 * rate**2 + 0.8 * depth**2 + 0.4 * width**2 + kind + 0.5 * dropout**2 + 0.15 * rate * depth


CONDITIONAL = Space(
    {
        "booster": Categorical(["gbtree", "dart"]),
        "rate_drop": Float(0, 1),
        "eta": Float(1e-3, 1, log=True),
        "lambda": Float(1e-3, 10, log=True),
    }
)


def conditional(config):
    """`rate_drop` does nothing unless the booster is dart, where it decides."""
    eta, penalty = np.log10(config["eta"]), np.log10(config["lambda"])
    tree = 0.5 * (eta + 1.2) ** 2 + 0.1 * (penalty - 0.2) ** 2
    dart = 2 * (config["rate_drop"] - 0.15) ** 2 + 0.1 * (eta + 0.8) ** 2
    return tree + (0.3 if config["booster"] == "gbtree" else dart)


XGBOOST = Space(
    {
        "eta": Float(0.01, 1, log=True),
        "max_depth": Int(1, 10),
        "min_child_weight": Float(0, 20),
        "gamma": Float(0, 5),
        "subsample": Float(0.3, 1),
        "booster": Categorical(["gbtree", "dart"]),
    }
)


@cache
def movielens_tables():
    """Features and likes of 10,000 ratings to learn from and 10,000 to judge by; means come from the other rows."""
    import pandas as pd
    import xgboost

    from workshop.datasets import load_movielens

    ratings = load_movielens()
    rows = np.random.default_rng(0).permutation(len(ratings.frame))
    known, learn, judge = (ratings.frame.iloc[part] for part in (rows[20_000:], rows[:10_000], rows[10_000:20_000]))
    year = pd.to_numeric(ratings.items["year"], errors="coerce").astype(float)
    genres = ratings.items["genres"].str.join("|").str.get_dummies().astype(float)

    def table(frame):
        columns = {}
        for side in ("user", "item"):
            group = known.groupby(side)["rating"].agg(["mean", "count", "std"])
            for name in group:
                columns[f"{side}_{name}"] = frame[side].map(group[name]).to_numpy()
        columns["year"] = frame["item"].map(year).to_numpy()
        features = np.column_stack([*columns.values(), genres.loc[frame["item"]].to_numpy()])
        return xgboost.DMatrix(features, (frame["rating"] >= 4).to_numpy(), nthread=1)

    return table(learn), table(judge)


def xgboost_on_movielens(config):
    """1 - AUC of 30 rounds of boosting at telling liked movies; DART with rate_drop 0.1, or it would be gbtree."""
    import xgboost

    learn, judge = movielens_tables()
    fixed = {"objective": "binary:logistic", "eval_metric": "auc", "nthread": 1, "seed": 0}
    dart = {"rate_drop": 0.1} if config["booster"] == "dart" else {}
    model = xgboost.train({**fixed, **dart, **config}, learn, num_boost_round=30)
    return 1 - float(model.eval(judge).split(":")[1])


PROBLEMS = {
    "branin": Problem(Space({"x": Float(-5, 10), "y": Float(0, 15)}), on_vector(branin), 30, 0.39788735772973816),
    "hartmann6": Problem(cube(6), on_vector(hartmann(SLOPES_6, PEAKS_6)), 60, -3.322368011415513),
    "xgboost": Problem(XGBOOST, xgboost_on_movielens, 30, None),
    "hartmann3-noisy": Problem(cube(3), on_vector(hartmann(SLOPES_3, PEAKS_3)), 40, -3.862782147820755, noise=0.1),
    "ackley5": Problem(cube(5, -15, 30), on_vector(ackley), 50, 0.0),
    "rosenbrock4": Problem(cube(4, -2, 2), on_vector(rosenbrock), 50, 0.0),
    "levy4": Problem(cube(4, -10, 10), on_vector(levy), 50, 0.0),
    "levy6": Problem(cube(6, -10, 10), on_vector(levy), 300, 0.0),
    "styblinski3": Problem(cube(3, -5, 5), on_vector(styblinski_tang), 40, 0.0),
    "edge4": Problem(cube(4), on_vector(edge), 30, 0.0),
    "network5": Problem(NETWORK, network, 40, None),
    "conditional4": Problem(CONDITIONAL, conditional, 40, None),
}
