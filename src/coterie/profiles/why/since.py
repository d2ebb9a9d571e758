"""Since when a value has been what it is, by what is known now."""

from __future__ import annotations

from collections.abc import Sequence

from coterie.engines.fits import Fits
from coterie.engines.reference import Evaluation, Fact
from coterie.language import nodes as n
from coterie.language.library import Library
from coterie.language.time import DAY
from coterie.profiles.why.deadlines import changes

HORIZON = 5 * 365 * DAY
"""How far ahead the next change by time alone is looked for."""


class Timeline:
    """One person's value of one expression over time, the fits held as they are now.

    Parameters
    ----------
    library : Library
    expr : Expr
        Lowered.
    history : sequence of Fact
        Every fact of the person.
    offset : int
        What is known: facts up to this log offset.
    fits : Fits
        The parameters used throughout.
    """

    def __init__(
        self, library: Library, expr: n.Expr, history: Sequence[Fact], offset: int, fits: Fits
    ) -> None:
        self._library = library
        self._expr = expr
        self._offset = offset
        self._fits = fits
        self._moving = library.expanded(expr)
        names = {part.event for part in n.walk(self._moving) if isinstance(part, n.Named)}
        self._facts = [fact for fact in history if fact.name in names]

    def since(self, t: int) -> int | None:
        """The instant from which the value has been that of `t`; None when it never differed."""
        now = self._known(t)
        value, end = now.value(self._expr), t
        for start in reversed([_begin(now), *self._instants(now)]):
            if now.moved(end).value(self._expr) != value:
                return end + 1
            flips = list(changes(self._expr, self._moving, now.moved, start, end))
            if flips:
                return flips[-1]
            end = start - 1
        return None

    def next_change(self, t: int, ahead: int = HORIZON) -> int | None:
        """The first instant after `t` at which the value changes with no new event, if any."""
        later = changes(self._expr, self._moving, self._known(t).moved, t, t + ahead)
        return next(later, None)

    def _known(self, t: int) -> Evaluation:
        """By all that happened until an instant."""
        return Evaluation(self._library, self._facts, self._offset, t, self._fits)

    def _instants(self, now: Evaluation) -> list[int]:
        """When anything occurred that the value is made of: between two, only time changes it."""
        read = {part.of for part in n.walk(self._moving) if isinstance(part, n.Aggregate)}
        return sorted({o.at for selection in read for o in now.selected(selection)})


def _begin(now: Evaluation) -> int:
    """Long before anything happened."""
    return min((fact.at for fact in now.facts), default=now.t) - HORIZON
