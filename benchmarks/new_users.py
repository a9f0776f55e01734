"""New sign-ups: RMSE for users whom no model has seen, after they gave a few ratings.

    python benchmarks/new_users.py

A fifth of the users (drawn with seed 0) is kept out of training. Each gives 0, 1, 3, 10 or 15 ratings and is asked
about all but those 15. The ratings given are the first ones by time, or ones drawn at random: people sign up with
their favourites and grow stricter, so the two differ, and only the first is what a service meets. Each user counts
the same (the RMSE is taken per user, then averaged), because a few rate a thousand movies.

"Everybody's mean" is the mean plus the movie's bias; "+ own bias" adds the user's own, shrunk; the others place the
user in a cluster without training again; the last is trained again with the new ratings, as if there were time.
"""

import numpy as np
import pandas as pd

from workshop.datasets import load_movielens
from workshop.metrics import rmse
from workshop.models import BiasRegressor, KMeansRecommender, ModelPerContext


def main():
    ratings = load_movielens()
    users = np.random.default_rng(0).permutation(np.unique(ratings.frame["user"]))
    new = ratings.frame["user"].isin(users[: len(users) // 5])
    train, later = ratings.frame[~new], ratings.frame[new]
    orders = {
        "first by time": later.sort_values("timestamp", kind="stable"),
        "random": later.sample(frac=1, random_state=0),
    }
    print(f"{later['user'].nunique()} new users; RMSE in stars, mean over users")
    for order, rows in orders.items():
        rank = rows.groupby("user").cumcount()
        table = {n: errors(ratings, train, rows[rank < n], rows[rank >= 15]) for n in (0, 1, 3, 10, 15)}
        print(f"\nratings given, {order}\n{pd.DataFrame(table).T.round(3).to_string()}", flush=True)


def errors(ratings, train, given, test):
    """Mean over users of the RMSE on `test`, a dict of model -> stars, after the users gave `given`."""
    bias = BiasRegressor().fit(train, train["rating"])
    clusters = KMeansRecommender(ratings.items).fit(train, train["rating"])
    experts = ModelPerContext(items=ratings.items, n_clusters=4).fit(train, train["rating"])
    everything = pd.concat([train, given])
    again = KMeansRecommender(ratings.items).fit(everything, everything["rating"])
    residual = given["rating"] - bias.predict(given) if len(given) else given["rating"]
    scores = []
    for user, asked in test.groupby("user"):
        mine = given[given["user"] == user]
        own_bias = residual[mine.index].sum() / (len(mine) + bias.user_shrinkage)
        experts.sign_up(user, mine["item"], mine["rating"])
        answers = {
            "everybody's mean": bias.predict(asked),
            "+ own bias": bias.predict(asked) + own_bias,
            "k-means, placed": clusters.predict_new(mine["item"], mine["rating"], asked["item"]),
            "expert of the cluster (4)": experts.predict(asked),
            "k-means, trained again": again.predict(asked),
        }
        scores.append({name: rmse(asked["rating"], np.clip(answer, 0.5, 5)) for name, answer in answers.items()})
    return pd.DataFrame(scores).mean()


if __name__ == "__main__":
    main()
