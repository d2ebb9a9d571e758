"""Frames: what one group commit wrote, sealed, with checksums that tell torn from damaged."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from coterie.errors import StoreError

MAGIC = b"\xf7cof"
_HEAD = struct.Struct("<4sIQQII")
_CHECK = struct.Struct("<I")
HEAD_BYTES = _HEAD.size + _CHECK.size
_LOOK = 1 << 20
_NONCE = struct.Struct("<4xQ")

Row = tuple[str, str, int, bytes]
"""Source, route, microseconds UTC of the arrival, and the unpacked body of a request."""

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[Row])


class Request(NamedTuple):
    """One request as it came.

    Parameters
    ----------
    number : int
        1, 2, 3 … in the order of their acceptance, never used twice.
    source : str
        Whose write key it came with.
    route : str
        ``batch``, or the kind that its address says.
    received_at : int
        Microseconds UTC.
    body : bytes
        Its JSON, unpacked.
    """

    number: int
    source: str
    route: str
    received_at: int
    body: bytes


class Head(NamedTuple):
    """The header of a frame: its requests are `first` to `first + n - 1`.

    A closing frame has none, and `first` is the number that comes next.
    """

    n: int
    first: int
    turn: int
    length: int
    checksum: int

    @property
    def last(self) -> int:
        """The number of the last request up to here."""
        return self.first + self.n - 1

    @property
    def closes(self) -> bool:
        """Whether nothing follows in this segment."""
        return self.n == 0

    def packed(self) -> bytes:
        """The header as it is written."""
        said = _HEAD.pack(MAGIC, self.n, self.first, self.turn, self.length, self.checksum)
        return said + _CHECK.pack(zlib.crc32(said))


def sealed(cipher: AESGCM, rows: Sequence[Row], first: int, turn: int) -> bytes:
    """A frame of these requests.

    Parameters
    ----------
    turn : int
        A number that this segment's key was never used with.
    """
    said = _HEAD.pack(MAGIC, len(rows), first, turn, 0, 0)
    body = cipher.encrypt(_NONCE.pack(turn), _ENCODER.encode(rows), said)
    return Head(len(rows), first, turn, len(body), zlib.crc32(body)).packed() + body


def opened(cipher: AESGCM, head: Head, body: bytes) -> list[Request]:
    """The requests of a frame.

    Raises
    ------
    StoreError
        It was sealed under another key, or not by this.
    """
    said = _HEAD.pack(MAGIC, head.n, head.first, head.turn, 0, 0)
    try:
        rows = _DECODER.decode(cipher.decrypt(_NONCE.pack(head.turn), body, said))
    except (InvalidTag, msgspec.DecodeError):
        raise StoreError("requests of the inbox cannot be opened with the project's key") from None
    return [Request(number, *row) for number, row in enumerate(rows, head.first)]


def closing(following: int) -> bytes:
    """The frame after which a segment holds nothing; `following` is the number that comes next."""
    return Head(0, following, 0, 0, 0).packed()


def head_at(file: int, at: int) -> Head | None:
    """The frame's header at an offset of a file; None where there is no whole sound one."""
    return _head(os.pread(file, HEAD_BYTES, at))


def _head(said: bytes) -> Head | None:
    if len(said) < HEAD_BYTES or said[:4] != MAGIC:
        return None
    (checksum,) = _CHECK.unpack_from(said, _HEAD.size)
    if zlib.crc32(said[: _HEAD.size]) != checksum:
        return None
    return Head(*_HEAD.unpack_from(said)[1:])


def body_at(file: int, at: int, head: Head) -> bytes | None:
    """The sealed body of the frame at an offset; None where it is not whole and sound."""
    body = os.pread(file, head.length, at + HEAD_BYTES)
    return body if len(body) == head.length and zlib.crc32(body) == head.checksum else None


def follows(file: int, at: int) -> bool:
    """Whether any sound header stands behind an offset: then what is there is no torn end.

    Notes
    -----
    A frame is written after the one before it is on disk. So a frame that is not sound, with
    another behind it, was sound once.
    """
    end = os.fstat(file).st_size
    while at < end:
        said = os.pread(file, _LOOK + HEAD_BYTES, at)
        found = said.find(MAGIC)
        while found >= 0:
            if _head(said[found : found + HEAD_BYTES]) is not None:
                return True
            found = said.find(MAGIC, found + 1)
        at += _LOOK
    return False
