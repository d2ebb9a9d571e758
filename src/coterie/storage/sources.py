"""Write keys of sources, of which the ledger keeps hashes only."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from coterie.storage import tables as t
from coterie.storage.credentials import Credentials, shown
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
        self._kept = Credentials(ledger, t.keys, "source", _key)

    def add(self, source: str, key: str, at: int) -> WriteKey:
        """Let a key of a source work from now on."""
        return self._kept.add(key, at, source=source)

    def revoke(self, source: str, at: int, key: str = "") -> int:
        """Let the keys of a source work no more, or one of them, and say how many there were.

        Parameters
        ----------
        key : str
            The id of one key.
        """
        return self._kept.revoke(source, at, key)

    def every(self) -> list[WriteKey]:
        """Every key there ever was, by source and time."""
        return self._kept.every()

    def working(self) -> dict[bytes, str]:
        """Hash -> source, of the keys that work."""
        return {digest: key.source for digest, key in self._kept.working().items()}


def _key(row: sa.RowMapping) -> WriteKey:
    return WriteKey(
        id=shown(row["hash"]), source=row["source"], added_at=row["added_at"],
        revoked_at=row["revoked_at"],
    )  # fmt: skip
