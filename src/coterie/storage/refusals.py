"""The newest refusal of each source."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from coterie.storage import tables as t
from coterie.storage.ledger import Ledger


class Refusal(NamedTuple):
    """Why a row of a source was refused, and when (microseconds UTC)."""

    reason: str
    at: int


def newest(ledger: Ledger) -> dict[str, Refusal]:
    """The newest row in quarantine of each source that has any; of several at once, one."""
    c = t.quarantine.c
    last = sa.select(c.source, sa.func.max(c.at).label("at")).group_by(c.source).subquery()
    same = sa.and_(c.source == last.c.source, c.at == last.c.at)
    query = sa.select(c.source, sa.func.min(c.reason), last.c.at).join(last, same)
    with ledger.writing() as db:
        rows = db.execute(query.group_by(c.source, last.c.at)).all()
    return {source: Refusal(reason, at) for source, reason, at in rows}
