"""Exercises of part 3: how large a machine is, when to stop it, what it found, what it computes, how it ranks."""

import dis
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from workshop.exercises.answers import (
    Mistake,
    NotAttempted,
    call,
    compare,
    find_title,
    flatten,
    is_blank,
    read_number,
    show_value,
)
from workshop.exercises.exercise import exercise
from workshop.exercises.part1 import by_time
from workshop.models import FactorizationMachineRegressor

COLUMNS, FACTORS = 943 + 1682, 64


@exercise("3.2")
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


@exercise("3.3")
def judge_neighbours(neighbours: Any, *, vectors: npt.ArrayLike, titles: pd.Series) -> None:
    """The five titles whose vectors point most nearly where that of Alien points."""
    what = "five titles, the closest first"
    if isinstance(neighbours, pd.Series | dict) and all(isinstance(key, str) for key in neighbours.keys()):
        neighbours = list(neighbours.keys())  # similarities by title
    elif isinstance(neighbours, pd.DataFrame) and all(isinstance(key, str) for key in neighbours.index):
        neighbours = neighbours.index
    titles, vectors = pd.Index(titles), np.asarray(vectors)
    given = [find_title(title, titles) for title in flatten(neighbours)]
    others = list(dict.fromkeys(title for title in given if title != "Alien"))
    if len(others) == 4 and len(given) == 5:
        raise Mistake("Alien itself is among your five: everything is closest to itself; give five others")
    if len(others) != 5:
        raise Mistake(f"{len(others)} titles beside Alien; the question asks for {what}")
    alien = vectors[titles.get_loc("Alien")]
    product, length = vectors @ alien, np.linalg.norm(vectors, axis=1)
    cosine = pd.Series(product / length / np.linalg.norm(alien), titles).drop("Alien")
    found = cosine[others].to_numpy()
    if found.min() >= cosine.nlargest(5).min() - 0.0005:  # what is as close to three digits, is as right
        if (np.diff(found) > 0.0005).any():
            raise Mistake("these are the right five, in another order; the closest comes first")
        return
    astray = {
        "these have the largest products: divide by the lengths, or long vectors win": product,
        "these are nearest by distance; the question asks for the angle": -np.linalg.norm(vectors - alien, axis=1),
        "these point away from Alien: take the largest cosines, not the smallest": -product / length,
        "these are the most rated movies; compare their vectors": -np.arange(len(titles)),
    }
    for message, closeness in astray.items():
        if set(others) == set(pd.Series(closeness, titles).drop("Alien").nlargest(5).index):
            raise Mistake(message)
    stray = others[found.argmin()]
    first = next(title for title in cosine.nlargest(5).index if title not in others)
    raise Mistake(f"{stray!r} is farther from Alien than a movie you left out, whose title starts with {first[0]!r}")


@exercise("3.4")
def judge_machine(predict_row: Any) -> None:
    """A function (w0, w, V, x) -> the prediction of Rendle's equation 1."""
    rng = np.random.default_rng(0)
    w0, w, V, x = 3.5, rng.normal(size=6), rng.normal(size=(6, 3)), np.array([1.0, 0, 2, 0, 1, -1])
    if not callable(predict_row) or isinstance(predict_row, type):
        raise Mistake(f"that is {show_value(predict_row)}; hand over the function itself, without calling it")

    def ask(V):
        return call(predict_row, w0, w.copy(), V.copy(), x.copy(), name="your function")

    returned = ask(V)
    if is_blank(returned):
        if does_nothing(predict_row):
            raise NotAttempted
        raise Mistake("your function returns nothing; end it with `return` and the prediction (print only shows it)")
    if np.shape(returned) == (V.shape[1],):
        raise Mistake("your function returns a number for each factor; the pairs are summed over the factors, too")
    linear, squares, square = w0 + w @ x, (V.T**2 @ x**2).sum(), ((V.T @ x) ** 2).sum()
    mistakes = {
        "is `w0` and the weights alone; the products of pairs are missing": linear,
        "counts each pair twice: i < j, or take half": linear + square - squares,
        "includes each column with itself: subtract the squares": linear + square / 2,
        "includes each column with itself, and each pair twice": linear + square,
        "leaves out `w0`, the constant": linear - w0 + (square - squares) / 2,
        "leaves out the weights `w`": w0 + (square - squares) / 2,
        "is the pairs alone; add `w0` and the weights": (square - squares) / 2,
        "takes a half of the square of the sum only; the squares are halved, too": linear + square / 2 - squares,
        "forgets `x`: a column counts as often as `x` says": linear + ((V.sum(axis=0) ** 2).sum() - (V**2).sum()) / 2,
    }
    alone = read_number(ask(0 * V), "one number, the prediction")
    part = "the pairs are off" if abs(alone - linear) < 1e-6 else "already with `V` all 0 it is not `w0 + w @ x`"
    what = "the prediction, as the check's double loop computes it"
    compare(returned, linear + (square - squares) / 2, mistakes, within=1e-6, what=what, otherwise=part)


def does_nothing(function: Callable) -> bool:
    """Return whether a function is a stub: it reads no argument, and calls nothing.

    Examples
    --------
    >>> does_nothing(lambda x: None), does_nothing(lambda x: print(x))
    (True, False)
    """
    code = getattr(function, "__code__", None)
    steps = {step.opname for step in dis.get_instructions(code)} if code else {"unknown"}
    return steps <= {"RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"}


@exercise("3.5")
def judge_repaired(repaired: Any, *, predict: Callable) -> None:
    """A recommender (user, n) that ranks the 500 movies most rated in ``old`` by predicted rating."""
    if isinstance(repaired, dict | pd.Series | pd.DataFrame):
        raise Mistake("that looks like its quality; hand over the recommender itself, and compare the quality yourself")
    if not callable(repaired) or isinstance(repaired, type):
        raise Mistake(f"that is {show_value(repaired)}; hand over a recommender, which takes a user and a number")
    old, new = by_time()
    raters = old["item"].value_counts()
    for user in (19, 23):
        listed = flatten(call(repaired, user, 500, name=f"asked for 500 movies for user {user}, your recommender"))
        if not listed or not set(listed) <= set(old["item"]) | set(new["item"]):
            found = show_value(listed[0]) if listed else "nothing"
            raise Mistake(f"for user {user} it gives {found}, not numbers of movies")
        seen = old.loc[old["user"] == user, "item"]
        judge_catalogue(set(listed), raters.drop(seen, errors="ignore"), raters.iloc[499])
        predicted = np.asarray(predict(pd.DataFrame({"user": user, "item": listed})))
        if (np.diff(predicted) > 1e-6).any():
            raise Mistake("the movies are right, but not in the order of their predicted ratings, the highest first")


def judge_catalogue(listed: set, unseen: pd.Series, fewest: int) -> None:
    """Raise `Mistake` unless what is listed for a user are those of the 500 most rated movies that are still unseen.

    `unseen` has the number of ratings of each movie, `fewest` is that of the last of the 500; ties count either way.
    """
    old, new = by_time()
    must, may = set(unseen.index[unseen > fewest]), set(unseen.index[unseen >= fewest])
    if must <= listed <= may:
        return
    if listed & (set(old["item"]) - set(unseen.index)):
        raise Mistake("it lists movies that the user has rated already")
    if len(listed) < len(must):
        raise Mistake(f"asked for 500 movies it lists {len(listed)}; it should rank all of the 500 that are unseen")
    everything = pd.concat([old, new])["item"].value_counts()
    if listed <= set(everything.index[everything >= everything.iloc[499]]):
        raise Mistake("it counts the ratings of `new`, too: what people rate later is not known yet")
    means = old.groupby("item")["rating"].mean().reindex(list(listed))
    if (means >= 4.5).mean() > 0.9:
        raise Mistake("these are the best rated movies, not the most rated ones: count the ratings")
    raise Mistake(
        f"{len(listed - may)} of the movies it lists are not among the 500 most rated of `old`: hand over those 500 "
        "as the catalogue, not every movie there is"
    )
