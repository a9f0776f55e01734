"""Count what is tried, and say it at the end."""

import pytest

collect_ignore_glob = ["known_*.py", "odd_*.py"]  # read by the tests, no tests themselves
TRIED = 0


@pytest.fixture
def inputs_tried():
    """A function to be called once for every odd input."""

    def count(n=1):
        global TRIED
        TRIED += n

    return count


def pytest_terminal_summary(terminalreporter):
    if TRIED:
        terminalreporter.write_line(f"{TRIED:,} odd inputs tried on the public functions")
