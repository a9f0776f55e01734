"""What a second tuning job gains from the first: best value after 10 trials, cold and with its parents' knowledge.

    python benchmarks/warm_start.py --seeds 0:10

The objective is the validation AUC of XGBoost on MovieLens (larger is better). A parent is a Bayesian study of 20
trials. On identical data the parent was tuned on the same rows. For transfer there are two others: one tuned on the
other half of the users, one on the older half of the same users' ratings. Seeds of parents, cold and warm studies all
differ.
"""

import argparse
import os
from dataclasses import replace

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import numpy as np

from workshop.datasets import load_movielens, temporal_split
from workshop.objectives import LikedAUC
from workshop.tuning import BayesianSearch, Float, Int, Space, WarmStart, tune
from workshop.tuning.analysis import best_by_trial

N_PARENT, N_TRIALS = 20, 10
SPACE = Space(
    {
        "eta": Float(0.0003, 1, log=True),
        "max_depth": Int(1, 8),
        "min_child_weight": Float(0.1, 1000, log=True),
        "subsample": Float(0.3, 1),
        "lambda": Float(0.01, 100, log=True),
    }
)


def study_of(objective, strategy, n_trials, seed):
    return tune(objective, SPACE, strategy, n_trials, seed=seed, direction="maximize", progress=False)


def objectives():
    """Of the new job, of other users, and of the new job's users as they rated before."""
    ratings = load_movielens()
    is_new = ratings.frame["user"] % 2 == 0
    new, others = ratings.frame[is_new], ratings.frame[~is_new]
    older, _ = temporal_split(new, test_size=0.5)
    return [LikedAUC(replace(ratings, frame=frame)) for frame in (new, others, older)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", default="0:10", help="first:last+1")
    arguments = parser.parse_args()
    new, others, older = objectives()
    runs = {"cold": [], "warm, identical data": [], "warm, transfer": []}
    for seed in range(*map(int, arguments.seeds.split(":"))):
        parent, user_parent, older_parent = (
            study_of(objective, BayesianSearch(), N_PARENT, 10_000 + 3 * seed + k)
            for k, objective in enumerate((new, others, older))
        )
        strategies = {
            "cold": BayesianSearch(),
            "warm, identical data": WarmStart(BayesianSearch(), [parent]),
            "warm, transfer": WarmStart(BayesianSearch(), [user_parent, older_parent], transfer=True),
        }
        for name, strategy in strategies.items():
            runs[name].append(study_of(new, strategy, N_TRIALS, seed))
        print(
            f"seed {seed}: " + ", ".join(f"{name} {studies[-1].best.value:.4f}" for name, studies in runs.items()),
            flush=True,
        )
    columns = (1, 3, 5, 10)
    print(f"\n{'best AUC after':24} " + " ".join(f"{f'{n} trials':>26}" for n in columns) + f"{'beats cold at 10':>18}")
    curves = {name: best_by_trial(studies) for name, studies in runs.items()}
    for name, best in curves.items():
        cells = (np.quantile(best[:, n - 1], [0.5, 0.25, 0.75]) for n in columns)
        wins = "" if name == "cold" else f"{(best[:, -1] > curves['cold'][:, -1]).sum()} of {len(best)}"
        print(f"{name:24} " + " ".join(f"{m:.4f} ({a:.4f} to {b:.4f})".rjust(26) for m, a, b in cells) + f"{wins:>18}")


if __name__ == "__main__":
    main()
