"""Messages that are just as they should be: nearly all, and read without looking twice."""

from __future__ import annotations

from typing import Any

import msgspec

from coterie.collect.instants import corrected, instant
from coterie.collect.limits import Refused, suspect
from coterie.collect.messages import KIND_OF, Arrival, device, neat, properties
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


def plain(arrival: Arrival) -> Plain | None:
    """What a message says, or None where it must be read with care.

    Raises
    ------
    Refused
        Its instant is none, or it lacks what its kind needs.
    """
    body = arrival.body
    if suspect(body):
        return None
    try:
        message = neat(body)
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
    context, at = bytes(message.context), message.timestamp
    if name is None or at is None or context[:1] not in (b"", b"{"):
        return None
    if kind == "identify" and message.traits is None:
        return None
    said_at = instant(at, "timestamp")
    sent = message.sent_at if arrival.sent_at is None else arrival.sent_at
    occurred_at = corrected(said_at, sent, arrival.received_at)
    return Plain(
        kind, name, message.message_id, message.user_id, whose, said, said_at, occurred_at, context
    )
