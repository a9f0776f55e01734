"""The loader: what ships, other releases, and every kind of bad file, also those made to do harm."""

import gzip
import shutil
import stat
import tarfile
import tracemalloc
import zipfile

import numpy as np
import pandas as pd
import pytest

from workshop import shipped
from workshop.datasets import Ratings, load_movielens
from workshop.datasets.movielens import ML_100K_GENRES

HEAD = "userId,movieId,rating,timestamp\n"
RATINGS = HEAD + "1,10,4.0,1000\n1,20,3.5,2000\n2,10,0.5,3000\n"
MOVIES = (
    'movieId,title,genres\n10,Heat (1995),Action|Crime\n20,"Postman, The (Postino, Il) (1994)",Comedy| Comedy |\n'
    "30,Fawlty Towers (1975-1979),(No Genres Listed)\n40,Hyena Road,(no genres listed)\n50,Immunity (2009– ),Drama\n"
)


TINY = {"ratings.csv": RATINGS, "movies.csv": MOVIES}


def write(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return folder


def archive(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


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


@pytest.mark.parametrize("name", ["ratings.csv.gz", "movies.csv.gz"])
def test_damaged_or_missing_shipped_data_is_refused(name, tmp_path, monkeypatch):
    copy = tmp_path / "data" / "movielens-small"
    shutil.copytree(shipped.shipped_folder(), copy)
    monkeypatch.setattr(shipped, "shipped_root", lambda: tmp_path)
    content = bytearray((copy / name).read_bytes())
    content[1000] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(ValueError, match=rf"{name} is damaged: SHA-256"):
        load_movielens()
    (copy / name).unlink()
    with pytest.raises(FileNotFoundError, match=rf"{name} is missing.*path="):
        load_movielens()


# Releases, wherever people have them


def as_folder(tmp_path):
    return write(tmp_path / "ml-tiny", TINY)


def as_gzip(tmp_path):
    return write(tmp_path / "ml-tiny", {f"{name}.gz": gzip.compress(text.encode()) for name, text in TINY.items()})


def as_zip(tmp_path):
    files = TINY | {"README.txt": "read me"}
    return archive(tmp_path / "ml-tiny.zip", {f"ml-tiny/{name}": text for name, text in files.items()})


def as_tar(tmp_path):
    with tarfile.open(tmp_path / "ml-tiny.tar.gz", "w:gz") as archive:
        archive.add(write(tmp_path / "unpacked", TINY), "ml-tiny")
    return tmp_path / "ml-tiny.tar.gz"


def as_nested_folder(tmp_path):
    write(tmp_path / "ml-tiny" / "ml-tiny" / "again", TINY)
    return tmp_path / "ml-tiny"


def as_table(tmp_path):
    return write(tmp_path / "ml-tiny", TINY) / "ratings.csv"


def as_home(tmp_path):
    write(tmp_path / "ml-tiny", TINY)
    return "~/ml-tiny"


@pytest.mark.parametrize("release", [as_folder, as_gzip, as_zip, as_tar, as_nested_folder, as_table, as_home])
def test_a_release_is_read_where_people_have_it(release, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    ratings = load_movielens(release(tmp_path))
    assert repr(ratings) == "Ratings('ml-tiny': 3 ratings, 2 users, 2 items)"
    assert ratings.frame["rating"].tolist() == [4.0, 3.5, 0.5]
    assert ratings.frame["timestamp"].iloc[0] == pd.Timestamp("1970-01-01 00:16:40")
    titles = ["Heat", "Postman, The (Postino, Il)", "Fawlty Towers", "Hyena Road", "Immunity"]
    assert ratings.items["title"].tolist() == titles
    assert ratings.items["year"].tolist() == [1995, 1994, 1975, pd.NA, 2009]
    assert ratings.items["genres"].tolist() == [("Action", "Crime"), ("Comedy",), (), (), ("Drama",)]
    assert ratings.users.index.tolist() == [1, 2]


def test_ml_100k_layout_is_read_with_demographics(tmp_path):
    def flags(*on):
        return "|".join("1" if genre in on else "0" for genre in ML_100K_GENRES)

    items = f"242|Kolya (1996)|24-Jan-1997||http://x|{flags('Comedy')}\n"
    items += f"302|Misérables, Les (1995)|||http://y|{flags('Drama', 'War')}\n"
    users = "186|39|F|executive|00000\n196|49|M|writer|55105\n"
    files = {"u.data": "196\t242\t3\t881250949\n186\t302\t5\t891717742\n", "u.user": users}
    folder = write(tmp_path / "ml-100k", files | {"u.item": items.encode("latin-1")})
    ratings = load_movielens(folder)
    assert ratings.users.loc[196].tolist() == [49, "M", "writer"]
    assert ratings.items.loc[302, "title"] == "Misérables, Les"
    assert ratings.items["genres"].tolist() == [("Comedy",), ("Drama", "War")]
    assert ratings.frame["rating"].tolist() == [3.0, 5.0]
    write(folder, {"u.data": "196\t242\tthree\t881250949\n"})
    with pytest.raises(ValueError, match=r"u\.data, line 1, column 'rating': 'three' is not a number"):
        load_movielens(folder)


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
    last, files = (4.0, ML_1M) if name == "ml-1m" else (4.5, {n: ML_1M[n] for n in ("ratings.dat", "movies.dat")})
    files = {file: text.replace("::4::", f"::{last:g}::").encode(encoding) for file, text in files.items()}
    folder = write(tmp_path / name, files)
    ratings = load_movielens(folder)
    assert repr(ratings) == f"Ratings('{name}': 3 ratings, 2 users, 2 items)"
    assert ratings.frame["rating"].tolist() == [5.0, 3.0, last]
    assert ratings.items["title"].tolist() == ["James and the Giant Peach: A Tale", "Misérables, Les"]
    assert ratings.items["genres"].tolist() == [("Animation", "Children's"), ("Drama",)]
    assert ratings.users.index.tolist() == [1, 2]
    assert name != "ml-1m" or ratings.users.loc[2].tolist() == [56, "M", "16"]
    write(folder, {"ratings.dat": ML_1M["ratings.dat"] + "2::661::::978298413\n"})
    with pytest.raises(ValueError, match=r"ratings\.dat, line 4, column 'rating': an empty cell is not a number"):
        load_movielens(folder)


# Bad files


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
    "UTF-16": (RATINGS.encode("utf-16"), "is not UTF-8 text .*save it in the encoding UTF-8"),
    "Latin-1": (HEAD.encode() + "1,10,4.0,1000\n1,20,\xe9,2000\n".encode("latin-1"), "is not UTF-8 text"),
    "semicolons": (
        RATINGS.replace(",", ";"),
        "no column 'userId'; found userId;movieId.*separate the columns by commas",
    ),
    "decimal commas": (HEAD + "1,10,4,0,1000\n1,20,3,5,2000\n", "line 2: more cells .*decimal commas"),
    "quoted commas": (HEAD + '1,10,4.0,1\n1,20,"3,5",2\n', "line 3, column 'rating': '3,5' is not a number"),
}


@pytest.mark.parametrize("case", BAD_RATINGS)
def test_bad_ratings_are_refused_by_file_line_and_column(case, tmp_path):
    text, message = BAD_RATINGS[case]
    with pytest.raises(ValueError, match=message):
        load_movielens(write(tmp_path / "ml-bad", TINY | {"ratings.csv": text}))


def test_bad_movies_are_refused(tmp_path):
    with pytest.raises(ValueError, match="movie 10 is listed twice"):
        load_movielens(write(tmp_path / "a", TINY | {"movies.csv": MOVIES + "10,Heat again,Drama\n"}))
    with pytest.raises(ValueError, match=r"movies\.csv, line 3, column 'title': an empty cell"):
        movies = "movieId,title,genres\n10,Heat (1995),Crime\n20,,Drama\n"
        load_movielens(write(tmp_path / "b", TINY | {"movies.csv": movies}))


@pytest.mark.parametrize("keep", [5, 40, 70])
def test_truncated_gzip_is_refused(keep, tmp_path):
    folder = as_gzip(tmp_path)
    content = (folder / "ratings.csv.gz").read_bytes()
    (folder / "ratings.csv.gz").write_bytes(content[:keep])
    with pytest.raises(ValueError, match=r"ratings\.csv\.gz is (truncated|empty|not)"):
        load_movielens(folder)


def test_missing_paths_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="does not exist; give the folder or zip"):
        load_movielens(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match=r"holds no file ratings\.csv"):
        load_movielens(tmp_path)


@pytest.mark.parametrize("share", [0.1, 0.9, 0.999])
def test_a_zip_that_was_cut_off_is_refused(share, tmp_path):
    content = as_zip(tmp_path).read_bytes()
    (tmp_path / "cut.zip").write_bytes(content[: int(share * len(content))])
    with pytest.raises(ValueError, match=r"cut\.zip.* is neither a folder nor a complete zip"):
        load_movielens(tmp_path / "cut.zip")


def test_zip_member_damaged_inside_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "bad.zip", "w", zipfile.ZIP_STORED) as file:
        file.writestr("ratings.csv", RATINGS)
    content = (tmp_path / "bad.zip").read_bytes().replace(b"1,20,3.5", b"1,21,3.5")  # its checksum no longer fits
    (tmp_path / "bad.zip").write_bytes(content)
    with pytest.raises(ValueError, match=r"ratings\.csv is truncated or damaged"):
        load_movielens(tmp_path / "bad.zip")


@pytest.mark.parametrize(
    ("name", "spoil", "message"),
    [
        ("frame", lambda f: f.drop(columns="timestamp"), "no column 'timestamp'"),
        ("frame", lambda f: f.astype({"rating": "float32"}), "'rating' is float32, not float64"),
        (
            "frame",
            lambda f: f.assign(user="u" + f["user"].astype(str)),
            r"'user' is .*; number the names with pd\.fact",
        ),
        (
            "frame",
            lambda f: f.assign(timestamp=f["timestamp"].where(f.index != 5)),
            "row 5, column 'timestamp': NaT is",
        ),
        ("frame", lambda f: f[:0], "no rows"),
        ("users", lambda u: u.drop(index=1), "row 0, column 'user': 1 is not in the table of users"),
    ],
)
def test_ratings_check_their_tables(name, spoil, message):
    tables = vars(load_movielens()) | {"name": "x"}
    with pytest.raises(ValueError, match=message):
        Ratings(**tables | {name: spoil(tables[name])})


# Files made to do harm: nothing is written, nothing is run, and memory stays small


@pytest.mark.parametrize("prefix", ["../../", "/tmp/", "C:\\", "..\\..\\", "a/../../b/", "\u202e"])
def test_a_path_inside_a_zip_file_writes_nowhere(tmp_path, prefix):
    inner = tmp_path / "deep" / "inside"
    inner.mkdir(parents=True)
    path = archive(inner / "evil.zip", {f"{prefix}x/{name}": text for name, text in TINY.items()})
    before = sorted(tmp_path.rglob("*"))
    assert len(load_movielens(path).frame) == 3
    assert sorted(tmp_path.rglob("*")) == before


def test_a_link_inside_a_zip_file_is_not_followed(tmp_path):
    (tmp_path / "secret.csv").write_text(RATINGS)
    link = zipfile.ZipInfo("ratings.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = archive(tmp_path / "link.zip", {link: str(tmp_path / "secret.csv"), "movies.csv": MOVIES})
    with pytest.raises(ValueError, match=r"ratings\.csv has no column 'userId'"):
        load_movielens(path)


@pytest.mark.parametrize("name", ["ratings.csv.gz", "bomb.zip", "packed twice.zip"])
def test_a_file_that_unpacks_to_far_too_much_is_refused_before_it_fills_memory(tmp_path, name):
    size = 64 * 2**20  # a few ratings, then nothing but line ends
    content = RATINGS.encode() + b"\n" * size
    packed = content if name == "bomb.zip" else gzip.compress(content)
    if name == "ratings.csv.gz":
        path = write(tmp_path / "ml-tiny", {name: packed, "movies.csv": MOVIES})
    else:
        member = "ratings.csv" if packed is content else "ratings.csv.gz"
        path = archive(tmp_path / name, {member: packed, "movies.csv": MOVIES})
    del content, packed
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=r"ratings\.csv(\.gz)? is truncated or damaged \(it unpacks to over 100"):
            load_movielens(path)
        assert tracemalloc.get_traced_memory()[1] < size / 2
    finally:
        tracemalloc.stop()


def test_an_archive_with_a_password_is_refused(tmp_path):
    path = archive(tmp_path / "locked.zip", TINY)
    content = bytearray(path.read_bytes())
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # the bit that says: encrypted
        at = -1
        while (at := content.find(sign, at + 1)) >= 0:
            content[at + offset] |= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"ratings\.csv is truncated or damaged.*password"):
        load_movielens(path)
