"""Events: immutable facts in the shape of the Segment specification."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Literal

import msgspec

Kind = Literal["track", "identify", "page", "screen", "group", "alias"]


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One immutable fact.

    Identifiers have passed :func:`coterie.privacy.pseudonym.Pseudonymiser` before an event is
    stored: `user_id` and `anonymous_id` are pseudonyms here, never what the person typed.

    Parameters
    ----------
    source, message_id : str
        Together they are the event's identity (law 4).
    name : str
        The tracked name; for other kinds than ``track`` the kind itself (``identify``, ``page``).
    occurred_at, received_at : int
        Microseconds since 1970-01-01 UTC.
    user_id, anonymous_id : str or None
        Pseudonyms; an event with neither is stored with no profile.
    properties : dict
        JSON values; amounts are :class:`decimal.Decimal`, so nothing is lost on the way.
    supersedes : str or None
        `message_id` (same source) of the fact that this one replaces because it grew.
    """

    source: str
    message_id: str
    name: str
    occurred_at: int
    received_at: int
    type: Kind = "track"
    user_id: str | None = None
    anonymous_id: str | None = None
    properties: dict[str, Any] = {}
    context: dict[str, Any] = {}
    supersedes: str | None = None

    @property
    def key(self) -> bytes:
        """The 128-bit key of law 4, also the tie-breaker between simultaneous events."""
        return event_key(self.source, self.message_id)


def event_key(source: str, message_id: str) -> bytes:
    """The 128-bit hash of ``(source, message_id)``: 16 bytes, compared as unsigned bytes.

    Examples
    --------
    >>> len(event_key("shop", "m1"))
    16
    >>> event_key("a", "bc") == event_key("ab", "c")
    False
    """
    return hashlib.blake2b(_named(source) + message_id.encode(), digest_size=16).digest()


def event_keys(source: str, message_ids: Iterable[str]) -> list[bytes]:
    """What :func:`event_key` gives of many messages of one source."""
    named, hashed = _named(source), hashlib.blake2b
    return [hashed(named + each.encode(), digest_size=16).digest() for each in message_ids]


@lru_cache(maxsize=1 << 10)
def _named(source: str) -> bytes:
    """A source with its length, so that no other source and id read the same."""
    named = source.encode()
    return len(named).to_bytes(4, "big") + named
