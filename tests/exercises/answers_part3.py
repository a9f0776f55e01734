"""Answers to the exercises of part 3: right ones as people write them, wrong ones with words of what is to be said."""

from decimal import Decimal
from functools import partial
from itertools import combinations

import numpy as np
import pandas as pd

from workshop.datasets import load_movielens, random_split, temporal_split
from workshop.evaluation import evaluate_ranking, recommend_by_prediction
from workshop.models import BiasRegressor, FactorizationMachineRegressor, FeatureBuilder, Popularity


def loop(w0, w, V, x):
    pairs = sum(V[i] @ V[j] * x[i] * x[j] for i, j in combinations(range(len(x)), 2))
    return w0 + w @ x + pairs


class Machine:
    def __call__(self, w0, w, V, x):
        return loop(w0, w, V, x)

    def predict(self, w0, w, V, x):
        return loop(w0, w, V, x)


def prints(w0, w, V, x):
    print(end="")


def forgets_to_return(w0, w, V, x):
    w0 + w @ x + 0.5 * ((V.T @ x) ** 2 - (V.T**2) @ x**2).sum()


def changes_its_arguments(w0, w, V, x):
    result = loop(w0, w, V, x)
    V *= 0
    x *= 0
    return result


def names(notebook_cell):
    """What notebook 3 has bound where its exercises stand; vectors and models are quick ones."""
    ratings = load_movielens()
    learn, valid = random_split(ratings.frame.iloc[:9000])
    builder = FeatureBuilder().fit(learn)
    machine = FactorizationMachineRegressor(
        solver="adam", n_iter=12, random_state=0, batch_size=500, linear_lr=0.02, factors_lr=0.05
    ).fit(builder.transform(learn), learn["rating"], validation=(builder.transform(valid), valid["rating"]))
    assert 1 < np.argmin(machine.curves_["validation"]) + 1 < 11
    old, new = temporal_split(ratings.frame)
    often = old["item"].value_counts().index[:200]
    titles = ratings.items.loc[often, "title"].str.split(" (", regex=False).str[0]
    found = {"np": np, "pd": pd, "machines": {0: machine}, "often": often, "titles": titles, "old": old, "new": new}
    found |= {"curve": machine.curves_["validation"], "frame": ratings.frame, "ratings": ratings, "Decimal": Decimal}
    found |= {"people": new[new["user"] % 5 == 0], "raters": old["item"].value_counts(), "best": np.argmin}
    found |= {"machine_then": BiasRegressor().fit(old, old["rating"]).predict, "popular": Popularity().fit(old)}
    found |= {"recommend_by_prediction": recommend_by_prediction, "evaluate_ranking": evaluate_ranking}
    found |= {"loop": loop, "Machine": Machine, "prints": prints, "forgets_to_return": forgets_to_return}
    found |= {"changes_its_arguments": changes_its_arguments, "partial": partial, "ranked": ranked(found)}
    return found | with_vectors(1, found)


def with_vectors(seed, found):
    """Vectors of the movies as some seed of the sampler might give them, and what an answer computes from them."""
    rng = np.random.default_rng(seed)
    liking = rng.normal(size=(200, 8)) * rng.uniform(0.5, 2, size=(200, 1))
    unit = liking / np.linalg.norm(liking, axis=1, keepdims=True)
    alien = found["often"].get_loc(1214)
    cosine = pd.Series(unit @ unit[alien], found["titles"].to_numpy())
    return {"liking": liking, "unit": unit, "alien": alien, "cosine": cosine}


def ranked(found):
    """A recommender of one's own: the movies of a catalogue by predicted rating, those rated left out."""

    def of(catalogue, sign=1):
        def recommend(user, n=10):
            seen = found["old"].loc[found["old"]["user"] == user, "item"]
            left = pd.Index(catalogue).difference(seen)
            predicted = found["machine_then"](pd.DataFrame({"user": user, "item": left}))
            return pd.Series(sign * predicted, left).sort_values(ascending=False).index[:n]

        return recommend

    return of


def extra(number, found):
    """What the cell of the notebook hands to the check beside the answers."""
    return {
        "3.2": {"machine": found["machines"][0]},
        "3.3": {"vectors": found["liking"], "titles": found["titles"]},
        "3.5": {"predict": found["machine_then"]},
    }.get(number, {})


def function(body):
    return f"lambda w0, w, V, x: {body}"


def nearest(similarity):
    return f'pd.Series({similarity}, titles.to_numpy()).drop("Alien").nlargest(5).index'


LINEAR, SUM, SQUARES = "w0 + w @ x", "((V.T @ x) ** 2)", "((V.T**2) @ x**2)"
ONE_PASS = f"{LINEAR} + 0.5 * ({SUM} - {SQUARES}).sum()"
FIVE = 'cosine.drop("Alien").nlargest(5)'
REPAIRED = "recommend_by_prediction(machine_then, old, {})"
RIGHT = {
    "3.1": [
        "(170626, 3444000)",
        "(1 + 2625 * 65, 2625 * 2624 // 2)",
        "(1 + 2625 + 2625 * 64, 2625 * 2624 / 2)",
        "(170626.0, 3444000.0)",
        "(np.int64(170626), np.int64(3444000))",
        '(Decimal("170626"), Decimal("3444000"))',
        "([170626], (3444000,))",
        "(np.array(170626), np.array([3444000]))",
        "(pd.Series([170626]), pd.Series([3444000]))",
        "(1 + np.ones(2625).sum() + np.ones((2625, 64)).size, np.triu(np.ones((2625, 2625)), 1).sum())",
        "(sum([1, 2625, 2625 * 64]), sum(range(2625)))",
    ],
    "3.2": [
        "np.argmin(curve) + 1",
        "int(np.argmin(curve)) + 1",
        "curve.index(min(curve)) + 1 if isinstance(curve, list) else list(curve).index(min(curve)) + 1",
        "pd.Series(curve, range(1, 13)).idxmin()",
        "float(np.argmin(curve) + 1)",
        "[np.argmin(curve) + 1]",
        "np.array([np.argmin(curve) + 1])",
        "pd.Series(curve, range(1, 13)).nsmallest(1).index",
        "np.flatnonzero(curve == np.min(curve)) + 1",
        "min(range(1, 13), key=lambda epoch: curve[epoch - 1])",
        "Decimal(int(np.argmin(curve)) + 1)",
        "1 + sorted(range(12), key=lambda k: curve[k])[0]",
    ],
    "3.3": [
        f"{FIVE}.index",
        FIVE,
        f"{FIVE}.to_dict()",
        f"list({FIVE}.index)",
        f"tuple({FIVE}.index)",
        f"{FIVE}.index.to_numpy()",
        f"{FIVE}.index.to_series()",
        f"{FIVE}.keys()",
        f"{FIVE}.to_frame('cosine')",
        f"list({FIVE}.to_dict())",
        "titles.iloc[np.argsort(-unit @ unit[alien])[1:6]]",
        "titles.to_numpy()[np.argsort(unit @ unit[alien])[::-1][1:6]]",
        "cosine.nlargest(6).index[1:]",
        "cosine.nlargest(6).index",
        f"[title.upper() for title in {FIVE}.index]",
    ],
    "3.4": [
        "loop",
        "changes_its_arguments",
        "Machine()",
        "Machine().predict",
        "partial(loop)",
        function(ONE_PASS),
        function(f"np.array([{ONE_PASS}])"),
        function(f"pd.Series([{ONE_PASS}])"),
        function(f"np.float64({ONE_PASS}).astype(float)"),
        function("w0 + w @ x + (x @ (V @ V.T) @ x - ((V @ V.T).diagonal() * x**2).sum()) / 2"),
        function("w0 + (w * x).sum() + np.triu((V @ V.T) * np.outer(x, x), 1).sum()"),
        function("w0 + w.dot(x) + 0.5 * sum((V[:, f] @ x) ** 2 - (V[:, f] ** 2) @ x**2 for f in range(V.shape[1]))"),
    ],
    "3.5": [
        REPAIRED.format("raters.index[:500]"),
        REPAIRED.format("list(raters.index[:500])"),
        REPAIRED.format("raters.head(500).index"),
        REPAIRED.format("raters.nlargest(500).index"),
        REPAIRED.format('old["item"].value_counts().index[:500]'),
        REPAIRED.format('old.groupby("item").size().nlargest(500).index'),
        REPAIRED.format('old.groupby("item").size().sort_values().index[-500:]'),
        REPAIRED.format("raters[raters >= raters.iloc[499]].index"),
        "ranked(raters.index[:500])",
        "lambda user, n=10: list(ranked(raters.index[:500])(user, n))",
        "lambda user, n: np.array(ranked(raters.index[:500])(user, n))",
        "partial(ranked(raters.index[:500]))",
    ],
}

# With 50 seeds each: the vectors of `with_vectors(seed)`.
BY_SEED = {"3.3": [f"{FIVE}.index", "cosine.nlargest(6).index"]}

WRONG = {
    "3.1": {
        "(1 + 2625 * 64, 2625 * 2624 // 2)": "forgets the weight of each column",
        "(2625 * 65, 2625 * 2624 // 2)": "leaves out `w0`, the constant",
        "(2625 * 64, 2625 * 2624 // 2)": "and the weight of each column",
        "(1 + 2625 * 9, 2625 * 2624 // 2)": "8 factors in place of 64",
        "(1 + 9117 * 65, 9117 * 9116 // 2)": "here there are 2,625",
        "(1 + 2625 * 65, 2625 * 2624)": "each pair twice",
        "(1 + 2625 * 65, 2625 ** 2)": "and counts the others twice",
        "(1 + 2625 * 65, 2625 * 2626 // 2)": "pairs columns with themselves",
        "(1 + 2625 * 65, 943 * 1682)": "pairs of a user and a movie",
        "(2625 * 2624 // 2, 1 + 2625 * 65)": "exchanged",
        '("170626", 3444000)': "is text",
        "(1000, 3444000)": "1,000 is neither: one number for all",
        "(170626, 1000)": "three columns have three pairs",
    },
    "3.2": {
        "np.argmin(curve)": "counts from 0",
        'np.argmin(machines[0].curves_["train"]) + 1': "training error is smallest",
        "min(curve)": "an error in stars",
        "np.argmin(curve) + 2": "another epoch reaches",
        "np.argmax(curve) + 1": "is largest, not smallest",
        "99": "there is no epoch 99",
        "-3": "there is no epoch -3",
        "curve": "12 values",
        "2.5": "no whole number",
        '"third"': "is text",
        "machines[0]": "that is a FactorizationMachineRegressor",
    },
    "3.3": {
        nearest("liking @ liking[alien]"): "long vectors win",
        nearest("-np.linalg.norm(liking - liking[alien], axis=1)"): "asks for the angle",
        nearest("-unit @ liking[alien]"): "point away",
        "cosine.nlargest(5)": "itself is among",
        f"{FIVE}.index[::-1]": "another order",
        "pd.Series(unit @ unit[alien], often).drop(1214).nlargest(5)": "asks for a title",
        f"{FIVE}.index[:3]": "3 titles beside Alien",
        '["Aliens 7"] * 5': "did you mean 'Aliens'",
        "titles[titles != 'Alien'].head(5)": "most rated movies",
        "list(titles[titles != 'Alien'][100:105])": "farther from Alien",
        '"Aliens"': "1 titles beside Alien",
        "cosine": "199 titles beside Alien",
    },
    "3.4": {
        function(LINEAR): "products of pairs are missing",
        function(f"{LINEAR} + {SUM}.sum() - {SQUARES}.sum()"): "each pair twice: i < j",
        function(f"{LINEAR} + 0.5 * {SUM}.sum()"): "subtract the squares",
        function(f"{LINEAR} + {SUM}.sum()"): "and each pair twice",
        function(f"w @ x + 0.5 * ({SUM} - {SQUARES}).sum()"): "leaves out `w0`",
        function(f"w0 + 0.5 * ({SUM} - {SQUARES}).sum()"): "leaves out the weights",
        function(f"0.5 * ({SUM} - {SQUARES}).sum()"): "add `w0` and the weights",
        function(f"{LINEAR} + 0.5 * {SUM}.sum() - {SQUARES}.sum()"): "the squares are halved, too",
        function(f"{LINEAR} + 0.5 * (V.sum(0) ** 2 - (V**2).sum(0)).sum()"): "forgets `x`",
        function(f"{LINEAR} + 0.5 * ({SUM} - {SQUARES})"): "a number for each factor",
        function("w0 + w @ V"): "a number for each factor",
        function("w0 + V @ w"): "raises ValueError",
        function(f"{LINEAR} + 3 * ({SUM} - {SQUARES}).sum()"): "the pairs are off",
        function("42"): "already with `V` all 0",
        "lambda x: x.sum()": "raises TypeError",
        "prints": "returns nothing",
        "forgets_to_return": "returns nothing",
        "loop(1, np.ones(2), np.ones((2, 3)), np.ones(2))": "hand over the function itself",
        "Machine": "hand over the function itself",
    },
    "3.5": {
        REPAIRED.format('old["item"].unique()'): "not every movie there is",
        REPAIRED.format('frame["item"].value_counts().index[:500]'): "counts the ratings of `new`, too",
        REPAIRED.format('frame.groupby("item").size().nlargest(500).index'): "counts the ratings of `new`, too",
        REPAIRED.format('old.groupby("item")["rating"].mean().nlargest(500).index'): "best rated movies",
        REPAIRED.format("ratings.items.index[:500]"): "not among the 500 most rated",
        REPAIRED.format("raters.index[:50]"): "asked for 500 movies it lists 19",
        "popular.recommend": "not among the 500 most rated",
        "ranked(raters.index[:500], sign=-1)": "not in the order",
        "lambda user, n=10: raters.index[:n]": "has rated already",
        "lambda user, n=10: ranked(raters.index[:500])(user, 10)": "it lists 10",
        "lambda user: raters.index[:500]": "raises TypeError",
        "lambda user, n=10: titles.head(n)": "not numbers of movies",
        "evaluate_ranking(recommend_by_prediction(machine_then, old, raters.index[:500]), old, people)": "its quality",
        "raters.index[:500]": "that is an Index",
        "0.0256": "hand over a recommender",
    },
}
