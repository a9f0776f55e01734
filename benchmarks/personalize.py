"""The recurrent network beside its rivals, tuned beside its defaults, and the documented request on a clock.

    OMP_NUM_THREADS=1 python benchmarks/personalize.py [ranking] [tuning] [request]

*ranking*: NDCG@25 on the temporal split of MovieLens small, all 671 users; an event is a rating, whatever its stars.
*tuning*: the ranges of the documented request (and as a second table the recipe's own), tuned on the training rows
alone, as the service does it; then tuned values and defaults are trained and measured on the test rows, on five seeds.
*request*: the documented request, sent to `workshop.cloud` with nothing else running in this process.
"""

import resource
import sys
import time

import numpy as np

from workshop import cloud
from workshop.cloud.personalize import TrainingJob, tuned_config
from workshop.cloud.recipes import METRICS, OBJECTIVE, RECIPES, measure, plan
from workshop.datasets import load_movielens, temporal_split
from workshop.models import EASE, HRNN, Popularity, Sims, Transitions

EXAMPLE = {
    "performAutoML": False,
    "recipeArn": "arn:aws:personalize:::recipe/aws-hrnn",
    "performHPO": True,
    "solutionConfig": {
        "algorithmHyperParameters": {"hidden_dimension": "55"},
        "hpoConfig": {
            "algorithmHyperParameterRanges": {
                "categoricalHyperParameterRanges": [{"name": "recency_mask", "values": ["true", "false"]}],
                "integerHyperParameterRanges": [{"name": "bptt", "minValue": 20, "maxValue": 40}],
            },
            "hpoResourceConfig": {"maxNumberOfTrainingJobs": "4", "maxParallelTrainingJobs": "2"},
        },
    },
}
RECIPE = RECIPES[EXAMPLE["recipeArn"]]
JOBS = {"maxNumberOfTrainingJobs": "12", "maxParallelTrainingJobs": "2"}
WHOLE_RECIPE = EXAMPLE | {"solutionConfig": {"hpoConfig": {"hpoResourceConfig": JOBS}}}


def ranking():
    train, test = temporal_split(load_movielens().frame)
    print(f"{'NDCG@25':>30} {'P@10':>7} {'coverage':>9} {'CPU s':>6}")
    models = {"popularity": Popularity(), "item to item": Sims(), "EASE": EASE(), "transitions": Transitions()}
    models["EASE, blind to order"] = EASE(half_age=np.inf)
    models |= {f"HRNN, defaults, seed {seed}": HRNN(seed=seed) for seed in range(3)}
    for name, model in models.items():
        started = time.process_time()
        model.fit(train)
        seconds, found = time.process_time() - started, measure(model, train, test)
        figures = f"{found[OBJECTIVE]:>7.4f} {found['precision_at_10']:>7.4f} {found['coverage']:>9.4f} {seconds:>6.1f}"
        print(f"{name:>22} {figures}", flush=True)


def tuning(n_seeds=5):
    train, test = temporal_split(load_movielens().frame)
    for title, request in (("the documented request", EXAMPLE), ("the recipe's own ranges", WHOLE_RECIPE)):
        wish = plan(RECIPE, request)
        tuned = wish.fixed | tuned_config(TrainingJob(wish, OBJECTIVE, *temporal_split(train)))
        print(f"{title}, {wish.n_jobs} jobs, found {tuned}")
        for name, config in (("defaults", RECIPE.defaults()), ("tuned", tuned)):
            values = [measure(HRNN(**config, seed=seed).fit(train), train, test)[OBJECTIVE] for seed in range(n_seeds)]
            print(f"{name:>10} NDCG@25 {np.mean(values):.4f} ({min(values):.4f} to {max(values):.4f})", flush=True)


def request():
    client, started = cloud.client("personalize"), time.monotonic()
    made = client.create_solution(name="documented", datasetGroupArn=cloud.MOVIELENS_ARN, **EXAMPLE)
    made = client.create_solution_version(solutionArn=made["solutionArn"])
    version = {"solutionVersionArn": made["solutionVersionArn"]}
    while (found := client.describe_solution_version(**version)["solutionVersion"])["status"] not in (
        "ACTIVE",
        "CREATE FAILED",
    ):
        time.sleep(0.2)
    seconds = time.monotonic() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)  # the trainer has ended, so its seconds are counted
    print(f"{found['status']} after {seconds:.1f} s ({used.ru_utime + used.ru_stime:.1f} s of CPU)")
    print(found["tunedHPOParams"])
    metrics = client.get_solution_metrics(**version)["metrics"]
    print({name: round(metrics[name], 4) for name in METRICS})


if __name__ == "__main__":
    for part in sys.argv[1:] or ("ranking", "tuning", "request"):
        print(f"\n{part}")
        {"ranking": ranking, "tuning": tuning, "request": request}[part]()
