"""Answers to the exercises of part 2: right ones as people write them, wrong ones with words of what is to be said."""

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.preprocessing import scale

from workshop.datasets import load_movielens, random_split
from workshop.metrics import rmse
from workshop.models import BiasRegressor, KMeansRecommender, profiles
from workshop.models.lloyd import lloyd_steps


def names(notebook_cell):
    """What notebook 2 has bound where its exercises stand, as far as solutions and answers use it."""
    ratings = load_movielens()
    train, _ = random_split(ratings.frame)
    learn, valid = random_split(train, seed=1)
    biases = BiasRegressor().fit(learn, learn["rating"])
    model = KMeansRecommender(ratings.items, n_clusterings=1).fit(learn, learn["rating"])
    found = {"ratings": ratings, "learn": learn, "valid": valid, "model": model, "expected": biases.predict(valid)}
    found |= {"pd": pd, "np": np, "KMeans": KMeans, "scale": scale, "rmse": rmse, "BiasRegressor": BiasRegressor}
    found |= {"residual": learn["rating"] - biases.predict(learn), "MiniBatchKMeans": MiniBatchKMeans}
    found |= {"profiles": profiles, "lloyd_steps": lloyd_steps, "points": np.array([[1.0], [2.0], [9.0]])}
    for text in ("taste = profiles.genre_tastes(", "plain = ", "def correction"):
        exec(notebook_cell("02", text), found)
    found |= {"item_of": pd.Series(ratings.items.index, ratings.items["title"]).groupby(level=0).first()}
    return found | {"thousands": found["plain"].assign(count=found["plain"]["count"] / 1000)}


FOUND = "KMeans(3, n_init=4, random_state=0).fit_predict(thousands)"
MINE = '{"Matrix, The": 5, "Fargo": 4.5, "Titanic": 2, "Shrek": 3}'
RIGHT = {
    "2.1": [
        "[1.5, 9]",
        "(9, 1.5)",
        "np.array([1.5, 9.0])",
        "{1.5, 9.0}",
        "[[1.5], [9.0]]",
        "pd.Series([1.5, 9.0])",
        'pd.DataFrame({"centre": [1.5, 9.0]})',
        "KMeans(2, init=np.array([[0.0], [3.0]]), n_init=1).fit(points)",
        "KMeans(2, init=np.array([[0.0], [3.0]]), n_init=1).fit(points).cluster_centers_",
        "list(lloyd_steps(points, [[0.0], [3.0]]))[-1][1]",
        "(3 / 2, 9)",
        "(np.float32(1.5), np.int64(9))",
    ],
    "2.2": [
        FOUND,
        f"list({FOUND})",
        f"tuple({FOUND})",
        f"pd.Series({FOUND})",
        f"pd.Series({FOUND}, plain.index)",
        f"pd.Series({FOUND}, plain.index).sample(frac=1, random_state=0)",
        f"pd.Series({FOUND}, plain.index).to_dict()",
        f"thousands.assign(cluster={FOUND})['cluster']",
        f"pd.DataFrame({{'cluster': {FOUND}}})",
        f"2 - {FOUND}",
        f"{FOUND}.astype(float)",
        f"pd.Categorical.from_codes({FOUND}, ['a', 'b', 'c']).codes",
        "KMeans(3, n_init=4, random_state=0).fit(thousands).labels_",
        "KMeans(3, n_init=4, random_state=0).fit(thousands)",
        "KMeans(3, init='random', n_init=9, random_state=1).fit_predict(thousands.to_numpy())",
        "list(lloyd_steps(thousands.to_numpy(), thousands.iloc[:3].to_numpy()))[-1][0]",
    ],
    "2.3": [
        MINE,
        f"pd.Series({MINE})",
        f"dict(zip({MINE}, [5.0, 4, 2, 1]))",
        f"{{title: np.float64(stars) for title, stars in {MINE}.items()}}",
        f"{{title: f for title, f in zip({MINE}, np.array([5, 4, 3, 2]))}}",
        f'pd.Series({MINE}, name="stars").rename_axis("title")',
        f'{MINE} | {{"Toy Story": 0.5, "Alien": 5}}',
        '{"Toy Story": [5], "Aladdin": [4], "Heat": [1], "Saw": [3]}',
        '{title: 5 - k for k, title in enumerate(ratings.items["title"].head(5))}',
        '{"Star Wars: Episode IV - A New Hope": 5, "Alien": 5, "Shrek": 5, "Fargo": 4.5}',
        'dict([("Alien", 5), ("Heat", 4), ("Saw", 3), ("Shrek", 0.5)])',
    ],
    "2.4": [
        "(16, 5)",
        "[16, 5]",
        "np.array([16, 5])",
        "pd.Series([16, 5])",
        '{"k": 16, "shrinkage": 5}',
        '{"shrinkage": 10, "k": 16}',
        'pd.Series({"k": 16, "shrinkage": 5})',
        "(16.0, 10.0)",
        "[(16, 10)]",
        "(np.int64(8), np.int64(10))",
        "(32, 5)",
        "(4, 10)",
        "(4, 20)",
    ],
}

# With 50 seeds each: code in which `seed` is one of them.
BY_SEED = {
    "2.2": [
        "KMeans(3, random_state=seed).fit_predict(thousands)",
        "KMeans(3, n_init=4, random_state=seed).fit_predict(thousands)",
        "KMeans(3, init='random', n_init=1, random_state=seed).fit(thousands).labels_",
    ],
}

WRONG = {
    "2.1": {
        "[1, 5.5]": "the means move on",
        "[0, 3]": "where they start",
        "[0, 1]": "numbers of clusters",
        "[4, 4]": "at one place",
        "[1.5, 5.5]": "the means move on",
        "[1, 9]": "the means move on",
        "[1.5, 2, 9]": "3 values",
        "9": "two centres",
        '["1.5", "9"]': "is text",
        "KMeans(2, init=np.array([[0.0], [3.0]]), n_init=1).fit_predict(points)": "3 values",
        "{1.5: [1, 2], 9: [9]}": "two centres",
    },
    "2.2": {
        "KMeans(3, n_init=4, random_state=0).fit_predict(plain)": "by the number of ratings alone",
        "KMeans(3, n_init=4, random_state=0).fit_predict(plain / 1000)": "by the number of ratings alone",
        'KMeans(3, n_init=4, random_state=0).fit_predict(plain[["mean"]])': "by the mean rating alone",
        'KMeans(3, random_state=7).fit_predict(thousands[["mean"]])': "by the mean rating alone",
        "KMeans(3, n_init=4, random_state=0).fit_predict(scale(thousands))": "do not scale",
        "KMeans(4, n_init=4, random_state=0).fit_predict(thousands)": "4 clusters",
        'KMeans(3, n_init=4, random_state=0).fit_predict(plain.assign(count=np.log(plain["count"])))': "logarithm",
        "thousands": "cluster it",
        "KMeans(3, n_init=4, random_state=0).fit(thousands).cluster_centers_": "a cluster number for each",
        "np.arange(len(thousands)) % 3": "not clusters that k-means finds",
        "[0, 1, 2]": "3 values",
        '["a"] * 671': "cluster number",
        "None and 0 or 2": "that is 2",
    },
    "2.3": {
        '{"The Matrix": 5, "Alien": 5, "Shrek": 1, "Fargo": 2}': "is written 'Matrix, The' here",
        '{"Star Wars": 5, "Alien": 5, "Shrek": 1, "Fargo": 2}': "did you mean 'Star Wars: Episode IV - A New Hope'",
        '{"Godfather": 5, "Alien": 5, "Shrek": 1, "Fargo": 2}': "did you mean 'Godfather, The'",
        '{"Alien": 10, "Shrek": 1, "Fargo": 2, "Titanic": 2}': "from 0.5 to 5",
        '{"Alien": 0, "Shrek": 1, "Fargo": 2, "Titanic": 2}': "from 0.5 to 5",
        '{"Alien": 5, "Shrek": 1}': "at least four",
        '{"Alien": 5, "Shrek": 5, "Fargo": 5, "Titanic": 5}': "the same stars",
        '["Alien", "Shrek"]': "a title, a colon",
        '{"Me": {"Alien": 5}}': "those of one person",
        '{"Alien": "good", "Shrek": 1, "Fargo": 2, "Titanic": 2}': "is text",
        "{1214: 5, 296: 1, 47: 2, 50: 2}": "asks for a title, as text",
    },
    "2.4": {
        "(8, 20)": "best for a single cut",
        "(5, 16)": "did you mean (16, 5)",
        "(2, 2)": "the largest error",
        "(32, 50)": "another pair reaches",
        "(32, 20)": "another pair reaches",
        "(64, 10)": "not among the pairs",
        "(16, 7)": "not among the pairs",
        "{(16, 5): 0.897, (8, 20): 0.898, (4, 4): 0.9}": "that is a table",
        "pd.DataFrame(np.ones((5, 5)))": "that is a table",
        "16": "two numbers",
        "0.897": "two numbers",
    },
}
