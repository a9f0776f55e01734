"""For every test and doctest: pictures and their style are left as they were found."""

import os

import matplotlib
import matplotlib.pyplot as plt
import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says more of the machine than of the code.
settings.register_profile("workshop", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("workshop")

os.environ["WORKSHOP_RATINGS"] = ""  # tests see Ann, whoever has rated movies in this folder


@pytest.fixture(autouse=True)
def fresh_pictures():
    """No figure of one test is open in the next, and no style set in one is used in another."""
    with matplotlib.rc_context():
        yield
    plt.close("all")
