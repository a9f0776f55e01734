"""Item to item: movies are alike when the same people watched them."""

import numpy as np
import scipy.sparse as sp
from sklearn.utils.validation import check_is_fitted

from workshop.models.recommender import Recommender, positions, user_item_matrix

__all__ = ["Sims"]


class Sims(Recommender):
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
        Share of training users, in [0, 1].

    Examples
    --------
    >>> X = [[1, 10], [1, 20], [2, 10], [2, 20], [3, 30], [3, 40], [4, 10]]
    >>> Sims(min_cointeraction_count=2).fit(X).recommend(4, n=1)
    array([20])
    """

    def __init__(self, popularity_discount_factor=0.5, min_cointeraction_count=3):
        self.popularity_discount_factor = popularity_discount_factor
        self.min_cointeraction_count = min_cointeraction_count

    def fit(self, X, y=None):
        """Return the fitted model; X (n, 2) user and item ids; ratings are not used."""
        if not 0 <= self.popularity_discount_factor <= 1:
            raise ValueError(f"popularity_discount_factor is {self.popularity_discount_factor}; give 0 to 1")
        if self.min_cointeraction_count < 0:
            raise ValueError(f"min_cointeraction_count is {self.min_cointeraction_count}; give 0 or more")
        self._learn_ids(X)
        M = (self.seen_ > 0).astype(np.float32).tocsc()
        n = M.sum(axis=0)
        self.popularity_ = n / len(self.users_)
        blocks = []
        for start in range(0, M.shape[1], 500):  # all pairs at once would need much memory before they are thinned out
            together = (M[:, start : start + 500].T @ M).tocoo()
            i, j, n_ij = together.row + start, together.col, together.data
            keep = (i != j) & (n_ij >= self.min_cointeraction_count)
            i, j, n_ij = i[keep], j[keep], n_ij[keep]
            alike = n_ij / (n[i] * n[j] ** np.float32(self.popularity_discount_factor))
            blocks.append(sp.csr_array((alike, (i - start, j)), shape=together.shape))
        self.similarity_ = sp.vstack(blocks, format="csr")
        return self

    def scores_after(self, X):
        """Scores, shape (n_users, n_items), of all `items_` for each user of X, by id, given the history in X.

        X is as in `fit`; its users need not be known. Unknown items are passed over.

        Examples
        --------
        >>> model = Sims(min_cointeraction_count=1).fit([[1, 10], [1, 20], [2, 20], [2, 30]])
        >>> model.scores_after([[9, 30]]).round(2)
        array([[0.  , 0.71, 0.  ]], dtype=float32)
        """
        check_is_fitted(self)
        users, items, _ = self._read(X, "no_validation", reset=False)
        known, users = np.unique(users, return_inverse=True)
        items = positions(items, self.items_)
        keep = items >= 0
        shape = (len(known), len(self.items_))
        return self._scores(user_item_matrix(users[keep], items[keep], np.ones(keep.sum()), shape) > 0)

    def _scores(self, history):
        """Scores (n_users, n_items) given who watched what; the popularity, made tiny, decides ties."""
        return (history.astype(np.float32) @ self.similarity_).toarray() + np.float32(1e-6) * self.popularity_

    def _predict(self, users, items):
        known = np.unique(users[users >= 0])
        scores = np.vstack([self._scores(self.seen_[known] > 0), 1e-6 * self.popularity_])
        rows = np.where(users >= 0, np.searchsorted(known, users), len(known))
        return np.where(items >= 0, scores[rows, items], 0.0)
