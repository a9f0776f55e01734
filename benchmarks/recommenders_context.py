"""One model per context beside one model for all, measured by `recommenders.py`."""

from registry import model

from workshop.models import BiasRegressor, KMeansRecommender, ModelPerContext

KNOWS = "ids + genres, year"


def experts(estimator, ratings, by, train, test):
    return ModelPerContext(estimator, ratings.items, by, n_clusters=4).fit(train, train["rating"]).predict(test)


@model("rating", "bias per user cluster (4)", knows=KNOWS)
def bias_per_cluster(train, test, ratings):
    return experts(BiasRegressor(), ratings, "cluster", train, test)


@model("rating", "bias per genre", knows=KNOWS)
def bias_per_genre(train, test, ratings):
    return experts(BiasRegressor(), ratings, "genre", train, test)


@model("rating", "k-means per user cluster (4)", knows=KNOWS, slow=True)
def kmeans_per_cluster(train, test, ratings):
    return experts(KMeansRecommender(ratings.items, n_clusterings=2), ratings, "cluster", train, test)


@model("rating", "k-means per genre", knows=KNOWS, slow=True)
def kmeans_per_genre(train, test, ratings):
    return experts(KMeansRecommender(ratings.items, n_clusterings=2), ratings, "genre", train, test)
