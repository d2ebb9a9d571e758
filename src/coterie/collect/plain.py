"""Messages that are just as they should be: nearly all, and read without looking twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from coterie.collect.instants import corrected, instant, instants
from coterie.collect.limits import Refused, suspect, suspects
from coterie.collect.messages import KIND_OF, Arrival, Neat, device, neat, properties
from coterie.language.events import Kind


class Plain(msgspec.Struct, frozen=True, gc=False):
    """What such a message says; the fields of :class:`coterie.language.events.Event`, and two.

    `said_at` is when it happened by the sender's clock, and `context` is JSON, empty or an object.
    """

    kind: Kind
    name: str
    message_id: str
    user: str | None
    device: str | None
    properties: dict[str, Any]
    said_at: int
    occurred_at: int
    context: bytes


_AT: Final = 5
_Timeless = tuple[Kind, str, Neat, str | None, dict[str, Any], str, object]
"""Kind, name, message, device and properties; the instant, and when it was sent, as they came."""


def plain(arrival: Arrival) -> Plain | None:
    """What a message says, or None where it must be read with care.

    Raises
    ------
    Refused
        Its instant is none, or it lacks what its kind needs.
    """
    said = None if suspect(arrival.body) else _timeless(arrival)
    if said is None:
        return None
    return _settled(said, None, arrival.received_at)


def plains(arrivals: Sequence[Arrival], most: int) -> list[Plain | None]:
    """What :func:`plain` gives of each, None also where it raises.

    Parameters
    ----------
    most : int
        Bytes of one event.
    """
    doubts = suspects([arrival.body for arrival in arrivals])
    said: list[_Timeless | None] = []
    for arrival, doubt in zip(arrivals, doubts, strict=True):
        try:
            said.append(None if doubt or len(arrival.body) > most else _timeless(arrival))
        except Exception:  # noqa: BLE001 - whoever reads it alone says what is wrong
            said.append(None)
    read = iter(instants([one[_AT] for one in said if one is not None]))
    found: list[Plain | None] = []
    for arrival, one in zip(arrivals, said, strict=True):
        at = None if one is None else next(read)
        try:
            found.append(_settled(one, at, arrival.received_at) if one is not None else None)
        except Exception:  # noqa: BLE001 - as above
            found.append(None)
    return found


def _settled(said: _Timeless, said_at: int | None, received_at: int) -> Plain:
    """A message with its instants; None stands for one that was not read yet."""
    kind, name, message, whose, properties, at, sent = said
    if said_at is None:
        said_at = instant(at, "timestamp")
    return Plain(
        kind, name, message.message_id, message.user_id, whose, properties, said_at,
        corrected(said_at, sent, received_at), bytes(message.context),
    )  # fmt: skip


def _timeless(arrival: Arrival) -> _Timeless | None:
    try:
        message = neat(arrival.body)
    except (msgspec.MsgspecError, ValueError, ArithmeticError, Refused):
        return None
    kind = message.type if arrival.route == "batch" else KIND_OF.get(arrival.route)
    if kind is None:
        return None
    name: str | None = kind
    if kind == "track":
        name, said, whose = message.event, message.properties or {}, message.anonymous_id
    else:
        said, whose = properties(message, kind), device(message, kind)
    at = message.timestamp
    if name is None or at is None or bytes(message.context)[:1] not in (b"", b"{"):
        return None
    if kind == "identify" and message.traits is None:
        return None
    sent = message.sent_at if arrival.sent_at is None else arrival.sent_at
    return kind, name, message, whose, said, at, sent
