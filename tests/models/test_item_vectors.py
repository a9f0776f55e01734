"""Item vectors against gensim itself, against counting, and against the theory of what they learn."""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from workshop.datasets import load_movielens, temporal_split
from workshop.evaluation import evaluate_ranking
from workshop.models import ItemVectors, item_vectors
from workshop.models.item_vectors import kept_share

gensim = pytest.importorskip("gensim.models")


def trips(n_users=300, n_items=8, length=6):
    """Each user walks round a circle of items, one step at a time."""
    return pd.DataFrame([(u, (u + k) % n_items, k) for u in range(n_users) for k in range(length)]).set_axis(
        ["user", "item", "timestamp"], axis=1
    )


SMALL = {"window_size": 1, "vector_dim": 8, "epochs": 30, "sampling_threshold": 0, "n_recent": 1}


def test_the_form_is_what_gensim_is_given():
    frame = trips().sample(frac=1, random_state=0)  # rows in any order: time decides
    model = ItemVectors(**SMALL, mode="cbow", negative_samples=3, learning_rate=0.1, noise_exponent=0.2).fit(frame)
    texts = trips().groupby("user")["item"].agg(list).tolist()
    names = {"vector_size": 8, "window": 1, "negative": 3, "alpha": 0.1, "ns_exponent": 0.2, "epochs": 30, "sample": 0}
    expected = gensim.Word2Vec(texts, sg=0, min_count=5, seed=0, workers=1, **names)
    for place, item in enumerate(model.vocabulary_.tolist()):
        np.testing.assert_array_equal(model.vectors_[place], expected.wv[item])
        np.testing.assert_array_equal(model.neighbour_vectors_[place], expected.syn1neg[expected.wv.key_to_index[item]])
    np.testing.assert_array_equal(model.counts_, frame["item"].value_counts().sort_index())


def test_scores_tend_to_the_log_odds_of_being_a_neighbour():
    """Levy and Goldberg 2014, with noise drawn evenly; gensim leaves out a wrong answer that is the right one."""
    rng = np.random.default_rng(0)
    chance = np.array([0.5, 0.25, 0.15, 0.07, 0.03])
    pairs = np.column_stack([np.zeros(6000, int), rng.choice(np.arange(1, 6), 6000, p=chance)])
    frame = pd.DataFrame({"user": np.repeat(np.arange(6000), 2), "item": pairs.ravel()})
    model = ItemVectors(**SMALL | {"epochs": 20}, noise_exponent=0, learning_rate=0.1).fit(frame)
    learned = model.neighbour_vectors_[1:] @ model.vectors_[0]
    seen = np.bincount(pairs[:, 1], minlength=6)[1:] / 6000
    odds = np.log(seen / (1 - seen))
    np.testing.assert_allclose(learned - learned.mean(), odds - odds.mean(), atol=0.15)


def test_disliked_and_rare_items_get_no_vector_and_come_last():
    frame = trips()
    frame.loc[len(frame)] = [0, 99, 7]
    stars = np.where(frame["item"] == 2, 3.0, 5.0)
    model = ItemVectors(**SMALL, liked=4.0).fit(frame, stars)
    assert model.vocabulary_.tolist() == [0, 1, 3, 4, 5, 6, 7]
    assert model.recommend(1000, 9)[-2:].tolist() == [2, 99]


def test_only_recent_items_count():
    frame = trips()
    longer = pd.concat([frame, pd.DataFrame({"user": 300, "item": [5, 0, 1], "timestamp": [0, 1, 2]})])
    model = ItemVectors(**SMALL | {"n_recent": 2}).fit(longer)
    expected = model.vectors_[[0, 1]].mean(axis=0) @ model.neighbour_vectors_.T
    np.testing.assert_allclose(model.item_scores(300), expected, rtol=1e-5)
    np.testing.assert_allclose(model.predict([[300, item] for item in range(8)]), expected, rtol=1e-5)


def test_kept_share_is_what_gensim_keeps():
    frame = trips()
    frame = pd.concat([frame, frame[frame["item"] == 0]])
    texts = frame.groupby("user")["item"].agg(list).tolist()
    model = gensim.Word2Vec(sample=0.05, min_count=1)
    model.build_vocab(texts)
    words = model.wv.index_to_key
    counts = [model.wv.get_vecattr(word, "count") for word in words]
    kept = np.array([model.wv.get_vecattr(word, "sample_int") for word in words], dtype=float) / 2**32
    np.testing.assert_allclose(kept_share(counts, 0.05), kept, rtol=0.01)
    assert kept_share([3, 4], 0).tolist() == [1, 1]


LEARN = """
from workshop.datasets import load_movielens
from workshop.models import ItemVectors
frame = load_movielens().frame.iloc[:2000]
model = ItemVectors(min_count=2, vector_dim=8, epochs=2).fit(frame, frame.rating)
learned = [model.vectors_.sum(), model.recommend(frame.user.iloc[0]).tolist()]
"""


@pytest.mark.slow
def test_another_process_with_other_hashes_learns_the_same():
    here = {}
    exec(LEARN, here)
    environment = os.environ | {"PYTHONHASHSEED": "1"}
    code = [sys.executable, "-c", LEARN + "print(learned)"]
    there = subprocess.run(code, env=environment, capture_output=True, text=True, check=True)
    assert there.stdout.strip() == str(here["learned"])


@pytest.mark.slow
def test_lists_find_liked_movies_that_a_random_order_of_as_popular_ones_does_not():
    old, new = temporal_split(load_movielens().frame)
    settings = {"vector_dim": 32, "sampling_threshold": 0, "noise_exponent": 0, "epochs": 10, "learning_rate": 0.1}
    in_time, shuffled = old, old.assign(timestamp=np.random.default_rng(0).permutation(old["timestamp"]))
    found = [
        evaluate_ranking(ItemVectors("cbow", **settings).fit(frame).recommend, old, new)["ndcg"]
        for frame in (in_time, shuffled)
    ]
    assert found[0] > found[1] + 0.01


def test_without_gensim_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "gensim.models", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install -e '.\[word2vec\]'"):
        ItemVectors().fit(trips())


def test_only_the_false_alarm_of_gensim_is_silenced(capsys):
    with item_vectors._no_false_alarm():
        print("Exception ignored in: 'gensim.models.word2vec_inner.our_dot_float'\n\na true word", file=sys.stderr)
    assert capsys.readouterr().err == "a true word\n"
