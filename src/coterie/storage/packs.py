"""Packs: entries of many collected events in one row of the log, compressed.

A pack holds events that were stored together, in the order of their offsets. What is to be
forgotten or erased of it is left out of a new one that takes its place.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from itertools import accumulate, pairwise, repeat
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from coterie.errors import StoreError
from coterie.storage.entries import Entry

FEW = 100
"""Events from which on packs are made of them; fewer have a row each."""

MANY = 500
"""Events of a pack at most: the memory of whoever wants one of them."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS pack (
    last INTEGER PRIMARY KEY, first INTEGER NOT NULL, earliest INTEGER NOT NULL,
    n INTEGER NOT NULL, size INTEGER NOT NULL, checksum INTEGER NOT NULL, packed BLOB NOT NULL);
"""
_COLUMNS = "last, first, earliest, n, size, checksum, packed"
_KEEP = "INSERT INTO pack VALUES (?, ?, ?, ?, ?, ?, ?)"
_GIVEN = "UPDATE sqlite_sequence SET seq = ? WHERE name = 'entry'"
_FIRST = "INSERT INTO sqlite_sequence VALUES ('entry', ?)"
_LEVEL = 1


class Pack(NamedTuple):
    """A row: offsets of its first and last entry, and when the earliest of them occurred.

    `n` is how many entries it has, `size` their bytes before they were `packed`, and `checksum` is
    of what they became.
    """

    last: int
    first: int
    earliest: int
    n: int
    size: int
    checksum: int
    packed: bytes

    def entries(self, store: str) -> list[Entry]:
        """What it holds.

        Parameters
        ----------
        store : str
            The name of the log's file, for the error.

        Raises
        ------
        StoreError
            Its bytes are not those that were written.
        """
        if zlib.crc32(self.packed) != self.checksum:
            raise StoreError(
                "entries of the log are damaged: their checksum differs",
                where=f"{store}, offsets {self.first} to {self.last}",
                hint="restore the file from a backup",
            )
        said = self.opened()
        beyond, ats, _ = (np.frombuffer(said, "<i8", self.n, at) for at in self._places())
        offsets = (beyond + self.first).tolist()
        return list(map(Entry, offsets, repeat("event"), ats.tolist(), self._cut(said)))

    def payloads(self) -> list[bytes]:
        """The bytes of its entries."""
        return self._cut(self.opened())

    def at(self, first: int) -> Pack:
        """The same from another offset on."""
        return self._replace(first=first, last=first + self.last - self.first)

    def _cut(self, said: bytes) -> list[bytes]:
        lengths = np.frombuffer(said, "<i8", self.n, self._places()[2])
        ends = accumulate(lengths.tolist(), initial=3 * 8 * self.n)
        return [said[start:end] for start, end in pairwise(ends)]

    def opened(self) -> bytes:
        """Its bytes as they were before they were packed."""
        found: bytes = _codec().decompress(self.packed, self.size, asbytes=True)
        return found

    def _places(self) -> Sequence[int]:
        """Where its columns of numbers begin."""
        return range(0, 3 * 8 * self.n, 8 * self.n)


@cache
def _codec() -> pa.Codec:
    return pa.Codec("zstd", compression_level=_LEVEL)


def packed(offsets: Sequence[int], ats: Sequence[int], payloads: Sequence[bytes]) -> Pack:
    """A pack of these entries, of which there is one at least."""
    first = offsets[0]
    numbers = np.array([offsets, ats, list(map(len, payloads))], "<i8")
    numbers[0] -= first
    said = numbers.tobytes() + b"".join(payloads)
    packed = _codec().compress(said, asbytes=True)
    earliest, n = min(ats), len(offsets)
    return Pack(offsets[-1], first, earliest, n, len(said), zlib.crc32(packed), packed)


def add(db: sqlite3.Connection, pack: Pack) -> None:
    """Store a pack, within the log's transaction."""
    db.execute(_KEEP, pack)


def given(db: sqlite3.Connection, last: int) -> None:
    """Give no offset up to this one again, within the log's transaction."""
    if not db.execute(_GIVEN, (last,)).rowcount:
        db.execute(_FIRST, (last,))


def holding(db: sqlite3.Connection, offset: int) -> Pack | None:
    """The pack with the entry of an offset; None where there is none."""
    wanted = f"SELECT {_COLUMNS} FROM pack WHERE last >= ? ORDER BY last LIMIT 1"  # noqa: S608
    row = db.execute(wanted, (offset,)).fetchone()
    return None if row is None or row[1] > offset else Pack(*row)


def spans(db: sqlite3.Connection, offset: int) -> bool:
    """Whether a pack begins at or before an offset and ends at or after it."""
    wanted = "SELECT first FROM pack WHERE last >= ? ORDER BY last LIMIT 1"
    row = db.execute(wanted, (offset,)).fetchone()
    return row is not None and row[0] <= offset


def between(db: sqlite3.Connection, after: int, until: int, by: int) -> Iterator[Pack]:
    """Packs with entries above an offset up to another, of which one occurred by an instant."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM pack WHERE last > ? AND first <= ? AND earliest <= ? "  # noqa: S608
        "ORDER BY last", (after, until, by),
    )  # fmt: skip
    return (Pack(*row) for row in rows)


def every(db: sqlite3.Connection) -> Iterator[Pack]:
    """All packs in order."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM pack ORDER BY last")  # noqa: S608 - constants
    return (Pack(*row) for row in rows)


def leave_out(db: sqlite3.Connection, offsets: Collection[int], store: str) -> None:
    """Delete these entries where packs hold them, within the log's transaction.

    Parameters
    ----------
    store : str
        The name of the log's file, for the error.
    """
    doomed = frozenset(offsets)
    if not doomed:
        return
    spans = db.execute(
        "SELECT last, first FROM pack WHERE last >= ? AND first <= ? ORDER BY last",
        (min(doomed), max(doomed)),
    ).fetchall()
    for last, first in spans:
        if doomed.isdisjoint(range(first, last + 1)):
            continue
        rest = [] if doomed.issuperset(range(first, last + 1)) else _others(db, last, doomed, store)
        db.execute("DELETE FROM pack WHERE last = ?", (last,))
        if rest:
            columns = zip(*[(entry.offset, entry.at, entry.payload) for entry in rest], strict=True)
            add(db, packed(*columns))


def _others(db: sqlite3.Connection, last: int, doomed: Collection[int], store: str) -> list[Entry]:
    """The entries of the pack with a last offset that are not among these."""
    pack = holding(db, last)
    entries = [] if pack is None else pack.entries(store)
    return [entry for entry in entries if entry.offset not in doomed]
