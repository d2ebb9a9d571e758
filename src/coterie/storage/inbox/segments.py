"""Segments of the inbox: files that say where they begin, each with a key of its own."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path
from typing import NamedTuple, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from coterie.errors import StoreError
from coterie.storage.inbox import folder as folders
from coterie.storage.inbox import frames
from coterie.storage.inbox.frames import Head, Request

_MAGIC = b"coterie\x01"
_HEAD = struct.Struct("<8sQ12s48s")
_CHECK = struct.Struct("<I")
HEAD_BYTES = _HEAD.size + _CHECK.size


class End(NamedTuple):
    """How far a segment goes.

    Parameters
    ----------
    at : int
        The offset behind its last whole frame.
    following : int
        The number that comes next.
    closed : bool
        Whether nothing may follow in this segment.
    """

    at: int
    following: int
    closed: bool


class Segment:
    """A segment that is open.

    Parameters
    ----------
    folder : Path
    first : int
        The number of its first request, by which it is named.
    key : bytes
        The project's.
    flags : int
        How it is opened, as of `os.open`.

    Raises
    ------
    FileNotFoundError
        It was deleted.
    StoreError
        Its header is damaged, or was sealed under another project's key.
    """

    def __init__(self, folder: Path, first: int, key: bytes, flags: int = os.O_RDONLY) -> None:
        self.first = first
        self.file = -1
        self.file = os.open(folders.path_of(folder, first), flags | os.O_CLOEXEC)
        try:
            self.cipher = self._cipher(key)
        except BaseException:
            self.close()
            raise

    @classmethod
    def create(cls, folder: Path, handle: int, first: int, key: bytes) -> Self:
        """A new one, to be appended to, in place of an empty one; it is on disk by then.

        Parameters
        ----------
        handle : int
            The folder, open.
        """
        nonce = os.urandom(12)
        own = AESGCM(key).encrypt(nonce, AESGCM.generate_key(256), _about(first))
        head = _HEAD.pack(_MAGIC, first, nonce, own)
        folders.put(folder, handle, first, head + _CHECK.pack(zlib.crc32(head)))
        return cls(folder, first, key, os.O_RDWR | os.O_APPEND)

    def close(self) -> None:
        """Close the file, once; whoever forgets a segment closes it."""
        if self.file >= 0:
            os.close(self.file)
            self.file = -1

    __del__ = close

    @property
    def beginning(self) -> End:
        """Before the first frame."""
        return End(HEAD_BYTES, self.first, False)

    @property
    def size(self) -> int:
        """Bytes by now."""
        return os.fstat(self.file).st_size

    @property
    def there(self) -> bool:
        """Whether it was not deleted meanwhile."""
        return os.fstat(self.file).st_nlink > 0

    def end(self, known: End | None = None) -> End:
        """How far it goes, found from a known place on; a torn last frame is not there.

        Raises
        ------
        StoreError
            Something that cannot be read is no torn end.
        """
        found = known or self.beginning
        while not found.closed:
            head = self.head(found.at)
            if head is None:
                break
            behind = found.at + frames.HEAD_BYTES + head.length
            if behind == self.size and frames.body_at(self.file, found.at, head) is None:
                break
            found = End(behind, head.last + 1, head.closes)
        return found

    def head(self, at: int) -> Head | None:
        """The header of the frame at an offset, all of which is there; None at the end.

        Raises
        ------
        StoreError
            Something that cannot be read is no torn end.
        """
        size = self.size
        if at >= size:
            return None
        head = frames.head_at(self.file, at)
        if head is not None and at + frames.HEAD_BYTES + head.length <= size:
            return head
        if frames.follows(self.file, at + 1):
            raise self.damaged(at)
        return None

    def body(self, at: int, head: Head) -> list[Request] | None:
        """The requests of the frame at an offset; None where it is torn.

        Raises
        ------
        StoreError
            It is damaged.
        """
        found = frames.body_at(self.file, at, head)
        if found is not None:
            return frames.opened(self.cipher, head, found)
        if self.size > at + frames.HEAD_BYTES + head.length:
            raise self.damaged(at)
        return None

    def finish(self, end: End) -> None:
        """Cut off what is torn, and let nothing follow; on disk when this returns."""
        os.ftruncate(self.file, end.at)
        os.lseek(self.file, end.at, os.SEEK_SET)
        folders.write(self.file, frames.closing(end.following))
        folders.sync(self.file)

    def damaged(self, at: int) -> StoreError:
        """What is raised about bytes that are not those that were written."""
        return StoreError(
            "requests of the inbox are damaged: a checksum differs",
            where=f"{self.name}, offset {at}", hint="restore the data folder from a backup",
        )  # fmt: skip

    def lost(self, expected: int) -> StoreError:
        """What is raised where numbers are missing that were given out."""
        return StoreError(
            "requests of the inbox are missing", where=self.name, got="a later number",
            expected=f"{expected:,}", hint="restore the whole data folder from one backup",
        )  # fmt: skip

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return folders.path_of(Path("inbox"), self.first).as_posix()

    def _cipher(self, key: bytes) -> AESGCM:
        head = os.pread(self.file, HEAD_BYTES, 0)
        check = _CHECK.pack(zlib.crc32(head[: _HEAD.size]))
        if len(head) < HEAD_BYTES or head[_HEAD.size :] != check:
            raise self.damaged(0)
        magic, said, nonce, own = _HEAD.unpack_from(head)
        if (magic, said) != (_MAGIC, self.first):
            raise self.damaged(0)
        try:
            return AESGCM(AESGCM(key).decrypt(nonce, own, _about(said)))
        except InvalidTag:
            raise StoreError(
                "the inbox was written under another project's key", where=self.name,
                hint="restore data/keys and data/inbox from one backup",
            ) from None  # fmt: skip


def _about(first: int) -> bytes:
    """What the seal of a segment's key vouches for besides."""
    return _MAGIC + first.to_bytes(8, "little")
