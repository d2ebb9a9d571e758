"""The tokens of a project: who may ask the API, and what for."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from coterie.errors import NoPurpose, ProjectError, nearest
from coterie.storage.tokens import Token, Tokens

if TYPE_CHECKING:
    from coterie.project.opened import Opened

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}", re.IGNORECASE | re.ASCII)


class ApiTokens:
    """Who may ask the API of a project from another machine.

    Parameters
    ----------
    project : Opened
    """

    def __init__(self, project: Opened) -> None:
        self._project = project

    @property
    def _tokens(self) -> Tokens:
        return Tokens(self._project.stores.ledger)

    def add(self, name: str, purpose: str = "") -> tuple[Token, str]:
        """Make a token; a name may have several, to change from one to another.

        Parameters
        ----------
        purpose : str
            One of the project's: its holder is shown the audiences of this purpose and no one
            else. Without one everything is shown, which is for those who run the project.

        Returns
        -------
        Token, str
            What is kept of it, and the token itself, which nobody can be told again.

        Raises
        ------
        ProjectError
            The name is none.
        NoPurpose
            The project declares no such purpose.
        """
        if not _NAME.fullmatch(name):
            raise ProjectError(
                "a token cannot be called that", got=repr(name),
                expected="letters, digits, - and _, at most 63, as in shop-backend",
            )  # fmt: skip
        purposes = self._project.settings.purposes
        if purpose and purpose not in purposes:
            raise NoPurpose(
                "the project declares no such purpose", where="--purpose", got=repr(purpose),
                expected=", ".join(purposes), hint=nearest(purpose, purposes),
            )  # fmt: skip
        token = f"cot_{secrets.token_urlsafe(24)}"
        return self._tokens.add(name, token, purpose, self._project.now()), token

    def list(self) -> list[Token]:
        """Every token there ever was, by name and time; never the tokens themselves."""
        return self._tokens.every()

    def working(self) -> dict[bytes, Token]:
        """Hash -> token, of those that work (:func:`coterie.storage.credentials.hashed`)."""
        return self._tokens.working()

    def revoke(self, name: str, token: str = "") -> int:
        """Let the tokens of a name work no more, or the one of this id; say how many there were.

        Raises
        ------
        ProjectError
            The name has no such token that works.
        """
        n = self._tokens.revoke(name, self._project.now(), token)
        if not n:
            known = {found.name for found in self.list() if found.revoked_at is None}
            raise ProjectError(
                "no token to revoke", where=f"{name} {token}".strip(), hint=nearest(name, known)
            )
        return n
