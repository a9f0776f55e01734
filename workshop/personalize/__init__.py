"""Amazon Personalize without an account: its requests, run here on our data, our models and our tuning.

The shortest complete example, a recipe tuned in the background. (The service's own example, `EXAMPLE`, asks for
``aws-hrnn``, with ``hidden_dimension`` fixed and ranges for ``recency_mask`` and ``bptt``; it runs here unchanged, in
about half a minute on two free cores.) ::

    client = LocalPersonalize()  # in the cloud: client = boto3.client("personalize")
    solution = client.create_solution(
        name="films",
        datasetGroupArn=MOVIELENS_ARN,
        recipeArn="arn:aws:personalize:::recipe/aws-sims",
        performHPO=True,
        solutionConfig={
            "hpoConfig": {"hpoResourceConfig": {"maxNumberOfTrainingJobs": "4", "maxParallelTrainingJobs": "2"}}
        },
    )
    version = client.create_solution_version(**solution)  # training has begun; go on with something else
    while client.describe_solution_version(**version)["solutionVersion"]["status"] not in ("ACTIVE", "CREATE FAILED"):
        time.sleep(1)
    client.describe_solution_version(**version)["solutionVersion"]["tunedHPOParams"]
    client.get_solution_metrics(**version)["metrics"]
"""

from workshop.personalize.client import MOVIELENS_ARN, LocalPersonalize
from workshop.personalize.definition import EXAMPLE

__all__ = ["EXAMPLE", "MOVIELENS_ARN", "LocalPersonalize"]
