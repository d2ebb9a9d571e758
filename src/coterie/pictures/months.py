"""Months of a time zone: where they begin, as instants."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from coterie.language.time import from_micros, micros


def number(at: date) -> int:
    """A month as a count, so that months can be subtracted."""
    return at.year * 12 + at.month - 1


def first_day(month: int) -> date:
    """The first day of a month by its count.

    Examples
    --------
    >>> first_day(number(date(2011, 12, 10)) + 1)
    datetime.date(2012, 1, 1)
    """
    return date(month // 12, month % 12 + 1, 1)


def start(month: int, zone: ZoneInfo) -> int:
    """The instant at which a month begins, microseconds UTC."""
    day = first_day(month)
    return micros(datetime(day.year, day.month, 1, tzinfo=zone))


def of(at: int, zone: ZoneInfo) -> int:
    """The month that an instant is in."""
    return number(from_micros(at).astimezone(zone))


def spine(until: int, months: int, zone: ZoneInfo) -> list[int]:
    """The beginnings of the last months, and the instant itself.

    Examples
    --------
    >>> from coterie.language.time import iso, parse_instant
    >>> tenth = micros(parse_instant("2011-12-10"))
    >>> [iso(t)[:10] for t in spine(tenth, 2, ZoneInfo("UTC"))]
    ['2011-11-01', '2011-12-01', '2011-12-10']
    """
    last = of(until, zone)
    starts = [start(month, zone) for month in range(last - months + 1, last + 1)]
    return [*(t for t in starts if t < until), until]
