"""What the clusters are: how their people differ, which traits decide, and cards of them.

``explain`` measures, ``personas`` tells. Each number on a card is the answer of the query beside
it.
"""

from coterie.discover.explaining.cards import Persona, Words, edited, personas
from coterie.discover.explaining.differences import Difference, differences
from coterie.discover.explaining.facts import Fact
from coterie.discover.explaining.profiles import Profile, explain
from coterie.discover.explaining.surrogate import Local, Surrogate, Weight
from coterie.discover.explaining.table import asking, people

__all__ = [
    "Difference",
    "Fact",
    "Local",
    "Persona",
    "Profile",
    "Surrogate",
    "Weight",
    "Words",
    "asking",
    "differences",
    "edited",
    "explain",
    "people",
    "personas",
]
