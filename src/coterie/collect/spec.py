"""The Segment specification: what a message says, read into an event or refused with its path."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, NamedTuple, NoReturn

import msgspec

from coterie.collect.limits import MOST_DEEP, bounded, field, suspect, walk
from coterie.collect.limits import Refused as Refused
from coterie.errors import WrongType
from coterie.language.events import Event, Kind
from coterie.language.time import micros, parse_instant
from coterie.storage.payload import number

KINDS: tuple[Kind, ...] = ("track", "identify", "page", "screen", "group", "alias")
_KINDS: dict[str | None, Kind] = {kind: kind for kind in KINDS}
MOST_TEXT = 255
"""Characters of a name or an identifier."""

EVENT_BYTES = 32 * 1024
"""Bytes of one event, where nobody says otherwise."""

_EARLIEST = micros(parse_instant("0001-01-01"))
_Id = str | int | None
_Object = dict[str, Any] | None


class Message(msgspec.Struct, rename="camel"):
    """The fields of the specification that mean something here; others are let go."""

    type: str | None = None
    message_id: _Id = None
    user_id: _Id = None
    anonymous_id: _Id = None
    event: str | None = None
    name: str | None = None
    category: str | None = None
    group_id: _Id = None
    previous_id: _Id = None
    properties: _Object = None
    traits: _Object = None
    context: dict[str, msgspec.Raw] | None = None
    timestamp: str | None = None
    original_timestamp: str | None = None
    sent_at: Any = None


_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=MOST_TEXT)]


class _Plain(msgspec.Struct, rename="camel", gc=False):
    """A message that is just as it should be; any other is read with care."""

    message_id: _Text
    type: Kind | None = None
    user_id: _Text | None = None
    anonymous_id: _Text | None = None
    event: _Text | None = None
    name: str | None = None
    category: str | None = None
    group_id: _Text | None = None
    previous_id: _Text | None = None
    properties: _Object = None
    traits: _Object = None
    context: msgspec.Raw = msgspec.Raw(b"")
    timestamp: str | None = None
    sent_at: Any = None


class Arrival(NamedTuple):
    """One message as it came, and how.

    Parameters
    ----------
    source : str
        Whose write key it came with.
    body : bytes
        Its JSON.
    path : str
        Where it stood: ``$`` for a body of its own, ``$.batch[3]``.
    route : str
        ``batch``, or the kind that its address says.
    received_at : int
        Microseconds UTC.
    sent_at : object
        What the batch around it says of when it was sent.
    context : bytes
        What the batch says of all its messages: JSON, or nothing.
    """

    source: str
    body: bytes
    path: str
    route: str
    received_at: int
    sent_at: object = None
    context: bytes = b""


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


@lru_cache(maxsize=1 << 14)
def _decimal(text: str) -> int | Decimal:
    value = Decimal(text)
    bounded(value, "properties")
    return number(value)


_DECODER = msgspec.json.Decoder(Message, float_hook=_decimal)
_PLAIN = msgspec.json.Decoder(_Plain, float_hook=_decimal)
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
    body = arrival.body
    if len(body) > most:
        raise Refused("too_big", f"{most:,} bytes an event")
    if suspect(body):
        return _carefully(arrival)
    try:
        message = _PLAIN.decode(body)
    except (msgspec.MsgspecError, ValueError, ArithmeticError, Refused):
        return _carefully(arrival)
    context = bytes(message.context)
    kind = message.type if arrival.route == "batch" else _KINDS.get(arrival.route)
    if kind is None:
        return _carefully(arrival)
    if kind == "track":
        name, properties, device = message.event, message.properties or {}, message.anonymous_id
    else:
        name, properties, device = kind, _properties(message, kind), _device(message, kind)
    if name is None or context[:1] not in (b"", b"{") or message.timestamp is None:
        return _carefully(arrival)
    if kind == "identify" and message.traits is None:
        return _carefully(arrival)
    said_at = _instant(message.timestamp, "timestamp")
    event = Event(
        source=arrival.source, message_id=message.message_id, name=name, type=kind,
        occurred_at=_corrected(message, arrival, said_at), received_at=arrival.received_at,
        user_id=message.user_id, anonymous_id=device, properties=properties,
    )  # fmt: skip
    return Stated(event, said_at or 0, (arrival.context, context))


def _carefully(arrival: Arrival) -> Stated:
    """The same of a message that may be anything."""
    message = _decoded(arrival.body)
    said = message.type if arrival.route == "batch" else arrival.route
    kind = _KINDS.get(said) or _no_kind(said)
    if kind == "identify" and message.traits is None:
        message.traits = _traits_of(message.context)
    _sound(message)
    said_at = _said_at(message)
    event = Event(
        source=arrival.source,
        message_id=_text(message.message_id, "messageId") or _made_id(kind, arrival, said_at),
        name=_name(message, kind), type=kind,
        occurred_at=_corrected(message, arrival, said_at), received_at=arrival.received_at,
        user_id=_text(message.user_id, "userId"), anonymous_id=_device(message, kind),
        properties=_properties(message, kind),
    )  # fmt: skip
    context = msgspec.json.encode(message.context) if message.context else b""
    return Stated(event, said_at or 0, (arrival.context, context))


def _decoded(body: bytes) -> Message:
    try:
        return _DECODER.decode(body)
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


def _name(message: Message | _Plain, kind: Kind) -> str:
    if kind != "track":
        return kind
    if not message.event:
        raise Refused("missing", "event")
    return _text(message.event, "event") or ""


def _text(value: _Id, path: str) -> str | None:
    """An identifier as text; an empty one is none."""
    text = value if value is None or type(value) is str else str(value)
    if text is not None and len(text) > MOST_TEXT:
        raise Refused("too_long", f"{path}: at most {MOST_TEXT} characters")
    return text or None


def _device(message: Message | _Plain, kind: Kind) -> str | None:
    """The device; of an alias, the id that its user was known by until then."""
    if kind == "alias" and message.previous_id not in (None, ""):
        return _text(message.previous_id, "previousId")
    return _text(message.anonymous_id, "anonymousId")


def _properties(message: Message | _Plain, kind: Kind) -> dict[str, Any]:
    """Properties or traits, with what the specification says beside them."""
    if kind == "alias" and message.previous_id in (None, ""):
        raise Refused("missing", "previousId")
    if kind == "group" and message.group_id in (None, ""):
        raise Refused("missing", "groupId")
    traits = kind in ("identify", "group")
    said = dict((message.traits if traits else message.properties) or {})
    if kind in ("page", "screen"):
        beside = {"name": message.name, "category": message.category}
        said = {n: v for n, v in beside.items() if v is not None} | said
    if kind == "group":
        said["groupId"] = _text(message.group_id, "groupId")
    return said


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
        return _instant(message.timestamp, "timestamp")
    if message.original_timestamp is not None:
        return _instant(message.original_timestamp, "originalTimestamp")
    return None


def _instant(value: object, path: str) -> int:
    try:
        return micros(parse_instant(str(value)))
    except (ValueError, WrongType):
        raise Refused("bad_instant", f"{path}: ISO 8601") from None


def _corrected(message: Message | _Plain, arrival: Arrival, said_at: int | None) -> int:
    """When it happened by our clock."""
    if said_at is None:
        return arrival.received_at
    sent = arrival.sent_at if arrival.sent_at is not None else message.sent_at
    by_sender = _sent(sent) if isinstance(sent, str) else 0
    moved = arrival.received_at - by_sender if by_sender else 0
    if said_at + moved < _EARLIEST:
        raise Refused("bad_instant", "timestamp: before the year 1")
    return said_at + moved


@lru_cache(maxsize=1 << 10)
def _sent(said: str) -> int:
    """The instant of `sentAt`; 0 where that is none, and the sender's clock is not known."""
    try:
        return micros(parse_instant(said))
    except (ValueError, WrongType):
        return 0


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
