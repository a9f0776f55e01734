"""Every metric against scikit-learn's where it has one, and against a spelled-out loop otherwise."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as oracle

from workshop import metrics


@pytest.mark.parametrize("seed", range(5))
def test_errors_and_scores_of_likes_equal_scikit_learn_also_with_ties(seed):
    rng = np.random.default_rng(seed)
    stars, guess = rng.integers(1, 11, (2, 50)) / 2  # a guess may lie just on the threshold
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
    assert metrics.recall_at([1], [1, 1, 2]) == 0.5, "an item that is there twice is one item"


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
