"""Ranking on a split worked out on paper."""

import numpy as np
import pandas as pd
import pytest

from workshop.evaluation import evaluate_ranking, recommend_by_prediction
from workshop.models import Popularity


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
