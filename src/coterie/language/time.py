"""Instants and durations: microseconds UTC, never a calendar interval."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from coterie.errors import WrongType

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAY = 86_400_000_000
"""A day in microseconds: always 24 hours, also over a clock change."""

LONGEST = timedelta(days=1_000_000)
"""The longest duration of a definition (2,737 years): instants plus it still fit 64 bits."""


def weeks(n: float) -> timedelta:
    """`n` times 168 hours."""
    return timedelta(weeks=n)


def days(n: float) -> timedelta:
    """`n` times 24 hours, whatever the clocks do.

    Examples
    --------
    >>> days(30) == hours(720)
    True
    """
    return timedelta(days=n)


def hours(n: float) -> timedelta:
    """`n` hours."""
    return timedelta(hours=n)


def minutes(n: float) -> timedelta:
    """`n` minutes."""
    return timedelta(minutes=n)


def seconds(n: float) -> timedelta:
    """`n` seconds."""
    return timedelta(seconds=n)


def micros(value: datetime | timedelta) -> int:
    """Microseconds since 1970-01-01 UTC, or of a duration; exact.

    Examples
    --------
    >>> micros(datetime(1970, 1, 2, tzinfo=UTC)) == DAY
    True
    """
    return (value - EPOCH if isinstance(value, datetime) else value) // MICROSECOND


def from_micros(value: int) -> datetime:
    """The aware UTC instant of so many microseconds since 1970-01-01."""
    return EPOCH + value * MICROSECOND


def parse_instant(text: str) -> datetime:
    """An ISO 8601 date or date-time as an aware UTC instant; without a zone it is UTC.

    Raises
    ------
    ValueError
        When the text is not ISO 8601.

    Examples
    --------
    >>> parse_instant("2011-06-01")
    datetime.datetime(2011, 6, 1, 0, 0, tzinfo=datetime.timezone.utc)
    """
    return utc(datetime.fromisoformat(text))


def utc(value: datetime) -> datetime:
    """The same moment in UTC; one without a zone is UTC already.

    Raises
    ------
    WrongType
        When the moment falls outside of the years 1 to 9999 in UTC.

    Examples
    --------
    >>> from datetime import timezone
    >>> utc(datetime(2011, 6, 1, 2, tzinfo=timezone(timedelta(hours=2)))).hour
    0
    """
    if value.tzinfo is UTC and not value.fold:
        return value
    if value.tzinfo is None:
        return value.replace(tzinfo=UTC, fold=0)
    try:
        return value.astimezone(UTC).replace(fold=0)
    except OverflowError:
        raise WrongType("an instant lies outside of the years 1 to 9999", got="in UTC") from None


def iso(value: int) -> str:
    """Microseconds as ISO 8601 with ``Z``, with as many digits as there are.

    Examples
    --------
    >>> iso(0), iso(1_500_000)
    ('1970-01-01T00:00:00Z', '1970-01-01T00:00:01.500000Z')
    """
    return from_micros(value).isoformat().replace("+00:00", "Z")


_DURATION = re.compile(
    r"(?P<sign>-?)P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?"
    r"(?:(?P<seconds>\d+)(?:\.(?P<fraction>\d{1,6}))?S)?)?",
    re.ASCII,
)


def parse_duration(text: str) -> timedelta:
    """An ISO 8601 duration of weeks, days, hours, minutes and seconds.

    Raises
    ------
    ValueError
        When the text is none, or counts months or years, which have no one length.

    Examples
    --------
    >>> parse_duration("P30D") == days(30), parse_duration("PT1H30M") == minutes(90)
    (True, True)
    """
    match = _DURATION.fullmatch(text)
    if match is None or text.endswith("P"):
        raise ValueError(f"not an ISO 8601 duration of weeks, days or less: {text!r}")
    found = match.groupdict(default="")
    whole = {
        unit: int(found[unit] or 0) for unit in ("weeks", "days", "hours", "minutes", "seconds")
    }
    try:
        length = timedelta(**whole, microseconds=int((found["fraction"] or "").ljust(6, "0")))
    except OverflowError:
        raise ValueError("a duration is longer than time") from None
    return -length if found["sign"] else length


def iso_duration(value: timedelta) -> str:
    """A duration in ISO 8601: days of 24 hours, hours, minutes, seconds.

    Examples
    --------
    >>> [iso_duration(each) for each in (days(30), minutes(90), seconds(-0.5), days(0))]
    ['P30D', 'PT1H30M', '-PT0.5S', 'PT0S']
    """
    whole, fraction = divmod(abs(micros(value)), 1_000_000)
    minute, second = divmod(whole, 60)
    hour, minute = divmod(minute, 60)
    day, hour = divmod(hour, 24)
    digits = f"{second}.{fraction:06}".rstrip("0") if fraction else str(second)
    clock = "".join(
        f"{n}{unit}" for n, unit in ((hour, "H"), (minute, "M"), (digits, "S")) if n not in (0, "0")
    )
    date = f"{day}D" if day else ""
    spelt = f"{date}T{clock}" if clock else date or "T0S"
    return f"{'-' if value < timedelta() else ''}P{spelt}"
