"""Evidence for the appendix that tunes part 2's recommender: what the search gains on the test rows."""

from functools import cache

import numpy as np

from benchmarks.evidence.claims import Claim, Exact, Users, below
from benchmarks.evidence.judged import biases, error, ratings, split
from benchmarks.evidence.part3 import machine_error
from workshop.metrics import rmse
from workshop.models import KMeansRecommender
from workshop.tuning import BayesianSearch, Float, Int, Space, tune

PART = "appendix_tonight"
OF_PART_2 = {"n_user_clusters": 8, "n_item_clusters": 8, "shrinkage": 20}
SPACE = Space(
    {
        "n_user_clusters": Int(2, 64, log=True),
        "n_item_clusters": Int(2, 256, log=True),
        "shrinkage": Float(1, 50, log=True),
    }
)


def fitted(config: dict, name: str) -> KMeansRecommender:
    """Return the recommender with two cuts of each view, fitted on the training rows of a split."""
    learn = split(name)[0]
    return KMeansRecommender(ratings().items, n_clusterings=2, **config).fit(learn, learn["rating"])


@cache
def found() -> dict:
    """Return the config that twelve trials find on the validation rows."""
    valid = split("validation")[1]
    search = tune(
        lambda config: rmse(valid["rating"], fitted(config, "validation").predict(valid)),
        SPACE,
        BayesianSearch(n_initial=6),
        12,
        progress=False,
    )
    return dict(search.best.config)


@cache
def tested(kind: str) -> np.ndarray:
    """Return the RMSE on the test rows of the random split: as it is, then with users drawn anew."""
    train, test = split("random")
    if kind == "as set":
        return error("random", KMeansRecommender(ratings().items).fit(train, train["rating"]).predict(test))
    return error("random", fitted(found() if kind == "tuned" else OF_PART_2, "random").predict(test))


def known() -> float:
    """Return the standard error of the gain over that of the tuned score."""
    return float(np.std((tested("tuned") - tested("part 2"))[1:]) / np.std(tested("tuned")[1:]))


CLAIMS = [
    Claim(
        "t.gain",
        PART,
        "The gain is there on the test rows, too",
        "RMSE, tuned minus part 2's numbers",
        Users(lambda: tested("tuned") - tested("part 2")),
        below(0),
    ),
    Claim(
        "t.biases",
        PART,
        "The gain is there on the test rows, too",
        "RMSE, tuned minus biases",
        Users(lambda: tested("tuned") - error("random", biases("random"))),
        below(0),
    ),
    Claim(
        "t.as-set",
        PART,
        "The package's own numbers with eight cuts reach 0.847",
        "RMSE, as set minus tuned",
        Users(lambda: tested("as set") - tested("tuned")),
        below(0),
    ),
    Claim(
        "t.machine",
        PART,
        "The machine of part 3 stays ahead",
        "RMSE, machine with descriptions minus tuned",
        Users(lambda: machine_error("random", "side") - tested("tuned")),
        below(0),
    ),
    Claim(
        "t.known",
        PART,
        "so the *differences* are known several times better",
        "standard error of the gain over that of the score",
        Exact(known),
        below(0.34),
    ),
]
