"""Amazon SageMaker's tuning jobs without an account: its requests, run here on our data, our models and our tuning.

The shortest complete example. The request is the service's own; swap the client, the role and the addresses, and it
runs in the cloud.

>>> import time
>>> from workshop.sagemaker import LocalSageMaker, training_job_definition
>>> client = LocalSageMaker()  # in the cloud: client = boto3.client("sagemaker")
>>> ranges = {
...     "ContinuousParameterRanges": [
...         {"Name": "eta", "MinValue": "0.01", "MaxValue": "0.5", "ScalingType": "Logarithmic"},
...     ],
...     "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "1", "MaxValue": "10"}],
... }
>>> job = {
...     "Strategy": "Bayesian",
...     "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:auc"},
...     "ResourceLimits": {"MaxNumberOfTrainingJobs": 10, "MaxParallelTrainingJobs": 1},
...     "ParameterRanges": ranges,
...     "RandomSeed": 0,
... }
>>> training = training_job_definition("xgboost", {"objective": "binary:logistic", "num_round": "20"})
>>> _ = client.create_hyper_parameter_tuning_job(
...     HyperParameterTuningJobName="films", HyperParameterTuningJobConfig=job, TrainingJobDefinition=training
... )
>>> while (found := client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="films"))[
...     "HyperParameterTuningJobStatus"
... ] == "InProgress":
...     time.sleep(0.2)
>>> found["HyperParameterTuningJobStatus"], sorted(found["BestTrainingJob"]["TunedHyperParameters"])
('Completed', ['eta', 'max_depth'])
>>> bool(client.analytics("films")["FinalObjectiveValue"].max() > 0.76)
True
"""

from workshop.sagemaker.client import LocalSageMaker
from workshop.sagemaker.definition import MOVIELENS_URI, training_job_definition

__all__ = ["MOVIELENS_URI", "LocalSageMaker", "training_job_definition"]
