"""When a message happened: by its sender's clock, and by ours."""

from __future__ import annotations

from functools import lru_cache

from coterie.collect.limits import Refused
from coterie.errors import WrongType
from coterie.language.time import micros, parse_instant

_EARLIEST = micros(parse_instant("0001-01-01"))


def instant(value: object, path: str) -> int:
    """Microseconds UTC of an instant that a sender said.

    Raises
    ------
    Refused
        It is not ISO 8601; `path` says where it stood.
    """
    try:
        return micros(parse_instant(str(value)))
    except (ValueError, WrongType):
        raise Refused("bad_instant", f"{path}: ISO 8601") from None


def corrected(said_at: int | None, sent: object, received_at: int) -> int:
    """When it happened by our clock, microseconds UTC.

    Parameters
    ----------
    said_at : int, optional
        When it happened by the sender's clock; without it, when it was received.
    sent : object
        What the sender says of when it was sent: anything but an instant moves nothing.

    Raises
    ------
    Refused
        It lies before the year 1.
    """
    if said_at is None:
        return received_at
    by_sender = _sent(sent) if isinstance(sent, str) else 0
    moved = said_at + received_at - by_sender if by_sender else said_at
    if moved < _EARLIEST:
        raise Refused("bad_instant", "timestamp: before the year 1")
    return moved


@lru_cache(maxsize=1 << 10)
def _sent(said: str) -> int:
    """The instant of `sentAt`; 0 where that is none, and the sender's clock is not known."""
    try:
        return micros(parse_instant(said))
    except (ValueError, WrongType):
        return 0
