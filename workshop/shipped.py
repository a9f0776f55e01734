"""The ratings that ship with the workshop: where they are, and whether they are whole. Imports nothing heavy."""

from __future__ import annotations

import hashlib
from importlib import metadata
from pathlib import Path

CLONE = Path(__file__).parents[1] / "data" / "movielens-small"
SHA256 = {
    "ratings.csv.gz": "b722091bcee4c02bbb2e4a5af4647fb9ee740a1b7fea5dad3252bc1b7ef7b5a3",
    "movies.csv.gz": "4c2d464def69828c6bfe6e572887c56c277aca38128f1ef69f08f288371f88a7",
}


def shipped_folder() -> Path:
    """Folder of the ratings that ship: ``data/`` of a clone, or ``share/`` of an installed package.

    Examples
    --------
    >>> shipped_folder().name
    'movielens-small'
    """
    if CLONE.is_dir():
        return CLONE
    try:
        installed = metadata.files("recommender-workshop") or []
    except metadata.PackageNotFoundError:
        installed = []
    files = (Path(f.locate()) for f in installed if f.parts[-2:] == ("movielens-small", "ratings.csv.gz"))
    return next((f.resolve().parent for f in files), CLONE)


def verify_shipped(folder: Path) -> None:
    """None, once every file in `folder` is the one that ships.

    Parameters
    ----------
    folder : Path
        Holds the two tables, gzip-compressed.

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    ValueError
        If the SHA-256 checksum of a file is not the one of the file that ships.

    Examples
    --------
    >>> verify_shipped(shipped_folder())
    """
    for name, expected in SHA256.items():
        file = folder / name
        if not file.is_file():
            raise FileNotFoundError(
                f"{file} is missing; install the workshop anew, or give path= a MovieLens release of your own"
            )
        found = hashlib.sha256(file.read_bytes()).hexdigest()
        if found != expected:
            raise ValueError(
                f"{file} is damaged: SHA-256 {found}, expected {expected}; restore it with git checkout or install anew"
            )
