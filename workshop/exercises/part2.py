"""Exercises of part 2: clusters by hand, their units, a new person, and how many to average."""

import numbers
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.preprocessing import scale

from workshop.datasets import random_split
from workshop.exercises.exercise import (
    Mistake,
    NotAttempted,
    exercise,
    nearest_title,
    read_number,
    read_numbers,
    read_sequence,
    show_value,
)
from workshop.exercises.part1 import movielens, random_rows
from workshop.metrics import rmse
from workshop.models import BiasRegressor
from workshop.models.lloyd import lloyd_steps
from workshop.models.profiles import genre_tastes

POINTS, START = np.array([[1.0], [2.0], [9.0]]), [[0.0], [3.0]]
CLUSTERS, SHRINKAGES, N_CUTS = [2, 4, 8, 16, 32], [2, 5, 10, 20, 50], 16


@cache
def validation_rows() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the training rows cut once more at random, ``learn`` and ``valid`` in parts 2 and 3."""
    return random_split(random_rows()[0], seed=1)


@exercise(
    "2.1",
    why="The point 2 first went to the far centre, and came back once that had been pulled away by 9.",
    hint="Assign 1, 2 and 9 to 0 or 3, whichever is nearer; take means; assign again, until nothing moves.",
    solution="""\
# Round 1: 1 goes to 0; 2 and 9 go to 3. The means are 1 and 5.5.
# Round 2: 2 is nearer to 1 now. The means are 1.5 and 9, and there they stay.
resting_centres = [1.5, 9]""",
)
def judge_resting_centres(resting_centres: Any) -> None:
    """Where k-means ends on the points 1, 2, 9 from the centres 0 and 3."""
    given = read_numbers(resting_centres, 2, "two centres")
    if given[0] == given[1]:
        raise Mistake("two centres at one place; each of them is the mean of its own points")
    *_, (_, rest, _) = lloyd_steps(POINTS, START)
    if np.allclose(sorted(given), rest.ravel(), atol=0.01):
        return
    if sorted(given) == [0, 3]:
        raise Mistake("0 and 3 is where they start; assign the points, then move the centres")
    if sorted(given) in ([0, 1], [1, 2]):
        raise Mistake("these look like the numbers of clusters; the question asks where the centres are")
    nearest = np.abs(POINTS - given).argmin(axis=1)
    moved = [POINTS[nearest == j].mean() if (nearest == j).any() else given[j] for j in (0, 1)]
    if np.allclose(given, moved):
        raise Mistake(f"{given[0]:g} and {given[1]:g} do not move, but from 0 and 3 the centres do not get there")
    raise Mistake(
        f"{given[0]:g} and {given[1]:g} are not at rest: one more round moves them to {moved[0]:g} and {moved[1]:g}"
    )


@cache
def plain_columns() -> pd.DataFrame:
    """Number and mean of each user's ratings, as in section 3."""
    learn, _ = validation_rows()
    return learn.groupby("user")["rating"].agg(["count", "mean"])


@cache
def cuts_of_plain_columns() -> dict[str, np.ndarray]:
    """Three clusters of the plain columns, by what was done to these."""
    plain = plain_columns()
    tables = {
        "right": plain.assign(count=plain["count"] / 1000),
        "raw": plain,
        "scaled": scale(np.column_stack([np.log(plain["count"]), plain["mean"]])),
        "scaled without logarithm": scale(plain),
    }
    return {name: KMeans(3, n_init=4, random_state=0).fit_predict(table) for name, table in tables.items()}


@exercise(
    "2.2",
    why="Now the mean rating alone decides: one star is worth a thousand ratings. The unit rules, not the data.",
    hint="`plain.assign(count=...)` is a copy with another count. Cluster it as `cut_raw` does, and draw it.",
    solution="""\
thousands = plain.assign(count=plain["count"] / 1000)
in_thousands = KMeans(3, n_init=4, random_state=0).fit_predict(thousands)""",
)
def judge_in_thousands(in_thousands: Any) -> None:
    """Three clusters of the users by their count in thousands and their mean."""
    what = f"a cluster number for each of {len(plain_columns())} users"
    if isinstance(in_thousands, KMeans):
        raise Mistake(f"that is the model; the question asks for {what}: its labels_")
    if isinstance(in_thousands, pd.DataFrame):
        raise Mistake(f"that is the table; now cluster it, and give {what}")
    labels = read_sequence(in_thousands, what)
    if len(labels) != len(plain_columns()):
        raise Mistake(f"{len(labels):,} labels; the question asks for {what}")
    if any(not isinstance(label, numbers.Real) for label in labels):
        raise Mistake(f"that holds {show_value(labels[0])}; the question asks for {what}")
    if len(set(labels)) != 3:
        raise Mistake(f"{len(set(labels))} clusters; make three, as in section 3")
    cuts = cuts_of_plain_columns()
    alike = {name: adjusted_rand_score(cut, labels) for name, cut in cuts.items()}
    if alike["right"] > 0.95:
        return
    if alike["raw"] > 0.95:
        raise Mistake(
            "these are clusters by the number of ratings alone: divide it by 1,000, and keep the mean as it is"
        )
    if max(alike["scaled"], alike["scaled without logarithm"]) > 0.95:
        raise Mistake("these are clusters of scaled columns, where units no longer matter: do not scale here")
    raise Mistake("these are not the clusters of count / 1,000 and mean; change nothing else, and take KMeans(3)")


@exercise(
    "2.3",
    why="Now ask the model, as the solution does: it never saw you, and nothing has to be trained again.",
    hint="""\
`ratings.items[ratings.items["title"].str.contains("Matrix")]` finds titles. Articles stand last: "Matrix, The".""",
    solution="""\
my_opinions = {"Matrix, The": 5, "Fargo": 4.5, "Titanic": 2, "Shrek": 3}
mine = item_of[list(my_opinions)], list(my_opinions.values())
print(ratings.items.loc[model.recommend_new(*mine), "title"].to_list())""",
)
def judge_my_opinions(my_opinions: Any) -> None:
    """At least four titles with stars, not all alike."""
    if isinstance(my_opinions, dict) and not my_opinions:
        raise NotAttempted
    if isinstance(my_opinions, pd.Series):
        my_opinions = my_opinions.to_dict()
    if not isinstance(my_opinions, dict):
        raise Mistake(f'that is {show_value(my_opinions)}; write {{"Alien": 5, ...}}: a title, a colon, your stars')
    titles = movielens().items["title"]
    known = set(titles)
    for title, stars in my_opinions.items():
        if isinstance(stars, dict):
            raise Mistake(f"{show_value(title)} holds opinions of its own; hand over those of one person")
        if title not in known:
            raise Mistake(f"there is no movie {show_value(title)} here{nearest_title(title, titles)}")
        number = read_number(stars, f"the stars of {title!r}")
        if not 0.5 <= number <= 5:
            raise Mistake(f"{title!r} has {number:g} stars; the scale goes from 0.5 to 5")
    if len(my_opinions) < 4:
        raise Mistake(f"{len(my_opinions)} of at least four movies: one opinion hardly tells people apart")
    if len(set(my_opinions.values())) == 1:
        raise Mistake("all movies got the same stars: that says how generous you are, not what you like")


@cache
def averaged_errors() -> dict[tuple[float, float], float]:
    """Validation RMSE of the averaged corrections of 16 cuts, by (clusters, shrinkage)."""
    learn, valid = validation_rows()
    biases, taste = BiasRegressor().fit(learn, learn["rating"]), genre_tastes(learn, movielens().items)
    residual, expected = learn["rating"].to_numpy() - biases.predict(learn), biases.predict(valid)
    movies = np.sort(movielens().items.index)
    errors: dict[tuple[float, float], float] = {}
    for k in CLUSTERS:
        groups = k * len(movies)  # a group is a cluster's ratings of a movie
        sums, counts = [], []
        for seed in range(N_CUTS):
            cut = pd.Series(KMeans(k, n_init=1, random_state=seed).fit_predict(taste), taste.index)
            group, asked = (
                cut[rows["user"]].to_numpy() * len(movies) + np.searchsorted(movies, rows["item"])
                for rows in (learn, valid)
            )
            sums.append(np.bincount(group, residual, groups)[asked])
            counts.append(np.bincount(group, minlength=groups)[asked])
        for shrinkage in SHRINKAGES:
            correction = np.mean([s / (n + shrinkage) for s, n in zip(sums, counts, strict=True)], axis=0)
            errors[k, shrinkage] = rmse(valid["rating"], expected + correction)
    return errors


@exercise(
    "2.4",
    why="The average bears more clusters with less shrinkage than one cut does: averaging shrinks, too.",
    hint="Three loops: k, the 16 starts, the shrinkage. Cluster once for each k and start, not for each shrinkage.",
    solution="""\
averaged = {}
for k in [2, 4, 8, 16, 32]:
    cuts = [KMeans(k, n_init=1, random_state=s).fit_predict(taste) for s in range(16)]
    for shrinkage in [2, 5, 10, 20, 50]:
        corrections = [correction(pd.Series(cut, taste.index), shrinkage) for cut in cuts]
        averaged[k, shrinkage] = rmse(valid["rating"], expected + np.mean(corrections, axis=0))
best_k_and_shrinkage = min(averaged, key=averaged.get)""",
)
def judge_best_k_and_shrinkage(best_k_and_shrinkage: Any) -> None:
    """Clusters and shrinkage for the average of 16 cuts, chosen on the validation rows."""
    if isinstance(best_k_and_shrinkage, dict | pd.DataFrame):
        raise Mistake("that is the table of errors; the question asks for the pair with the smallest one")
    k, shrinkage = read_numbers(best_k_and_shrinkage, 2, "two numbers: k, and the shrinkage")
    pair = k, shrinkage
    errors = averaged_errors()
    best = min(errors.values())
    if pair in errors and errors[pair] <= best + 0.0005:
        return
    if (shrinkage, k) in errors and errors[shrinkage, k] <= best + 0.0005:
        raise Mistake(f"k comes first, then the shrinkage: did you mean ({shrinkage:g}, {k:g})?")
    if pair == (8, 20):
        raise Mistake("(8, 20) was best for a single cut; average the corrections of 16 cuts, and choose anew")
    if pair not in errors:
        raise Mistake(f"({k:g}, {shrinkage:g}) is not among the pairs: k of {CLUSTERS}, shrinkage of {SHRINKAGES}")
    if pair == max(errors, key=errors.__getitem__):
        raise Mistake(f"({k:g}, {shrinkage:g}) has the largest error of all: take the minimum")
    raise Mistake(f"({k:g}, {shrinkage:g}) has an error of {errors[pair]:.4f}; another pair reaches {best:.4f}")
