"""Amazon SageMaker's tuning jobs and their training jobs: what the service answers."""

import math
import zlib
from collections.abc import Iterable, Mapping
from threading import Thread
from typing import Any

import pandas as pd

from workshop.cloud.algorithms import ALGORITHMS, Data
from workshop.cloud.service import Refused, Service, as_text, page
from workshop.cloud.tuning_job import COMPLETED, FAILED, IN_PROGRESS, STOPPED, STOPPING, TuningJob, as_job
from workshop.datasets import Ratings
from workshop.tuning import Trial

HERE = "arn:aws:sagemaker:local:000000000000"
MOVIELENS_URI = "s3://movielens/small"
STATUSES = {"running": IN_PROGRESS, "complete": COMPLETED, "stopped": STOPPED, "failed": FAILED}


class SageMaker(Service):
    """Amazon SageMaker, from a tuning job to its training jobs; each tuning job runs in threads of this process.

    Role, network, instances and output paths are checked as botocore describes them, but nothing comes of them here,
    and no model is kept. `datasets` says what an address such as ``s3://films/mine`` stands for; ``/train`` and
    ``/validation`` below it are its ratings, cut by time. None stands for the ratings that ship.
    """

    def __init__(self, datasets: Mapping[str, Ratings | None] | None = None):
        datasets = {MOVIELENS_URI: None} if datasets is None else datasets
        self._data = {address: Data(ratings) for address, ratings in datasets.items()}
        self._jobs: dict[str, TuningJob] = {}  # by name, in small letters: the service takes no notice of capitals

    def create_hyper_parameter_tuning_job(self, request: dict) -> dict:
        """Return the HyperParameterTuningJobArn; the job has begun."""
        job = as_job(request, self._data, lambda name: self._jobs.get(name.lower()))
        if self._jobs.setdefault(job.name.lower(), job) is not job:
            taken = f"A hyperparameter tuning job with the name, {job.name}, already exists. Choose a different name."
            raise Refused("ResourceInUse", taken)
        Thread(target=job.run, daemon=True).start()
        return {"HyperParameterTuningJobArn": arn(job)}

    def describe_hyper_parameter_tuning_job(self, request: dict) -> dict:
        """Return the job: what was asked for, its status, and its best training job so far."""
        return tuning_job(self._job(request))

    def list_hyper_parameter_tuning_jobs(self, request: dict) -> dict:
        """Return a page of summaries."""
        part, entries = request.get("NameContains", "").lower(), map(tuning_job, list(self._jobs.values()))
        found = [entry for entry in entries if part in entry["HyperParameterTuningJobName"].lower()]
        return listed("HyperParameterTuningJobSummaries", found, request)

    def list_training_jobs_for_hyper_parameter_tuning_job(self, request: dict) -> dict:
        """Return a page of summaries of training jobs."""
        job = self._job(request)
        entries = [training_job(job, trial) for trial in job.history]
        if request.get("SortBy") == "FinalObjectiveMetricValue":
            entries = [entry for entry in entries if "FinalHyperParameterTuningJobObjectiveMetric" in entry]
        return listed("TrainingJobSummaries", entries, request)

    def describe_training_job(self, request: dict) -> dict:
        """Return one training job of a tuning job."""
        name = request["TrainingJobName"]
        for job in list(self._jobs.values()):
            for trial in job.history:
                if training_name(job, trial) == name:
                    return training_job(job, trial)
        raise Refused("ResourceNotFound", f"Requested resource not found: there is no training job {name}")

    def stop_hyper_parameter_tuning_job(self, request: dict) -> None:
        """Let the job stop soon, with its running training jobs; until then it is Stopping."""
        job = self._job(request)
        if job.ended:
            raise ValueError(f"The request was rejected because the tuning job is {job.status}")
        job.is_stopped = True

    def list_tags(self, request: dict) -> dict:
        """Return the tags of a tuning job, and none for anything else."""
        jobs = [job for job in self._jobs.values() if arn(job) == request["ResourceArn"]]
        return {"Tags": jobs[0].request.get("Tags", []) if jobs else []}

    def _job(self, request: dict) -> TuningJob:
        name = request["HyperParameterTuningJobName"]
        if name.lower() not in self._jobs:
            known = "list_hyper_parameter_tuning_jobs() tells what there is"
            raise Refused("ResourceNotFound", f"Amazon SageMaker can't find a tuning job with the name {name}; {known}")
        return self._jobs[name.lower()]


def listed(name: str, entries: list, request: dict) -> dict:
    """Return the page of entries that a request asks for: of its status and its times, sorted as it says."""
    kind = "TrainingJob" if name.startswith("Training") else "HyperParameterTuningJob"
    found = []
    for entry in entries:
        in_time = all(
            request.get(f"{time}After", -1) < entry[time] < request.get(f"{time}Before", 1e12)
            for time in ("CreationTime", "LastModifiedTime")
        )
        if in_time and request.get("StatusEquals") in (None, entry[f"{kind}Status"]):
            found.append(entry)
    orders = {
        "CreationTime": lambda entry: entry["CreationTime"],
        "FinalObjectiveMetricValue": lambda entry: entry["FinalHyperParameterTuningJobObjectiveMetric"]["Value"],
    }
    by = request.get("SortBy", "Name")
    backwards = request.get("SortOrder", "Ascending") == "Descending"
    found.sort(key=orders.get(by, lambda entry: entry[f"{kind}{by}"]), reverse=backwards)
    return page(name, found, request, size=10)


def arn(job: TuningJob) -> str:
    """Return the tuning job's Amazon resource name."""
    return f"{HERE}:hyper-parameter-tuning-job/{job.name.lower()}"


def tuning_job(job: TuningJob) -> dict:
    """Return all that is said of a tuning job, in full or in a list."""
    n = {state: sum(trial.state == state for trial in job.history) for state in STATUSES}
    by_status = {STATUSES[state]: n[state] for state in ("complete", "running", "stopped")}
    objectives = {"Succeeded": n["complete"] + n["stopped"], "Pending": n["running"], "Failed": n["failed"]}
    details = {"NumberOfTrainingJobsObjectiveNotImproving": job.n_not_improving()}
    answer = job.request | {
        "HyperParameterTuningJobArn": arn(job),
        "HyperParameterTuningJobStatus": job.status,
        "Strategy": job.config["Strategy"],
        "ResourceLimits": job.config["ResourceLimits"],
        "CreationTime": job.created,
        "LastModifiedTime": job.ended or job.began or job.created,
        "TrainingJobDefinition": definition(job),
        "TrainingJobStatusCounters": by_status | {"NonRetryableError": n["failed"], "RetryableError": 0},
        "ObjectiveStatusCounters": objectives,
        "TuningJobCompletionDetails": details | ({"ConvergenceDetectedTime": job.converged} if job.converged else {}),
        "ConsumedResources": {"RuntimeInSeconds": round(job.history.seconds)},
    }
    if job.ended:
        answer["HyperParameterTuningEndTime"] = job.ended
    if job.reason:
        answer["FailureReason"] = job.reason
    if best := best_of([job]):
        answer["BestTrainingJob"] = best
    warm = job.request.get("WarmStartConfig", {}).get("WarmStartType")
    if warm == "IdenticalDataAndAlgorithm" and (best := best_of([job, *job.parents])):
        answer["OverallBestTrainingJob"] = best
    return answer


def best_of(jobs: Iterable[TuningJob]) -> dict:
    """Return the best completed training job of several tuning jobs, {} if there is none."""
    done = [(job.sign * trial.value, job, trial) for job in jobs for trial in job.history.complete]
    return training_job(*min(done, key=lambda entry: entry[0])[1:]) if done else {}


def definition(job: TuningJob) -> dict:
    """Return the TrainingJobDefinition of a request with what the service fills in."""
    given = job.request["TrainingJobDefinition"]
    metric = {"_tuning_objective_metric": job.config["HyperParameterTuningJobObjective"]["MetricName"]}
    metrics = [{"Name": name, "Regex": ".*"} for name in job.algorithm.directions()]  # not found in logs here
    return given | {
        "AlgorithmSpecification": given["AlgorithmSpecification"] | {"MetricDefinitions": metrics},
        "StaticHyperParameters": given.get("StaticHyperParameters", {}) | metric,
        "ResourceConfig": given.get("ResourceConfig") or given.get("HyperParameterTuningResourceConfig", {}),
        "OutputDataConfig": {"KmsKeyId": ""} | given["OutputDataConfig"],
    }


def training_name(job: TuningJob, trial: Trial) -> str:
    """Return what the training job of a trial is called."""
    return f"{job.name}-{trial.number + 1:03}-{zlib.crc32(f'{job.created}/{trial.number}'.encode()):08x}"


def training_job(job: TuningJob, trial: Trial) -> dict:
    """Return all that is said of a training job, in full or in a list.

    No model is kept; the address is where the cloud would have put it.
    """
    name, start, status = training_name(job, trial), job.began + (trial.started or 0), STATUSES[trial.state]
    if trial.state == "running" and job.status == STOPPING:
        status = STOPPING
    filled, tuned = definition(job), {key: as_text(value) for key, value in trial.config.items()}
    answer = filled | {
        "TrainingJobName": name,
        "TrainingJobArn": f"{HERE}:training-job/{name.lower()}",
        "TuningJobName": job.name,
        "TuningJobArn": arn(job),
        "CreationTime": start,
        "LastModifiedTime": start + (trial.seconds or 0),
        "TrainingStartTime": start,
        "TrainingJobStatus": status,
        "SecondaryStatus": "Training" if status == IN_PROGRESS else status,
        "TunedHyperParameters": tuned,
        "HyperParameters": filled["StaticHyperParameters"] | tuned,
        "ObjectiveStatus": {"running": "Pending", "failed": "Failed"}.get(trial.state, "Succeeded"),
        "ModelArtifacts": {"S3ModelArtifacts": f"{filled['OutputDataConfig']['S3OutputPath']}/{name}/model.tar.gz"},
    }
    if trial.seconds is not None:
        answer |= {"TrainingEndTime": start + trial.seconds, "TrainingTimeInSeconds": max(1, round(trial.seconds))}
    if trial.error is not None:
        answer["FailureReason"] = f"AlgorithmError: {trial.error}"[:1024]
    if trial.value is not None:
        metric = job.config["HyperParameterTuningJobObjective"] | {"Value": trial.value}
        answer["FinalHyperParameterTuningJobObjectiveMetric"] = metric
        answer["FinalMetricDataList"] = [metric | {"Timestamp": answer["LastModifiedTime"]}]
    return answer


def training_job_definition(algorithm: str, hyperparameters: Mapping[str, str], source: str = MOVIELENS_URI) -> dict:
    """Return the part of a request that is much the same every time: where a training job reads, runs and writes.

    The algorithm is xgboost, factorization-machines or kmeans; the hyperparameters, strings, are those that keep one
    value; `source` is the address of the data without ``/train``. In the cloud, role and addresses are your own.

    Examples
    --------
    >>> definition = training_job_definition("xgboost", {"num_round": "20"})
    >>> definition["AlgorithmSpecification"]["TrainingImage"]
    '000000000000.dkr.ecr.us-east-1.amazonaws.com/xgboost:1'
    >>> [channel["ChannelName"] for channel in definition["InputDataConfig"]]
    ['train', 'validation']
    """
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise ValueError(f"algorithm={algorithm!r} does not run here; give one of {', '.join(ALGORITHMS)}")
    parts = zip(ALGORITHMS[algorithm].channels, ("train", "validation"), strict=True)
    return {
        "StaticHyperParameters": dict(hyperparameters),
        "AlgorithmSpecification": {
            "TrainingImage": f"000000000000.dkr.ecr.us-east-1.amazonaws.com/{algorithm}:1",
            "TrainingInputMode": "File",
        },
        "RoleArn": "arn:aws:iam::000000000000:role/training",
        "InputDataConfig": [
            {
                "ChannelName": channel,
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"{source}/{part}"}},
            }
            for channel, part in parts
        ],
        "OutputDataConfig": {"S3OutputPath": f"{source}/models"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    }


def analytics(client: Any, name: str) -> pd.DataFrame:
    """Return the training jobs of a tuning job as the package sagemaker has them (HyperparameterTuningJobAnalytics).

    One row per training job in order of their names: its hyperparameters (numbers where they are numbers),
    TrainingJobName, TrainingJobStatus, FinalObjectiveValue (NaN if there is none), TrainingStartTime, TrainingEndTime,
    TrainingElapsedTimeSeconds. The client for SageMaker may be boto3's own; if it knows no tuning job of this name, it
    raises ClientError, and for what is not a name ParamValidationError, both botocore's.

    Examples
    --------
    >>> from workshop.cloud import client
    >>> analytics(client("sagemaker"), "films")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    botocore.errorfactory.ResourceNotFound: An error occurred (ResourceNotFound) when calling ... name films; ...
    """
    if not hasattr(client, "get_paginator"):
        raise TypeError(f"client={client!r} is not a client; give cloud.client('sagemaker')")
    pages = client.get_paginator("list_training_jobs_for_hyper_parameter_tuning_job")
    jobs = list(pages.paginate(HyperParameterTuningJobName=name, SortBy="Name").search("TrainingJobSummaries[]"))
    table = pd.DataFrame([job["TunedHyperParameters"] for job in jobs])
    for column in table:
        numbers = pd.to_numeric(table[column], errors="coerce")
        table[column] = table[column] if numbers.isna().any() else numbers.astype(float)
    for column in ("TrainingJobName", "TrainingJobStatus"):
        table[column] = [job[column] for job in jobs]
    final = (job.get("FinalHyperParameterTuningJobObjectiveMetric", {}) for job in jobs)
    table["FinalObjectiveValue"] = [objective.get("Value", math.nan) for objective in final]
    for column in ("TrainingStartTime", "TrainingEndTime"):
        table[column] = [job.get(column) for job in jobs]
    seconds = table["TrainingEndTime"] - table["TrainingStartTime"]
    return table.assign(TrainingElapsedTimeSeconds=pd.to_timedelta(seconds).dt.total_seconds())
