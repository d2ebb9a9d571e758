"""The outbox: change records, committed with the position that made them."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from typing import NamedTuple

import msgspec
import pyarrow as pa
import sqlalchemy as sa

from coterie.storage import outgoing as o
from coterie.storage import sqlite
from coterie.storage import tables as t
from coterie.storage.ledger import Ledger

RECORDS = pa.schema(
    [
        ("id", pa.int64()),
        ("profile", pa.string()),
        ("segment", pa.string()),
        ("stage", pa.string()),
        ("change", pa.string()),
        ("at", pa.int64()),
        ("version", pa.int64()),
        ("sequence", pa.int64()),
        ("cause", pa.string()),
        ("reason", pa.string()),
        ("offset", pa.int64()),
    ]
)
"""One row a change; `id` numbers them as they were committed, `at` is microseconds UTC."""

_STREAM = "stream"
_VALUES = RECORDS.names[1:]
_INSERT = (
    f"INSERT INTO outbox ({', '.join(f'{chr(34)}{name}{chr(34)}' for name in _VALUES)}) "  # noqa: S608 - constants
    f"VALUES ({', '.join('?' * len(_VALUES))})"
)

_STAND = (
    'INSERT OR REPLACE INTO stream (name, "offset", clock, horizon, definitions_hash, settled) '
    "VALUES (?, ?, ?, ?, ?, ?)"
)
_DELETE = (
    "DELETE FROM outbox WHERE id IN "
    '(SELECT id FROM outbox WHERE id <= ? AND "offset" <= ? ORDER BY id LIMIT ?)'
)

_SEEN = "SELECT min(record) FROM destinations WHERE removed_at IS NULL"
"""Up to which record every destination has looked."""

LEAST = 50
"""Records that a commit deletes at least of those that were moved."""

_GIVEN = "SELECT seq FROM sqlite_sequence WHERE name = 'outbox'"
"""The last number that a record was given."""


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """How far the stream has come: all up to there is handled, and its changes are kept.

    Parameters
    ----------
    offset : int
        The last log entry handled.
    clock : int
        Microseconds UTC.
    horizon : int or None
        Events after this instant are still to be read from the lake; None when all were read.
    definitions_hash : str
    settled : int
        The last log entry whose records are complete: deadlines that are due may wait for the next
        step.
    """

    offset: int
    clock: int
    horizon: int | None
    definitions_hash: str
    settled: int


class Moved(NamedTuple):
    """What the lake has of the records: up to a number, of log entries up to an offset."""

    number: int
    offset: int


class Outbox:
    """The change records of a project's stream, and the stream's position.

    Parameters
    ----------
    ledger : Ledger
        Where both are kept.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def mark(self) -> Mark | None:
        """The position that was committed last, None before the first."""
        with self._ledger.writing() as db:
            row = db.execute(sa.select(t.stream)).mappings().one_or_none()
        return None if row is None else Mark(**{f: row[f] for f in Mark.__struct_fields__})

    def commit(
        self,
        mark: Mark,
        records: pa.Table,
        revisits: Collection[str] = (),
        *,
        moved: Moved | None = None,
    ) -> int:
        """Keep records and the position they lead to, in one transaction.

        Parameters
        ----------
        records : pyarrow.Table
            With the columns of `RECORDS` but for `id`.
        revisits : collection of str
            Profiles whose permissions may have changed, for whoever tells destinations.
        moved : Moved, optional
            What the lake has of the records kept before: some of it is deleted, about twice as
            much as comes, so that no other transaction has to hold up this one for all of it.

        Returns
        -------
        int
            The number of the last record; those before it have the numbers before. 0 for none.
        """
        values = (_STREAM, *msgspec.structs.astuple(mark))
        rows = zip(*(records[name].to_pylist() for name in _VALUES), strict=True)
        with self._ledger.writing() as session, sqlite.guarded(self._ledger.path):
            db = _driver(session)
            if records.num_rows:
                db.executemany(_INSERT, rows)
            if revisits and _told(session):
                every = [{"profile": each} for each in sorted(revisits)]
                session.execute(sa.insert(o.revisits), every)
            if moved is not None:
                _forget(db, moved, 2 * records.num_rows + LEAST)
            db.execute(_STAND, values)
            return int(db.execute(_GIVEN).fetchone()[0]) if records.num_rows else 0

    def records(self, after: int = 0) -> pa.Table:
        """The records kept here with a number above `after`, in the order of their numbers."""
        query = sa.select(t.outbox).where(t.outbox.c.id > after).order_by(t.outbox.c.id)
        with self._ledger.writing() as db:
            batches = list(_batches(db, query))
        return pa.concat_tables([RECORDS.empty_table(), *batches])

    def n_after(self, after: int) -> int:
        """How many records are kept here with a number above `after`."""
        query = sa.select(sa.func.count()).where(t.outbox.c.id > after)
        with self._ledger.writing() as db:
            return int(db.execute(query).scalar_one())

    def of(self, profile: str) -> pa.Table:
        """The records kept here of one profile, in the order of their numbers."""
        query = sa.select(t.outbox).where(t.outbox.c.profile == profile).order_by(t.outbox.c.id)
        with self._ledger.writing() as db:
            batches = list(_batches(db, query))
        return pa.concat_tables([RECORDS.empty_table(), *batches])

    def moved(self) -> int:
        """The number up to which records are not kept here any more, but in the lake alone."""
        with self._ledger.writing() as db:
            first = db.execute(sa.select(sa.func.min(t.outbox.c.id))).scalar()
            last = db.exec_driver_sql(_GIVEN).scalar() if first is None else int(first) - 1
        return int(last or 0)

    def forget(self, number: int, offset: int) -> None:
        """Delete the records up to a number that belong to log entries up to an offset.

        Those that a destination has not looked at yet stay.
        """
        with self._ledger.writing() as session, sqlite.guarded(self._ledger.path):
            _forget(_driver(session), Moved(number, offset), -1)


def _driver(session: sa.Connection) -> sqlite3.Connection:
    """SQLite's own connection: with each step of a stream, SQLAlchemy takes as long as SQLite."""
    found = session.connection.driver_connection
    assert isinstance(found, sqlite3.Connection)
    return found


def _forget(db: sqlite3.Connection, moved: Moved, most: int) -> None:
    """Delete some of the records that were moved; -1 is for all."""
    (seen,) = db.execute(_SEEN).fetchone()
    last = moved.number if seen is None else min(moved.number, seen)
    db.execute(_DELETE, (last, moved.offset, most))


def _told(db: sa.Connection) -> bool:
    """Whether there is any destination."""
    there = sa.select(o.destinations.c.id).where(o.destinations.c.removed_at.is_(None))
    return db.execute(there.limit(1)).first() is not None


def _batches(db: sa.Connection, query: sa.Select[tuple[object, ...]]) -> Iterator[pa.Table]:
    columns = [t.outbox.c[name] for name in RECORDS.names]
    for rows in db.execute(query.with_only_columns(*columns)).partitions(50_000):
        yield pa.table(list(map(list, zip(*rows, strict=True))), schema=RECORDS)
