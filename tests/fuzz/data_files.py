"""Fuzz the readers of data files: whatever a file holds, it is read or refused with a documented exception.

Guided by coverage, with atheris (Linux; not for Python 3.11)::

    pip install atheris
    python tests/fuzz/data_files.py -max_total_time=300

`test_data_files.py` feeds the same function with hypothesis, on every platform.
"""

import io
import struct
import sys
import tempfile
import zipfile
from pathlib import Path

RATINGS = b"userId,movieId,rating,timestamp\n1,10,4.0,1000\n1,20,3.5,2000\n2,10,0.5,3000\n"
MOVIES = b'movieId,title,genres\n10,Heat (1995),Action|Crime\n20,"Postman, The (1994)",Comedy\n'
U_DATA = b"196\t242\t3\t881250949\n186\t302\t5\t891717742\n"
U_ITEM = b"242|Kolya (1996)|24-Jan-1997||http://x|" + b"|".join([b"0"] * 19) + b"\n"
U_ITEM += b"302|L.A. Confidential (1997)|01-Jan-1997||http://y|" + b"|".join([b"1"] * 19) + b"\n"
R_DAT, M_DAT = (
    b"1::1193::5::978300760\n1::661::3::978302109\n",
    b"661::Peach (1996)::Drama\n1193::Nest: A (1975)::Drama\n",
)
U_USER = b"186|39|F|executive|00000\n196|49|M|writer|55105\n"


def zipped(members: dict, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Bytes of a zip file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


# What a reader accepts, to start from: (kind of release, bytes of its first file or of the zip file).
SEEDS = [
    (0, RATINGS),
    (1, MOVIES),
    (2, U_DATA),
    (3, U_ITEM),
    (4, U_USER),
    (5, zipped({"ml/ratings.csv": RATINGS, "ml/movies.csv": MOVIES})),
    (5, zipped({"u.data": U_DATA, "u.item": U_ITEM, "u.user": U_USER}, zipfile.ZIP_STORED)),
    (7, R_DAT),
    (8, M_DAT),
    (6, struct.pack("<4sBBxxxxBB", b"\x1f\x8b\x08\x00"[:4], 0, 0, 0, 255)),
]
FILES = {0: "ratings.csv", 1: "movies.csv", 6: "ratings.csv.gz", 7: "ratings.dat", 8: "movies.dat"}
FILES |= {2: "u.data", 3: "u.item", 4: "u.user"}
LAYOUTS = {
    "ratings.csv": {"ratings.csv": RATINGS, "movies.csv": MOVIES},
    "u.data": {"u.data": U_DATA, "u.item": U_ITEM, "u.user": U_USER},
    "ratings.dat": {"ratings.dat": R_DAT, "movies.dat": M_DAT},
}


def read(kind: int, content: bytes, folder: Path) -> str:
    """What came of it: "read", or the name of the documented exception; any other exception is a finding."""
    from workshop.datasets import load_movielens

    for file in folder.iterdir():
        file.unlink()
    kind %= 9
    if kind == 5:
        path = folder / "release.zip"
        path.write_bytes(content)
    else:
        path = folder
        layout = next(layout for layout in LAYOUTS.values() if FILES[kind].removesuffix(".gz") in layout)
        for name, good in layout.items():
            if f"{name}.gz" != FILES[kind]:
                (folder / name).write_bytes(good)
        (folder / FILES[kind]).write_bytes(content)
    try:
        load_movielens(path)
    except (ValueError, FileNotFoundError) as error:
        assert str(error).strip()
        return type(error).__name__
    return "read"


def main() -> None:
    """Run atheris until it finds something, or the time is over."""
    import atheris

    with atheris.instrument_imports(include=["workshop", "zipfile", "gzip", "csv", "pandas.io.parsers"]):
        import workshop.datasets  # noqa: F401
    folder = Path(tempfile.mkdtemp())
    corpus = Path(tempfile.mkdtemp())
    for number, (kind, content) in enumerate(SEEDS):
        (corpus / str(number)).write_bytes(bytes([kind]) + content)
    atheris.Setup(
        [*sys.argv, "-timeout=20", "-rss_limit_mb=4096", str(corpus)],
        lambda data: data and read(data[0], data[1:], folder) and None,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
