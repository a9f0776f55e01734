"""Answers to the exercises of part 1: right ones as people write them, wrong ones with words of what is to be said."""

import decimal
import fractions

import numpy as np
import pandas as pd

from workshop.datasets import load_movielens, random_split, temporal_split
from workshop.metrics import rmse
from workshop.models import BiasRegressor


def names(notebook_cell):
    """What notebook 1 has bound where its exercises stand."""
    ratings = load_movielens()
    frame = ratings.frame
    train, test = random_split(frame)
    old, new = temporal_split(frame)
    biases = BiasRegressor().fit(train[["user", "item"]], train["rating"])
    spread = frame.groupby("item")["rating"].agg(["std", "count"]).join(ratings.items["title"])
    found = {"ratings": ratings, "frame": frame, "train": train, "test": test, "old": old, "new": new, "np": np}
    found |= {"biases": biases, "rmse": rmse, "temporal_split": temporal_split, "BiasRegressor": BiasRegressor}
    guess = biases.predict(test[["user", "item"]])
    found |= {"guess": guess, "on_train": biases.predict(train[["user", "item"]]), "rounded": np.round(2 * guess) / 2}
    found |= {"spread": spread, "often": spread[spread["count"] >= 50], "random_split": random_split}
    return found | {"pd": pd, "Decimal": decimal.Decimal, "Fraction": fractions.Fraction}


RIGHT = {
    "1.1": [
        '(frame["rating"] >= 4).mean()',
        '(frame["rating"] > 3.5).mean()',
        '(frame["rating"] >= 4).sum() / len(frame)',
        '1 - (frame["rating"] < 4).mean()',
        'len(frame.query("rating >= 4")) / len(frame)',
        'frame["rating"].ge(4).value_counts(normalize=True)[True]',
        'float(np.mean(frame["rating"].to_numpy() >= 4))',
        'np.float32((frame["rating"] >= 4).mean())',
        'np.array([(frame["rating"] >= 4).mean()])',
        'pd.Series([(frame["rating"] >= 4).mean()])',
        'pd.DataFrame({"share": [0.5157]})',
        'Fraction(int((frame["rating"] >= 4).sum()), len(frame))',
        'Decimal("0.5157")',
        "0.516",
        "0.52",
        "[0.516]",
    ],
    "1.2": [
        'often["std"].idxmax() and often.loc[often["std"].idxmax(), "title"]',
        'often.set_index("title")["std"].idxmax()',
        'often.sort_values("std")["title"].iloc[-1]',
        'often.nlargest(1, "std")["title"]',
        'often.nlargest(1, "std")[["title"]]',
        'often.nlargest(1, "std")["title"].to_numpy()',
        'often.nlargest(1, "std").set_index("title").index',
        '"Blair Witch Project, The"',
        '"The Blair Witch Project"',
        '"the blair witch project"',
        '"The Blair Witch Project (1999)"',
        '" Blair Witch Project, The "',
        '["Blair Witch Project, The"]',
        'np.str_("Blair Witch Project, The")',
    ],
    "1.3": [
        'rmse(test["rating"], rounded)',
        'np.sqrt(np.mean((test["rating"] - rounded) ** 2))',
        'np.sqrt(((rounded - test["rating"].to_numpy()) ** 2).mean())',
        'rmse(test["rating"], np.round(guess / 0.5) * 0.5)',
        'rmse(test["rating"], (guess * 2).round() / 2)',
        'rmse(test["rating"], np.floor(2 * guess + 0.5) / 2)',
        'rmse(test["rating"], np.clip(rounded, 0.5, 5))',
        'rmse(test["rating"], [round(2 * g) / 2 for g in guess])',
        'pd.Series([rmse(test["rating"], rounded)])',
        'np.float32(rmse(test["rating"], rounded))',
        'Decimal("0.898")',
        "0.898",
        "0.8983",
        "0.9",
        "(0.898,)",
    ],
    "1.4": [
        "(5, 5)",
        "[5, 5]",
        "np.array([5, 5])",
        "pd.Series([2, 5])",
        "(1, 5)",
        "(2.0, 5.0)",
        "(10, 5)",
        '{"user_shrinkage": 5, "item_shrinkage": 5}',
        '{"item_shrinkage": 5, "user_shrinkage": 2}',
        'pd.Series({"user_shrinkage": 5, "item_shrinkage": 5})',
        'pd.DataFrame({"user_shrinkage": [5], "item_shrinkage": [5]})',
        "[(5, 5)]",
        "(np.int64(5), np.int64(5))",
        "(5, 2)",  # so say validation rows drawn at random, 23 of 50 seeds
        "(2, 2)",  # 14 of 50
        "(1, 2)",  # 6 of 50
        "(10, 2)",  # 4 of 50
    ],
}

WRONG = {
    "1.1": {
        '(frame["rating"] > 4).mean()': "only what is above four",
        '(frame["rating"] == 4).mean()': "only ratings of exactly four",
        '(frame["rating"] >= 4).sum()': "divide it by the number of all",
        '100 * (frame["rating"] >= 4).mean()': "in percent",
        "51.6": "in percent",
        "51": "in percent",
        "52": "in percent",
        '(frame["rating"] < 4).mean()': "not liked",
        '(frame["rating"] >= 3.5).mean()': "three and a half",
        'frame["rating"].mean()': "the mean rating",
        'frame["rating"] >= 4': "100,004 values",
        '"52%"': "is text",
        "0.2": "too small for the share of ratings from four stars up: the figure of section 1",
        "0.7": "add them up",
        'float("nan")': "not a finite number",
        "True": "yes or no",
        "len": "that is a builtin_function_or_method",
    },
    "1.2": {
        'spread.loc[spread["std"].idxmax(), "title"]': "has only 2 ratings",
        'often.loc[often["std"].idxmin(), "title"]': "smallest deviation",
        'often["std"].idxmax()': "asks for a title",
        'spread.loc[spread["count"].idxmax(), "title"]': "is the most rated movie",
        '"Pulp Fiction"': "larger standard deviation than",
        'often.nlargest(2, "std")["title"].iloc[1]': "1 movie with 50 ratings or more has",
        '"Matrix"': "did you mean 'Matrix, The'",
        '"Star Wars"': "did you mean 'Star Wars: Episode IV - A New Hope'",
        'often["std"].max()': "as text",
        '"Zzyzx Qqq"': "without the year",
        'often.nlargest(3, "std")["title"]': "3 values",
        'often.nlargest(1, "std").join(ratings.items[["year"]])': "4 values in a DataFrame",
        "True": "as text",
    },
    "1.3": {
        'rmse(test["rating"], guess)': "without rounding",
        "0.89": "without rounding",
        'rmse(train["rating"], np.round(2 * on_train) / 2)': "measure on the test rows",
        'rmse(train["rating"], on_train)': "and round",
        'rmse(test["rating"], np.round(guess))': "whole stars",
        'rmse(test["rating"], np.floor(2 * guess) / 2)': "rounding down",
        'rmse(test["rating"], np.round(2 * guess))': "divide by two again",
        'rmse(test["rating"], np.round(guess / 2) * 2)': "double first",
        'rmse(test["rating"], rounded) ** 2': "square root",
        "rounded": "10,000 values",
        '"no"': "is text",
        "False": "yes or no",
        "1.5": "too large for the RMSE of the rounded predictions on the test rows: rounding moves",
    },
    "1.4": {
        "(1, 1)": "best on the rows it learned from",
        "(5, 1)": "did you mean (1, 5)",
        "(20, 20)": "largest error",
        "(20, 10)": "another pair reaches",
        "(2, 20)": "another pair reaches",
        "(5, -3)": "not among the pairs",
        "(4, 5)": "not among the pairs",
        "5": "two numbers",
        "(5, 5, 5)": "3 values",
        "{(5, 5): 0.9036, (5, 2): 0.9048, (2, 2): 0.9048}": "table",
        "pd.DataFrame(np.ones((5, 5)))": "table",
        '"5, 5"': "two numbers",
        '("5", "5")': "is text",
        "0.9036": "two numbers",
    },
}
