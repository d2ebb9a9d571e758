"""What was said about versions of the definitions before a run brought them in."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from coterie.storage import tables as t
from coterie.storage.ledger import Ledger


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """Who made definitions what they are, and why; the instant is microseconds UTC."""

    definitions_hash: str
    at: int
    author: str
    note: str


class Notes:
    """The notes in a ledger, one for each version: the last that was made of it."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def add(self, digest: str, *, at: int, author: str, note: str) -> None:
        """Keep what is said of the definitions of this hash."""
        said = {"definitions_hash": digest, "at": at, "author": author, "note": note}
        with self._ledger.writing() as db:
            db.execute(insert(t.notes).values(said).prefix_with("OR REPLACE"))

    def every(self) -> dict[str, Note]:
        """The notes by the hash of the definitions."""
        with self._ledger.writing() as db:
            rows = db.execute(sa.select(t.notes)).mappings()
            return {row["definitions_hash"]: Note(**row) for row in rows}
