"""What a log of former versions knows of its facts: taken over when it is opened."""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections.abc import Iterator
from heapq import merge
from itertools import groupby, islice
from operator import itemgetter

import numpy as np

from coterie.storage import learned, runs

_TABLES = "SELECT name FROM sqlite_master WHERE name IN ('fact', 'known', 'placed')"
_INDEXED = 'SELECT "offset", key, digest, 0 FROM fact ORDER BY "offset"'
_KNOWN = (
    'SELECT lasting, "offset", key, digest, received_at FROM known '
    'WHERE lasting = ? ORDER BY "offset"'
)
_PLACED = 'SELECT half, "offset" FROM placed WHERE run = ? ORDER BY half, "offset"'

_Row = tuple[int, bytes, bytes, int]


def take_over(db: sqlite3.Connection) -> bool:
    """Move what older tables know to rows and runs; say whether they were one index of all keys.

    Within the log's transaction.
    """
    tables = {name for (name,) in db.execute(_TABLES)}
    if "known" in tables:
        _rows(db)
    if "placed" in tables:
        _runs(db)
    if "fact" in tables:  # before there were runs: all of them last
        _keep(db, db.execute(_INDEXED), lasting=True)
    for name in sorted(tables):
        db.execute(f"DROP TABLE {name}")
    return "fact" in tables


def _rows(db: sqlite3.Connection) -> None:
    """A row for each fact: no new row holds one of the other kind, or goes beyond a run's end."""
    ends = [
        [
            last
            for (last,) in db.execute("SELECT last FROM run WHERE lasting = ? ORDER BY last", (n,))
        ]
        for n in (0, 1)
    ]
    rows = merge(*[db.execute(_KNOWN, (n,)) for n in (0, 1)], key=itemgetter(1))
    for (lasting, _), few in groupby(rows, lambda row: (row[0], bisect_left(ends[row[0]], row[1]))):
        _keep(db, (row[1:] for row in few), lasting=bool(lasting))


def _keep(db: sqlite3.Connection, rows: Iterator[_Row], *, lasting: bool) -> None:
    while few := list(islice(rows, learned.MANY)):
        offsets, keys, digests, received = zip(*few, strict=True)
        learned.keep(db, learned.facts(offsets, keys, digests, received), lasting=lasting)


def _runs(db: sqlite3.Connection) -> None:
    """A row for each key of a run; runs that nobody ended are not taken over."""
    for (run,) in db.execute("SELECT number FROM run").fetchall():
        found = _placed(db, run)
        start = 0
        while start < len(found):
            end = runs.cut(found, start)
            runs.keep(db, run, found[start:end])
            start = end


def _placed(db: sqlite3.Connection, run: int) -> runs.Places:
    rows = db.execute(_PLACED, (run,)).fetchall()
    halves = b"".join(half for half, _ in rows)
    offsets = np.array([offset for _, offset in rows], np.int64)
    return runs.places(np.frombuffer(halves, ">u8").astype(np.uint64), offsets)
