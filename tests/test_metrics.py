"""Every metric against scikit-learn's or a spelled-out loop, and rankings on a split worked out on paper."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as oracle

from workshop import metrics
from workshop.metrics import evaluate_ranking, recommend_by_prediction
from workshop.models import Popularity


@pytest.mark.parametrize("seed", range(5))
def test_errors_and_scores_of_likes_equal_scikit_learn_also_with_ties(seed):
    rng = np.random.default_rng(seed)
    stars, guess = rng.integers(1, 11, 50) / 2, rng.normal(3.5, 1, 50)
    assert metrics.rmse(stars, guess) == pytest.approx(oracle.root_mean_squared_error(stars, guess))
    assert metrics.mae(stars, guess) == pytest.approx(oracle.mean_absolute_error(stars, guess))
    assert metrics.accuracy(stars, guess, threshold=4) == pytest.approx(oracle.accuracy_score(stars >= 4, guess >= 4))
    liked, share = rng.integers(0, 2, 80), rng.integers(0, 6, 80) / 5
    assert metrics.accuracy(liked, share) == pytest.approx(oracle.accuracy_score(liked, share >= 0.5))
    assert metrics.auc(liked, share) == pytest.approx(oracle.roc_auc_score(liked, share))
    assert metrics.log_loss(liked, share) == pytest.approx(oracle.log_loss(liked, share))


@given(st.permutations(range(12)), st.sets(st.integers(0, 20), min_size=1), st.integers(1, 15))
def test_list_metrics_equal_a_spelled_out_loop(recommended, relevant, n):
    hits, gain, first = 0, 0.0, 0.0
    for place, item in enumerate(recommended, start=1):
        if item in relevant:
            first = first or 1 / place
            if place <= n:
                hits, gain = hits + 1, gain + 1 / math.log2(place + 1)
    ideal = sum(1 / math.log2(place + 1) for place in range(1, min(n, len(relevant)) + 1))
    arguments = recommended, list(relevant)
    assert metrics.precision_at(*arguments, n) == pytest.approx(hits / n)
    assert metrics.recall_at(*arguments, n) == pytest.approx(hits / len(relevant))
    assert metrics.ndcg_at(*arguments, n) == pytest.approx(gain / ideal)
    assert metrics.reciprocal_rank(*arguments) == pytest.approx(first)


def test_an_empty_list_scores_zero_and_short_lists_count_empty_places_as_misses():
    assert metrics.precision_at([], [1]) == metrics.recall_at([], [1]) == metrics.ndcg_at([], [1]) == 0
    assert metrics.reciprocal_rank([], [1]) == 0
    assert metrics.precision_at([1], [1], n=10) == 0.1


def test_numbers_of_every_type_are_the_same():
    for dtype in (object, "float32", "int64", "Int64"):
        assert metrics.mae(pd.Series([5, 1], dtype=dtype), [4, 1]) == 0.5


def test_coverage_counts_each_item_once():
    assert metrics.coverage([np.array([1, 2]), [2]], [1, 2, 3, 4]) == 0.5
    assert metrics.coverage([], [1, 2]) == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.rmse([1, 2], [1]), r"shapes \(2,\) and \(1,\)"),
        (lambda: metrics.rmse([], []), "at least 1"),
        (lambda: metrics.mae([[1]], [[1]]), r"shape \(1, 1\); give one number per row"),
        (lambda: metrics.mae([1, np.nan], [1, 2]), "NaN"),
        (lambda: metrics.auc([1, 1], [0.1, 0.2]), "only 1"),
        (lambda: metrics.auc([0, 4.5], [0.1, 0.2]), "y_true holds 4.5"),
        (lambda: metrics.log_loss([0, 1], [0.1, 1.2]), "1.2"),
        (lambda: metrics.precision_at([1], [1], n=0), "n is 0"),
        (lambda: metrics.recall_at([1], []), "relevant is empty"),
        (lambda: metrics.ndcg_at([1, 1], [1]), "twice"),
        (lambda: metrics.coverage([[5]], [1, 2]), "holds 5"),
        (lambda: metrics.coverage([[5]], []), "catalogue is empty"),
        (lambda: metrics.accuracy([3, 5], [0, 1]), "y_true holds 5; for ratings, give threshold=4"),
        (lambda: metrics.rmse(np.ma.array([1, 2], mask=[0, 1]), [1, 2]), "y_true has masked entries"),
        (lambda: metrics.rmse([1], ["1"]), "y_pred holds '1', which is not a number"),
        (lambda: metrics.rmse(pd.to_datetime(["2020"]), [1]), "y_true holds .*2020.*, which is not a number"),
        (lambda: metrics.mae([1], [1 + 2j]), "which is not a number"),
        (lambda: metrics.mae([1, None], [1, 2]), "y_true holds None"),
        (lambda: metrics.auc(["a", "b"], [1, 2]), "y_true holds 'a'"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_ids_of_two_types_are_refused_rather_than_never_found():
    with pytest.raises(TypeError, match="recommended holds '1', relevant 1; give ids of one type"):
        metrics.precision_at(["1", "2"], [1, 2], n=2)
    assert metrics.precision_at(["a", "b"], {"b"}, n=2) == 0.5
    assert metrics.recall_at([2**60 + 1], [2**60]) == 0


@pytest.fixture
def split():
    train = pd.DataFrame({"user": [1, 1, 2, 3, 3], "item": [10, 20, 10, 10, 30], "rating": [4, 3, 5, 2, 4]})
    test = pd.DataFrame({"user": [1, 2, 2, 3], "item": [30, 20, 40, 20], "rating": [4, 4.5, 5, 3]})
    return train, test


def test_ranking_worked_out_on_paper(split):
    train, test = split
    lists = {1: [30, 40], 2: [30, 20]}  # user 3 liked nothing in the test rows
    found = evaluate_ranking(lambda user, n: lists[user][:n], train, test, n=2, catalogue=[10, 20, 30, 40, 50])
    second = 1 / np.log2(3)
    assert found == pytest.approx(
        {
            "users": 2,
            "precision": (1 / 2 + 1 / 2) / 2,
            "recall": (1 + 1 / 2) / 2,
            "ndcg": (1 + second / (1 + second)) / 2,
            "reciprocal_rank": (1 + 1 / 2) / 2,
            "coverage": 3 / 5,
        }
    )
    assert evaluate_ranking(lambda user, n: lists[user], train, test, n=2)["coverage"] == 3 / 4


def test_users_and_items_may_have_text_for_ids_but_never_two_types(split):
    as_text = [frame.assign(user="u" + frame["user"].astype(str), item=frame["item"].astype(str)) for frame in split]
    expected = evaluate_ranking(Popularity().fit(split[0]).recommend, *split, n=2)
    assert evaluate_ranking(Popularity().fit(as_text[0]).recommend, *as_text, n=2) == expected
    with pytest.raises(TypeError, match="id 'u1' is of another type than those known, such as 1"):
        evaluate_ranking(Popularity().fit(split[0]).recommend, *as_text)
    with pytest.raises(TypeError, match="id '1' is of another type"):
        recommend_by_prediction(len, split[0], [10, 20])("1", 5)


def test_recommending_by_prediction_sorts_the_unrated(split):
    train, _ = split
    stars = {10: 5, 20: 3, 30: 3, 40: 4}
    recommend = recommend_by_prediction(lambda rows: rows["item"].map(stars).to_numpy(), train, [40, 30, 20, 10])
    assert recommend(1, 10).tolist() == [40, 30]
    assert recommend(99, 3).tolist() == [10, 40, 30]
    twice = recommend_by_prediction(lambda rows: rows["item"].map(stars).to_numpy(), train, [40, 30, 20, 10, 40, 10])
    assert twice(1, 10).tolist() == [40, 30] and twice(99, 3).tolist() == [10, 40, 30]
    assert recommend_by_prediction(len, train, [10, 20])(1, 10).tolist() == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"recommend": lambda user, n: [10]}, "user 1 was recommended item 10"),
        ({"train": pd.DataFrame({"user": [2], "item": [40]})}, "test holds user 2 with item 40, as train does"),
        ({"liked": 5.5}, "no test rating reaches liked=5.5"),
    ],
)
def test_what_cannot_be_judged_is_refused(split, change, message):
    arguments = {"recommend": lambda user, n: [50], "train": split[0], "test": split[1]}
    with pytest.raises(ValueError, match=message):
        evaluate_ranking(**arguments | change)
