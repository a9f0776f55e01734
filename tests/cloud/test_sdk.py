"""Amazon's own package sagemaker, version 2, as an oracle: its tuner runs on our answers, from fit to best estimator.

It needs older versions of what the workshop uses, so it is skipped where it is missing, and tested in an environment of
its own:

    python -m venv build/sdk
    build/sdk/bin/python -m pip install --editable .[cloud] "sagemaker<3" pytest hypothesis
    build/sdk/bin/python -m pytest tests/cloud/test_sdk.py --override-ini addopts=--import-mode=importlib
"""

import warnings

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    sdk = pytest.importorskip("sagemaker", reason="pip install 'sagemaker<3', in an environment of its own")
    tuner_of = pytest.importorskip("sagemaker.tuner", reason="sagemaker 2 has it, and 3 has not")
    import boto3

from workshop import cloud

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
RANGES = {
    "eta": tuner_of.ContinuousParameter(0.01, 0.5, scaling_type="Logarithmic"),
    "max_depth": tuner_of.IntegerParameter(1, 8),
}


@pytest.fixture(scope="module")
def session():
    """A session of the package whose one client is ours; what it would ask S3 it is told beforehand."""
    keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
    boto = boto3.Session(region_name="us-east-1", **keys)
    return sdk.Session(boto_session=boto, sagemaker_client=cloud.client("sagemaker"), default_bucket="films")


@pytest.fixture(scope="module")
def fit(session):
    """A function that fits a tuner under a name of the job, and returns the tuner."""

    def fitted(name, *, wait=True, tuner=None, num_round=5, ranges=RANGES, **more):
        image = "1.dkr.ecr.us-east-1.amazonaws.com/xgboost:1"
        hyperparameters = {"objective": "binary:logistic", "num_round": num_round}
        estimator = sdk.estimator.Estimator(
            image,
            "arn:aws:iam::000000000000:role/training",
            1,
            "ml.m5.large",
            output_path="s3://films/models",
            sagemaker_session=session,
            hyperparameters=hyperparameters,
        )
        settings = {"strategy": "Random", "max_jobs": 3, "objective_type": "Maximize"} | more
        tuner = tuner or tuner_of.HyperparameterTuner(estimator, "validation:auc", ranges, **settings)
        parts = ("train", "validation")
        inputs = {part: sdk.inputs.TrainingInput(f"{cloud.MOVIELENS_URI}/{part}") for part in parts}
        tuner.fit(inputs, job_name=name, wait=wait)
        return tuner

    return fitted


@pytest.fixture(scope="module")
def first(fit):
    return fit("first")


def test_fit_wait_describe_and_analytics(first):
    first.wait()
    assert first.describe()["HyperParameterTuningJobStatus"] == "Completed"
    table = first.analytics().dataframe()
    ours = cloud.analytics(first.sagemaker_session.sagemaker_client, "first")
    assert set(table.columns) == set(ours.columns)
    by_name = table.set_index("TrainingJobName").sort_index()
    assert by_name["FinalObjectiveValue"].tolist() == ours["FinalObjectiveValue"].tolist()
    assert by_name["eta"].astype(float).tolist() == ours["eta"].tolist()
    assert len(first.analytics().training_job_summaries()) == 3
    assert first.analytics().tuning_ranges["eta"]["ScalingType"] == "Logarithmic"


def test_best_estimator(first):
    best = first.best_estimator()
    assert best.latest_training_job.name == first.best_training_job()
    assert best.hyperparameters()["_tuning_objective_metric"] == "validation:auc"


def test_attach_an_estimator(first, session):
    estimator = sdk.estimator.Estimator.attach(first.best_training_job(), sagemaker_session=session)
    assert estimator.hyperparameters()["num_round"] == "5"
    assert estimator.instance_type == "ml.m5.large"
    assert estimator.model_data.startswith("s3://films/models/first-")


def test_attach_a_tuner_and_fit_it_again(fit, first, session):
    tuner = tuner_of.HyperparameterTuner.attach("first", sagemaker_session=session)
    assert tuner.objective_metric_name == "validation:auc"
    assert tuner.hyperparameter_ranges()["IntegerParameterRanges"][0]["MaxValue"] == "8"
    assert tuner.best_estimator().hyperparameters() == first.best_estimator().hyperparameters()
    again = fit("again", tuner=tuner)
    assert again.describe()["TrainingJobStatusCounters"]["Completed"] == 3


@pytest.mark.parametrize("kind", ["IDENTICAL_DATA_AND_ALGORITHM", "TRANSFER_LEARNING"])
def test_warm_start(fit, first, kind):
    warm = tuner_of.WarmStartConfig(tuner_of.WarmStartTypes[kind], {"first"})
    found = fit(f"warm-{kind[:8].lower()}", strategy="Bayesian", warm_start_config=warm).describe()
    assert found["HyperParameterTuningJobStatus"] == "Completed"
    assert ("OverallBestTrainingJob" in found) == (kind[0] == "I")


def test_tuners_that_are_children(fit, first):
    for name, child in (
        ("child", first.identical_dataset_and_algorithm_tuner()),
        ("transfer", first.transfer_learning_tuner()),
    ):
        assert fit(name, tuner=child).describe()["HyperParameterTuningJobStatus"] == "Completed"


def test_hyperband(fit):
    resources = tuner_of.HyperbandStrategyConfig(max_resource=9, min_resource=1)
    config = tuner_of.StrategyConfig(hyperband_strategy_config=resources)
    tuner = fit("hyperband", strategy="Hyperband", strategy_config=config, num_round=9, max_jobs=6)
    assert set(tuner.analytics().dataframe()["TrainingJobStatus"]) == {"Completed", "Stopped"}


def test_grid(fit):
    ranges = {"max_depth": tuner_of.CategoricalParameter([2, 4])}
    tuner = fit("grid", ranges=ranges, strategy="Grid", max_jobs=2, max_parallel_jobs=2)
    assert sorted(tuner.analytics().dataframe()["max_depth"]) == [2, 4]


def test_early_stopping_and_completion_criteria(fit):
    criteria = tuner_of.TuningJobCompletionCriteriaConfig(target_objective_metric_value=0.6)
    tuner = fit("early", early_stopping_type="Auto", completion_criteria_config=criteria, max_jobs=9)
    assert tuner.describe()["TrainingJobStatusCounters"]["Completed"] == 1


def test_stop(fit):
    tuner = fit("stop", wait=False, num_round=100_000)
    tuner.stop_tuning_job()
    tuner.wait()
    assert tuner.describe()["HyperParameterTuningJobStatus"] == "Stopped"
