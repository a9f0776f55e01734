"""The request that the service's documentation shows as its example of hyperparameter optimization."""

EXAMPLE = {  # what `create_solution` takes beside a name and a dataset group
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
