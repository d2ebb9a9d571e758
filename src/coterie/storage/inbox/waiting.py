"""Readers of the inbox: what waits, in order, and what may be forgotten."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from threading import RLock
from typing import TypeVar

from coterie.errors import StoreError
from coterie.storage.inbox import folder as folders
from coterie.storage.inbox import frames
from coterie.storage.inbox.frames import Head, Request
from coterie.storage.inbox.segments import HEAD_BYTES, End, Segment

_T = TypeVar("_T")
_MOST = 5_000_000


class Waiting:
    """Reads what was taken in; any process and thread, also while a writer goes on.

    Parameters
    ----------
    folder : Path
        Where there is none, nothing waits.
    key : bytes
        32 bytes, as the writer's.

    Notes
    -----
    A frame may be read before it is on disk, or although its disk failed: it is a fact then that
    nobody was told of. Its sender sends it again, and it is a duplicate.
    """

    def __init__(self, folder: Path, key: bytes) -> None:
        self._folder = folder
        self._key = key
        self._guard = RLock()
        self._newest: _Place | None = None
        self._place: _Place | None = None
        self._after = 0
        self._seen = 0

    def close(self) -> None:
        """Close the files; the next question opens them again."""
        with self._guard:
            for place in (self._newest, self._place):
                if place is not None:
                    place.segment.close()
            self._newest = self._place = None

    def end(self) -> int:
        """The last number that was taken in, 0 where there never was any.

        Raises
        ------
        StoreError
            The last segment is damaged.
        """
        with self._guard:
            self._seen = max(self._seen, self._twice(self._end))
            return self._seen

    def read(self, after: int, most: int = _MOST) -> list[Request]:
        """Whole requests with numbers above `after`, in order; none where nothing waits.

        Parameters
        ----------
        most : int
            Bytes, about: what one commit wrote is read together.

        Raises
        ------
        StoreError
            Requests are damaged, or missing; segment and offset are named.
        """
        with self._guard:
            return self._twice(lambda: self._read(after, most))

    def forget(self, upto: int) -> None:
        """Delete the segments all of whose requests have numbers up to one.

        Notes
        -----
        A segment that is being written to stays, until it is full or :meth:`part` was called. The
        number that comes next outlives its requests: it is the name of an empty segment.
        """
        with self._guard:
            if self.end() <= upto and self._newest is not None and self._newest.end.closed:
                with suppress(OSError):  # no room for the name of the next one: it can wait
                    self._part()
            present = folders.present(self._folder)
            doomed = [first for first, following in pairwise(present) if following <= upto + 1]
            for first in doomed:
                folders.delete(self._folder, first, HEAD_BYTES)
            if doomed:
                with self._opened() as handle:
                    folders.sync(handle)

    def part(self) -> int:
        """Keep what comes from here on in another segment, so that all up to here can be forgotten.

        Returns
        -------
        int
            The last number up to here, 0 where there never was any.

        Raises
        ------
        StoreError
            There is no room for it.
        """
        with self._guard:
            try:
                return self._part()
            except OSError as error:
                raise StoreError(
                    "the inbox cannot be parted", where="inbox", got=os.strerror(error.errno or 0),
                    hint="see that the disk has room, and try again",
                ) from error  # fmt: skip

    def _part(self) -> int:
        if not folders.present(self._folder):
            return 0
        with self._opened() as handle, folders.alone(handle):
            last = Segment(self._folder, folders.present(self._folder)[-1], self._key, os.O_RDWR)
            try:
                end = last.end()
                if end.following > last.first:
                    if not end.closed:
                        last.finish(end)  # so that a writer sees it, whatever happens next
                    Segment.create(self._folder, handle, end.following, self._key).close()
            finally:
                last.close()
        return end.following - 1

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """The folder as a file."""
        handle = folders.opened(self._folder)
        try:
            yield handle
        finally:
            os.close(handle)

    def _twice(self, asked: Callable[[], _T]) -> _T:
        """Ask again while nobody writes, before it is believed that something is damaged."""
        try:
            return asked()
        except (StoreError, FileNotFoundError):
            self.close()
            with self._opened() as handle, folders.alone(handle):
                return asked()

    def _end(self) -> int:
        place = self._newest = self._last(self._newest)
        while place is not None:
            place.end = place.segment.end(place.end)
            if not place.end.closed or (later := self._last(place)) is place:
                return place.end.following - 1
            place = self._newest = later
        return 0

    def _last(self, known: _Place | None) -> _Place | None:
        """The last segment, from its beginning, or from where it is known."""
        if known is not None and known.segment.there and not known.end.closed:
            return known
        present = folders.present(self._folder)
        if known is not None:
            if known.segment.there and known.segment.first in present[-1:]:
                return known
            known.segment.close()
        return _Place(Segment(self._folder, present[-1], self._key)) if present else None

    def _read(self, after: int, most: int) -> list[Request]:
        found: list[Request] = []
        n = 0
        while n < most and (frame := self._frame(after)):
            found += frame
            n += sum(len(request.body) for request in frame)
            after = frame[-1].number
        return found

    def _frame(self, after: int) -> list[Request]:
        """What the next frame holds above a number; none where there is none yet."""
        place = self._standing(after)
        while place is not None:
            head = place.head()
            if head is None:
                self._last_of_all(place)
                return []
            if head.last > after and head.first > after + 1:
                raise place.segment.lost(after + 1)
            if head.closes:
                place = self._next(place, after)
            elif head.last <= after:
                place.pass_by(head)
            else:
                return self._requests(place, head, after)
        return []

    def _requests(self, place: _Place, head: Head, after: int) -> list[Request]:
        requests = place.segment.body(place.end.at, head)
        if requests is None:
            self._last_of_all(place)
            return []
        place.pass_by(head)
        self._after = head.last
        return requests[after + 1 - head.first :]

    def _last_of_all(self, place: _Place) -> None:
        """Refuse an end that is torn, or not closed, where more is behind it or was seen there."""
        seen = self._seen >= place.end.following
        if seen or folders.present(self._folder)[-1:] != [place.segment.first]:
            raise place.segment.damaged(place.end.at)

    def _standing(self, after: int) -> _Place | None:
        """Where reading goes on behind a number."""
        place = self._place
        if place is not None and self._after == after and place.segment.there:
            return place
        present = folders.present(self._folder)
        behind = bisect_right(present, after + 1)
        return self._moved(present[max(behind - 1, 0)], after) if present else None

    def _next(self, place: _Place, after: int) -> _Place | None:
        """The segment after one."""
        later = [first for first in folders.present(self._folder) if first > place.segment.first]
        return self._moved(later[0], after) if later else None

    def _moved(self, first: int, after: int) -> _Place:
        segment = Segment(self._folder, first, self._key)
        if first > after + 1:
            segment.close()
            raise segment.lost(after + 1)
        if self._place is not None:
            self._place.segment.close()
        self._place, self._after = _Place(segment), after
        return self._place


class _Place:
    """Where somebody stands in a segment."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.end = segment.beginning

    def head(self) -> Head | None:
        """The header of the frame here."""
        return self.segment.head(self.end.at)

    def pass_by(self, head: Head) -> None:
        """Stand behind a frame."""
        behind = self.end.at + frames.HEAD_BYTES + head.length
        self.end = End(behind, head.last + 1, head.closes)
