"""A first look at a body: whose it is, and what of it cannot be an event by its shape alone.

The look is one typed decoding in C that keeps nothing of properties and context. What it passes has
the specification's shape; only where it stops is a message read whole, to say what is wrong. The
rest is found when a message is read for the log: the tracking plan, numbers without end, nesting.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta, Struct

from coterie.collect import bodies
from coterie.collect.bodies import BATCH_EVENTS
from coterie.collect.collector import Refusal
from coterie.collect.spec import EVENT_BYTES, KINDS, MOST_TEXT, Arrival, Refused, read

_Name = Annotated[str, Meta(min_length=1, max_length=MOST_TEXT)]
_Id = Annotated[str, Meta(max_length=MOST_TEXT)] | int | None
_NUL = b"\\u0000"


class Look(NamedTuple):
    """What was seen of a body: how many messages, which are refused, and its write key, if any."""

    n: int
    refused: list[Refusal]
    write_key: object = None


class _Object(Struct, gc=False):
    """Any object; nothing of it is kept."""


class _Message(Struct, rename="camel", tag_field="type", kw_only=True, gc=False):
    message_id: _Id = None
    user_id: _Id = None
    anonymous_id: _Id = None
    group_id: _Id = None
    previous_id: _Id = None
    event: str | None = None
    name: str | None = None
    category: str | None = None
    properties: _Object | None = None
    traits: _Object | None = None
    context: _Object | None = None
    timestamp: Annotated[datetime, Meta(tz=True)] | None = None
    original_timestamp: Annotated[datetime, Meta(tz=True)] | None = None
    write_key: Any = None


class _Track(_Message, tag="track", gc=False):
    event: _Name


class _Identify(_Message, tag="identify", gc=False): ...


class _Page(_Message, tag="page", gc=False): ...


class _Screen(_Message, tag="screen", gc=False): ...


class _Group(_Message, tag="group", gc=False):
    group_id: _Name | int


class _Alias(_Message, tag="alias", gc=False):
    previous_id: _Name | int


class _Batch(Struct, rename="camel"):
    batch: list[_Track | _Identify | _Page | _Screen | _Group | _Alias]
    context: _Object | None = None
    write_key: Any = None


class _Split(Struct):
    batch: list[msgspec.Raw]


_SHAPES = (_Track, _Identify, _Page, _Screen, _Group, _Alias)
_SINGLE: dict[str, msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(shape) for kind, shape in zip(KINDS, _SHAPES, strict=True)
}
_BATCH = msgspec.json.Decoder(_Batch)
_SPLIT = msgspec.json.Decoder(_Split)


def seen(
    body: bytes, route: str, now: int, most: int = EVENT_BYTES, n_most: int = BATCH_EVENTS
) -> Look:
    """What is seen of a body.

    Parameters
    ----------
    route : str
        ``batch``, or the type of the one message that the body is, as its address says.
    now : int
        Microseconds UTC.
    most : int
        Bytes of one event.
    n_most : int
        Messages of one batch.

    Raises
    ------
    TooMany
        The batch has more messages.
    Unreadable
        It is no JSON object, or a batch without a list ``batch``.

    Examples
    --------
    >>> seen(b'{"batch": [{"type": "page"}, {"type": "nothing"}]}', "batch", 0).refused[0].path
    '$.batch[1]'
    >>> seen(b'{"event": ""}', "track", 0).refused
    [Refusal(path='$', reason='missing', detail='event')]
    """
    return glanced(body, route, most, n_most) or read_whole(body, route, now, most, n_most)


def glanced(
    body: bytes, route: str, most: int = EVENT_BYTES, n_most: int = BATCH_EVENTS
) -> Look | None:
    """What one typed decoding sees; None where it stops, and messages must be read whole."""
    try:
        _legible(body)
        if route != "batch":
            return Look(1, [], _SINGLE[route].decode(body).write_key)
        found = _BATCH.decode(body)
        if len(found.batch) > n_most:
            raise bodies.TooMany
        if len(body) <= most or all(len(one) <= most for one in _SPLIT.decode(body).batch):
            return Look(len(found.batch), [], found.write_key)
    except (ValueError, RecursionError):
        pass
    return None


def read_whole(
    body: bytes, route: str, now: int, most: int = EVENT_BYTES, n_most: int = BATCH_EVENTS
) -> Look:
    """What is seen once each message is read; as :func:`seen`, which takes less time."""
    found = bodies.batch(body, n_most) if route == "batch" else bodies.single(body)
    refused = []
    for i, message in enumerate(found.messages):
        path = f"$.batch[{i}]" if route == "batch" else "$"
        arrival = Arrival("", message, path, route, now, found.sent_at, found.context)
        try:
            read(arrival, most)
        except Refused as error:
            refused.append(Refusal(path, error.reason, error.detail))
    return Look(len(found.messages), refused, found.write_key)


def _legible(body: bytes) -> None:
    """Refuse to pass what the decoder skips without a look: no UTF-8, and NUL."""
    if not body.isascii():
        body.decode()
    if b"\\" in body and _NUL in body:  # one byte is found much faster than six
        raise ValueError(_NUL)
