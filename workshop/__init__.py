"""Recommender systems and hyperparameter tuning, small enough to read in a day.

The notebooks in ``notebooks/`` teach; this package holds what they define once and use again. Importing it is
cheap: each room (``workshop.datasets``, ``workshop.models``, ``workshop.tuning``, ``workshop.plots``) is imported
by name when it is needed.
"""

__version__ = "0.1.0"
