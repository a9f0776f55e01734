"""How good is a model? Each answer is a function on arrays.

Three families, because a recommender has three jobs: guess a rating (``rmse``, ``mae``), guess whether somebody
will like a movie (``accuracy``, ``auc``, ``log_loss``), and put the right ten movies first (``precision_at``,
``recall_at``, ``ndcg_at``, ``reciprocal_rank``, ``coverage``). A model can be good at one and bad at another. The first
two families are scikit-learn's, behind a stricter check of what they are given; the third is done by hand.
"""

from collections.abc import Iterable
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike
from sklearn import metrics

from workshop.datasets.ratings import check_numbers


def rmse(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Return the root mean squared error of ratings (n,), n at least 1, in their unit (stars).

    Raises ValueError, as all functions here do, if the lengths differ or are 0, or something is not a finite number:
    text, dates, complex numbers and masked or missing values are no errors of 0.

    Examples
    --------
    >>> rmse([1, 2, 3], [1, 2, 5])
    1.1547005383792515
    """
    return float(metrics.root_mean_squared_error(*_pair(y_true, y_pred)))


def mae(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Return the mean absolute error of ratings (n,), in their unit (stars).

    Examples
    --------
    >>> mae([1, 2, 3], [1, 2, 6])
    1.0
    """
    return float(metrics.mean_absolute_error(*_pair(y_true, y_pred)))


def accuracy(y_true: ArrayLike, y_pred: ArrayLike, *, threshold: float = 0.5) -> float:
    """Return the share of rows, in [0, 1], on which "at least `threshold`" holds for both or for neither.

    The rows (n,) are labels 0 or 1 and probabilities or labels; with ``threshold=4``, ratings and predicted ratings.
    ValueError for ratings with a threshold up to 1, which all of them reach.

    Examples
    --------
    >>> accuracy([1, 0, 1, 0], [0.9, 0.2, 0.4, 0.1])
    0.75
    """
    truth, guess = _pair(y_true, y_pred)
    if threshold <= 1 and not np.isin(truth, (0, 1)).all():
        raise ValueError(f"threshold is {threshold} and y_true holds {truth.max():g}; for ratings, give threshold=4")
    return float(np.mean((truth >= threshold) == (guess >= threshold)))


def auc(y_true: ArrayLike, score: ArrayLike) -> float:
    """Return the probability, in [0, 1], that a random liked row scores above another one; a tie counts half.

    Of the labels `y_true` (n,), 0 and 1, both must occur; `score` (n,) are numbers that grow with the chance of a 1.

    Examples
    --------
    >>> auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    liked, rank = _labelled(y_true, score)
    if len(np.unique(liked)) == 1:
        raise ValueError(f"y_true holds only {liked[0]:g}: the AUC compares liked rows with others; give both labels")
    return float(metrics.roc_auc_score(liked, rank))


def log_loss(y_true: ArrayLike, probability: ArrayLike) -> float:
    """Return the mean surprise -log p(what happened), in nats (0 is perfect, log 2 = 0.693 a coin toss).

    Labels `y_true` (n,) are 0 or 1; `probability` (n,) is that of a 1, kept one machine epsilon away from 0 and 1.

    Examples
    --------
    >>> round(log_loss([1, 0], [0.5, 0.5]), 3)
    0.693
    """
    liked, share = _labelled(y_true, probability)
    if share.min() < 0 or share.max() > 1:
        raise ValueError(f"probability lies in [{share.min()}, {share.max()}]; it must stay within [0, 1]")
    return float(metrics.log_loss(liked, share, labels=[0, 1]))


def precision_at(recommended: ArrayLike, relevant: ArrayLike, n: int = 10) -> float:
    """Return the share of the first `n` places, in [0, 1], that hold a relevant item (an empty place is a miss).

    `recommended` (m,) are item ids, best first, `relevant` (k,) those that are right, in any order. ValueError if
    nothing is relevant, an id is recommended twice, or `n` is below 1; TypeError if one side has text for ids, the
    other numbers.

    Examples
    --------
    >>> precision_at([10, 20, 30, 40], [20, 99], n=2)
    0.5
    """
    return float(_hits(recommended, relevant, n).sum() / n)


def recall_at(recommended: ArrayLike, relevant: ArrayLike, n: int = 10) -> float:
    """Return the share of the relevant items, in [0, 1], among the first `n`; arguments as in `precision_at`.

    Examples
    --------
    >>> recall_at([10, 20, 30, 40], [20, 99], n=4)
    0.5
    """
    return float(_hits(recommended, relevant, n).sum() / len(set(_ids("relevant", relevant))))


def ndcg_at(recommended: ArrayLike, relevant: ArrayLike, n: int = 10) -> float:
    """Return the normalised discounted cumulative gain, in [0, 1]: a hit at place p is worth 1 / log2(1 + p).

    The sum over the first `n` places, divided by the sum of an ideal list (Järvelin and Kekäläinen 2002,
    section 2.2, with gains 0 and 1 and Burges's logarithm); arguments as in `precision_at`.

    Examples
    --------
    >>> ndcg_at([20, 10, 99], [20, 99])
    0.9197207891481876
    """
    hits = _hits(recommended, relevant, n)
    worth = 1 / np.log2(np.arange(2, int(n) + 2))
    return float(worth[: len(hits)] @ hits / worth[: len(set(_ids("relevant", relevant)))].sum())


def reciprocal_rank(recommended: ArrayLike, relevant: ArrayLike) -> float:
    """Return 1 / the place of the first relevant item, in [0, 1]; 0 if there is none. Arguments as in `precision_at`.

    Examples
    --------
    >>> reciprocal_rank([10, 20, 30], [30, 20])
    0.5
    """
    hits = _hits(recommended, relevant, max(1, len(_ids("recommended", recommended))))
    return float(1 / (1 + np.argmax(hits))) if hits.any() else 0.0


def coverage(recommended_lists: Iterable[ArrayLike], catalogue: ArrayLike) -> float:
    """Return the share of the catalogue, in [0, 1], that is recommended to at least one user.

    There is a list of item ids for each user; `catalogue` (n_items,) has the ids of all that could have been in them.
    ValueError if it is empty, or lacks an id that was recommended.

    Examples
    --------
    >>> coverage([[1, 2], [2, 3]], [1, 2, 3, 4])
    0.75
    """
    known = set(_ids("catalogue", catalogue))
    if not known:
        raise ValueError("catalogue is empty; give the ids of all items")
    shown = set().union(*(_ids("recommended_lists", items) for items in recommended_lists))
    if shown - known:
        raise ValueError(f"recommended_lists holds {min(shown - known)!r}, which is not in the catalogue; add it there")
    return len(shown) / len(known)


def _pair(y_true, y_pred):
    y_true, y_pred = check_numbers("y_true", y_true), check_numbers("y_pred", y_pred)
    if y_true.shape != y_pred.shape or len(y_true) == 0:
        shapes = f"truth and prediction have shapes {y_true.shape} and {y_pred.shape}"
        raise ValueError(f"{shapes}; both must be (n,) with the same n of at least 1")
    return y_true, y_pred


def _labelled(y_true, score):
    y_true, score = _pair(y_true, score)
    if not np.isin(y_true, (0, 1)).all():
        odd = np.setdiff1d(y_true, (0, 1))[0]
        raise ValueError(f"y_true holds {odd}; labels are 0 or 1 (for ratings: y_true >= 4)")
    return y_true, score


def _ids(name, ids):
    """Ids, whole numbers or texts, as a list; a set will do."""
    found = np.ravel(sorted(ids) if isinstance(ids, set | frozenset) else ids).tolist()
    for i in found:
        if isinstance(i, bool) or not (isinstance(i, str | int) or (isinstance(i, float) and i.is_integer())):
            raise TypeError(f"{name} holds {i!r}; ids are whole numbers or text")
    return found


def _hits(recommended, relevant, n):
    """Whether each of the first `n` recommended items is relevant, shape (min(n, m),)."""
    shown, right = _ids("recommended", recommended), _ids("relevant", relevant)
    if isinstance(n, bool) or not isinstance(n, Real) or not 1 <= n < np.inf or n % 1:
        raise ValueError(f"n is {n!r}; look at one place or more, a whole number")
    if not right:
        raise ValueError("relevant is empty: the score is undefined; leave such users out of the average")
    if len(set(shown)) < len(shown):
        raise ValueError("recommended holds an id twice; an item takes one place only")
    if shown and isinstance(shown[0], str) != isinstance(right[0], str):
        raise TypeError(f"recommended holds {shown[0]!r}, relevant {right[0]!r}; give ids of one type, text or numbers")
    right = set(right)  # for a few items quicker than np.isin
    return np.array([item in right for item in shown[: int(n)]], dtype=bool)
