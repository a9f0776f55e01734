"""What the tuning notebook tunes: a real objective on MovieLens, and functions whose minimum is known.

`LikedAUC` asks whether a user will like a movie (4 stars or more). Its features come from older ratings than the rows
the model learns from, those rows are older than the validation rows, and the test rows are newer than all of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import ClassVar

import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn.metrics import roc_auc_score

from workshop.datasets import Ratings, temporal_split
from workshop.datasets.ratings import check_ratings, check_table, generator, genre_table
from workshop.metrics import auc
from workshop.models.base import check_range

SHRINKAGE = 5  # a mean of few ratings is pulled to the overall mean, as if it had this many average ratings more
BRANIN_MINIMUM = 5 / (4 * math.pi)


def forrester(x: float) -> float:
    """Return the value of a wavy function of x in [0, 1]; minimum -6.02074 at 0.757249, a local one of -0.986 at 0.143.

    Forrester, Sobester and Keane, Engineering Design via Surrogate Modelling (2008), appendix A.1.

    Examples
    --------
    >>> round(forrester(0.757249), 4)
    -6.0207
    """
    check_range(-1e6, 1e6, x=x)
    return (6 * x - 2) ** 2 * math.sin(12 * x - 4)


def branin(x1: float, x2: float) -> float:
    """Return the value of Branin's function of x1 in [-5, 10] and x2 in [0, 15]; minimum 0.397887, at three places.

    Dixon and Szego, Towards Global Optimisation 2 (1978); minima at (-pi, 12.275), (pi, 2.275) and (3 pi, 2.475).

    Examples
    --------
    >>> round(branin(3.141593, 2.275), 6), round(BRANIN_MINIMUM, 6)
    (0.397887, 0.397887)
    """
    check_range(-1e6, 1e6, x1=x1, x2=x2)
    bowl = x2 - 5.1 / (4 * math.pi**2) * x1**2 + 5 / math.pi * x1 - 6
    return bowl**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x1) + 10


def rating_features(past: pd.DataFrame, rows: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Return the features of `rows`, from the ratings in `past` alone; a DataFrame (n, 9 + number of genres).

    For user and item: number of ratings, mean and spread in stars (NaN for the spread of fewer than two); year, age in
    years (NaN if unknown); taste: how many stars above others the user rates the movie's genres; a column of 0 and 1
    for each genre. `rows` say who (user) is asked about which movie (item), and when (timestamp); their ratings are not
    read.

    Examples
    --------
    >>> from workshop.datasets import load_movielens
    >>> ratings = load_movielens()
    >>> past, rows = temporal_split(ratings.frame)
    >>> rating_features(past, rows[:1], ratings.items)[["user_count", "item_count", "year", "Drama"]].values.tolist()
    [[18.0, 38.0, 1989.0, 1.0]]
    """
    check_table("past", past, "user", "item", "rating")
    check_table("rows", rows, "user", "item", "timestamp")
    check_table("items", items, "year", "genres")
    features = pd.DataFrame(index=rows.index)
    overall = past["rating"].mean()
    for entity in ("user", "item"):
        group = past.groupby(entity)["rating"]
        count = rows[entity].map(group.size()).fillna(0)
        total = rows[entity].map(group.sum()).fillna(0)
        features[f"{entity}_count"] = count
        features[f"{entity}_mean"] = (total + SHRINKAGE * overall) / (count + SHRINKAGE)
        features[f"{entity}_spread"] = rows[entity].map(group.std())
    features["year"] = items["year"].reindex(rows["item"]).astype(float).to_numpy()
    features["age"] = rows["timestamp"].dt.year - features["year"]
    genres = genre_table(items)
    of_past, of_rows = (genres.reindex(table["item"]).set_axis(table.index) for table in (past, rows))
    above = past["rating"] - past.groupby("item")["rating"].transform("mean")  # the others
    by_user = of_past.mul(above, axis=0).groupby(past["user"]).sum() / (of_past.groupby(past["user"]).sum() + SHRINKAGE)
    taste = by_user.reindex(rows["user"]).fillna(0).to_numpy() * of_rows
    features["taste"] = taste.sum(axis=1) / of_rows.sum(axis=1).clip(lower=1)
    return features.join(of_rows)


@contextmanager
def _explained(config):
    """What XGBoost refuses, in words that name the argument."""
    try:
        yield
    except xgb.core.XGBoostError as error:
        raise ValueError(f"config={config!r} is refused by XGBoost: {error}") from None


def _hyperparameters(config):
    if not isinstance(config, Mapping):
        raise TypeError(f"config={config!r} is not a dict; give one of hyperparameters, such as {{'eta': 0.1}}")
    return dict(config)


class LikedAUC:
    """The validation AUC, in [0, 1], of XGBoost predicting "liked" (4 stars or more) on MovieLens: higher is better.

    Each user's ratings are cut by time: the oldest give the features, then come those the model learns from, then
    those the config is judged on (`valid`), and the newest tenth (`test`), which tuning never sees.

    The model learns from a random sample of `n_train` rows: a fit then takes some 0.03 s. The tables `train`, `valid`
    and `test` have the features of `rating_features` and the column liked; `seed` is that of sample and XGBoost.

    Examples
    --------
    >>> from workshop.datasets import load_movielens
    >>> objective = LikedAUC(load_movielens(), n_train=1000)
    >>> len(objective.train), len(objective.valid), len(objective.test)
    (1000, 9003, 9991)
    >>> *_, last = objective.report({"eta": 0.1})
    >>> bool(0.7 < last < 0.8), abs(last - objective({"eta": 0.1})) < 1e-6
    (True, True)
    """

    fixed: ClassVar = {
        "objective": "binary:logistic",
        "eval_metric": "auc",
        "tree_method": "hist",
        "max_bin": 32,
        "nthread": 1,
        "verbosity": 0,
    }

    def __init__(self, ratings: Ratings, *, n_train: int = 4000, seed: int = 0):
        check_ratings(ratings)
        older, test = temporal_split(ratings.frame)
        older, valid = temporal_split(older)
        past, recent = temporal_split(older, test_size=0.3)
        check_range(1, len(recent), whole=True, n_train=n_train)
        check_range(0, 2**31 - 1, whole=True, seed=seed)
        sample = recent.sample(int(n_train), random_state=seed)
        self.seed, self._known = seed, dict[tuple, float]()
        self._user = valid["user"]
        self.train, self.valid, self.test = (
            rating_features(past, rows, ratings.items).assign(liked=(rows["rating"] >= 4).astype(int))
            for rows in (sample, valid, test)
        )
        self._data = self._matrix(self.train)

    def __call__(self, config: dict) -> float:
        """Return the validation AUC of the model trained with `config`: XGBoost's own names; num_round is 50 if absent.

        The same config gives the same model, on one thread, so it is trained once and its score remembered.
        """
        key = tuple(sorted(_hyperparameters(config).items()))
        if key not in self._known:
            self._known[key] = self.score(config, self.valid)
        return self._known[key]

    def score(self, config: dict, rows: pd.DataFrame) -> float:
        """Return the AUC on `rows` (`valid`, `test`, or some of them) of the model trained with `config`."""
        check_table("rows", rows, *self.train.columns)
        return auc(rows["liked"].to_numpy(), self.predict(config, rows))

    def predict(self, config: dict, rows: pd.DataFrame) -> np.ndarray:
        """Return the score (n,) of each of `rows` by the model of `config`: a larger one is more likely liked."""
        check_table("rows", rows, *self.train.columns)
        parameters, num_round = self.arguments(config)
        with _explained(config):
            booster = xgb.train(parameters, self._data, num_round)
        return booster.inplace_predict(self.features(rows[self.train.columns]))

    def bootstrap(self, config: dict, *, n_draws: int = 200, seed: int = 0) -> np.ndarray:
        """Return the AUC (n_draws,) of the model on the validation rows of users drawn anew, with replacement.

        As many users as there are, each with all of their rows: ratings of one person are not independent of each
        other. The draws are the same for every config, so two configs can be compared draw by draw.
        """
        liked, score = self.valid["liked"].to_numpy(), self.predict(config, self.valid)
        users, user = np.unique(self._user.loc[self.valid.index].to_numpy(), return_inverse=True)
        check_range(1, whole=True, n_draws=n_draws)
        rng = generator(seed)
        drawn = rng.integers(len(users), size=(int(n_draws), len(users)))
        times = [np.bincount(draw, minlength=len(users)) for draw in drawn]  # how often each user was drawn
        return np.array([roc_auc_score(liked, score, sample_weight=n[user]) for n in times])

    def learning_curve(self, config: dict) -> np.ndarray:
        """Return the AUC (num_round, 2) on the training and the validation rows after each round."""
        curves: dict = {}
        watched = [(self._data, "train"), (self._matrix(self.valid), "valid")]
        parameters, num_round = self.arguments({**_hyperparameters(config), "eval_metric": "auc"})
        with _explained(config):
            xgb.train(parameters, self._data, num_round, evals=watched, evals_result=curves, verbose_eval=False)
        return np.column_stack([curves["train"]["auc"], curves["valid"]["auc"]])

    def report(self, config: dict) -> Iterator[float]:
        """Yield the validation AUC after each round: an objective that can be stopped early.

        Its last value is that of the objective itself. Every round is judged, which takes longer than training it.
        """
        parameters, num_round = self.arguments(config)
        valid, liked = self._matrix(self.valid), self.valid["liked"].to_numpy()
        with _explained(config):
            booster = xgb.Booster(parameters, [self._data, valid])  # which remembers what all rounds before say of both
        for number in range(num_round):
            with _explained(config):
                booster.update(self._data, number)
            yield auc(liked, booster.predict(valid))

    def arguments(self, config: dict) -> tuple[dict, int]:
        """Return what XGBoost is given for `config`: its parameters, and the number of rounds, 50 if it has none."""
        config = _hyperparameters(config)
        num_round = config.pop("num_round", 50)
        check_range(1, whole=True, num_round=num_round)
        booster = "dart" if config.get("rate_drop", 0) > 0 else "gbtree"  # without drops DART is gbtree, only slower
        return {**self.fixed, "seed": self.seed, "booster": booster, **config}, int(num_round)

    @staticmethod
    def features(rows: pd.DataFrame) -> np.ndarray:
        """Return what XGBoost learns from (n, 29): `rows` (of `valid`, ...) without ``liked``, as float32."""
        check_table("rows", rows, "liked")
        table = rows.drop(columns="liked")
        if len(odd := table.select_dtypes(exclude=["number", "bool"]).columns):
            raise ValueError(f"rows holds {table[odd[0]].dtype} in {odd[0]!r}; give rows of train, valid or test")
        return table.to_numpy(np.float32)

    def _matrix(self, rows):
        return xgb.DMatrix(self.features(rows), rows["liked"], nthread=1)

    def __getstate__(self):  # the matrix lives outside Python: another process builds its own
        return {name: value for name, value in self.__dict__.items() if name != "_data"}

    def __setstate__(self, state):
        self.__dict__.update(state, _data=self._matrix(state["train"]))
