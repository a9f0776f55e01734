"""The recurrent network against scalar arithmetic, differences and a world whose next item is known."""

import math

import numpy as np
import pandas as pd
import pytest

from workshop.models import HRNN, hrnn
from workshop.models.gru import Adam, Window, first_params, loss_and_gradients
from workshop.models.hrnn import boundaries, recency

H, N_ITEMS, T, B = 4, 9, 7, 3


def network(seed=0):
    rng = np.random.default_rng(seed)
    params = {name: value.astype(float) for name, value in first_params(np.arange(1.0, 1 + N_ITEMS), H, rng).items()}
    return {name: value + 0.2 * rng.normal(size=value.shape) for name, value in params.items()}


def some_window(seed=1):
    rng = np.random.default_rng(seed)
    items, targets = rng.integers(N_ITEMS, size=(2, T, B))
    new_user = rng.random((T, B)) < 0.2
    return Window(items, targets, rng.random((T, B)), new_user, ~new_user & (rng.random((T, B)) < 0.3))


def some_states(seed=2):
    return np.random.default_rng(seed).normal(size=(2, B, H))


RIVALS, LOG_CHANCE = np.array([0, 3, 3, 5, 8]), np.log(np.arange(1, 1 + N_ITEMS) / 45)


def scalar_gru(params, name, x, h):
    """Cho et al. 2014, equations 5 to 8, one number after the other."""
    W, U, b = (params[f"{name}_{part}"] for part in "WUb")

    def total(column, state):
        return b[column] + sum(x[i] * W[i, column] + state[i] * U[i, column] for i in range(H))

    reset = [1 / (1 + math.exp(-total(j, h))) for j in range(H)]
    update = [1 / (1 + math.exp(-total(H + j, h))) for j in range(H)]
    kept = [reset[i] * h[i] for i in range(H)]
    candidate = [math.tanh(total(2 * H + j, kept)) for j in range(H)]
    return [update[j] * h[j] + (1 - update[j]) * candidate[j] for j in range(H)]


def scalar_loss(params, window, s, c):
    """Quadrana et al. 2017, section 3.2, and the sampled softmax, lane by lane and event by event."""
    surprise = 0.0
    last_s, last_c = np.empty((B, H)), np.empty((B, H))
    for lane in range(B):
        session, user = list(s[lane]), list(c[lane])
        for t in range(T):
            if window.new_user[t, lane]:
                session, user = [0.0] * H, [0.0] * H
            if window.new_session[t, lane]:
                user = scalar_gru(params, "user", session, user)
                W, b = params["start_W"], params["start_b"]
                session = [math.tanh(b[j] + sum(user[i] * W[i, j] for i in range(H))) for j in range(H)]
            session = scalar_gru(params, "session", params["items"][window.items[t, lane]], session)

            def odds(item, session=session):
                score = sum(session[i] * params["items"][item, i] for i in range(H)) + params["bias"][item]
                return math.exp(score - LOG_CHANCE[item])

            target = window.targets[t, lane]
            total = odds(target) + sum(odds(item) for item in RIVALS if item != target)
            surprise -= window.weights[t, lane] * math.log(odds(target) / total)
        last_s[lane], last_c[lane] = session, user
    return surprise / window.weights.sum(), last_s, last_c


def test_forward_pass_equals_scalar_arithmetic():
    params, window, (s, c) = network(), some_window(), some_states()
    expected = scalar_loss(params, window, s.copy(), c.copy())
    loss, _, s_after, c_after = loss_and_gradients(params, window, s, c, RIVALS, LOG_CHANCE)
    np.testing.assert_allclose(loss, expected[0], rtol=1e-12)
    np.testing.assert_allclose(s_after, expected[1], rtol=1e-10)
    np.testing.assert_allclose(c_after, expected[2], rtol=1e-10)
    np.testing.assert_array_equal((s, c), some_states(), "changed in place")


@pytest.mark.parametrize("name", sorted(network()))
def test_gradients_equal_differences(name):
    params, window, (s, c) = network(), some_window(), some_states()
    gradient = loss_and_gradients(params, window, s, c, RIVALS, LOG_CHANCE)[1][name]
    assert np.abs(gradient).max() > 1e-4
    value, step = params[name], 1e-5
    for index in np.ndindex(value.shape):
        here, losses = value[index], []
        for sign in (1, -1):
            value[index] = here + sign * step
            losses.append(loss_and_gradients(params, window, s, c, RIVALS, LOG_CHANCE)[0])
        value[index] = here
        assert gradient[index] == pytest.approx((losses[0] - losses[1]) / (2 * step), abs=1e-9)


def test_adam_equals_its_algorithm():
    gradients, value, mean, square = [0.3, -2.0, 0.5], 1.0, 0.0, 0.0
    params = {"w": np.array([1.0])}
    adam = Adam(params)
    for t, g in enumerate(gradients, 1):
        adam.step({"w": np.array([g])}, 0.1)
        mean, square = 0.9 * mean + 0.1 * g, 0.999 * square + 0.001 * g**2
        value -= 0.1 * (mean / (1 - 0.9**t)) / (math.sqrt(square / (1 - 0.999**t)))
        assert params["w"][0] == pytest.approx(value, rel=1e-6)


def rounds(n_users=60, n_items=20, hours=(0, 1, 2, 4, 5, 7, 8, 9)):
    """Everybody walks around a circle of items, each from a place of their own; the long pauses part sessions."""
    rows = [(u, (u + k) % n_items, 3600 * hour) for u in range(n_users) for k, hour in enumerate(hours)]
    frame = pd.DataFrame(rows, columns=["user", "item", "timestamp"])
    return frame.assign(timestamp=pd.to_datetime(frame["timestamp"], unit="s"))


@pytest.fixture(scope="module")
def model():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hrnn, "N_LANES", 3)
        patch.setattr(hrnn, "N_RIVALS", 20)
        yield HRNN(hidden_dimension=12, n_epochs=40, learning_rate=0.02).fit(rounds())


def test_learns_the_order_of_events_in_time_whatever_that_of_the_rows(model):
    assert np.mean([model.recommend(u, 1)[0] == (u + 8) % 20 for u in range(60)]) > 0.9
    assert model.loss_[-1] < 0.5 * model.loss_[0]
    shuffled = HRNN(**model.get_params()).fit(rounds().sample(frac=1, random_state=0))
    np.testing.assert_array_equal(shuffled.states_, model.states_)


def test_scores_after_the_training_history_are_the_models_own_and_sessions_make_a_difference(model):
    frame = rounds()
    scores, stranger = model.scores_after(frame), frame[frame["user"] == 7].assign(user=999)
    with_unknown = pd.concat([stranger, stranger.iloc[:1].assign(item=12345)])
    for found in (model.item_scores(7), model.scores_after(stranger)[0], model.scores_after(with_unknown)[0]):
        np.testing.assert_allclose(found, scores[7], rtol=1e-4)
    assert np.abs(model.scores_after(rounds(hours=range(8))) - scores).max() > 1e-3


def test_stranger_gets_the_bias_and_an_unknown_item_the_last_place(model):
    np.testing.assert_allclose(model.item_scores(999), model.params_["bias"], rtol=1e-6)
    assert model.predict([[0, 12345]])[0] == -np.inf


def test_windows_hold_each_event_once_with_the_item_that_follows(monkeypatch):
    frame = pd.concat([rounds(7, hours=range(5)), rounds(3, hours=range(9)).assign(user=lambda f: f["user"] + 100)])
    users, items = np.unique(frame["user"], return_inverse=True)[1], frame["item"].to_numpy()
    times, weights = np.zeros(len(users)), np.ones(len(users))
    monkeypatch.setattr(hrnn, "N_LANES", 3)
    windows = HRNN(bptt=4)._windows(users, items, times, weights, np.random.default_rng(0))
    lanes = [np.concatenate(parts).T for parts in zip(*windows, strict=True)]
    pairs = [(i, j) for i, j, w in zip(*(lane.ravel() for lane in lanes[:3]), strict=True) if w]
    following = [(a, b) for u in range(10) for a, b in zip(items[users == u], items[users == u][1:], strict=False)]
    assert sorted(pairs) == sorted(following)
    assert all(len(window.items) <= 4 for window in windows)


def test_recency_halves_with_every_median_age():
    weights = recency(np.array([100.0, 90.0, 80.0, 60.0, 0.0]))
    np.testing.assert_allclose(weights / weights[0], [1, 0.5**0.5, 0.5, 0.25, 0.5**5])
    assert weights.mean() == pytest.approx(1)
    np.testing.assert_array_equal(recency(np.zeros(3)), 1)


def test_boundaries():
    new_user, new_session = boundaries(np.array([0, 0, 0, 1]), np.array([0.0, 3600, 7201, 99999]))
    assert new_user.tolist() == [True, False, False, True]
    assert new_session.tolist() == [False, False, True, False]
