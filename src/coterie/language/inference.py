"""The type of every expression, and what is wrong with one that has none.

The rules stand with the nodes they are for: :mod:`~coterie.language.scope` (selections),
:mod:`~coterie.language.leaves`, :mod:`~coterie.language.operators` and
:mod:`~coterie.language.fitting`. Importing this module makes all of them known.
"""

from __future__ import annotations

from coterie.language import fitting, leaves, operators, scope
from coterie.language.leaves import decimals
from coterie.language.operators import ORDERED
from coterie.language.scope import Scope, common, row_types, type_of

__all__ = ["ORDERED", "RULES", "Scope", "common", "decimals", "row_types", "type_of"]

RULES = (scope, leaves, operators, fitting)
"""The modules that hold the rules."""
