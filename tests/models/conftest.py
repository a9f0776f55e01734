"""Ratings that several files try their models on."""

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def small():
    """60 ratings by 8 users of 12 movies."""
    rng = np.random.default_rng(0)
    pairs = rng.choice(8 * 12, 60, replace=False)
    return pd.DataFrame({"user": pairs // 12 + 100, "item": pairs % 12 * 7, "rating": rng.integers(1, 11, 60) / 2})


@pytest.fixture(scope="session")
def planted():
    """Frame and items: users 0 to 11, 12 to 23, 24 to 35 each love one genre of 30 movies."""
    rng = np.random.default_rng(0)
    genre = np.arange(30) % 3
    pairs = pd.MultiIndex.from_product([range(36), range(30)], names=["user", "item"]).to_frame(index=False)
    loves = pairs["user"] // 12 == genre[pairs["item"]]
    pairs["rating"] = np.where(loves, 4.5, 2.5) + rng.choice([-0.5, 0, 0.5], len(pairs))
    names = np.array(["Comedy", "Drama", "War"])
    items = pd.DataFrame(
        {"title": [f"Movie {i}" for i in range(30)], "year": 1990, "genres": [(names[g],) for g in genre]},
        index=range(30),
    )
    return pairs.sample(frac=0.6, random_state=0), items
