"""SageMaker's algorithms that run here: their hyperparameters, which of these can be tuned, metrics, and training.

Names, limits, defaults and recommended ranges are those of the Amazon SageMaker developer guide (for XGBoost's limits
also of the code in the service's container). A default is written down for the reader: what a request leaves out is
left to the algorithm. An open end of a range, as in (0, 1], is a small number here.

Amazon's own code is not public (but for XGBoost), so what is trained are this package's models, on real ratings, under
the service's names. Training is a generator of the metric after every round or epoch.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.metrics import f1_score

from workshop.cloud.service import LARGE, Hyperparameter
from workshop.datasets import Ratings, load_movielens, temporal_split
from workshop.metrics import accuracy, auc, log_loss, mae, rmse
from workshop.models import (
    BiasRegressor,
    FactorizationMachineClassifier,
    FactorizationMachineRegressor,
    FeatureBuilder,
)
from workshop.models.profiles import genre_tastes
from workshop.objectives import LikedAUC
from workshop.tuning import Categorical, Float, Int

LIKED = 4  # stars
PROBABILITIES = ("binary:logistic", "reg:logistic")  # XGBoost's objectives whose label is liked (1) or not (0)
OBJECTIVES = (*PROBABILITIES, "reg:squarederror", "reg:tweedie", "reg:gamma", "count:poisson")
TINY = 1e-8
MAXIMIZED = {"auc", "accuracy", "f1", "binary_classification_accuracy", "binary_f_beta"}


def f1(y: np.ndarray, p: np.ndarray) -> float:
    """Return the harmonic mean of precision and recall, in [0, 1], of labels 0 or 1 given probabilities, both (n,)."""
    return f1_score(y, p > 0.5, zero_division=0)


ON_PROBABILITIES: dict[str, Callable] = {
    "auc": auc,
    "accuracy": accuracy,
    "error": lambda y, p: 1 - accuracy(y, p),
    "f1": f1,
    "logloss": log_loss,
}
XGBOOST_METRICS = ON_PROBABILITIES | {"mae": mae, "mse": lambda y, p: rmse(y, p) ** 2, "rmse": rmse}
MACHINE_METRICS = {
    "rmse": rmse,
    "binary_classification_accuracy": accuracy,
    "binary_classification_cross_entropy": log_loss,
    "binary_f_beta": f1,  # the service's beta is 1
}
KMEANS_METRICS: dict[str, Callable] = {"msd": np.mean, "ssd": np.sum}


class Data:
    """What the addresses of a data set stand for: each user's older ratings to train on, the newer to be judged on.

    The newest tenth of each user's ratings is no part of it: it is kept for the end. None stands for the ratings that
    ship, read when they are wanted.
    """

    def __init__(self, ratings: Ratings | None = None):
        self._ratings = ratings

    @cached_property
    def ratings(self) -> Ratings:
        """All of them, the newest tenth included."""
        return self._ratings or load_movielens()

    @cached_property
    def split(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Older ratings and validation ratings."""
        return temporal_split(temporal_split(self.ratings.frame)[0])

    @cached_property
    def rows(self) -> list[tuple]:
        """For XGBoost: (features (n, 29), stars (n,)) of the rows to train on and of those to be judged on."""
        liked, stars = LikedAUC(self.ratings), self.ratings.frame["rating"]
        return [(liked.features(rows), stars.loc[rows.index].to_numpy()) for rows in (liked.train, liked.valid)]

    @cached_property
    def one_hot(self) -> list[tuple]:
        """For the machine: (a column for each user and movie (n, n_columns) sparse, stars (n,)), twice."""
        builder = FeatureBuilder().fit(self.split[0])
        return [(builder.transform(rows), rows["rating"].to_numpy()) for rows in self.split]

    @cached_property
    def tastes(self) -> list[np.ndarray]:
        """For k-means: (n_users, n_genres) stars above what is expected, shrunk to 0, of older and of newer ratings."""
        older, items = self.split[0], self.ratings.items
        users, genres = np.unique(older["user"]), sorted(set(items["genres"].explode().dropna()))
        bias = BiasRegressor().fit(older, older["rating"])
        tables = (genre_tastes(rows, items, bias) for rows in self.split)
        return [table.reindex(index=users, columns=genres, fill_value=0).to_numpy() for table in tables]


def train_xgboost(config: Mapping, data: Data, metric: str) -> Iterator[float]:
    """Return the metric on the validation rows after each boosting round, one by one.

    The label is 1 for 4 stars or more and 0 below under a logistic objective; under any other it is the stars.
    """
    objective = config.get("objective", "reg:squarederror")
    is_binary = objective in PROBABILITIES
    if metric in ON_PROBABILITIES and not is_binary:
        raise ValueError(f"metric validation:{metric} needs objective binary:logistic; it is {objective}")
    labels = [(stars >= LIKED).astype(int) if is_binary else stars for _, stars in data.rows]
    matrices = [xgb.DMatrix(X, y, nthread=1) for (X, _), y in zip(data.rows, labels, strict=True)]
    given = {name: value for name, value in config.items() if name != "num_round"}
    booster = xgb.Booster({"nthread": 1, "verbosity": 0, "seed": 0, **given, "objective": objective}, matrices)
    for number in range(config["num_round"]):
        booster.update(matrices[0], number)
        yield float(XGBOOST_METRICS[metric](labels[1], booster.predict(matrices[1])))


def train_machine(config: Mapping, data: Data, metric: str) -> Iterator[float]:
    """Return the metric on the test channel's rows after each epoch of Adam, one by one.

    Columns are users and movies, one-hot; the target is stars or, for a binary_classifier, whether there are 4 or more.
    """
    (X, stars), (X_test, stars_test) = data.one_hot
    check_width(config, X)
    is_binary = config["predictor_type"] == "binary_classifier"
    if is_binary == (metric == "rmse"):
        fitting = "regressor" if metric == "rmse" else "binary_classifier"
        raise ValueError(f"metric test:{metric} needs predictor_type {fitting}; it is {config['predictor_type']}")
    ours = {"num_factors": "n_factors", "mini_batch_size": "batch_size", "factors_init_sigma": "init_sigma"}
    ours |= {name: name for name in MACHINE if name.endswith(("_lr", "_wd")) or name == "clip_gradient"}
    defaults = {name: MACHINE[name].default for name in ours}
    settings: dict[str, Any] = {ours[name]: value for name, value in (defaults | dict(config)).items() if name in ours}
    kind = FactorizationMachineClassifier if is_binary else FactorizationMachineRegressor
    machine = kind(solver="adam", random_state=0, **settings)
    y, y_test = ((s >= LIKED).astype(int) if is_binary else s for s in (stars, stars_test))
    for _ in range(config.get("epochs", 1)):
        machine.partial_fit(X, y)
        predicted = machine.predict_proba(X_test)[:, 1] if is_binary else machine.predict(X_test)
        yield float(MACHINE_METRICS[metric](y_test, predicted))


def train_kmeans(config: Mapping, data: Data, metric: str) -> Iterator[float]:
    """Return the metric on the test channel once, at the end of training, as the service does.

    Mini-batches move more centres than are asked for (Sculley 2010, Algorithm 1), which are then themselves clustered
    into k, each weighing as much as the rows that are nearest to it.
    """
    X, X_test = data.tastes
    check_width(config, X)
    if config["k"] > len(X):
        raise ValueError(f"k is {config['k']}; there are {len(X)} rows")
    init = {"kmeans++": "k-means++", "random": "random"}[config.get("init_method", "random")]
    factor = config.get("extra_center_factor", "auto")
    n_centers = min(len(X), config["k"] * (4 if factor == "auto" else factor))  # what "auto" is, the guide does not say
    rng, batch_size = np.random.default_rng(0), max(n_centers, config.get("mini_batch_size", 5000))
    many = MiniBatchKMeans(n_centers, init=init, n_init=1, random_state=0)
    for _ in range(config.get("epochs", 1)):
        order = rng.permutation(len(X))
        for start in range(0, len(X) - n_centers + 1, batch_size):  # no batch of fewer rows than centres
            many.partial_fit(X[order[start : start + batch_size]])
    weights = np.bincount(many.predict(X), minlength=n_centers)
    few = KMeans(config["k"], n_init=10, random_state=0).fit(many.cluster_centers_, sample_weight=weights)
    yield float(KMEANS_METRICS[metric](few.transform(X_test).min(axis=1) ** 2))


def check_width(config: Mapping, X: Any) -> None:
    """Raise ValueError unless feature_dim is how many columns the data have."""
    if config["feature_dim"] != X.shape[1]:
        raise ValueError(f"feature_dim is {config['feature_dim']}; these data have {X.shape[1]} columns")


@dataclass(frozen=True)
class Algorithm:
    """A training algorithm of the service, known by the last part of its image's address."""

    name: str
    hyperparameters: Mapping[str, Hyperparameter]
    required: tuple[str, ...]  # hyperparameters that a request must give
    channels: tuple[str, str]  # what its input is called: to train on, and to be judged on
    metrics: Mapping[str, Callable]
    train: Callable  # (config, data, metric without its channel) -> iterator of the metric's values
    table: str  # which attribute of `Data` it reads

    def directions(self) -> dict[str, str]:
        """Return "Maximize" or "Minimize", what is better, for each metric as the service calls it."""
        better = {name: "Maximize" if name in MAXIMIZED else "Minimize" for name in self.metrics}
        return {f"{self.channels[1]}:{name}": direction for name, direction in better.items()}


_POSITIVE, _NOT_NEGATIVE = Float(TINY, LARGE), Float(0, LARGE)
_SHARE, _SOME = Float(0, 1), Float(TINY, 1)
_COUNT, _FROM_0 = Int(1, LARGE), Int(0, LARGE)
_WIDE = Float(TINY, 512)  # the guide's suggestion for every rate, decay and sigma of the factorization machine
_INIT = Categorical(("random", "kmeans++"))
XGBOOST = {
    "num_round": Hyperparameter(None, _COUNT, Int(1, 4000)),
    "alpha": Hyperparameter(0.0, _NOT_NEGATIVE, Float(0, 1000)),
    "base_score": Hyperparameter(0.5, _NOT_NEGATIVE),
    "booster": Hyperparameter("gbtree", Categorical(("gbtree", "dart"))),
    "colsample_bylevel": Hyperparameter(1.0, _SOME, Float(0.1, 1)),
    "colsample_bynode": Hyperparameter(1.0, _SOME, Float(0.1, 1)),
    "colsample_bytree": Hyperparameter(1.0, _SOME, Float(0.5, 1)),
    "eta": Hyperparameter(0.3, _SHARE, Float(0.1, 0.5)),
    "gamma": Hyperparameter(0.0, _NOT_NEGATIVE, Float(0, 5)),
    "grow_policy": Hyperparameter("depthwise", Categorical(("depthwise", "lossguide"))),
    "lambda": Hyperparameter(1.0, _NOT_NEGATIVE, Float(0, 1000)),
    "max_bin": Hyperparameter(256, Int(2, LARGE)),
    "max_delta_step": Hyperparameter(0, _FROM_0, Int(0, 10)),
    "max_depth": Hyperparameter(6, _FROM_0, Int(0, 10)),
    "max_leaves": Hyperparameter(0, _FROM_0),
    "min_child_weight": Hyperparameter(1.0, _NOT_NEGATIVE, Float(0, 120)),
    "objective": Hyperparameter("reg:squarederror", Categorical(OBJECTIVES)),
    "rate_drop": Hyperparameter(0.0, _SHARE),
    "scale_pos_weight": Hyperparameter(1.0, _POSITIVE),
    "seed": Hyperparameter(0, Int(1 - 2**31, 2**31 - 2)),
    "skip_drop": Hyperparameter(0.0, _SHARE),
    "subsample": Hyperparameter(1.0, _SOME, Float(0.5, 1)),
    "tree_method": Hyperparameter("auto", Categorical(("auto", "exact", "approx", "hist"))),
    "tweedie_variance_power": Hyperparameter(1.5, Float(1 + TINY, 2 - TINY)),
}
MACHINE = {
    "feature_dim": Hyperparameter(None, _COUNT),
    "num_factors": Hyperparameter(None, _COUNT),
    "predictor_type": Hyperparameter(None, Categorical(("binary_classifier", "regressor"))),
    "bias_lr": Hyperparameter(0.1, _NOT_NEGATIVE, _WIDE),
    "bias_wd": Hyperparameter(0.01, _NOT_NEGATIVE, _WIDE),
    "clip_gradient": Hyperparameter(None, _POSITIVE),
    "epochs": Hyperparameter(1, _COUNT, Int(1, 1000)),
    "factors_init_sigma": Hyperparameter(0.001, _NOT_NEGATIVE, _WIDE),
    "factors_lr": Hyperparameter(0.0001, _NOT_NEGATIVE, _WIDE),
    "factors_wd": Hyperparameter(0.00001, _NOT_NEGATIVE, _WIDE),
    "linear_lr": Hyperparameter(0.001, _NOT_NEGATIVE, _WIDE),
    "linear_wd": Hyperparameter(0.001, _NOT_NEGATIVE, _WIDE),
    "mini_batch_size": Hyperparameter(1000, _COUNT, Int(100, 10_000)),
}
KMEANS = {
    "feature_dim": Hyperparameter(None, _COUNT),
    "k": Hyperparameter(None, _COUNT),
    "epochs": Hyperparameter(1, _COUNT, Int(1, 10)),
    "extra_center_factor": Hyperparameter("auto", _COUNT, Int(4, 10)),
    "init_method": Hyperparameter("random", _INIT, _INIT),
    "mini_batch_size": Hyperparameter(5000, _COUNT, Int(3000, 15_000)),
}
_TRAIN_TEST, _MACHINE_NEEDS = ("train", "test"), ("feature_dim", "num_factors", "predictor_type")
_ROWS = (
    ("xgboost", XGBOOST, ("num_round",), ("train", "validation"), XGBOOST_METRICS, train_xgboost, "rows"),
    ("factorization-machines", MACHINE, _MACHINE_NEEDS, _TRAIN_TEST, MACHINE_METRICS, train_machine, "one_hot"),
    ("kmeans", KMEANS, ("feature_dim", "k"), _TRAIN_TEST, KMEANS_METRICS, train_kmeans, "tastes"),
)
ALGORITHMS = MappingProxyType({row[0]: Algorithm(*row) for row in _ROWS})
