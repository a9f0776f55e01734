import numpy as np
import pandas as pd
import pytest

from workshop.models import FactorizationMachineRegressor, FeatureBuilder
from workshop.models.fm.equation import check_fields, scores

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
    names = builder.get_feature_names_out().tolist()
    assert names[:7] == ["user 3", "user 7", "user unseen", "movie 10", "movie 20", "movie 30", "movie unseen"]
    assert names[7:] == ["day 3 1969-12-31", "day 3 2001-05-02", "day 7 2001-05-01", "day unseen"]


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


@pytest.mark.parametrize("options", [{}, {"who_rated": True, "day": True}])
def test_recommendations_are_the_unseen_items_in_the_order_of_the_predicted_ratings(options):
    builder = FeatureBuilder(ITEMS, **options)
    machine = FactorizationMachineRegressor(2, n_iter=5, random_state=0)
    machine.fit(builder.fit_transform(RATINGS), [5.0, 1.0, 4.0, 3.0, 2.0], fields=builder.fields_)
    found = builder.recommend(machine, [7, 1], 3)
    for user, unseen in {7: [30, 40], 1: [10, 20, 30, 40]}.items():
        asked = pd.DataFrame({"user": user, "item": unseen, "timestamp": pd.Timestamp("2001-05-01")})
        X = builder.transform(asked) * (np.arange(builder.fields_[0].n_columns + 5 + 4 * builder.day) < 3 + 5)
        rating = np.mean([scores(X, s.intercept, s.theta) for s in machine.samples_], axis=0)
        best = asked.assign(rating=rating).nlargest(3, "rating")
        rows = found[found["user"] == user]
        assert rows["item"].tolist() == best["item"].tolist()
        np.testing.assert_allclose(rows["rating"], best["rating"], rtol=1e-5)


def test_equal_ratings_are_ordered_by_id_and_few_unseen_items_give_few_rows():
    builder = FeatureBuilder().fit(RATINGS)

    class Same:
        def predict_pairs(self, left, right):
            return np.full((left.shape[0], right.shape[0]), 4.0)

    assert builder.recommend(Same(), [7, 3, 9], 2)[["user", "item"]].to_numpy().tolist() == [[7, 30], [9, 10], [9, 20]]
    with pytest.raises(ValueError, match="n is 0; give a whole number of 1 or more"):
        builder.recommend(Same(), [7], 0)


@pytest.mark.parametrize(
    ("options", "frame", "message"),
    [
        ({}, RATINGS[["user"]], "X has no column 'item'; found user"),
        ({"day": True}, RATINGS[["user", "item"]], "X has no column 'timestamp'"),
        ({"day": True}, RATINGS.assign(timestamp=5), "'timestamp' holds int64"),
        ({"day": True}, RATINGS.assign(timestamp=pd.NaT), "missing values"),
        ({"items": ITEMS.set_axis(["a", "b", "c", "d"])}, RATINGS, "'a' is of another type than those known"),
        ({"items": ITEMS.set_axis([1, 1, 2, 3])}, RATINGS, "items lists 1 twice"),
        ({"items": ITEMS.assign(genres=3)}, RATINGS, "'genres' holds 3; give a tuple"),
        ({"items": pd.DataFrame({"title": ["a"]}, index=[10])}, RATINGS, "items has no column 'genres'"),
    ],
)
def test_bad_tables_are_named(options, frame, message):
    with pytest.raises((ValueError, TypeError), match=message):
        FeatureBuilder(**options).fit(frame)


@pytest.mark.parametrize("convert", [str, lambda i: f"u{i}", lambda i: 2**60 + i])
def test_ids_may_be_texts_or_beyond_any_exact_float_and_another_type_than_in_fit_is_refused(convert):
    ratings, items = RATINGS.assign(user=RATINGS["user"].map(convert)), ITEMS.set_axis(ITEMS.index.map(convert))
    ratings["item"] = RATINGS["item"].map(convert)
    builder, plain = (FeatureBuilder(table, who_rated=True, day=True) for table in (items, ITEMS))
    assert (builder.fit_transform(ratings) != plain.fit_transform(RATINGS)).nnz == 0
    assert builder.get_feature_names_out()[0] == f"user {convert(3)}"
    if isinstance(convert(3), str):
        for knows, asked in [(builder, RATINGS), (plain, ratings)]:
            with pytest.raises(TypeError, match="is of another type than those known"):
                knows.transform(asked)


def test_users_are_described_by_their_attributes():
    users = pd.DataFrame({"age": [20, 40], "gender": ["F", "M"]}, index=[3, 7])
    user, _ = FeatureBuilder(users=users, who_rated=True).fit(RATINGS).fields_
    assert user.groups == {"attributes": 3, "has rated": 4}
    assert user.features[:, :3].toarray().tolist() == [[-1, 1, 0], [1, 0, 1], [0, 0, 0]]  # the last row: the unseen
    nothing_known = FeatureBuilder(users=users[[]]).fit(RATINGS).fields_[0]
    assert nothing_known.features.shape == (3, 0)
