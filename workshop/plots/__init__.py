"""Pure drawing: data in, matplotlib Axes out. A file a subject, one look (`workshop.plots.style`) for all of them.

A picture of one panel takes ``ax=`` (by keyword; a new figure if not given) and returns it. One of several panels makes
its own figure and returns the array of its Axes. Names and texts are drawn as they stand, never read as formulas.

>>> from workshop.plots import show, use_style
>>> use_style()
"""

from workshop.plots.style import STRATEGY_COLOURS, describe, new_axes, show, use_style

__all__ = ["STRATEGY_COLOURS", "describe", "new_axes", "show", "use_style"]
