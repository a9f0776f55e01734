"""Whatever a data file holds, it is read or refused with a documented exception."""

import os

import pytest
from data_files import SEEDS, read
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.slow

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "3")) * 40


@st.composite
def spoilt(draw, content):
    """The bytes with a few changes: bytes replaced, pieces cut out, doubled or put in."""
    content = bytearray(content)
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(content)))
        length = draw(st.integers(0, 12))
        piece = draw(
            st.binary(max_size=6)
            | st.sampled_from([b",", b"\n", b'"', b"\t", b"|", b"\0", b"9" * 30, b"nan", b"-", b"\xff"])
        )
        change = draw(st.sampled_from(["replace", "cut", "double", "insert"]))
        if change == "replace":
            content[place : place + len(piece)] = piece
        elif change == "cut":
            del content[place : place + length]
        elif change == "double":
            content[place:place] = content[place : place + length]
        else:
            content[place:place] = piece
    return bytes(content)


@pytest.mark.parametrize(("kind", "content"), SEEDS)
def test_any_file_is_read_or_refused(kind, content, tmp_path, inputs_tried):
    found = set()

    @settings(max_examples=EXAMPLES, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(st.data())
    def try_spoilt(data):
        inputs_tried()
        found.add(read(kind, data.draw(spoilt(content)), tmp_path))

    try_spoilt()
    assert found <= {"read", "ValueError", "FileNotFoundError"} and "ValueError" in found
