import pickle
from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import minimize

from workshop.datasets import load_movielens
from workshop.metrics import auc
from workshop.objectives import BRANIN_MINIMUM, LikedAUC, branin, forrester, rating_features


@pytest.fixture(scope="module")
def ratings():
    return load_movielens()


@pytest.fixture(scope="module")
def objective(ratings):
    return LikedAUC(ratings, n_train=1000)


def test_the_minima_are_where_the_papers_say():
    found = min(minimize(lambda x: forrester(x[0]), [start], bounds=[(0, 1)]).fun for start in np.linspace(0, 1, 9))
    assert found == pytest.approx(-6.02074, abs=1e-5)
    for start in ((-3, 12), (3, 2), (9, 2)):
        assert minimize(lambda x: branin(*x), start).fun == pytest.approx(BRANIN_MINIMUM, abs=1e-6)


def test_features_by_hand_for_one_row(ratings):
    frame = ratings.frame
    row, past = frame.iloc[[500]], frame.drop(frame.index[500])
    features = rating_features(past, row, ratings.items).iloc[0]
    user, item = row["user"].iloc[0], row["item"].iloc[0]
    of_user, of_item = past.loc[past["user"] == user, "rating"], past.loc[past["item"] == item, "rating"]
    assert features["user_count"] == len(of_user) and features["item_count"] == len(of_item)
    assert features["user_mean"] == pytest.approx((of_user.sum() + 5 * past["rating"].mean()) / (len(of_user) + 5))
    assert features["item_spread"] == pytest.approx(of_item.std())
    genres = set(ratings.items.loc[item, "genres"])
    assert {name for name in features.index[9:] if features[name] == 1} == genres


def test_features_never_read_the_ratings_they_are_to_predict(ratings):
    rows, past = ratings.frame[:200], ratings.frame[200:]
    changed = rows.assign(rating=0.5)
    assert rating_features(past, rows, ratings.items).equals(rating_features(past, changed, ratings.items))


def test_of_each_user_valid_is_newer_than_train_and_test_newer_still(ratings, objective):
    users = ratings.frame["user"]
    when = ratings.frame["timestamp"]
    spans = [
        when.loc[rows.index].groupby(users.loc[rows.index])
        for rows in (objective.train, objective.valid, objective.test)
    ]
    for older, newer in pairwise(spans):
        gap = newer.min() - older.max()
        assert (gap.dropna().dt.total_seconds() >= 0).all() and gap.notna().sum() > 100
    together = objective.train.index.append([objective.valid.index, objective.test.index])
    assert together.is_unique


def test_trained_anew_or_in_another_process_a_config_scores_the_same_and_a_better_one_better(objective):
    good, bad = {"eta": 0.2, "num_round": 20, "rate_drop": 0.1}, {"eta": 1.0, "max_depth": 10}
    trained_anew = objective.score(good, objective.valid)  # a call remembers its score
    assert pickle.loads(pickle.dumps(objective))(good) == objective(good) == trained_anew > objective(bad) + 0.01


def test_the_learning_curve_ends_at_the_objective(objective):
    curve = objective.learning_curve({"eta": 0.3, "num_round": 15})
    assert curve.shape == (15, 2) and curve[-1, 0] > curve[-1, 1]
    assert curve[-1, 1] == pytest.approx(objective({"eta": 0.3, "num_round": 15}), abs=1e-5)


def test_bootstrap_draws_whole_users(ratings, objective):
    """The same AUC as of rows that are written down as often as their user is drawn."""
    config, user = {"eta": 0.1}, ratings.frame["user"].loc[objective.valid.index]
    found, score = objective.bootstrap(config, n_draws=3, seed=5), objective.predict(config, objective.valid)
    liked, rng = objective.valid["liked"].to_numpy(), np.random.default_rng(5)
    of_user = [np.flatnonzero(user == each) for each in np.unique(user)]
    for value in found:
        rows = np.concatenate([of_user[k] for k in rng.integers(len(of_user), size=len(of_user))])
        assert value == pytest.approx(auc(liked[rows], score[rows]))


def test_ratings_of_one_user_are_not_independent(objective):
    """Users spread the AUC more than the theory for independent rows says: Hanley and McNeil (1982), eq. 2."""
    config = {"eta": 0.1}
    found, value = objective.bootstrap(config), objective(config)
    assert found.shape == (200,) and found.mean() == pytest.approx(value, abs=0.002)
    n_liked = objective.valid["liked"].sum()
    n_other = len(objective.valid) - n_liked
    q1, q2 = value / (2 - value), 2 * value**2 / (1 + value)
    variance = value * (1 - value) + (n_liked - 1) * (q1 - value**2) + (n_other - 1) * (q2 - value**2)
    assert found.std() > 1.5 * np.sqrt(variance / (n_liked * n_other))


@pytest.mark.slow
def test_two_configs_meet_the_same_draws(objective):
    small = np.std(objective.bootstrap({"eta": 0.1}) - objective.bootstrap({"eta": 0.11}))
    assert small < 0.5 * objective.bootstrap({"eta": 0.1}).std()
    assert np.std(objective.bootstrap({"eta": 0.1}, seed=1) - objective.bootstrap({"eta": 0.11})) > 2 * small


def test_rounds_reported_are_the_learning_curve_and_end_at_the_objective(objective):
    for config in ({"eta": 0.3, "num_round": 8}, {"eta": 0.3, "num_round": 5, "rate_drop": 0.2}):
        rounds = list(objective.report(config))
        np.testing.assert_allclose(rounds, objective.learning_curve(config)[:, 1], atol=1e-5)
        assert rounds[-1] == pytest.approx(objective(config), abs=1e-6)


def test_rows_of_another_kind_are_named_and_columns_are_read_by_name(objective):
    valid, short = objective.valid, objective.valid.drop(columns="taste")
    for call, rows, message in [
        (objective.features, [1, 2], "rows is list, not a DataFrame"),
        (objective.features, valid.drop(columns="liked"), "rows has no column 'liked'"),
        (objective.features, valid.assign(year="1999"), "rows holds .* in 'year'; give rows of train, valid or test"),
        (lambda rows: objective.score({}, rows), short, "rows has no column 'taste'"),
        (lambda rows: objective.predict({}, rows), short, "rows has no column 'taste'"),
    ]:
        with pytest.raises((TypeError, ValueError), match=message):
            call(rows)
    assert objective.score({}, valid[valid.columns[::-1]]) == objective.score({}, valid)


@pytest.mark.parametrize("ask", [LikedAUC.__call__, LikedAUC.learning_curve, lambda o, config: next(o.report(config))])
@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"eta": -1}, r"config=\{'eta': -1\} is refused by XGBoost"),
        ({"num_round": 2.5}, r"num_round is 2\.5; give a whole number"),
        *((odd, "is not a dict; give one of hyperparameters") for odd in (None, 3, [("eta", 0.1)])),
    ],
)
def test_a_config_that_cannot_be_trained_is_named(objective, ask, config, message):
    with pytest.raises((TypeError, ValueError), match=message):
        ask(objective, config)


def test_other_ratings_and_more_rows_than_there_are_are_refused(ratings, objective):
    with pytest.raises(TypeError, match="ratings is list, not Ratings"):
        LikedAUC([])
    with pytest.raises(ValueError, match="n_train is 1000000"):
        LikedAUC(ratings, n_train=1_000_000)
    assert objective.learning_curve({"eval_metric": "error", "num_round": 2}).shape == (2, 2), "always the AUC"
