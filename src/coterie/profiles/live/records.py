"""From an engine's changes to numbered records under a version of the definitions."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from coterie.profiles.members import CHANGES
from coterie.storage.outbox import RECORDS

_ORDER = [
    ("offset", "ascending"),
    ("at", "ascending"),
    ("profile", "ascending"),
    ("change", "descending"),  # exits before entrances
    ("segment", "ascending"),
    ("stage", "ascending"),
]
SCHEMA = pa.schema([field for field in RECORDS if field.name != "id"])
"""The columns of a record before the outbox numbers it."""


@cache
def empty() -> pa.Table:
    """No records: made once, as most steps have none."""
    return SCHEMA.empty_table()


class Records:
    """Collects what one step of the stream changed.

    Records of one log entry are numbered 1, 2, 3 … in the order in which they are taken, and those
    taken together by instant, profile, exits before entrances, name.
    """

    def __init__(self) -> None:
        self._parts: list[pa.Table] = []
        self._last: dict[int, int] = {}

    def __len__(self) -> int:
        return sum(part.num_rows for part in self._parts)

    def go_on(self, offset: int, last: int) -> None:
        """Number the next record of a log entry after the last one that it has already."""
        self._last[offset] = last

    def take(
        self,
        changes: pa.Table,
        version: int,
        *,
        without: Collection[str] = (),
        ordered: bool = False,
    ) -> None:
        """Take the changes that an engine gave, but for those of some profiles.

        Parameters
        ----------
        changes : pyarrow.Table
            ``profile``, ``segment``, ``stage``, ``change``, ``at``, ``cause``, ``reason`` and
            ``offset``.
        version : int
            Of the definitions.
        ordered : bool
            They come in the order in which they are to be numbered, as those of an engine do.
        """
        if without:
            listed = pa.array(sorted(without), pa.string())
            changes = changes.filter(pc.invert(pc.is_in(changes["profile"], value_set=listed)))
        if not changes.num_rows:
            return
        if not ordered:
            changes = changes.sort_by(_ORDER)
        made = {
            "at": changes["at"].cast(pa.int64()),
            "version": pa.repeat(pa.scalar(version, pa.int64()), changes.num_rows),
            "sequence": self._numbers(changes["offset"].to_numpy()),
        }
        columns = [made[n] if n in made else changes[n] for n in SCHEMA.names]
        self._parts.append(pa.Table.from_arrays(columns, schema=SCHEMA))

    def _numbers(self, offsets: np.ndarray) -> pa.Array:
        """A number for each, from 1 for each offset; they stand together."""
        values, starts, counts = np.unique(offsets, return_index=True, return_counts=True)
        first = np.array([self._last.get(int(value), 0) for value in values], np.int64)
        self._last |= {int(v): int(f + n) for v, f, n in zip(values, first, counts, strict=True)}
        within = np.arange(len(offsets)) - np.repeat(starts, counts)
        return pa.array(np.repeat(first, counts) + within + 1, pa.int64())

    def drain(self, after: int) -> pa.Table:
        """All that was taken since the last time, but for log entries up to an offset."""
        if not self._parts:
            return empty()
        every = pa.concat_tables(self._parts)
        self._parts = []
        return every.filter(pc.greater(every["offset"], after))

    def forget(self, offset: int) -> None:
        """Forget the numbers of log entries up to an offset: they get no more records."""
        self._last = {at: n for at, n in self._last.items() if at > offset}


def records_of(changes: pa.Table) -> pa.Table:
    """Change records that are numbered already, in the columns of `SCHEMA`."""
    at = changes["at"].cast(pa.timestamp("us")).cast(pa.int64())
    changes = changes.set_column(changes.schema.get_field_index("at"), "at", at)
    if "reason" not in changes.column_names:
        changes = changes.append_column("reason", pa.repeat(pa.scalar(""), changes.num_rows))
    return changes.select(SCHEMA.names).cast(SCHEMA)


def changes_of(records: pa.Table) -> pa.Table:
    """Records in the columns of :data:`coterie.profiles.members.CHANGES`."""
    at = records["at"].cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
    records = records.set_column(records.schema.get_field_index("at"), "at", at)
    return records.select(CHANGES.names).cast(CHANGES)
