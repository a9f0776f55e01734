import json

import numpy as np
import pandas as pd
import pytest

from workshop.datasets import Ratings, load_movielens
from workshop.widgets import long_tail, movie_map, my_ratings, rater_profile
from workshop.widgets.asked import ABOUT, item_means, titles_with_years

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ratings():
    return load_movielens()


@pytest.fixture(scope="module")
def pieces(ratings):
    """The long tail and the profile of everybody beside Ann's ratings, and these."""
    mine = my_ratings(ratings)
    return long_tail(ratings), rater_profile(ratings, mine), mine


def counts_in_the_page(data):
    return np.repeat(*np.transpose(data["runs"]))


def test_page_of_the_tail_knows_what_pandas_counts(ratings, pieces):
    data, counts = pieces[0].data, ratings.frame["item"].value_counts()
    here, titles = counts_in_the_page(data), titles_with_years(ratings.items)[counts.index]
    np.testing.assert_array_equal(here, counts.to_numpy())
    assert sorted(zip(data["titles"], here, strict=True)) == sorted(zip(titles, counts, strict=True))
    of_movie = ratings.items["genres"].loc[counts.index]
    for bit, genre in enumerate(data["genres"]):
        marked, has = np.array(data["of"]) >> bit & 1 == 1, of_movie.map(lambda genres, one=genre: one in genres)
        assert marked.sum() == has.sum() and here[marked].sum() == counts[has].sum(), genre


def test_among_movies_with_as_many_ratings_the_old_ones_do_not_come_first(pieces):
    """Ids grow with the years, so a genre that came up late would seem to stand at the end of the tail."""
    tail = pieces[0]
    year = pd.Series(tail.data["titles"]).str.extract(r"\((\d{4})\)$")[0].astype(float)
    once = counts_in_the_page(tail.data) == 1
    assert abs(year[once].corr(pd.Series(np.arange(once.sum()), year[once].index))) < 0.05


def test_page_of_the_profile_knows_what_pandas_computes(ratings, pieces):
    data, mine, frame = pieces[1].data, pieces[2], ratings.frame
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


def test_page_is_small_is_given_what_it_shows_and_has_figures_without_a_script(ratings, pieces):
    tail, profile, mine = pieces
    assert len(tail.html) < 400_000 and len(profile.html) < 400_000
    for about, known in zip(ABOUT, [set(), {"above", "spread", "genres"}, {"days"}], strict=True):
        data = rater_profile(ratings, mine, about=about).data
        assert set(data["users"][0]) == {"name", "stars"} | known and json.dumps(data)
    assert '<tr><th scope="row">906</th><td>60%</td></tr>' in tail.html
    assert '<tr><th scope="row">4</th><td>29%</td><td>2</td></tr>' in profile.html


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
def test_bad_input_is_named(ratings, pieces, wrong, named):
    with pytest.raises(ValueError, match=named):
        rater_profile(ratings, **{"mine": pieces[2], **wrong})


def small(genres, rating=4.0):
    """Two movies of these genres, and three ratings of two users."""
    when = pd.to_datetime(["1999-12-31 23:00", "2000-01-01 01:00", "2001-02-03 00:00"]).astype("datetime64[s]")
    frame = pd.DataFrame({"user": [-1, -1, 7], "item": [1, 2, 1], "rating": [rating, 5.0, 3.0], "timestamp": when})
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


PLACES = np.array([[0.0, 0.0, 0.3], [1.0, 2.0, 0.0], [-3.0, 1.0, 0.00049]])
TITLES = pd.Series(["Heat", "Alien", "Shrek <2>"], index=[6, 1214, 4306])
RATED = pd.Series({6: 4.5, 99: 1.0}, name="you")


def test_page_of_the_map_is_given_thousandths_titles_and_ratings():
    piece = movie_map(PLACES, TITLES, RATED)
    assert piece.data["places"] == [[0, 0, 300], [1000, 2000, 0], [-3000, 1000, 0]]
    assert piece.data["movies"][1] == [1214, "Alien"]
    assert piece.data["stored"] == {6: 4.5, 99: 1.0} and piece.data["ann"] == {}
    ann = movie_map(PLACES, TITLES, RATED.rename("Ann")).data
    assert ann["ann"] == {6: 4.5, 99: 1.0} and ann["stored"] == {}
    assert json.dumps(piece.data), "what the page is given has to be JSON"
    assert repr(piece) == "A map of 3 movies", "the same whoever looks, and wherever it was computed"


def test_a_picture_of_the_map_stands_there_without_a_script():
    piece = movie_map(PLACES, TITLES, RATED)
    assert '<img alt="Map of 3 movies. Far left: Shrek &lt;2&gt;' in piece.static
    assert "</script" not in piece.html.split("<script>")[1].removesuffix("</script></figure>")


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"positions": [1.0, 2.0, 3.0]}, r"positions has shape \(3,\)"),
        ({"positions": PLACES[:, :1]}, "positions has 1 direction; a map needs at least 2"),
        ({"positions": np.where(PLACES == 2, np.nan, PLACES)}, "positions holds NaN"),
        ({"titles": TITLES[:2]}, "titles must name each of 3 movies once, by item; it holds 2 items"),
        ({"titles": pd.Series(["a", "b", "c"], index=[1, 1, 2])}, "it holds 2 items"),
        ({"titles": TITLES.to_list()}, "titles=.*must be a Series indexed by item"),
        ({"mine": pd.Series({"Heat": 4.0}, name="you")}, "mine=.*must be a Series indexed by item"),
        ({"mine": pd.Series({6: 7.0}, name="you")}, r"mine\[6\]=7.0 must be one rating of 0.5 to 5"),
        ({"mine": pd.Series([4.0, 5.0], index=[6, 6])}, r"mine\[6\]=5.0 must be one rating"),
        ({"mine": pd.Series({6: np.nan})}, r"mine\[6\]=nan"),
        ({"mine": RATED.rename("Bo")}, "mine.name='Bo' must be 'you' or 'Ann'"),
    ],
)
def test_a_map_names_bad_input(changed, named):
    with pytest.raises(ValueError, match=f"(?s){named}"):
        movie_map(**{"positions": PLACES, "titles": TITLES, "mine": RATED} | changed)
