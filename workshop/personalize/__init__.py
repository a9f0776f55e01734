"""Amazon Personalize without an account: its requests, run here on our data, our models and our tuning.

The shortest complete example: a recipe tuned in the background. (The page's own example asks for ``aws-hrnn``, with
``hidden_dimension`` fixed and ranges for ``recency_mask`` and ``bptt``; it runs here, unchanged, in about half a minute.)

>>> import time
>>> from workshop.personalize import MOVIELENS_ARN, LocalPersonalize
>>> client = LocalPersonalize()  # in the cloud: client = boto3.client("personalize")
>>> jobs = {"maxNumberOfTrainingJobs": "4", "maxParallelTrainingJobs": "2"}
>>> solution = client.create_solution(
...     name="films",
...     datasetGroupArn=MOVIELENS_ARN,
...     recipeArn="arn:aws:personalize:::recipe/aws-sims",
...     performHPO=True,
...     solutionConfig={"hpoConfig": {"hpoResourceConfig": jobs}},
... )
>>> version = client.create_solution_version(**solution)
>>> while (found := client.describe_solution_version(**version)["solutionVersion"])["status"].startswith("CREATE"):
...     time.sleep(0.2)
>>> found["status"], sorted(found["tunedHPOParams"]["algorithmHyperParameters"])
('ACTIVE', ['min_cointeraction_count', 'popularity_discount_factor'])
>>> "normalized_discounted_cumulative_gain_at_25" in client.get_solution_metrics(**version)["metrics"]
True
"""

from workshop.personalize.client import MOVIELENS_ARN, LocalPersonalize

__all__ = ["MOVIELENS_ARN", "LocalPersonalize"]
