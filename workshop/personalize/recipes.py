"""What each recipe trains, which hyperparameters it has, and how its models are measured.

A recipe is an algorithm with everything settled but a few numbers. The documented ranges are what tuning uses when a
request names none; the limits, wider, are what a request may ask for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from workshop.aws import Hyperparameter
from workshop.metrics import coverage, ndcg_at, precision_at, reciprocal_rank
from workshop.models import HRNN, Popularity, Sims
from workshop.models.base import highest, positions
from workshop.tuning import Categorical, Float, Int

METRICS = (
    "coverage",
    "mean_reciprocal_rank_at_25",
    *(f"normalized_discounted_cumulative_gain_at_{n}" for n in (5, 10, 25)),
    *(f"precision_at_{n}" for n in (5, 10, 25)),
)
OBJECTIVE = "normalized_discounted_cumulative_gain_at_25"


@dataclass(frozen=True)
class Recipe:
    """An algorithm and its hyperparameters; `features` are those that prepare the data and cannot be tuned."""

    name: str
    model: Callable
    hyperparameters: Mapping = field(default_factory=dict)
    features: Mapping = field(default_factory=dict)

    @property
    def arn(self):
        """The recipe's name in the cloud."""
        return f"arn:aws:personalize:::recipe/{self.name}"

    def defaults(self):
        """The config, a dict, that it trains unless told otherwise."""
        return {name: parameter.default for name, parameter in self.hyperparameters.items()}

    def train(self, config, features, events):
        """The fitted model of a config; `events` has the columns user, item and timestamp."""
        low, high = (features.get(f"{end}_user_history_length_percentile", k) for k, end in enumerate(("min", "max")))
        length = events.groupby("user")["user"].transform("size")
        by_user = events.groupby("user").size()
        return self.model(**config).fit(events[length.between(by_user.quantile(low), by_user.quantile(high))])


_BOOL, _SHARE = Categorical([True, False]), Float(0, 1)
RECIPES = MappingProxyType(
    {
        recipe.arn: recipe
        for recipe in (
            Recipe(
                "aws-hrnn",
                HRNN,
                {
                    "hidden_dimension": Hyperparameter(43, Int(1, 512), Int(32, 256)),
                    "bptt": Hyperparameter(32, Int(1, 128), Int(2, 32)),
                    "recency_mask": Hyperparameter(True, _BOOL, _BOOL),
                },
                {
                    "min_user_history_length_percentile": Hyperparameter(0.0, _SHARE),
                    "max_user_history_length_percentile": Hyperparameter(0.99, _SHARE),
                },
            ),
            Recipe(
                "aws-sims",
                Sims,
                {
                    "popularity_discount_factor": Hyperparameter(0.5, _SHARE, _SHARE),
                    "min_cointeraction_count": Hyperparameter(3, Int(0, 10), Int(0, 10)),
                },
            ),
            Recipe("aws-popularity-count", Popularity),
        )
    }
)


def recommendations(model, events, n=25):
    """The n best items for each user of `events` (columns user, item, timestamp), none of them in it: a dict."""
    users, rows = np.unique(events["user"], return_inverse=True)
    if isinstance(model, Popularity):
        scores = np.tile(model.popularity_, (len(users), 1))
    else:
        scores = model.scores_after(events)
    places = positions(events["item"], model.items_)
    scores[rows[places >= 0], places[places >= 0]] = -np.inf
    best = [highest(row, n) for row in scores]
    return {
        user: model.items_[row[of_user[row] > -np.inf]] for user, row, of_user in zip(users, best, scores, strict=True)
    }


def measure(model, shown, hidden):
    """The service's offline metrics, a dict of name to number in [0, 1], averaged over users.

    Parameters
    ----------
    model : HRNN, Sims or Popularity, fitted
    shown, hidden : DataFrame
        Columns user, item and timestamp: what the model is told about each user, and the later events to be found.
    """
    relevant = hidden.groupby("user")["item"].agg(list)
    lists = recommendations(model, shown[shown["user"].isin(relevant.index)])
    pairs = [(lists[user], items) for user, items in relevant.items()]
    metrics = {"mean_reciprocal_rank_at_25": np.mean([reciprocal_rank(*pair) for pair in pairs])}
    for n in (5, 10, 25):
        metrics[f"normalized_discounted_cumulative_gain_at_{n}"] = np.mean([ndcg_at(*pair, n) for pair in pairs])
        metrics[f"precision_at_{n}"] = np.mean([precision_at(*pair, n) for pair in pairs])
    return {"coverage": coverage(lists.values(), model.items_)} | {
        name: float(value) for name, value in metrics.items()
    }
