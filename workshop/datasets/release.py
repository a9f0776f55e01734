"""Read a text table so that a bad file is answered with its name, its line and its column.

A release is a folder, a zip or a tar file. Files in an archive are read where they are, never extracted, so that no
path inside an archive can write anywhere; and no file may unpack to much more than it could hold in earnest.
"""

from __future__ import annotations

import contextlib
import errno
import gzip
import io
import lzma
import re
import tarfile
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

TABLES = ("u.data", "ratings.dat", "ratings.csv")  # the file of ratings in each layout
TIMES_SMALLER = 100  # tables of ratings pack to a fourth or a fifth; what packs to a hundredth is made to fill memory
KINDS = {"int64": "a whole number", "float64": "a number", "str": "text"}


class _Bounded(io.RawIOBase):
    """The bytes of `stream`, of which at most `limit` are given."""

    def __init__(self, stream: Any, limit: int):
        self.stream, self.left = stream, limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = self.stream.read(len(buffer))
        buffer[: len(chunk)] = chunk
        self.left -= len(chunk)
        if self.left < 0:
            raise EOFError(f"it unpacks to over {TIMES_SMALLER} times its size")
        return len(chunk)


class Release:
    """The files of a release, read where they are. An archive stays open as long as `stack` does.

    `path` is the folder, a zip or tar file, or the file of ratings in its folder; ``~`` is the home folder. By name,
    without ``.gz``, `files` holds where each file is (for messages), its size as packed, and what opens it.

    Examples
    --------
    >>> from workshop.shipped import shipped_folder
    >>> with contextlib.ExitStack() as stack:
    ...     Release(shipped_folder(), stack).read("movies.csv", {"movieId": "int64", "title": "str"}).loc[0, "title"]
    'Toy Story (1995)'
    """

    def __init__(self, path: str | Path, stack: contextlib.ExitStack):
        self.path = Path(path).expanduser()
        if not self.path.exists():
            raise FileNotFoundError(f"path={str(path)!r} does not exist; give the folder or zip file of a release")
        if self.path.is_file() and self.path.name.removesuffix(".gz") in TABLES:
            self.path = self.path.absolute().parent
        with _explained(f"path={str(path)!r}"):
            members = sorted(self._members(stack), key=lambda member: member[0].count("/"))  # shallow ones first
        self.files: dict[str, tuple[Path, int, Callable]] = {}
        for name, size, opener in members:
            self.files.setdefault(re.split(r"[/\\]", name)[-1].removesuffix(".gz"), (self.path / name, size, opener))

    def _members(self, stack):
        """Name inside the release, size as packed, and opener of each file."""
        if self.path.is_dir():  # the files may lie two folders down, as unpacking at times leaves them
            files = (file for depth in ("*", "*/*", "*/*/*") for file in sorted(self.path.glob(depth)))
            return [(str(f.relative_to(self.path)), f.stat().st_size, partial(f.open, "rb")) for f in files]
        if zipfile.is_zipfile(self.path):
            archive = stack.enter_context(zipfile.ZipFile(self.path))
            return [(info.filename, info.compress_size, partial(archive.open, info)) for info in archive.infolist()]
        if tarfile.is_tarfile(self.path):
            tar, size = stack.enter_context(tarfile.open(self.path)), self.path.stat().st_size
            return [(info.name, size, partial(tar.extractfile, info)) for info in tar if info.isfile()]
        raise ValueError(f"path={str(self.path)!r} is neither a folder nor a complete zip file; download it again")

    def read(self, name: str, dtypes: dict[str, str], **options: Any) -> pd.DataFrame:
        """Return the table `name`, for example ``"ratings.csv"``, or ``ratings.csv.gz`` if that is there instead.

        `dtypes` names its columns in order, each ``"int64"``, ``"float64"`` or ``"str"``; the options are those of
        `pandas.read_csv`, ``header=None`` for files without a header line. FileNotFoundError or ValueError if the file
        is missing, empty, truncated, lacks a column, or a cell has another type.
        """
        if name not in self.files:
            raise FileNotFoundError(f"{self.path} holds no file {name} (or {name}.gz); is it a MovieLens release?")
        where, first_line = self.files[name][0], 1 if "header" in options else 2
        names = list(dtypes) if "header" in options else None
        options = {"names": names, "keep_default_na": False, "na_values": [""], "index_col": False} | options
        with _explained(f"{where}", first_line):
            try:
                table = self._parse(name, dtype=dtypes, **options)
            except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeError):
                raise
            except (ValueError, OverflowError):  # a cell of another type: read again as text and say which
                table = pd.DataFrame()
            if not set(dtypes) <= set(table.columns) or table[list(dtypes)].isna().any(axis=None):
                _refuse_bad_cell(where, self._parse(name, dtype=str, **options), dtypes, first_line)
        if table.empty:
            raise ValueError(f"{where} has a header but no rows; download it again")
        return table[list(dtypes)]

    def _parse(self, name, **options):
        where, size, opener = self.files[name]
        with opener() as raw, warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # a row that is too long would be cut
            warnings.simplefilter("ignore", RuntimeWarning)  # a fraction as an id: refused by name afterwards
            unpacked = gzip.open(raw) if where.suffix == ".gz" else raw
            stream = io.BufferedReader(_Bounded(unpacked, 2**20 + TIMES_SMALLER * size), 2**20)
            return pd.read_csv(stream, **{"encoding": "utf-8"} | options)


@contextlib.contextmanager
def _explained(where: str, first_line: int = 1) -> Iterator[None]:
    """Raise, instead of what pandas or an unpacker raises, a ValueError that names the file and a remedy."""
    broken = EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError
    unreadable = RuntimeError  # a password, or a compression that Python does not know
    try:
        yield
    except pd.errors.EmptyDataError:
        raise ValueError(f"{where} is empty; download it again") from None
    except pd.errors.ParserWarning:
        more = f"{where}, line {first_line}: more cells than there are columns"
        raise ValueError(f"{more}; mend or remove it (decimal commas? write 4.5, not 4,5)") from None
    except pd.errors.ParserError as error:
        raise ValueError(f"{where} is not a well-formed table: {str(error).strip()}") from None
    except UnicodeError as error:
        raise ValueError(f"{where} is not UTF-8 text ({error}); save it in the encoding UTF-8") from None
    except (*broken, unreadable, OSError) as error:
        if isinstance(error, OSError) and not isinstance(error, broken) and error.errno != errno.EINVAL:
            raise  # the disk's fault; EINVAL is a table of contents that points before the beginning of the file
        raise ValueError(f"{where} is truncated or damaged ({error}); download it again") from None


def _refuse_bad_cell(where: Path, text: pd.DataFrame, dtypes: dict[str, str], first_line: int) -> None:
    """Raise ValueError that names line and column of the first cell of `text` that is not of its type."""
    for column, dtype in dtypes.items():
        if column not in text:
            hint = "; separate the columns by commas" if text.shape[1] == 1 else ""
            raise ValueError(f"{where} has no column {column!r}; found {', '.join(map(str, text.columns))}{hint}")
        number = pd.to_numeric(text[column], errors="coerce")
        bad = number.isna() | ~np.isfinite(number) | ((number % 1 != 0) if dtype == "int64" else False)
        bad = text[column].isna() if dtype == "str" else bad
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            cell = "an empty cell" if pd.isna(text[column].iloc[row]) else repr(text[column].iloc[row])
            line = f"{where}, line {row + first_line}, column {column!r}"
            raise ValueError(f"{line}: {cell} is not {KINDS[dtype]}; mend or remove it")
    raise ValueError(f"{where} could not be read; download it again")
