"""When a message happened: by its sender's clock, and by ours."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from coterie.collect.limits import Refused
from coterie.errors import WrongType
from coterie.language.time import micros, parse_instant

_EARLIEST = micros(parse_instant("0001-01-01"))
_FORM = np.frombuffer(b"0000-00-00T00:00:00.000Z", np.uint8)
_IS_DIGIT = np.equal(_FORM, ord("0"))


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


def instants(said: Sequence[str]) -> Sequence[int | None]:
    """What :func:`instant` gives of each, None where one must be looked at alone.

    Those that libraries for browsers write are read together.

    Examples
    --------
    >>> instants(["1970-01-01T00:00:01.500Z", "1970-02-30T00:00:00.000Z"])
    [None, None]
    >>> instants(["1970-01-01T00:00:01.500Z"])
    [1500000]
    """
    width = len(_FORM)
    if {*map(len, said)} != {width} or not (text := "".join(said)).isascii():
        return [None] * len(said)
    signs = np.frombuffer(text.encode(), np.uint8).reshape(-1, width)
    digits = signs[:, _IS_DIGIT] - ord("0")
    sound = (signs[:, ~_IS_DIGIT] == _FORM[~_IS_DIGIT]).all() and (digits <= 9).all()
    if not sound or not digits[:, :4].any(axis=1).all():  # there is no year 0
        return [None] * len(said)
    try:
        found = signs[:, :-1].copy().view(f"S{width - 1}").astype("datetime64[us]")
    except ValueError:
        return [None] * len(said)
    return found.ravel().astype(np.int64).tolist()


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
