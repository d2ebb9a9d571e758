"""Instants and durations: microseconds UTC, never a calendar interval."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAY = 86_400_000_000
"""A day in microseconds: always 24 hours, also over a clock change."""


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
    value = datetime.fromisoformat(text)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def iso(value: int) -> str:
    """Microseconds as ISO 8601 with ``Z``, with as many digits as there are.

    Examples
    --------
    >>> iso(0), iso(1_500_000)
    ('1970-01-01T00:00:00Z', '1970-01-01T00:00:01.500000Z')
    """
    return from_micros(value).isoformat().replace("+00:00", "Z")
