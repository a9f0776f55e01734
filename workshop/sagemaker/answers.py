"""What the service says of tuning jobs and training jobs, in the shapes of its answers."""

from workshop.aws import as_text
from workshop.sagemaker.runner import not_improving
from workshop.sagemaker.state import ACTIVE, COMPLETED, FAILED, IN_PROGRESS, STOPPED, STOPPING, moment

HERE = "arn:aws:sagemaker:local:000000000000"
STATUSES = {"running": IN_PROGRESS, "complete": COMPLETED, "stopped": STOPPED, "failed": FAILED}
OBJECTIVE_STATUSES = {"running": "Pending", "complete": "Succeeded", "stopped": "Succeeded", "failed": "Failed"}
SECONDARY = {IN_PROGRESS: "Training"}  # the other statuses are called the same
COPIED = (
    "AlgorithmSpecification RoleArn InputDataConfig OutputDataConfig ResourceConfig VpcConfig StoppingCondition "
    "EnableNetworkIsolation EnableInterContainerTrafficEncryption EnableManagedSpotTraining CheckpointConfig "
    "RetryStrategy Environment"
).split()


def arn(job):
    """The tuning job's Amazon resource name."""
    return f"{HERE}:hyper-parameter-tuning-job/{job.name.lower()}"


def training_status(job, trial):
    """The status of one training job."""
    return STOPPING if trial.state == "running" and job.status == STOPPING else STATUSES[trial.state]


def training_times(job, trial):
    """When a training job was created, started and ended, as far as it has, a dict."""
    start = (job.began or job.created) + trial.started
    ended = {} if trial.seconds is None else {"TrainingEndTime": moment(start + trial.seconds)}
    return {"CreationTime": moment(start), "TrainingStartTime": moment(start)} | ended


def training_summary(job, trial):
    """A training job as in a list of them."""
    name = job.training_job_name(trial)
    objective = job.request["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]
    summary = {
        "TrainingJobName": name,
        "TrainingJobArn": f"{HERE}:training-job/{name.lower()}",
        "TuningJobName": job.name,
        **training_times(job, trial),
        "TrainingJobStatus": training_status(job, trial),
        "TunedHyperParameters": {key: as_text(value) for key, value in trial.config.items()},
        "ObjectiveStatus": OBJECTIVE_STATUSES[trial.state],
    }
    if trial.error is not None:
        summary["FailureReason"] = f"AlgorithmError: {trial.error}"[:1024]
    if trial.value is not None:
        summary["FinalHyperParameterTuningJobObjectiveMetric"] = {**objective, "Value": trial.value}
    return summary


def counters(history):
    """How many training jobs there are of each status, and of each status of their objective; two dicts."""
    n = {state: sum(trial.state == state for trial in history) for state in STATUSES}
    by_status = {"Completed": n["complete"], "InProgress": n["running"], "Stopped": n["stopped"]}
    by_status |= {"NonRetryableError": n["failed"], "RetryableError": 0}
    succeeded = n["complete"] + n["stopped"]
    return by_status, {"Succeeded": succeeded, "Pending": n["running"], "Failed": n["failed"]}


def tuning_summary(job):
    """A tuning job as in a list of them."""
    by_status, by_objective = counters(job.history)
    config = job.request["HyperParameterTuningJobConfig"]
    return {
        "HyperParameterTuningJobName": job.name,
        "HyperParameterTuningJobArn": arn(job),
        "HyperParameterTuningJobStatus": job.status,
        "Strategy": config["Strategy"],
        **times(job),
        "TrainingJobStatusCounters": by_status,
        "ObjectiveStatusCounters": by_objective,
        "ResourceLimits": config["ResourceLimits"],
    }


def times(job):
    """When a tuning job was created, last changed and, if it has, ended."""
    made = {"CreationTime": moment(job.created), "LastModifiedTime": moment(job.updated)}
    return made | ({} if job.ended is None else {"HyperParameterTuningEndTime": moment(job.ended)})


def best_of(jobs):
    """The summary of the best completed training job of several tuning jobs, or None."""
    done = [(job.plan.sign * trial.value, job, trial) for job in jobs for trial in job.history.complete]
    if not done:
        return None
    _, job, trial = min(done, key=lambda entry: entry[0])
    return training_summary(job, trial)


def description(job, parents):
    """A tuning job in full; `parents` are those whose results count with its own."""
    history = job.history
    summary = tuning_summary(job)
    for name in ("Strategy", "ResourceLimits"):
        del summary[name]
    given = ("HyperParameterTuningJobConfig", "TrainingJobDefinition", "WarmStartConfig")
    described = summary | {name: job.request[name] for name in given if name in job.request}
    values = [trial.value for trial in history.complete]
    details = {"NumberOfTrainingJobsObjectiveNotImproving": not_improving(values, job.plan.sign)}
    if job.converged is not None:
        details["ConvergenceDetectedTime"] = moment(job.converged)
    described["TuningJobCompletionDetails"] = details
    described["ConsumedResources"] = {"RuntimeInSeconds": round(history.seconds)}
    if (best := best_of([job])) is not None:
        described["BestTrainingJob"] = best
    warm = job.request.get("WarmStartConfig", {})
    if warm.get("WarmStartType") == "IdenticalDataAndAlgorithm" and (best := best_of([job, *parents])) is not None:
        described["OverallBestTrainingJob"] = best
    return described | ({} if job.reason is None else {"FailureReason": job.reason})


def training_description(job, trial):
    """A training job in full; no model is kept, and its address is where the cloud would have put it."""
    definition, summary = job.request["TrainingJobDefinition"], training_summary(job, trial)
    name, status = summary["TrainingJobName"], summary["TrainingJobStatus"]
    objective = job.request["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]["MetricName"]
    tuned = summary["TunedHyperParameters"] | {"_tuning_objective_metric": objective}
    described = {key: definition[key] for key in COPIED if key in definition}
    described |= training_times(job, trial)
    described |= {
        "TrainingJobName": name,
        "TrainingJobArn": summary["TrainingJobArn"],
        "TuningJobArn": arn(job),
        "ModelArtifacts": {"S3ModelArtifacts": f"{definition['OutputDataConfig']['S3OutputPath']}/{name}/model.tar.gz"},
        "TrainingJobStatus": status,
        "SecondaryStatus": SECONDARY.get(status, status),
        "HyperParameters": definition.get("StaticHyperParameters", {}) | tuned,
    }
    if trial.error is not None:
        described["FailureReason"] = summary["FailureReason"]
    if trial.seconds is not None:
        described["TrainingTimeInSeconds"] = max(1, round(trial.seconds))
    if trial.value is not None:
        metric = {"MetricName": objective, "Value": trial.value, "Timestamp": summary["TrainingEndTime"]}
        described["FinalMetricDataList"] = [metric]
    return described


def is_active(job):
    """Whether the job has not come to its end."""
    return job.status in ACTIVE
