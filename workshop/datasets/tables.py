"""Read a text table so that a bad file is answered with its name, its line and its column.

A release is a folder or a zip file. Files in a zip are read where they are, never extracted, so that no path inside
an archive can write anywhere; and no file may unpack to much more than it could hold in earnest.
"""

from __future__ import annotations

import contextlib
import errno
import gzip
import io
import lzma
import warnings
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pandas as pd

TIMES_SMALLER = 100  # tables of ratings pack to a fourth or a fifth; what packs to a hundredth is made to fill memory


class Suspicious(Exception):
    """What a file unpacks to is no table of ratings."""


BROKEN = (
    EOFError,
    zlib.error,
    gzip.BadGzipFile,
    zipfile.BadZipFile,
    lzma.LZMAError,
    UnicodeDecodeError,
    RuntimeError,  # a password, or a compression that Python does not know
    Suspicious,
)


class Bounded(io.RawIOBase):
    """The bytes of `stream`, of which at most `limit` are given.

    Examples
    --------
    >>> Bounded(io.BytesIO(b"12345"), limit=5).read()
    b'12345'
    """

    def __init__(self, stream, limit: int):
        self.stream, self.left = stream, limit

    def readable(self):
        """True: it can be read."""
        return True

    def readinto(self, buffer):
        """How many bytes were put into `buffer`; `Suspicious` once there were more than the limit."""
        count = self.stream.readinto(buffer)
        self.left -= count
        if self.left < 0:
            raise Suspicious(f"it unpacks to over {TIMES_SMALLER} times its size")
        return count


class Release:
    """A folder or a zip file that holds the files of one data release.

    Parameters
    ----------
    path : str or Path
        The folder or the zip file.

    Raises
    ------
    FileNotFoundError
        If there is nothing at `path`.
    ValueError
        If `path` is a file but not a zip file.
    """

    def __init__(self, path):
        self.path = Path(path)
        if not self.path.exists():
            raise FileNotFoundError(
                f"path={str(path)!r} does not exist; give the folder or zip file of a MovieLens release"
            )
        if self.path.is_file() and not zipfile.is_zipfile(self.path):
            raise ValueError(f"path={str(path)!r} is neither a folder nor a complete zip file; download it again")
        self._members = []
        if self.path.is_file():
            try:
                with self._archive() as archive:
                    self._members = sorted(archive.namelist(), key=lambda member: member.count("/"))
            except BROKEN as error:
                raise ValueError(f"path={str(path)!r} is a damaged zip file ({error}); download it again") from None

    @contextlib.contextmanager
    def _archive(self):
        try:
            with zipfile.ZipFile(self.path) as archive:
                yield archive
        except OSError as error:
            if error.errno != errno.EINVAL:  # a place before the beginning of the file
                raise
            raise Suspicious("its table of contents is wrong") from None

    def find(self, name: str) -> str | None:
        """Name of the member called `name` or `name`.gz, whatever folder of a zip it lies in; None if absent."""
        if self.path.is_dir():
            return next((n for n in (name, f"{name}.gz") if (self.path / n).is_file()), None)
        return next((m for m in self._members if m.rsplit("/", 1)[-1] in (name, f"{name}.gz")), None)

    @contextlib.contextmanager
    def open(self, member: str):
        """The bytes of `member`, decompressed, as a binary stream."""
        with contextlib.ExitStack() as stack:
            if self.path.is_dir():
                size = (self.path / member).stat().st_size
                raw = stack.enter_context((self.path / member).open("rb"))
            else:
                archive = stack.enter_context(self._archive())
                size = archive.getinfo(member).compress_size
                raw = stack.enter_context(archive.open(member))
            unpacked = stack.enter_context(gzip.open(raw)) if member.endswith(".gz") else raw
            yield io.BufferedReader(Bounded(unpacked, 2**20 + TIMES_SMALLER * size), buffer_size=2**20)

    def read(self, name: str, dtypes: dict[str, str], **options) -> pd.DataFrame:
        """Columns `dtypes` of the table `name`.

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
        options = {"encoding": "utf-8", "names": list(dtypes) if "header" in options else None, **options}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", pd.errors.ParserWarning)  # a row that is too long would be cut
                warnings.simplefilter("ignore", RuntimeWarning)  # no whole number: refused by name below
                table = self._parse(member, dtypes, options)
        except pd.errors.EmptyDataError:
            raise ValueError(f"{where} is empty; download it again") from None
        except pd.errors.ParserWarning:
            raise ValueError(f"{where} has a row with more cells than there are columns; mend or remove it") from None
        except pd.errors.ParserError as error:
            raise ValueError(f"{where} is not a well-formed table: {str(error).strip()}") from None
        except BROKEN as error:
            raise ValueError(f"{where} is truncated or damaged ({error}); download it again") from None
        if table.empty:
            raise ValueError(f"{where} has a header but no rows; download it again")
        return table

    def _parse(self, member: str, dtypes: dict[str, str], options: dict) -> pd.DataFrame:
        read = {"keep_default_na": False, "na_values": [""], "index_col": False, **options}
        try:
            with self.open(member) as stream:
                table = pd.read_csv(stream, dtype=dtypes, **read)
        except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError):
            raise
        except (ValueError, OverflowError):  # a cell of another type: read again as text and say which
            table = None
        if table is not None and set(dtypes) <= set(table.columns) and not table[list(dtypes)].isna().any(axis=None):
            return table[list(dtypes)]
        with self.open(member) as stream:
            text = pd.read_csv(stream, dtype=str, **read)
        self._refuse_bad_cell(member, text, dtypes, first_line=1 if options.get("header", 0) is None else 2)
        raise ValueError(f"{self.path / member} could not be read; download it again")

    def _refuse_bad_cell(self, member: str, text: pd.DataFrame, dtypes: dict[str, str], first_line: int) -> None:
        for column, dtype in dtypes.items():
            if column not in text:
                found = ", ".join(map(str, text.columns))
                raise ValueError(f"{self.path / member} has no column {column!r}; found {found}")
            if dtype == "str":
                bad = text[column].isna()
            else:
                number = pd.to_numeric(text[column], errors="coerce")
                bad = number.isna() | ~np.isfinite(number) | ((number % 1 != 0) if dtype == "int64" else False)
            if bad.any():
                row = int(np.flatnonzero(bad.to_numpy())[0])
                kind = {"int64": "a whole number", "float64": "a number", "str": "text"}[dtype]
                cell = text[column].iloc[row]
                shown = "an empty cell" if pd.isna(cell) else repr(cell)
                line = row + first_line
                raise ValueError(
                    f"{self.path / member}, line {line}, column {column!r}: {shown} is not {kind}; mend or remove it"
                )
