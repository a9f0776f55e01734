"""From a table of ratings to the sparse matrix of a factorization machine, and to what is known about its columns."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from workshop.datasets.ratings import check_table, genre_table
from workshop.models.base import Recommender, check_ids, check_range, positions
from workshop.models.fm.equation import Field

SESSION = 1_000_000  # more than there are days: user u on day d since 1970 is session SESSION * u + d


@dataclass(eq=False, repr=False)  # writes the constructor, which only stores
class FeatureBuilder(TransformerMixin, BaseEstimator):
    """Turns ratings into a sparse one-hot matrix of user, movie and, on request, day; ``fields_`` says what it holds.

    Every field has one more column, the last, for what was not seen in training. No rating trains it, so a machine
    predicts from the other columns, and the Gibbs sampler draws it from what is usual in its field.

    Ids are whole numbers or texts, the same kind in `fit` and later. Of a DataFrame the columns ``user`` and ``item``
    are read wherever they stand; of an array, the first two columns are.

    Parameters
    ----------
    items : DataFrame, optional
        Indexed by item id, with columns ``genres`` and ``year``, as in ``Ratings.items``. Describes each movie by its
        genres and by the five years of its release.
    users : DataFrame, optional
        Indexed by user id, such as ``Ratings.users`` of a release with age, gender and occupation. Describes each
        user: numbers standardised, a 0 or 1 for every other value.
    who_rated : bool
        Describe each user by the movies rated in training, and each movie by its raters, each scaled to length 1
        (SVD++; Koren 2008, Eq. 15).
    day : bool
        A field of (user, day of ``timestamp``): the mood of a session. It uses other ratings of the same day, so it
        is known only while the session lasts.

    Attributes
    ----------
    users_, items_ : array
        Known ids, in the order of the columns.
    rated_ : csr_array (n_users + 1, n_items + 1)
        1 where a user rated an item in training.
    fields_ : list of Field
        ``user``, ``movie`` and, if asked for, ``day``: to be given to ``fit`` of a machine.

    Examples
    --------
    >>> ratings = pd.DataFrame({"user": [1, 1, 2], "item": [10, 20, 10]})
    >>> builder = FeatureBuilder().fit(ratings)
    >>> builder.transform(pd.DataFrame({"user": [2, 9], "item": [20, 10]})).toarray().astype(int)
    array([[0, 1, 0, 0, 1, 0],
           [0, 0, 1, 1, 0, 0]])
    >>> builder.get_feature_names_out().tolist()
    ['user 1', 'user 2', 'user unseen', 'movie 10', 'movie 20', 'movie unseen']
    """

    items: pd.DataFrame | None = None
    users: pd.DataFrame | None = None
    _: KW_ONLY
    who_rated: bool = False
    day: bool = False

    def fit(self, X: Any, y: Any = None) -> "FeatureBuilder":
        """Return this transformer, knowing the users, movies and, if ``day``, the days of X; ratings are not used."""
        users, items = self._read(X, reset=True)
        self.users_, self.items_ = np.unique(users), np.unique(items)
        if self.items is not None:
            check_table("items", self.items, "genres", "year")
            table = _by_id("items", self.items, self.items_)
            self.items_ = np.union1d(self.items_, table.index.to_numpy(dtype=self.items_.dtype))
            table = table.reindex(self.items_)
        n_users, n_items = len(self.users_) + 1, len(self.items_) + 1
        at = _find(users, self.users_), _find(items, self.items_)
        self.rated_ = sp.csr_array((np.ones(len(users)), at), shape=(n_users, n_items))
        self.rated_.data[:] = 1  # also where a pair was given twice
        about_user, about_movie = {}, {}
        if self.users is not None:
            check_table("users", self.users)
            about_user["attributes"] = _attributes(_by_id("users", self.users, self.users_).reindex(self.users_))
        if self.items is not None:
            about_movie["genre"] = genre_table(table)
            about_movie["year"] = pd.get_dummies(pd.to_numeric(table["year"]).astype(float) // 5 * 5)
        if self.who_rated:
            about_user["has rated"] = _unit_rows(self.rated_)
            about_movie["rated by"] = _unit_rows(self.rated_.T.tocsr())
        self.fields_ = [_described_field("user", n_users, about_user), _described_field("movie", n_items, about_movie)]
        if self.day:
            self.days_ = np.unique(self._sessions(X, users))
            self.fields_.append(Field("day", len(self.days_) + 1))
        return self

    def transform(self, X: Any) -> sp.csr_array:
        """Return a sparse matrix (n, n_columns) of ones: for each row its user, its movie and, if ``day``, its day."""
        check_is_fitted(self)
        users, items = self._read(X, reset=False)
        found = {"user": _find(users, self.users_), "movie": _find(items, self.items_)}
        if self.day:
            found["day"] = _find(self._sessions(X, users), self.days_)
        return self._one_hot(found)

    def recommend(self, machine: Any, users: Any, n: int = 10) -> pd.DataFrame:
        """Return for each user the `n` unseen items of highest predicted rating, best first: one row per suggestion.

        Columns are ``user``, ``item`` and ``rating`` (stars, not clipped, so that the best can be told apart). The
        `machine` is a `FactorizationMachineRegressor` fitted to the matrix of this builder. Equal ratings, to a
        millionth of a star, are ordered by item id. An unseen user is offered every item, and the day, which nobody
        knows beforehand, plays no part.

        Examples
        --------
        >>> from workshop.models import FactorizationMachineRegressor
        >>> ratings = pd.DataFrame({"user": [1, 1, 2], "item": [10, 20, 10]})
        >>> builder = FeatureBuilder().fit(ratings)
        >>> machine = FactorizationMachineRegressor(2, random_state=0).fit(builder.transform(ratings), [5, 3, 4])
        >>> builder.recommend(machine, [2])[["user", "item"]]
           user  item
        0     2    20
        """
        check_is_fitted(self)
        check_range(1, whole=True, n=n)
        ids = check_ids("users", users)
        places, items = _find(ids, self.users_), self._one_hot({"movie": np.arange(len(self.items_))})
        some, tables = max(1, 10_000_000 // len(self.items_)), []  # users at a time: 80 MB of predictions
        for start in range(0, len(ids), some):
            part = slice(start, start + some)
            rating = machine.predict_pairs(self._one_hot({"user": places[part]}), items)
            seen = self.rated_[places[part]].tocoo()
            rating[seen.row, seen.col] = -np.inf
            best = np.argsort(-rating.round(6), axis=1, kind="stable")[:, : int(n)]
            columns = {"user": np.repeat(ids[part], best.shape[1]), "item": self.items_[best.ravel()]}
            tables.append(pd.DataFrame(columns | {"rating": np.take_along_axis(rating, best, axis=1).ravel()}))
        table = pd.concat(tables)
        return table[table["rating"] > -np.inf].reset_index(drop=True)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the names (n_columns,) of the columns of the matrix: what each stands for, and its id."""
        check_is_fitted(self)
        known: dict[str, Any] = {"user": self.users_, "movie": self.items_}
        if self.day:
            user, day = np.divmod(self.days_ + SESSION // 2, SESSION)
            dates = (day - SESSION // 2).astype("datetime64[D]")
            known["day"] = [f"{self.users_[u]} {date}" for u, date in zip(user, dates, strict=True)]
        return np.array([f"{field} {id}" for field in known for id in (*known[field], "unseen")], dtype=object)

    def _one_hot(self, found):
        """Sparse matrix (n, n_columns) with a one where `found`, positions (n,) by name of a field, says so."""
        starts = np.cumsum([0] + [field.n_columns for field in self.fields_])
        used = [start + found[f.name] for start, f in zip(starts, self.fields_, strict=False) if f.name in found]
        columns = np.column_stack(used).astype(np.int32)
        (n, width), shape = columns.shape, (len(columns), starts[-1])
        ones = np.ones(columns.size, np.float32)
        return sp.csr_array((ones, columns.ravel(), np.arange(n + 1, dtype=np.int32) * np.int32(width)), shape=shape)

    def _sessions(self, X, users):
        """One whole number (n,) for each pair of user and day; all unseen users share theirs, which no rating has."""
        times = X["timestamp"]
        if times.isna().any() or not pd.api.types.is_datetime64_any_dtype(times):
            raise ValueError(f"column 'timestamp' holds {times.dtype} or missing values; use pd.to_datetime")
        days = pd.to_datetime(times, utc=True).dt.tz_localize(None).to_numpy().astype("datetime64[D]")
        return _find(users, self.users_) * np.int64(SESSION) + days.astype(np.int64)

    _read_ids = Recommender._read  # as all models on ids do: each column by itself, whole numbers or texts

    def _read(self, X, *, reset):
        """Ids (n,) of users and of items."""
        if self.day or {"user", "item"} & set(getattr(X, "columns", ())):
            check_table("X", X, "user", "item", *["timestamp"] * self.day)
        return self._read_ids(X, reset=reset)[:2]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = tags.input_tags.string = True  # ids are names, not quantities
        tags.transformer_tags.preserves_dtype = []
        return tags


def _by_id(name: str, table: pd.DataFrame, known: np.ndarray) -> pd.DataFrame:
    """The same `table` with its index read as ids, of the type of those `known`, each once."""
    ids = check_ids(f"{name}.index", table.index)
    positions(ids[:1], known)  # refuses ids of another type
    if len(twice := ids[pd.Series(ids).duplicated()]):
        raise ValueError(f"{name} lists {twice[0]} twice; keep one row of it")
    return table.set_axis(ids)


def _attributes(users):
    """Age (standardised; if missing, the mean), gender and occupation (0 or 1 each), shape (n_users, n_columns)."""
    numbers = users.select_dtypes("number").astype(float)
    scaled = ((numbers - numbers.mean()) / numbers.std(ddof=0).replace(0, 1)).fillna(0)
    others = users.drop(columns=numbers.columns)
    return np.hstack([scaled, pd.get_dummies(others, dtype=float) if others.shape[1] else others])


def _find(values: npt.ArrayLike, known: np.ndarray) -> np.ndarray:
    """Positions (n,) of `values` in the sorted array `known`; its length where they are missing."""
    return positions(values, known) % (len(known) + 1)  # -1 becomes the last column


def _unit_rows(matrix: sp.csr_array) -> sp.csr_array:
    """`matrix` of zeros and ones with each row scaled to length 1 (or 0 if it is empty)."""
    return sp.diags_array(1 / np.sqrt(np.maximum(matrix.sum(axis=1), 1))) @ matrix


def _described_field(name: str, n_columns: int, parts: Mapping[str, Any]) -> Field:
    """The field whose columns all parts describe; the column of the unseen, the last, has no features."""
    if not parts:
        return Field(name, n_columns)
    matrices = [sp.csr_array(part, dtype=float) for part in parts.values()]
    for matrix in matrices:
        matrix.resize(n_columns, matrix.shape[1])
    groups = {part: matrix.shape[1] for part, matrix in zip(parts, matrices, strict=True)}
    return Field(name, n_columns, sp.hstack(matrices, format="csr"), groups)
