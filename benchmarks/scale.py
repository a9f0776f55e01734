"""Seconds a sweep and memory of the Bayesian factorization machine, from 0.1 to 20 million synthetic ratings.

    NUMBA_NUM_THREADS=1 OMP_NUM_THREADS=1 python benchmarks/scale.py                    # compiled and NumPy
    python benchmarks/scale.py --millions 10 --sweep compiled
    python benchmarks/scale.py --millions 1 10 --sweep myfm --peers PYTHON                # an interpreter with myfm
    OMP_NUM_THREADS=1 python benchmarks/scale.py --recommend                              # all users of MovieLens small

Every line is a process of its own, given only users, movies and ratings; its memory is the largest that the process
ever held, the interpreter and its libraries (about 150 MB) included. Seconds are those of the processor.
Needs Linux, which tells a process its largest memory.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

RANK = 8
MEASURE = """
import sys, time
import numpy as np, scipy.sparse as sp
given = np.load(sys.argv[1])
n, sizes = len(given["ratings"]), given["sizes"].tolist()
columns = np.column_stack([given["users"], given["items"] + np.int32(sizes[0])])
start = np.arange(n + 1, dtype=np.int32) * 2
X = sp.csr_array((np.ones(2 * n, np.float32), columns.ravel(), start), shape=(n, sum(sizes)))
y = given["ratings"]
del given, columns

def seconds(n_iter):
    start = time.process_time()
    fit(n_iter)
    return time.process_time() - start
"""
OURS = """
from workshop.models import FactorizationMachineRegressor, Field
from workshop.models.fm import gibbs
gibbs.COMPILE_FROM = {compile_from}
def fit(n_iter):
    machine = FactorizationMachineRegressor({rank}, n_iter=n_iter, n_samples=1, random_state=0)
    machine.fit(X, y, fields=[Field("user", sizes[0]), Field("movie", sizes[1])])
"""
MYFM = """
import myfm
X = sp.csr_matrix(X)
def fit(n_iter):
    myfm.MyFMRegressor(rank={rank}, random_seed=0).fit(X, y, n_iter=n_iter, n_kept_samples=1, group_shapes=sizes)
"""
REPORT = """
seconds(1)  # what is only done once: imports, compiled code, the first touch of memory
sweeps = max(2, round(3e6 / n))  # of a small table more, or the difference drowns in noise
first, more = seconds(1), seconds(1 + sweeps)
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))  # ru_maxrss counts the parent too
print((more - first) / sweeps, first, int(peak.split()[1]) / 1024)
"""
PROGRAMS = {
    "compiled": OURS.format(rank=RANK, compile_from=0) + REPORT,
    "numpy": OURS.format(rank=RANK, compile_from="np.inf") + REPORT,
    "myfm": MYFM.format(rank=RANK) + REPORT,
}


def make_ratings(n_ratings, path):
    """Save users, movies (from 0), ratings and the numbers of both, in few bytes."""
    from synthetic import synthetic_ratings

    frame = synthetic_ratings(n_ratings, rank=RANK).frame
    users, items = (np.unique(frame[name], return_inverse=True) for name in ("user", "item"))
    np.savez(
        path,
        users=users[1].astype(np.int32),
        items=items[1].astype(np.int32),
        ratings=frame["rating"].to_numpy(np.float32),
        sizes=[len(users[0]), len(items[0])],
    )


def recommend(n_draws=100):
    """Print the seconds in which a machine of `n_draws` draws recommends ten movies to every user of MovieLens."""
    from workshop.datasets import load_movielens
    from workshop.models import FactorizationMachineRegressor, FeatureBuilder

    ratings = load_movielens()
    builder = FeatureBuilder(ratings.items, who_rated=True)
    machine = FactorizationMachineRegressor(RANK, n_iter=n_draws, n_samples=n_draws, random_state=0)
    machine.fit(builder.fit_transform(ratings.frame), ratings.frame["rating"], fields=builder.fields_)
    cpu, wall = time.process_time(), time.perf_counter()
    table = builder.recommend(machine, builder.users_)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    asked = f"{table['user'].nunique()} users, {len(builder.items_):,} movies, {n_draws} draws"
    print(f"{asked}: {cpu:.2f} s of the processor, {wall:.2f} s by the clock")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--millions", type=float, nargs="+", default=[0.1, 1, 10, 20])
    parser.add_argument("--sweep", choices=PROGRAMS, nargs="+", default=["compiled", "numpy"])
    parser.add_argument("--peers", metavar="PYTHON", help="interpreter that has myfm")
    parser.add_argument("--recommend", action="store_true", help="only measure recommending, on MovieLens small")
    arguments = parser.parse_args()
    if arguments.recommend:
        recommend()
        return
    print(f"{'million':>8} {'sweep':>9} {'s a sweep':>10} {'s to start':>10} {'MB':>6}")
    with tempfile.TemporaryDirectory() as folder:
        for millions in arguments.millions:
            path = Path(folder) / "ratings.npz"
            make_ratings(round(millions * 1e6), path)
            for sweep in arguments.sweep:
                python = arguments.peers if sweep == "myfm" else sys.executable
                program = [python, "-c", MEASURE + PROGRAMS[sweep], path]
                found = subprocess.run(program, check=True, capture_output=True, text=True).stdout.split()
                line = "{:10.3f} {:10.2f} {:6.0f}".format(*map(float, found))
                print(f"{millions:8g} {sweep:>9} {line}", flush=True)


if __name__ == "__main__":
    main()
