"""Since when a value has been what it is, by what is known now."""

from __future__ import annotations

from collections.abc import Sequence

from coterie.engines.fits import Fits
from coterie.engines.reference import Evaluation, Fact, visible
from coterie.language import nodes as n
from coterie.language.library import Library
from coterie.language.time import DAY
from coterie.profiles.why.deadlines import At, changes

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
        instants = sorted({fact.at for fact in visible(self._facts, self._offset, t)})
        value = self._at(t)(t).value(self._expr)
        end = t
        for start in reversed([min(instants, default=t) - HORIZON, *instants]):
            at = self._at(start)
            if at(end).value(self._expr) != value:
                return end + 1
            flips = list(changes(self._expr, self._moving, at, start, end))
            if flips:
                return flips[-1]
            end = start - 1
        return None

    def next_change(self, t: int, ahead: int = HORIZON) -> int | None:
        """The first instant after `t` at which the value changes with no new event, if any."""
        later = changes(self._expr, self._moving, self._at(t), t, t + ahead)
        return next(later, None)

    def _at(self, known_until: int) -> At:
        facts = visible(self._facts, self._offset, known_until)
        return lambda i: Evaluation(self._library, facts, self._offset, i, self._fits)
