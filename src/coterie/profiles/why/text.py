"""An explanation as plain text."""

from __future__ import annotations

from collections.abc import Iterator

from coterie.profiles.why.clauses import Clause
from coterie.profiles.why.explain import Explanation

MARKS = {True: "yes ", False: "no  ", None: "?   "}


def as_text(explanation: Explanation) -> str:
    """The explanation for a terminal: the answer first, then its reasons, then what comes next."""
    return "\n".join(_lines(explanation))


def _lines(e: Explanation) -> Iterator[str]:
    yield _answer(e)
    if e.may is False:
        yield f"  not in the audience: may not be used for {e.purpose}"
    since = e.since or "ever (it was never otherwise)"
    yield f"  so since      {since}"
    yield f"  next change   {e.next_change or 'none by time alone within 5 years'}"
    for version in e.fits:
        kept = "" if version.stored else ", for this answer only"
        yield f"  fitted        {version.text} as of {version.at}{kept}"
    yield "because"
    yield from _clause(e.clauses, 1)
    yield from _different(e)


def _answer(e: Explanation) -> str:
    if e.holds is None:
        return f"{e.name} is {e.value} at {e.at}"
    return f"{'in' if e.holds else 'not in'} {e.name} at {e.at}"


def _clause(clause: Clause, depth: int) -> Iterator[str]:
    mark = MARKS[clause.holds] if clause.condition else ""
    value = "" if clause.condition or not clause.value else f" = {clause.value}"
    yield f"{'  ' * depth}{mark}{clause.text}{value}"
    if clause.n_events:
        earlier = clause.n_events - len(clause.events)
        if earlier:
            yield f"{'  ' * (depth + 2)}{earlier} earlier event(s)"
        for event in clause.events:
            yield f"{'  ' * (depth + 2)}{event.at}  {event.event}"
    for part in clause.parts:
        yield from _clause(part, depth + 1)


def _different(e: Explanation) -> Iterator[str]:
    if e.holds is None:
        return
    wanted = "to leave" if e.holds else "to enter"
    if e.difference is None:
        yield f"{wanted}, no change of single values is enough"
        return
    yield f"{wanted}, it would take"
    for needed in e.difference:
        yield f"  {needed.text}: {needed.now} now, {needed.needed} needed"
