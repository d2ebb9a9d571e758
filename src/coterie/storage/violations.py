"""How often values were not as the tracking plan declares: counts by day, and no values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from coterie.storage import tables as t
from coterie.storage.ledger import Ledger

KEPT = 90
"""Days that counts are kept."""


class Kind(NamedTuple):
    """What is counted apart.

    Parameters
    ----------
    day : int
        Days since 1970-01-01 UTC, of when it was judged.
    event : str
        Its name in the plan; ``*`` for any that the plan does not name.
    path : str
        Of names of the plan alone.
    """

    day: int
    source: str
    event: str
    path: str
    rule: str
    action: str


def add(ledger: Ledger, counts: Mapping[Kind, int]) -> None:
    """Add counts, and let go of those older than :data:`KEPT` days before the newest.

    Notes
    -----
    Of each day there are as many rows as sources, paths of the plan, rules and actions allow: a
    sender cannot make the table grow.
    """
    if not counts:
        return
    c = t.violations.c
    rows = [{**kind._asdict(), "n": n} for kind, n in counts.items()]
    new = insert(t.violations)
    more = new.on_conflict_do_update(
        index_elements=list(Kind._fields), set_={"n": c.n + new.excluded.n}
    )
    with ledger.writing() as db:
        db.execute(more, rows)
        db.execute(sa.delete(t.violations).where(c.day <= max(k.day for k in counts) - KEPT))


def counted(ledger: Ledger, since: int = 0, source: str | None = None) -> dict[Kind, int]:
    """The counts from a day on, the newest day first."""
    c = t.violations.c
    query = sa.select(t.violations).where(c.day >= since)
    if source is not None:
        query = query.where(c.source == source)
    query = query.order_by(c.day.desc(), c.source, c.event, c.path, c.rule, c.action)
    with ledger.writing() as db:
        return {Kind(*row[:-1]): row[-1] for row in db.execute(query)}
