import json

import numpy as np
import pandas as pd
import pytest

from workshop.datasets import Ratings, load_movielens
from workshop.widgets import long_tail, my_ratings, rater_profile
from workshop.widgets.asked import ABOUT, item_means

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ratings():
    return load_movielens()


@pytest.fixture(scope="module")
def mine(ratings):
    return my_ratings(ratings)


@pytest.fixture(scope="module")
def tail(ratings):
    return long_tail(ratings)


@pytest.fixture(scope="module")
def profile(ratings, mine):
    return rater_profile(ratings, mine)


def counts_in_the_page(data):
    return np.repeat(*np.transpose(data["runs"]))


def test_page_of_the_tail_knows_what_pandas_counts(ratings, tail):
    data, counts = tail.data, ratings.frame["item"].value_counts()
    np.testing.assert_array_equal(counts_in_the_page(data), counts.to_numpy())
    title = ratings.items["title"] + " (" + ratings.items["year"].astype("string") + ")"
    expected = pd.Series(counts.to_numpy(), title.fillna(ratings.items["title"])[counts.index]).sort_index(
        kind="stable"
    )
    found = pd.Series(counts_in_the_page(data), data["titles"]).sort_index(kind="stable")
    assert sorted(zip(found.index, found, strict=True)) == sorted(zip(expected.index, expected, strict=True))
    of_movie = ratings.items["genres"].loc[counts.index]
    for bit, genre in enumerate(data["genres"]):
        here = np.array(data["of"]) >> bit & 1 == 1
        has = np.array([genre in genres for genres in of_movie])
        assert here.sum() == has.sum() and counts_in_the_page(data)[here].sum() == counts[has].sum(), genre


def test_among_movies_with_as_many_ratings_the_old_ones_do_not_come_first(ratings, tail):
    """Ids grow with the years, so a genre that came up late would seem to stand at the end of the tail."""
    year = pd.Series(tail.data["titles"]).str.extract(r"\((\d{4})\)$")[0].astype(float)
    once = counts_in_the_page(tail.data) == 1
    assert abs(year[once].corr(pd.Series(np.arange(once.sum()), year[once].index))) < 0.05


def test_page_of_the_profile_knows_what_pandas_computes(ratings, mine, profile):
    data, frame = profile.data, ratings.frame
    means = item_means(frame)
    joined = frame.assign(above=frame["rating"] - means[frame["item"]].to_numpy()).join(
        ratings.items["genres"], on="item"
    )
    for user in (1, 15, 300, 547, 671):
        person, own = data["users"][user - 1], joined[joined["user"] == user]
        assert person["name"] == f"user {user}"
        assert person["stars"] == [(own["rating"] == half / 2).sum() for half in range(1, 11)]
        assert [person["above"], person["spread"]] == pytest.approx([own["above"].mean(), own["above"].std()], abs=1e-4)
        for place, genre in enumerate(data["genres"]):
            rated = own["above"][[genre in genres for genres in own["genres"]]]
            found = {place: rest for place, *rest in person["genres"]}.get(place)
            assert (found is None) == rated.empty
            assert found is None or found == pytest.approx([len(rated), rated.mean()], abs=1e-4)
        days = own["timestamp"].dt.date.value_counts().sort_index()
        first = frame["timestamp"].dt.date.min()
        assert person["days"] == [[(day - first).days, count] for day, count in days.items()]
    assert sum(data["mine"]["stars"]) == len(mine) and data["mine"]["days"] == [] and data["mine"]["name"] == "Ann"


def test_means_are_those_of_the_first_part(ratings):
    rated = ratings.frame.loc[ratings.frame["item"] == 260, "rating"]
    assert item_means(ratings.frame)[260] == pytest.approx(
        (rated.sum() + 3 * ratings.frame["rating"].mean()) / (len(rated) + 3)
    )


def test_page_is_small_and_is_given_what_it_shows(ratings, mine, tail, profile):
    assert len(tail.html) < 400_000 and len(profile.html) < 400_000
    for about, known in zip(ABOUT, [set(), {"above", "spread", "genres"}, {"days"}], strict=True):
        data = rater_profile(ratings, mine, about=about).data
        assert set(data["users"][0]) == {"name", "stars"} | known and json.dumps(data)


def test_figures_stand_there_without_a_script(tail, profile):
    assert '<tr><th scope="row">906</th><td>60%</td></tr>' in tail.html
    assert '<tr><th scope="row">4</th><td>29%</td><td>2</td></tr>' in profile.html
    assert "671 users" in profile.name and "median 71" in profile.name


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"about": "years"}, "about='years' must be one of"),
        ({"mine": {1: 5.0}}, "mine=.*must be a Series of stars indexed by item; my_ratings"),
        ({"mine": pd.Series(dtype=float)}, "mine=.*must be a Series"),
        ({"mine": pd.Series({-3: 5.0})}, "mine has the item -3, which is unknown"),
        ({"mine": pd.Series([5.0, 4.0], [1, 1])}, "mine has the item 1, which is unknown or twice"),
        ({"mine": pd.Series({1: 3.7})}, "mine holds 3.7, which is not 0.5, 1, ... 5 stars"),
        ({"mine": pd.Series({1: np.nan})}, "mine holds nan"),
        ({"mine": pd.Series({1: "good"})}, "mine holds good"),
    ],
)
def test_bad_input_is_named(ratings, mine, wrong, named):
    with pytest.raises(ValueError, match=named):
        rater_profile(ratings, **{"mine": mine, **wrong})


def small(genres, rating=4.0):
    frame = pd.DataFrame({"user": [-1, -1, 7], "item": [1, 2, 1], "rating": [rating, 5.0, 3.0]})
    frame["timestamp"] = pd.to_datetime(["1999-12-31 23:00", "2000-01-01 01:00", "2001-02-03 00:00"]).astype(
        "datetime64[s]"
    )
    items = pd.DataFrame({"title": ["A", "B"], "year": pd.array([1999, None], "Int64"), "genres": genres}, [1, 2])
    return Ratings(frame, items, pd.DataFrame(index=[-1, 7]), "small")


def test_a_data_set_of_three_ratings_with_a_movie_of_no_genre():
    ratings = small([("War",), ()])
    assert long_tail(ratings).data | {"colours": 0} == {
        "titles": ["A (1999)", "B"],
        "of": [1, 0],
        "genres": ["War"],
        "runs": [(2, 1), (1, 1)],
        "line": 1,
        "colours": 0,
    }
    data = rater_profile(ratings, pd.Series({2: 5.0}, name="you")).data
    assert data["mine"]["name"] == "you" and data["mine"]["genres"] == [] and data["mine"]["spread"] == 0
    assert [one["days"] for one in data["users"]] == [[[0, 1], [1, 1]], [[400, 1]]]


def test_what_the_page_cannot_hold_is_named():
    many = tuple(f"genre {number}" for number in range(32))
    with pytest.raises(ValueError, match="32 genres; keep 31 or fewer"):
        long_tail(small([many, ()]))
    with pytest.raises(ValueError, match=r"ratings holds 4\.2, which is not"):
        rater_profile(small([(), ()], rating=4.2), pd.Series({2: 5.0}))
