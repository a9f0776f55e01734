"""Exercises of part 3: how large a machine is, when to stop it, what it found, what it computes, how it ranks."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from workshop.evaluation import evaluate_ranking, recommend_by_prediction
from workshop.exercises.exercise import (
    Mistake,
    NotAttempted,
    compare,
    exercise,
    is_blank,
    read_number,
    read_sequence,
    show_value,
)
from workshop.exercises.part1 import by_time
from workshop.models import FactorizationMachineRegressor, Popularity

COLUMNS, FACTORS = 943 + 1682, 64


@exercise(
    "3.1",
    why="A twentieth of the numbers speaks of every pair, of those never seen together, too.",
    hint="One constant; for each column a weight and 64 factors. Of n columns, each pairs with n - 1 others.",
    solution="n_numbers, n_pairs = 1 + 2625 * (1 + 64), 2625 * 2624 // 2",
)
def judge_size(n_numbers: Any, n_pairs: Any) -> None:
    """How many numbers a machine of 64 factors learns for 2,625 columns, and how many pairs of columns there are."""
    n, k = COLUMNS, FACTORS
    of_numbers = {
        "forgets the weight of each column: a column has one weight and 64 factors": 1 + n * k,
        "leaves out w0, the constant, and the weight of each column": n * k,
        "leaves out w0, the constant": n * (1 + k),
        "has 8 factors in place of 64": 1 + n * 9,
        "counts the columns of section 1; here there are 2,625": 1 + 9117 * (1 + k),
        "is the number of pairs; the two answers seem exchanged": n * (n - 1) // 2,
    }
    compare(n_numbers, 1 + n * (1 + k), of_numbers.items(), within=0, what="the number of numbers learned")
    of_pairs = {
        "counts each pair twice: Ann with Alien is Alien with Ann": n * (n - 1),
        "pairs columns with themselves, too, and counts the others twice": n * n,
        "pairs columns with themselves, too": n * (n + 1) // 2,
        "is the number of pairs of a user and a movie; all pairs of columns are asked for": 943 * 1682,
        "counts the columns of section 1; here there are 2,625": 9117 * 9116 // 2,
    }
    compare(n_pairs, n * (n - 1) // 2, of_pairs.items(), within=0, what="the number of pairs")


@exercise(
    "3.2",
    why="This is early stopping: the error on rows kept aside says when learning turns into learning by heart.",
    hint='`machines[0].curves_["validation"]` holds the error after each epoch; `np.argmin` counts from 0.',
    solution='best_epoch = np.argmin(machines[0].curves_["validation"]) + 1',
)
def judge_best_epoch(best_epoch: Any, *, machine: FactorizationMachineRegressor) -> None:
    """The epoch, counted from 1, after which the validation error of the machine was smallest."""
    epoch = read_number(best_epoch, "one epoch, a whole number")
    curves = {name: np.asarray(curve, float) for name, curve in machine.curves_.items()}
    validation = curves["validation"]
    right, last = int(validation.argmin()) + 1, len(validation)
    if epoch == right:
        return
    if epoch != round(epoch):
        near = np.isclose(validation, epoch, atol=0.01).any()
        raise Mistake(
            f"{epoch:g} is {'an error in stars' if near else 'no whole number'}; the question asks for an epoch"
        )
    if epoch == right - 1:
        raise Mistake(f"{epoch:g} counts from 0, as argmin does; the figure counts epochs from 1")
    if epoch == int(curves["train"].argmin()) + 1:
        raise Mistake(f"after epoch {epoch:g} the training error is smallest; look at the validation rows")
    if epoch == int(validation.argmax()) + 1:
        raise Mistake(f"after epoch {epoch:g} the validation error is largest, not smallest")
    if not 1 <= epoch <= last:
        raise Mistake(f"there is no epoch {epoch:g}; the machine was trained for {last}")
    found, best = validation[int(epoch) - 1], validation.min()
    raise Mistake(f"after epoch {epoch:g} the validation error is {found:.3f}; another epoch reaches {best:.3f}")


@exercise(
    "3.3",
    why="All five are near 0.99, as many others are: with another seed others win. The map lasts, this list does not.",
    hint="Divide each row of `liking` by its length; one product with the row of Alien then gives all cosines.",
    solution="""\
unit = liking / np.linalg.norm(liking, axis=1, keepdims=True)
cosine = pd.Series(unit @ unit[often.get_loc(1214)], titles.to_numpy())
neighbours = cosine.drop("Alien").nlargest(5).index""",
)
def judge_neighbours(neighbours: Any, *, vectors: npt.ArrayLike, titles: pd.Series) -> None:
    """The five titles whose vectors point most nearly where that of Alien points."""
    what = "five titles, the closest first"
    if isinstance(neighbours, pd.Series) and not pd.api.types.is_numeric_dtype(neighbours.index):
        neighbours = neighbours.index  # similarities by title
    given = read_sequence(neighbours, what)
    titles, vectors = pd.Index(titles), np.asarray(vectors)
    numbers = [title for title in given if not isinstance(title, str)]
    if numbers:
        raise Mistake(f"that holds {show_value(numbers[0])}; the question asks for titles")
    for title in given:
        if title not in titles:
            raise Mistake(f"{show_value(title)} is not among the {len(titles)} movies of the map")
    others = [title for title in given if title != "Alien"]
    if len(others) == 4 and len(given) == 5:
        raise Mistake("Alien itself is among your five: everything is closest to itself; give five others")
    if len(others) != 5:
        raise Mistake(f"{len(others)} titles beside Alien; the question asks for {what}")
    alien = vectors[titles.get_loc("Alien")]
    product, length = vectors @ alien, np.linalg.norm(vectors, axis=1)
    closeness = {
        "right": product / length,
        "these have the largest products: divide by the lengths, or long vectors win": product,
        "these are nearest by distance; the question asks for the angle": -np.linalg.norm(vectors - alien, axis=1),
        "these point away from Alien: take the largest cosines, not the smallest": -product / length,
    }
    top = {message: _closest(values, titles, 5) for message, values in closeness.items()}
    if others == top["right"]:
        return
    if set(others) == set(top["right"]):
        raise Mistake("these are the right five, in another order; the closest comes first")
    for message, five in top.items():
        if set(others) == set(five):
            raise Mistake(message)
    first = next(title for title in top["right"] if title not in others)
    stray = next(title for title in others if title not in top["right"])
    raise Mistake(
        f"{stray!r} is farther from Alien than another movie you left out, whose title starts with {first[0]!r}"
    )


def _closest(closeness, titles, n):
    order = np.argsort(-closeness, kind="stable")
    return [title for title in titles[order] if title != "Alien"][:n]


@exercise(
    "3.4",
    why="You have written a factorization machine; training only chooses w0, w and V.",
    hint="`V.T @ x` sums the columns for each factor. Square before you sum, then after: half the difference.",
    solution="""\
def predict_row(w0, w, V, x):
    pairs = 0.5 * ((V.T @ x) ** 2 - (V.T**2) @ x**2).sum()
    return w0 + w @ x + pairs""",
)
def judge_machine(predict_row: Any) -> None:
    """A function (w0, w, V, x) -> the prediction of Rendle's equation 1."""
    rng = np.random.default_rng(0)
    w0, w, V, x = 3.5, rng.normal(size=6), rng.normal(size=(6, 3)), np.array([1.0, 0, 2, 0, 1, -1])
    if not callable(predict_row) or isinstance(predict_row, type):
        raise Mistake(f"that is {show_value(predict_row)}; hand over the function itself, without calling it")
    try:
        returned = predict_row(w0, w.copy(), V.copy(), x.copy())
    except (Exception, SystemExit) as problem:
        raise Mistake(f"your function raises {type(problem).__name__}: {problem}") from None
    if is_blank(returned):
        raise NotAttempted
    if isinstance(returned, np.ndarray) and returned.shape == (V.shape[1],):
        raise Mistake("your function returns a number for each factor; the pairs are summed over the factors, too")
    linear, squares, square = w0 + w @ x, (V.T**2 @ x**2).sum(), ((V.T @ x) ** 2).sum()
    mistakes = {
        "is w0 and the weights alone; the products of pairs are missing": linear,
        "counts each pair twice: i < j, or take half": linear + square - squares,
        "includes each column with itself: subtract the squares": linear + square / 2,
        "includes each column with itself, and each pair twice": linear + square,
        "leaves out w0, the constant": linear - w0 + (square - squares) / 2,
        "leaves out the weights w": w0 + (square - squares) / 2,
        "is the pairs alone; add w0 and the weights": (square - squares) / 2,
        "takes a half of the square of the sum only; the squares are halved, too": linear + square / 2 - squares,
        "forgets x: a column counts as often as x says": linear + ((V.sum(axis=0) ** 2).sum() - (V**2).sum()) / 2,
    }
    what = "the prediction, as the check's double loop computes it"
    compare(returned, linear + (square - squares) / 2, mistakes.items(), within=1e-6, what=what)


@exercise(
    "3.5",
    why="Better than the whole catalogue, still behind popularity: the machine was trained for another task.",
    hint="`recommend_by_prediction` takes a catalogue; `raters.index[:500]` is one. Judge as section 10 does.",
    solution="""\
among_known = recommend_by_prediction(machine_then, old, raters.index[:500])
repaired = evaluate_ranking(among_known, old, people)""",
)
def judge_repaired(repaired: Any, *, predict: Callable) -> None:
    """Quality of lists made of the 500 most rated movies, ranked by predicted rating."""
    if callable(repaired):
        raise Mistake("that is the recommender; hand over what evaluate_ranking says of it")
    repaired = repaired.to_dict() if isinstance(repaired, pd.Series) else repaired
    if not isinstance(repaired, dict) or "precision" not in repaired:
        raise Mistake(f"that is {show_value(repaired)}; hand over the whole dict that evaluate_ranking returns")
    found = {name: read_number(repaired[name], name) for name in ("users", "precision", "coverage")}
    old, new = by_time()
    people = new[new["user"] % 5 == 0]
    most_rated = old["item"].value_counts().index[:500]
    right = evaluate_ranking(recommend_by_prediction(predict, old, most_rated), old, people)
    if abs(found["precision"] - right["precision"]) < 1e-3 and abs(found["coverage"] - right["coverage"]) < 1e-3:
        return
    if found["users"] != right["users"]:
        raise Mistake(f"{found['users']:g} users were judged; section 10 judges the {right['users']} of people")
    popular = evaluate_ranking(Popularity().fit(old).recommend, old, people)
    if abs(found["precision"] - popular["precision"]) < 1e-9:
        raise Mistake("that is plain popularity; rank the 500 movies by the machine's predictions")
    whole = evaluate_ranking(recommend_by_prediction(predict, old, old["item"].unique()), old, people)
    if all(abs(found[name] - whole[name]) < 1e-9 for name in ("precision", "coverage")):
        raise Mistake("that is the ranking of the whole catalogue; hand over 500 movies as the catalogue")
    if found["precision"] > popular["precision"]:
        raise Mistake(f"a precision of {found['precision']:.3f} is too good: are these lists of the machine?")
    raise Mistake(
        f"precision {found['precision']:.3f} and coverage {found['coverage']:.3f} are not those of the 500 movies with "
        "most ratings in old: best rated is not most rated, and rows of new must not count"
    )
