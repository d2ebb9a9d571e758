"""The newest refusal of each source."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from coterie.storage import tables as t
from coterie.storage.ledger import Ledger

_Q = t.quarantine.c


class Refusal(NamedTuple):
    """Why a row of a source was refused, and when (microseconds UTC)."""

    reason: str
    at: int


def newest(ledger: Ledger) -> dict[str, Refusal]:
    """The newest row in quarantine of each source that has any; of several at once, one."""
    with ledger.writing() as db:
        every = db.execute(sa.select(_Q.source).distinct()).scalars().all()
        return {source: _newest(db, source) for source in every}


def _newest(db: sa.Connection, source: str) -> Refusal:
    own = _Q.source == source
    at = int(db.execute(sa.select(sa.func.max(_Q.at)).where(own)).scalar_one())
    reasons = sa.select(sa.func.min(_Q.reason)).where(own, _Q.at == at)
    return Refusal(db.execute(reasons).scalar_one(), at)
