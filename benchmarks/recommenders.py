"""The recommenders beside their peers, on the same splits, in one run.

    python benchmarks/recommenders.py                       # everything that is not slow, 5 random seeds and temporal
    python benchmarks/recommenders.py --peers PYTHON         # with peers, run by that interpreter (see below)
    python benchmarks/recommenders.py --task rating --only "k-means|bias" --seeds 1 --slow
    python benchmarks/recommenders.py --task liked --only "FM gibbs|myfm" --seeds 10 --slow --unit myfm --peers PYTHON

To add a model: write a function ``run(train, test, ratings)`` in a file ``benchmarks/recommenders_<topic>.py`` and
decorate it with ``@model(task, name, knows=...)`` from `registry.py`, whose docstring says what to return. This file
imports every ``recommenders_*.py`` beside it; nothing here has to be changed. `run` gets the training rows of a split
and must choose whatever it chooses on these alone.

Peers live in an environment of their own: ``python3.11 -m venv peers && peers/bin/pip install scikit-surprise
implicit lenskit 'numpy>=2' pandas scikit-learn``, then ``--peers peers/bin/python``.

Splits: random, seed s: the first round(0.1 n) rows of a permutation by ``numpy.random.default_rng(s)`` are the test
rows; temporal: the newest tenth of each user's ratings. Seconds are those of one fit and prediction, as a ratio to
the model named by ``--unit`` in the same run, because machines differ.
"""

import argparse
import importlib
import re
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from registry import MODELS, TASKS  # noqa: E402

from workshop.datasets import load_movielens, random_split, temporal_split  # noqa: E402
from workshop.evaluation import evaluate_ranking  # noqa: E402
from workshop.metrics import accuracy, auc, log_loss, mae, rmse  # noqa: E402


def score_rating(answer, train, test, ratings):
    stars = np.clip(answer, 0.5, 5)
    return {"rmse": rmse(test["rating"], stars), "mae": mae(test["rating"], stars)}


def score_liked(answer, train, test, ratings):
    liked = test["rating"] >= 4
    return {"accuracy": accuracy(liked, answer), "auc": auc(liked, answer), "log_loss": log_loss(liked, answer)}


def score_ranking(answer, train, test, ratings):
    return evaluate_ranking(answer, train, test, catalogue=ratings.items.index)


SCORES = {"rating": score_rating, "liked": score_liked, "ranking": score_ranking}


def measure(entry, split, train, test, ratings):
    """One row of the results: who, on which split, how good, how long."""
    start = time.perf_counter()
    answer = entry.run(train, test, ratings)
    seconds = time.perf_counter() - start
    if isinstance(answer, tuple):
        answer, seconds = answer
    row = {"task": entry.task, "model": entry.name, "knows": entry.knows, "split": split, "seconds": seconds}
    row |= SCORES[entry.task](answer, train, test, ratings)
    print("  ".join(f"{k} {v:.4f}" if isinstance(v, float) else f"{v}" for k, v in row.items()), file=sys.stderr)
    return row


def table(rows, unit):
    """Mean scores by model and split; seconds as a multiple of those of the model `unit` on the same split."""
    rows = pd.DataFrame(rows).assign(split=lambda r: r["split"].str.split().str[0])
    means = rows.groupby(["knows", "model", "split"], sort=False).mean(numeric_only=True).reset_index()
    base = means[means["model"] == unit].set_index("split")["seconds"]
    means["time"] = means["seconds"] / means["split"].map(base) if len(base) else np.nan
    wide = means.drop(columns="seconds").pivot(index=["knows", "model"], columns="split")
    wide.columns = [f"{score} {split}" for score, split in wide.columns]
    return wide.sort_values(wide.columns[0])


def spread(rows, unit):
    """Scores over the random splits, mean ± standard error, and their difference to `unit`'s on the same splits."""
    rows = pd.DataFrame(rows)
    rows, lines = rows[rows["split"].str.startswith("random")], []
    for (knows, model), found in rows.set_index("split").groupby(["knows", "model"], sort=False):
        rival = rows[(rows["model"] == unit) & (rows["knows"] == knows)].set_index("split")
        line = {"knows": knows, "model": model, "splits": len(found)}
        for score in found.columns.drop(["task", "knows", "model", "seconds"]):
            line[score] = f"{found[score].mean():.4f} ± {found[score].sem():.4f}"
            gap = (found[score] - rival[score]).dropna()
            line[f"{score} - {unit}"] = f"{gap.mean():+.4f} ± {gap.sem():.4f}" if len(gap) else ""
        lines.append(line)
    return pd.DataFrame(lines).set_index(["knows", "model"])


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", metavar="PYTHON", help="interpreter that has the peers installed")
    parser.add_argument("--task", choices=TASKS, action="append", help="repeat for several; default: all")
    parser.add_argument("--only", default="", metavar="REGEX", help="models whose name matches")
    parser.add_argument("--seeds", type=int, default=5, help="random splits (seeds 0, 1, ...)")
    parser.add_argument("--slow", action="store_true", help="also the models marked slow")
    parser.add_argument("--unit", default="k-means ensemble", help="model whose time is 1")
    return parser.parse_args()


def main():
    arguments = read_arguments()
    for path in sorted(HERE.glob("recommenders_*.py")):
        importlib.import_module(path.stem)
    if arguments.peers:
        importlib.import_module("peers").add_peers(arguments.peers)
    ratings = load_movielens()
    temporal = {"temporal": temporal_split(ratings.frame)}
    random = {f"random {seed}": random_split(ratings.frame, seed=seed) for seed in range(arguments.seeds)}
    for task in arguments.task or TASKS:
        entries = [e for e in MODELS if e.task == task and re.search(arguments.only, e.name)]
        entries = [e for e in entries if arguments.slow or not e.slow]
        splits = temporal if task == "ranking" else random | temporal
        rows = [measure(e, name, *split, ratings) for name, split in splits.items() for e in entries]
        if rows:
            print(
                f"\n{task}; time 1 = {arguments.unit}\n{table(rows, arguments.unit).round(4).to_string()}", flush=True
            )
        if rows and task != "ranking" and arguments.seeds > 1:
            print(f"\n{task}, random splits, ± standard error\n{spread(rows, arguments.unit).to_string()}", flush=True)


if __name__ == "__main__":
    main()
