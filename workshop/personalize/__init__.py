"""Amazon Personalize without an account: its requests, run here on our data, our models and our tuning."""

from workshop.personalize.client import MOVIELENS_ARN, LocalPersonalize

__all__ = ["MOVIELENS_ARN", "LocalPersonalize"]
