"""Whatever a data file holds, it is read or refused with a documented exception.

Guided by coverage, with atheris (Linux; not for Python 3.11), the same function is fed by::

    pip install atheris
    python tests/fuzz/test_data_files.py -max_total_time=300
"""

import io
import os
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.slow

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "3")) * 40
FLAGS = b"|".join([b"0"] * 19)
GOOD = {  # small files that are read
    "ratings.csv": b"userId,movieId,rating,timestamp\n1,10,4.0,1000\n1,20,3.5,2000\n2,10,0.5,3000\n",
    "movies.csv": b'movieId,title,genres\n10,Heat (1995),Action|Crime\n20,"Postman, The (1994)",Comedy\n',
    "u.data": b"196\t242\t3\t881250949\n186\t302\t5\t891717742\n",
    "u.item": b"242|Kolya (1996)|24-Jan-1997||http://x|%b\n302|L.A. Confidential (1997)|01-Jan-1997||http://y|%b\n"
    % (FLAGS, FLAGS.replace(b"0", b"1")),
    "u.user": b"186|39|F|executive|00000\n196|49|M|writer|55105\n",
    "ratings.dat": b"1::1193::5::978300760\n1::661::3::978302109\n",
    "movies.dat": b"661::Peach (1996)::Drama\n1193::Nest: A (1975)::Drama\n",
}
LAYOUTS = [["ratings.csv", "movies.csv"], ["u.data", "u.item", "u.user"], ["ratings.dat", "movies.dat"]]


def zipped(names: list, compression: int) -> bytes:
    """Bytes of a zip file that holds good files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name in names:
            archive.writestr(f"ml/{name}", GOOD[name])
    return buffer.getvalue()


# What to start from: the file's name, its content.
SEEDS = [
    *GOOD.items(),
    ("release.zip", zipped(LAYOUTS[0], zipfile.ZIP_DEFLATED)),
    ("release.zip", zipped(LAYOUTS[1], zipfile.ZIP_STORED)),
    ("ratings.csv.gz", b"\x1f\x8b\x08\0\0\0\0\0\0\0\0\xff"),
]
NAMES = sorted({name for name, _ in SEEDS})


def read(name: str, content: bytes, folder: Path) -> str:
    """What came of it: "read", or the name of the documented exception; any other exception is a finding."""
    from workshop.datasets import load_movielens

    for file in folder.iterdir():
        file.unlink()
    for layout in (each for each in LAYOUTS if name.removesuffix(".gz") in each):
        for good in set(layout) - {name.removesuffix(".gz")}:
            (folder / good).write_bytes(GOOD[good])
    (folder / name).write_bytes(content)
    try:
        load_movielens(folder / name if name == "release.zip" else folder)
    except (ValueError, FileNotFoundError) as error:
        assert str(error).strip()
        return type(error).__name__
    return "read"


@st.composite
def spoilt(draw, content):
    """The bytes with a few changes: bytes replaced, pieces cut out, doubled or put in."""
    content = bytearray(content)
    pieces = [b",", b"\n", b'"', b"\t", b"|", b"\0", b"9" * 30, b"nan", b"-", b"\xff"]
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(content)))
        end = place + draw(st.integers(0, 12))
        piece = draw(st.binary(max_size=6) | st.sampled_from(pieces))
        changes = [(place + len(piece), piece), (end, b""), (place, content[place:end]), (place, piece)]
        until, put = draw(st.sampled_from(changes))
        content[place:until] = put
    return bytes(content)


@pytest.mark.parametrize(("name", "content"), SEEDS, ids=range(len(SEEDS)))
def test_any_file_is_read_or_refused(name, content, tmp_path, inputs_tried):
    found = set()

    @settings(max_examples=EXAMPLES, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(st.data())
    def try_spoilt(data):
        inputs_tried()
        found.add(read(name, data.draw(spoilt(content)), tmp_path))

    assert read(name, content, tmp_path) == "read" or name.endswith(".gz")
    try_spoilt()
    assert found <= {"read", "ValueError", "FileNotFoundError"} and "ValueError" in found


def main() -> None:
    """Run atheris until it finds something, or the time is over."""
    import atheris

    with atheris.instrument_imports(include=["workshop", "zipfile", "gzip", "csv", "pandas.io.parsers"]):
        import workshop.datasets  # noqa: F401
    folder, corpus = Path(tempfile.mkdtemp()), Path(tempfile.mkdtemp())
    for number, (name, content) in enumerate(SEEDS):
        (corpus / str(number)).write_bytes(bytes([NAMES.index(name)]) + content)
    atheris.Setup(
        [*sys.argv, "-timeout=20", "-rss_limit_mb=4096", str(corpus)],
        lambda data: data and read(NAMES[data[0] % len(NAMES)], data[1:], folder) and None,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
