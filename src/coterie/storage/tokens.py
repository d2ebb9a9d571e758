"""Tokens of those who ask the API, of which the ledger keeps hashes only."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from coterie.storage import tables as t
from coterie.storage.credentials import Credentials, shown
from coterie.storage.ledger import Ledger


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
        self._kept = Credentials(ledger, t.tokens, "name", _token)

    def add(self, name: str, token: str, purpose: str, at: int) -> Token:
        """Let a token work from now on."""
        return self._kept.add(token, at, name=name, purpose=purpose)

    def revoke(self, name: str, at: int, token: str = "") -> int:
        """Let the tokens of a name work no more, or the one of this id; say how many there were."""
        return self._kept.revoke(name, at, token)

    def every(self) -> list[Token]:
        """Every token there ever was, by name and time."""
        return self._kept.every()

    def working(self) -> dict[bytes, Token]:
        """Hash -> token, of those that work."""
        return self._kept.working()


def _token(row: sa.RowMapping) -> Token:
    return Token(
        id=shown(row["hash"]), name=row["name"], purpose=row["purpose"],
        added_at=row["added_at"], revoked_at=row["revoked_at"],
    )  # fmt: skip
