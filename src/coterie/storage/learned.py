"""What was learned of facts, on disk: many of them in one row, in the order of their offsets.

A row says of each fact its offset, its key, a hash of what it says and when it was received:
40 bytes. Rows are written once; only an erasure writes one anew, without what is erased.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

MANY = 500
"""Facts of a row at most."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS learned (
    last INTEGER PRIMARY KEY, lasting INTEGER NOT NULL, n INTEGER NOT NULL, facts BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS learned_lasting ON learned (lasting, last, n);
"""
_ROW = np.dtype(
    [("offset", "<i8"), ("received_at", "<i8"), ("key", "V16"), ("digest", "V8")]
)  # fmt: skip
_KEEP = "INSERT INTO learned VALUES (?, ?, ?, ?)"
_AFTER = "SELECT facts FROM learned WHERE lasting = ? AND last > ? ORDER BY last"
_COUNT = "SELECT total(n), coalesce(max(last), ?) FROM learned WHERE lasting = ? AND last > ?"
_HOLDING = "SELECT last, lasting, facts FROM learned WHERE last >= ? ORDER BY last LIMIT 1"

Facts = NDArray[np.void]
"""Rows with an offset, an instant of arrival, a key and a hash of content."""


def facts(
    offsets: Sequence[int], keys: Sequence[bytes], digests: Sequence[bytes], received: Sequence[int]
) -> Facts:
    """What is known of some facts, from columns."""
    found = np.empty(len(offsets), _ROW)
    found["offset"], found["received_at"] = offsets, received
    found["key"] = np.frombuffer(b"".join(keys), "V16")
    found["digest"] = np.frombuffer(b"".join(digests), "V8")
    return found


def opened(said: bytes | bytearray) -> Facts:
    """The facts of a row."""
    return np.frombuffer(said, _ROW)


def keep(db: sqlite3.Connection, found: Facts, *, lasting: bool) -> None:
    """Store what is known of facts, in the order of their offsets."""
    for start in range(0, len(found), MANY):
        few = found[start : start + MANY]
        db.execute(_KEEP, (int(few["offset"][-1]), lasting, len(few), few.tobytes()))


def after(db: sqlite3.Connection, offset: int, *, lasting: bool) -> Iterator[Facts]:
    """The facts of rows that end after an offset, in order."""
    return (opened(said) for (said,) in db.execute(_AFTER, (lasting, offset)))


def count(db: sqlite3.Connection, offset: int, *, lasting: bool) -> tuple[int, int]:
    """How many facts there are in rows that end after an offset, and where the last ends."""
    n, last = db.execute(_COUNT, (offset, lasting, offset)).fetchone()
    return int(n), int(last)


def holding(db: sqlite3.Connection, offset: int) -> tuple[bool, Facts] | None:
    """Whether the fact of an offset lasts, and the one row of it; None where there is none."""
    row = db.execute(_HOLDING, (offset,)).fetchone()
    if row is None:
        return None
    found = opened(row[2])
    found = found[found["offset"] == offset]
    return (bool(row[1]), found) if len(found) else None


def leave_out(db: sqlite3.Connection, offsets: Iterable[int]) -> list[tuple[int, bool, bytes]]:
    """Delete facts, and return offset, whether it lasts, and key of those that were there."""
    doomed = sorted(set(offsets))
    gone: list[tuple[int, bool, bytes]] = []
    while doomed and (row := db.execute(_HOLDING, (doomed[0],)).fetchone()) is not None:
        last, lasting, found = row[0], bool(row[1]), opened(row[2])
        here = np.isin(found["offset"], doomed)
        those, rest = found[here], found[~here]
        pairs = zip(those["offset"].tolist(), those["key"].tolist(), strict=True)
        gone += [(offset, lasting, key) for offset, key in pairs]
        if len(those):
            db.execute("DELETE FROM learned WHERE last = ?", (last,))
            keep(db, rest, lasting=lasting)
        doomed = [offset for offset in doomed if offset > last]
    return gone
