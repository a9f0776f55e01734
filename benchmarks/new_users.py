"""New sign-ups: RMSE for users whom no model has seen, after they gave a few ratings.

    python benchmarks/new_users.py

A fifth of the users (drawn with seed 0) is kept out of training. Each gives 0, 1, 3, 10 or 15 ratings, the first ones
by time, and is asked about all ratings after the fifteenth. "Everybody's mean" is the mean plus the movie's bias;
"+ own bias" adds the user's own, shrunk; the others place the user in a cluster without training again; the last one
is trained again with the new ratings, as if there were time for it.
"""

import numpy as np
import pandas as pd

from workshop.datasets import load_movielens
from workshop.metrics import rmse
from workshop.models import BiasRegressor, KMeansRecommender, ModelPerContext, UserClusters


def main():
    ratings = load_movielens()
    frame = ratings.frame.sort_values(["user", "timestamp"], kind="stable")
    users = np.random.default_rng(0).permutation(np.unique(frame["user"]))
    new = set(users[: len(users) // 5].tolist())
    train, later = frame[~frame["user"].isin(new)], frame[frame["user"].isin(new)]
    rank = later.groupby("user").cumcount()
    test = later[rank >= 15]
    fit = {"X": train, "y": train["rating"]}
    bias, clusters = BiasRegressor().fit(**fit), KMeansRecommender(ratings.items).fit(**fit)
    experts = ModelPerContext(context=UserClusters(ratings.items, 4)).fit(**fit)

    rows = []
    for n in (0, 1, 3, 10, 15):
        given = later[rank < n]
        own = {user: (mine["item"], mine["rating"]) for user, mine in given.groupby("user")}
        none = (np.array([], dtype=int), np.array([]))
        parts = {name: [] for name in ("+ own bias", "k-means, placed")}
        for user, asked in test.groupby("user"):
            items, stars = own.get(user, none)
            left = np.asarray(stars) - bias.predict(pd.DataFrame({"user": -1, "item": items})) if n else np.zeros(0)
            generous = left.sum() / (n + bias.user_shrinkage)
            parts["+ own bias"].append(bias.predict(asked) + generous)
            parts["k-means, placed"].append(clusters.predict_new(items, stars, asked["item"]))
            experts.sign_up(user, items, stars)
        again = KMeansRecommender(ratings.items).fit(pd.concat([train, given]), pd.concat([train, given])["rating"])
        answers = {
            "everybody's mean": bias.predict(test),
            **{name: np.concatenate(part) for name, part in parts.items()},
            "expert of the cluster (4)": experts.predict(test),
            "k-means, trained again": again.predict(test),
        }
        scores = {name: rmse(test["rating"], np.clip(answer, 0.5, 5)) for name, answer in answers.items()}
        rows.append({"ratings given": n} | scores)
    print(f"{len(new)} new users, {len(test)} ratings asked for; RMSE in stars")
    print(pd.DataFrame(rows).set_index("ratings given").round(4).to_string())


if __name__ == "__main__":
    main()
