"""Synthetic ratings of any size, shaped like MovieLens: a long tail, biases, latent tastes, sessions in time."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workshop.datasets.ratings import Ratings, generator

GENRES = "Drama Comedy Thriller Action Romance Adventure Crime Sci-Fi Horror Fantasy".split()


def synthetic_ratings(
    n_ratings: int, *, n_users: int | None = None, n_items: int | None = None, rank: int = 8, seed: int = 0
) -> Ratings:
    """Return ratings drawn from a known model, for work at a scale that does not ship.

    A rating is ``mean + user bias + item bias + <user taste, item taste> + noise``, rounded to half a star and
    clipped to 0.5 to 5. How much users rate is log-normal, how often items are rated follows a power law; genres
    follow the item's strongest tastes, so that they carry information.

    Parameters
    ----------
    n_ratings : int
        Number of ratings, at least 1; each (user, item) pair appears once.
    n_users, n_items : int, optional
        Default: as many as a MovieLens release of that size has (149 ratings a user; items grow with the fifth root).
    rank : int
        Number of latent tastes, at least 1.
    seed : int
        The same seed gives the same ratings.

    Returns
    -------
    Ratings
        Sorted by user and item; exactly `n_ratings` rows. Ids run from 1.

    Raises
    ------
    ValueError
        If a count is below 1, or more than half of all (user, item) pairs are asked for.

    Examples
    --------
    >>> synthetic_ratings(2_000, n_users=50, n_items=300)
    Ratings('synthetic': 2,000 ratings, 50 users, 297 items)
    """
    n_users = max(2, round(n_ratings / 149)) if n_users is None else n_users
    n_items = max(2, round(9_066 * (max(n_ratings, 1) / 100_004) ** 0.204)) if n_items is None else n_items
    for name, value in {"n_ratings": n_ratings, "n_users": n_users, "n_items": n_items, "rank": rank}.items():
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
            raise ValueError(f"{name}={value!r} must be a whole number of at least 1")
    if n_ratings > max(1, n_users * n_items // 2):
        raise ValueError(
            f"n_ratings={n_ratings} is over half of {n_users} users x {n_items} items; ask for fewer, or add users"
        )

    rng = generator(seed)
    users, items = _draw_pairs(n_ratings, n_users, n_items, rng)
    tastes = rng.normal(0, 0.5, (n_items, rank)).astype(np.float32)
    ratings = _draw_ratings(users, items, n_users, tastes, rng)
    frame = pd.DataFrame({"user": users + 1, "item": items + 1, "rating": ratings})
    frame["timestamp"] = _draw_timestamps(users, n_users, rng)
    top = np.argsort(-tastes[:, : len(GENRES)], axis=1)[:, :2]
    item_table = pd.DataFrame(
        {
            "title": [f"Movie {i + 1}" for i in range(n_items)],
            "year": pd.array(rng.triangular(1930, 2005, 2016, n_items).astype(int), "Int64"),
            "genres": [tuple(GENRES[g] for g in pair) for pair in top],
        },
        index=pd.RangeIndex(1, n_items + 1, name="item"),
    )
    return Ratings(frame, item_table, pd.DataFrame(index=pd.RangeIndex(1, n_users + 1, name="user")), name="synthetic")


def _draw_pairs(n: int, n_users: int, n_items: int, rng) -> tuple[np.ndarray, np.ndarray]:
    """Users and items (n,), ids from 0: unique pairs, sorted."""
    activity = np.exp(rng.normal(4.2, 1.1, n_users))
    popularity = rng.permutation(1 / (np.arange(n_items) + 60.0) ** 1.25)
    every = np.arange(n_users, dtype=np.int64)[:n] * n_items  # everybody rates something, as in MovieLens
    pairs = every + rng.choice(n_items, len(every), p=popularity / popularity.sum())
    while len(pairs) < n:  # duplicates are drawn again, each round a little less from the crowded head
        missing = n - len(pairs)
        more = missing + missing // 10 + 8
        u = rng.choice(n_users, more, p=activity / activity.sum())
        i = rng.choice(n_items, more, p=popularity / popularity.sum())
        fresh = np.setdiff1d(u * n_items + i, pairs)
        pairs = np.concatenate([pairs, rng.permutation(fresh)[:missing]])
        activity, popularity = activity**0.8, popularity**0.8
    return np.divmod(np.sort(pairs), n_items)


def _draw_ratings(users, items, n_users: int, tastes: np.ndarray, rng) -> np.ndarray:
    """Ratings (n,) in half-star steps, in chunks so that memory stays flat."""
    user_tastes = rng.normal(0, 0.35, (n_users, tastes.shape[1])).astype(np.float32)
    user_bias, item_bias = rng.normal(0, 0.4, n_users), rng.normal(0, 0.5, len(tastes))
    ratings = np.empty(len(users))
    for start in range(0, len(users), 1 << 20):
        u, i = users[start : start + (1 << 20)], items[start : start + (1 << 20)]
        taste = np.einsum("nk,nk->n", user_tastes[u], tastes[i])
        stars = 3.5 + user_bias[u] + item_bias[i] + taste + rng.normal(0, 0.75, len(u))
        ratings[start : start + len(u)] = np.clip(np.round(2 * stars) / 2, 0.5, 5)
    return ratings


def _draw_timestamps(users, n_users: int, rng) -> np.ndarray:
    """Timestamps (n,): a user joins on a random day of 1996 to 2016 and comes back for a few evenings."""
    joined = rng.integers(820_454_400, 1_475_280_000, n_users)
    evening = rng.geometric(0.3, len(users)) - 1
    seconds = joined[users] + evening * 86_400 * 9 + rng.integers(0, 3 * 3_600, len(users))
    return seconds.astype("datetime64[s]")
