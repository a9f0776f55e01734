"""Files made to do harm: nothing is written, nothing is run, and memory stays small."""

import gzip
import io
import stat
import tracemalloc
import zipfile

import pytest

from workshop.datasets import fetch_movielens, load_movielens

RATINGS = b"userId,movieId,rating,timestamp\n1,10,4.0,1000\n2,10,0.5,3000\n"
MOVIES = b"movieId,title,genres\n10,Heat (1995),Action|Crime\n"


def archive(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def everything_below(folder):
    return sorted(folder.rglob("*"))


@pytest.mark.parametrize("prefix", ["../../", "/tmp/", "C:\\", "..\\..\\", "a/../../b/", "\u202e"])
def test_a_path_inside_a_zip_file_writes_nowhere(tmp_path, prefix):
    inner = tmp_path / "deep" / "inside"
    inner.mkdir(parents=True)
    path = archive(inner / "evil.zip", {f"{prefix}x/ratings.csv": RATINGS, f"{prefix}x/movies.csv": MOVIES})
    before = everything_below(tmp_path)
    assert len(load_movielens(path).frame) == 2
    assert everything_below(tmp_path) == before


def test_a_link_inside_a_zip_file_is_not_followed(tmp_path):
    (tmp_path / "secret.csv").write_bytes(RATINGS)
    link = zipfile.ZipInfo("ratings.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = archive(tmp_path / "link.zip", {link: str(tmp_path / "secret.csv"), "movies.csv": MOVIES})
    with pytest.raises(ValueError, match=r"ratings\.csv has no column 'userId'"):
        load_movielens(path)


def bomb(n_bytes):
    """Bytes of a table that would fill memory: a row of ratings, then nothing but line ends."""
    return RATINGS + b"\n" * n_bytes


def packed(n_bytes):
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=9) as file:
        file.write(RATINGS)
        for _ in range(n_bytes // 2**20):
            file.write(b"\n" * 2**20)
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["ratings.csv", "ratings.csv.gz"])
@pytest.mark.parametrize("place", ["folder", "zip"])
def test_a_file_that_unpacks_to_far_too_much_is_refused_before_it_fills_memory(tmp_path, name, place):
    size = 64 * 2**20
    if place == "folder":
        if name == "ratings.csv":
            pytest.skip("nothing is packed here")
        (tmp_path / name).write_bytes(packed(size))
        (tmp_path / "movies.csv").write_bytes(MOVIES)
        path = tmp_path
    else:
        content = packed(size) if name.endswith("gz") else bomb(size)
        path = archive(tmp_path / "bomb.zip", {name: content, "movies.csv": MOVIES})
        del content
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=r"ratings\.csv(\.gz)? is truncated or damaged \(it unpacks to over 100"):
            load_movielens(path)
        assert tracemalloc.get_traced_memory()[1] < size / 2
    finally:
        tracemalloc.stop()


def test_an_archive_with_a_password_is_refused(tmp_path):
    path = archive(tmp_path / "locked.zip", {"ratings.csv": RATINGS, "movies.csv": MOVIES})
    content = bytearray(path.read_bytes())
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # the bit that says: encrypted
        at = -1
        while (at := content.find(sign, at + 1)) >= 0:
            content[at + offset] |= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"ratings\.csv is truncated or damaged.*password"):
        load_movielens(path)


@pytest.mark.parametrize("release", ["../../etc/passwd", "ml-100k/../x", "", "\0", None, 3, ["ml-100k"]])
def test_a_release_is_a_known_name_and_never_a_path(tmp_path, release):
    with pytest.raises((ValueError, TypeError)):
        fetch_movielens(release, tmp_path, progress=False)
    assert everything_below(tmp_path) == []
