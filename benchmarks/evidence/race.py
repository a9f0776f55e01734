"""Evidence for the race of part 4: who searches better, how sure that is, and what it is worth."""

from functools import cache

import numpy as np

from benchmarks.evidence.claims import (
    Claim,
    Seeds,
    Spread,
    Users,
    above,
    auc_of_users,
    below,
    estimate,
    unproven,
    within,
)
from benchmarks.evidence.judged import ratings
from workshop.objectives import BRANIN_MINIMUM, LikedAUC, branin
from workshop.tuning import BayesianSearch, Float, GridSearch, Int, RandomSearch, SimulatedClock, Space, tune

PART = "04_hyperparameter_tuning"
N_SEEDS = 24
RACE_SPACE = Space(
    {"eta": Float(0.0003, 1, log=True), "max_depth": Int(1, 6), "min_child_weight": Float(0.1, 1000, log=True)}
)
BRANIN_SPACE = Space({"x1": Float(-5, 10), "x2": Float(0, 15)})
STRATEGIES = {"grid": GridSearch(3), "random": RandomSearch(), "bayesian": BayesianSearch(n_initial=6)}


@cache
def objective() -> LikedAUC:
    """Return the objective of part 4, on 2,000 rows."""
    return LikedAUC(ratings(), n_train=2000)


def quick(config: dict) -> float:
    """Return the validation AUC of 30 trees."""
    return objective()({"num_round": 30, **config})


@cache
def run(name: str, seed: int, at_once: int = 1, n_trials: int = 27):
    """Return the best trial of one run of the race."""
    clock = SimulatedClock(lambda config: 20 + 10 * config["max_depth"])
    settings = {"seed": seed, "max_parallel": at_once, "executor": clock, "direction": "maximize", "progress": False}
    return tune(quick, RACE_SPACE, STRATEGIES[name], n_trials, **settings).best


def value(name: str, seed: int, at_once: int = 1, n_trials: int = 27) -> float:
    """Return the validation AUC that a run ends with; the grid knows no seed."""
    return run(name, 0 if name == "grid" else seed, at_once, n_trials).value


@cache
def tested(name: str, seed: int) -> float:
    """Return the AUC of a run's winner on the test rows."""
    return objective().score({"num_round": 30, **run(name, seed).config}, objective().test)


def won(seed: int) -> float:
    """Return the share of all random runs that the Bayesian run of `seed` beats; ties count half."""
    mine = value("bayesian", seed)
    others = np.array([value("random", s) for s in range(N_SEEDS)])
    return float(np.mean((mine > others) + 0.5 * (mine == others)))


@cache
def regret(name: str, seed: int, at_once: int = 1) -> float:
    """Return the decimal logarithm of what is left to Branin's minimum after 25 trials."""
    strategy = GridSearch(5) if name == "grid" else STRATEGIES[name]
    settings = {"seed": seed, "max_parallel": at_once, "executor": SimulatedClock(60), "progress": False}
    best = tune(lambda config: branin(**config), BRANIN_SPACE, strategy, 25, **settings).best
    return float(np.log10(best.value - BRANIN_MINIMUM))


@cache
def auc_drawn(rows: str, *config: tuple) -> np.ndarray:
    """Return the AUC of a config on `valid` or `test`: as it is, then with users drawn anew."""
    judged = getattr(objective(), rows)
    users = ratings().frame.loc[judged.index, "user"].to_numpy()
    return auc_of_users(judged["liked"].to_numpy(), objective().predict(dict(config), judged), users)


def tuned(rows: str) -> np.ndarray:
    """Return the gain of the best config of five Bayesian runs over the defaults."""
    winner = max((run("bayesian", seed) for seed in range(5)), key=lambda trial: trial.value)
    better = auc_drawn(rows, ("num_round", 30), *winner.config.items())
    return better - auc_drawn(rows, ("num_round", 30))


def lead_error() -> float:
    """Return the standard error of a difference between two configs: `eta` 0.1 and 0.3, users drawn anew."""
    return float(np.std((auc_drawn("valid", ("eta", 0.1)) - auc_drawn("valid"))[1:]))


def gap(one: str, other: str, of=value, **settings) -> Seeds:
    """Return the comparison, seed by seed, of two strategies."""
    return Seeds(lambda seed: of(one, seed, **settings) - of(other, seed, **settings), N_SEEDS)


def against(one: tuple, other: tuple, of=value) -> Seeds:
    """Return the comparison, seed by seed, of two runs: (strategy, jobs at once, trials) each."""
    return Seeds(lambda seed: of(one[0], seed, *one[1:]) - of(other[0], seed, *other[1:]), N_SEEDS)


AHEAD = "a Bayesian run ends 0.0022 higher"
BRANIN = "Now the Bayesian search ends several hundred times nearer to the minimum than random search."
SURVIVES = "The gain survives: 0.017 on the validation rows, 0.016 on the test rows"

CLAIMS = [
    Claim("4.race", PART, AHEAD, "validation AUC, Bayesian minus random", gap("bayesian", "random"), above(0)),
    Claim(
        "4.race-won",
        PART,
        "beats a random one with probability 0.82",
        "share of random runs that a Bayesian run beats",
        Seeds(won, N_SEEDS),
        above(0.65),
    ),
    Claim(
        "4.race-test",
        PART,
        "On the test rows its winners are 0.0023 better",
        "test AUC of the winners, Bayesian minus random",
        gap("bayesian", "random", tested),
        above(0),
    ),
    Claim(
        "4.race-grid", PART, "The grid is last", "validation AUC, random minus grid", gap("random", "grid"), above(0)
    ),
    Claim(
        "4.race-spread",
        PART,
        "| a strategy | the seed of the search |",
        "standard deviation of a Bayesian run's validation AUC",
        Spread(lambda seed: value("bayesian", seed), N_SEEDS),
        estimate(0.0005, 0.002),
    ),
    Claim(
        "4.race-double",
        PART,
        "Twice the trials do not bring random search level",
        "validation AUC, 27 Bayesian trials minus 54 random ones",
        against(("bayesian",), ("random", 1, 54)),
        above(0),
    ),
    Claim(
        "4.race-four",
        PART,
        "four times do",
        "validation AUC, 27 Bayesian trials minus 108 random ones",
        against(("bayesian",), ("random", 1, 108)),
        unproven(),
    ),
    Claim(
        "4.race-worth",
        PART,
        "about one standard error of a difference",
        "lead on validation over the standard error of a difference",
        Seeds(lambda seed: (value("bayesian", seed) - value("random", seed)) / lead_error(), N_SEEDS),
        within(0.3, 1.5),
    ),
    Claim(
        "4.branin",
        PART,
        BRANIN,
        "log10 of the distance to the minimum, random minus Bayesian",
        gap("random", "bayesian", regret),
        above(2),
    ),
    Claim(
        "4.branin-grid",
        PART,
        BRANIN,
        "log10 of the distance to the minimum, grid minus Bayesian",
        gap("grid", "bayesian", regret),
        above(1),
    ),
    Claim(
        "4.tuned-valid",
        PART,
        SURVIVES,
        "validation AUC, tuned minus defaults",
        Users(lambda: tuned("valid")),
        above(0.005),
    ),
    Claim("4.tuned-test", PART, SURVIVES, "test AUC, tuned minus defaults", Users(lambda: tuned("test")), above(0)),
    Claim(
        "4.five",
        PART,
        "Five at once cost nothing that we see",
        "validation AUC, five at once minus one",
        against(("bayesian", 5), ("bayesian",)),
        unproven(),
    ),
    Claim(
        "4.all-cost",
        PART,
        "with all at once its lead is nearly gone",
        "validation AUC, all at once minus one",
        against(("bayesian", 27), ("bayesian",)),
        below(0),
    ),
    Claim(
        "4.all-random",
        PART,
        "with all at once its lead is nearly gone",
        "validation AUC, Bayesian all at once minus random",
        against(("bayesian", 27), ("random",)),
        estimate(-0.001, 0.001),
    ),
    Claim(
        "4.branin-five",
        PART,
        "Five at once end farther from the minimum than one at a time",
        "log10 of the distance, five at once minus one",
        against(("bayesian", 5), ("bayesian",), regret),
        above(0),
    ),
    Claim(
        "4.branin-all",
        PART,
        "all at once hundreds of times",
        "log10 of the distance, all at once minus one",
        against(("bayesian", 25), ("bayesian",), regret),
        above(2),
    ),
    Claim(
        "4.branin-random",
        PART,
        "nearly as far as random search",
        "log10 of the distance, random minus all at once",
        against(("random",), ("bayesian", 25), regret),
        estimate(-0.2, 0.5),
    ),
    Claim(
        "4.ahead",
        PART,
        "Bayesian search is ahead",
        "validation AUC, Bayesian minus random",
        gap("bayesian", "random"),
        above(0),
    ),
    Claim(
        "4.pays",
        PART,
        "Remembering pays most where the objective is smooth",
        "log10 of the distance to Branin's minimum, random minus Bayesian",
        gap("random", "bayesian", regret),
        above(0.5),
    ),
    Claim(
        "4.nothing-lost",
        PART,
        "Grid and random search lose nothing: the same values, only sooner.",
        "validation AUC of random search, all at once minus one",
        against(("random", 27), ("random",)),
        within(0, 0),
    ),
]
