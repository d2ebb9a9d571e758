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
    later = e.next_change or "none by time alone within 5 years"
    yield f"  so since      {since}" + ("" if e.since_exact else " at least")
    yield f"  next change   {later}" + ("" if e.next_exact else " at the earliest")
    for version in e.fits:
        kept = "" if version.stored else ", for this answer only"
        yield f"  fitted        {version.text} as of {version.at}{kept}"
    yield "because"
    yield from _clause(e.clauses, 1, set())
    yield from _different(e)


def _answer(e: Explanation) -> str:
    if e.holds is None:
        return f"{e.name} is {e.value} at {e.at}"
    return f"{'in' if e.holds else 'not in'} {e.name} at {e.at}"


def _clause(clause: Clause, depth: int, shown: set[str]) -> Iterator[str]:
    mark = MARKS[clause.holds] if clause.condition else ""
    value = "" if clause.condition or not clause.value else f" = {clause.value}"
    yield f"{'  ' * depth}{mark}{clause.text}{value}"
    if clause.n_events:
        yield from (f"{'  ' * (depth + 2)}{line}" for line in _events(clause, shown))
    for part in clause.parts:
        yield from _clause(part, depth + 1, shown)


def _events(clause: Clause, shown: set[str]) -> Iterator[str]:
    """The newest events of an aggregate; those listed before are not listed again."""
    listed = [f"{event.at}  {event.event}" for event in clause.events]
    key = "\n".join([str(clause.n_events), *listed])
    if key in shown:
        yield f"{clause.n_events} event(s), listed above"
        return
    shown.add(key)
    if clause.n_events != len(listed):
        yield f"{(clause.n_events or 0) - len(listed)} earlier event(s)"
    yield from listed


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
