"""Secrets that others hold, of which the ledger keeps hashes only: write keys and tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Generic, TypeVar

import sqlalchemy as sa

from coterie.storage.ledger import Ledger

Kept = TypeVar("Kept")


class Credentials(Generic[Kept]):
    """The secrets of one table, each with its holder's name.

    Parameters
    ----------
    ledger : Ledger
    table : sqlalchemy.Table
        With ``hash``, ``added_at`` and ``revoked_at`` (microseconds UTC, null while it works).
    holder : str
        The column that names whose it is.
    made : callable
        What is told of a row.
    """

    def __init__(
        self, ledger: Ledger, table: sa.Table, holder: str, made: Callable[[sa.RowMapping], Kept]
    ) -> None:
        self._ledger = ledger
        self._table = table
        self._holder = table.c[holder]
        self._made = made

    def add(self, secret: str, at: int, **said: str) -> Kept:
        """Let a secret work from now on; `said` are its other columns."""
        row = {"hash": hashed(secret), "added_at": at, "revoked_at": None, **said}
        with self._ledger.writing() as db:
            db.execute(sa.insert(self._table).values(row))
            one = sa.select(self._table).where(self._table.c.hash == row["hash"])
            return self._made(db.execute(one).mappings().one())

    def revoke(self, holder: str, at: int, wanted: str = "") -> int:
        """Let all secrets of a holder work no more, or the one of this id; how many there were."""
        doomed = [
            row["hash"] for row in self._rows()
            if row[self._holder] == holder and row["revoked_at"] is None
            and wanted in ("", shown(row["hash"]))
        ]  # fmt: skip
        with self._ledger.writing() as db:
            for digest in doomed:
                row = sa.update(self._table).where(self._table.c.hash == digest)
                db.execute(row.values(revoked_at=at))
        return len(doomed)

    def every(self) -> list[Kept]:
        """All there ever were, by holder and time."""
        return [self._made(row) for row in self._rows()]

    def working(self) -> dict[bytes, Kept]:
        """Hash -> what is told of it, of those that work."""
        return {row["hash"]: self._made(row) for row in self._rows() if row["revoked_at"] is None}

    def _rows(self) -> list[sa.RowMapping]:
        c = self._table.c
        with self._ledger.writing() as db:
            query = sa.select(self._table).order_by(self._holder, c.added_at, c.hash)
            return list(db.execute(query).mappings())


def hashed(secret: str) -> bytes:
    """The hash of a secret: plain SHA-256, for it is 192 random bits and cannot be guessed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def shown(digest: bytes) -> str:
    """By what a secret is told from others of its holder: the first digits of its hash."""
    return digest.hex()[:8]
