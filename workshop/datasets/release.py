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
import tarfile
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO

import numpy as np
import pandas as pd

TIMES_SMALLER = 100  # tables of ratings pack to a fourth or a fifth; what packs to a hundredth is made to fill memory
TABLES = ("ratings.csv", "ratings.dat", "u.data")  # the file of ratings in each layout


class Suspicious(Exception):
    """What a file unpacks to cannot be a table of ratings."""


BROKEN = (
    EOFError,
    zlib.error,
    gzip.BadGzipFile,
    zipfile.BadZipFile,
    tarfile.TarError,
    lzma.LZMAError,
    RuntimeError,  # a password, or a compression that Python does not know
    Suspicious,
)
KINDS = {"int64": "a whole number", "float64": "a number", "str": "text"}


class Bounded(io.RawIOBase):
    """The bytes of `stream`, of which at most `limit` are given.

    Examples
    --------
    >>> Bounded(io.BytesIO(b"12345"), limit=5).read()
    b'12345'
    """

    def __init__(self, stream: IO[bytes] | gzip.GzipFile, limit: int):
        self.stream, self.left = stream, limit

    def readable(self) -> bool:
        """Return True: it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Return how many bytes were put into `buffer`; raise `Suspicious` once there were more than the limit."""
        chunk = self.stream.read(len(buffer))
        buffer[: len(chunk)] = chunk
        self.left -= len(chunk)
        if self.left < 0:
            raise Suspicious(f"it unpacks to over {TIMES_SMALLER} times its size")
        return len(chunk)


class Release:
    """A folder or an archive that holds the files of one data release.

    Parameters
    ----------
    path : str or Path
        The folder, a zip or tar file, or the file of ratings in its folder; ``~`` is the home folder.

    Raises
    ------
    FileNotFoundError
        If there is nothing at `path`.
    ValueError
        If `path` is a file but not an archive, or a damaged one.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path).expanduser()
        if not self.path.exists():
            raise FileNotFoundError(
                f"path={str(path)!r} does not exist; give the folder or zip file of a MovieLens release"
            )
        if self.path.is_file() and self.path.name.removesuffix(".gz") in TABLES:
            self.path = self.path.absolute().parent
        try:
            self._sizes = self._list()
        except BROKEN as error:
            raise ValueError(f"path={str(path)!r} is a damaged archive ({error}); download it again") from None

    def _list(self) -> dict[str, int]:
        """Return the size in bytes, as packed, of every file, by its path inside the release; shallow ones first."""
        if self.path.is_dir():  # the files may lie two folders down, as unpacking at times leaves them
            files = (file for depth in ("*", "*/*", "*/*/*") for file in sorted(self.path.glob(depth)))
            return {str(file.relative_to(self.path)): file.stat().st_size for file in files if file.is_file()}
        if zipfile.is_zipfile(self.path):
            with self._archive() as archive:
                sizes = {info.filename: info.compress_size for info in archive.infolist()}
        elif tarfile.is_tarfile(self.path):
            with tarfile.open(self.path) as archive:
                sizes = {info.name: self.path.stat().st_size for info in archive if info.isfile()}
        else:
            raise ValueError(f"path={str(self.path)!r} is neither a folder nor a complete zip file; download it again")
        return dict(sorted(sizes.items(), key=lambda item: item[0].count("/")))

    @contextlib.contextmanager
    def _archive(self) -> Iterator[zipfile.ZipFile]:
        try:
            with zipfile.ZipFile(self.path) as archive:
                yield archive
        except OSError as error:
            if error.errno != errno.EINVAL:  # a place before the beginning of the file
                raise
            raise Suspicious("its table of contents is wrong") from None

    def find(self, name: str) -> str | None:
        """Return the path inside the release of the file `name` or `name`.gz; None if there is none."""
        members = (m for m in self._sizes if m.replace("\\", "/").rsplit("/", 1)[-1] in (name, f"{name}.gz"))
        return next(members, None)

    @contextlib.contextmanager
    def open(self, member: str) -> Iterator[BinaryIO]:
        """Give the bytes of `member`, unpacked, as a binary stream."""
        raw: IO[bytes] | None
        with contextlib.ExitStack() as stack:
            if self.path.is_dir():
                raw = stack.enter_context((self.path / member).open("rb"))
            elif zipfile.is_zipfile(self.path):
                raw = stack.enter_context(stack.enter_context(self._archive()).open(member))
            else:
                raw = stack.enter_context(tarfile.open(self.path)).extractfile(member)
            assert raw is not None  # `_list` names files only
            unpacked = stack.enter_context(gzip.open(raw)) if member.endswith(".gz") else raw
            yield io.BufferedReader(Bounded(unpacked, 2**20 + TIMES_SMALLER * self._sizes[member]), 2**20)

    def read(self, name: str, dtypes: dict[str, str], **options: Any) -> pd.DataFrame:
        """Return the columns `dtypes` of the table `name`.

        Parameters
        ----------
        name : str
            File name, for example ``"ratings.csv"``; a gzip-compressed ``ratings.csv.gz`` is found as well.
        dtypes : dict
            Column name to ``"int64"``, ``"float64"`` or ``"str"``, in the order of the columns.
        **options
            Passed on to `pandas.read_csv`; ``header=None`` for files without a header line.

        Raises
        ------
        FileNotFoundError, ValueError
            If the file is missing, empty, truncated, lacks a column, or a cell has another type.
        """
        member = self.find(name)
        if member is None:
            raise FileNotFoundError(f"{self.path} holds no file {name} (or {name}.gz); is it a MovieLens release?")
        where = f"{self.path / member}"
        names = list(dtypes) if "header" in options else None
        read = {"keep_default_na": False, "na_values": [""], "index_col": False, "encoding": "utf-8", "names": names}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", pd.errors.ParserWarning)  # a row that is too long would be cut
                warnings.simplefilter("ignore", RuntimeWarning)  # a fraction as an id: refused by name below
                table = self._parse(member, dtypes, read | options)
        except pd.errors.EmptyDataError:
            raise ValueError(f"{where} is empty; download it again") from None
        except pd.errors.ParserWarning:
            raise ValueError(
                f"{where}, line {2 - (names is not None)}: more cells than there are columns; mend or remove it "
                "(decimal commas? write 4.5, not 4,5)"
            ) from None
        except pd.errors.ParserError as error:
            raise ValueError(f"{where} is not a well-formed table: {str(error).strip()}") from None
        except UnicodeError as error:
            raise ValueError(f"{where} is not UTF-8 text ({error}); save it in the encoding UTF-8") from None
        except BROKEN as error:
            raise ValueError(f"{where} is truncated or damaged ({error}); download it again") from None
        if table.empty:
            raise ValueError(f"{where} has a header but no rows; download it again")
        return table

    def _parse(self, member: str, dtypes: dict[str, str], options: dict) -> pd.DataFrame:
        try:
            with self.open(member) as stream:
                table = pd.read_csv(stream, dtype=dtypes, **options)
        except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeError):
            raise
        except (ValueError, OverflowError):  # a cell of another type: read again as text and say which
            table = None
        if table is not None and set(dtypes) <= set(table.columns) and not table[list(dtypes)].isna().any(axis=None):
            return table[list(dtypes)]
        with self.open(member) as stream:
            text = pd.read_csv(stream, dtype=str, **options)
        self._refuse_bad_cell(member, text, dtypes, first_line=1 if options.get("header", 0) is None else 2)
        raise ValueError(f"{self.path / member} could not be read; download it again")

    def _refuse_bad_cell(self, member: str, text: pd.DataFrame, dtypes: dict[str, str], first_line: int) -> None:
        for column, dtype in dtypes.items():
            if column not in text:
                found = ", ".join(map(str, text.columns))
                hint = "; separate the columns by commas" if text.shape[1] == 1 else ""
                raise ValueError(f"{self.path / member} has no column {column!r}; found {found}{hint}")
            if dtype == "str":
                bad = text[column].isna()
            else:
                number = pd.to_numeric(text[column], errors="coerce")
                bad = number.isna() | ~np.isfinite(number) | ((number % 1 != 0) if dtype == "int64" else False)
            if bad.any():
                row = int(np.flatnonzero(bad.to_numpy())[0])
                cell = text[column].iloc[row]
                shown = "an empty cell" if pd.isna(cell) else repr(cell)
                raise ValueError(
                    f"{self.path / member}, line {row + first_line}, column {column!r}: {shown} is not "
                    f"{KINDS[dtype]}; mend or remove it"
                )
