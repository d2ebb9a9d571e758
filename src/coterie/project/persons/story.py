"""What happened to one person, event by event and change by change, in sessions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from coterie.language.time import from_micros
from coterie.profiles.crossings import Crossing
from coterie.profiles.timeline import Happened
from coterie.project.persons.reports import Entry, Session, Story

MOST = 50
"""Entries of one page."""

GAP = 30 * 60 * 1_000_000
"""Microseconds without anything after which a session has ended."""

CHANGES = "changes"

Numbers = np.ndarray[Any, np.dtype[np.int64]]


class Way(NamedTuple):
    """Everything that happened, oldest first; at one instant, events come first.

    Parameters
    ----------
    at : Numbers
        Microseconds UTC.
    session : Numbers
        The number of its session.
    place : Numbers
        Which of the events it is; below zero, which of the crossings, from -1 downwards.
    """

    at: Numbers
    session: Numbers
    place: Numbers


def story(
    events: pa.Table,
    told: Callable[[pa.Table], Sequence[Happened]],
    crossings: Sequence[Crossing],
    at: int,
    name: str,
    page: int,
    most: int,
) -> Story:
    """A page of what happened, newest first.

    Parameters
    ----------
    events : pyarrow.Table
        ``at`` and ``name`` of each, oldest first.
    told : callable
        What some of them said, in their order: only those of the page are asked for.
    at : int
        The position's instant, microseconds UTC.
    name : str
        Only events of this name; ``changes`` for entrances and exits alone; empty for everything.

    Notes
    -----
    Sessions are those of everything that happened, whatever of it is asked for.
    """
    wanted = _wanted(_way(events, crossings), events, name)
    n = len(wanted.at)
    pages = max(1, -(-n // most))
    page = min(max(page, 1), pages)
    first, last = max(0, n - page * most), n - (page - 1) * most
    entries = _entries(wanted.place[first:last], events, told, crossings)
    return Story(from_micros(at), n, page, pages, [*_sessions(wanted, first, entries)])


def _way(events: pa.Table, crossings: Sequence[Crossing]) -> Way:
    crossed = np.array([each.at for each in crossings], np.int64)
    at = np.concatenate([events["at"].to_numpy().astype(np.int64), crossed])
    place = np.concatenate([np.arange(events.num_rows), -1 - np.arange(len(crossed))])
    order = np.lexsort((place < 0, at))  # of one instant and kind they stay in their order
    at = at[order]
    return Way(at, np.cumsum(np.diff(at, prepend=at[:1]) >= GAP), place[order])


def _wanted(way: Way, events: pa.Table, name: str) -> Way:
    if not name:
        return way
    named = pc.equal(events["name"], name).to_numpy().astype(bool)
    crossed = way.place < 0
    mine = np.where(crossed, name == CHANGES, False)
    mine[~crossed] = named[way.place[~crossed]]
    return Way(way.at[mine], way.session[mine], way.place[mine])


def _entries(
    places: Numbers, events: pa.Table, told: Callable[[pa.Table], Sequence[Happened]],
    crossings: Sequence[Crossing],
) -> list[Entry]:  # fmt: skip
    """What is at these places, in their order."""
    happened = iter(told(events.take(pa.array(places[places >= 0]))))
    return [
        _event(next(happened)) if place >= 0 else _crossed(crossings[-1 - place])
        for place in places.tolist()
    ]


def _sessions(wanted: Way, first: int, entries: Sequence[Entry]) -> Iterator[Session]:
    """The sessions of these entries, the newest first; the first of them has a number."""
    numbers = wanted.session[first : first + len(entries)].tolist()
    shown = zip(reversed(numbers), reversed(entries), strict=True)
    for number, some in groupby(shown, key=lambda each: each[0]):
        start, end = np.searchsorted(wanted.session, [number, number + 1]).tolist()
        yield Session(
            started=from_micros(int(wanted.at[start])), ended=from_micros(int(wanted.at[end - 1])),
            n=end - start, entries=[entry for _, entry in some],
        )  # fmt: skip


def _event(each: Happened) -> Entry:
    return Entry(from_micros(each.at), "event", each.name, each.properties, source=each.source)


def _crossed(each: Crossing) -> Entry:
    name = f"{each.segment}.{each.stage}" if each.stage else each.segment
    cause = f"{each.cause}: {each.reason}" if each.reason else each.cause
    return Entry(from_micros(each.at), each.change, name, cause=cause)
