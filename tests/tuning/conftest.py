"""The tests of the tuning."""

collect_ignore = ["reporting.py", "stored.py"]  # read by the tests, no tests themselves
