"""How much faster two dask workers tune XGBoost than one, and whether they find as good a model.

    OMP_NUM_THREADS=1 python benchmarks/scale_out.py               # needs a quiet machine with two cores; 3 minutes
    OMP_NUM_THREADS=1 python benchmarks/scale_out.py --strategy random --repeats 1

Each repetition tunes 64 trials with one worker and with two, one after the other, on clusters that are already up and
have imported what they need. The ratio of the wall-clock times is the claim. On a machine that does other things too
it says little, so two more figures are printed: how much more work two bare processes get done here and now than one
(at best 2), and the processor's seconds, of the workers and of the process that proposes, which load changes less.
"""

import argparse
import multiprocessing
import statistics
import time

from distributed import Client, LocalCluster

from workshop.datasets import load_movielens
from workshop.objectives import LikedAUC
from workshop.tuning import BayesianSearch, Float, Int, RandomSearch, Space, tune

SPACE = Space(
    {
        "eta": Float(0.01, 0.5, log=True),
        "max_depth": Int(2, 8),
        "num_round": Int(100, 300),
        "subsample": Float(0.5, 1),
    }
)
STRATEGIES = {"bayesian": BayesianSearch(), "random": RandomSearch()}


def busy(seconds):
    """Return how many rounds of pure computing this process gets done in so many seconds."""
    end, rounds = time.perf_counter() + seconds, 0
    while time.perf_counter() < end:
        sum(range(2000))
        rounds += 1
    return rounds


def capacity(seconds=2.0):
    """Return how much more two processes get done than one, here and now: 2 on two idle cores."""
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map(busy, [0.1, 0.1])
        (alone,) = pool.map(busy, [seconds])
        return sum(pool.map(busy, [seconds, seconds], chunksize=1)) / alone


def measure(client, objective, strategy, seed, n_trials):
    """Return (best AUC, wall seconds, CPU seconds of the workers, CPU seconds here) of one study on all workers."""
    n_workers = len(client.nthreads())
    client.run(lambda: __import__("workshop.objectives"))
    before, here = sum(client.run(time.process_time).values()), time.process_time()
    begin = time.perf_counter()
    study = tune(
        objective,
        SPACE,
        strategy,
        n_trials,
        direction="maximize",
        seed=seed,
        max_parallel=n_workers,
        executor=client.get_executor(),
        progress=False,
    )
    wall = time.perf_counter() - begin
    if len(study.history.complete) != n_trials:
        raise RuntimeError(f"the study ended with {study.history!r}")
    return study.best.value, wall, sum(client.run(time.process_time).values()) - before, time.process_time() - here


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--strategy", choices=STRATEGIES, default="bayesian")
    parser.add_argument("--rows", type=int, default=20_000, help="training rows; a trial takes about half a second")
    arguments = parser.parse_args()
    objective = LikedAUC(load_movielens(), n_train=arguments.rows)
    quiet = {"threads_per_worker": 1, "dashboard_address": ":0", "silence_logs": 50}
    print(f"{arguments.trials} trials, {arguments.strategy} search; wall s / CPU s of workers / CPU s here / best AUC")
    ratios, gains, bests = [], [], {1: [], 2: []}
    with LocalCluster(n_workers=1, **quiet) as small, LocalCluster(n_workers=2, **quiet) as large:
        with Client(small) as one, Client(large) as two:
            for seed in range(arguments.repeats):
                possible, walls = capacity(), {}
                for n_workers, client in ((1, one), (2, two)):
                    strategy = STRATEGIES[arguments.strategy]
                    best, wall, workers, here = measure(client, objective, strategy, seed, arguments.trials)
                    walls[n_workers] = wall
                    bests[n_workers].append(best)
                    print(
                        f"seed {seed}, {n_workers} worker(s): {wall:.1f} / {workers:.1f} / {here:.1f} / {best:.4f}",
                        flush=True,
                    )
                ratios.append(walls[1] / walls[2])
                gains.append(possible)
                print(
                    f"seed {seed}: {ratios[-1]:.2f} times as fast; two bare processes: {possible:.2f} times", flush=True
                )
    difference = statistics.mean(bests[2]) - statistics.mean(bests[1])
    print(
        f"median ratio {statistics.median(ratios):.2f} (bare processes {statistics.median(gains):.2f}); mean best AUC "
        f"{statistics.mean(bests[1]):.4f} with one, {statistics.mean(bests[2]):.4f} with two ({difference:+.4f})"
    )


if __name__ == "__main__":
    main()
