"""The evidence: a row for every comparison that the notebooks state, and how to measure it anew."""

from importlib import import_module

MODULES = ["part1", "part2", "part3", "ranking", "race", "part4", "practice", "stopping", "papers", "words", "tonight"]
CLAIMS = [claim for name in MODULES for claim in import_module(f"benchmarks.evidence.{name}").CLAIMS]
