"""A model made for ranking: which ten movies next? It never predicts a rating."""

import numpy as np

from workshop.models.recommender import Recommender, user_item_matrix

__all__ = ["EASE"]


class EASE(Recommender):
    """Scores an item by a weighted sum over the items a user rated: a linear "who liked this also liked that".

    With M the users x items matrix, the weights W minimise ``|M - M W|^2 + penalty |W|^2`` with a diagonal of zero,
    so that no item recommends itself (Steck 2019, equations 1 to 3). The solution needs one inverse,
    ``P = (M'M + penalty I)^-1``; ``W = I - P / diag(P)`` (equation 8). As there are far fewer users than movies here,
    the inverse is taken on the side of the users: ``P = (I - M' (M M' + penalty I)^-1 M) / penalty`` (Woodbury), and
    only the scores M W are kept. Only the order of the scores within a user means anything; an unseen item scores 0
    and an unseen user gets the popularities.

    Parameters
    ----------
    penalty : float
        Above 0.
    power : float
        M holds (rating / highest rating) ** power; 0 or more. With 3, four stars count half of five, two stars next
        to nothing; with 0, all ratings count alike.

    Both defaults were chosen on MovieLens small, on the newest ratings of the training rows (three windows of a tenth
    of each user's, one before the other).

    Attributes
    ----------
    scores_ : ndarray of float32, shape (n_users, n_items)
    popularity_ : ndarray of shape (n_items,)
        Mean of M a movie: the scores of a user without history.

    Examples
    --------
    >>> X = [[1, 10], [1, 20], [2, 10], [2, 20], [3, 10], [3, 30], [4, 20]]
    >>> EASE(penalty=1).fit(X).recommend(4, n=1)
    array([10])
    """

    def __init__(self, penalty=70.0, power=3.0):
        self.penalty = penalty
        self.power = power

    def fit(self, X, y=None):
        """Return the fitted model.

        Parameters
        ----------
        X : array_like or DataFrame of shape (n, 2)
            User and item ids.
        y : array_like of shape (n,), optional
            Ratings of 0 or more. Without them, M holds 1 where rated.
        """
        if not self.penalty > 0:
            raise ValueError(f"penalty is {self.penalty}; give a number above 0")
        if not self.power >= 0:
            raise ValueError(f"power is {self.power}; give a number of 0 or more")
        users, items, y = self._learn_ids(X) if y is None else self._learn_ids(X, y)
        if y is None:
            M = (self.seen_ > 0).astype(float)
        elif y.min() < 0:
            raise ValueError(f"y holds {y.min()}; ratings are 0 or more")
        else:
            M = user_item_matrix(users, items, (y / (y.max() or 1)) ** self.power, self.seen_.shape)
        M = M.toarray()
        gram = M @ M.T
        K_M = np.linalg.solve(gram + self.penalty * np.eye(len(M)), M)
        P_diagonal = (1 - (M * K_M).sum(axis=0)) / self.penalty
        M_P = (M - gram @ K_M) / self.penalty
        self.scores_ = (M - M_P / P_diagonal).astype(np.float32)
        self.popularity_ = M.mean(axis=0)
        return self

    def _predict(self, users, items):
        scores = np.where(users >= 0, self.scores_[users, items], self.popularity_[items])
        return np.where(items >= 0, scores, 0.0)
