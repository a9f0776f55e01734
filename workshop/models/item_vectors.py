"""Movies as words: vectors of items learned from the order in which users rated them.

A sentence says which words keep company; a user's ratings in order of time say which movies do. So word2vec (Mikolov et
al. 2013, "Distributed representations of words and phrases and their compositionality") can read ratings as it reads
text. Training is gensim's, an optional extra: ``pip install -e '.[word2vec]'``.
"""

import io
import sys
from contextlib import contextmanager, redirect_stderr
from dataclasses import KW_ONLY, dataclass
from typing import Self

import numpy as np
import pandas as pd

from workshop.datasets.ratings import check_numbers
from workshop.models.base import Column, Recommender, Table, check_range, in_time, positions


@dataclass(eq=False, repr=False)  # writes the constructor, which only stores
class ItemVectors(Recommender):
    """Scores items by how well they go with the last few a user rated: word2vec with movies for words.

    Each item has two vectors: one as itself, one as a neighbour. Item i's score is the product of its vector as a
    neighbour with the mean vector of the user's `n_recent` last items. For one recent item w, training brings it to
    log P(i | w) - log noise(i) + constant (Levy and Goldberg 2014, "Neural word embedding as implicit matrix
    factorization", section 3.1; exactly, to the log odds instead of log P, as no right answer is drawn as a wrong one),
    where noise(i) is the number of i's ratings to the power `noise_exponent`.
    A stranger, or a user none of whose items has a vector, gets the most frequent items; an item without a vector
    is never ahead of one with.

    Parameters
    ----------
    mode : {"skipgram", "cbow"}
        Predict the neighbours from the item, or the item from the mean of its neighbours.
    min_count : int
        Items that occur less often get no vector.
    window_size : int
        Neighbours on either side, at most: each time a number from 1 to this is drawn.
    negative_samples : int
        Items drawn as wrong answers for each right one.
    epochs : int
        Passes over the sentences.
    vector_dim : int
        Numbers in a vector.
    learning_rate : float
        Of the first step; it falls in a straight line to 0.0001.
    sampling_threshold : float
        Items with a larger share of all occurrences are read less often, see `kept_share`; 0 reads them all.
    noise_exponent : float
        Wrong answers are drawn in proportion to (number of occurrences) ** noise_exponent: at 1 as often as they
        occur, at 0 all alike, below 0 the rare ones more often.
    n_recent : int
        How many of a user's last items the next one is predicted from.
    liked : float
        Of the ratings given to `fit`, lower ones (stars) are left out of the sentences; 0 keeps all.
    seed : int
        Of the first vectors and of every draw: the same seed gives the same vectors on the same machine.

    Attributes
    ----------
    vocabulary_, counts_ : ndarray of shape (n_vectors,)
        Ids of the items that have a vector, increasing, and how often each occurs.
    vectors_, neighbour_vectors_ : ndarray of float32, shape (n_vectors, vector_dim)
        Each item as itself, and as a neighbour.

    Examples
    --------
    >>> trips = [(user, (user + k) % 8) for user in range(200) for k in range(6)]
    >>> model = ItemVectors(window_size=1, vector_dim=8, epochs=20, sampling_threshold=0, n_recent=1).fit(trips)
    >>> sorted(model.recommend(200, 8)) == list(range(8)), model.recommend(0, 1)  # user 0 was last at 5
    (True, array([6]))
    """

    mode: str = "skipgram"
    min_count: int = 5
    window_size: int = 5
    negative_samples: int = 5
    epochs: int = 5
    vector_dim: int = 100
    learning_rate: float = 0.05
    sampling_threshold: float = 0.0001
    _: KW_ONLY
    noise_exponent: float = 0.75
    n_recent: int = 5
    liked: float = 0.0
    seed: int = 0

    def fit(self, X: Table, y: Column | None = None) -> Self:
        """Return the fitted model; X (n, 2) user and item ids, in time by ``timestamp`` or else as the rows stand.

        Of `y`, ratings (n,) in stars, those below `liked` are left out. Raises ModuleNotFoundError if gensim is not
        installed, ValueError if no item occurs `min_count` times.
        """
        if self.mode not in ("skipgram", "cbow"):
            raise ValueError(f"mode is {self.mode!r}; choose 'skipgram' or 'cbow'")
        counts = ("min_count", "window_size", "negative_samples", "epochs", "vector_dim", "n_recent")
        check_range(1, whole=True, **{name: getattr(self, name) for name in counts})
        check_range(1e-9, 10, learning_rate=self.learning_rate)
        check_range(-10, 10, noise_exponent=self.noise_exponent, liked=self.liked)
        check_range(0, sampling_threshold=self.sampling_threshold)
        check_range(0, whole=True, seed=self.seed)
        if self.sampling_threshold >= 1:
            raise ValueError(f"sampling_threshold is {self.sampling_threshold}; give a share: 0 or more, below 1")
        users, items, y = self._learn_ids(X, y)
        order, _ = in_time(X, users)
        if y is not None:
            order = order[y[order] >= self.liked]
        users, items = users[order], self.items_[items[order]]
        model = self._train([text.tolist() for text in np.split(items, np.flatnonzero(np.diff(users)) + 1)])
        order = np.argsort(model.wv.index_to_key)
        self.vocabulary_ = np.array(model.wv.index_to_key)[order]
        self.counts_ = np.array([model.wv.get_vecattr(item, "count") for item in self.vocabulary_.tolist()])
        self.vectors_, self.neighbour_vectors_ = model.wv.vectors[order], model.syn1neg[order]
        self._places = positions(self.items_, self.vocabulary_)  # of each of `items_` among the vectors, -1: none
        self._recent = self._recent_means(users, items)
        return self

    def _train(self, texts):
        """gensim's model of the sentences. One worker: with more, the order of the steps would be left to chance."""
        try:
            from gensim.models import Word2Vec
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError("ItemVectors trains with gensim: pip install -e '.[word2vec]'") from error
        model = Word2Vec(
            sg=int(self.mode == "skipgram"),
            min_count=int(self.min_count),
            window=int(self.window_size),
            negative=int(self.negative_samples),
            vector_size=int(self.vector_dim),
            alpha=self.learning_rate,
            sample=self.sampling_threshold,
            ns_exponent=self.noise_exponent,
            seed=int(self.seed),
            workers=1,
        )
        model.build_vocab(texts)
        if not len(model.wv):
            raise ValueError(f"no item occurs min_count={self.min_count} times; lower it or give more ratings")
        with _no_false_alarm():
            model.train(texts, total_examples=model.corpus_count, epochs=int(self.epochs))
        return model

    def _recent_means(self, users, items):
        """Mean vectors (n_users, vector_dim) of each user's last items; NaN where none has a vector. Rows in time."""
        places = positions(items, self.vocabulary_)
        recent = pd.DataFrame({"user": users, "place": places})[places >= 0].groupby("user").tail(int(self.n_recent))
        total, n = np.zeros((len(self.users_), self.vectors_.shape[1])), np.zeros((len(self.users_), 1))
        np.add.at(total, recent["user"], self.vectors_[recent["place"]])
        np.add.at(n, recent["user"], 1)
        return np.divide(total, n, out=np.full_like(total, np.nan), where=n > 0)

    def item_scores(self, user: int | str) -> np.ndarray:
        """Return scores, shape (n_items,), that rank `items_` for a user; the same as `predict`, in one product."""
        row = self._position(user)
        if row < 0 or np.isnan(self._recent[row, 0]):
            return super().item_scores(user)
        return np.where(self._places >= 0, (self.neighbour_vectors_ @ self._recent[row])[self._places], -np.inf)

    def _predict(self, users, items):
        places = self._places[items]
        recent = np.where((users >= 0)[:, None], self._recent[users], np.nan)
        scores = (recent * self.neighbour_vectors_[places]).sum(axis=1)
        scores = np.where(np.isnan(scores), np.log(self.counts_[places]), scores)
        return np.where((items >= 0) & (places >= 0), scores, -np.inf)


@contextmanager
def _no_false_alarm():
    """gensim takes a product of exactly -1 for a sign of failure, and Python then reports an error that is none."""
    said = io.StringIO()
    try:
        with redirect_stderr(said):
            yield
    finally:
        lines = said.getvalue().splitlines(keepends=True)
        sys.stderr.writelines(line for line in lines if line.strip() and "our_dot_float" not in line)


def kept_share(counts: Column, sampling_threshold: float) -> np.ndarray:
    """Return the probability (n,), in [0, 1], that word2vec reads an occurrence of an item instead of skipping it.

    With f the item's share of all occurrences and t the threshold it is ``sqrt(t / f) + t / f``, at most 1: the formula
    of the original program, as gensim has it. (Mikolov et al. 2013, equation 5, has the first term alone.)

    `counts` (n,) say how often each item occurs; a threshold of 0 reads everything.

    Examples
    --------
    >>> kept_share([990, 10], 0.01).round(2)
    array([0.11, 1.  ])
    """
    how_often = check_numbers("counts", counts)
    check_range(0, sampling_threshold=sampling_threshold)
    if (how_often <= 0).any():
        raise ValueError(f"counts holds {how_often.min():g}; give how often each item occurs, above 0")
    if sampling_threshold == 0:
        return np.ones(len(how_often))
    ratio = sampling_threshold / (how_often / how_often.sum())
    return np.minimum(1, np.sqrt(ratio) + ratio)
