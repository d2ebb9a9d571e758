"""The smallest parts of English: names, numbers, instants and durations, each read one way."""

from __future__ import annotations

import json
import re
from contextvars import ContextVar
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from coterie.language.time import iso, micros

ZONE: ContextVar[ZoneInfo | None] = ContextVar("zone", default=None)
"""Whose clocks sentences tell instants by in this context: by default those of UTC."""

BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")

_WORDS = """
a above after all among and any apart are at below between but by contains day days deviation
different ends every everyone exactly faded false fewer first for frequent from frozen group halved
has highest hour hours if ignoring in is its known largest last latest least less mean minus minute
minutes model more most no not now number of one only or otherwise people prediction quantile rank
rate reads s second seconds sessions since smallest some standard starts steps than the tier time
total true unknown whole whom whose where who with within case
"""
KEYWORDS = frozenset(_WORDS.split())
"""Words of the sentences; a name that is one of them is written in backticks."""

_UNITS = (("day", 86_400_000_000), ("hour", 3_600_000_000), ("minute", 60_000_000))


def name(text: str) -> str:
    """A property's or definition's name: bare where that is no word of English sentences.

    Examples
    --------
    >>> name("spend"), name("number"), name("unit price")
    ('spend', '`number`', '`unit price`')
    """
    return text if BARE.match(text) and text not in KEYWORDS else _quoted(text, "`")


def event(text: str) -> str:
    """The name of an event, in single quotation marks."""
    return _quoted(text, "'")


def words(text: str) -> str:
    """A text, in double quotation marks."""
    return json.dumps(text, ensure_ascii=False)


def _quoted(text: str, mark: str) -> str:
    escaped = json.dumps(text, ensure_ascii=False)[1:-1].replace('\\"', '"')
    return mark + escaped.replace(mark, f"\\{mark}") + mark


def number(value: Decimal) -> str:
    """A number with its thousands apart.

    Examples
    --------
    >>> number(Decimal("10000.5"))
    '10,000.5'
    """
    return f"{value:,f}"


def moment(value: datetime) -> str:
    """An instant in UTC, as a date where it is the start of one; in another `ZONE` by its clocks.

    Examples
    --------
    >>> from coterie.language.time import parse_instant
    >>> moment(parse_instant("2011-06-01")), moment(parse_instant("2011-06-01T12:30"))
    ('2011-06-01', '2011-06-01 12:30:00 UTC')
    """
    zone = ZONE.get()
    if zone is not None and zone.key != "UTC":
        try:
            return _by_clocks(value.astimezone(zone), zone.key)
        except OverflowError:  # within a day of the calendar's ends
            pass
    date, _, clock = iso(micros(value)).removesuffix("Z").partition("T")
    return date if clock == "00:00:00" else f"{date} {clock} UTC"


def _by_clocks(value: datetime, zone: str) -> str:
    """A local time with its zone; of an hour that comes twice, the offset says which is meant."""
    local = value.replace(tzinfo=None)
    twice = value.replace(fold=0).utcoffset() != value.replace(fold=1).utcoffset()
    offset = f" {str(value).removeprefix(str(local))}" if twice else ""
    digits = "auto" if value.second or value.microsecond else "minutes"
    return f"{local.isoformat(' ', digits)}{offset} {zone}"


def duration(value: timedelta) -> str:
    """A duration in days, hours, minutes and seconds.

    Examples
    --------
    >>> duration(timedelta(days=30)), duration(timedelta(minutes=90))
    ('30 days', '1 hour 30 minutes')
    """
    rest, said = abs(micros(value)), []
    for unit, length in _UNITS:
        count, rest = divmod(rest, length)
        if count:
            said.append(f"{count:,} {unit}{'s' * (count != 1)}")
    if rest or not said:
        seconds = f"{rest / 1_000_000:.6f}".rstrip("0").rstrip(".")
        said.append(f"{seconds} second{'s' * (rest != 1_000_000)}")
    return f"{'minus ' if value < timedelta() else ''}{' '.join(said)}"
