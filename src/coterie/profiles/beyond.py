"""Events that the log has and the lake has not yet, for whoever reads people one at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from coterie.language.events import Event, event_key
from coterie.storage import payload as payloads
from coterie.storage.entries import Owner
from coterie.storage.lake import Lake
from coterie.storage.log import Entry, Log

_PAGE = 5_000
_OWNER = msgspec.json.Decoder(Owner)


class Kept(msgspec.Struct, frozen=True, gc=False):
    """An event as the log has it, and what it says of identities."""

    offset: int
    owner: Owner
    payload: bytes


class Beyond:
    """What the log has beyond the lake; each look reads what is new since the last.

    Parameters
    ----------
    log : Log
    lake : Lake

    Attributes
    ----------
    held : int
        The last offset that the lake had at the last look: everything after it is here.
    links : mapping of str to str
        Anonymous ids with the user that these events identify them with first.
    superseded : mapping of bytes to int
        Facts with the offset of the first of these events that supersedes them.

    Notes
    -----
    A stream moves its events to the lake every minute or 20,000 of them, so this stays small.
    """

    def __init__(self, log: Log, lake: Lake) -> None:
        self._log = log
        self._lake = lake
        self._kept: list[Kept] = []
        self._end = 0
        self.held = -1
        self.links: Mapping[str, str] = {}
        self.superseded: Mapping[bytes, int] = {}

    def look(self) -> None:
        """Take in what the log has by now, and let go of what the lake has."""
        end = self._end
        self._end = max(end, self._lake.offset())
        while entries := self._log.read(self._end, _PAGE):
            for entry in entries:
                self._take(entry)
            self._end = entries[-1].offset
        held = self._lake.offset()  # last: what it has by now may be let go of
        if (held, end) != (self.held, self._end):
            self.held = held
            self._kept = [each for each in self._kept if each.offset > held]
            self._learn()

    @property
    def n_kept(self) -> int:
        """How many events the lake has not yet."""
        return len(self._kept)

    def of(self, people: Collection[str]) -> list[tuple[int, Event]]:
        """The events that lie under one of these pseudonyms, with their offsets."""
        return [
            (each.offset, payloads.decode(each.payload))
            for each in self._kept if each.owner.person in people
        ]  # fmt: skip

    def _take(self, entry: Entry) -> None:
        if entry.kind == "event":
            self._kept.append(Kept(entry.offset, _OWNER.decode(entry.payload), entry.payload))
        elif entry.kind == "erase":
            self._kept = []  # whoever erases has moved all that was before to the lake

    def _learn(self) -> None:
        links: dict[str, str] = {}
        superseded: dict[bytes, int] = {}
        for each in self._kept:
            owner = each.owner
            if owner.anonymous_id is not None and owner.user_id is not None:
                links.setdefault(owner.anonymous_id, owner.user_id)
            if owner.supersedes:
                superseded.setdefault(event_key(owner.source, owner.supersedes), each.offset)
        self.links, self.superseded = links, superseded
