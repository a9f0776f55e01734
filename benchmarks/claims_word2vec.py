"""Do word2vec's hyperparameters for text suit recommendation? The claim of Caselles-Dupré et al. (2018), measured.

The larger version of `notebooks/appendix_word2vec.ipynb`: NDCG@10 on MovieLens; everything is chosen on validation
rows (the newest tenth of each user's training ratings), and the test rows are used once, at the end.

    python benchmarks/claims_word2vec.py --trials 150 --seeds 5

About half an hour on one core.
"""

import argparse
from functools import cache

import numpy as np

from workshop.datasets import load_movielens, temporal_split
from workshop.evaluation import evaluate_ranking
from workshop.models import EASE, ItemVectors, Popularity
from workshop.tuning import Categorical, Float, Int, RandomSearch, Space, tune
from workshop.tuning.analysis import thirds

SPACE = Space(
    {
        "mode": Categorical(["skipgram", "cbow"]),
        "window_size": Int(1, 15, log=True),
        "negative_samples": Int(1, 20, log=True),
        "epochs": Int(1, 40, log=True),
        "vector_dim": Int(8, 128, log=True),
        "learning_rate": Float(0.005, 0.3, log=True),
        "sampling_threshold": Float(0.00001, 0.1, log=True),
        "noise_exponent": Float(-1, 1),
        "liked": Categorical([0.0, 4.0]),
    }
)
FORM = {}  # the defaults of ItemVectors are the form's values
PAPER = {"window_size": 3, "epochs": 110, "sampling_threshold": 0.00001, "noise_exponent": -0.5}  # for its music data
CHANGES = {
    "epochs": [20, 80],
    "window_size": [2, 15],
    "negative_samples": [15],
    "vector_dim": [32],
    "learning_rate": [0.15],
    "sampling_threshold": [0.00001, 0.001, 0.0],
    "noise_exponent": [-0.5, 0.0, 1.0],
    "mode": ["cbow"],
    "n_recent": [1, 50],
}


@cache
def rows():
    old, test = temporal_split(load_movielens().frame)
    return {"valid": temporal_split(old), "test": (old, test)}


def ndcg(model, which="valid"):
    train, held_out = rows()[which]
    return evaluate_ranking(model.fit(train, train["rating"]).recommend, train, held_out)["ndcg"]


def over_seeds(config, n_seeds, which="valid"):
    found = [ndcg(ItemVectors(**config, seed=seed), which) for seed in range(n_seeds)]
    return f"{np.median(found):.4f} [{min(found):.4f}, {max(found):.4f}]"


def by_third(table):
    """The median value of the trials in the lower, middle and upper third of each number, and of each choice."""
    values = table["FinalObjectiveValue"]
    for name, parameter in SPACE.items():
        if isinstance(parameter, Categorical):
            medians = values.groupby(table[name]).median().round(4).to_dict()
        else:
            column = table[name]
            medians = {
                f"up to {column[part].max():.3g}": round(float(values[part].median()), 4) for part in thirds(column)
            }
        print(f"{name}: {medians}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=150)
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()

    print(f"validation NDCG@10 of {options.trials} random configs, seed 0")
    study = tune(
        lambda config: ndcg(ItemVectors(**config)), SPACE, RandomSearch(), options.trials, direction="maximize"
    )
    table = study.to_frame()
    print(table.head(5).round(4).to_string())
    print("quartiles", table["FinalObjectiveValue"].quantile([0, 0.25, 0.5, 0.75, 1]).round(4).tolist())
    print("median by third of each range")
    by_third(table)

    print(f"\nvalidation, median [range] of {options.seeds} seeds; one change at a time")
    bases = {"form": FORM, "tuned": dict(study.best.config)}
    for name, base in bases.items():
        print(f"{name}: {over_seeds(base, options.seeds)}", flush=True)
    for knob, values in CHANGES.items():
        for value in values:
            changed = over_seeds({**FORM, knob: value}, options.seeds)
            print(f"form, {knob} {value}: {changed}", flush=True)

    print(f"\ntest, median [range] of {options.seeds} seeds")
    print(f"popularity {ndcg(Popularity(), 'test'):.4f}, EASE {ndcg(EASE(), 'test'):.4f}")
    for name, config in {**bases, "the paper's for music": PAPER}.items():
        print(f"{name}: {over_seeds(config, options.seeds, 'test')}", flush=True)


if __name__ == "__main__":
    main()
