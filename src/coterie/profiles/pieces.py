"""Pieces of the files that change records lie in, and which of them the newest are in.

A record's place among all is its instant, log offset and number. A piece knows between which
places its records of one kind lie, so that whole pieces are counted and skipped, not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from coterie.profiles.recorded import Recorded

SIZE = 100_000
"""Rows of a piece."""

Place = tuple[int, int, int]
"""Instant (microseconds UTC), log offset and number of a record."""

_KIND = ["segment", "stage", "change", "cause", "offset"]


class Piece(NamedTuple):
    """The records of one kind in one piece of a file.

    Parameters
    ----------
    file : str
        Empty for what no file has yet.
    number : int
        Of the piece in its file, from 0.
    run : int
        The run that recorded it, 0 for the stream.
    hour : int
        Since 1970, UTC.
    n : int
        How many there are.
    low, high : Place
        No record lies before the one or after the other.
    """

    file: str
    number: int
    change: str
    cause: str
    run: int
    hour: int
    n: int
    low: Place
    high: Place


class Block(NamedTuple):
    """All that is wanted of one piece of a file."""

    file: str
    number: int
    n: int
    low: Place
    high: Place


def blocks(pieces: Sequence[Piece]) -> list[Block]:
    """What is wanted of each piece of each file, the one that reaches furthest first."""
    found: dict[tuple[str, int], Block] = {}
    for each in pieces:
        key = each.file, each.number
        had = found.get(key) or Block(*key, 0, each.low, each.high)
        low, high = min(had.low, each.low), max(had.high, each.high)
        found[key] = Block(*key, had.n + each.n, low, high)
    return sorted(found.values(), key=lambda block: block.high, reverse=True)


def needed(found: Sequence[Block], skipped: int, n: int) -> tuple[list[Block], int]:
    """The blocks in which the newest lie after so many, and how many of theirs are to be skipped.

    Examples
    --------
    >>> def block(number, low, high): return Block("f", number, 10, (low, 0, 0), (high, 0, 0))
    >>> some = [block(2, 7, 9), block(1, 4, 6), block(0, 1, 3)]
    >>> [[each.number for each in needed(some, skipped, 5)[0]] for skipped in (0, 6, 10, 25)]
    [[2], [2, 1], [1], [0]]
    """
    rest = list(found)
    while len(rest) > 1 and rest[0].n <= skipped and rest[0].low > rest[1].high:
        skipped -= rest.pop(0).n
    enough, lowest = 0, None
    for each in sorted(rest, key=lambda block: block.low, reverse=True):
        enough, lowest = enough + each.n, each.low
        if enough >= skipped + n:
            break
    return [each for each in rest if lowest is not None and each.high >= lowest], skipped


def rows(
    recorded: Recorded, block: Block, wanted: dict[str, str], columns: Sequence[str]
) -> pa.Table:
    """The records of a block whose columns have these values; of a run's, only if it finished."""
    if not block.file:
        return _only(recorded.waiting.slice(block.number * SIZE, SIZE), wanted).select(columns)
    with pq.ParquetFile(block.file) as file:
        known = set(file.schema_arrow.names)
        every = [*dict.fromkeys((*_KIND, *(name for name in columns if name in known)))]
        found = _only(_read(file, block.number, every), wanted)
    if block.file in recorded.runs:
        finished = pa.array(recorded.offsets, pa.int64())
        found = found.filter(pc.is_in(found["offset"], value_set=finished))
    if "reason" in columns and "reason" not in known:
        found = found.append_column("reason", pa.nulls(found.num_rows, pa.string()))
    return found.select(columns)


def _read(file: pq.ParquetFile, number: int, columns: list[str]) -> pa.Table:
    """One piece of a file, out of the row groups that it lies in."""
    first, skipped = number * SIZE, 0
    groups: list[int] = []
    for group, start, end in _groups(file):
        if end > first and start < first + SIZE:
            skipped = skipped if groups else first - start
            groups.append(group)
    return file.read_row_groups(groups, columns=columns).slice(skipped, SIZE)


def _groups(file: pq.ParquetFile) -> Iterator[tuple[int, int, int]]:
    start = 0
    for group in range(file.num_row_groups):
        end = start + file.metadata.row_group(group).num_rows
        yield group, start, end
        start = end


def _only(found: pa.Table, wanted: dict[str, str]) -> pa.Table:
    for name, value in wanted.items():
        found = found.filter(pc.equal(found[name], value))
    return found
