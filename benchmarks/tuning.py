"""Our tuners and their peers on the same problems, in one run on one thread.

    python benchmarks/tuning.py --tuners workshop random --problems branin hartmann6 --seeds 0:30 --save results.json
    python benchmarks/tuning.py --problems --time --sizes 15 60 300 1000 2000 --tuners workshop
    PYTHONPATH=CHECKOUT python benchmarks/tuning.py --tuners workshop --problems xgboost --save before.json
    python benchmarks/tuning.py --tuners workshop --problems xgboost --save now.json --against before.json

Every run is kept in the file as soon as it ends, and a second call adds what is missing, so a long comparison can be
made in pieces and printed from what there is with --load. Times are of CPU, not of the clock on the wall.
"""

import argparse
import json
import os
import time
import warnings
from collections import defaultdict
from pathlib import Path

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import numpy as np
from problems import PROBLEMS

from workshop.tuning import BayesianSearch, Categorical, Exhausted, GridSearch, History, Int, RandomSearch, Trial


class Ours:
    """One of our strategies: it sees the whole history each time."""

    def __init__(self, strategy, space, seed):
        self.strategy, self.space, self.seed, self.trials = strategy, space, seed, []

    def ask(self):
        rng = np.random.default_rng([self.seed, len(self.trials)])
        return self.strategy.propose(self.space, History(self.trials), rng)

    def tell(self, configs, values):
        for config, value in zip(configs, values, strict=True):
            self.trials.append(Trial(len(self.trials), config, "complete", value))


class Optuna:
    def __init__(self, sampler, space, seed):
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        warnings.simplefilter("ignore")
        self.optuna, self.study, self.trial = optuna, optuna.create_study(sampler=sampler(optuna, seed)), None
        distributions = optuna.distributions
        self.space = {
            name: distributions.CategoricalDistribution(p.choices)
            if isinstance(p, Categorical)
            else (distributions.IntDistribution if isinstance(p, Int) else distributions.FloatDistribution)(
                p.low, p.high, log=p.log
            )
            for name, p in space.items()
        }

    def ask(self):
        self.trial = self.study.ask(self.space)
        return dict(self.trial.params)

    def tell(self, configs, values):
        for config, value in zip(configs, values, strict=True):
            if self.trial is not None:
                self.study.tell(self.trial, value)
                self.trial = None
            else:
                known = {"params": config, "distributions": self.space, "value": value}
                self.study.add_trial(self.optuna.trial.create_trial(**known))


class ScikitOptimize:
    def __init__(self, space, seed):
        from skopt import Optimizer
        from skopt import space as kinds

        warnings.simplefilter("ignore")
        prior = {True: "log-uniform", False: "uniform"}
        self.names = list(space)
        self.optimizer = Optimizer(
            [
                kinds.Categorical(p.choices)
                if isinstance(p, Categorical)
                else (kinds.Integer if isinstance(p, Int) else kinds.Real)(p.low, p.high, prior=prior[p.log])
                for p in space.values()
            ],
            random_state=seed,
        )

    def ask(self):
        plain = (v.item() if isinstance(v, np.generic) else v for v in self.optimizer.ask())
        return dict(zip(self.names, plain, strict=True))

    def tell(self, configs, values):
        self.optimizer.tell([[config[name] for name in self.names] for config in configs], list(values))


class BayesianOptimization:
    """Told the logarithm of parameters that are to be searched on it."""

    def __init__(self, space, seed):
        from bayes_opt import BayesianOptimization, acquisition

        warnings.simplefilter("ignore")
        self.space, self.n, bounds = space, 0, {}
        for name, p in space.items():
            bounds[name] = (
                p.choices if isinstance(p, Categorical) else (p.low, p.high, int if isinstance(p, Int) else float)
            )
            if getattr(p, "log", False):
                bounds[name] = (np.log(p.low), np.log(p.high))
        expected = acquisition.ExpectedImprovement(xi=0.01)
        self.optimizer = BayesianOptimization(
            None, bounds, acquisition_function=expected, random_state=seed, allow_duplicate_points=True, verbose=0
        )
        self.rng = np.random.default_rng(seed)

    def ask(self):
        if self.n < 5:
            return self.space.sample(self.rng)
        config = {}
        for name, value in self.optimizer.suggest().items():
            p = self.space[name]
            if isinstance(p, Categorical):
                config[name] = p.choices[[str(c) for c in p.choices].index(str(value))]
            else:
                number = float(np.exp(value) if p.log else value)
                config[name] = min(max(round(number) if isinstance(p, Int) else number, p.low), p.high)
        return config

    def tell(self, configs, values):
        for config, value in zip(configs, values, strict=True):
            logs = {n: np.log(v) if getattr(self.space[n], "log", False) else v for n, v in config.items()}
            self.optimizer.register(logs, -value)
            self.n += 1


TUNERS = {
    "workshop": lambda space, seed: Ours(BayesianSearch(), space, seed),
    "random": lambda space, seed: Ours(RandomSearch(), space, seed),
    "grid": lambda space, seed: Ours(GridSearch(3), space, seed),
    "optuna-gp": lambda space, seed: Optuna(lambda o, s: o.samplers.GPSampler(seed=s), space, seed),
    "optuna-tpe": lambda space, seed: Optuna(lambda o, s: o.samplers.TPESampler(seed=s), space, seed),
    "scikit-optimize": ScikitOptimize,
    "bayesian-optimization": BayesianOptimization,
}


def run(tuner, problem, seed, n_trials):
    """Return the true value of the config that measured best, after all trials, a float."""
    search, noise = TUNERS[tuner](problem.space, seed), np.random.default_rng([seed, 1])
    best_measured, best_true = np.inf, np.inf
    for _ in range(n_trials or problem.n_trials):
        try:
            config = search.ask()
        except Exhausted:
            break
        true = problem.truth(config)
        measured = true + problem.noise * noise.normal()
        if measured < best_measured:
            best_measured, best_true = measured, true
        search.tell([config], [measured])
    return best_true


def proposal_ms(tuner, n_trials, repeats=3):
    """Return the CPU milliseconds of a proposal (ask and tell) on Hartmann-6 after `n_trials` random trials."""
    problem, spent = PROBLEMS["hartmann6"], []
    for seed in range(repeats):
        rng, search = np.random.default_rng(seed), TUNERS[tuner](problem.space, seed)
        configs = [problem.space.sample(rng) for _ in range(n_trials)]
        search.tell(configs, [problem.truth(config) for config in configs])
        search.ask()  # whatever is prepared once
        start = time.process_time()
        for _ in range(3):
            config = search.ask()
            search.tell([config], [problem.truth(config)])
        spent.append((time.process_time() - start) / 3 * 1000)
    return min(spent)


def interval(values, rng=None):
    """Return the ends of the 90% bootstrap interval of the median."""
    rng = rng or np.random.default_rng(0)
    medians = np.median(rng.choice(values, (2000, len(values))), axis=1)
    return np.quantile(medians, [0.05, 0.95])


def report(results, times, sizes):
    """Print regrets, ranks and times."""
    problems = [name for name in PROBLEMS if any(key.startswith(f"{name}/") for key in results)]
    values = defaultdict(dict)  # problem -> tuner -> seed -> value
    for key, value in results.items():
        problem, tuner, seed = key.split("/")
        values[problem].setdefault(tuner, {})[int(seed)] = value
    tuners = [t for t in TUNERS if any(t in values[p] for p in problems)]
    print("simple regret: median [90% bootstrap interval] / mean (seeds)\n")
    ranks = defaultdict(list)
    for problem in problems:
        minimum = PROBLEMS[problem].minimum
        if minimum is None:
            minimum = min(min(by_seed.values()) for by_seed in values[problem].values())
        scale = 1e4 if problem == "xgboost" else 1
        print(f"{problem}, {PROBLEMS[problem].n_trials} trials" + (", in 1e-4 of AUC" if scale > 1 else ""))
        for tuner in tuners:
            if tuner not in values[problem]:
                continue
            regret = scale * (np.array(list(values[problem][tuner].values())) - minimum)
            low, high = interval(regret)
            hit = f"  below .05: {np.mean(regret < 0.05):.0%}" if problem == "hartmann6" else ""
            spread = f"[{low:.2g}, {high:.2g}] / {regret.mean():.3g} ({len(regret)})"
            print(f"  {tuner:22} {np.median(regret):9.2g} {spread}{hit}")
        present = [t for t in tuners if t in values[problem]]
        shared = set.intersection(*(set(values[problem][t]) for t in present))
        for seed in shared:
            scores = np.array([values[problem][t][seed] for t in present])
            places = (scores[:, None] > scores + 1e-12).sum(axis=1) + 0.5 * (
                np.abs(scores[:, None] - scores) <= 1e-12
            ).sum(1)
            for tuner, place in zip(present, places + 0.5, strict=True):
                ranks[tuner, problem].append(place)
    print("\nmean rank over the seeds that all of them ran (1 is best)")
    for tuner in tuners:
        by_problem = {p: np.mean(ranks[tuner, p]) for p in problems if ranks[tuner, p]}
        cells = " ".join(f"{p} {rank:.2f}" for p, rank in by_problem.items())
        print(f"  {tuner:22} {np.mean(list(by_problem.values())):.2f}   {cells}")
    if times:
        print(f"\nCPU ms a proposal after {', '.join(map(str, sizes))} trials")
        for tuner in {key.split("/")[0]: None for key in times}:
            print(f"  {tuner:22} " + " ".join(f"{times.get(f'{tuner}/{n}', np.nan):8.1f}" for n in sizes))


def compare(mine, others):
    """Print for each problem how often our engine is lower than another one of the same name, on the same seeds."""
    for problem in PROBLEMS:
        shared = [key for key in mine if key.startswith(f"{problem}/workshop/") and key in others]
        if shared:
            a, b = (np.array([results[key] for key in shared]) for results in (mine, others))
            better, worse = (a < b - 1e-12).sum(), (a > b + 1e-12).sum()
            print(f"{problem}, {len(shared)} seeds: {better} better, {worse} worse; ", end="")
            print(f"median {np.median(a):.6g} for {np.median(b):.6g}, mean difference {(a - b).mean():.2g}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tuners", nargs="+", choices=TUNERS, default=["workshop", "random"])
    parser.add_argument("--problems", nargs="*", choices=PROBLEMS, default=["branin", "hartmann6"])
    parser.add_argument("--seeds", default="0:10", help="first:last+1")
    parser.add_argument("--trials", type=int, help="instead of each problem's own number; not kept in the file")
    parser.add_argument("--against", type=Path, help="another engine's file: compare seed by seed")
    parser.add_argument("--time", action="store_true", help="also time proposals on Hartmann-6")
    parser.add_argument("--sizes", nargs="+", type=int, default=[15, 30, 60, 200], help="trials before it")
    parser.add_argument("--save", type=Path, help="add results to this file, leaving out runs that are in it")
    parser.add_argument("--load", type=Path, nargs="+", help="run nothing, print these files")
    options = parser.parse_args()
    results, times = {}, {}
    for path in options.load or [options.save]:
        if path and path.exists():
            saved = json.loads(path.read_text())
            results |= saved["results"]
            times |= saved["times"]

    def keep():
        if options.save:
            options.save.write_text(json.dumps({"results": results, "times": times}))

    if not options.load:
        for tuner in options.tuners if options.time else []:
            for n in options.sizes:
                if f"{tuner}/{n}" not in times:
                    times[f"{tuner}/{n}"] = proposal_ms(tuner, n)
                    keep()
        for seed in range(*map(int, options.seeds.split(":"))):
            for problem in options.problems:
                for tuner in options.tuners:
                    key = f"{problem}/{tuner}/{seed}"
                    if key not in results:
                        results[key] = run(tuner, PROBLEMS[problem], seed, options.trials)
                        keep()
    report(results, times, options.sizes)
    if options.against:
        compare(results, json.loads(options.against.read_text())["results"])


if __name__ == "__main__":
    main()
