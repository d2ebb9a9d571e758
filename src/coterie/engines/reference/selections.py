"""Which events a selection picks: occurrences of one profile at one position."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import NamedTuple

from coterie.engines.reference.facts import ORDER, Fact
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
Select = Callable[[n.Selection], list[Occurrence]]

AT = attrgetter("at")


def occurrences(
    selection: n.Selection, facts: Sequence[Fact], select: Select, holds: Predicate
) -> list[Occurrence]:
    """The occurrences in the order ``(at, key)``, if nothing happens after these facts.

    Up to any instant they are those that the facts up to it give: whether something occurs at an
    instant depends on nothing later.

    Parameters
    ----------
    selection : Selection
    facts : sequence of Fact
        What the position sees (:func:`visible`).
    select : callable
        The occurrences of the selections that this one is made of.
    holds : callable
        Whether the predicate of a `Where` is true for an occurrence.
    """
    match selection:
        case n.Named(event):
            return [Occurrence(f.at, f.key, f) for f in facts if f.name == event]
        case n.Where(of):
            return [o for o in select(of) if holds(selection, o)]
        case n.Either(parts):
            found = list({(o.at, o.key): o for part in parts for o in select(part)}.values())
        case n.Then(first, second, within):
            starts, length = [o.at for o in select(first)], micros(within)
            return [o for o in select(second) if any_between(starts, o.at - length, o.at)]
        case n.Without(first, second, within):
            found = _without(select(first), [o.at for o in select(second)], micros(within))
        case n.Sessions(of, gap):
            return _starts(select(of), micros(gap))
    return sorted(found, key=ORDER)


def any_between(instants: Sequence[int], low: int, high: int) -> bool:
    """Whether any of these ascending instants lies after `low` and before `high`.

    Examples
    --------
    >>> any_between([1, 5, 9], 1, 5), any_between([1, 5, 9], 1, 6)
    (False, True)
    """
    i = bisect_right(instants, low)
    return i < len(instants) and instants[i] < high


def _without(first: list[Occurrence], second: list[int], within: int) -> list[Occurrence]:
    waited = (o for o in first if not any_between(second, o.at, o.at + within))
    return [o._replace(at=o.at + within) for o in waited]


def _starts(events: list[Occurrence], gap: int) -> list[Occurrence]:
    """The first of each instant (smallest key) that has no event in the open gap before it."""
    starts: list[Occurrence] = []
    before: int | None = None
    for o in events:
        if before is None or o.at >= before + gap:
            starts.append(o)
        elif o.at == before:
            continue
        before = o.at
    return starts
