"""Fetching, against a real web server on this machine; what happens without a network is part of the promise."""

import functools
import hashlib
import http.server
import threading
import zipfile

import pytest

from workshop.datasets import RELEASES, fetch_movielens, load_movielens

pytestmark = pytest.mark.slow


@pytest.fixture
def server(tmp_path, monkeypatch):
    """Address of a folder served over HTTP that holds a tiny release, whose checksum is made the published one."""
    folder = tmp_path / "served"
    folder.mkdir()
    with zipfile.ZipFile(folder / "ml-100k.zip", "w") as archive:
        archive.writestr("ml/ratings.csv", "userId,movieId,rating,timestamp\n1,10,4.0,1000\n")
        archive.writestr("ml/movies.csv", "movieId,title,genres\n10,Heat (1995),Action|Crime\n")
    digest = hashlib.md5((folder / "ml-100k.zip").read_bytes()).hexdigest()
    monkeypatch.setitem(RELEASES, "ml-100k", f"md5:{digest}")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield f"http://127.0.0.1:{httpd.server_port}/ml-100k.zip", folder
    httpd.shutdown()
    httpd.server_close()


def test_fetched_release_is_verified_kept_and_readable(server, tmp_path):
    url, folder = server
    path = fetch_movielens("ml-100k", tmp_path / "new" / "data", url=url, progress=False)
    assert len(load_movielens(path).frame) == 1
    (folder / "ml-100k.zip").unlink()  # a second call needs no network
    assert fetch_movielens("ml-100k", tmp_path / "new" / "data", url=url, progress=False) == path


def test_wrong_content_is_refused_and_removed(server, tmp_path):
    url, folder = server
    (folder / "ml-100k.zip").write_bytes(b"something else")
    with pytest.raises(ValueError, match="is not the published ml-100k"):
        fetch_movielens("ml-100k", tmp_path / "data", url=url, progress=False)
    assert not list((tmp_path / "data").iterdir())


def test_a_damaged_file_that_is_already_there_is_refused_and_left(tmp_path):
    (tmp_path / "ml-25m.zip").write_bytes(b"half a download")
    with pytest.raises(ValueError, match=r"ml-25m\.zip holds is not the published ml-25m .*remove it"):
        fetch_movielens("ml-25m", tmp_path)
    assert (tmp_path / "ml-25m.zip").exists()


@pytest.mark.parametrize("place", ["absent", "http://127.0.0.1:9", "http://no-such-host.invalid"])
def test_without_the_file_or_a_network_it_says_what_to_do(place, server, tmp_path):
    url = f"{place}/ml-100k.zip" if "//" in place else server[0].replace("ml-100k", place)
    with pytest.raises(ConnectionError, match=r"Without a network: .* copy it to .*ml-100k\.zip"):
        fetch_movielens("ml-100k", tmp_path / "data", url=url, progress=False)
    assert not list((tmp_path / "data").iterdir())


@pytest.mark.parametrize("release", ["netflix", "../../etc/passwd", "ml-100k/../x", "", "\0", None, 3, ["ml-100k"]])
def test_a_release_is_a_known_name_and_never_a_path(tmp_path, release):
    with pytest.raises(ValueError, match="is not known; choose one of ml-latest-small"):
        fetch_movielens(release, tmp_path, progress=False)
    assert not list(tmp_path.iterdir())
