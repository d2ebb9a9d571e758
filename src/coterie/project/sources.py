"""The sources of a project: who may send events, by which write keys."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from coterie.errors import ProjectError, nearest
from coterie.storage.sources import WriteKey, WriteKeys

if TYPE_CHECKING:
    from coterie.project.opened import Opened

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}", re.IGNORECASE | re.ASCII)


class Sources:
    """The sources of a project.

    Parameters
    ----------
    project : Opened
    """

    def __init__(self, project: Opened) -> None:
        self._project = project

    @property
    def _keys(self) -> WriteKeys:
        return WriteKeys(self._project.stores.ledger)

    def add(self, name: str) -> tuple[WriteKey, str]:
        """Make a write key for a source; a source may have several, to change from one to another.

        Returns
        -------
        WriteKey, str
            What is kept of it, and the key itself, which nobody can be told again.

        Raises
        ------
        ProjectError
            The name is none.
        """
        if not _NAME.fullmatch(name):
            raise ProjectError(
                "a source cannot be called that", got=repr(name),
                expected="letters, digits, - and _, at most 63, as in web",
            )  # fmt: skip
        key = secrets.token_urlsafe(24)
        return self._keys.add(name, key, self._project.now()), key

    def list(self) -> list[WriteKey]:
        """Every write key there ever was, by source and time; never the keys themselves."""
        return self._keys.every()

    def revoke(self, name: str, key: str = "") -> int:
        """Let a source's write keys work no more, or the one of this id; say how many there were.

        Raises
        ------
        ProjectError
            The source has no such key that works.
        """
        n = self._keys.revoke(name, self._project.now(), key)
        if not n:
            known = {found.source for found in self.list() if found.revoked_at is None}
            raise ProjectError(
                "no write key to revoke", where=f"{name} {key}".strip(), hint=nearest(name, known)
            )
        return n
