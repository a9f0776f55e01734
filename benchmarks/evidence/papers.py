"""Evidence for the appendix on the papers' claims: pools, relevance, and jobs at once."""

from functools import cache

import numpy as np
from sklearn.tree import DecisionTreeClassifier

from benchmarks.evidence.claims import Claim, Exact, Seeds, Users, above, auc_of_users, estimate, unproven, within
from benchmarks.evidence.judged import ratings
from benchmarks.evidence.race import objective
from workshop.objectives import BRANIN_MINIMUM, LikedAUC, branin
from workshop.tuning import BayesianSearch, Float, Int, RandomSearch, SimulatedClock, Space, TuneSearchCV, tune
from workshop.tuning.analysis import trials_to_reach
from workshop.tuning.surrogate import GaussianProcess

PART = "appendix_paper_claims"
SPACE = Space(
    {
        "eta": Float(0.0003, 1, log=True),
        "max_depth": Int(1, 8),
        "min_child_weight": Float(0.1, 1000, log=True),
        "gamma": Float(0.001, 100, log=True),
        "reg_lambda": Float(0.001, 1000, log=True),
    }
)
BRANIN_SPACE = Space({"x1": Float(-5, 10), "x2": Float(0, 15)})


def quick(config: dict) -> float:
    """Return the validation AUC of 20 trees."""
    return objective()({"num_round": 20, **config})


@cache
def pool(seed: int):
    """Return 200 random trials, as encoded configs (200, 5) and their AUC (200,)."""
    history = tune(quick, SPACE, RandomSearch(), 200, seed=seed, direction="maximize", progress=False).history
    return SPACE.encode_all([trial.config for trial in history]), np.array([trial.value for trial in history])


@cache
def at_ends() -> float:
    """Return the best AUC of the grid of 32 at the ends."""
    return max(quick(config) for config in SPACE.grid(2))


@cache
def relevance(seed: int, better: bool) -> dict[str, float]:
    """Return 1 / length scale of each hyperparameter, fitted to a pool or to its better half."""
    X, auc = pool(seed)
    rows = auc > np.median(auc) if better else auc >= 0
    found = GaussianProcess().fit(X[rows], (auc[rows] - auc[rows].mean()) / auc[rows].std()).scales_
    return dict(zip(SPACE, 1 / found, strict=True))


def towers(seed: int) -> float:
    """Return the log10 of min_child_weight's relevance over the next largest, in all of a pool."""
    found = relevance(seed, False)
    return float(np.log10(found["min_child_weight"] / max(v for k, v in found.items() if k != "min_child_weight")))


@cache
def on_branin(at_once: int, seed: int) -> float:
    """Return the log10 distance to Branin's minimum after 18 trials; 0 at once is random search."""
    strategy = BayesianSearch(n_initial=6) if at_once else RandomSearch()
    settings = {"max_parallel": max(at_once, 1), "executor": SimulatedClock(60), "seed": seed, "progress": False}
    best = tune(lambda config: branin(**config), BRANIN_SPACE, strategy, 18, **settings).best.value
    return float(np.log10(best - BRANIN_MINIMUM))


@cache
def on_xgboost(at_once: int, seed: int) -> float:
    """Return the best AUC of 12 trials; 0 at once is random search."""
    strategy = BayesianSearch(n_initial=6) if at_once else RandomSearch()
    settings = {"max_parallel": max(at_once, 1), "executor": SimulatedClock(60), "seed": seed, "progress": False}
    return tune(quick, SPACE, strategy, 12, direction="maximize", **settings).best.value


def tree() -> np.ndarray:
    """Return the AUC of a tuned decision tree on newer ratings minus that of an untuned one, users drawn anew."""
    learn, newer = ((LikedAUC.features(t), t["liked"].to_numpy()) for t in (objective().train, objective().valid))
    space = Space({"max_depth": Int(1, 20), "min_samples_leaf": Int(1, 500, log=True)})
    plain = DecisionTreeClassifier(random_state=0)
    settings = {"n_trials": 15, "scoring": "roc_auc"}
    search = TuneSearchCV(plain, space, BayesianSearch(n_initial=6), **settings).fit(*learn)
    users = ratings().frame.loc[objective().valid.index, "user"].to_numpy()
    scores = [model.predict_proba(newer[0])[:, 1] for model in (search.best_estimator_, plain.fit(*learn))]
    tuned, untuned = (auc_of_users(newer[1], score, users) for score in scores)
    return tuned - untuned


def apart(of, one: int, other: int) -> Seeds:
    """Return one number of jobs at once minus another."""
    return Seeds(lambda seed: of(one, seed) - of(other, seed))


CLAIMS = [
    Claim(
        "p.quarter",
        PART,
        "So with a quarter of the work random search *usually* matches this grid",
        "random trials as good as the grid in half of all searches, of 32",
        Seeds(lambda s: trials_to_reach(pool(s)[1], at_ends(), 0.5)),
        within(4, 14),
    ),
    Claim(
        "p.sure",
        PART,
        "to be nearly sure costs almost as much as the grid",
        "random trials as good as the grid in 95% of searches",
        Seeds(lambda s: trials_to_reach(pool(s)[1], at_ends(), 0.95)),
        within(20, 60),
    ),
    Claim(
        "p.towers",
        PART,
        "Over all trials `min_child_weight` towers above the rest",
        "log10 of its relevance over the next",
        Seeds(towers),
        above(0),
    ),
    Claim(
        "p.near-top",
        PART,
        "Among the *better half* of the trials `eta` leads",
        "relevance, eta minus min_child_weight, better half",
        Seeds(lambda s: relevance(s, True)["eta"] - relevance(s, True)["min_child_weight"]),
        above(0),
    ),
    Claim(
        "p.branin",
        PART,
        "that loss is real",
        "log10 of the distance, all at once minus one",
        apart(on_branin, 18, 1),
        above(0),
    ),
    Claim(
        "p.branin-three",
        PART,
        "three at once at 0.05 (perhaps chance)",
        "log10 of the distance, three at once minus one",
        apart(on_branin, 3, 1),
        unproven(),
    ),
    Claim(
        "p.branin-random",
        PART,
        "all at once is *ahead* of random search",
        "log10 of the distance, all at once minus random",
        apart(on_branin, 18, 0),
        unproven(),
    ),
    Claim(
        "p.xgboost",
        PART,
        "neither an advantage of learning nor a price of parallelism is seen",
        "AUC of 12 trials, one at a time minus random",
        apart(on_xgboost, 1, 0),
        estimate(-0.004, 0.006),
    ),
    Claim(
        "p.xgboost-all",
        PART,
        "neither an advantage of learning nor a price of parallelism is seen",
        "AUC of 12 trials, one at a time minus all at once",
        apart(on_xgboost, 1, 12),
        unproven(),
    ),
    Claim(
        "p.299",
        PART,
        "Five times as many trials for a share five times smaller.",
        "trials for the top 1% over trials for the top 5%",
        Exact(lambda: 299 / 59),
        within(4.9, 5.2),
        True,
    ),
    Claim(
        "p.tree",
        PART,
        "a gap that no other users would close",
        "AUC on newer ratings, tuned tree minus untuned",
        Users(tree),
        above(0.05),
    ),
]
