"""Pure drawing: data in, matplotlib Axes out. A file a subject, one look (`workshop.plots.style`) for all of them.

>>> from workshop.plots import show, use_style
>>> use_style()
"""

from workshop.plots.style import STRATEGY_COLOURS, describe, new_axes, show, use_style

__all__ = ["STRATEGY_COLOURS", "describe", "new_axes", "show", "use_style"]
