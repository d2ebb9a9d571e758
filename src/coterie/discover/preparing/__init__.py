"""A crowd made ready for distances: a scikit-learn pipeline, and every choice in it said.

``prepare(crowd)`` chooses by the data and says what it chose; a `Recipe` holds every choice that
can be made otherwise.
"""

from coterie.discover.preparing.applying import applied
from coterie.discover.preparing.preparation import prepare
from coterie.discover.preparing.recipe import Choice, Recipe

__all__ = ["Choice", "Recipe", "applied", "prepare"]
