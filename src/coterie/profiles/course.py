"""The course of one segment or stage: its size over time, and by what causes it moved.

The records add up to the memberships (law 6), so a size is read off them, and nobody is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from coterie.language.time import from_micros, micros
from coterie.profiles.tally import HOUR, Count

FIRST = "first"
"""The cause of whoever the first answer of all found inside: nobody came in just then."""

Unit = Literal["hour", "day", "week"]


class Point(msgspec.Struct, frozen=True):
    """What happened to one segment or stage in an hour, day or week.

    Parameters
    ----------
    at : int
        Its beginning, microseconds UTC.
    size : int
        Who was in it at the end, whatever they allowed.
    entered, left : int
        Whoever the first answer of all found inside did not enter.
    causes : dict of str to (int, int)
        Cause -> how many entered and left by it.
    """

    at: int
    size: int
    entered: int
    left: int
    causes: dict[str, tuple[int, int]]


class Course(msgspec.Struct, frozen=True):
    """A segment or stage over time, as its records tell it.

    Parameters
    ----------
    unit : {"hour", "day", "week"}
        What a point is: hours where all is within three days, weeks from a year and a half on.
    points : list of Point
        In order; where nobody moved there is none.
    """

    unit: Unit
    points: list[Point]

    @property
    def size(self) -> int:
        """Who is in it after all records."""
        return self.points[-1].size if self.points else 0


def course(counts: Sequence[Count], zone: ZoneInfo) -> Course:
    """What the records of one segment or stage say.

    Parameters
    ----------
    counts : sequence of Count
        As :meth:`coterie.profiles.tally.Tally.of` has them.
    zone : ZoneInfo
        Whose days and weeks are told.
    """
    unit = unit_of(counts[-1].hour - counts[0].hour) if counts else "day"
    return Course(unit, list(_points(_by_start(counts, unit, zone))))


def _by_start(counts: Iterable[Count], unit: Unit, zone: ZoneInfo) -> Mapping[int, Sequence[Count]]:
    found: dict[int, list[Count]] = {}
    for each in counts:
        found.setdefault(_start(each.hour * HOUR, unit, zone), []).append(each)
    return found


def _points(by_start: Mapping[int, Sequence[Count]]) -> Iterator[Point]:
    size = 0
    for at, counts in by_start.items():
        causes: dict[str, tuple[int, int]] = {}
        for each in counts:
            cause = FIRST if each.first else each.cause
            entered, left = causes.get(cause, (0, 0))
            causes[cause] = entered + each.entered, left + each.left
        size += sum(entered - left for entered, left in causes.values())
        moved = [both for cause, both in causes.items() if cause != FIRST]
        yield Point(
            at, size, sum(entered for entered, _ in moved), sum(left for _, left in moved), causes
        )


def unit_of(hours: int) -> Unit:
    """What a span is told by.

    Examples
    --------
    >>> unit_of(72), unit_of(73), unit_of(24 * 550)
    ('hour', 'day', 'week')
    """
    if hours <= 72:
        return "hour"
    return "day" if hours < 24 * 550 else "week"


def _start(at: int, unit: Unit, zone: ZoneInfo) -> int:
    """The beginning of the hour, day or week that an instant is in."""
    if unit == "hour":
        return at
    local = from_micros(at).astimezone(zone)
    day = datetime(local.year, local.month, local.day, tzinfo=zone)
    return micros(day if unit == "day" else day - timedelta(days=day.weekday()))
