"""Our Bayesian search and its peers on BBOB, the 24 noiseless functions of COCO, with and without noise.

    python benchmarks/bbob.py --label before --instances 1:6
    python benchmarks/bbob.py --tools optuna-tpe ngopt --instances 6:11
    python benchmarks/bbob.py --label before after --instances 1:6 --table

Every run is added to the cache (a JSON line each) as soon as it ends; a later call runs only what is missing. So the
peers need not run again when our engine changes: give our new runs another label. Then, and with --table at once, the
tables are printed from the cache. We tune on instances 1 to 5 and report 6 to 10.

A run makes 20 d evaluations in d dimensions, and is read after 10 d and 20 d of them; a tool that takes the budget into
account is run for both. Its *gap* is that of the point that measured best: true value minus minimum. Measured is the
true value, or, with noise s, minimum + gap (1 + s z); z is standard normal, and the same for the k-th evaluation of
every tool. So noise s = .03 is 3% of the gap: large far from the minimum, and none at it.

Hansen, Auger, Ros, Mersmann, Tusar, Brockhoff: COCO: a platform for comparing continuous optimizers in a black-box
setting. Optimization Methods and Software 36 (2021).
"""

import argparse
import itertools
import json
import os
import time
from pathlib import Path

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import cocoex
import numpy as np
from bbob_peers import BOUNDS, PEERS, TAKES_BUDGET, Spent
from scipy.stats import rankdata
from tqdm import tqdm

OURS = "workshop"
BUDGETS = (10, 20)  # evaluations per dimension
GROUPS = {
    "separable": range(1, 6),
    "low conditioning": range(6, 10),
    "high conditioning": range(10, 15),
    "multimodal": range(15, 20),
    "weak structure": range(20, 25),
}
SOLVED = 1e-8  # COCO's own precision: smaller gaps are equal


def ours(objective, dimension, n_evaluations, seed):
    from workshop.tuning import BayesianSearch, Float, Space, tune

    space = Space({f"x{i}": Float(*BOUNDS) for i in range(dimension)})
    tune(
        lambda config: objective(list(config.values())),
        space,
        BayesianSearch(),
        n_evaluations,
        seed=seed,
        progress=False,
    )


class Problem:
    """A BBOB function that returns the measured value and keeps, after each call, the true gap of the best so far."""

    def __init__(self, function, dimension, instance, noise, n_evaluations):
        self.function = cocoex.BareProblem("bbob", function, dimension, instance)
        self.minimum = self.function.best_value()
        self.noise, self.n_evaluations = noise, n_evaluations
        self.seed = [function, dimension, instance]
        self.best_measured, self.gaps, self.seconds = np.inf, [], 0.0

    def __call__(self, x):
        if len(self.gaps) >= self.n_evaluations:
            raise Spent
        start = time.process_time()
        gap = self.function(np.asarray(x, dtype=float)) - self.minimum
        z = np.random.default_rng([*self.seed, len(self.gaps)]).normal()
        measured = self.minimum + gap * (1 + self.noise * z)
        if measured < self.best_measured:
            self.best_measured, self.best_gap = measured, gap
        self.gaps.append(self.best_gap)
        self.seconds += time.process_time() - start
        return float(measured)


def run(tool, function, dimension, instance, noise):
    """Return the gaps at both budgets and the CPU milliseconds a proposal, as the cache keeps them, a dict."""
    search, gaps = PEERS.get(tool, ours), {}
    for per_dimension in BUDGETS if tool in TAKES_BUDGET else BUDGETS[-1:]:
        n_evaluations = per_dimension * dimension
        problem = Problem(function, dimension, instance, noise, n_evaluations)
        start = time.process_time()
        try:
            search(problem, dimension, n_evaluations, seed=instance)
        except Spent:
            pass
        seconds = time.process_time() - start - problem.seconds
        for budget in [per_dimension] if tool in TAKES_BUDGET else BUDGETS:
            gaps[str(budget)] = problem.gaps[: budget * dimension][-1]  # shgo can end before all are used
    return {"gaps": gaps, "ms": 1000 * seconds / len(problem.gaps)}


def key_of(record):
    return tuple(record[name] for name in ("tool", "function", "dimension", "instance", "noise"))


def load(path):
    """Return what the cache holds: (tool, function, dimension, instance, noise) -> record, a dict."""
    lines = path.read_text().splitlines() if path.exists() else []
    return {key_of(record): record for record in map(json.loads, lines)}


def table(rows, header):
    print("| " + " | ".join(header) + " |\n|" + "---|" * len(header))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def log_gaps(results, tool, dimension, noise, budget, functions, instances):
    """Return log10 of the gaps of a tool: (function, instance) -> value, a dict."""
    keys = {(f, i): (tool, f, dimension, i, noise) for f in functions for i in instances}
    return {
        problem: np.log10(max(results[key]["gaps"][str(budget)], SOLVED))
        for problem, key in keys.items()
        if key in results
    }


def ranks_of(logs):
    """Return the rank of each tool (a row) at each problem that all of them ran (a column), and these problems."""
    shared = sorted(set.intersection(*(set(by_problem) for by_problem in logs.values())))
    return rankdata([[by_problem[problem] for problem in shared] for by_problem in logs.values()], axis=0), shared


def ahead_by(ranks, shared):
    """Return how much lower the first row's mean rank is than the lowest other one, and a 95% interval, as a str.

    The functions are drawn anew, 4,000 times: instances of one are alike, and say hardly more than one of them.
    """
    others = ranks[1:].mean(axis=1)
    lead = ranks[1 + others.argmin()] - ranks[0]
    by_function = np.array([lead[[f == g for g, _ in shared]].mean() for f in sorted({f for f, _ in shared})])
    drawn = by_function[np.random.default_rng(0).integers(len(by_function), size=(4000, len(by_function)))].mean(axis=1)
    return f"{lead.mean():.2f} [{np.quantile(drawn, 0.025):.2f}, {np.quantile(drawn, 0.975):.2f}]"


def won_and_lost(mine, other):
    shared = set(mine) & set(other)
    return f"{sum(mine[p] < other[p] for p in shared)} : {sum(mine[p] > other[p] for p in shared)}"


def medians_by_function(by_problem):
    """Return the median log10 gap over the instances of each function, a dict."""
    functions = sorted({f for f, _ in by_problem})
    return {f: np.median([v for (g, _), v in by_problem.items() if g == f]) for f in functions}


def report(results, options):
    """Print, for each dimension, noise and budget, how the tools compare, and a summary of their ranks."""
    summary = []
    for noise, dimension, budget in itertools.product(options.noise, options.dimensions, BUDGETS):
        chosen = (dimension, noise, budget, options.functions, options.instances)
        logs = {tool: log_gaps(results, tool, *chosen) for tool in options.tools}
        logs = {tool: by_problem for tool, by_problem in logs.items() if by_problem}
        if not logs:
            continue
        all_ranks, shared = ranks_of(logs)
        ranks = dict(zip(logs, all_ranks.mean(axis=1) if shared else [np.nan] * len(logs), strict=True))
        setting = f"d = {dimension}, {budget * dimension} evaluations, {noise:.0%} noise"
        lead = ahead_by(all_ranks, shared) if shared and len(logs) > 1 else ""
        summary.append([setting, str(len(shared)), *(f"{ranks.get(t, np.nan):.2f}" for t in options.tools), lead])
        print(f"{setting}: mean rank over {len(shared)} problems; median log10 gap of all runs\n")
        ms = {t: [results[t, f, dimension, i, noise]["ms"] for f, i in by_problem] for t, by_problem in logs.items()}
        table_of_tools(logs, ranks, ms)
        table_of_functions(logs, options.functions if options.each_function else [])
    print("Mean rank, 1 is best\n")
    table(summary, ["", "problems", *options.tools, "first ahead of the best other by, 95% interval"])


def table_of_tools(logs, ranks, ms):
    first, rows = next(iter(logs)), []
    for tool, by_problem in logs.items():
        groups = [[v for (f, _), v in by_problem.items() if f in functions] for functions in GROUPS.values()]
        rows.append(
            [
                tool,
                str(len(by_problem)),
                f"{ranks[tool]:.2f}",
                won_and_lost(logs[first], by_problem) if tool != first else "",
                f"{np.median(list(by_problem.values())):.2f}",
                *(f"{np.median(group):.2f}" if group else "" for group in groups),
                f"{np.median(ms[tool]):.1f}",
            ]
        )
    table(rows, ["tool", "runs", "rank", f"{first} won : lost", "all", *GROUPS, "CPU ms"])


def table_of_functions(logs, functions):
    medians = {tool: medians_by_function(by_problem) for tool, by_problem in logs.items()}
    rows = [[f"f{f}", *(f"{medians[tool].get(f, np.nan):.2f}" for tool in medians)] for f in functions]
    if rows:
        table(rows, ["median log10 gap", *medians])
    for tool in medians:
        if tool.startswith(OURS) and "random" in medians:
            lost = [f"f{f}" for f, v in medians[tool].items() if v > medians["random"].get(f, np.inf)]
            print(f"{tool} loses to random search in the median on: {', '.join(lost) or 'none'}\n")


def numbers(text):
    """Return the whole numbers of "6:11" (the last one not included) or "6"."""
    first, _, end = text.partition(":")
    return list(range(int(first), int(end or int(first) + 1)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", nargs="+", choices=[OURS, *PEERS], default=[OURS, "random"])
    parser.add_argument("--label", nargs="+", default=["now"], help="of our runs; only the first is run")
    parser.add_argument("--instances", nargs="+", type=numbers, default=[numbers("1:6")], help="such as 1:6 or 7")
    parser.add_argument("--dimensions", nargs="+", type=int, choices=(2, 3, 5), default=[2, 3, 5])
    parser.add_argument("--functions", nargs="+", type=numbers, default=[numbers("1:25")], help="such as 1:25 or 6")
    parser.add_argument("--noise", nargs="+", type=float, default=[0.0, 0.03], help="share of the gap")
    parser.add_argument("--cache", type=Path, default=Path("build/bbob.jsonl"))
    parser.add_argument("--table", action="store_true", help="run nothing, print the tables")
    parser.add_argument("--each-function", action="store_true", help="print the median of every function as well")
    options = parser.parse_args()
    options.instances = list(itertools.chain(*options.instances))
    options.functions = list(itertools.chain(*options.functions))
    labels = [f"{OURS} {label}" for label in options.label] if OURS in options.tools else []
    options.tools = labels + [tool for tool in options.tools if tool != OURS]

    results = load(options.cache)
    if not options.table:
        wanted = itertools.product(
            [tool for tool in options.tools if tool not in labels[1:]],
            options.instances,
            options.noise,
            options.dimensions,
            options.functions,
        )
        wanted = [(tool, f, d, i, noise) for tool, i, noise, d, f in wanted]
        options.cache.parent.mkdir(parents=True, exist_ok=True)
        with options.cache.open("a") as cache:
            bar = tqdm([key for key in wanted if key not in results])
            for key in bar:
                bar.set_description("{} f{} d{} i{} {:.0%}".format(*key))
                named = dict(zip(("tool", "function", "dimension", "instance", "noise"), key, strict=True))
                results[key] = named | run(*key)
                cache.write(json.dumps(results[key]) + "\n")
                cache.flush()
    report(results, options)


if __name__ == "__main__":
    main()
