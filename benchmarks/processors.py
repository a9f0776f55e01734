"""How many studies are equal, config by config, on every processor that this one can imitate.

    python benchmarks/processors.py --studies 50
    python benchmarks/processors.py --problems branin --studies 10 --settings Haswell Prescott

OPENBLAS_CORETYPE chooses the kernels that multiply matrices in NumPy and SciPy, NPY_DISABLE_CPU_FEATURES takes vector
instructions away from NumPy's own functions, OMP_NUM_THREADS splits sums: each setting runs the same studies in a
process of its own. A study is equal if all its configs are, to the last digit, under all settings.
"""

import argparse
import json
import os
import subprocess
import sys
from collections import Counter

from problems import PROBLEMS

from workshop.tuning import BayesianSearch, tune

KERNELS = ("SkylakeX", "Haswell", "Zen", "Sandybridge", "Nehalem", "Prescott")
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
SETTINGS = {kernels: {"OPENBLAS_CORETYPE": kernels, **ONE_THREAD} for kernels in KERNELS} | {
    "2 threads": {"OPENBLAS_CORETYPE": "Haswell", "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"},
    "no AVX in NumPy": {
        "OPENBLAS_CORETYPE": "Haswell",
        "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX2 FMA3",
        **ONE_THREAD,
    },
}


def configs(problem, seed):
    """Return the configs of a study, as text, a list."""
    problem = PROBLEMS[problem]
    study = tune(problem.truth, problem.space, BayesianSearch(), problem.n_trials, seed=seed, progress=False)
    return [repr(dict(trial.config)) for trial in study.history]


def run_elsewhere(setting, problem, n_studies):
    """Return the configs of each study under a setting, a list of lists."""
    command = [sys.executable, __file__, "--problems", problem, "--studies", str(n_studies), "--child"]
    environment = os.environ | SETTINGS[setting]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problems", nargs="+", default=["branin", "hartmann6", "xgboost", "network5"])
    parser.add_argument("--settings", nargs="+", choices=SETTINGS, default=list(SETTINGS))
    parser.add_argument("--studies", type=int, default=50)
    parser.add_argument("--child", action="store_true", help="run the studies here and print their configs")
    options = parser.parse_args()
    if options.child:
        print(json.dumps([configs(options.problems[0], seed) for seed in range(options.studies)]))
        return
    for problem in options.problems:
        found = {setting: run_elsewhere(setting, problem, options.studies) for setting in options.settings}
        studies = list(zip(*found.values(), strict=True))  # a study: its configs under each setting
        equal = sum(all(other == study[0] for other in study) for study in studies)
        print(f"{problem}: {equal} of {len(studies)} studies equal under {len(found)} settings", flush=True)
        for seed, study in enumerate(studies):
            ways = Counter(map(str, study))
            usual = ways.most_common(1)[0][0]
            for setting, other in zip(found, study, strict=True):
                if str(other) != usual:
                    usual_study = next(s for s in study if str(s) == usual)
                    first = next(i for i, (a, b) in enumerate(zip(other, usual_study, strict=True)) if a != b)
                    print(f"  seed {seed}, {setting}, from trial {first}: {other[first]} for {usual_study[first]}")


if __name__ == "__main__":
    main()
