"""How good is a model? Each answer is a function on arrays.

Three families, because a recommender has three jobs: guess a rating (``rmse``, ``mae``), guess whether somebody
will like a movie (``accuracy``, ``auc``, ``log_loss``), and put the right ten movies first (``precision_at``,
``recall_at``, ``ndcg_at``, ``reciprocal_rank``, ``coverage``). A model can be good at one and bad at another.
"""

import numpy as np
from scipy.stats import rankdata

__all__ = [
    "accuracy",
    "auc",
    "coverage",
    "log_loss",
    "mae",
    "ndcg_at",
    "precision_at",
    "recall_at",
    "reciprocal_rank",
    "rmse",
]


def rmse(y_true, y_pred):
    """Root mean squared error, in the unit of the ratings (stars).

    Parameters
    ----------
    y_true, y_pred : array_like of shape (n,)
        True and predicted ratings, n at least 1.

    Raises
    ------
    ValueError
        If the shapes differ, are empty or not flat, or a number is not finite.

    Examples
    --------
    >>> rmse([1, 2, 3], [1, 2, 5])
    1.1547005383792515
    """
    y_true, y_pred = _pair(y_true, y_pred)
    return float(np.sqrt(np.mean((y_true - y_pred) ** 2)))


def mae(y_true, y_pred):
    """Mean absolute error, in the unit of the ratings (stars); arguments and errors as in `rmse`.

    Examples
    --------
    >>> mae([1, 2, 3], [1, 2, 6])
    1.0
    """
    y_true, y_pred = _pair(y_true, y_pred)
    return float(np.mean(np.abs(y_true - y_pred)))


def accuracy(y_true, y_pred, *, threshold=0.5):
    """Share of rows, in [0, 1], on which "at least `threshold`" holds for both or for neither.

    Parameters
    ----------
    y_true, y_pred : array_like of shape (n,)
        Labels in {0, 1} and predicted probabilities or labels; or ratings and predicted ratings with
        ``threshold=4``.
    threshold : float
        From here upwards a number counts as "liked".

    Raises
    ------
    ValueError
        As in `rmse`.

    Examples
    --------
    >>> accuracy([1, 0, 1, 0], [0.9, 0.2, 0.4, 0.1])
    0.75
    """
    y_true, y_pred = _pair(y_true, y_pred)
    return float(np.mean((y_true >= threshold) == (y_pred >= threshold)))


def auc(y_true, score):
    """Probability, in [0, 1], that a random liked row scores above a random one not liked; a tie counts half.

    The Mann-Whitney statistic U / (n_1 n_0), from the ranks of the scores (Hanley and McNeil 1982, section II).

    Parameters
    ----------
    y_true : array_like of shape (n,)
        Labels, 0 or 1; both must occur.
    score : array_like of shape (n,)
        Any numbers that grow with the chance of a 1.

    Raises
    ------
    ValueError
        As in `rmse`, or if `y_true` holds other values than 0 and 1 or only one of them.

    Examples
    --------
    >>> auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    y_true, score = _pair(y_true, score)
    _require_labels(y_true)
    n_liked = int(y_true.sum())
    n_other = len(y_true) - n_liked
    if min(n_liked, n_other) == 0:
        raise ValueError(
            f"y_true holds only {int(y_true[0])}: the AUC compares liked rows with others, so give both labels"
        )
    u_statistic = rankdata(score)[y_true == 1].sum() - n_liked * (n_liked + 1) / 2
    return float(u_statistic / (n_liked * n_other))


def log_loss(y_true, probability):
    """Mean surprise -log p(what happened), in nats (0 is perfect, log 2 = 0.693 a coin toss).

    Parameters
    ----------
    y_true : array_like of shape (n,)
        Labels, 0 or 1.
    probability : array_like of shape (n,)
        Predicted probability of a 1, in [0, 1]; kept one machine epsilon away from the ends.

    Raises
    ------
    ValueError
        As in `rmse`, or if labels are not 0 or 1 or probabilities lie outside [0, 1].

    Examples
    --------
    >>> round(log_loss([1, 0], [0.5, 0.5]), 3)
    0.693
    """
    y_true, probability = _pair(y_true, probability)
    _require_labels(y_true)
    if probability.min() < 0 or probability.max() > 1:
        raise ValueError(f"probability lies in [{probability.min()}, {probability.max()}]; it must stay within [0, 1]")
    epsilon = np.finfo(float).eps
    probability = np.clip(probability, epsilon, 1 - epsilon)
    return float(-np.mean(np.where(y_true == 1, np.log(probability), np.log1p(-probability))))


def precision_at(recommended, relevant, n=10):
    """Share of the first `n` places, in [0, 1], that hold a relevant item (an empty place is a miss).

    Parameters
    ----------
    recommended : array_like of shape (m,)
        Item ids, best first, none twice.
    relevant : array_like of shape (k,)
        Ids of the items that are right, in any order; at least one.
    n : int
        Places looked at, at least 1.

    Raises
    ------
    ValueError
        If nothing is relevant, an id is recommended twice, or `n` is below 1.

    Examples
    --------
    >>> precision_at([10, 20, 30, 40], [20, 99], n=2)
    0.5
    """
    return float(_hits(recommended, relevant, n).sum() / n)


def recall_at(recommended, relevant, n=10):
    """Share of the relevant items, in [0, 1], found in the first `n` places; arguments as in `precision_at`.

    Examples
    --------
    >>> recall_at([10, 20, 30, 40], [20, 99], n=4)
    0.5
    """
    return float(_hits(recommended, relevant, n).sum() / len(np.unique(relevant)))


def ndcg_at(recommended, relevant, n=10):
    """Normalised discounted cumulative gain, in [0, 1]: a hit at place p is worth 1 / log2(1 + p).

    The sum over the first `n` places, divided by the sum of an ideal list (Järvelin and Kekäläinen 2002,
    section 2.2, with gains 0 and 1 and Burges's logarithm); arguments as in `precision_at`.

    Examples
    --------
    >>> ndcg_at([20, 10, 99], [20, 99])
    0.9197207891481876
    """
    hits = _hits(recommended, relevant, n)
    worth = 1 / np.log2(np.arange(2, n + 2))
    return float(worth[: len(hits)] @ hits / worth[: len(np.unique(relevant))].sum())


def reciprocal_rank(recommended, relevant):
    """1 / the place of the first relevant item, in [0, 1]; 0 if there is none. Arguments as in `precision_at`.

    Examples
    --------
    >>> reciprocal_rank([10, 20, 30], [30, 20])
    0.5
    """
    hits = _hits(recommended, relevant, max(1, np.size(recommended)))
    return float(1 / (1 + np.argmax(hits))) if hits.any() else 0.0


def coverage(recommended_lists, catalogue):
    """Share of the catalogue, in [0, 1], that is recommended to at least one user.

    Parameters
    ----------
    recommended_lists : iterable of array_like
        One list of item ids a user.
    catalogue : array_like of shape (n_items,)
        Ids of all items that could have been recommended; at least one.

    Raises
    ------
    ValueError
        If the catalogue is empty or an id outside it was recommended.

    Examples
    --------
    >>> coverage([[1, 2], [2, 3]], [1, 2, 3, 4])
    0.75
    """
    catalogue = np.unique(catalogue)
    if len(catalogue) == 0:
        raise ValueError("catalogue is empty; give the ids of all items")
    shown = set().union(*(np.ravel(items).tolist() for items in recommended_lists))
    strangers = shown - set(catalogue.tolist())
    if strangers:
        raise ValueError(f"recommended_lists holds {min(strangers)}, which is not in the catalogue; add it there")
    return len(shown) / len(catalogue)


def _pair(y_true, y_pred):
    y_true, y_pred = np.asarray(y_true, dtype=float), np.asarray(y_pred, dtype=float)
    if y_true.shape != y_pred.shape or y_true.ndim != 1 or len(y_true) == 0:
        raise ValueError(
            f"truth and prediction have shapes {y_true.shape} and {y_pred.shape}; "
            "both must be (n,) with the same n of at least 1"
        )
    if not (np.isfinite(y_true).all() and np.isfinite(y_pred).all()):
        raise ValueError("truth or prediction holds NaN or infinity; drop or repair those rows")
    return y_true, y_pred


def _require_labels(y_true):
    if not np.isin(y_true, (0, 1)).all():
        raise ValueError(
            f"y_true holds {np.setdiff1d(y_true, (0, 1))[0]}; labels are 0 or 1 (for ratings: y_true >= 4)"
        )


def _hits(recommended, relevant, n):
    """Whether each of the first `n` recommended items is relevant, shape (min(n, m),)."""
    recommended, relevant = np.ravel(recommended), np.ravel(relevant)
    if n < 1:
        raise ValueError(f"n is {n}; look at one place or more")
    if len(relevant) == 0:
        raise ValueError("relevant is empty: the score is undefined; leave such users out of the average")
    if len(set(recommended.tolist())) < len(recommended):
        raise ValueError("recommended holds an id twice; an item takes one place only")
    right = set(relevant.tolist())  # for a few items quicker than np.isin
    return np.array([item in right for item in recommended[:n].tolist()], dtype=bool)
