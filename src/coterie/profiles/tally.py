"""Change records counted by the hour, for each segment and stage.

The lake's files never change: what was counted of one is remembered, so that a history of years is
read once, and afterwards only what was recorded since.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import duckdb
import pyarrow as pa

from coterie.profiles.recorded import Recorded, recorded
from coterie.profiles.stores import Stores

HOUR = 3_600_000_000

Key = tuple[str, str]
"""A segment, and its stage or nothing."""

_COUNTED = """
    SELECT segment, stage, {at} // 3600000000 AS hour, cause, {offset} AS "offset",
        count(*) FILTER (change = 'entered') AS entered,
        count(*) FILTER (change = 'exited') AS "left"
    FROM counted_here GROUP BY ALL ORDER BY segment, stage, hour
"""
_RUN = _COUNTED.format(at='epoch_us("at")', offset='"offset"')
_STREAM = _COUNTED.format(at='"at"', offset="0")


class Count(NamedTuple):
    """What one cause did in one hour.

    Parameters
    ----------
    hour : int
        Since 1970, UTC.
    cause : str
    first : bool
        Whether the first answer of all recorded it.
    entered, left : int
    """

    hour: int
    cause: str
    first: bool
    entered: int
    left: int


class Tally:
    """Counts the change records of a project; one thread asks it."""

    def __init__(self) -> None:
        self._of_file: dict[str, Mapping[Key, pa.Table]] = {}

    def of(self, stores: Stores, segment: str, stage: str) -> list[Count]:
        """What every record counts up to of one segment or stage, by hour."""
        found, key = recorded(stores), (segment, stage)
        self._learn(stores, found)
        parts = [self._of_file[file].get(key) for file in (*found.runs, *found.stream)]
        parts += [self._waiting(stores, found).get(key)]
        rows = (row for part in parts if part is not None for row in part.to_pylist())
        first = found.offsets[0] if found.offsets else -1
        counts = [
            Count(row["hour"], row["cause"], row["offset"] == first, row["entered"], row["left"])
            for row in rows
            if row["offset"] in (0, *found.offsets)
        ]
        return sorted(counts)

    def _learn(self, stores: Stores, found: Recorded) -> None:
        """Count the files that are new, and forget those that are gone."""
        files = {**dict.fromkeys(found.runs, _RUN), **dict.fromkeys(found.stream, _STREAM)}
        kept = {file: self._of_file[file] for file in files if file in self._of_file}
        if len(kept) < len(files):
            with stores.lake.connect() as con:
                kept |= {
                    file: _parted(con.read_parquet(file), said)
                    for file, said in files.items()
                    if file not in kept
                }
        self._of_file = kept

    def _waiting(self, stores: Stores, found: Recorded) -> Mapping[Key, pa.Table]:
        if not found.waiting.num_rows:
            return {}
        with stores.lake.connect() as con:
            return _parted(con.from_arrow(found.waiting), _STREAM)


def _parted(rows: duckdb.DuckDBPyRelation, said: str) -> Mapping[Key, pa.Table]:
    """The counts of each segment and stage by itself."""
    asked = rows.query("counted_here", said)
    assert asked is not None  # a SELECT has rows
    return dict(_slices(asked.to_arrow_table()))


def _slices(counted: pa.Table) -> Iterator[tuple[Key, pa.Table]]:
    sizes = counted.group_by(["segment", "stage"], use_threads=False).aggregate([("hour", "count")])
    start = 0
    for row in sizes.to_pylist():  # in the order of their first rows
        yield (row["segment"], row["stage"]), counted.slice(start, row["hour_count"])
        start += row["hour_count"]


def since(counts: list[Count], n: int) -> int:
    """The beginning of the hour, microseconds UTC, from which on there are at least `n` records.

    That of the first hour where there are fewer in all.

    Examples
    --------
    >>> since([Count(1, "event", False, 5, 0), Count(2, "event", False, 1, 1)], 3) // HOUR
    1
    """
    seen = 0
    for each in reversed(counts):
        seen += each.entered + each.left
        if seen >= n:
            return each.hour * HOUR
    return counts[0].hour * HOUR if counts else 0
