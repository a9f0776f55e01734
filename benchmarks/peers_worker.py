"""One peer on one split: ``python peers_worker.py NAME given.npz found.npz``. Knows nothing of this project.

The seconds found are those of fitting and predicting, without importing or converting the data.
"""

import sys
import time

import numpy as np
import pandas as pd
import scipy.sparse as sp


def surprise_model(make):
    from surprise import Dataset, Reader

    def run(given):
        frame = pd.DataFrame(given["train"], columns=["user", "item"]).assign(rating=given["stars"])
        data = Dataset.load_from_df(frame, Reader(rating_scale=(0.5, 5))).build_full_trainset()
        start = time.perf_counter()
        fitted = make().fit(data)
        stars = [fitted.predict(u, i).est for u, i in given["test"].tolist()]
        return {"stars": np.array(stars), "seconds": time.perf_counter() - start}

    return run


def surprise_svd(given):
    from surprise import SVD

    return surprise_model(lambda: SVD(random_state=0))(given)


def surprise_svd_tuned(given):
    """More and slower epochs with a stronger penalty than the defaults, which overfit here."""
    from surprise import SVD

    return surprise_model(lambda: SVD(n_factors=100, n_epochs=50, lr_all=0.01, reg_all=0.1, random_state=0))(given)


def surprise_svdpp(given):
    from surprise import SVDpp

    return surprise_model(lambda: SVDpp(random_state=0, cache_ratings=True))(given)


def surprise_knn(given):
    from surprise import KNNBaseline

    return surprise_model(lambda: KNNBaseline(sim_options={"name": "pearson_baseline"}, verbose=False))(given)


def lenskit_pipeline(given, scorer, *, rating):
    from lenskit.data import from_interactions_df
    from lenskit.pipeline import predict_pipeline, topn_pipeline

    frame = pd.DataFrame(given["train"], columns=["user_id", "item_id"]).assign(rating=given["stars"])
    data = from_interactions_df(frame)
    start = time.perf_counter()
    pipeline = predict_pipeline(scorer) if rating else topn_pipeline(scorer)
    pipeline.train(data)
    return pipeline, start


def lenskit_als(given):
    from lenskit import predict
    from lenskit.als import BiasedMFScorer

    pipeline, start = lenskit_pipeline(given, BiasedMFScorer(), rating=True)
    test = pd.DataFrame(given["test"], columns=["user", "item"])
    stars = np.empty(len(test))
    for user, rows in test.groupby("user"):
        stars[rows.index] = predict(pipeline, user, rows["item"].to_numpy()).scores()
    return {"stars": stars, "seconds": time.perf_counter() - start}


def lenskit_lists(given, scorer):
    from lenskit import recommend

    pipeline, start = lenskit_pipeline(given, scorer, rating=False)
    users = np.unique(given["test"][:, 0])
    lists = [recommend(pipeline, user, 10).ids() for user in users]
    return {"users": users, "lists": np.array(lists), "seconds": time.perf_counter() - start}


def lenskit_userknn(given):
    from lenskit.knn import UserKNNScorer

    return lenskit_lists(given, UserKNNScorer(max_nbrs=30, feedback="implicit"))


def lenskit_ease(given):
    from lenskit.knn import EASEScorer

    return lenskit_lists(given, EASEScorer(regularization=200))


def implicit_lists(given, make):
    users, u = np.unique(given["train"][:, 0], return_inverse=True)
    items, i = np.unique(given["train"][:, 1], return_inverse=True)
    seen = sp.csr_matrix((np.ones(len(u), dtype=np.float32), (u, i)))
    start = time.perf_counter()
    fitted = make()
    fitted.fit(seen, show_progress=False)
    found, _ = fitted.recommend(np.arange(len(users)), seen, N=10)
    return {"users": users, "lists": items[found], "seconds": time.perf_counter() - start}


def implicit_als(given):
    """Settings: the best of 27 on the newest tenth of each user's training ratings."""
    from implicit.als import AlternatingLeastSquares

    return implicit_lists(
        given, lambda: AlternatingLeastSquares(64, regularization=10, alpha=1, random_state=0, num_threads=1)
    )


def implicit_bm25(given):
    from implicit.nearest_neighbours import BM25Recommender

    return implicit_lists(given, lambda: BM25Recommender(K=300, num_threads=1))


if __name__ == "__main__":
    name, given_path, found_path = sys.argv[1:]
    np.savez(found_path, **globals()[name.replace("-", "_")](np.load(given_path)))
