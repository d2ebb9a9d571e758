"""What destinations have still to look at: change records, runs, and permissions."""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa

from coterie.storage import outgoing as o
from coterie.storage import tables as t
from coterie.storage.ledger import Ledger


class Record(NamedTuple):
    """A change record of the outbox."""

    id: int
    profile: str
    segment: str
    stage: str
    change: str
    at: int
    version: int
    cause: str
    reason: str
    offset: int


class Pending:
    """Reads what a ledger holds after a point.

    Parameters
    ----------
    ledger : Ledger
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def records(self, after: int, most: int, upto: int | None = None) -> list[Record]:
        """The records of the outbox after a number, in order.

        Parameters
        ----------
        upto : int, optional
            Only as far as they belong to log entries up to this offset.
        """
        columns = [t.outbox.c[name] for name in Record._fields]
        query = sa.select(*columns).where(t.outbox.c.id > after).order_by(t.outbox.c.id)
        found = [Record(*row) for row in self._rows(query.limit(most))]
        if upto is None:
            return found
        beyond = (i for i, record in enumerate(found) if record.offset > upto)
        return found[: next(beyond, len(found))]

    def run(self, after: int) -> tuple[int, bool] | None:
        """The next run after an offset, and whether the stream made it; None without one."""
        c = t.runs.c
        by = sa.func.json_extract(c.counts, "$.by")
        query = sa.select(c.offset, by).where(c.offset > after).order_by(c.offset).limit(1)
        rows = self._rows(query)
        return (int(rows[0][0]), rows[0][1] == "stream") if rows else None

    def revisits(self, after: int, most: int) -> list[tuple[int, str]]:
        """Whose permissions may have changed: number and profile, in order."""
        c = o.revisits.c
        query = sa.select(c.id, c.profile).where(c.id > after).order_by(c.id).limit(most)
        return [(int(number), str(profile)) for number, profile in self._rows(query)]

    def _rows(self, query: sa.Select[Any]) -> list[Any]:
        with self._ledger.writing() as db:
            return list(db.execute(query))
