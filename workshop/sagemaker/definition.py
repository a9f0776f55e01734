"""The part of a request that is much the same every time: where a training job reads, runs and writes."""

MOVIELENS_URI = "s3://movielens/small"
CHANNELS = {"xgboost": "validation", "factorization-machines": "test", "kmeans": "test"}


def training_job_definition(algorithm, hyperparameters, source=MOVIELENS_URI):
    """A TrainingJobDefinition, a dict as the service takes it; in the cloud, role and addresses are your own.

    Parameters
    ----------
    algorithm : {"xgboost", "factorization-machines", "kmeans"}
    hyperparameters : dict of str to str
        The static ones: those that keep one value.
    source : str
        The address of the data, without ``/train`` and ``/validation``.

    Examples
    --------
    >>> definition = training_job_definition("xgboost", {"num_round": "20"})
    >>> definition["AlgorithmSpecification"]["TrainingImage"]
    '000000000000.dkr.ecr.us-east-1.amazonaws.com/xgboost:1'
    >>> [channel["ChannelName"] for channel in definition["InputDataConfig"]]
    ['train', 'validation']
    """
    if algorithm not in CHANNELS:
        raise ValueError(f"algorithm={algorithm!r} does not run here; give one of {', '.join(CHANNELS)}")
    splits = {"train": "train", CHANNELS[algorithm]: "validation"}
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
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"{source}/{split}"}},
            }
            for channel, split in splits.items()
        ],
        "OutputDataConfig": {"S3OutputPath": f"{source}/models"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    }
