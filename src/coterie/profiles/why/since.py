"""Since when a value has been what it is, by what is known now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from coterie.engines.fits import Fits
from coterie.engines.reference import Evaluation, Fact
from coterie.language import nodes as n
from coterie.language.library import Library
from coterie.language.time import DAY
from coterie.profiles.why.deadlines import MOST, Enough, changes

HORIZON = 5 * 365 * DAY
"""How far ahead the next change by time alone is looked for."""


class Found(NamedTuple):
    """An instant, if there is one.

    Parameters
    ----------
    at : int or None
        Microseconds UTC.
    exact : bool
        False where there was more to look through than anybody waits for: the value is the same
        from `at` on, or up to it, and perhaps for longer.
    """

    at: int | None
    exact: bool = True


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
    most : int
        How many occurrences to look at for each answer.
    """

    def __init__(
        self, library: Library, expr: n.Expr, history: Sequence[Fact], offset: int, fits: Fits,
        most: int = MOST,
    ) -> None:  # fmt: skip
        self._library = library
        self._expr = expr
        self._offset = offset
        self._fits = fits
        self._most = most
        self._last: Evaluation | None = None
        self._moving = library.expanded(expr)
        names = {part.event for part in n.walk(self._moving) if isinstance(part, n.Named)}
        self._facts = [fact for fact in history if fact.name in names]

    def since(self, t: int) -> Found:
        """The instant from which the value has been that of `t`; None when it never differed."""
        now = self._known(t)
        value, end, most = now.value(self._expr), t, now.effort + self._most
        for start in reversed([_begin(now), *self._instants(now)]):
            if now.effort > most:
                return Found(min(end + 1, t), exact=False)
            if now.moved(end).value(self._expr) != value:
                return Found(end + 1)
            try:
                flips = [*changes(self._expr, self._moving, now.moved, start, end, most)]
            except Enough:
                return Found(end, exact=False)
            if flips:
                return Found(flips[-1])
            end = start - 1
        return Found(None)

    def next_change(self, t: int, ahead: int = HORIZON) -> Found:
        """The first instant after `t` at which the value changes with no new event, if any."""
        now = self._known(t)
        most = now.effort + self._most
        try:
            later = changes(self._expr, self._moving, now.moved, t, t + ahead, most)
            return Found(next(later, None))
        except Enough as enough:
            return Found(enough.at, exact=False)

    def _known(self, t: int) -> Evaluation:
        """By all that happened until an instant; what is found of it serves both answers."""
        if self._last is None or self._last.t != t:
            self._last = Evaluation(self._library, self._facts, self._offset, t, self._fits)
        return self._last

    def _instants(self, now: Evaluation) -> list[int]:
        """When anything occurred that the value is made of: between two, only time changes it."""
        read = {part.of for part in n.walk(self._moving) if isinstance(part, n.Aggregate)}
        return sorted({o.at for selection in read for o in now.selected(selection)})


def _begin(now: Evaluation) -> int:
    """Long before anything happened."""
    return min((fact.at for fact in now.facts), default=now.t) - HORIZON
