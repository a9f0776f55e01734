"""One SageMaker request under each strategy, with early stopping, and from a parent: what it finds, and at what cost.

    OMP_NUM_THREADS=1 python benchmarks/sagemaker.py [n_seeds]

XGBoost on MovieLens, `validation:auc`, five hyperparameters; 20 training jobs one after the other, 60 rounds each.
Seconds are those of the training jobs (TrainingElapsedTimeSeconds), medians over the seeds. The last column is what the
service adds: the wall clock of the whole job beyond its training jobs, per training job. The rows named warm start from
the random job of the same seed; they have 10 training jobs, and so has the row cold.
"""

import sys
import time

import numpy as np

from workshop import cloud

RANGES = {
    "ContinuousParameterRanges": [
        {"Name": "eta", "MinValue": "0.005", "MaxValue": "0.5", "ScalingType": "Logarithmic"},
        {"Name": "min_child_weight", "MinValue": "0.1", "MaxValue": "100", "ScalingType": "Logarithmic"},
        {"Name": "gamma", "MinValue": "0", "MaxValue": "5"},
        {"Name": "subsample", "MinValue": "0.5", "MaxValue": "1"},
    ],
    "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "1", "MaxValue": "10"}],
}
JOB = {
    "Strategy": "Random",
    "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:auc"},
    "ResourceLimits": {"MaxNumberOfTrainingJobs": 20, "MaxParallelTrainingJobs": 1},
    "ParameterRanges": RANGES,
}
STATIC = {"objective": "binary:logistic", "num_round": "60", "tree_method": "hist", "max_bin": "32"}
TEN = {"ResourceLimits": {"MaxNumberOfTrainingJobs": 10, "MaxParallelTrainingJobs": 1}}
BAYESIAN = {"Strategy": "Bayesian"}
VARIANTS = {
    "random": ({}, None),
    "random, Auto": ({"TrainingJobEarlyStoppingType": "Auto"}, None),
    "bayesian": (BAYESIAN, None),
    "bayesian, Auto": (BAYESIAN | {"TrainingJobEarlyStoppingType": "Auto"}, None),
    "hyperband": (
        {"Strategy": "Hyperband", "StrategyConfig": {"HyperbandStrategyConfig": {"MinResource": 5, "MaxResource": 60}}},
        None,
    ),
    "cold": (BAYESIAN | TEN, None),
    "warm": (BAYESIAN | TEN, "IdenticalDataAndAlgorithm"),
}


def run(client, variant, seed):
    """Best value, training seconds, stopped jobs, and the seconds beyond training for each training job."""
    changes, kind = VARIANTS[variant]
    name = f"{variant.replace(', ', '-')}-{seed}"
    parents = [{"HyperParameterTuningJobName": f"random-{seed}"}]
    warm = {"WarmStartConfig": {"ParentHyperParameterTuningJobs": parents, "WarmStartType": kind}} if kind else {}
    started = time.monotonic()
    client.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name,
        HyperParameterTuningJobConfig=JOB | {"RandomSeed": seed} | changes,
        TrainingJobDefinition=cloud.training_job_definition("xgboost", STATIC),
        **warm,
    )
    while (found := client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name))[
        "HyperParameterTuningJobStatus"
    ] == "InProgress":
        time.sleep(0.05)
    wall, table = time.monotonic() - started, cloud.analytics(client, name)
    seconds = table["TrainingElapsedTimeSeconds"].sum()
    best = found["BestTrainingJob"]["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]
    return best, seconds, (table["TrainingJobStatus"] == "Stopped").sum(), (wall - seconds) / len(table)


def main(n_seeds=5):
    client = cloud.client("sagemaker")
    print(f"{'':>16} {'best AUC':>9} {'training s':>11} {'stopped':>8} {'s beyond, a job':>16}")
    for variant in VARIANTS:
        best, seconds, stopped, beyond = np.median([run(client, variant, seed) for seed in range(n_seeds)], axis=0)
        print(f"{variant:>16} {best:>9.4f} {seconds:>11.2f} {stopped:>8.0f} {beyond:>16.3f}", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
