"""What is learned: clusters that the data suggests, tested, explained, and made definitions.

Needs ``coterie[discover]``; this room may import what that brings, and nothing below it does.
:func:`study` is for a table of customers without a project.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coterie.discover.clustering.plan import Plan as Plan
    from coterie.discover.preparing.recipe import Choice as Choice
    from coterie.discover.preparing.recipe import Recipe as Recipe
    from coterie.discover.studying.study import Study as Study
    from coterie.discover.studying.tables import study as study

_PLACES = {
    "Choice": "coterie.discover.preparing.recipe",
    "Plan": "coterie.discover.clustering.plan",
    "Recipe": "coterie.discover.preparing.recipe",
    "Study": "coterie.discover.studying.study",
    "study": "coterie.discover.studying.tables",
}

__all__ = ["Choice", "Plan", "Recipe", "Study", "study"]


def __getattr__(name: str) -> Any:
    """What users of the room need, when it is first used: the core alone does not bring it."""
    from importlib import import_module

    from coterie.discover.installed import needed

    if name not in _PLACES:
        raise AttributeError(f"module 'coterie.discover' has no attribute {name!r}")
    needed()
    return getattr(import_module(_PLACES[name]), name)
