"""Runs on disk: keys in their order, a few hundred in one row, each with the offset of its fact.

A row is found by the first half of its first key. Equal halves are never parted, so that a row
which begins at or before a half has every key with it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from coterie.storage.filters import Words

MANY = 256
"""Keys of a row, or a few more."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS run (
    number INTEGER PRIMARY KEY AUTOINCREMENT, lasting INTEGER NOT NULL, last INTEGER NOT NULL,
    newest INTEGER NOT NULL, filter BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS part (
    run INTEGER, half BLOB, places BLOB NOT NULL, PRIMARY KEY (run, half)) WITHOUT ROWID;
"""
_HALF = 8
_KEEP = "INSERT INTO part VALUES (?, ?, ?)"
_HOLDING = "SELECT places FROM part WHERE run = ? AND half <= ? ORDER BY half DESC LIMIT 1"
_OF = "SELECT number FROM run WHERE lasting = ? AND last >= ? ORDER BY last LIMIT 1"

Places = NDArray[np.void]
"""Rows with half a key, as it is compared, and an offset."""

_PLACE = np.dtype([("half", ">u8"), ("offset", "<i8")])


def opened(said: bytes) -> Places:
    """The places of a row."""
    return np.frombuffer(said, _PLACE)


def places(halves: Words, offsets: NDArray[np.int64]) -> Places:
    """Places in the order of their keys, from the first halves and the offsets."""
    found = np.empty(len(halves), _PLACE)
    order = np.argsort(halves, kind="stable")
    found["half"], found["offset"] = halves[order], offsets[order]
    return found


def cut(found: Places, start: int) -> int:
    """Where the row ends that begins at a place."""
    end = min(start + MANY, len(found))
    halves = found["half"]
    while end < len(found) and halves[end] == halves[end - 1]:
        end += 1
    return end


def keep(db: sqlite3.Connection, run: int, found: Places) -> None:
    """Store one row of a run."""
    db.execute(_KEEP, (run, found["half"][:1].tobytes(), found.tobytes()))


def offsets(db: sqlite3.Connection, run: int, key: bytes) -> list[int]:
    """Offsets of facts whose keys begin like this one."""
    found = _holding(db, run, key)
    if found is None:
        return []
    same: list[int] = found[found["half"] == int.from_bytes(key[:_HALF])]["offset"].tolist()
    return same


def _holding(db: sqlite3.Connection, run: int, key: bytes) -> Places | None:
    row = db.execute(_HOLDING, (run, key[:_HALF])).fetchone()
    return None if row is None else opened(row[0])


def leave_out(db: sqlite3.Connection, gone: Sequence[tuple[int, bool, bytes]]) -> None:
    """Delete facts, each told by its offset, whether it lasts, and its key."""
    for offset, lasting, key in gone:
        for (run,) in db.execute(_OF, (lasting, offset)).fetchall():
            found = _holding(db, run, key)
            if found is not None and offset in found["offset"]:
                first = found["half"][:1].tobytes()
                db.execute("DELETE FROM part WHERE run = ? AND half = ?", (run, first))
                if len(rest := found[found["offset"] != offset]):
                    keep(db, run, rest)
