"""For every test and doctest: pictures and their style are left as they were found."""

import matplotlib
import matplotlib.pyplot as plt
import pytest


@pytest.fixture(autouse=True)
def fresh_pictures():
    """No figure of one test is open in the next, and no style set in one is used in another."""
    with matplotlib.rc_context():
        yield
    plt.close("all")
