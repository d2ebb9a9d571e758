"""Change records counted piece by piece, by the hour, for each segment and stage.

The lake's files never change: what was counted of one is remembered, so that a history of years is
read once, and afterwards only what was recorded since. The counts say as well which pieces of the
files hold what is looked for: a list reads those that it shows, and skips the others unread.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from coterie.profiles.pieces import SIZE, Piece
from coterie.profiles.recorded import Recorded, Waiting, recorded
from coterie.profiles.stores import Stores

HOUR = 3_600_000_000

Key = tuple[str, str]
"""A segment, and its stage or nothing."""

_COUNTED = f"""
    SELECT segment, stage, change, cause, {{at}} // {HOUR} AS hour, {{run}} AS run,
        file_row_number // {SIZE} AS number, count(*) AS n,
        min({{at}}) AS at, min("offset") AS "offset", min("sequence") AS "sequence",
        max({{at}}) AS last_at, max("offset") AS last_offset, max("sequence") AS last_sequence
    FROM counted_here GROUP BY ALL ORDER BY segment, stage, hour
"""  # noqa: S608 - constants
_RUN = _COUNTED.format(at='epoch_us("at")', run='"offset"')
_STREAM = _COUNTED.format(at='"at"', run="0")


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
        self._waiting = Waiting()

    def of(self, stores: Stores, segment: str, stage: str) -> list[Count]:
        """What every record counts up to of one segment or stage, by hour."""
        found, pieces = self.pieces(stores, segment, stage)
        first = found.offsets[0] if found.offsets else -1
        moved: dict[tuple[int, str, bool], Counter[str]] = {}
        for each in pieces:
            key = each.hour, each.cause, each.run == first
            moved.setdefault(key, Counter())[each.change] += each.n
        return sorted(Count(*key, n["entered"], n["exited"]) for key, n in moved.items())

    def pieces(self, stores: Stores, segment: str, stage: str) -> tuple[Recorded, list[Piece]]:
        """Where the records lie, and which pieces hold those of one segment or stage."""
        found = recorded(stores, self._waiting)
        self._learn(stores, found)
        runs = {0, *found.offsets}
        parts = {file: self._of_file[file] for file in (*found.runs, *found.stream)}
        parts[""] = self._last(stores, found)
        rows = (
            (file, row) for file, part in parts.items() if (segment, stage) in part
            for row in part[segment, stage].to_pylist()
        )  # fmt: skip
        return found, [_piece(file, row) for file, row in rows if row["run"] in runs]

    @property
    def held(self) -> Mapping[str, Mapping[Key, pa.Table]]:
        """What was counted of each file, for another tally (:meth:`take`)."""
        return self._of_file

    def take(self, held: Mapping[str, Mapping[Key, pa.Table]]) -> None:
        """Know what another tally counted."""
        self._of_file = {**held, **self._of_file}

    def _learn(self, stores: Stores, found: Recorded) -> None:
        """Count the files that are new, and forget those that are gone."""
        files = {**dict.fromkeys(found.runs, _RUN), **dict.fromkeys(found.stream, _STREAM)}
        kept = {file: self._of_file[file] for file in files if file in self._of_file}
        if len(kept) < len(files):
            with stores.lake.connect() as con:
                kept |= {
                    file: _parted(con.read_parquet(file, file_row_number=True), said)
                    for file, said in files.items()
                    if file not in kept
                }
        self._of_file = kept

    def _last(self, stores: Stores, found: Recorded) -> Mapping[Key, pa.Table]:
        """What is counted of the records that no file has yet."""
        waiting = found.waiting
        if not waiting.num_rows:
            return {}
        numbers = pa.array(range(waiting.num_rows), pa.int64())
        with stores.lake.connect() as con:
            rows = con.from_arrow(waiting.append_column("file_row_number", numbers))
            return _parted(rows, _STREAM)


def _piece(file: str, row: dict[str, Any]) -> Piece:
    return Piece(
        file, row["number"], row["change"], row["cause"], row["run"], row["hour"], row["n"],
        low=(row["at"], row["offset"], row["sequence"]),
        high=(row["last_at"], row["last_offset"], row["last_sequence"]),
    )  # fmt: skip


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
