"""Evidence for the appendix on word2vec: what each turned knob is worth, and whether it lasts on test rows."""

from functools import cache

import numpy as np

from benchmarks.evidence.claims import Claim, Seeds, Users, above, below, estimate
from benchmarks.evidence.judged import gap, quality_by_user, ratings
from workshop.datasets import temporal_split
from workshop.models import EASE, ItemVectors, Popularity

PART = "appendix_word2vec"
FORM = {"liked": 4.0}
READ = FORM | {"sampling_threshold": 0}
LONGER = READ | {"epochs": 8, "learning_rate": 0.1}
TURNED = LONGER | {"noise_exponent": 0}
SETTINGS = {"form": FORM, "all": {"liked": 0.0}, "read": READ, "longer": LONGER, "turned": TURNED}


@cache
def lists(kind: str, seed: int, which: str):
    """Return precision and NDCG by user on the validation or the test rows."""
    old, test = temporal_split(ratings().frame)
    learn, judge = (old, test) if which == "test" else temporal_split(old)
    models = {"EASE": EASE(), "popularity": Popularity()}
    model = models[kind] if kind in models else ItemVectors(**SETTINGS[kind], seed=seed)
    return quality_by_user(model.fit(learn, learn["rating"]).recommend, learn, judge)


def step(one: str, other: str, which: str = "valid") -> Seeds:
    """Return the NDCG of one setting minus that of another, trained with the same seed."""
    return Seeds(lambda s: float(np.mean(_ndcg(one, s, which) - _ndcg(other, s, which))))


def _ndcg(kind, seed, which):
    return lists(kind, 0 if kind in ("EASE", "popularity") else seed, which)["ndcg"].mean()


CLAIMS = [
    Claim(
        "w.read", PART, "Each step helps.", "NDCG, reading everything minus the form", step("read", "form"), above(0)
    ),
    Claim(
        "w.longer",
        PART,
        "Each step helps.",
        "NDCG, longer and larger steps minus reading everything",
        step("longer", "read"),
        above(0),
    ),
    Claim(
        "w.even", PART, "Each step helps.", "NDCG, wrong answers alike minus longer", step("turned", "longer"), above(0)
    ),
    Claim(
        "w.below",
        PART,
        "both *below* popularity (0.043)",
        "NDCG, the form minus popularity",
        step("form", "popularity"),
        below(0),
    ),
    Claim(
        "w.below-all",
        PART,
        "both *below* popularity (0.043)",
        "NDCG, the form on all ratings minus popularity",
        step("all", "popularity"),
        below(0),
    ),
    Claim(
        "w.test",
        PART,
        "nearly twice popularity",
        "test NDCG, turned minus popularity",
        step("turned", "popularity", "test"),
        above(0),
    ),
    Claim(
        "w.test-form",
        PART,
        "less than half of popularity's 0.043",
        "test NDCG, the form minus half of popularity",
        Seeds(lambda s: _ndcg("form", s, "test") - _ndcg("popularity", s, "test") / 2),
        below(0),
    ),
    Claim(
        "w.ease",
        PART,
        "EASE is ahead with 0.104",
        "test NDCG, EASE minus turned",
        step("EASE", "turned", "test"),
        above(0),
    ),
    Claim(
        "w.users",
        PART,
        "EASE is ahead with 0.104",
        "test NDCG, EASE minus turned, one seed",
        Users(lambda: gap(lists("EASE", 0, "test"), lists("turned", 0, "test"), "ndcg")),
        above(0),
    ),
    Claim(
        "w.kind",
        PART,
        "about a fifth of that score is gone on the test rows",
        "share of the score lost, validation to test",
        Seeds(lambda s: 1 - _ndcg("turned", s, "test") / _ndcg("turned", s, "valid")),
        estimate(0.05, 0.35),
    ),
]
