"""The body of a request: unpacked within its limit, and split into messages."""

from __future__ import annotations

import json
import zlib
from typing import Any, NamedTuple

import msgspec

BATCH_BYTES = 500 * 1024
"""Bytes of one batch, unpacked, where nobody says otherwise."""

BATCH_EVENTS = 2_500
"""Messages of one batch, where nobody says otherwise: Segment's own limit."""

_GZIP = 31


class TooBig(Exception):
    """A body that is larger than its limit."""


class TooMany(TooBig):
    """A batch of more messages than its limit."""


class Unreadable(Exception):
    """A body out of which no message can be read."""


class Body(NamedTuple):
    """Messages as they came, what the batch says of all of them, and its write key, if any.

    `context` is JSON, empty where there is none.
    """

    messages: list[bytes]
    sent_at: object = None
    context: bytes = b""
    write_key: object = None


class _Batch(msgspec.Struct, rename="camel"):
    batch: list[msgspec.Raw]
    sent_at: Any = None
    context: msgspec.Raw = msgspec.Raw(b"")
    write_key: Any = None


class _Single(msgspec.Struct, rename="camel"):
    write_key: Any = None


_BATCH = msgspec.json.Decoder(_Batch)
_SINGLE = msgspec.json.Decoder(_Single)


def unpacked(packed: bytes, most: int) -> bytes:
    """A gzip body as it was, without ever holding more than its limit.

    Raises
    ------
    TooBig
        It unpacks to more than `most` bytes.
    Unreadable
        It is no gzip, is cut off, or has something after its end.

    Examples
    --------
    >>> import gzip
    >>> unpacked(gzip.compress(b"{}"), 10)
    b'{}'
    """
    reader = zlib.decompressobj(_GZIP)
    try:
        body = reader.decompress(packed, most + 1)
    except zlib.error:
        raise Unreadable("no gzip") from None
    if len(body) > most:
        raise TooBig
    if not reader.eof or reader.unused_data:
        raise Unreadable("no whole gzip")
    return body


def single(body: bytes) -> Body:
    """A body that is one message.

    Raises
    ------
    Unreadable
        It is no JSON object.
    """
    try:
        found = _SINGLE.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        text = _again(body)
        return Body([text], write_key=json.loads(text).get("writeKey"))
    return Body([body], write_key=found.write_key)


def batch(body: bytes, most: int | None = None) -> Body:
    """A body that is a list of messages under ``batch``.

    Parameters
    ----------
    most : int, optional
        Messages that it may have; by default any number.

    Raises
    ------
    TooMany
        It has more: found by counting, before any is read.
    Unreadable
        It is no JSON object, or has no such list.

    Notes
    -----
    Messages are split without being read, so that one that cannot be read leaves the others be.
    NaN, infinities and halves of surrogate pairs, which are no JSON but which some clients
    write, spoil their own message alone.
    """
    try:
        found = _BATCH.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = _lenient(_again(body), most)
    _count(found.batch, most)
    messages = [bytes(message) for message in found.batch]
    return Body(messages, found.sent_at, bytes(found.context), found.write_key)


def _again(body: bytes) -> bytes:
    """The body as Python's own, more lenient reader understands it."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("no JSON") from None
    if not isinstance(said, dict):
        raise Unreadable("no JSON object")
    return json.dumps(said).encode()


def _count(messages: list[Any], most: int | None) -> None:
    if most is not None and len(messages) > most:
        raise TooMany


def _lenient(body: bytes, most: int | None) -> _Batch:
    said = json.loads(body)
    if not isinstance(said.get("batch"), list):
        raise Unreadable("no list `batch`")
    _count(said["batch"], most)
    messages = [msgspec.Raw(json.dumps(one).encode()) for one in said["batch"]]
    context = msgspec.Raw(json.dumps(said["context"]).encode() if "context" in said else b"")
    return _Batch(messages, said.get("sentAt"), context, said.get("writeKey"))
