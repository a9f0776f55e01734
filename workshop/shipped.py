"""What ships with the workshop beside its code (ratings, notebooks, docs): where it is. Imports nothing heavy."""

from __future__ import annotations

import hashlib
import sys
from importlib import metadata
from pathlib import Path

PACKAGE = "recommender-workshop"
BESIDE = Path(__file__).resolve().parents[1]  # the clone, or site-packages
SHARE = Path("share", PACKAGE)  # where a wheel puts files that are not code
SHA256 = {
    "ratings.csv.gz": "b722091bcee4c02bbb2e4a5af4647fb9ee740a1b7fea5dad3252bc1b7ef7b5a3",
    "movies.csv.gz": "4c2d464def69828c6bfe6e572887c56c277aca38128f1ef69f08f288371f88a7",
}


def shipped_root() -> Path:
    """Return the folder that holds ``data``, ``docs`` and ``notebooks``: a clone's, or that of an installed wheel."""
    if (BESIDE / "pyproject.toml").is_file():
        return BESIDE
    ours = metadata.distributions(name=PACKAGE, path=[str(BESIDE)])  # never another copy's, wherever that is
    files = (file for distribution in ours for file in distribution.files or [])
    folders = [Path(str(file.locate())).parents[1] for file in files if file.parts[-2:] == ("docs", "cheat_sheet.md")]
    places = [*folders, BESIDE / SHARE, Path(sys.prefix) / SHARE]  # pip --target writes down another place
    return next((place.resolve() for place in places if place.is_dir()), BESIDE)


def shipped_folder() -> Path:
    """Return the folder of the ratings that ship."""
    return shipped_root() / "data" / "movielens-small"


def verify_shipped(folder: Path) -> None:
    """Raise FileNotFoundError or ValueError unless `folder` holds the ratings that ship, by their SHA-256 checksums."""
    for name, expected in SHA256.items():
        file = folder / name
        if not file.is_file():
            raise FileNotFoundError(f"{file} is missing; install the workshop anew, or give path= a release of yours")
        found = hashlib.sha256(file.read_bytes()).hexdigest()
        if found != expected:
            raise ValueError(
                f"{file} is damaged: SHA-256 {found}, expected {expected}; to mend it: python -m workshop check"
            )
