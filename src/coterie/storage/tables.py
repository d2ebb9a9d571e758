"""The ledger's tables."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

CONFLICT = "conflict"
"""The reason of a quarantined row whose id the log has with another content."""

TALLIES = ("received", "duplicate", "released", "erased", "conflict_left")

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("offset", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("clock", sa.BigInteger, nullable=False),
    sa.Column("definitions_hash", sa.Text, nullable=False),
    sa.Column("committed_at", sa.BigInteger, nullable=False),
    sa.Column("counts", sa.Text, nullable=False),
)

definitions = sa.Table(
    "definitions",
    metadata,
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False, unique=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("json", sa.Text, nullable=False),
)

fits = sa.Table(
    "fits",
    metadata,
    sa.Column("offset", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("node", sa.Text, primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("parameters", sa.Text, nullable=False),
)

quarantine = sa.Table(
    "quarantine",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("row", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("person", sa.Text, index=True),
)
_q = quarantine.c
_ORDER = _q.at, _q.file, _q.row, _q.id
ORDERED = (
    sa.Index("quarantine_order", *_ORDER),
    sa.Index("quarantine_source", _q.source, *_ORDER),
    sa.Index("quarantine_reason", _q.reason, *_ORDER),
    sa.Index("quarantine_kind", _q.source, _q.reason, *_ORDER),
)
"""Each way in which the quarantine is listed, page by page."""

decided = sa.Table(
    "decided",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("conflict", sa.Boolean, nullable=False),
)

imports = sa.Table(
    "imports",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("counts", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)

tally = sa.Table(
    "tally",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("n", sa.BigInteger, nullable=False),
)

violations = sa.Table(
    "violations",
    metadata,
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("event", sa.Text, primary_key=True),
    sa.Column("path", sa.Text, primary_key=True),
    sa.Column("rule", sa.Text, primary_key=True),
    sa.Column("action", sa.Text, primary_key=True),
    sa.Column("n", sa.BigInteger, nullable=False),
)

plans = sa.Table(
    "plans",
    metadata,
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("json", sa.Text, nullable=False),
)

stream = sa.Table(
    "stream",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("offset", sa.BigInteger, nullable=False),
    sa.Column("clock", sa.BigInteger, nullable=False),
    sa.Column("horizon", sa.BigInteger),
    sa.Column("definitions_hash", sa.Text, nullable=False),
    sa.Column("settled", sa.BigInteger, nullable=False),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("profile", sa.Text, nullable=False, index=True),
    sa.Column("segment", sa.Text, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("change", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("offset", sa.BigInteger, nullable=False),
    sqlite_autoincrement=True,  # a number is never used again, whatever was deleted
)

keys = sa.Table(
    "write_keys",
    metadata,
    sa.Column("hash", sa.LargeBinary, primary_key=True),
    sa.Column("source", sa.Text, nullable=False, index=True),
    sa.Column("added_at", sa.BigInteger, nullable=False),
    sa.Column("revoked_at", sa.BigInteger),
)

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("hash", sa.LargeBinary, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, index=True),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("added_at", sa.BigInteger, nullable=False),
    sa.Column("revoked_at", sa.BigInteger),
)

notes = sa.Table(
    "notes",
    metadata,
    sa.Column("definitions_hash", sa.Text, primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
)
