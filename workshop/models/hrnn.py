"""A hierarchical recurrent network: what comes next, given everything a user did before, in order.

Most recommenders treat a history as a bag of movies. This one reads it event by event. A *session* is a run of events
without a long pause. `workshop.models.gru` is the network that reads sessions; here is what surrounds it: cutting
histories into sessions, lanes and windows, training, and recommending.
"""

from dataclasses import KW_ONLY, dataclass
from typing import Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from workshop.datasets.ratings import generator
from workshop.models.base import Column, Recommender, Table, check_range, in_time, positions
from workshop.models.gru import Adam, Window, by_items, first_params, loss_and_gradients, step

N_RIVALS = 500  # items drawn to compete with the targets of a window
N_LANES = 16  # histories read side by side
PAUSE = 3600.0  # seconds; a longer one ends a session


@dataclass(eq=False, repr=False)  # writes the constructor, which only stores
class HRNN(Recommender):
    """Scores items by how likely each is the user's next, after all events before, in order.

    Parameters
    ----------
    hidden_dimension : int
        Numbers in a state and in an item's embedding, at least 1.
    bptt : int
        Steps of back-propagation through time, at least 1: how far back the cause of an error is sought. States reach
        back further, to the user's first event.
    recency_mask : bool
        Whether old events count less: an event's weight halves with every median age, measured back from the newest.
    n_epochs : int
        Passes over the events.
    learning_rate : float
        Of Adam at the start; it falls in a straight line to 0.
    seed : int

    Attributes
    ----------
    params_ : dict of ndarray
        As in the table above.
    loss_ : ndarray of shape (n_epochs,)
        Mean surprise at the next item among the rivals, in nats.

    Examples
    --------
    >>> round_trips = [(user, (user + k) % 8) for user in range(20) for k in range(6)]
    >>> model = HRNN(hidden_dimension=8, n_epochs=60, learning_rate=0.03).fit(round_trips)
    >>> [int(model.recommend(user, n=1)[0]) for user in (0, 1, 2)]
    [6, 7, 0]
    >>> model.scores_after([[99, 3], [99, 4]]).argmax()
    np.int64(5)
    """

    hidden_dimension: int = 43
    bptt: int = 32
    recency_mask: bool = True
    _: KW_ONLY
    n_epochs: int = 5
    learning_rate: float = 0.01
    seed: int = 0

    def fit(self, X: Table, y: Column | None = None) -> Self:
        """Return the fitted model; X (n, 2) user and item ids, in time by ``timestamp``; ratings are not used.

        Without timestamps the order of the rows is the order of events, and a history is one session.
        """
        check_range(1, whole=True, hidden_dimension=self.hidden_dimension, bptt=self.bptt, n_epochs=self.n_epochs)
        check_range(1e-9, 10, learning_rate=self.learning_rate)
        users, items, _ = self._learn_ids(X)
        order, times = in_time(X, users)
        users, items = users[order], items[order]
        weights = recency(times) if self.recency_mask else np.ones(len(times))
        counts = np.bincount(items, weights, len(self.items_)) + 0.5
        rng = generator(self.seed)
        self.params_ = first_params(counts, int(self.hidden_dimension), rng)
        chance = counts**0.75 / (counts**0.75).sum()
        log_chance, adam = np.log(chance).astype(np.float32), Adam(self.params_)
        self.loss_ = np.empty(int(self.n_epochs))
        for epoch in range(len(self.loss_)):
            windows = self._windows(users, items, times, weights, rng)
            s = c = np.zeros((windows[0].items.shape[1], int(self.hidden_dimension)), np.float32)
            losses = []
            for k, window in enumerate(windows):
                rivals = rng.choice(len(chance), N_RIVALS, p=chance)
                loss, grads, s, c = loss_and_gradients(self.params_, window, s, c, rivals, log_chance)
                adam.step(grads, self.learning_rate * (1 - (epoch + k / len(windows)) / self.n_epochs))
                losses.append(loss)
            self.loss_[epoch] = np.mean(losses)
        self.states_ = self._last_states(users, items, times, len(self.users_))
        return self

    def scores_after(self, X: Table) -> np.ndarray:
        """Return scores, shape (n_users, n_items), of all `items_` for each user of X, by id, given the events in X.

        X is as in `fit`; its users need not be known. Events with unknown items are passed over.
        """
        check_is_fitted(self)
        users, items, _ = self._read(X)
        users = np.unique(users, return_inverse=True)[1]
        order, times = in_time(X, users)
        users, items = users[order], positions(items, self.items_)[order]
        known = items >= 0
        states = self._last_states(users[known], items[known], times[known], users.max() + 1)
        return states @ self.params_["items"].T + self.params_["bias"]

    def _predict(self, users, items):
        states = np.where((users >= 0)[:, None], self.states_[users], 0)
        scores = (states * self.params_["items"][items]).sum(axis=1) + self.params_["bias"][items]
        return np.where(items >= 0, scores, -np.inf)

    def _windows(self, users, items, times, weights, rng):
        """All histories end to end, users in random order, cut into lanes side by side and into windows: a list."""
        turn = rng.permutation(users.max() + 1)[users]
        order = np.argsort(turn, kind="stable")
        users, items, times = users[order], items[order], times[order]
        new_user, new_session = boundaries(users, times)
        weights = np.r_[np.where(new_user[1:], 0, weights[order][1:]), 0]
        rows = (items, np.r_[items[1:], 0], weights.astype(np.float32), new_user, new_session)
        bptt = int(self.bptt)
        n_lanes = max(1, min(N_LANES, len(items) // bptt))
        n_steps = -(-len(items) // n_lanes)
        lanes = [np.resize(row, (n_lanes, n_steps)).T for row in rows]
        lanes[2].T.flat[len(items) :] = 0  # the last lane is filled up with events that count for nothing
        return [Window(*(lane[t : t + bptt] for lane in lanes)) for t in range(0, n_steps, bptt)]

    def _last_states(self, users, items, times, n_users):
        """States (n_users, H) after each history; rows are sorted by user and time. 0 where there is no event."""
        lengths = np.bincount(users, minlength=n_users)
        first, longest = np.cumsum(lengths) - lengths, np.argsort(-lengths, kind="stable")
        new_user, new_session = boundaries(users, times)
        s = np.zeros((n_users, int(self.hidden_dimension)), np.float32)
        c = np.zeros_like(s)
        for t in range(lengths.max()):
            active = longest[: np.count_nonzero(lengths > t)]  # those whose history has an event number t
            event = first[active] + t
            by_input = by_items(self.params_, items[event])
            begins = new_user[event], new_session[event]
            s[active], c[active], _ = step(self.params_, by_input, *begins, s[active], c[active])
        return s


def recency(times: np.ndarray) -> np.ndarray:
    """Return weights (n,), 1 on average, that halve with every median age before the newest of `times` (n,), in s."""
    age = times.max() - times
    weights = 0.5 ** (age / max(np.median(age), 1))
    return weights / weights.mean()


def boundaries(users: np.ndarray, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return whether a row is its user's first event, and whether it begins a later session: (n,) of bool each."""
    new_user = np.r_[True, users[1:] != users[:-1]]
    return new_user, ~new_user & np.r_[False, np.diff(times) > PAUSE]
