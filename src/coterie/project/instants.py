"""Instants as people type and read them: dates and clocks in the project's zone."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from coterie.errors import ProjectError
from coterie.language.time import from_micros, micros, parse_instant

_ISO = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")


def parse(said: str | datetime | int, zone: ZoneInfo) -> int:
    """Microseconds UTC of a date, a date-time or an instant.

    Parameters
    ----------
    said : str, datetime or int
        ISO 8601; a date means its 00:00, and what names no offset is a clock of `zone` (of an
        hour that a clock change repeats, the first). An int is microseconds UTC already.

    Raises
    ------
    ProjectError
        The text is no date or time.

    Examples
    --------
    >>> london = ZoneInfo("Europe/London")
    >>> parse("2011-07-01", london) == parse("2011-06-30T23:00Z", london)
    True
    """
    if isinstance(said, int):
        return said
    try:
        value = datetime.fromisoformat(said) if isinstance(said, str) else said
        return micros(value if value.tzinfo else value.replace(tzinfo=zone))
    except (ValueError, OverflowError):
        raise ProjectError(
            "not a date or time", got=repr(said),
            expected="as in 2011-12-10, 2011-12-10T09:30 or 2011-12-10T09:30+01:00",
        ) from None  # fmt: skip


def shown(at: int, zone: ZoneInfo) -> str:
    """An instant as a clock of `zone` with its offset, to the second or finer where it has more.

    Examples
    --------
    >>> shown(0, ZoneInfo("UTC"))
    '1970-01-01 00:00:00 +00:00'
    """
    try:
        text = from_micros(at).astimezone(zone).isoformat(" ")
    except OverflowError:  # the first and last days of the calendar
        text = from_micros(at).isoformat(" ")
    return f"{text[:-6]} {text[-6:]}"


def translated(text: str, zone: ZoneInfo) -> str:
    """A text with every instant in it, as ISO 8601 has them in UTC, shown as a clock of `zone`.

    Examples
    --------
    >>> translated("since 2024-07-01T00:00:00Z", ZoneInfo("Europe/London"))
    'since 2024-07-01 01:00:00 +01:00'
    """
    return _ISO.sub(lambda found: shown(micros(parse_instant(found[0])), zone), text)
