"""Write keys of a running server, and the headers that name them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from coterie.storage.credentials import hashed

_MOST = 10_000
"""Headers that are remembered."""


class Keys:
    """The write keys that work.

    Parameters
    ----------
    working : mapping of bytes to str
        Hash of a key -> source.

    Notes
    -----
    A header that was understood once is remembered, so that it need not be hashed for each request;
    keys that are known later are another object.
    """

    def __init__(self, working: Mapping[bytes, str]) -> None:
        self.working = working
        self._said: dict[str, str] = {}

    def said(self, header: str) -> str | None:
        """The source that an authorization header speaks for."""
        source = self._said.get(header)
        if source is None:
            source = self.source(_basic(header))
            if source is not None and len(self._said) < _MOST:
                self._said[header] = source
        return source

    def source(self, key: object) -> str | None:
        """The source of a write key."""
        return self.working.get(hashed(key)) if isinstance(key, str) else None


def _basic(header: str) -> str | None:
    """The user of a Basic authentication: the write key."""
    scheme, _, said = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(said.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    return text.partition(":")[0]
