"""Which events a selection picks: occurrences of one profile at one position."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from coterie.engines.reference.facts import Fact
from coterie.language import nodes as n
from coterie.language.time import micros


class Occurrence(NamedTuple):
    """A selected event, at the instant that the selection gives it.

    `at` differs from the fact's own instant only for `without`, which occurs when the wait is over.
    """

    at: int
    key: bytes
    fact: Fact


Predicate = Callable[[n.Where, Occurrence], bool]


def occurrences(
    selection: n.Selection, facts: Sequence[Fact], t: int, holds: Predicate
) -> list[Occurrence]:
    """The occurrences up to `t`, in the order ``(at, key)``.

    Parameters
    ----------
    selection : Selection
    facts : sequence of Fact
        What the position sees (:func:`visible`).
    t : int
        The instant of evaluation, microseconds UTC.
    holds : callable
        Whether the predicate of a `Where` is true for an occurrence.
    """

    def select(part: n.Selection) -> list[Occurrence]:
        return occurrences(part, facts, t, holds)

    match selection:
        case n.Named(event):
            found = [Occurrence(f.at, f.key, f) for f in facts if f.name == event]
        case n.Where(of):
            found = [o for o in select(of) if holds(selection, o)]
        case n.Either(parts):
            found = list({(o.at, o.key): o for part in parts for o in select(part)}.values())
        case n.Then(first, second, within):
            starts = [o.at for o in select(first)]
            found = [
                o for o in select(second) if any(o.at - micros(within) < s < o.at for s in starts)
            ]
        case n.Without(first, second, within):
            found = _without(select(first), [o.at for o in select(second)], micros(within), t)
        case n.Sessions(of, gap):
            found = _starts(select(of), micros(gap))
    return sorted(found, key=lambda o: (o.at, o.key))


def _without(first: list[Occurrence], second: list[int], within: int, t: int) -> list[Occurrence]:
    waited = [o for o in first if not any(o.at < s < o.at + within for s in second)]
    return [o._replace(at=o.at + within) for o in waited if o.at + within <= t]


def _starts(events: list[Occurrence], gap: int) -> list[Occurrence]:
    """The first of each instant (smallest key) that has no event in the open gap before it."""
    instants = {o.at for o in events}
    starts: dict[int, Occurrence] = {}
    for o in events:
        if not any(o.at - gap < other < o.at for other in instants):
            starts.setdefault(o.at, o)
    return list(starts.values())
