"""Baselines, k-means and EASE, measured by `recommenders.py`."""

import numpy as np
import pandas as pd
from registry import model
from sklearn.cluster import KMeans

from workshop.evaluation import recommend_by_prediction
from workshop.models import EASE, BiasRegressor, GlobalMean, KMeansRecommender, Popularity
from workshop.models.base import positions, user_item_matrix


@model("rating", "global mean")
def global_mean(train, test, ratings):
    return GlobalMean().fit(train, train["rating"]).predict(test)


@model("rating", "user and movie bias")
def bias(train, test, ratings):
    return BiasRegressor().fit(train, train["rating"]).predict(test)


@model("rating", "textbook k-means: mean of 8 clusters")
def textbook_kmeans(train, test, ratings):
    """Cluster the raw rating vectors; predict the cluster's mean for the movie, or else the user's mean."""
    ids = GlobalMean().fit(train, train["rating"])
    users, items = positions(train["user"], ids.users_), positions(train["item"], ids.items_)
    R = user_item_matrix(users, items, train["rating"], ids.seen_.shape)
    cluster = pd.Series(KMeans(8, n_init=4, random_state=0).fit_predict(R), index=ids.users_)
    by_cluster = train["rating"].groupby([train["user"].map(cluster), train["item"]]).mean()
    answer = by_cluster.reindex(pd.MultiIndex.from_arrays([test["user"].map(cluster), test["item"]])).to_numpy()
    return np.where(np.isnan(answer), test["user"].map(train.groupby("user")["rating"].mean()), answer)


@model("rating", "k-means ensemble", knows="ids + genres, year")
def kmeans(train, test, ratings):
    return KMeansRecommender(ratings.items).fit(train, train["rating"]).predict(test)


@model("rating", "k-means ensemble, ids only")
def kmeans_ids(train, test, ratings):
    return KMeansRecommender().fit(train, train["rating"]).predict(test)


@model("ranking", "popularity")
def popularity(train, test, ratings):
    return Popularity().fit(train).recommend


@model("ranking", "user and movie bias")
def bias_ranking(train, test, ratings):
    return BiasRegressor().fit(train, train["rating"]).recommend


@model("ranking", "k-means ensemble", knows="ids + genres, year")
def kmeans_ranking(train, test, ratings):
    return KMeansRecommender(ratings.items).fit(train, train["rating"]).recommend


@model("ranking", "k-means, by predicted rating", knows="ids + genres, year")
def kmeans_by_rating(train, test, ratings):
    fitted = KMeansRecommender(ratings.items).fit(train, train["rating"])
    return recommend_by_prediction(fitted.predict, train, ratings.items.index)


@model("ranking", "EASE")
def ease(train, test, ratings):
    return EASE().fit(train, train["rating"]).recommend


@model("ranking", "EASE, rated or not, penalty 100")
def ease_binary(train, test, ratings):
    return EASE(penalty=100).fit(train).recommend
