"""The network inside `HRNN`: gated recurrent units, forwards and backwards, in NumPy.

Inside a session one gated recurrent unit (GRU) reads the items; between sessions a second one reads what the first has
gathered, and tells it how to begin the next (Quadrana et al. 2017, "HRNN Init").

=================  ==============  ==========================================================================
symbol             shape           meaning
=================  ==============  ==========================================================================
T, B, H            numbers         steps of a window, lanes side by side, hidden dimension
``items``          (n_items, H)    embedding of each item: read as input, and compared with as output
``bias``           (n_items,)      how likely the item is, whoever asks
``session_W/U/b``  (H, 3H), (3H,)  weights of GRU_ses by input, by state, and alone: reset, update, candidate
``user_W/U/b``     the same        weights of GRU_usr
``start_W/b``      (H, H), (H,)    from the user's state to the state that begins a session
``s``, ``c``       (B, H)          state of the session, state of the user
=================  ==============  ==========================================================================

References: Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder", equations 5 to 8 (the GRU);
Quadrana et al. 2017, "Personalizing session-based recommendations with hierarchical recurrent neural networks",
section 3.2 (the hierarchy); Williams and Peng 1990 (truncated back-propagation); Jean et al. 2015, section 3 (the
sampled softmax); Kingma and Ba 2015, algorithm 1 (Adam).
"""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

Params = dict[str, np.ndarray]  # the weights by name, or their gradients


class Window(NamedTuple):
    """Some steps of several histories side by side, each array (T, B)."""

    items: np.ndarray  # position of the event's item
    targets: np.ndarray  # position of the next event's item
    weights: np.ndarray  # of the prediction in the loss; 0 where the next event is another user's
    new_user: np.ndarray  # whether a user's first event stands here: forget everything
    new_session: np.ndarray  # whether a later session of the same user begins here


def first_params(counts: np.ndarray, H: int, rng: np.random.Generator) -> Params:
    """Return random weights, as deep-learning libraries begin; the bias is the log of the items' popularity."""
    params = {"items": rng.normal(0, 0.1, (len(counts), H)), "bias": np.log(counts / counts.sum())}
    for name in ("session", "user"):
        params |= {f"{name}_{part}": rng.uniform(-1, 1, (H, 3 * H)) / np.sqrt(H) for part in "WU"}
        params[f"{name}_b"] = np.zeros(3 * H)
    params |= {"start_W": rng.uniform(-1, 1, (H, H)) / np.sqrt(H), "start_b": np.zeros(H)}
    return {name: value.astype(np.float32) for name, value in params.items()}


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-x)), by way of tanh, which cannot overflow."""
    return 0.5 * np.tanh(0.5 * x) + 0.5


def gru(params: Params, name: str, by_input: np.ndarray, h: np.ndarray) -> tuple[np.ndarray, tuple]:
    """Return the state (n, H) after reading x in state h (n, H), and what `gru_back` needs (Cho et al. 2014).

    `by_input` (n, 3H) is x @ W + b: it needs no state, so that one product serves all steps of a window.
    """
    U, H = params[f"{name}_U"], h.shape[1]
    gates = sigmoid(by_input[:, : 2 * H] + h @ U[:, : 2 * H])
    reset, update = gates[:, :H], gates[:, H:]  # equations 5 and 6
    candidate = np.tanh(by_input[:, 2 * H :] + (reset * h) @ U[:, 2 * H :])  # equation 8
    return update * h + (1 - update) * candidate, (h, reset, update, candidate)  # equation 7


def gru_back(params: Params, name: str, d_new: np.ndarray, cache: tuple) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradients by x @ W + b (n, 3H) and by h (n, H), from the gradient by the new state."""
    h, reset, update, candidate = cache
    U, H = params[f"{name}_U"], h.shape[1]
    kept = d_new * update
    d_candidate = (d_new - kept) * (1 - candidate**2)
    d_update = kept * (1 - update) * (h - candidate)
    d_reset_h = d_candidate @ U[:, 2 * H :].T
    d_h = d_reset_h * reset
    d_reset = d_h * h * (1 - reset)
    d_sums = np.concatenate([d_reset, d_update, d_candidate], axis=1)
    return d_sums, kept + d_h + d_sums[:, : 2 * H] @ U[:, : 2 * H].T


def add_weights(grads: Params, name: str, h: np.ndarray, reset: np.ndarray, d_sums: np.ndarray, x: np.ndarray) -> None:
    """Add to `grads` those by a unit's weights, from h, the reset gates, `gru_back` and x, of any number of steps."""
    H = h.shape[1]
    grads[f"{name}_W"] += x.T @ d_sums
    grads[f"{name}_b"] += d_sums.sum(axis=0)
    grads[f"{name}_U"][:, : 2 * H] += h.T @ d_sums[:, : 2 * H]
    grads[f"{name}_U"][:, 2 * H :] += (reset * h).T @ d_sums[:, 2 * H :]


def by_items(params: Params, items: np.ndarray) -> np.ndarray:
    """Return what items (...) add to the sums in GRU_ses, (..., 3H): their embeddings @ W + b."""
    return params["items"][items] @ params["session_W"] + params["session_b"]


def step(
    params: Params, by_input: np.ndarray, new_user: np.ndarray, new_session: np.ndarray, s: np.ndarray, c: np.ndarray
) -> tuple[np.ndarray, np.ndarray, tuple]:
    """Return the states s, c (B, H) after one more event a lane, and what `step_back` needs (Quadrana et al., 3.2)."""
    s, c = np.where(new_user[:, None], 0, s), np.where(new_user[:, None], 0, c)
    rows, between = np.flatnonzero(new_session), None
    if len(rows):
        x = s[rows]
        by_session = x @ params["user_W"] + params["user_b"]
        c[rows], user_cache = gru(params, "user", by_session, c[rows])  # c_m = GRU_usr(s_m, c_(m-1))
        s[rows] = np.tanh(c[rows] @ params["start_W"] + params["start_b"])  # s_(m+1,0) = tanh(W_init c_m + b_init)
        between = (x, c[rows], s[rows], user_cache)
    s, cache = gru(params, "session", by_input, s)  # s_(m,n) = GRU_ses(i_(m,n), s_(m,n-1))
    return s, c, (new_user, rows, between, cache)


def step_back(
    params: Params, parts: dict[str, list], ds: np.ndarray, dc: np.ndarray, cache: tuple
) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradients by the states s, c (B, H) before a step, from those by the states after it.

    What the gradients by the weights are made of joins the lists `parts`, for one large product at the end.
    """
    new_user, rows, between, session_cache = cache
    d_sums, ds = gru_back(params, "session", ds, session_cache)
    parts["session"].append((*session_cache[:2], d_sums))
    if len(rows):
        x, c, s, user_cache = between
        d_start = ds[rows] * (1 - s**2)
        dc = dc.copy()
        d_sums, dc[rows] = gru_back(params, "user", dc[rows] + d_start @ params["start_W"].T, user_cache)
        ds[rows] = d_sums @ params["user_W"].T
        parts["user"].append((*user_cache[:2], d_sums, x))
        parts["start"].append((c, d_start))
    return np.where(new_user[:, None], 0, ds), np.where(new_user[:, None], 0, dc)


def sampled_softmax(
    params: Params,
    grads: Params,
    states: np.ndarray,
    targets: np.ndarray,
    weights: np.ndarray,
    rivals: np.ndarray,
    log_chance: np.ndarray,
) -> tuple[float, np.ndarray]:
    """Return the mean surprise at the targets, in nats, and its gradient by the states (n, H); the others join `grads`.

    A softmax over all items would cost most of the time, so that each target competes with a sample of rivals
    only; the log of an item's chance to be sampled is taken off its score, to make up for that.
    """
    weights = weights / max(weights.sum(), 1)
    of_target, of_rivals = params["items"][targets], params["items"][rivals]
    score = (states * of_target).sum(axis=1) + (params["bias"] - log_chance)[targets]
    rival_scores = states @ of_rivals.T
    rival_scores += (params["bias"] - log_chance)[rivals]
    rival_scores[targets[:, None] == rivals] = -np.inf  # a target is not a rival of itself
    highest = np.maximum(score, rival_scores.max(axis=1))
    rival_scores -= highest[:, None]
    odds, rival_odds = np.exp(score - highest), np.exp(rival_scores, out=rival_scores)
    total = odds + rival_odds.sum(axis=1)
    d_score = weights * (odds / total - 1)
    rival_odds *= (weights / total)[:, None]  # now the gradient by the rivals' scores
    add_rows(grads["items"], targets, d_score[:, None] * states)
    add_rows(grads["items"], rivals, rival_odds.T @ states)
    grads["bias"] += np.bincount(targets, d_score, len(log_chance)).astype(states.dtype)
    grads["bias"] += np.bincount(rivals, rival_odds.sum(axis=0), len(log_chance)).astype(states.dtype)
    return weights @ (np.log(total) + highest - score), d_score[:, None] * of_target + rival_odds @ of_rivals


def loss_and_gradients(
    params: Params, window: Window, s: np.ndarray, c: np.ndarray, rivals: np.ndarray, log_chance: np.ndarray
) -> tuple[float, Params, np.ndarray, np.ndarray]:
    """Return the loss of a `Window` (a float), its gradients (as `params`), and the states after it, (B, H) each.

    The gradients stop at the window's first step: back-propagation through time, truncated after T steps. The states
    go on into the next window.
    """
    grads = {name: np.zeros_like(value) for name, value in params.items()}
    states, caches = [], []
    for by_input, new_user, new_session in zip(
        by_items(params, window.items), window.new_user, window.new_session, strict=True
    ):
        s, c, cache = step(params, by_input, new_user, new_session, s, c)
        states.append(s)
        caches.append(cache)
    loss, d_states = sampled_softmax(
        params, grads, np.concatenate(states), window.targets.ravel(), window.weights.ravel(), rivals, log_chance
    )
    d_states = d_states.reshape(len(states), *s.shape)
    ds, dc = np.zeros_like(s), np.zeros_like(c)
    parts: dict[str, list] = {"session": [], "user": [], "start": []}
    for t in reversed(range(len(states))):
        ds, dc = step_back(params, parts, ds + d_states[t], dc, caches[t])
    parts = {name: [np.concatenate(part) for part in zip(*steps, strict=True)] for name, steps in parts.items()}
    items = window.items[::-1].ravel()  # as the way back went
    h, reset, d_sums = parts["session"]
    add_weights(grads, "session", h, reset, d_sums, params["items"][items])
    add_rows(grads["items"], items, d_sums @ params["session_W"].T)
    if parts["start"]:
        add_weights(grads, "user", *parts["user"])
        c_between, d_start = parts["start"]
        grads["start_W"] += c_between.T @ d_start
        grads["start_b"] += d_start.sum(axis=0)
    return loss, grads, s, c


def add_rows(total: np.ndarray, rows: np.ndarray, values: np.ndarray) -> None:
    """Add values[k] to total[rows[k]] for every k, in place; a row may come more than once."""
    ones = np.ones(len(rows), values.dtype)
    which, place = np.unique(rows, return_inverse=True)
    total[which] += sp.csr_array((ones, (place, np.arange(len(rows)))), shape=(len(which), len(rows))) @ values


class Adam:
    """Steps along the gradients, each parameter at its own pace (Kingma and Ba 2015, algorithm 1)."""

    def __init__(self, params: Params):
        self.params, self.n_steps = params, 0
        self.mean = {name: np.zeros_like(value) for name, value in params.items()}
        self.square = {name: np.zeros_like(value) for name, value in params.items()}

    def step(self, grads: Params, learning_rate: float) -> None:
        """Move the parameters in place."""
        self.n_steps += 1
        rate = learning_rate * (1 - 0.999**self.n_steps) ** 0.5 / (1 - 0.9**self.n_steps)
        for name, grad in grads.items():
            mean, square = self.mean[name], self.square[name]
            mean += 0.1 * (grad - mean)
            square += 0.001 * (grad**2 - square)
            self.params[name] -= rate * mean / (np.sqrt(square) + 1e-8)
