import numpy as np
import pandas as pd
import pytest

from workshop.datasets import load_movielens
from workshop.models import FactorizationMachineRegressor, FeatureBuilder
from workshop.models.fields import check_fields

RATINGS = pd.DataFrame(
    {
        "user": [7, 7, 3, 3, 3],
        "item": [10, 20, 10, 30, 20],
        "timestamp": pd.to_datetime(
            ["2001-05-01 10:00", "2001-05-01 23:59", "2001-05-02 00:00", "2001-05-02 08:00", "1969-12-31 08:00"]
        ),
    }
)
ITEMS = pd.DataFrame(
    {"genres": [("Drama",), (), ("Comedy", "Drama"), ("Comedy",)], "year": pd.array([1994, None, 1995, 1999], "Int64")},
    index=[10, 20, 30, 40],
)


def test_columns_are_users_movies_and_days():
    builder = FeatureBuilder(day=True)
    X = builder.fit_transform(RATINGS)
    assert [(f.name, f.n_columns) for f in builder.fields_] == [("user", 3), ("movie", 4), ("day", 4)]
    user, movie, day = np.split(X.toarray(), [3, 7], axis=1)
    assert user.argmax(axis=1).tolist() == [1, 1, 0, 0, 0]
    assert movie.argmax(axis=1).tolist() == [0, 1, 0, 2, 1]
    assert day.argmax(axis=1).tolist() == [2, 2, 1, 1, 0]
    assert (X.sum(axis=1) == 3).all()
    check_fields(X, builder.fields_)


def test_movies_are_described_by_genres_period_and_raters():
    builder = FeatureBuilder(ITEMS, who_rated=True).fit(RATINGS)
    user, movie = builder.fields_
    assert movie.groups == {"genre": 2, "year": 2, "rated by": 3}
    genre, year, raters = np.split(movie.features.toarray(), [2, 4], axis=1)
    assert genre.tolist() == [[0, 1], [0, 0], [1, 1], [1, 0], [0, 0]]  # Comedy, Drama; last row: the unseen
    assert year.tolist() == [[1, 0], [0, 0], [0, 1], [0, 1], [0, 0]]  # 1990 to 1994, 1995 to 1999
    half = 0.5**0.5
    np.testing.assert_allclose(raters, [[half, half, 0], [half, half, 0], [1, 0, 0], [0, 0, 0], [0, 0, 0]])
    third = (1 / 3) ** 0.5
    assert user.groups == {"has rated": 5}
    np.testing.assert_allclose(user.features.toarray(), [[third, third, third, 0, 0], [half, half, 0, 0, 0], [0] * 5])


def test_the_unseen_gets_the_last_column_of_its_field():
    builder = FeatureBuilder(ITEMS, who_rated=True, day=True).fit(RATINGS)
    new = pd.DataFrame({"user": [1, 7], "item": [99, 40], "timestamp": pd.to_datetime(["2001-05-01", "2020-01-01"])})
    X = builder.transform(new).toarray()
    assert np.flatnonzero(X[0]).tolist() == [2, 3 + 4, 8 + 3]
    assert np.flatnonzero(X[1]).tolist() == [1, 3 + 3, 8 + 3]  # movie 40 is in the table: it has a column, and genres


def test_training_alone_decides_what_is_known():
    builder = FeatureBuilder(who_rated=True).fit(RATINGS)
    before = builder.fields_[0].features.toarray()
    builder.transform(pd.DataFrame({"user": [7], "item": [30]}))
    np.testing.assert_array_equal(builder.fields_[0].features.toarray(), before)


def test_candidates_are_what_the_user_has_not_rated():
    builder = FeatureBuilder(ITEMS, day=True).fit(RATINGS)
    assert builder.candidates(7, "2001-05-01")["item"].tolist() == [30, 40]
    assert builder.candidates(1, "2001-05-01")["item"].tolist() == [10, 20, 30, 40]
    X = builder.transform(builder.candidates(7, "2001-05-01"))
    machine = FactorizationMachineRegressor(2, n_iter=5).fit(
        builder.transform(RATINGS), [5.0, 1.0, 4.0, 3.0, 2.0], fields=builder.fields_
    )
    assert machine.predict(X).shape == (2,)


def test_movielens_becomes_a_matrix_with_two_ones_a_row():
    ratings = load_movielens()
    builder = FeatureBuilder(ratings.items, who_rated=True)
    X = builder.fit_transform(ratings.frame)
    assert X.shape == (100_004, 671 + 1 + 9066 + 1)
    assert X.nnz == 200_008
    assert builder.fields_[1].features.shape == (9067, sum(builder.fields_[1].groups.values()))


@pytest.mark.parametrize(
    ("options", "frame", "message"),
    [
        ({}, RATINGS[["user"]], r"lacks the column\(s\) \['item'\]"),
        ({"day": True}, RATINGS[["user", "item"]], r"lacks the column\(s\) \['timestamp'\]"),
        ({}, RATINGS.assign(user=[1, 2, np.nan, 3, 4]), "missing values"),
        ({}, RATINGS[:0], "no rows"),
        ({}, np.ones((3, 2)), "give a DataFrame"),
        ({"items": pd.DataFrame({"title": ["a"]}, index=[10])}, RATINGS, "items has no column 'genres'"),
    ],
)
def test_bad_tables_are_named(options, frame, message):
    with pytest.raises(ValueError, match=message):
        FeatureBuilder(**options).fit(frame)


def test_a_day_must_be_given_for_recommendations_in_context():
    with pytest.raises(ValueError, match="timestamp"):
        FeatureBuilder(day=True).fit(RATINGS).candidates(7)
