"""Download an official MovieLens release, for those who have a network. Nothing else in the workshop needs one."""

from __future__ import annotations

import hashlib
import os
import urllib.error
import urllib.request
from pathlib import Path

from tqdm.auto import tqdm

# Checksums that GroupLens publishes beside its files (MD5), or that agree over many independent copies (SHA-256).
RELEASES = {
    "ml-latest-small": ("sha256", "696d65a3dfceac7c45750ad32df2c259311949efec81f0f144fdfb91ebc9e436"),
    "ml-100k": ("md5", "0e33842e24a9c977be4e0107933c0723"),
    "ml-25m": ("md5", "6b51fb2759a8657d3bfcbfc42b592ada"),
    "ml-32m": ("md5", "d472be332d4daa821edc399621853b57"),
}
LARGEST = 2**30  # bytes; no release has as many
URL = "https://files.grouplens.org/datasets/movielens/{release}.zip"


def fetch_movielens(
    release: str, folder: str | Path = "data", *, url: str | None = None, progress: bool = True
) -> Path:
    """Path of the release's zip file, downloaded if it is not yet there, its checksum verified either way.

    Parameters
    ----------
    release : str
        A key of ``RELEASES``: "ml-latest-small" (1 MB), "ml-100k" (5 MB), "ml-25m" (250 MB) or "ml-32m" (240 MB).
    folder : str or Path
        Where the zip file is kept; made if missing.
    url : str, optional
        Another address of the same file, for example a mirror in the classroom.
    progress : bool
        Show a progress bar.

    Returns
    -------
    Path
        Give it to `load_movielens`.

    Raises
    ------
    ValueError
        If `release` is not known, or the file is not the published one (a fresh download is then removed).
    ConnectionError
        If the download fails; the message says what to do without a network.

    Examples
    --------
    >>> fetch_movielens("ml-1b")
    Traceback (most recent call last):
    ValueError: release='ml-1b' is not known; choose one of ml-latest-small, ml-100k, ml-25m, ml-32m
    """
    if release not in RELEASES:
        raise ValueError(f"release={release!r} is not known; choose one of {', '.join(RELEASES)}")
    if not isinstance(url, str | None):
        raise TypeError(f"url={url!r} is no address; give a str such as {URL.format(release=release)!r}")
    target = Path(folder) / f"{release}.zip"
    if not target.exists():
        url = url or URL.format(release=release)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f"{target.name}.{os.getpid()}.part")
        try:
            _download(url, part, progress)
            _verify(part, release)
            part.replace(target)
        except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
            raise ConnectionError(
                f"could not download {url} ({error}). Without a network: the ratings in data/ need none; for this "
                f"release, download the file on another machine, copy it to {target} and call this function again"
            ) from error
        finally:
            part.unlink(missing_ok=True)
    else:
        _verify(target, release)
    return target


def _download(url: str, part: Path, progress: bool) -> None:
    with urllib.request.urlopen(url, timeout=30) as response, part.open("wb") as file:
        total = int(response.headers.get("Content-Length") or 0)
        with tqdm(total=total or None, unit="B", unit_scale=True, desc=part.stem, disable=not progress) as bar:
            while chunk := response.read(1 << 16):
                file.write(chunk)
                if file.tell() > LARGEST:
                    raise ValueError(f"url={url!r} sends more than {LARGEST:,} bytes, and no release is as large")
                bar.update(len(chunk))
    if total and part.stat().st_size < total:
        raise ConnectionError(f"{part.stat().st_size} of {total} bytes arrived")


def _verify(path: Path, release: str) -> None:
    algorithm, expected = RELEASES[release]
    with path.open("rb") as file:
        found = hashlib.file_digest(file, algorithm).hexdigest()
    if found != expected:
        raise ValueError(
            f"{path} is not the published {release} ({algorithm} {found}, not {expected}); remove it and fetch again"
        )
