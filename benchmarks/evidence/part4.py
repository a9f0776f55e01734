"""Evidence for sections 1 to 4 of part 4: how exactly a score is known, grids, random trials, and two questions."""

from functools import cache, partial

import numpy as np
from sklearn.svm import SVC

from benchmarks.evidence.claims import (
    Claim,
    Exact,
    Seeds,
    Users,
    above,
    below,
    estimate,
    mean_of_users,
    unproven,
    within,
)
from benchmarks.evidence.judged import ratings
from benchmarks.evidence.race import auc_drawn, lead_error, objective
from workshop import tuning
from workshop.objectives import forrester
from workshop.tuning import BayesianSearch, Float, Space, analysis, tune

PART = "04_hyperparameter_tuning"
DIAL = Space({"x": Float(0, 1)})
ETA = Space({"eta": Float(0.001, 1, log=True)})


def rounds(eta: float, n: int) -> np.ndarray:
    """Return the validation AUC after n rounds: as it is, then with users drawn anew."""
    return auc_drawn("valid", ("eta", eta), ("num_round", n))


@cache
def svm_rows() -> tuple:
    """Return the rows of the support vector machine: X and y to learn from, X, y and users to be judged on."""
    train, valid = objective().train[:600], objective().valid[::6]
    known = train.drop(columns="liked")
    X = [((rows[known.columns] - known.mean()) / known.std(ddof=0)).fillna(0).to_numpy() for rows in (train, valid)]
    return (
        X[0],
        train["liked"].to_numpy(),
        X[1],
        valid["liked"].to_numpy(),
        ratings().frame.loc[valid.index, "user"].to_numpy(),
    )


@cache
def right(C: float, gamma: float) -> np.ndarray:
    """Return which judged rows (n,) a support vector machine gets right."""
    X, y, X_valid, y_valid, _ = svm_rows()
    return SVC(C=C, gamma=gamma).fit(X, y).predict(X_valid) == y_valid


@cache
def grid(log: bool) -> dict:
    """Return the accuracy of 25 combinations, by C and gamma, on linear or on log scales."""
    places = np.geomspace if log else np.linspace
    return {(C, g): right(C, g).mean() for C in places(0.01, 1000, 5) for g in places(0.0001, 10, 5)}


def log_gain() -> np.ndarray:
    """Return the accuracy of the best on log scales minus that on linear ones: as it is, then with users drawn anew."""
    found = [right(*max(table, key=table.get)).astype(float) for table in (grid(True), grid(False))]
    return mean_of_users(found[0] - found[1], svm_rows()[-1])


def ten_random(seed: int) -> float:
    """Return the best accuracy of ten random trials minus that of the grid of 25 on log scales."""
    rng = np.random.default_rng(seed)
    tried = [right(10 ** rng.uniform(-2, 3), 10 ** rng.uniform(-4, 1)).mean() for _ in range(10)]
    return float(max(tried) - max(grid(True).values()))


@cache
def hills(n: int):
    """Return what a grid and random search of n trials find on 1,000 hills."""
    return analysis.best_of_layouts(n)


def hill_gap(random: int, on_grid: int) -> Seeds:
    """Return what random search finds on a hill minus what a grid finds, by numbers of trials."""
    return Seeds(lambda seed: hills(random)["random"].iloc[seed] - hills(on_grid)["grid"].iloc[seed], 1000)


QUESTIONS = {
    "improvement": tuning.expected_improvement,
    "uncertainty": lambda mean, std, best: std,
    "greedy": partial(tuning.lower_confidence_bound, kappa=0),
}


@cache
def found(question: str, seed: int) -> float:
    """Return the highest of nine values of the hidden curve that a search with this question finds."""
    strategy = BayesianSearch(n_initial=4, acquisition=QUESTIONS[question])
    settings = {"direction": "maximize", "progress": False, "seed": seed}
    return tune(lambda config: -forrester(config["x"]), DIAL, strategy, 9, **settings).best.value


@cache
def even() -> np.ndarray:
    """Return the AUC at 25 values of eta, evenly spaced on the log scale."""
    return np.array([objective()({"eta": eta}) for eta in np.geomspace(0.001, 1, 25).tolist()])


def ten_trials(seed: int) -> float:
    """Return the AUC that ten Bayesian trials of eta find minus the best of 25 even ones."""
    settings = {"direction": "maximize", "progress": False, "seed": seed}
    return tune(objective(), ETA, BayesianSearch(n_initial=3), 10, **settings).best.value - even().max()


def flat() -> float:
    """Return the range of AUC between eta 0.05 and 0.1, in standard errors of a difference."""
    etas = np.geomspace(0.001, 1, 25)
    return float(np.ptp(even()[(etas > 0.05) & (etas < 0.105)]) / lead_error())


CLAIMS = [
    Claim(
        "4.eta-five",
        PART,
        "After 5 rounds the rate of 0.1 leads (0.738)",
        "AUC after 5 rounds, eta 0.1 minus 0.01",
        Users(lambda: rounds(0.1, 5) - rounds(0.01, 5)),
        above(0),
    ),
    Claim(
        "4.eta-hair",
        PART,
        "ahead of 0.01 by a hair",
        "AUC after 100 rounds, eta 0.1 minus 0.01",
        Users(lambda: rounds(0.1, 100) - rounds(0.01, 100)),
        unproven(),
    ),
    Claim(
        "4.eta-one",
        PART,
        "The rate of 1 never recovers",
        "AUC after 100 rounds, eta 0.01 minus 1",
        Users(lambda: rounds(0.01, 100) - rounds(1.0, 100)),
        above(0),
    ),
    Claim(
        "4.score",
        PART,
        "The standard error is about 0.01.",
        "standard error of the AUC, users drawn anew",
        Exact(lambda: np.std(auc_drawn("valid")[1:])),
        within(0.0095, 0.0125),
    ),
    Claim(
        "4.difference",
        PART,
        "| a difference | the same users for both |",
        "standard error of a difference on the same users",
        Exact(lead_error),
        within(0.0024, 0.0034),
    ),
    Claim(
        "4.gain",
        PART,
        "The gain of 0.013 is almost five standard errors: real.",
        "AUC, eta 0.1 minus 0.3",
        Users(lambda: auc_drawn("valid", ("eta", 0.1)) - auc_drawn("valid")),
        above(0),
    ),
    Claim(
        "4.useless",
        PART,
        "21 of the 25 fits are useless",
        "fits that score at most 0.51",
        Exact(lambda: sum(v <= 0.511 for v in grid(False).values())),
        within(21, 21),
    ),
    Claim(
        "4.nine",
        PART,
        "now nine say something",
        "fits on log scales that score more than 0.52",
        Exact(lambda: sum(v > 0.52 for v in grid(True).values())),
        within(9, 9),
    ),
    Claim(
        "4.grid",
        PART,
        "so the gain is not proven",
        "accuracy, best on log scales minus best on linear ones",
        Users(log_gain),
        unproven(),
    ),
    Claim(
        "4.ten-random",
        PART,
        "over 16 seeds ten trials end 0.01 below the grid",
        "accuracy, ten random trials minus the grid",
        Seeds(ten_random),
        below(0),
    ),
    Claim(
        "4.hills",
        PART,
        "Nine random trials reach 0.79 of the top on average, nine of a grid 0.61.",
        "share of the top, random minus grid, 9 trials",
        hill_gap(9, 9),
        above(0.1),
    ),
    Claim(
        "4.hills-25",
        PART,
        "The grid needs 25 to get as far",
        "share of the top, 9 random trials minus 25 of a grid",
        hill_gap(9, 25),
        within(-0.05, 0.05),
    ),
    Claim(
        "4.sixty",
        PART,
        "59 are enough (people remember 60)",
        "chance that 59 trials hit the top 5%, minus 0.95",
        Exact(lambda: 0.05 - 0.95**59),
        within(0, 0.01),
        True,
    ),
    Claim(
        "4.58",
        PART,
        "59 are enough (people remember 60)",
        "chance that 58 trials hit the top 5%, minus 0.95",
        Exact(lambda: 0.05 - 0.95**58),
        below(0),
        True,
    ),
    Claim(
        "4.question",
        PART,
        "In nine trials the search for improvement comes within 0.1",
        "highest value, improvement minus uncertainty",
        Seeds(lambda s: found("improvement", s) - found("uncertainty", s), 24),
        above(0),
    ),
    Claim(
        "4.greedy",
        PART,
        "Without exploration it creeps up the first hill it meets, and stays there for good.",
        "share of runs that end on the smaller hill, kappa 0 minus improvement",
        Seeds(lambda s: float(found("greedy", s) < 5) - float(found("improvement", s) < 5), 24),
        above(0),
    ),
    Claim(
        "4.ten",
        PART,
        "ten found at least what 25 even ones did",
        "AUC, ten trials minus 25 even ones",
        Seeds(ten_trials),
        above(-0.001),
    ),
    Claim(
        "4.flat-top",
        PART,
        "Between 0.05 and 0.1 the curve is flat within the error of a difference",
        "range of AUC there, in standard errors",
        Exact(flat),
        estimate(0, 1),
    ),
    Claim(
        "4.known",
        PART,
        "so their *difference* is known better",
        "standard error of a difference over that of a score",
        Exact(lambda: lead_error() / np.std(auc_drawn("valid")[1:])),
        below(0.5),
    ),
    Claim(
        "4.luck",
        PART,
        "A gain of 0.003 could be luck.",
        "half of a 95% interval of a difference",
        Exact(lambda: 1.96 * lead_error()),
        above(0.003),
    ),
    Claim(
        "4.quiz",
        PART,
        "The standard error of a difference is 0.003.",
        "standard error of a difference on the same users",
        Exact(lead_error),
        within(0.0024, 0.0034),
    ),
    Claim(
        "p.error",
        "appendix_paper_claims",
        "two configs that differ by less than 0.003 are not told apart",
        "half of a 95% interval of a difference",
        Exact(lambda: 1.96 * lead_error()),
        above(0.003),
    ),
]
