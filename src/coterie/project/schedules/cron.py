"""Cron lines: the instants that they name in a time zone."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from coterie.errors import ProjectError
from coterie.language.time import EPOCH, from_micros, micros


def check_cron(line: str, where: str) -> None:
    """Refuse a line that cron would not take.

    Raises
    ------
    ProjectError
    """
    try:
        fields = len(line.split())
        if fields != 5:
            raise CronSimError(f"{fields} fields")
        CronSim(line, EPOCH)
    except CronSimError as error:
        raise ProjectError(
            "not a cron line", where=where, got=f"{line!r} ({str(error).lower()})",
            expected="minute hour day-of-month month day-of-week, as in 0 6 * * *",
        ) from None  # fmt: skip


def instants(line: str, zone: ZoneInfo, after: int) -> Iterator[int]:
    """The instants of a line after one, in order, microseconds UTC.

    Notes
    -----
    Over a clock change as Debian's cron: a line for a time of day that is skipped in spring fires
    when the clocks have jumped, one for a time that comes twice in autumn fires at the first, each
    once a day. A line whose minute or hour begins with ``*`` keeps its pace in real time: it
    fires in no skipped hour, and in both passes of a repeated one.

    Examples
    --------
    >>> from itertools import islice
    >>> daily = instants("30 1 * * *", ZoneInfo("Europe/London"), micros(EPOCH.replace(year=2024)))
    >>> [from_micros(at).isoformat() for at in islice(daily, 2)]
    ['2024-01-01T01:30:00+00:00', '2024-01-02T01:30:00+00:00']
    """
    for found in CronSim(line, from_micros(after).astimezone(zone)):
        at = micros(found)
        if at > after:  # begun in a repeated hour, a daily line names its first half again
            yield at


def english(line: str) -> str:
    """The line in words.

    Examples
    --------
    >>> english("0 6 * * *")
    'At 06:00 every day'
    """
    return CronSim(line, EPOCH).explain()
