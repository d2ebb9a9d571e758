"""A message: the fields of the specification that mean something here, and how it came."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import msgspec

from coterie.collect.limits import Refused, bounded
from coterie.language.events import Kind
from coterie.storage.payload import number

KINDS: tuple[Kind, ...] = ("track", "identify", "page", "screen", "group", "alias")
KIND_OF: dict[str | None, Kind] = {kind: kind for kind in KINDS}
MOST_TEXT = 255
"""Characters of a name or an identifier."""

_NUMBERS = 1 << 14
"""Numbers that are remembered."""

_DIGITS = 40
"""Characters of a number that is remembered at most."""

EVENT_BYTES = 32 * 1024
"""Bytes of one event, where nobody says otherwise."""

_Id = str | int | None
_Object = dict[str, Any] | None
_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=MOST_TEXT)]


class Message(msgspec.Struct, rename="camel"):
    """A message that may say anything; fields that mean nothing here are let go."""

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


class Neat(msgspec.Struct, rename="camel", gc=False):
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


class Arrival(msgspec.Struct, frozen=True, gc=False):
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


class _Numbers(dict[str, int | Decimal]):
    """Numbers by how they are written; all are forgotten when they become too many."""

    def __missing__(self, text: str) -> int | Decimal:
        value = Decimal(text)
        bounded(value, "properties")
        made = number(value)
        if len(self) >= _NUMBERS:
            self.clear()
        if len(text) <= _DIGITS:
            self[text] = made
        return made


_decimal = _Numbers().__getitem__


anything = msgspec.json.Decoder(Message, float_hook=_decimal).decode
"""Reads a message that may say anything; numbers are canonical."""

neat = msgspec.json.Decoder(Neat, float_hook=_decimal).decode
"""Reads a message that is just as it should be; numbers are canonical."""


def text(value: _Id, path: str) -> str | None:
    """An identifier as text; an empty one is none.

    Raises
    ------
    Refused
        It is too long; `path` says where it stood.
    """
    said = value if value is None or type(value) is str else str(value)
    if said is not None and len(said) > MOST_TEXT:
        raise Refused("too_long", f"{path}: at most {MOST_TEXT} characters")
    return said or None


def device(message: Message | Neat, kind: Kind) -> str | None:
    """The device; of an alias, the id that its user was known by until then."""
    if kind == "alias" and message.previous_id not in (None, ""):
        return text(message.previous_id, "previousId")
    return text(message.anonymous_id, "anonymousId")


def properties(message: Message | Neat, kind: Kind) -> dict[str, Any]:
    """Properties or traits, with what the specification says beside them.

    Raises
    ------
    Refused
        An alias without the former id, or a group without one.
    """
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
        said["groupId"] = text(message.group_id, "groupId")
    return said
