"""The Segment specification: what a message says, read into an event or refused with its path."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn

import msgspec

from coterie.collect.instants import corrected, instant
from coterie.collect.limits import MOST_DEEP, Refused, field, walk
from coterie.collect.messages import (
    EVENT_BYTES,
    KIND_OF,
    KINDS,
    MOST_TEXT,
    Arrival,
    Message,
    anything,
    device,
    properties,
    text,
)
from coterie.collect.plain import plain
from coterie.language.events import Event, Kind

__all__ = [
    "EVENT_BYTES", "KINDS", "MOST_TEXT", "Arrival", "Refused", "Stated", "fields", "read",
    "statement",
]  # fmt: skip


class Stated(NamedTuple):
    """An event with its raw identifiers, and the instant that its sender's clock gave it.

    `context` is JSON that was not read yet, an object or nothing: the batch's and the message's.
    Numbers of the properties are canonical (:func:`coterie.storage.payload.number`). `said_at` is
    0 where the sender gave none: it tells whether two messages say the same, which the corrected
    instant does not, for a retry arrives later.
    """

    event: Event
    said_at: int
    context: tuple[bytes, bytes]


_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ANYTHING = msgspec.json.Decoder(float_hook=Decimal)
_JSON = msgspec.json.Encoder(decimal_format="number", order="deterministic")


def read(arrival: Arrival, most: int = EVENT_BYTES) -> Stated:
    """The event that a message states.

    Parameters
    ----------
    most : int
        Bytes of one event.

    Raises
    ------
    Refused
        It is no message of the specification.

    Notes
    -----
    The instant is the sender's `timestamp`, moved by as much as the sender's clock (`sentAt`) and
    ours differ; without `sentAt` it is taken as it is, and without `timestamp` it is that of the
    arrival. A message without an id gets one made of its content, so that the same statement of
    the same instant is one event.

    RudderStack's libraries say `originalTimestamp` for `timestamp`, and put the traits of an
    identify into its context; both are read where the others are missing.
    """
    if len(arrival.body) > most:
        raise Refused("too_big", f"{most:,} bytes an event")
    said = plain(arrival)
    if said is None:
        return _carefully(arrival)
    event = Event(
        source=arrival.source, message_id=said.message_id, name=said.name, type=said.kind,
        occurred_at=said.occurred_at, received_at=arrival.received_at, user_id=said.user,
        anonymous_id=said.device, properties=said.properties,
    )  # fmt: skip
    return Stated(event, said.said_at, (arrival.context, said.context))


def _carefully(arrival: Arrival) -> Stated:
    """The same of a message that may be anything."""
    message = _decoded(arrival.body)
    said = message.type if arrival.route == "batch" else arrival.route
    kind = KIND_OF.get(said) or _no_kind(said)
    if kind == "identify" and message.traits is None:
        message.traits = _traits_of(message.context)
    _sound(message)
    said_at = _said_at(message)
    sent = message.sent_at if arrival.sent_at is None else arrival.sent_at
    event = Event(
        source=arrival.source,
        message_id=text(message.message_id, "messageId") or _made_id(kind, arrival, said_at),
        name=_name(message, kind), type=kind,
        occurred_at=corrected(said_at, sent, arrival.received_at), received_at=arrival.received_at,
        user_id=text(message.user_id, "userId"), anonymous_id=device(message, kind),
        properties=properties(message, kind),
    )  # fmt: skip
    context = msgspec.json.encode(message.context) if message.context else b""
    return Stated(event, said_at or 0, (arrival.context, context))


def _decoded(body: bytes) -> Message:
    try:
        return anything(body)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at `$.")
        raise Refused("wrong_type", f"{path.rstrip('`')}: {what}".removeprefix(": ")) from None
    except RecursionError:
        raise Refused("too_deep", f"{MOST_DEEP} levels") from None
    except (msgspec.DecodeError, UnicodeDecodeError, ArithmeticError):
        raise Refused(_unreadable(body), "no JSON object") from None


def fields(batch: bytes, message: bytes) -> dict[str, msgspec.Raw]:
    """The fields of a context, a message's before its batch's, each not read yet.

    Raises
    ------
    Refused
        They are no JSON.
    """
    try:
        said = _FIELDS.decode(message) if message else {}
    except msgspec.MsgspecError:
        raise Refused("broken_json", "context") from None
    return _shared(batch) | said if batch else said


@lru_cache(maxsize=64)
def _shared(context: bytes) -> dict[str, msgspec.Raw]:
    """What a batch says of all its messages; anything but an object says nothing."""
    try:
        return _FIELDS.decode(context)
    except msgspec.ValidationError:
        return {}
    except (ValueError, RecursionError):
        raise Refused("broken_json", "context") from None


def _unreadable(body: bytes) -> str:
    """Why JSON that Python's own reader may have passed on cannot be read."""
    try:
        json.loads(body, parse_constant=_no_number)
    except ArithmeticError:
        return "not_a_number"
    except (ValueError, RecursionError):
        pass
    return "broken_json"


def _no_number(text: str) -> NoReturn:
    raise ArithmeticError(text)


def _no_kind(said: str | None) -> NoReturn:
    if said is None:
        raise Refused("missing", "type")
    raise Refused("unknown_type", f"type: {', '.join(KINDS)}")


def _name(message: Message, kind: Kind) -> str:
    if kind != "track":
        return kind
    if not message.event:
        raise Refused("missing", "event")
    return text(message.event, "event") or ""


def _traits_of(context: dict[str, msgspec.Raw] | None) -> dict[str, Any] | None:
    held = context.get("traits") if context else None
    try:
        said = _ANYTHING.decode(held) if held is not None else None
    except (ValueError, RecursionError, ArithmeticError):
        raise Refused("broken_json", "context.traits") from None
    return said if isinstance(said, dict) else None


def _said_at(message: Message) -> int | None:
    """When it happened by its sender's own clock."""
    if message.timestamp is not None:
        return instant(message.timestamp, "timestamp")
    if message.original_timestamp is not None:
        return instant(message.original_timestamp, "originalTimestamp")
    return None


def _made_id(kind: Kind, arrival: Arrival, said_at: int | None) -> str:
    """An id out of the content, and of the arrival where no instant is said."""
    digest = hashlib.blake2b(statement(arrival.body), digest_size=16, person=kind.encode())
    if said_at is None:
        digest.update(f"\0{arrival.received_at}\0{arrival.path}".encode())
    return f"made-{digest.hexdigest()}"


def statement(body: bytes) -> bytes:
    """A message without what a retry changes: the same for the same statement.

    Examples
    --------
    >>> statement(b'{"event": "a", "sentAt": "2026-01-01"}') == statement(b'{"event":"a"}')
    True
    """
    try:
        said = _ANYTHING.decode(body)
    except (ValueError, ArithmeticError, RecursionError):
        return body
    if isinstance(said, dict):
        for name in ("sentAt", "receivedAt", "writeKey"):
            said.pop(name, None)
    return _JSON.encode(said)


def _sound(message: Message) -> None:
    """Refuse what no store holds: NUL, endless numbers, bottomless nesting."""
    for name in ("properties", "traits"):
        walk(getattr(message, name), name, 0)
    for name, raw in (message.context or {}).items():
        walk({name: field(bytes(raw))}, "context", 0)
    for name in ("message_id", "user_id", "anonymous_id", "event", "name", "category",
                 "group_id", "previous_id"):  # fmt: skip
        walk(getattr(message, name), name, 0)
