"""How soon early stopping and Hyperband reach what random search finds in 30 full trials.

    python benchmarks/early_stopping.py --objectives xgboost short --seeds 0:10 --fresh
    python benchmarks/early_stopping.py --objectives machine --seeds 20:30 --fresh

Random search trains 30 configs to their end: its best value is the target, its seconds are 1. "Same": the others have
the same seed, and so, where they propose at random, the same configs in the same order: what stopping alone saves.
"Fresh": they have another seed, and may have more or less luck than random search had.

Seconds are of CPU on one thread, measured step by step: training, and judging each step. What is trained a second time
is not run again, but its seconds count again. Proposals and rules do not count: a Bayesian one takes 0.02 to 0.1 s,
the rest less than a millisecond.

Three objectives. "xgboost" trains 100 rounds on 20,000 rows, in the ranges that the SageMaker guide recommends, all of
them but the number of rounds. "short" trains 50 rounds on 4,000 rows, in narrow ranges where most configs are good and
small learning rates start slowly. "machine" trains a factorization machine for 27 epochs.
"""

import argparse
import os
import time

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import numpy as np

from workshop.cloud import algorithms
from workshop.cloud.service import tunable
from workshop.datasets import load_movielens, temporal_split
from workshop.metrics import rmse
from workshop.models import FactorizationMachineRegressor, FeatureBuilder
from workshop.objectives import LikedAUC
from workshop.tuning import BayesianSearch, Float, Hyperband, Int, MedianRule, RandomSearch, Space, Study

N_TRIALS, OTHER_SEEDS, LIMIT = 30, 10_000, 1.0
GUIDE = tunable(algorithms.XGBOOST)
XGBOOST = Space({name: GUIDE[name].tuning for name in GUIDE if name != "num_round"})
SHORT = Space(
    {
        "eta": Float(0.003, 1, log=True),
        "max_depth": Int(1, 10),
        "min_child_weight": Float(0.1, 100, log=True),
        "gamma": Float(0, 5),
        "subsample": Float(0.3, 1),
        "lambda": Float(0.01, 100, log=True),
    }
)
MACHINE = Space(
    {
        "n_factors": Int(1, 16, log=True),
        "linear_lr": Float(1e-4, 0.1, log=True),
        "factors_lr": Float(1e-4, 0.1, log=True),
        "linear_wd": Float(1e-5, 0.1, log=True),
        "factors_wd": Float(1e-5, 0.1, log=True),
        "init_sigma": Float(1e-3, 1, log=True),
        "batch_size": Int(300, 3000, log=True),
    }
)


def xgboost(ratings):
    """Objective, space, number of steps and direction."""
    liked = LikedAUC(ratings, n_train=20_000)
    return lambda config: liked.report({**config, "num_round": 100}), XGBOOST, 100, "maximize"


def short(ratings):
    """As `xgboost`, with default rounds and rows; here stopping pays less."""
    return LikedAUC(ratings).report, SHORT, 50, "maximize"


def machine(ratings):
    """As `xgboost`, for the factorization machine."""
    older, _ = temporal_split(ratings.frame)
    older, valid = temporal_split(older)
    train = older.sample(6000, random_state=0)
    builder = FeatureBuilder().fit(train)
    X, X_valid = builder.transform(train), builder.transform(valid)

    def report(config):
        """Yield the validation RMSE after each epoch of Adam; a machine whose numbers become too large raises."""
        learner = FactorizationMachineRegressor(solver="adam", random_state=0, **config)
        for _ in range(config.get("n_iter", 27)):
            learner.partial_fit(X, train["rating"], fields=builder.fields_)
            yield rmse(valid["rating"], learner.predict(X_valid))

    return report, MACHINE, 27, "minimize"


OBJECTIVES = {"xgboost": xgboost, "short": short, "machine": machine}


def contestants(n_steps):
    """Strategy and stopping rule of each row of the table; everything by default but the number of steps."""
    return {
        "random + median rule": (RandomSearch(), MedianRule()),
        "Hyperband": (Hyperband(n_steps), None),
        "Bayesian + median rule": (BayesianSearch(), MedianRule()),
        "Bayesian in Hyperband": (Hyperband(n_steps, strategy=BayesianSearch()), None),
    }


def is_bayesian(strategy):
    return isinstance(getattr(strategy, "strategy", strategy), BayesianSearch)


class Recorded:
    """A reporting objective and the clock of its training; values and seconds of a config are kept."""

    def __init__(self, report):
        self._report, self._known, self._ended, self._now = report, {}, set(), 0.0

    def __call__(self, config):
        key = tuple(config.items())
        steps = self._known.setdefault(key, [])
        yield from self._go_through(list(steps))
        if key in self._ended:
            return
        training = self._report(config)
        for _ in steps:  # stopped before: trained again up to there, off the clock
            next(training)
        while True:
            begin = time.process_time()
            value = next(training, None)
            if value is None:
                break
            steps.append((value, time.process_time() - begin))
            yield from self._go_through(steps[-1:])
        self._ended.add(key)

    def _go_through(self, steps):
        for value, seconds in steps:
            self._now += seconds
            yield value

    def now(self):
        return self._now


def run(objective, space, strategy, rule, direction, seed, done):
    """The study after trials in turn until `done(study)`."""
    study = Study(space, strategy, stopping=rule, direction=direction, seed=seed, clock=objective.now)
    while not done(study):
        trial = study.ask()
        for value in objective(dict(trial.config)):
            if study.report(trial, value):
                study.tell(trial, stopped=True)
                break
        else:
            study.tell(trial)
    return study


def race(report, space, n_steps, direction, seed, fresh):
    """Best value and seconds of random search; share of them, trials and stopped trials of each contestant."""
    sign, objective = 1 if direction == "minimize" else -1, Recorded(report)
    full = run(objective, space, RandomSearch(), None, direction, seed, lambda study: len(study.history) == N_TRIALS)
    target, budget = sign * full.best.value, full.now()
    found = full.best.started + full.best.seconds
    rows = {("random, all trials full", "same"): (found / budget, full.best.number + 1, 0)}

    def done(study):
        reached = study.history and study.history[-1].state == "complete" and sign * study.history[-1].value <= target
        return reached or study.now() > LIMIT * budget

    for name, (strategy, rule) in contestants(n_steps).items():
        seeds = {} if is_bayesian(strategy) else {"same": seed}
        if fresh or not seeds:
            seeds["fresh"] = seed + OTHER_SEEDS
        for configs, other in seeds.items():
            study = run(objective, space, strategy, rule, direction, other, done)
            share = study.now() / budget if study.history[-1].state == "complete" and study.now() <= budget else np.inf
            rows[name, configs] = share, len(study.history), len(study.history.stopped)
    return full.best.value, budget, rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--objectives", nargs="+", default=list(OBJECTIVES), choices=list(OBJECTIVES))
    parser.add_argument("--seeds", default="0:10", help="first:last+1")
    parser.add_argument("--fresh", action="store_true", help="random proposals from other seeds as well")
    arguments = parser.parse_args()
    ratings = load_movielens()
    for objective in arguments.objectives:
        setting = OBJECTIVES[objective](ratings)
        results = []
        for seed in range(*map(int, arguments.seeds.split(":"))):
            results.append(race(*setting, seed, arguments.fresh))
            best, budget, rows = results[-1]
            shares = ", ".join(f"{name} ({configs}) {row[0]:.2f}" for (name, configs), row in rows.items())
            print(f"{objective}, seed {seed}: best {best:.4f} in {budget:.1f} s; {shares}", flush=True)
        print(f"\n{objective}: share of random search's seconds to its best value (inf: not with all of them)")
        print(f"{'':24} {'configs':8} {'median':>7} {'quartiles':>15} {'trials':>7} {'stopped':>8}")
        for name, configs in results[0][2]:
            runs = [rows[name, configs] for _, _, rows in results]
            low, high = np.quantile([run[0] for run in runs], [0.25, 0.75], method="nearest")
            share, trials, stopped = np.median(runs, axis=0)
            print(f"{name:24} {configs:8} {share:7.2f} {f'{low:.2f} to {high:.2f}':>15} {trials:7.0f} {stopped:8.0f}")
        print()


if __name__ == "__main__":
    main()
