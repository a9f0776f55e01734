"""The factorization machine on the splits that papers use, beside the figures that they publish.

    python benchmarks/published.py --path ml-100k              # the folder or zip file of the official release
    python benchmarks/published.py --path ml-100k --folds 1 2 3 4 5
    python benchmarks/published.py --path ml-1m --seeds 0 1 2  # random 90/10

ml-100k comes with five splits, ``u1.base`` and ``u1.test`` to ``u5.base`` and ``u5.test``; papers report the first. For
ml-1m they split at random, 90/10, so a figure of theirs and one of ours are never of the same rows. Nothing is chosen
on test rows: settings are those that `recommenders_fm.py` chose on MovieLens small.
"""

import argparse
import io
import time
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from workshop.datasets import load_movielens, random_split
from workshop.metrics import rmse
from workshop.models import FactorizationMachineRegressor, FeatureBuilder

PUBLISHED = {
    "ml-100k": [
        (0.910, "GC-MC, rating matrix alone", "van den Berg, Kipf and Welling 2017, arXiv 1706.02263"),
        (0.905, "GC-MC with features of users and movies", "the same"),
        (0.8889, "GLocal-K, rating matrix alone", "Han et al. 2021, arXiv 2108.12184"),
    ],
    "ml-1m": [
        (0.832, "GC-MC, rating matrix alone", "van den Berg, Kipf and Welling 2017, arXiv 1706.02263"),
        (0.831, "I-AutoRec", "Sedhain, Menon, Sanner and Xie 2015, WWW Companion; table (c) of their poster"),
        (0.8227, "GLocal-K, rating matrix alone", "Han et al. 2021, arXiv 2108.12184"),
    ],
}
MACHINES = {  # what a machine knows: arguments of FeatureBuilder, and the number of factors
    "ids": (lambda ratings: {}, 8),
    "rating matrix alone: ids, raters": (lambda ratings: {"who_rated": True}, 8),
    "+ genres, year": (lambda ratings: {"who_rated": True, "items": ratings.items}, 16),
    "+ attributes of users": (lambda ratings: {"who_rated": True, "items": ratings.items, "users": ratings.users}, 16),
}


def members(path):
    """Path inside the release (a folder or a zip file) of each file, by its name."""
    if path.is_dir():
        return {member.name: member for member in path.iterdir()}
    with zipfile.ZipFile(path) as archive:
        return {member.rsplit("/", 1)[-1]: member for member in archive.namelist()}


def read_split(path, name, frame):
    """The rows (user, item, rating, timestamp) of a file such as u1.base; ValueError unless all are in `frame`."""
    member = members(path)[name]
    if path.is_dir():
        text = member.read_bytes()
    else:
        with zipfile.ZipFile(path) as archive:
            text = archive.read(member)
    rows = pd.read_csv(io.BytesIO(text), sep="\t", names=["user", "item", "rating", "timestamp"])
    columns = ["user", "item", "rating"]
    known = set(frame[columns].itertuples(index=False, name=None))
    if odd := sum(row not in known for row in rows[columns].itertuples(index=False, name=None)):
        raise ValueError(f"{name}: {odd:,} ratings are not those of the release; download it again")
    return rows


def measure(train, test, ratings, options, n_factors, n_iter):
    """RMSE (stars, clipped) and CPU seconds of one machine on one split."""
    start = time.process_time()
    builder, kept = FeatureBuilder(**options(ratings)), max(1, n_iter * 2 // 3)
    machine = FactorizationMachineRegressor(n_factors, noise_by="user", n_iter=n_iter, n_samples=kept, random_state=0)
    machine.fit(builder.fit_transform(train), train["rating"], fields=builder.fields_)
    return rmse(test["rating"], machine.predict(builder.transform(test))), time.process_time() - start


def main(given=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--path", type=Path, required=True, help="folder or zip file of ml-100k or ml-1m")
    parser.add_argument("--folds", type=int, nargs="+", default=[1], choices=range(1, 6), help="of ml-100k")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="of the random splits of ml-1m")
    parser.add_argument("--sweeps", type=int, default=300)
    arguments = parser.parse_args(given)
    ratings = load_movielens(arguments.path)
    name = "ml-100k" if "u1.base" in members(arguments.path) else "ml-1m"
    if name == "ml-100k":
        splits = [
            (f"u{k}", [read_split(arguments.path, f"u{k}.{part}", ratings.frame) for part in ("base", "test")])
            for k in arguments.folds
        ]
    else:
        splits = [(f"seed {seed}", random_split(ratings.frame, seed=seed)) for seed in arguments.seeds]
    print(f"{name}, RMSE in stars on {', '.join(split for split, _ in splits)}")
    for knows, (options, n_factors) in MACHINES.items():
        found = [measure(*rows, ratings, options, n_factors, arguments.sweeps) for _, rows in splits]
        errors, seconds = np.array(found).T
        each = f"  ({', '.join(f'{error:.4f}' for error in errors)})" if len(errors) > 1 else ""
        print(f"  {errors.mean():.4f}  ours, {knows}, rank {n_factors}: {seconds.mean():.0f} s{each}", flush=True)
    print("published" + (", on u1 or on another random split" if name == "ml-1m" else ", on u1"))
    for error, model, source in PUBLISHED[name]:
        print(f"  {error:.3f}   {model} ({source})")


if __name__ == "__main__":
    main()
