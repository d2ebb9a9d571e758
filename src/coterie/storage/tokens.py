"""Tokens of those who ask the API, of which the ledger keeps hashes only."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from coterie.storage import tables as t
from coterie.storage.ledger import Ledger
from coterie.storage.sources import hashed


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """One token: whose it is, what for, and since when it works; instants are microseconds UTC.

    Parameters
    ----------
    id : str
        The first digits of its hash: tells tokens of one name apart, and opens nothing.
    purpose : str
        What its holder may use people for; empty: everything is shown, as on the machine itself.
    revoked_at : int or None
        Since when it works no more.
    """

    id: str
    name: str
    purpose: str
    added_at: int
    revoked_at: int | None


class Tokens:
    """The tokens in a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def add(self, name: str, token: str, purpose: str, at: int) -> Token:
        """Let a token work from now on."""
        row = {
            "hash": hashed(token), "name": name, "purpose": purpose, "added_at": at,
            "revoked_at": None,
        }  # fmt: skip
        with self._ledger.writing() as db:
            db.execute(sa.insert(t.tokens).values(row))
        return _token(row)

    def revoke(self, name: str, at: int, token: str = "") -> int:
        """Let the tokens of a name work no more, or the one of this id; say how many there were."""
        doomed = [
            digest for digest, found in self._all()
            if found.name == name and found.revoked_at is None and token in ("", found.id)
        ]  # fmt: skip
        with self._ledger.writing() as db:
            for digest in doomed:
                row = sa.update(t.tokens).where(t.tokens.c.hash == digest)
                db.execute(row.values(revoked_at=at))
        return len(doomed)

    def every(self) -> list[Token]:
        """Every token there ever was, by name and time."""
        return [found for _, found in self._all()]

    def working(self) -> dict[bytes, Token]:
        """Hash -> token, of those that work."""
        return {digest: found for digest, found in self._all() if found.revoked_at is None}

    def _all(self) -> list[tuple[bytes, Token]]:
        c = t.tokens.c
        with self._ledger.writing() as db:
            query = sa.select(t.tokens).order_by(c.name, c.added_at, c.hash)
            rows = db.execute(query).mappings().all()
        return [(row["hash"], _token(row)) for row in rows]


def _token(row: sa.RowMapping | dict[str, object]) -> Token:
    said = {name: row[name] for name in ("name", "purpose", "added_at", "revoked_at")}
    digest = msgspec.convert(row["hash"], bytes)
    return msgspec.convert({"id": digest.hex()[:8], **said}, Token)
