"""Write keys of sources, of which the ledger keeps hashes only."""

from __future__ import annotations

import hashlib

import msgspec
import sqlalchemy as sa

from coterie.storage import tables as t
from coterie.storage.ledger import Ledger


class WriteKey(msgspec.Struct, frozen=True, kw_only=True):
    """One write key: whose it is, and since when it works; instants are microseconds UTC.

    Parameters
    ----------
    id : str
        The first digits of its hash: tells keys of one source apart, and opens nothing.
    revoked_at : int or None
        Since when it works no more.
    """

    id: str
    source: str
    added_at: int
    revoked_at: int | None


class WriteKeys:
    """The write keys in a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def add(self, source: str, key: str, at: int) -> WriteKey:
        """Let a key of a source work from now on."""
        row = {"hash": hashed(key), "source": source, "added_at": at, "revoked_at": None}
        with self._ledger.writing() as db:
            db.execute(sa.insert(t.keys).values(row))
        return WriteKey(id=_id(hashed(key)), source=source, added_at=at, revoked_at=None)

    def revoke(self, source: str, at: int, key: str = "") -> int:
        """Let the keys of a source work no more, or one of them, and say how many there were.

        Parameters
        ----------
        key : str
            The id of one key.
        """
        doomed = [
            digest for digest, found in self._all()
            if found.source == source and found.revoked_at is None and key in ("", found.id)
        ]  # fmt: skip
        with self._ledger.writing() as db:
            for digest in doomed:
                row = sa.update(t.keys).where(t.keys.c.hash == digest)
                db.execute(row.values(revoked_at=at))
        return len(doomed)

    def every(self) -> list[WriteKey]:
        """Every key there ever was, by source and time."""
        return [found for _, found in self._all()]

    def working(self) -> dict[bytes, str]:
        """Hash -> source, of the keys that work."""
        return {digest: found.source for digest, found in self._all() if found.revoked_at is None}

    def _all(self) -> list[tuple[bytes, WriteKey]]:
        c = t.keys.c
        with self._ledger.writing() as db:
            rows = db.execute(sa.select(t.keys).order_by(c.source, c.added_at, c.hash)).all()
        return [
            (row.hash, WriteKey(
                id=_id(row.hash), source=row.source, added_at=row.added_at,
                revoked_at=row.revoked_at,
            ))
            for row in rows
        ]  # fmt: skip


def hashed(key: str) -> bytes:
    """The hash of a key: plain SHA-256, for a key is 192 random bits and cannot be guessed."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def _id(digest: bytes) -> str:
    return digest.hex()[:8]
