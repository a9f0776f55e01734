"""What a training job trains, on real ratings: generators that yield the metric after every round or epoch.

Amazon's own code is not public (but for XGBoost), so these are this package's models under the service's names. Each
generator takes the config of a job, parsed, the `Data` and the name of a metric without its channel.
"""

from functools import cached_property

import numpy as np
import xgboost as xgb
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.metrics import f1_score

from workshop.datasets import load_movielens, temporal_split
from workshop.metrics import accuracy, auc, log_loss, mae, rmse
from workshop.models import (
    BiasRegressor,
    FactorizationMachineClassifier,
    FactorizationMachineRegressor,
    FeatureBuilder,
)
from workshop.models.base import user_item_matrix
from workshop.models.views import genre_table, taste_view
from workshop.objectives import LikedAUC

LIKED = 4  # stars
PROBABILITIES = ("binary:logistic", "reg:logistic")  # XGBoost's objectives whose label is liked (1) or not (0)
OBJECTIVES = (*PROBABILITIES, "reg:squarederror", "reg:tweedie", "reg:gamma", "count:poisson")
AUTO_FACTOR, AUTO_TRIALS = 4, 10  # what "auto" stands for in k-means; the service does not say


def f1(y, p):
    """Harmonic mean of precision and recall, in [0, 1], of liked (1) or not (0) given probabilities, both (n,)."""
    return f1_score(y, p > 0.5, zero_division=0)


ON_PROBABILITIES = {
    "auc": auc,
    "accuracy": accuracy,
    "error": lambda y, p: 1 - accuracy(y, p),
    "f1": f1,
    "logloss": log_loss,
}
XGBOOST_METRICS = ON_PROBABILITIES | {
    "mae": mae,
    "mse": lambda y, p: rmse(y, p) ** 2,
    "rmse": rmse,
}
FACTORIZATION_METRICS = {
    "rmse": rmse,
    "binary_classification_accuracy": accuracy,
    "binary_classification_cross_entropy": log_loss,
    "binary_f_beta": f1,  # the service's beta is 1
}
KMEANS_METRICS = {"msd": np.mean, "ssd": np.sum}


class Data:
    """What the addresses of a data set stand for: each user's older ratings to train on, the newer to be judged on.

    The newest tenth of each user's ratings is no part of it: it is kept for the end.

    Parameters
    ----------
    ratings : Ratings or None
        None: those that ship, read when they are wanted.
    """

    def __init__(self, ratings=None):
        self._ratings = ratings

    @cached_property
    def ratings(self):
        """All of them, the newest tenth included; `Ratings`."""
        return self._ratings or load_movielens()

    @cached_property
    def split(self):
        """Older ratings and validation ratings, two DataFrames."""
        return temporal_split(temporal_split(self.ratings.frame)[0])

    @cached_property
    def rows(self):
        """For XGBoost: (features (n, 29), stars (n,)) of the rows to train on and of those to be judged on."""
        objective = LikedAUC(self.ratings)
        stars = self.ratings.frame["rating"]
        return [
            (objective.features(rows), stars.loc[rows.index].to_numpy()) for rows in (objective.train, objective.valid)
        ]

    @cached_property
    def one_hot(self):
        """For the factorization machine: (a column a user and a movie (n, n_columns) sparse, stars (n,)), twice."""
        builder = FeatureBuilder().fit(self.split[0])
        return [(builder.transform(rows), rows["rating"].to_numpy()) for rows in self.split]

    @cached_property
    def tastes(self):
        """For k-means: tables (n_users, n_genres), in stars above what is expected, of older and of newer ratings."""
        older, _ = self.split
        bias = BiasRegressor().fit(older[["user", "item"]], older["rating"])
        genres = genre_table(self.ratings.items)
        users = np.unique(older["user"])
        shape = (len(users), len(genres))
        tables = []
        for rows in self.split:
            residuals = rows["rating"].to_numpy() - bias.predict(rows[["user", "item"]])
            places = np.searchsorted(users, rows["user"]), genres.index.get_indexer(rows["item"])
            pair = (user_item_matrix(*places, values, shape) for values in (residuals, np.ones(len(rows))))
            tables.append(taste_view(*pair, genres.to_numpy()))
        return tables


def train_xgboost(config, data, metric):
    """Yield the metric on the validation rows after each boosting round.

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


def train_factorization_machine(config, data, metric):
    """Yield the metric on the test channel's rows after each epoch of Adam.

    Columns are users and movies, one-hot; the target is stars or, for a binary_classifier, whether there are 4 or more.
    """
    (X, stars), (X_test, stars_test) = data.one_hot
    check_width(config, X)
    is_binary = config["predictor_type"] == "binary_classifier"
    if is_binary == (metric == "rmse"):
        fitting = "regressor" if metric == "rmse" else "binary_classifier"
        raise ValueError(f"metric test:{metric} needs predictor_type {fitting}; it is {config['predictor_type']}")
    names = ("bias_lr", "linear_lr", "factors_lr", "bias_wd", "linear_wd", "factors_wd", "clip_gradient")
    renamed = {"num_factors": "n_factors", "mini_batch_size": "batch_size", "factors_init_sigma": "init_sigma"}
    renamed |= {name: name for name in names}
    settings = {"bias_lr": 0.1, "linear_lr": 0.001, "factors_lr": 0.0001, "init_sigma": 0.001}
    settings |= {"bias_wd": 0.01, "linear_wd": 0.001, "factors_wd": 0.00001}
    settings |= {renamed[name]: value for name, value in config.items() if name in renamed}
    kind = FactorizationMachineClassifier if is_binary else FactorizationMachineRegressor
    machine = kind(solver="adam", random_state=0, **settings)
    y, y_test = ((s >= LIKED).astype(int) if is_binary else s for s in (stars, stars_test))
    for _ in range(config.get("epochs", 1)):
        machine.partial_fit(X, y)
        predicted = machine.predict_proba(X_test)[:, 1] if is_binary else machine.predict(X_test)
        yield float(FACTORIZATION_METRICS[metric](y_test, predicted))


def train_kmeans(config, data, metric):
    """Yield the metric on the test channel once, at the end of training, as the service does.

    Mini-batches move more centres than are asked for (Sculley 2010, Algorithm 1), which are then themselves clustered
    into k, each weighing as much as the rows that are nearest to it.
    """
    X, X_test = data.tastes
    check_width(config, X)
    if config["k"] > len(X):
        raise ValueError(f"k is {config['k']}; there are {len(X)} rows")
    method = {"kmeans++": "k-means++", "random": "random"}
    factor, n_trials = (config.get(name, "auto") for name in ("extra_center_factor", "local_lloyd_num_trials"))
    n_centers = min(len(X), config["k"] * (AUTO_FACTOR if factor == "auto" else factor))
    rng, batch_size = np.random.default_rng(0), max(n_centers, config.get("mini_batch_size", 5000))
    many = MiniBatchKMeans(n_centers, init=method[config.get("init_method", "random")], n_init=1, random_state=0)
    for _ in range(config.get("epochs", 1)):
        order = rng.permutation(len(X))
        for start in range(0, len(X) - n_centers + 1, batch_size):  # no batch of fewer rows than centres
            many.partial_fit(X[order[start : start + batch_size]])
    few = KMeans(
        config["k"],
        init=method[config.get("local_lloyd_init_method", "kmeans++")],
        n_init=AUTO_TRIALS if n_trials == "auto" else n_trials,
        max_iter=config.get("local_lloyd_max_iter", 300),
        tol=config.get("local_lloyd_tol", 0.0001),
        random_state=0,
    )
    few.fit(many.cluster_centers_, sample_weight=np.bincount(many.predict(X), minlength=n_centers))
    yield float(KMEANS_METRICS[metric](few.transform(X_test).min(axis=1) ** 2))


def check_width(config, X):
    """Raise ValueError unless feature_dim is how many columns the data have."""
    if config["feature_dim"] != X.shape[1]:
        raise ValueError(f"feature_dim is {config['feature_dim']}; these data have {X.shape[1]} columns")
