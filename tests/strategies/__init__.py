"""Hypothesis strategies: plans, well-typed libraries over them, histories, positions, fits.

Instants and windows lie on one coarse grid, so that edges are hit exactly; reals are dyadic and
positive, and meet constants that they never equal, so that no answer rests on a rounding.
"""

from tests.strategies.definitions import expressions, libraries, library_over
from tests.strategies.histories import histories, one_history
from tests.strategies.plans import PURPOSES, plans
from tests.strategies.positions import edges, every_position, positions
from tests.strategies.stories import IN_ORDER, stories
from tests.strategies.versions import fits_for

__all__ = [
    "IN_ORDER",
    "PURPOSES",
    "edges",
    "every_position",
    "expressions",
    "fits_for",
    "histories",
    "libraries",
    "library_over",
    "one_history",
    "plans",
    "positions",
    "stories",
]
