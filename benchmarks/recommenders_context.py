"""One model per context beside one model for all, measured by `recommenders.py`."""

from registry import model

from workshop.models import BiasRegressor, KMeansRecommender, ModelPerContext, MovieGenres, UserClusters

KNOWS = "ids + genres, year"


def experts(estimator, context, train, test):
    return ModelPerContext(estimator, context).fit(train, train["rating"]).predict(test)


@model("rating", "bias per user cluster (4)", knows=KNOWS)
def bias_per_cluster(train, test, ratings):
    return experts(BiasRegressor(), UserClusters(ratings.items, 4), train, test)


@model("rating", "bias per genre", knows=KNOWS)
def bias_per_genre(train, test, ratings):
    return experts(BiasRegressor(), MovieGenres(ratings.items), train, test)


@model("rating", "k-means per user cluster (4)", knows=KNOWS, slow=True)
def kmeans_per_cluster(train, test, ratings):
    return experts(KMeansRecommender(ratings.items, n_clusterings=2), UserClusters(ratings.items, 4), train, test)


@model("rating", "k-means per genre", knows=KNOWS, slow=True)
def kmeans_per_genre(train, test, ratings):
    return experts(KMeansRecommender(ratings.items, n_clusterings=2), MovieGenres(ratings.items), train, test)
