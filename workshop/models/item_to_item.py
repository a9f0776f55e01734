"""Item to item: which movie goes with those that you watched? Each sums over a history; none predicts a rating.

`Transitions` counts what followed what, `Sims` what the same people watched; `EASE` asks what each item adds to others.
A *history* is a user's row (n_items,): how much each item of the past counts, older events less where order matters.
"""

from typing import Self

import numpy as np
import scipy.sparse as sp
from scipy.linalg.lapack import dpotrf, dpotri
from sklearn.utils.validation import check_is_fitted

from workshop.models.base import Column, Recommender, Table, check_range, in_time, positions, user_item_matrix

BLOCK = 500  # items or users at once, where all of them would need much memory
MAX_GB = 8.0  # (10^9 bytes) that EASE may take for its inverse


class ItemToItem(Recommender):
    """Base class: a subclass sets `popularity_` and `history_` in `fit`, and says what a history is worth.

    Its `_history` weighs events of shape (n,), `age` being how many the user had later; `_scores` goes from there.
    """

    def scores_after(self, X: Table, y: Column | None = None) -> np.ndarray:
        """Return scores, shape (n_users, n_items), of all `items_` for each user of X, by id, given the events in X.

        X and y are as in `fit`; the users need not be known. Unknown items are passed over.

        Examples
        --------
        >>> model = Sims(min_cointeraction_count=1).fit([[1, 10], [1, 20], [2, 20], [2, 30]])
        >>> model.scores_after([[9, 30]]).round(2)
        array([[0.  , 0.71, 0.  ]], dtype=float32)
        """
        check_is_fitted(self)
        users, items, y = self._read(X, y)
        known, users = np.unique(users, return_inverse=True)
        items, age = positions(items, self.items_), _ages(X, users)
        rows = items >= 0
        y = None if y is None else y[rows]
        return self._scores(self._history(users[rows], items[rows], y, age[rows], len(known)))

    def _predict(self, users, items):
        scores = np.where(items >= 0, self.popularity_[items], 0.0)
        rows = np.flatnonzero((users >= 0) & (items >= 0))
        known, place = np.unique(users[rows], return_inverse=True)
        for start in range(0, len(known), BLOCK):
            here = (place >= start) & (place < start + BLOCK)
            of_users = self._scores(self.history_[known[start : start + BLOCK]])
            scores[rows[here]] = of_users[place[here] - start, items[rows[here]]]
        return scores


class EASE(ItemToItem):
    """Scores an item by a weighted sum over the items a user rated: a linear "who liked this also liked that".

    With M the users x items matrix, the weights W minimise ``|M - M W|^2 + penalty |W|^2`` with a diagonal of zero,
    so that no item recommends itself (Steck 2019, equations 1 to 3). The solution needs one inverse,
    ``P = (M'M + penalty I)^-1``; ``W = I - P / diag(P)`` (equation 8). With fewer users than items the inverse is taken
    on the side of the users: ``P = (I - M' (M M' + penalty I)^-1 M) / penalty`` (Woodbury); W itself is never formed.
    A user's scores are ``h W``, where the history h is the user's row of M, older events counting less. Only the order
    of the scores within a user means anything; an unseen item scores 0 and an unseen user gets the popularities.

    Parameters
    ----------
    penalty : float
        Above 0.
    power : float
        M holds (rating / highest rating) ** power; 0 or more. With 2, four stars count two thirds of five.
    half_age : float
        In a history the event after which came n others counts ``1 / (1 + n / half_age)``: half, where n is half_age.
        Above 0; ``math.inf`` counts all events alike, as does training on data without ``timestamp``.

    All defaults were chosen on MovieLens small, on the newest ratings of the training rows (three windows of a tenth
    of each user's, one before the other).

    Attributes
    ----------
    history_ : csr_array of shape (n_users, n_items)
        What each user's past counts.
    popularity_ : ndarray of shape (n_items,)
        Mean of M a movie: the scores of a user without history.

    Examples
    --------
    >>> X = [[1, 10], [1, 20], [2, 10], [2, 20], [3, 10], [3, 30], [4, 20]]
    >>> EASE(penalty=1).fit(X).recommend(4, n=1)
    array([10])
    """

    def __init__(self, penalty: float = 70.0, power: float = 2.0, half_age: float = 10.0):
        self.penalty = penalty
        self.power = power
        self.half_age = half_age

    def fit(self, X: Table, y: Column | None = None) -> Self:
        """Return the fitted model; X (n, 2) user and item ids, in time by ``timestamp``; y (n,) ratings of 0 or more.

        Without ratings, M holds 1 where rated. MemoryError, before anything large is made, if the smaller number of
        users and items is too large to be squared. With 25 million ratings keep the items rated most often, or take a
        model that grows with the number of ratings alone, such as alternating least squares (the library implicit).
        """
        check_range(0, power=self.power)
        check_range(0, ends=False, penalty=self.penalty)
        check_range(0, ends=False, finite=False, half_age=self.half_age)
        users, items, y = self._learn_ids(X, y)
        if y is not None and y.min() < 0:
            raise ValueError(f"y holds {y.min():g}; ratings are 0 or more")
        self._check_memory()
        self.highest_ = 1.0 if y is None else y.max() or 1.0
        self.fades_ = hasattr(X, "columns") and "timestamp" in X.columns
        self.history_ = self._history(users, items, y, _ages(X, users), len(self.users_))
        M = self._history(users, items, y, np.zeros(len(users)), len(self.users_))
        self.popularity_ = np.asarray(M.mean(axis=0))
        n_users, n_items = M.shape
        self.M_ = M if n_users < n_items else None
        self.inverse_ = _inverse(M if n_users < n_items else M.T.tocsr(), self.penalty)
        if self.M_ is None:
            self.diagonal_ = self.inverse_.diagonal()
        else:
            columns = M.T.tocsr()
            blocks = [columns[start : start + BLOCK] for start in range(0, n_items, BLOCK)]
            M_A_M = [np.asarray(block.multiply(block @ self.inverse_).sum(axis=1)) for block in blocks]
            self.diagonal_ = (1 - np.concatenate(M_A_M)) / self.penalty
        return self

    def _check_memory(self):
        need = 2 * 8 * min(len(self.users_), len(self.items_)) ** 2 / 1e9
        if need > MAX_GB:
            most = int((MAX_GB * 1e9 / 16) ** 0.5)
            raise MemoryError(
                f"EASE needs {need:,.1f} GB for {len(self.users_):,} users and {len(self.items_):,} items, of which it "
                f"squares the smaller number. Keep the {most:,} items rated most often: "
                f"frame[frame['item'].isin(frame['item'].value_counts().index[:{most}])]"
            )

    def _history(self, users, items, y, age, n_users):
        share = np.ones(len(items)) if y is None or self.power == 0 else (y / self.highest_) ** self.power
        weight = share / (1 + age / self.half_age) if self.fades_ else share
        return user_item_matrix(users, items, weight, (n_users, len(self.items_)))

    def _scores(self, history):
        h = history.toarray()
        if self.M_ is None:
            h_P = h @ self.inverse_
        else:
            h_P = (h - (history @ self.M_.T).toarray() @ self.inverse_ @ self.M_) / self.penalty
        scores = (h - h_P / self.diagonal_).astype(np.float32)  # so that equal scores are equal on every processor
        scores[history.sum(axis=1) == 0] = self.popularity_
        return scores


class Sims(ItemToItem):
    """Scores an item by how alike it is to what a user watched, summed over the user's history.

    With n_i the users of item i and n_ij those of both i and j, item j is alike to i by ``n_ij / (n_i n_j^d)``: the
    chance that a user of i also watched j, over the popularity of j to the power d (Deshpande and Karypis 2004,
    "Item-based top-N recommendation algorithms": conditional probability-based similarity). With d = 0 popular items
    win; with d = 1 an item counts by how much more often than by chance it comes along. Where there is no similarity
    to compare, popularity decides.

    Parameters
    ----------
    popularity_discount_factor : float
        The power d, 0 to 1.
    min_cointeraction_count : int
        Pairs with fewer users in common, n_ij, count as not alike; 0 or more.

    Attributes
    ----------
    similarity_ : csr_array of float32, shape (n_items, n_items)
        Row i: how alike each item is to i.
    popularity_ : ndarray of shape (n_items,)
        Share of training users, in [0, 1], made small: it decides ties.

    Examples
    --------
    >>> X = [[1, 10], [1, 20], [2, 10], [2, 20], [3, 30], [3, 40], [4, 10]]
    >>> Sims(min_cointeraction_count=2).fit(X).recommend(4, n=1)
    array([20])
    """

    def __init__(self, popularity_discount_factor: float = 0.5, min_cointeraction_count: int = 3):
        self.popularity_discount_factor = popularity_discount_factor
        self.min_cointeraction_count = min_cointeraction_count

    def fit(self, X: Table, y: Column | None = None) -> Self:
        """Return the fitted model; X (n, 2) user and item ids; ratings are not used."""
        check_range(0, 1, popularity_discount_factor=self.popularity_discount_factor)
        check_range(0, whole=True, min_cointeraction_count=self.min_cointeraction_count)
        users, items, _ = self._learn_ids(X)
        self.history_ = self._history(users, items, None, None, len(self.users_))
        n = self.history_.sum(axis=0)
        self.popularity_ = n / len(self.users_)
        blocks = []
        for start in range(0, len(n), BLOCK):  # all pairs at once would need much memory before they are thinned out
            together = (self.history_[:, start : start + BLOCK].T @ self.history_).tocoo()
            i, j, n_ij = together.row + start, together.col, together.data
            keep = (i != j) & (n_ij >= self.min_cointeraction_count)
            i, j, n_ij = i[keep], j[keep], n_ij[keep]
            alike = n_ij / (n[i] * n[j] ** np.float32(self.popularity_discount_factor))
            blocks.append(sp.csr_array((alike, (i - start, j)), shape=together.shape))
        self.similarity_ = sp.vstack(blocks, format="csr")
        return self

    def _history(self, users, items, y, age, n_users):
        return (user_item_matrix(users, items, np.ones(len(users)), (n_users, len(self.items_))) > 0).astype(np.float32)

    def _scores(self, history):
        return (history @ self.similarity_).toarray() + np.float32(1e-6) * self.popularity_


class Transitions(ItemToItem):
    """Scores an item by how often it came soon after what the user watched last: counting, no training.

    A Markov chain whose steps may be longer than one event. Its defaults were chosen as those of `EASE` were.

    Parameters
    ----------
    window : int
        How many events after an item still count as following it, at least 1.
    half_age : float
        In a history the event after which came n others counts ``1 / (1 + n / half_age)``; above 0.

    Attributes
    ----------
    following_ : csr_array of shape (n_items, n_items)
        Row i: in what share of i's occurrences each item was among the next `window` of the same user, in [0, 1] unless
        users repeat items.
    popularity_ : ndarray of shape (n_items,)
        Share of all events, in [0, 1], made small: it decides ties.

    Examples
    --------
    >>> round_trips = [(user, (user + k) % 8) for user in range(20) for k in range(6)]
    >>> model = Transitions(window=1).fit(round_trips)
    >>> [int(model.recommend(user, n=1)[0]) for user in (0, 1, 2)]
    [6, 7, 0]
    """

    def __init__(self, window: int = 3, half_age: float = 1.0):
        self.window = window
        self.half_age = half_age

    def fit(self, X: Table, y: Column | None = None) -> Self:
        """Return the fitted model; X (n, 2) user and item ids, in time by ``timestamp`` or else as the rows stand."""
        check_range(1, whole=True, window=self.window)
        check_range(0, ends=False, finite=False, half_age=self.half_age)
        users, items, _ = self._learn_ids(X)
        self.history_ = self._history(users, items, None, _ages(X, users), len(self.users_))
        self.popularity_ = np.bincount(items, minlength=len(self.items_)) / len(items)
        order, _ = in_time(X, users)
        users, items = users[order], items[order]
        shape, counts = (len(self.items_),) * 2, np.bincount(items, minlength=len(self.items_))
        self.following_ = sp.csr_array(shape)
        for d in range(1, min(int(self.window), len(items) - 1) + 1):
            same = users[d:] == users[:-d]
            first, later = items[:-d][same], items[d:][same]
            self.following_ += user_item_matrix(first, later, 1 / counts[first], shape)
        return self

    def _history(self, users, items, y, age, n_users):
        return user_item_matrix(users, items, 1 / (1 + age / self.half_age), (n_users, len(self.items_)))

    def _scores(self, history):
        return (history @ self.following_).toarray() + 1e-6 * self.popularity_


def _inverse(rows, penalty):
    """The inverse of ``rows rows' + penalty I``, shape (n, n), of a sparse array (n, m); needs two such arrays."""
    gram = np.empty((rows.shape[0], rows.shape[0]), order="F")
    for start in range(0, len(gram), BLOCK):
        gram[:, start : start + BLOCK] = (rows @ rows[start : start + BLOCK].T).toarray()
    gram[np.diag_indices_from(gram)] += penalty
    factor, failed = dpotrf(gram, lower=True, overwrite_a=True)
    lower, _ = dpotri(factor, lower=True, overwrite_c=True)
    if failed:
        raise ValueError(f"penalty is {penalty}, too small for these data: nothing can be inverted; raise it")
    return np.tril(lower) + np.tril(lower, -1).T


def _ages(X, users):
    """How many later events each event's user had, shape (n,); as `in_time` orders them."""
    order, _ = in_time(X, users)
    last = np.cumsum(np.bincount(users)) - 1
    age = np.empty(len(users), dtype=int)
    age[order] = last[users[order]] - np.arange(len(users))
    return age
