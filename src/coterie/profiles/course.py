"""The course of one segment or stage: its size over time, and by what causes it moved.

The records add up to the memberships (law 6), so a size is read off them, and nobody is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from coterie.language.time import from_micros, micros
from coterie.profiles.recorded import asked
from coterie.profiles.stores import Stores

HOUR = 3_600_000_000
FIRST = "first"
"""The cause of whoever the first answer of all found inside: nobody came in just then."""

Unit = Literal["hour", "day", "week"]

_COUNTED = """
    SELECT "at" // 3600000000 AS hour, "offset" = $first AS first, cause,
        count(*) FILTER (change = 'entered') AS entered,
        count(*) FILTER (change = 'exited') AS "left"
    FROM every_record WHERE segment = $segment AND stage = $stage GROUP BY ALL ORDER BY hour
"""


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


def course(stores: Stores, segment: str, stage: str, zone: ZoneInfo) -> Course:
    """What all records say of one segment or stage, those included that the stream wrote just now.

    Parameters
    ----------
    stage : str
        Empty for a segment.
    zone : ZoneInfo
        Whose days and weeks are told.
    """
    with asked(stores) as records:
        first = records.runs[0] if records.runs else -1
        rows = records.ask(_COUNTED, first=first, segment=segment, stage=stage).to_pylist()
    unit = unit_of(rows[-1]["hour"] - rows[0]["hour"]) if rows else "day"
    return Course(unit, list(_points(_by_start(rows, unit, zone))))


def _by_start(
    rows: Iterable[Mapping[str, Any]], unit: Unit, zone: ZoneInfo
) -> Mapping[int, Sequence[Mapping[str, Any]]]:
    found: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(_start(row["hour"] * HOUR, unit, zone), []).append(row)
    return found


def _points(by_start: Mapping[int, Sequence[Mapping[str, Any]]]) -> Iterator[Point]:
    size = 0
    for at, rows in by_start.items():
        causes: dict[str, tuple[int, int]] = {}
        for row in rows:
            cause = FIRST if row["first"] else row["cause"]
            entered, left = causes.get(cause, (0, 0))
            causes[cause] = entered + row["entered"], left + row["left"]
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
