"""Claims of well-known papers, measured on XGBoost on MovieLens: grid against random, sixty trials, parallel trials.

The larger version of `notebooks/appendix_paper_claims.ipynb`: same objective, same spaces, more trials and seeds.

    python benchmarks/claims.py --part efficiency relevance sixty parallel

Each part prints its tables; all four take about a quarter of an hour on one core.
"""

import argparse
from itertools import product

import numpy as np
from problems import PROBLEMS

from workshop.datasets import load_movielens
from workshop.objectives import BRANIN_MINIMUM, LikedAUC, branin
from workshop.tuning import BayesianSearch, Float, Int, RandomSearch, SimulatedClock, Space, tune
from workshop.tuning.analysis import best_of_quantiles, chance_to_reach, trials_to_reach
from workshop.tuning.surrogate import GaussianProcess

KNOBS = {
    "eta": Float(0.0003, 1, log=True),
    "max_depth": Int(1, 8),
    "min_child_weight": Float(0.1, 1000, log=True),
    "gamma": Float(0.001, 100, log=True),
    "reg_lambda": Float(0.001, 1000, log=True),
    "subsample": Float(0.05, 1),
    "colsample_bytree": Float(0.05, 1),
}
GRIDS = {3: [3, 4, 5], 5: [2, 3], 7: [2]}  # hyperparameters: values of each
objective = None


def space_of(n, log=True):
    knobs = dict(list(KNOBS.items())[:n])
    return Space(knobs) if log else Space(knobs).with_scales({k: False for k, p in knobs.items() if p.log})


def score(config):
    global objective
    objective = objective or LikedAUC(load_movielens(), n_train=2000)
    return objective({"num_round": 30, **config})


def pool_of(space, n, seed):
    rng = np.random.default_rng(seed)
    configs = [space.sample(rng) for _ in range(n)]
    return configs, np.array([score(config) for config in configs])


def grid_at(space, n_per_param, offset):
    """A grid whose every cell holds one config, at the same place `offset` (d,) in [0, 1] of its cell."""
    cells = product(range(n_per_param), repeat=len(space))
    return [space.decode((np.array(cell) + offset) / n_per_param) for cell in cells]


def spread(values, digits=4):
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    return f"{middle:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def efficiency():
    print("grid against random: best AUC, median [middle half]; random trials that match the median grid\n")
    print(
        "| hyperparameters | grid | placed | its best | random, as many trials | random better | match in 50% / 95% |"
    )
    print("|---|---|---|---|---|---|---|")
    for d, sizes in GRIDS.items():
        space = space_of(d)
        values = pool_of(space, 3000, seed=d)[1]
        for size in sizes:
            n = size**d
            rng, repeats = np.random.default_rng(0), 40 if n < 100 else 20
            placed = {
                "ends": [space.grid(size)],
                "middles": [grid_at(space, size, np.full(d, 0.5))],
                f"anywhere, {repeats} times": [grid_at(space, size, rng.random(d)) for _ in range(repeats)],
            }
            random = " ".join(f"{q:.4f}" for q in best_of_quantiles(values, n, [0.25, 0.5, 0.75]))
            for name, grids in placed.items():
                best = np.array([max(map(score, grid)) for grid in grids])
                better = np.mean([chance_to_reach(values, np.nextafter(b, 1), n) for b in best])
                match = [trials_to_reach(values, np.median(best), chance) for chance in (0.5, 0.95)]
                print(
                    f"| {d} | {n} | {name} | {spread(best)} | {random} | {better:.0%} | {match[0]} / {match[1]} |",
                    flush=True,
                )


def relevance():
    print("\nrelevance (1 / length scale) of each hyperparameter, 20 Gaussian processes on 160 trials each\n")
    space = space_of(5)
    configs, values = pool_of(space, 1000, seed=5)
    X, rng = space.encode_all(configs), np.random.default_rng(0)
    for name, rows in {
        "all trials": np.arange(len(values)),
        "better half": np.flatnonzero(values > np.median(values)),
        "best tenth": np.flatnonzero(values > np.quantile(values, 0.9)),
    }.items():
        found = []
        for _ in range(20):
            some = rng.choice(rows, min(160, int(0.8 * len(rows))), replace=False)
            y = (values[some] - values[some].mean()) / values[some].std()
            found.append(1 / GaussianProcess().fit(X[some], y).scales_)
        print(
            name, {knob: spread(column, 2) for knob, column in zip(space, np.transpose(found), strict=True)}, flush=True
        )


def sixty():
    print("\nsixty random trials: share of 60 searches whose best is among the top 5% of 2,000 other trials\n")
    for name, space in {"log scales": space_of(5), "linear scales": space_of(5, log=False)}.items():
        others, top = pool_of(space, 2000, seed=5)[1], {}
        best = np.array([pool_of(space, 60, seed=[60, s])[1].max() for s in range(60)])
        for share in (0.05, 0.01):
            top[share] = np.quantile(others, 1 - share)
        print(
            f"{name}: top 5% begins at {top[0.05]:.4f}, top 1% at {top[0.01]:.4f}, best of all {others.max():.4f}; "
            f"reached by {np.mean(best >= top[0.05]):.0%} and {np.mean(best >= top[0.01]):.0%}; "
            f"best of 60 {spread(best)}; "
            f"within 5% of the best value: {np.mean(others >= 0.95 * others.max()):.0%} of configs, "
            f"within 0.002 of it: {np.mean(others >= others.max() - 0.002):.1%}",
            flush=True,
        )


def parallel(n_seeds=20, n_trials=27):
    hartmann = PROBLEMS["hartmann6"]
    problems = {
        "1 - AUC of XGBoost": (space_of(3), lambda c: 1 - score(c), 0, 4),
        "Branin": (Space({"x1": Float(-5, 10), "x2": Float(0, 15)}), lambda c: branin(**c), BRANIN_MINIMUM, 4),
        "Hartmann-6": (hartmann.space, hartmann.truth, hartmann.minimum, 2),
    }
    print(f"\n{n_trials} trials, {n_seeds} seeds: above the minimum, median [middle half]; won by one at a time\n")
    for name, (space, truth, minimum, digits) in problems.items():
        runs = {}
        for at_once in (1, 3, 9, n_trials, "random"):
            strategy, k = (RandomSearch(), 1) if at_once == "random" else (BayesianSearch(n_initial=6), at_once)
            settings = {"max_parallel": k, "executor": SimulatedClock(60), "progress": False}
            best = [tune(truth, space, strategy, n_trials, seed=s, **settings).best.value for s in range(n_seeds)]
            runs[at_once] = np.array(best) - minimum
            won = np.mean(runs[1] < runs[at_once]) + np.mean(runs[1] == runs[at_once]) / 2
            print(f"{name}, {at_once}: {spread(runs[at_once], digits)}, {won:.0%}", flush=True)


PARTS = {part.__name__: part for part in (efficiency, relevance, sixty, parallel)}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", nargs="+", choices=PARTS, default=list(PARTS))
    for part in parser.parse_args().part:
        PARTS[part]()
