import json

import numpy as np
import pandas as pd
import pytest

from workshop.widgets import movie_map

PLACES = np.array([[0.0, 0.0, 0.3], [1.0, 2.0, 0.0], [-3.0, 1.0, 0.00049]])
TITLES = pd.Series(["Heat", "Alien", "Shrek <2>"], index=[6, 1214, 4306])
MINE = pd.Series({6: 4.5, 99: 1.0}, name="you")


def test_page_is_given_thousandths_titles_and_ratings():
    piece = movie_map(PLACES, TITLES, MINE)
    assert piece.data["places"] == [[0, 0, 300], [1000, 2000, 0], [-3000, 1000, 0]]
    assert piece.data["movies"][1] == [1214, "Alien"]
    assert piece.data["stored"] == {6: 4.5, 99: 1.0} and piece.data["ann"] == {}
    ann = movie_map(PLACES, TITLES, MINE.rename("Ann")).data
    assert ann["ann"] == {6: 4.5, 99: 1.0} and ann["stored"] == {}
    assert json.dumps(piece.data), "what the page is given has to be JSON"
    assert repr(piece) == "A map of 3 movies", "the same whoever looks, and wherever it was computed"


def test_a_picture_with_a_text_stands_there_without_a_script():
    piece = movie_map(PLACES, TITLES, MINE)
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
        ({"mine": MINE.rename("Bo")}, "mine.name='Bo' must be 'you' or 'Ann'"),
    ],
)
def test_bad_input_is_named(changed, named):
    with pytest.raises(ValueError, match=f"(?s){named}"):
        movie_map(**{"positions": PLACES, "titles": TITLES, "mine": MINE} | changed)
