"""Amazon SageMaker's tuning jobs on this machine: boto3's calls, answered from MovieLens and models of this package."""

import threading
from functools import partial

import pandas as pd

from workshop.aws import ServiceModel, page, temporary_folder
from workshop.sagemaker import answers
from workshop.sagemaker.definition import MOVIELENS_URI
from workshop.sagemaker.plans import LimitExceeded, plan
from workshop.sagemaker.runner import run
from workshop.sagemaker.state import FAILED, IN_PROGRESS, STOPPING, Jobs
from workshop.sagemaker.training import Data
from workshop.sagemaker.warm_start import check_parents

MAX_TUNING_JOBS = 100
ORDERS = {  # what SortBy means
    "Name": lambda entry: entry.get("HyperParameterTuningJobName") or entry["TrainingJobName"],
    "Status": lambda entry: entry.get("HyperParameterTuningJobStatus") or entry["TrainingJobStatus"],
    "CreationTime": lambda entry: entry["CreationTime"],
    "FinalObjectiveMetricValue": lambda entry: entry["FinalHyperParameterTuningJobObjectiveMetric"]["Value"],
}


class LocalSageMaker:
    """A client with the methods, arguments, answers and exceptions of ``boto3.client("sagemaker")``, for tuning jobs.

    A tuning job runs in threads of this process. When the process ends, the job waits: a client opened on the same
    folder goes on with it. Role, network, instances and output paths are checked as the service does, but nothing
    comes of them here, and no model is kept. Autotune, several training job definitions and files that are not on S3
    are not offered.

    Parameters
    ----------
    path : path, optional
        The folder that keeps jobs, made if it is not there: give one, and a client opened on it tomorrow knows them
        all, and refuses a second job of the same name, as the cloud does. By default it is a temporary one and goes
        when the client does, so that a notebook may be run again from its top.
    datasets : dict of str to Ratings, optional
        What an address such as ``s3://films/mine`` stands for; ``/train`` and ``/validation`` below it are its ratings,
        cut by time. By default there is one, `MOVIELENS_URI`: the ratings that ship.

    Raises
    ------
    ImportError
        If botocore is not installed.
    OSError
        If the folder cannot be made or read, or its file is something else.

    Attributes
    ----------
    exceptions : object
        The service's exceptions, such as ``client.exceptions.ResourceInUse``. What it calls ValidationException has
        no class of its own there, and comes as ``client.exceptions.ClientError``.

    Examples
    --------
    >>> client = LocalSageMaker()
    >>> client.list_hyper_parameter_tuning_jobs()
    {'HyperParameterTuningJobSummaries': []}
    """

    def __init__(self, path=None, *, datasets=None):
        self._service = ServiceModel("sagemaker", refusal="ValidationException")
        self._jobs = Jobs(temporary_folder(self) if path is None else path)
        self._datasets = {MOVIELENS_URI: None} if datasets is None else dict(datasets)
        self._data, self._threads = {}, {}
        self.exceptions = self._service.exceptions
        self._look_after()

    def create_hyper_parameter_tuning_job(self, **request):
        """A dict with the HyperParameterTuningJobArn; the job has begun."""
        refuse = self._checked("CreateHyperParameterTuningJob", request)
        name = request["HyperParameterTuningJobName"]
        try:
            wish = plan(request, self._datasets)
            if "WarmStartConfig" in request:
                check_parents(request, wish, self._jobs.job)
        except LimitExceeded as error:
            raise refuse("ResourceLimitExceeded", str(error)) from error
        except ValueError as error:
            raise refuse("ValidationException", str(error)) from error
        taken = f"A hyperparameter tuning job with the name, {name}, already exists. Choose a different name."
        if self._jobs.job(name) is not None:
            raise refuse("ResourceInUse", taken)
        if sum(map(answers.is_active, self._jobs.jobs())) >= MAX_TUNING_JOBS:
            raise refuse("ResourceLimitExceeded", f"{MAX_TUNING_JOBS} tuning jobs are in progress; let some finish")
        if not self._jobs.add(name, request, wish.source):  # somebody was faster
            raise refuse("ResourceInUse", taken)
        self._look_after()
        return {"HyperParameterTuningJobArn": answers.arn(self._jobs.job(name))}

    def describe_hyper_parameter_tuning_job(self, **request):
        """A dict with the job: what was asked for, its status, and its best training job so far."""
        refuse = self._checked("DescribeHyperParameterTuningJob", request)
        job = self._job(request, refuse)
        parents = job.request.get("WarmStartConfig", {}).get("ParentHyperParameterTuningJobs", ())
        found = (self._jobs.job(parent["HyperParameterTuningJobName"]) for parent in parents)
        return answers.description(job, [parent for parent in found if parent is not None])

    def list_hyper_parameter_tuning_jobs(self, **request):
        """A dict with a page of HyperParameterTuningJobSummaries and, if there are more, the NextToken."""
        refuse = self._checked("ListHyperParameterTuningJobs", request)
        self._look_after()
        entries = [
            answers.tuning_summary(job)
            for job in self._jobs.jobs()
            if request.get("NameContains", "").lower() in job.name.lower()
            and job.status == request.get("StatusEquals", job.status)
        ]
        entries = [entry for entry in entries if in_time(entry, request)]
        return self._page("HyperParameterTuningJobSummaries", entries, request, refuse)

    def list_training_jobs_for_hyper_parameter_tuning_job(self, **request):
        """A dict with a page of TrainingJobSummaries and, if there are more, the NextToken."""
        refuse = self._checked("ListTrainingJobsForHyperParameterTuningJob", request)
        job = self._job(request, refuse)
        entries = [answers.training_summary(job, trial) for trial in job.history]
        entries = [e for e in entries if e["TrainingJobStatus"] == request.get("StatusEquals", e["TrainingJobStatus"])]
        if request.get("SortBy") == "FinalObjectiveMetricValue":
            entries = [e for e in entries if "FinalHyperParameterTuningJobObjectiveMetric" in e]
        return self._page("TrainingJobSummaries", entries, request, refuse)

    def describe_training_job(self, **request):
        """A dict with one training job of a tuning job; those of deleted tuning jobs are still known."""
        refuse = self._checked("DescribeTrainingJob", request)
        name = request["TrainingJobName"]
        for job in self._jobs.jobs(deleted=True):
            if name.lower().startswith(job.name.lower()):
                for trial in job.history:
                    if job.training_job_name(trial).lower() == name.lower():
                        return answers.training_description(job, trial)
        raise refuse("ResourceNotFound", f"Requested resource not found: there is no training job {name}")

    def stop_hyper_parameter_tuning_job(self, **request):
        """None; the job is Stopping, and soon Stopped, with its running training jobs."""
        refuse = self._checked("StopHyperParameterTuningJob", request)
        job = self._job(request, refuse)
        if not answers.is_active(job):
            raise refuse("ValidationException", f"The request was rejected because the tuning job is {job.status}")
        if job.status == IN_PROGRESS:
            self._jobs.update(job.number, status=STOPPING)
        self._look_after()

    def delete_hyper_parameter_tuning_job(self, **request):
        """None; the tuning job is gone, and its name is free."""
        refuse = self._checked("DeleteHyperParameterTuningJob", request)
        job = self._job(request, refuse)
        if answers.is_active(job):
            raise refuse("ValidationException", f"the tuning job is {job.status}; stop it and wait, or let it finish")
        self._jobs.update(job.number, deleted=1)

    def analytics(self, name):
        """A table of a tuning job's training jobs, as ``HyperparameterTuningJobAnalytics(name).dataframe()`` has it.

        It is the one method that boto3 lacks; in the cloud it comes from the package sagemaker.

        Parameters
        ----------
        name : str
            Of the tuning job.

        Returns
        -------
        DataFrame, a row a training job in order of their names
            Its hyperparameters (numbers where they are numbers), TrainingJobName, TrainingJobStatus,
            FinalObjectiveValue (NaN if there is none), TrainingStartTime, TrainingEndTime, TrainingElapsedTimeSeconds.
        """
        job = self._job({"HyperParameterTuningJobName": name}, self._checked("DescribeHyperParameterTuningJob", {}, 0))
        return pd.DataFrame([analytics_row(answers.training_summary(job, trial)) for trial in job.history])

    def _checked(self, operation, request, check=True):
        """A function from code and message to an exception, once the request has passed the service's model."""
        if check:
            self._service.check(operation, request)
        return partial(self._service.error, operation)

    def _job(self, request, refuse):
        self._look_after()
        name = request["HyperParameterTuningJobName"]
        if (job := self._jobs.job(name)) is None:
            known = "list_hyper_parameter_tuning_jobs() tells what there is"
            raise refuse("ResourceNotFound", f"Amazon SageMaker can't find a tuning job with the name {name}; {known}")
        return job

    def _look_after(self):
        """See to it that every job in progress is run, here unless another process does it."""
        for job in filter(answers.is_active, self._jobs.jobs()):
            thread = self._threads.get(job.number)
            if thread is not None and thread.is_alive():
                continue
            if job.source not in self._datasets:
                reason = f"no data at {job.source}; hand it to LocalSageMaker(datasets=...)"
                self._jobs.update(job.number, status=FAILED, reason=reason)
                continue
            data = self._data.setdefault(job.source, Data(self._datasets[job.source]))
            thread = threading.Thread(target=run, args=(self._jobs, job, data), daemon=True)
            self._threads[job.number] = thread
            thread.start()

    def _page(self, name, entries, request, refuse):
        """Up to MaxResults entries, sorted, from the place where the NextToken stands."""
        backwards = request.get("SortOrder", "Ascending") == "Descending"
        entries = sorted(entries, key=ORDERS[request.get("SortBy", "Name")], reverse=backwards)
        try:
            answer, token = page(name, entries, request.get("NextToken", "0"), request.get("MaxResults", 10))
        except ValueError as error:
            raise refuse("ValidationException", str(error)) from error
        return answer | ({"NextToken": token} if token else {})


def in_time(entry, request):
    """Whether a tuning job was created and changed in the times that a request names."""
    from botocore.utils import parse_to_aware_datetime

    for kind in ("CreationTime", "LastModifiedTime"):
        if f"{kind}After" in request and entry[kind] <= parse_to_aware_datetime(request[f"{kind}After"]):
            return False
        if f"{kind}Before" in request and entry[kind] >= parse_to_aware_datetime(request[f"{kind}Before"]):
            return False
    return True


def analytics_row(summary):
    """One row of the analytics table, a dict, of a training job's summary."""
    row = {name: as_number(text) for name, text in summary["TunedHyperParameters"].items()}
    row |= {name: summary[name] for name in ("TrainingJobName", "TrainingJobStatus")}
    row["FinalObjectiveValue"] = summary.get("FinalHyperParameterTuningJobObjectiveMetric", {}).get("Value")
    start, end = (summary.get(f"Training{which}Time") for which in ("Start", "End"))
    seconds = None if end is None else (end - start).total_seconds()
    return row | {"TrainingStartTime": start, "TrainingEndTime": end, "TrainingElapsedTimeSeconds": seconds}


def as_number(text):
    """The number that a text stands for, a float, or the text."""
    try:
        return float(text)
    except ValueError:
        return text
