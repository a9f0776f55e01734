"""The loader: what ships, other releases, and every kind of bad file."""

import gzip
import shutil
import tarfile
import zipfile

import numpy as np
import pandas as pd
import pytest

from workshop import shipped
from workshop.datasets import Ratings, load_movielens, temporal_split
from workshop.datasets.movielens import ML_100K_GENRES

RATINGS = "userId,movieId,rating,timestamp\n1,10,4.0,1000\n1,20,3.5,2000\n2,10,0.5,3000\n"
MOVIES = (
    'movieId,title,genres\n10,Heat (1995),Action|Crime\n20,"Postman, The (Postino, Il) (1994)",Comedy\n'
    "30,Fawlty Towers (1975-1979),Comedy\n40,Hyena Road,(no genres listed)\n"
)


def write(folder, ratings=RATINGS, movies=MOVIES):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ratings.csv").write_text(ratings, encoding="utf-8")
    (folder / "movies.csv").write_text(movies, encoding="utf-8")
    return folder


def test_shipped_data_is_what_its_readme_says():
    ratings = load_movielens()
    assert ratings.frame.nunique()[["user", "item"]].tolist() == [671, 9_066] and len(ratings.frame) == 100_004
    assert ratings.frame.dtypes.astype(str).tolist() == ["int64", "int64", "float64", "datetime64[s]"]
    assert not ratings.frame.duplicated(["user", "item"]).any()
    assert set(ratings.frame["rating"]) == set(np.arange(1, 11) / 2)
    assert ratings.frame.groupby("user").size().min() == 20
    assert ratings.items.loc[1, "genres"] == ("Adventure", "Animation", "Children", "Comedy", "Fantasy")
    assert ratings.items["year"].isna().sum() == 3


def test_matrix_holds_each_rating_at_its_user_and_item():
    ratings = load_movielens()
    matrix = ratings.matrix()
    users, items = np.unique(ratings.frame["user"]), np.unique(ratings.frame["item"])
    row = ratings.frame.iloc[12_345]
    assert matrix[np.searchsorted(users, row["user"]), np.searchsorted(items, row["item"])] == row["rating"]
    assert matrix.nnz == len(ratings.frame)


def test_damaged_or_missing_shipped_data_is_refused(tmp_path, monkeypatch):
    copy = tmp_path / "data" / "movielens-small"
    shutil.copytree(shipped.shipped_folder(), copy)
    monkeypatch.setattr(shipped, "shipped_root", lambda: tmp_path)
    content = bytearray((copy / "ratings.csv.gz").read_bytes())
    content[1000] ^= 1
    (copy / "ratings.csv.gz").write_bytes(content)
    with pytest.raises(ValueError, match=r"ratings\.csv\.gz is damaged: SHA-256"):
        load_movielens()
    (copy / "ratings.csv.gz").unlink()
    with pytest.raises(FileNotFoundError, match=r"ratings\.csv\.gz is missing.*path="):
        load_movielens()


def as_folder(tmp_path):
    return write(tmp_path / "ml-tiny")


def as_gzip(tmp_path):
    folder = write(tmp_path / "ml-tiny")
    for file in list(folder.iterdir()):
        (folder / f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
        file.unlink()
    return folder


def as_zip(tmp_path):
    folder = write(tmp_path / "unzipped")
    with zipfile.ZipFile(tmp_path / "ml-tiny.zip", "w") as archive:
        archive.writestr("ml-tiny/README.txt", "read me")
        for file in folder.iterdir():
            archive.write(file, f"ml-tiny/{file.name}")
    return tmp_path / "ml-tiny.zip"


@pytest.mark.parametrize("release", [as_folder, as_gzip, as_zip])
def test_official_layout_is_read_from_folder_gzip_and_zip(release, tmp_path):
    ratings = load_movielens(release(tmp_path))
    assert repr(ratings) == "Ratings('ml-tiny': 3 ratings, 2 users, 2 items)"
    assert ratings.frame["rating"].tolist() == [4.0, 3.5, 0.5]
    assert ratings.frame["timestamp"].iloc[0] == pd.Timestamp("1970-01-01 00:16:40")
    assert ratings.items["title"].tolist() == ["Heat", "Postman, The (Postino, Il)", "Fawlty Towers", "Hyena Road"]
    assert ratings.items["year"].tolist() == [1995, 1994, 1975, pd.NA]
    assert ratings.items["genres"].tolist() == [("Action", "Crime"), ("Comedy",), ("Comedy",), ()]
    assert ratings.users.index.tolist() == [1, 2]


def test_ml_100k_layout_is_read_with_demographics(tmp_path):
    folder = tmp_path / "ml-100k"
    folder.mkdir()
    (folder / "u.data").write_text("196\t242\t3\t881250949\n186\t302\t5\t891717742\n")

    def flags(*on):
        return "|".join("1" if genre in on else "0" for genre in ML_100K_GENRES)

    items = f"242|Kolya (1996)|24-Jan-1997||http://x|{flags('Comedy')}\n"
    items += f"302|Misérables, Les (1995)|||http://y|{flags('Drama', 'War')}\n"
    (folder / "u.item").write_text(items, encoding="latin-1")
    (folder / "u.user").write_text("186|39|F|executive|00000\n196|49|M|writer|55105\n")
    ratings = load_movielens(folder)
    assert ratings.users.loc[196].tolist() == [49, "M", "writer"]
    assert ratings.items.loc[302, "title"] == "Misérables, Les"
    assert ratings.items["genres"].tolist() == [("Comedy",), ("Drama", "War")]
    assert ratings.frame["rating"].tolist() == [3.0, 5.0]
    (folder / "u.data").write_text("196\t242\tthree\t881250949\n")
    with pytest.raises(ValueError, match=r"u\.data, line 1, column 'rating': 'three' is not a number"):
        load_movielens(folder)


HEAD = "userId,movieId,rating,timestamp\n"
BAD_RATINGS = {
    "missing column": (
        "userId,movieId,stars,timestamp\n1,10,4,1\n",
        r"ratings\.csv has no column 'rating'; found userId",
    ),
    "text in a rating": (RATINGS + "2,20,good,1\n", r"ratings\.csv, line 5, column 'rating': 'good' is not a number"),
    "fraction in an id": (RATINGS + "2.5,20,3,1\n", r"line 5, column 'userId': '2.5' is not a whole number"),
    "id beyond 64 bits": (RATINGS + f"{2**70},20,3,1\n", r"ratings\.csv"),
    "empty cell": (RATINGS + "2,20,,1\n", r"line 5, column 'rating': an empty cell is not a number"),
    "nan": (RATINGS + "2,20,nan,1\n", r"line 5, column 'rating': 'nan' is not a number"),
    "infinite": (RATINGS + "2,20,inf,1\n", r"line 5, column 'rating': (inf|'inf') is not"),
    "out of range": (RATINGS + "2,20,7,1\n", r"line 5, column 'rating': 7.0 is not between 0.5 and 5 stars"),
    "duplicate pair": (RATINGS + "1,20,2,9\n", r"line 5, column 'item': 20 was already rated by this user"),
    "unknown movie": (RATINGS + "2,99,2,9\n", r"line 5, column 'item': 99 is not in the table of items"),
    "time in the far future": (
        RATINGS + "2,20,2,99999999999\n",
        r"line 5, column 'timestamp': 99999999999 is not a time",
    ),
    "negative time": (RATINGS + "2,20,2,-1\n", r"line 5, column 'timestamp': -1 is not a time"),
    "too many cells": (RATINGS + "2,20,2,9,9,9\n", r"ratings\.csv is not a well-formed table: .*line 5"),
    "no rows": (HEAD, r"ratings\.csv has a header but no rows"),
    "nothing at all": ("", r"ratings\.csv is empty"),
}


@pytest.mark.parametrize("case", BAD_RATINGS)
def test_bad_ratings_are_refused_by_file_line_and_column(case, tmp_path):
    text, message = BAD_RATINGS[case]
    with pytest.raises(ValueError, match=message):
        load_movielens(write(tmp_path / "ml-bad", ratings=text))


def test_bad_movies_are_refused(tmp_path):
    with pytest.raises(ValueError, match="movie 10 is listed twice"):
        load_movielens(write(tmp_path / "a", movies=MOVIES + "10,Heat again,Drama\n"))
    with pytest.raises(ValueError, match=r"movies\.csv, line 3, column 'title': an empty cell"):
        load_movielens(write(tmp_path / "b", movies="movieId,title,genres\n10,Heat (1995),Crime\n20,,Drama\n"))


@pytest.mark.parametrize("keep", [5, 40, 70])
def test_truncated_gzip_is_refused(keep, tmp_path):
    folder = as_gzip(tmp_path)
    content = (folder / "ratings.csv.gz").read_bytes()
    (folder / "ratings.csv.gz").write_bytes(content[:keep])
    with pytest.raises(ValueError, match=r"ratings\.csv\.gz is (truncated|empty|not)"):
        load_movielens(folder)


def test_missing_paths_and_wrong_files_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="does not exist; give the folder or zip"):
        load_movielens(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match=r"holds no file ratings\.csv"):
        load_movielens(tmp_path)
    (tmp_path / "half.zip").write_bytes(as_zip(tmp_path).read_bytes()[:50])
    with pytest.raises(ValueError, match="neither a folder nor a complete zip"):
        load_movielens(tmp_path / "half.zip")


def test_zip_member_damaged_inside_is_refused(tmp_path):
    content = bytearray(as_zip(tmp_path).read_bytes())
    content[content.index(b"1,20,3.5") + 2] ^= 1  # stored, not compressed: the checksum of the member no longer fits
    (tmp_path / "bad.zip").write_bytes(content)
    with pytest.raises(ValueError, match=r"ratings\.csv is truncated or damaged"):
        load_movielens(tmp_path / "bad.zip")


ML_1M = {
    "ratings.dat": "1::1193::5::978300760\n1::661::3::978302109\n2::1193::4::978298413\n",
    "movies.dat": (
        "661::James and the Giant Peach: A Tale (1996)::Animation|Children's\n1193::Misérables, Les (1995)::Drama\n"
    ),
    "users.dat": "1::F::1::10::48067\n2::M::56::16::70072\n",
}


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
@pytest.mark.parametrize("name", ["ml-1m", "ml-10M100K"])
def test_the_layout_with_two_colons_is_read(name, encoding, tmp_path):
    folder = tmp_path / name
    folder.mkdir()
    for file, text in ML_1M.items():
        if name == "ml-1m" or file != "users.dat":
            (folder / file).write_text(text.replace("::4::", "::4.5::" if name == "ml-10M100K" else "::4::"), encoding)
    ratings = load_movielens(folder)
    assert repr(ratings) == f"Ratings('{name}': 3 ratings, 2 users, 2 items)"
    assert ratings.frame["rating"].tolist() == [5.0, 3.0, 4.5 if name == "ml-10M100K" else 4.0]
    assert ratings.items["title"].tolist() == ["James and the Giant Peach: A Tale", "Misérables, Les"]
    assert ratings.items["genres"].tolist() == [("Animation", "Children's"), ("Drama",)]
    assert ratings.users.index.tolist() == [1, 2]
    assert name != "ml-1m" or ratings.users.loc[2].tolist() == [56, "M", "16"]
    (folder / "ratings.dat").write_text(ML_1M["ratings.dat"] + "2::661::::978298413\n")
    with pytest.raises(ValueError, match=r"ratings\.dat, line 4, column 'rating': an empty cell is not a number"):
        load_movielens(folder)


def as_tar(tmp_path):
    with tarfile.open(tmp_path / "ml-tiny.tar.gz", "w:gz") as archive:
        archive.add(write(tmp_path / "unpacked"), "ml-tiny")
    return tmp_path / "ml-tiny.tar.gz"


def as_nested_folder(tmp_path):
    write(tmp_path / "ml-tiny" / "ml-tiny" / "again")
    return tmp_path / "ml-tiny"


def as_table(tmp_path):
    return write(tmp_path / "ml-tiny") / "ratings.csv"


def as_home(tmp_path):
    write(tmp_path / "ml-tiny")
    return "~/ml-tiny"


@pytest.mark.parametrize("release", [as_tar, as_nested_folder, as_table, as_home])
def test_a_release_is_found_where_people_have_it(release, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert load_movielens(release(tmp_path)).frame["rating"].tolist() == [4.0, 3.5, 0.5]


def test_titles_and_genres_are_cleaned(tmp_path):
    movies = "movieId,title,genres\n10,Diplomatic Immunity (2009– ),Drama| Drama |\n20,Heat (1995),(No Genres Listed)\n"
    items = load_movielens(write(tmp_path / "ml-tiny", movies=movies)).items
    assert items["title"].tolist() == ["Diplomatic Immunity", "Heat"] and items["year"].tolist() == [2009, 1995]
    assert items["genres"].tolist() == [("Drama",), ()]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (RATINGS.encode("utf-16"), "is not UTF-8 text .*save it in the encoding UTF-8"),
        ("userId,movieId,rating,timestamp\n1,10,4.0,1000\n1,20,\xe9,2000\n".encode("latin-1"), "is not UTF-8 text"),
        (
            RATINGS.replace(",", ";").encode(),
            "no column 'userId'; found userId;movieId.*separate the columns by commas",
        ),
        (b"userId,movieId,rating,timestamp\n1,10,4,0,1000\n1,20,3,5,2000\n", "line 2: more cells .*decimal commas"),
        (
            b'userId,movieId,rating,timestamp\n1,10,4.0,1\n1,20,"3,5",2\n',
            "line 3, column 'rating': '3,5' is not a number",
        ),
    ],
)
def test_a_file_saved_otherwise_is_answered_with_what_to_do(content, message, tmp_path):
    folder = write(tmp_path / "ml-tiny")
    (folder / "ratings.csv").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        load_movielens(folder)


def test_ids_that_are_names_and_missing_times_are_refused():
    good = load_movielens()
    named = good.frame.assign(user="u" + good.frame["user"].astype(str))
    with pytest.raises(ValueError, match=r"'user' is (object|str), not int64; number the names with pd\.factorize"):
        Ratings(named, good.items, good.users, "x")
    timeless = good.frame.assign(timestamp=good.frame["timestamp"].where(good.frame.index != 5))
    with pytest.raises(ValueError, match="row 5, column 'timestamp': NaT is not a time"):
        Ratings(timeless, good.items, good.users, "x")
    with pytest.raises(ValueError, match="row 5, column 'timestamp': NaT; fill it in or drop it"):
        temporal_split(timeless)


def test_ratings_checks_its_tables():
    good = load_movielens()
    with pytest.raises(ValueError, match="no column 'timestamp'"):
        Ratings(good.frame.drop(columns="timestamp"), good.items, good.users, "x")
    with pytest.raises(ValueError, match="'rating' is float32, not float64"):
        Ratings(good.frame.astype({"rating": "float32"}), good.items, good.users, "x")
    with pytest.raises(ValueError, match="no rows"):
        Ratings(good.frame[:0], good.items, good.users, "x")
    with pytest.raises(ValueError, match="row 0, column 'user': 1 is not in the table of users"):
        Ratings(good.frame, good.items, good.users.drop(index=1), "x")
