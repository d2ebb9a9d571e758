"""What a drain had decided when it was killed: in the ledger, before the log has the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from coterie.storage import tables as t
from coterie.storage.ledger import Ledger


class Place(NamedTuple):
    """One message of the inbox: the number of its request, and its position there from 0."""

    number: int
    position: int


class Decided:
    """Messages that are in quarantine although the log does not know their request yet.

    Parameters
    ----------
    ledger : Ledger

    Notes
    -----
    Rows of the quarantine are committed before the log's events of the same requests. Whoever
    drains these requests again after a crash leaves out what is decided here, so that nothing
    is counted twice and nothing that was refused is stored because the plan or a clock moved.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def after(self, number: int) -> dict[tuple[int, int], bool]:
        """The messages of requests above a number; true for those that were conflicts."""
        columns = t.decided.c
        query = sa.select(t.decided).where(columns.number > number)
        with self._ledger.writing() as db:
            return {Place(row.number, row.place): row.conflict for row in db.execute(query)}

    def keep(self, db: sa.Connection, places: Mapping[Place, bool], drained: int) -> None:
        """Write these down, and forget those that the log knows: up to a number."""
        db.execute(sa.delete(t.decided).where(t.decided.c.number <= drained))
        rows = [
            {"number": place.number, "place": place.position, "conflict": conflict}
            for place, conflict in places.items()
        ]
        if rows:
            new = insert(t.decided)
            changed = {"conflict": new.excluded.conflict}
            db.execute(new.on_conflict_do_update(["number", "place"], set_=changed), rows)
