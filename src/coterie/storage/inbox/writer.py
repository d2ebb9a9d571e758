"""The writer of the inbox: one write and one fdatasync for all requests of a group commit."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from coterie.errors import StoreError
from coterie.storage.inbox import folder as folders
from coterie.storage.inbox import frames
from coterie.storage.inbox.frames import Row
from coterie.storage.inbox.segments import Segment

SEGMENT_BYTES = 16 * 1024 * 1024
"""From where on a segment is left for the next one."""


class Inbox:
    """Takes requests in; one process and one thread at a time.

    Parameters
    ----------
    folder : Path
        Made where there is none.
    key : bytes
        32 bytes (:attr:`coterie.privacy.pseudonym.Pseudonymiser.inbox_key`).
    after : int
        The last number that was drained: only later ones are given out, whatever the disk kept.
    segment_bytes : int
        From where on a segment is left for the next one.

    Notes
    -----
    A writer never goes on in the segment of another one, whose last frame may be torn: with its
    first request it cuts such an end away, closes the segment, and begins a new one.

    Raises
    ------
    StoreError
        The inbox is damaged elsewhere than at its torn end, or written under another key.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from coterie.storage.inbox import Waiting
    >>> with TemporaryDirectory() as place:
    ...     folder, key = Path(place) / "inbox", bytes(32)
    ...     inbox = Inbox(folder, key)
    ...     last = inbox.append([("web", "page", 0, b"{}"), ("web", "page", 0, b"{}")])
    ...     inbox.close()
    ...     last, [request.number for request in Waiting(folder, key).read(after=1)]
    (2, [2])
    """

    def __init__(
        self, folder: Path, key: bytes, *, after: int = 0, segment_bytes: int = SEGMENT_BYTES
    ) -> None:
        self.folder = folder
        self._key = key
        self._most = segment_bytes
        self._segment: Segment | None = None
        self._size = 0
        self._turn = 0
        self._broken = False
        folders.make(folder)
        self._handle = folders.opened(folder)
        try:
            with folders.alone(self._handle):
                self._next = max(self._following(), after + 1)
        except BaseException:
            os.close(self._handle)
            raise

    def append(self, requests: Sequence[Row]) -> int:
        """Keep requests, on disk when this returns, and return the last one's number.

        Raises
        ------
        OSError
            There is no room now: nothing of them is kept, and the next append is as good as ever.
        StoreError
            The disk failed; whatever it holds by now, this writer promises nothing more.
        """
        if self._broken:
            raise folders.failed()
        if not requests:
            return self._next - 1
        try:
            with folders.alone(self._handle):
                segment = self._ready()
                self._write(segment, self._frame(segment, requests))
                self._next += len(requests)
                if self._size >= self._most:
                    self._leave(segment)
        except StoreError:
            self._broken = True
            raise
        return self._next - 1

    @property
    def size(self) -> int:
        """Bytes on disk, with drained segments that are still there."""
        return folders.size(self.folder)

    def close(self) -> None:
        """Close the segment; the inbox cannot be used afterwards."""
        segment, usable, self._broken = self._segment, not self._broken, True
        try:
            if segment is not None and usable:
                with folders.alone(self._handle):
                    if self._ours(segment):
                        self._leave(segment)
        finally:
            self._let_go()
            os.close(self._handle)

    def _following(self) -> int:
        """The number that comes next by the last segment."""
        last = self._last()
        if last is None:
            return 1
        try:
            return last.end().following
        finally:
            last.close()

    def _last(self) -> Segment | None:
        present = folders.present(self.folder)
        return Segment(self.folder, present[-1], self._key, os.O_RDWR) if present else None

    def _ready(self) -> Segment:
        """The segment to write to."""
        if self._segment is not None and not self._ours(self._segment):
            self._let_go()
        if self._segment is None:
            self._finish()
            self._segment = Segment.create(self.folder, self._handle, self._next, self._key)
            self._size, self._turn = self._segment.size, 0
        return self._segment

    def _ours(self, segment: Segment) -> bool:
        """Whether a segment is as it was left; whoever drained all of it may have closed it."""
        found = os.fstat(segment.file)
        return found.st_nlink == 1 and found.st_size == self._size

    def _finish(self) -> None:
        """Let nothing follow in the segment before; an empty one is replaced."""
        last = self._last()
        if last is None:
            return
        try:
            end = last.end()
            self._next = max(self._next, end.following)
            if not end.closed and last.first < self._next:
                last.finish(end)
        finally:
            last.close()

    def _frame(self, segment: Segment, requests: Sequence[Row]) -> bytes:
        self._turn += 1  # also where writing fails: a key meets each number once
        return frames.sealed(segment.cipher, requests, self._next, self._turn)

    def _write(self, segment: Segment, frame: bytes) -> None:
        """Append a frame, or leave nothing of it."""
        try:
            folders.write(segment.file, frame)
        except OSError:
            self._cut(segment)
            raise
        folders.sync(segment.file)
        self._size += len(frame)

    def _cut(self, segment: Segment) -> None:
        try:
            os.ftruncate(segment.file, self._size)
        except OSError as error:
            raise folders.failed(error) from None

    def _leave(self, segment: Segment) -> None:
        """Go on in a new segment; where there is no room to say so, after the next frame."""
        with suppress(OSError):
            self._write(segment, frames.closing(self._next))
            self._let_go()

    def _let_go(self) -> None:
        if self._segment is not None:
            self._segment.close()
            self._segment = None
