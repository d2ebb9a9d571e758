"""When each source was heard of last, and whether it has fallen silent."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from coterie.language.time import DAY
from coterie.profiles.stores import Stores
from coterie.storage.columns import literal

SPAN = 60
"""Days before the last run that are looked at."""

REGULAR, WEEK = 5, 7
"""A source is regular that was heard of on so many of so many days."""

TAIL = 20_000
"""Entries at the end of the log that are looked at, where the lake has them not."""

_DAYS = """\
SELECT source, epoch_us(occurred_at) // {day} AS day, max(epoch_us(occurred_at)) AS last
FROM read_parquet([{files}], union_by_name = true)
WHERE epoch_us(occurred_at) >= {since} GROUP BY ALL"""


class Freshness(msgspec.Struct, frozen=True):
    """When a source was heard of.

    Parameters
    ----------
    last : int
        When its newest event occurred, microseconds UTC.
    days : frozenset of int
        Days since 1970 on which any did.
    """

    source: str
    last: int
    days: frozenset[int]

    @property
    def regular(self) -> bool:
        """Whether it was heard of on most days of its last week."""
        newest = self.last // DAY
        return sum(newest - WEEK < day <= newest for day in self.days) >= REGULAR

    def silent(self, now: int) -> bool:
        """Whether it is regular, and nothing occurred for more than a day.

        Parameters
        ----------
        now : int
            The project's clock, microseconds UTC.
        """
        return self.regular and now - self.last > DAY


class Sources:
    """When each source of a project was heard of, kept current.

    Notes
    -----
    The lake is asked once, and again when it was written to and `again` microseconds have passed;
    what the log has beyond it is looked at each time.
    """

    def __init__(self, again: int = 600_000_000) -> None:
        self._again = again
        self._asked_at = self._lake = self._offset = 0
        self._seen: dict[str, set[int]] = {}
        self._last: dict[str, int] = {}

    def look(self, stores: Stores, now: int) -> list[Freshness]:
        """Every source that was heard of lately, by name.

        Parameters
        ----------
        now : int
            Microseconds UTC, by the project's clock.
        """
        offset = stores.lake.offset()
        if not self._asked_at or (offset > self._lake and now - self._asked_at > self._again):
            self._take(_of_lake(stores, now - SPAN * DAY))
            self._asked_at, self._lake = now, offset
        after = max(self._offset, offset, stores.log.end() - TAIL)
        entries = stores.log.read(after, TAIL, "event")
        self._take((each.bare.source, each.at) for each in entries)
        self._offset = max(after, entries[-1].offset if entries else 0)
        return [Freshness(name, self._last[name], frozenset(self._seen[name]))
                for name in sorted(self._last)]  # fmt: skip

    def _take(self, heard: Iterable[tuple[str, int]]) -> None:
        for source, at in heard:
            self._seen.setdefault(source, set()).add(at // DAY)
            self._last[source] = max(at, self._last.get(source, at))


def _of_lake(stores: Stores, since: int) -> list[tuple[str, int]]:
    files = stores.lake.every()
    if not files:
        return []
    said = _DAYS.format(day=DAY, files=", ".join(map(literal, files)), since=since)
    with stores.lake.connect() as con:
        return [(source, last) for source, _, last in con.sql(said).fetchall()]
