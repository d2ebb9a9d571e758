"""The outbox: change records, committed with the position that made them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from coterie.storage import outgoing as o
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

_GIVEN = sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'")
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

    def commit(self, mark: Mark, records: pa.Table, revisits: Collection[str] = ()) -> int:
        """Keep records and the position they lead to, in one transaction.

        Parameters
        ----------
        records : pyarrow.Table
            With the columns of `RECORDS` but for `id`.
        revisits : collection of str
            Profiles whose permissions may have changed, for whoever tells destinations.

        Returns
        -------
        int
            The number of the last record; those before it have the numbers before. 0 for none.
        """
        values = {"name": _STREAM, **msgspec.structs.asdict(mark)}
        rows = zip(*(records[name].to_pylist() for name in _VALUES), strict=True)
        with self._ledger.writing() as db:
            if records.num_rows:
                db.exec_driver_sql(_INSERT, list(rows))
            if revisits and _told(db):
                db.execute(sa.insert(o.revisits), [{"profile": each} for each in sorted(revisits)])
            db.execute(insert(t.stream).values(values).prefix_with("OR REPLACE"))
            return int(db.execute(_GIVEN).scalar() or 0) if records.num_rows else 0

    def records(self, after: int = 0) -> pa.Table:
        """The records kept here with a number above `after`, in the order of their numbers."""
        query = sa.select(t.outbox).where(t.outbox.c.id > after).order_by(t.outbox.c.id)
        with self._ledger.writing() as db:
            batches = list(_batches(db, query))
        return pa.concat_tables([RECORDS.empty_table(), *batches])

    def moved(self) -> int:
        """The number up to which records are not kept here any more, but in the lake alone."""
        with self._ledger.writing() as db:
            first = db.execute(sa.select(sa.func.min(t.outbox.c.id))).scalar()
            last = db.execute(_GIVEN).scalar() if first is None else int(first) - 1
        return int(last or 0)

    def forget(self, number: int, offset: int) -> None:
        """Delete the records up to a number that belong to log entries up to an offset.

        Those that a destination has not looked at yet stay.
        """
        c = o.destinations.c
        with self._ledger.writing() as db:
            least = sa.select(sa.func.min(c.record)).where(c.removed_at.is_(None))
            seen = db.execute(least).scalar()
            last = number if seen is None else min(number, seen)
            old = sa.and_(t.outbox.c.id <= last, t.outbox.c.offset <= offset)
            db.execute(sa.delete(t.outbox).where(old))


def _told(db: sa.Connection) -> bool:
    """Whether there is any destination."""
    there = sa.select(o.destinations.c.id).where(o.destinations.c.removed_at.is_(None))
    return db.execute(there.limit(1)).first() is not None


def _batches(db: sa.Connection, query: sa.Select[tuple[object, ...]]) -> Iterator[pa.Table]:
    columns = [t.outbox.c[name] for name in RECORDS.names]
    for rows in db.execute(query.with_only_columns(*columns)).partitions(50_000):
        yield pa.table(list(map(list, zip(*rows, strict=True))), schema=RECORDS)
