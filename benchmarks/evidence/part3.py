"""Evidence for part 3: factorization machines that predict, and lists that do not follow from it."""

from functools import cache

import numpy as np
from sklearn.base import clone

from benchmarks.evidence.claims import (
    Claim,
    Seeds,
    Users,
    above,
    auc_of_users,
    below,
    mean_of_users,
    rmse_of_users,
    unproven,
    within,
)
from benchmarks.evidence.judged import biases, error, ratings, split
from workshop.metrics import rmse
from workshop.models import (
    BiasRegressor,
    FactorizationMachineClassifier,
    FactorizationMachineRegressor,
    FeatureBuilder,
    ModelPerContext,
)

PART = "03_factorization_machine"
SAMPLED = FactorizationMachineRegressor(8, n_iter=60, n_samples=40, random_state=0)
ADAM = FactorizationMachineRegressor(8, solver="adam", n_iter=10, batch_size=2000, linear_lr=0.02, factors_lr=0.02)


@cache
def curves(seed: int) -> dict:
    """Return validation errors after each pass, by decay of Adam and of Gibbs, and that of the biases.

    Another `seed` splits and starts otherwise.
    """
    learn, valid = split("validation", seed)
    builder = FeatureBuilder().fit(learn)
    X, held_out = builder.transform(learn), (builder.transform(valid), valid["rating"])
    found = {"biases": rmse(valid["rating"], biases("validation", seed))}
    for decay in (0, 1e-4, 1e-3):
        machine = clone(ADAM).set_params(linear_wd=decay, factors_wd=decay, random_state=seed)
        found[decay] = machine.fit(X, learn["rating"], validation=held_out).curves_["validation"]
    machine = clone(SAMPLED).set_params(random_state=seed)
    found["gibbs"] = machine.fit(X, learn["rating"], fields=builder.fields_, validation=held_out).curves_["validation"]
    return found


@cache
def fitted(name: str, kind: str = "ids", seed: int = 0):
    """Return a function from users and items to ratings: a machine that knows ids alone, or descriptions too."""
    learn = split(name)[0]
    builder = FeatureBuilder(ratings().items, who_rated=True) if kind == "side" else FeatureBuilder()
    builder.fit(learn)
    settings = {"ids": {}, "side": {"n_iter": 45, "n_samples": 30}, "twenty": {"n_samples": 20}}[kind]
    machine = clone(SAMPLED).set_params(random_state=seed, **settings)
    machine.fit(builder.transform(learn), learn["rating"], fields=builder.fields_)
    return lambda pairs: machine.predict(builder.transform(pairs))


@cache
def machine_error(name: str, kind: str = "ids") -> np.ndarray:
    """Return the RMSE of a machine on the judged rows of a split."""
    return error(name, fitted(name, kind)(split(name)[1]))


def rare() -> np.ndarray:
    """Return what descriptions change in the RMSE on movies with at most three training ratings."""
    train, test = split("random")
    few = test[test["item"].map(train["item"].value_counts()).fillna(0) <= 3]
    rows = few["rating"].to_numpy(), few["user"].to_numpy()
    side, ids = (rmse_of_users(rows[0], fitted("random", kind)(few), rows[1]) for kind in ("side", "ids"))
    return side - ids


def plain(name: str) -> np.ndarray:
    """Return the RMSE of the biases on a split."""
    return error(name, biases(name))


@cache
def probability(n_factors: int) -> np.ndarray:
    """Return the probability (n,) that a test rating of the random split is four stars or more."""
    train, test = split("random")
    builder = FeatureBuilder().fit(train)
    classifier = FactorizationMachineClassifier(n_factors, n_iter=60, n_samples=40, random_state=0)
    classifier.fit(builder.transform(train), train["rating"] >= 4, fields=builder.fields_)
    return classifier.predict_proba(builder.transform(test))[:, 1]


def gain(measure: str) -> np.ndarray:
    """Return by how much eight factors are better than none: in accuracy, in AUC, or in log-loss (less of it)."""
    test = split("random")[1]
    liked, users = (test["rating"] >= 4).to_numpy(), test["user"].to_numpy()
    with_factors, without = probability(8), probability(0)
    if measure == "auc":
        return auc_of_users(liked, with_factors, users) - auc_of_users(liked, without, users)
    if measure == "accuracy":
        right = [(p >= 0.5) == liked for p in (with_factors, without)]
        return mean_of_users(right[0].astype(float) - right[1], users)
    surprise = [-np.log(np.where(liked, p, 1 - p)) for p in (with_factors, without)]
    return mean_of_users(surprise[1] - surprise[0], users)


@cache
def experts(kind: str) -> np.ndarray:
    """Return the RMSE of one bias model per cluster of users, or per genre, on the random split."""
    train, test = split("random")
    model = ModelPerContext(BiasRegressor(), ratings().items, by=kind)
    return error("random", model.fit(train, train["rating"]).predict(test))


@cache
def liking(seed: int) -> np.ndarray:
    """Return what section 6 looks at (200, 671): how much each user should like each movie beyond the biases."""
    train = split("random")[0]
    builder = FeatureBuilder().fit(train)
    machine = clone(SAMPLED).set_params(random_state=seed)
    machine.fit(builder.transform(train), train["rating"], fields=builder.fields_)
    often = train["item"].value_counts().index[:200]
    n_users, columns = len(builder.users_), np.searchsorted(builder.items_, often)
    draws = [draw.theta[:, 1:] for draw in machine.samples_]
    return np.mean([V[n_users + 1 + columns] @ V[:n_users].T for V in draws], axis=0)


def direction(seed: int, axis: int) -> float:
    """Return how well an axis of the map agrees with that of seed 0: a correlation, whatever the sign."""
    places = []
    for other in (0, seed + 1):
        table = liking(other) - liking(other).mean(axis=0)
        places.append(np.linalg.svd(table, full_matrices=False)[0][:, axis])
    return abs(float(np.corrcoef(places)[0, 1]))


def kept(seed: int) -> float:
    """Return the share of the five movies closest to Alien that another seed finds again."""
    alien = split("random")[0]["item"].value_counts().index.get_loc(1214)
    fives = []
    for other in (0, seed + 1):
        unit = liking(other) / np.linalg.norm(liking(other), axis=1, keepdims=True)
        fives.append(set(np.argsort(-np.delete(unit @ unit[alien], alien), kind="stable")[:5]))
    return len(fives[0] & fives[1]) / 5


RANDOM = "0.889 for the biases, 0.866 for the machine that knows only ids, and 0.836 with descriptions."
TURNS = "while the validation error (blue) turns upwards after a few epochs"

CLAIMS = [
    Claim(
        "3.overfit",
        PART,
        TURNS,
        "validation RMSE without decay, last epoch minus best",
        Seeds(lambda s: curves(s)[0][-1] - min(curves(s)[0])),
        above(0),
    ),
    Claim(
        "3.strong",
        PART,
        "Strong decay (green) prevents it, and learns too little.",
        "best RMSE, decay .001 minus decay .0001",
        Seeds(lambda s: min(curves(s)[1e-3]) - min(curves(s)[1e-4])),
        above(0),
    ),
    Claim(
        "3.between",
        PART,
        "In between (orange) it reaches 0.888.",
        "best RMSE, decay .0001 minus no decay",
        Seeds(lambda s: min(curves(s)[1e-4]) - min(curves(s)[0])),
        below(0),
    ),
    Claim(
        "3.biases",
        PART,
        "In between (orange) it reaches 0.888.",
        "best RMSE, decay .0001 minus biases",
        Seeds(lambda s: min(curves(s)[1e-4]) - curves(s)["biases"]),
        below(0),
    ),
    Claim(
        "3.gibbs",
        PART,
        "lower than Adam ever was",
        "RMSE, Gibbs after 60 passes minus Adam's best",
        Seeds(lambda s: curves(s)["gibbs"][-1] - min(curves(s)[1e-4])),
        below(0),
    ),
    Claim(
        "3.no-turn",
        PART,
        "its curve does not turn upwards",
        "RMSE of Gibbs, last minus lowest",
        Seeds(lambda s: curves(s)["gibbs"][-1] - min(curves(s)["gibbs"])),
        within(-0.001, 0.001),
    ),
    Claim(
        "3.machine",
        PART,
        RANDOM,
        "RMSE, machine minus biases, random split",
        Users(lambda: machine_error("random") - plain("random")),
        below(0),
    ),
    Claim(
        "3.side",
        PART,
        RANDOM,
        "RMSE, with descriptions minus ids alone",
        Users(lambda: machine_error("random", "side") - machine_error("random")),
        below(0),
    ),
    Claim(
        "3.accuracy",
        PART,
        "The linear model is right for 71%, the machine for 72%.",
        "accuracy, machine minus linear",
        Users(lambda: gain("accuracy")),
        above(0),
    ),
    Claim(
        "3.auc",
        PART,
        "AUC (0.793 against 0.780) and log-loss (0.550 against 0.565) agree.",
        "AUC, machine minus linear",
        Users(lambda: gain("auc")),
        above(0),
    ),
    Claim(
        "3.log-loss",
        PART,
        "AUC (0.793 against 0.780) and log-loss (0.550 against 0.565) agree.",
        "log-loss, linear minus machine",
        Users(lambda: gain("log-loss")),
        above(0),
    ),
    Claim(
        "3.clusters",
        PART,
        "The experts of the clusters are *worse* (0.91)",
        "RMSE, one a cluster minus one for everybody",
        Users(lambda: experts("cluster") - plain("random")),
        above(0),
    ),
    Claim(
        "3.genres",
        PART,
        "The experts of the genres are *better* (0.87)",
        "RMSE, one a genre minus one for everybody",
        Users(lambda: experts("genre") - plain("random")),
        below(0),
    ),
    Claim(
        "3.time",
        PART,
        "By time the machine is good: 0.881 stars, where the biases of part 1 made 0.895.",
        "RMSE, machine minus biases, by time",
        Users(lambda: machine_error("by time", "twenty") - plain("by time")),
        below(0),
    ),
    Claim(
        "3.map-across",
        PART,
        "From left to right the map leads",
        "agreement of the first axis with that of another seed",
        Seeds(lambda s: direction(s, 0)),
        above(0.9),
    ),
    Claim(
        "3.map-down",
        PART,
        "From top to bottom it leads",
        "agreement of the second axis with that of another seed",
        Seeds(lambda s: direction(s, 1)),
        above(0.6),
    ),
    Claim(
        "3.alien",
        PART,
        "with another seed others win",
        "share of the five that another seed finds",
        Seeds(kept),
        below(0.5),
    ),
    Claim(
        "3.rare",
        PART,
        "on the movies with at most three ratings alone the gain may be chance",
        "RMSE on movies with at most three ratings, with descriptions minus ids alone",
        Users(rare),
        unproven(),
    ),
]
