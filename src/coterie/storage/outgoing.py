"""The ledger's tables of what goes out: destinations, deliveries, and every attempt at one."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

destinations = sa.Table(
    "destinations",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, index=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("segments", sa.Text, nullable=False),
    sa.Column("traits", sa.Text, nullable=False),
    sa.Column("secret", sa.LargeBinary, nullable=False),
    sa.Column("former", sa.LargeBinary),
    sa.Column("former_until", sa.BigInteger),
    sa.Column("added_at", sa.BigInteger, nullable=False),
    sa.Column("paused_at", sa.BigInteger),
    sa.Column("why", sa.Text, nullable=False, default=""),
    sa.Column("removed_at", sa.BigInteger),
    sa.Column("record", sa.BigInteger, nullable=False),
    sa.Column("run", sa.BigInteger, nullable=False),
    sa.Column("revisit", sa.BigInteger, nullable=False),
    sa.Column("last", sa.BigInteger, nullable=False, default=0),
    sa.Column("erasures", sa.Integer, nullable=False, default=0),
    sqlite_autoincrement=True,
)
"""`record`, `run` and `revisit` are how far changes were looked at; `last` numbers deliveries.

Each erasure counts `erasures` up, so that what was read before one is not enqueued after it.
"""

revisits = sa.Table(
    "revisits",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("profile", sa.Text, nullable=False, index=True),
    sqlite_autoincrement=True,
)
"""People whose permissions may have changed, in the order in which that was committed."""

told = sa.Table(
    "told",
    metadata,
    sa.Column("destination", sa.Integer, primary_key=True),
    sa.Column("profile", sa.Text, primary_key=True),
    sa.Column("segment", sa.Text, primary_key=True),
    sa.Column("stage", sa.Text, primary_key=True),
    sqlite_with_rowid=False,
)
"""Who is in an audience as a destination was told, or was when it began."""

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("destination", sa.Integer, nullable=False),
    sa.Column("record", sa.Text, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("profile", sa.Text, nullable=False),
    sa.Column("segment", sa.Text, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("change", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("enqueued_at", sa.BigInteger, nullable=False),
    sa.Column("fate", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False, default=""),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("due_at", sa.BigInteger),
    sa.Column("last_at", sa.BigInteger),
    sa.UniqueConstraint("destination", "record"),
    sqlite_autoincrement=True,
)
"""One row a destination and change. `due_at` has whoever is first in line for its person."""

_WAITING = sa.text("fate = 'waiting'")
sa.Index("deliveries_due", deliveries.c.destination, deliveries.c.due_at, sqlite_where=_WAITING)
sa.Index(
    "deliveries_in_line", deliveries.c.destination, deliveries.c.profile, deliveries.c.id,
    sqlite_where=_WAITING,
)  # fmt: skip
sa.Index("deliveries_fate", deliveries.c.destination, deliveries.c.fate, deliveries.c.why)
sa.Index("deliveries_profile", deliveries.c.profile)
sa.Index("deliveries_over", deliveries.c.last_at, sqlite_where=sa.text("fate <> 'waiting'"))

forgotten = sa.Table(
    "forgotten",
    metadata,
    sa.Column("destination", sa.Integer, primary_key=True),
    sa.Column("fate", sa.Text, primary_key=True),
    sa.Column("why", sa.Text, primary_key=True),
    sa.Column("n", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""How many deliveries there were of each fate, and of those dropped by reason, besides the rows."""

attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("delivery", sa.Integer, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("said", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)
"""Every send: when, and the answer's status with a few words; 0 where there was no answer."""
