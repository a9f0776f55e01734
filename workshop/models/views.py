"""What "alike" can mean: users and movies as rows of numbers, to be clustered."""

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from workshop.datasets.columns import as_genres

__all__ = ["demographic_view", "genre_table", "taste_view", "year_view"]


def genre_table(items: pd.DataFrame) -> pd.DataFrame:
    """Return a table of 0 and 1, one row per item and one column per genre in alphabetical order.

    The one place where genres are read, so that all models see the same ones: a tuple, list or set of names, or a text
    with ``|`` between them. Spaces around a name, an empty name, "(no genres listed)" and a missing cell are left out.

    Examples
    --------
    >>> items = pd.DataFrame({"genres": [("Drama", "War"), "Comedy|(no genres listed)"]}, index=[7, 8])
    >>> genre_table(items)
       Comedy  Drama  War
    7       0      1    1
    8       1      0    0
    """
    names = pd.Series([as_genres(cell) for cell in items["genres"]]).explode().dropna()
    found, column = np.unique(names.to_numpy(dtype=str), return_inverse=True)
    table = np.zeros((len(items), len(found)), int)
    table[names.index, column] = 1
    return pd.DataFrame(table, items.index, found.astype(object))


def taste_view(residuals: csr_array, seen: csr_array, genres: np.ndarray, shrinkage: float = 5.0) -> np.ndarray:
    """Mean residual of each user in each genre, shape (n_users, n_genres), in stars, shrunk to 0.

    Parameters
    ----------
    residuals, seen : sparse arrays of shape (n_users, n_items)
    genres : ndarray of shape (n_items, n_genres)
        1 where the item is of the genre, otherwise 0.
    shrinkage : float
        As a number of ratings.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> ratings = csr_array([[2.0, -1.0]])
    >>> taste_view(ratings, ratings != 0, np.eye(2), shrinkage=1)
    array([[ 1. , -0.5]])
    """
    return (residuals @ genres) / (seen @ genres + shrinkage)


def year_view(years: pd.Series, per_genre: float = 40.0) -> np.ndarray:
    """Years as a column of shape (n, 1), so scaled that `per_genre` years are as far apart as two single genres.

    An unknown year counts as the median one (1990 if all are unknown), and years before 1930 as 1930, so that silent
    films are no continent.

    Examples
    --------
    >>> year_view(pd.Series([1990, 2010, None]))
    array([[0.  ],
           [0.5 ],
           [0.25]])
    """
    years = pd.to_numeric(years).astype(float)
    years = years.fillna(years.median()).fillna(1990).clip(lower=1930)
    return ((years - 1990) / per_genre).to_numpy()[:, None]


def demographic_view(users: pd.DataFrame) -> np.ndarray:
    """Age (standardised), gender and occupation (0 or 1 each) of users as a table of shape (n_users, n_columns).

    An unknown age counts as the mean one; an unknown gender or occupation is 0 in all its columns.

    Examples
    --------
    >>> users = pd.DataFrame({"age": [20, 40], "gender": ["F", "M"], "occupation": ["artist", "artist"]})
    >>> demographic_view(users)
    array([[-1.,  1.,  0.,  1.],
           [ 1.,  0.,  1.,  1.]])
    """
    numbers = users.select_dtypes("number").astype(float)
    scaled = ((numbers - numbers.mean()) / numbers.std(ddof=0).replace(0, 1)).fillna(0)
    others = users.drop(columns=numbers.columns)
    kinds = pd.get_dummies(others, dtype=float) if others.shape[1] else others
    return np.hstack([scaled, kinds])
