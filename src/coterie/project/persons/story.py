"""What happened to one person, event by event and change by change, in sessions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from coterie.language.time import from_micros
from coterie.profiles.crossings import Crossing
from coterie.profiles.timeline import Happened
from coterie.project.persons.reports import Entry, Session, Story

MOST = 50
"""Entries of one page."""

GAP = 30 * 60 * 1_000_000
"""Microseconds without anything after which a session has ended."""

CHANGES = "changes"

Happening = tuple[int, Entry]
"""The number of its session, counted from the first, and what happened."""


def story(
    events: Sequence[Happened],
    crossings: Sequence[Crossing],
    at: int,
    name: str,
    page: int,
    most: int,
) -> Story:
    """A page of what happened, newest first.

    Parameters
    ----------
    at : int
        The position's instant, microseconds UTC.
    name : str
        Only events of this name; ``changes`` for entrances and exits alone; empty for everything.

    Notes
    -----
    Sessions are those of everything that happened, whatever of it is asked for.
    """
    wanted = [each for each in _numbered(events, crossings) if name in ("", _class(each[1]))]
    wanted.reverse()
    pages = max(1, -(-len(wanted) // most))
    page = min(max(page, 1), pages)
    shown = wanted[(page - 1) * most : page * most]
    return Story(from_micros(at), len(wanted), page, pages, [*_sessions(shown, wanted)])


def _class(entry: Entry) -> str:
    return entry.name if entry.kind == "event" else CHANGES


def _numbered(events: Sequence[Happened], crossings: Sequence[Crossing]) -> Iterator[Happening]:
    """Everything in order with the number of its session; at one instant, events come first."""
    every = sorted(
        [*((each.at, 0, _event(each)) for each in events),
         *((each.at, 1, _crossed(each)) for each in crossings)], key=lambda each: each[:2],
    )  # fmt: skip
    number, last = 0, None
    for at, _, entry in every:
        number += last is None or at - last >= GAP
        last = at
        yield number, entry


def _sessions(shown: Sequence[Happening], wanted: Sequence[Happening]) -> Iterator[Session]:
    whole = {number: [*each] for number, each in groupby(wanted, key=lambda each: each[0])}
    for number, some in groupby(shown, key=lambda each: each[0]):
        every = whole[number]
        yield Session(
            started=every[-1][1].at, ended=every[0][1].at, n=len(every),
            entries=[entry for _, entry in some],
        )  # fmt: skip


def _event(each: Happened) -> Entry:
    return Entry(from_micros(each.at), "event", each.name, each.properties, source=each.source)


def _crossed(each: Crossing) -> Entry:
    name = f"{each.segment}.{each.stage}" if each.stage else each.segment
    cause = f"{each.cause}: {each.reason}" if each.reason else each.cause
    return Entry(from_micros(each.at), each.change, name, cause=cause)
